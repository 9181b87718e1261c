//! Description of a certificate as plain data: all fields except the subject's and the issuer's keys.
//!
//! The issuer and the subject are separate fields, so one type can describe roots, intermediates, and leaves. The key
//! identifiers are not fields because they are derived from the keys (RFC 7093 section 2 method 1). This module does
//! not sign or check certificates.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::algorithm::KeyAlgorithm;
use super::name::DistinguishedName;
use super::oid::ObjectIdentifier;
use super::serial::SerialNumber;
use super::signature_algorithm::SignatureAlgorithm;
use super::validity::Validity;

/// All fields of a certificate except the keys (TBSCertificate, RFC 5280 section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Serial number, unique among all certificates from the same issuer.
    pub serial_number: SerialNumber,
    /// Algorithm with which the issuer signs the certificate (RFC 5280 section 4.1.2.3).
    pub signature_algorithm: SignatureAlgorithm,
    /// First and last instants of the validity period.
    pub validity: Validity,
    /// Name of the authority that signs the certificate.
    pub issuer: DistinguishedName,
    /// Name of the certified key's owner.
    pub subject: DistinguishedName,
    /// Whether the certified key can sign certificates (RFC 5280 section 4.2.1.9).
    pub basic_constraints: BasicConstraints,
    /// Permitted uses of the certified key (RFC 5280 section 4.2.1.3). The extension is critical.
    pub key_usage: BTreeSet<KeyUsage>,
    /// Purposes of the certified key in order (RFC 5280 section 4.2.1.12). The extension is omitted if the list is
    /// empty.
    pub extended_key_usage: Vec<KeyPurpose>,
    /// Alternative names of the subject in order (RFC 5280 section 4.2.1.6). The extension is omitted if the list is
    /// empty.
    pub subject_alternative_names: Vec<AlternativeName>,
    /// Extensions without a separate field, in order.
    pub extensions: Vec<Extension>,
}

/// Kind of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificateKind {
    /// A certificate authority with a self-signed certificate.
    Root,
    /// A certificate authority whose certificate another authority signed.
    Intermediate,
    /// A certificate that cannot sign other certificates.
    Leaf,
}

impl CertificateKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Root, Self::Intermediate, Self::Leaf];

    /// Returns the name that the key document uses for the kind.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Intermediate => "intermediate",
            Self::Leaf => "leaf",
        }
    }

    /// Returns the kind with the specified name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether a key can sign certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasicConstraints {
    /// The key belongs to a certificate authority.
    Authority {
        /// Maximum number of intermediate authorities below this one. `None` means no limit.
        path_length: Option<u8>,
    },
    /// The key belongs to an end entity.
    EndEntity,
}

/// A bit of `KeyUsage`, in the order of RFC 5280 section 4.2.1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyUsage {
    /// `digitalSignature` (0).
    DigitalSignature,
    /// `contentCommitment` (1), also known as `nonRepudiation`.
    ContentCommitment,
    /// `keyEncipherment` (2).
    KeyEncipherment,
    /// `dataEncipherment` (3).
    DataEncipherment,
    /// `keyAgreement` (4).
    KeyAgreement,
    /// `keyCertSign` (5).
    KeyCertSign,
    /// `cRLSign` (6).
    CrlSign,
    /// `encipherOnly` (7).
    EncipherOnly,
    /// `decipherOnly` (8).
    DecipherOnly,
}

impl KeyUsage {
    /// All bits in order.
    pub const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::ContentCommitment,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];

    /// Returns the name that RFC 5280 uses for the bit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::ContentCommitment => "contentCommitment",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
            Self::EncipherOnly => "encipherOnly",
            Self::DecipherOnly => "decipherOnly",
        }
    }

    /// Returns the bit with the specified name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.name() == name)
    }

    /// Returns the value of the bit. `digitalSignature` is the least significant bit.
    #[must_use]
    pub const fn flag(self) -> u16 {
        1 << (self as u16)
    }
}

/// `KeyPurposeId` of an `extKeyUsage` extension (RFC 5280 section 4.2.1.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPurpose(pub ObjectIdentifier);

/// A `GeneralName` that identifies a subject (RFC 5280 section 4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlternativeName {
    /// `dNSName`.
    Dns(String),
    /// `rfc822Name`.
    Email(String),
    /// `uniformResourceIdentifier`.
    Uri(String),
    /// `iPAddress`.
    Ip(IpAddr),
}

/// An extension without a separate field in [`Description`] (RFC 5280 section 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Object identifier of the extension.
    pub oid: ObjectIdentifier,
    /// Whether a verifier that does not recognize the extension must reject the certificate.
    pub critical: bool,
    /// DER-encoded value.
    pub value: Vec<u8>,
}

/// Fields of a certificate that its issuer determines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuance {
    /// Name of the issuer.
    pub issuer: DistinguishedName,
    /// Serial number, unique among all certificates from the issuer.
    pub serial_number: SerialNumber,
    /// First and last instants of the validity period.
    pub validity: Validity,
    /// Algorithm with which the issuer signs the certificate.
    pub signature_algorithm: SignatureAlgorithm,
}

impl Description {
    /// Returns the description of a root. The issuer and the subject are the same name, and the key can sign only
    /// certificates and revocation lists.
    #[must_use]
    pub fn root(
        name: DistinguishedName,
        serial_number: SerialNumber,
        validity: Validity,
        path_length: Option<u8>,
        signature_algorithm: SignatureAlgorithm,
    ) -> Self {
        let issuance = Issuance {
            issuer: name.clone(),
            serial_number,
            validity,
            signature_algorithm,
        };
        Self::intermediate(name, path_length, issuance)
    }

    /// Returns the description of an authority below the issuer. The key can sign only certificates and revocation
    /// lists.
    #[must_use]
    pub fn intermediate(
        subject: DistinguishedName,
        path_length: Option<u8>,
        issuance: Issuance,
    ) -> Self {
        Self {
            serial_number: issuance.serial_number,
            signature_algorithm: issuance.signature_algorithm,
            validity: issuance.validity,
            issuer: issuance.issuer,
            subject,
            basic_constraints: BasicConstraints::Authority { path_length },
            key_usage: BTreeSet::from([KeyUsage::KeyCertSign, KeyUsage::CrlSign]),
            extended_key_usage: Vec::new(),
            subject_alternative_names: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// Returns the description of an end entity. The purposes and the algorithm of the key determine the key usage: an
    /// RSA key for TLS servers or email also encrypts keys (RFC 5246 section 7.4.2, RFC 8551 section 2.3).
    #[must_use]
    pub fn leaf(
        subject: DistinguishedName,
        names: Vec<AlternativeName>,
        purposes: Vec<KeyPurpose>,
        key: KeyAlgorithm,
        issuance: Issuance,
    ) -> Self {
        let transports_keys =
            |purpose: &KeyPurpose| purpose.is("server_auth") || purpose.is("email_protection");
        let mut key_usage = BTreeSet::from([KeyUsage::DigitalSignature]);
        if key.is_rsa() && purposes.iter().any(transports_keys) {
            key_usage.insert(KeyUsage::KeyEncipherment);
        }
        Self {
            basic_constraints: BasicConstraints::EndEntity,
            key_usage,
            extended_key_usage: purposes,
            subject_alternative_names: names,
            ..Self::intermediate(subject, None, issuance)
        }
    }

    /// Replaces the purposes. An authority with purposes can issue certificates for these purposes only.
    #[must_use]
    pub fn with_extended_key_usage(self, purposes: Vec<KeyPurpose>) -> Self {
        Self {
            extended_key_usage: purposes,
            ..self
        }
    }

    /// Returns whether `extKeyUsage` is critical. A time stamping certificate requires it (RFC 3161 section 2.3).
    #[must_use]
    pub fn has_critical_purpose(&self) -> bool {
        self.basic_constraints == BasicConstraints::EndEntity
            && matches!(&self.extended_key_usage[..], [purpose] if purpose.is("time_stamping"))
    }

    /// Returns the kind of the certificate. An authority with the same issuer and subject is a root.
    #[must_use]
    pub fn kind(&self) -> CertificateKind {
        match self.basic_constraints {
            BasicConstraints::EndEntity => CertificateKind::Leaf,
            BasicConstraints::Authority { .. } if self.issuer == self.subject => {
                CertificateKind::Root
            }
            BasicConstraints::Authority { .. } => CertificateKind::Intermediate,
        }
    }

    /// Returns the maximum number of intermediate authorities below this one. Returns `None` if the number is unlimited
    /// or the certificate is an end-entity certificate.
    #[must_use]
    pub fn path_length(&self) -> Option<u8> {
        match self.basic_constraints {
            BasicConstraints::Authority { path_length } => path_length,
            BasicConstraints::EndEntity => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_kinds_and_usages_round_trip_and_others_are_rejected() {
        for kind in CertificateKind::ALL {
            assert_eq!(CertificateKind::named(kind.name()), Some(kind));
        }
        assert_eq!(CertificateKind::named("Root"), None);
        for (bit, usage) in KeyUsage::ALL.into_iter().enumerate() {
            assert_eq!(KeyUsage::named(usage.name()), Some(usage));
            assert_eq!(usage.flag(), 1 << bit);
        }
        assert_eq!(KeyUsage::named("nonRepudiation"), None);
    }
}
