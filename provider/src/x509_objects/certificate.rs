//! Certificates as attribute values.

use tfplugin::Schema;
use tfplugin::schema::Number;

use super::extensions::{self, ExtensionObject, NameConstraintsObject, Names};
use super::name::NameObject;
use crate::pki::decoded::DecodedCertificate;
use crate::pki::to_hex;

/// Decoded certificate.
#[derive(Schema)]
pub struct CertificateObject {
    /// X.509 version, such as 3.
    #[attr(computed)]
    pub version: i64,
    /// Serial number in lowercase hexadecimal, two digits per octet.
    #[attr(computed)]
    pub serial_number: String,
    /// Distinguished name of the issuer.
    #[attr(computed)]
    pub issuer: NameObject,
    /// Distinguished name of the subject.
    #[attr(computed)]
    pub subject: NameObject,
    /// Whether the issuer and the subject are the same name. This attribute does not indicate that the signature is valid.
    #[attr(computed)]
    pub is_self_issued: bool,
    /// Start of the validity period, in RFC 3339 format.
    #[attr(computed)]
    pub not_before: String,
    /// End of the validity period, in RFC 3339 format.
    #[attr(computed)]
    pub not_after: String,
    /// Algorithm of the public key, such as `RSA_4096`, `ECDSA_P256`, or `ED25519`. For other algorithms and curves, the object
    /// identifier.
    #[attr(computed)]
    pub key_algorithm: String,
    /// Public key (SubjectPublicKeyInfo) in PEM format.
    #[attr(computed)]
    pub public_key_pem: String,
    /// SHA-256 hash of the public key (DER SubjectPublicKeyInfo) in hexadecimal.
    #[attr(computed)]
    pub spki_sha256: String,
    /// Signature algorithm, such as `SHA256WITHRSA`, `SHA384WITHECDSA`, or `ED25519`. For RSASSA-PSS, the value is
    /// `SHA256WITHRSAPSS`, `SHA384WITHRSAPSS`, or `SHA512WITHRSAPSS`. For other algorithms, the object identifier.
    #[attr(computed)]
    pub signature_algorithm: String,
    /// SHA-256 fingerprint of the certificate (DER) in hexadecimal.
    #[attr(computed)]
    pub certificate_sha256: String,
    /// Whether the certificate belongs to a certificate authority (`basicConstraints`).
    #[attr(computed)]
    pub is_ca: bool,
    /// Maximum number of intermediate certificates below this certificate (`pathLenConstraint`). Null if the certificate sets no
    /// limit.
    #[attr(computed)]
    pub path_length: Option<Number>,
    /// Usages of the key (`keyUsage`): `digital_signature`, `content_commitment`, `key_encipherment`, `data_encipherment`,
    /// `key_agreement`, `key_cert_sign`, `crl_sign`, `encipher_only`, and `decipher_only`. Null if the extension is
    /// absent, in which case every usage is allowed.
    #[attr(computed)]
    pub key_usage: Option<Vec<String>>,
    /// Purposes of the key (`extKeyUsage`): `server_auth`, `client_auth`, `code_signing`, `email_protection`,
    /// `time_stamping`, `ocsp_signing`, `any`, or an object identifier. Empty if the extension is absent, in which case
    /// every purpose is allowed.
    #[attr(computed)]
    pub extended_key_usage: Vec<String>,
    /// DNS names of the subject (`subjectAltName`).
    #[attr(computed)]
    pub dns_names: Vec<String>,
    /// IP addresses of the subject (`subjectAltName`).
    #[attr(computed)]
    pub ip_addresses: Vec<String>,
    /// Email addresses of the subject (`subjectAltName`).
    #[attr(computed)]
    pub email_addresses: Vec<String>,
    /// URIs of the subject (`subjectAltName`).
    #[attr(computed)]
    pub uris: Vec<String>,
    /// Subject key identifier in hexadecimal. Null if the extension is absent.
    #[attr(computed)]
    pub subject_key_id: Option<String>,
    /// Authority key identifier in hexadecimal. Null if the extension is absent or contains no key identifier.
    #[attr(computed)]
    pub authority_key_id: Option<String>,
    /// Name constraints. Null if the extension is absent.
    #[attr(computed)]
    pub name_constraints: Option<NameConstraintsObject>,
    /// Object identifiers of the certificate policies.
    #[attr(computed)]
    pub policy_oids: Vec<String>,
    /// URLs of certificate revocation lists.
    #[attr(computed)]
    pub crl_distribution_points: Vec<String>,
    /// URLs where the certificate of the issuer is published.
    #[attr(computed)]
    pub ca_issuers_urls: Vec<String>,
    /// URLs of OCSP responders.
    #[attr(computed)]
    pub ocsp_urls: Vec<String>,
    /// All extensions in encoded form.
    #[attr(computed)]
    pub extensions: Vec<ExtensionObject>,
}

impl From<&DecodedCertificate> for CertificateObject {
    fn from(certificate: &DecodedCertificate) -> Self {
        let extensions = &certificate.extensions;
        let names = Names::of(&extensions.subject_alternative_names);
        let identifier = |octets: &Vec<u8>| to_hex(octets);
        Self {
            version: certificate.version.into(),
            serial_number: certificate.serial_number.clone(),
            issuer: (&certificate.issuer).into(),
            subject: (&certificate.subject).into(),
            is_self_issued: certificate.is_self_issued(),
            not_before: certificate.not_before.to_string(),
            not_after: certificate.not_after.to_string(),
            key_algorithm: certificate.public_key.algorithm.name(),
            public_key_pem: certificate.public_key.to_pem(),
            spki_sha256: certificate.public_key.sha256().to_string(),
            signature_algorithm: certificate.signature.algorithm(),
            certificate_sha256: certificate.sha256().to_string(),
            is_ca: extensions.is_ca(),
            path_length: extensions::path_length(extensions),
            key_usage: extensions::key_usage(extensions),
            extended_key_usage: extensions::extended_key_usage(extensions),
            dns_names: names.dns,
            ip_addresses: names.ip,
            email_addresses: names.email,
            uris: names.uri,
            subject_key_id: extensions.subject_key_id.as_ref().map(identifier),
            authority_key_id: extensions.authority_key_id.as_ref().map(identifier),
            name_constraints: extensions.name_constraints.as_ref().map(Into::into),
            policy_oids: extensions.policy_oids.clone(),
            crl_distribution_points: extensions.crl_distribution_points.clone(),
            ca_issuers_urls: extensions.ca_issuers_urls.clone(),
            ocsp_urls: extensions.ocsp_urls.clone(),
            extensions: extensions.all.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CustomExtension, KeyPair};

    use super::*;

    fn object(extensions: &[(&[u64], &[u8])]) -> CertificateObject {
        let mut parameters = CertificateParams::default();
        let extensions = extensions.iter();
        parameters.custom_extensions = extensions
            .map(|(oid, value)| CustomExtension::from_oid_content(oid, value.to_vec()))
            .collect();
        let key = KeyPair::generate().unwrap();
        let der = parameters.self_signed(&key).unwrap().der().to_vec();
        (&DecodedCertificate::from_der(&der).unwrap()).into()
    }

    const KEY_USAGE: &[u64] = &[2, 5, 29, 15];
    const BASIC_CONSTRAINTS: &[u64] = &[2, 5, 29, 19];
    const NAME_CONSTRAINTS: &[u64] = &[2, 5, 29, 30];

    #[test]
    fn key_usage_without_usages_is_not_an_absent_key_usage() {
        assert_eq!(object(&[]).key_usage, None);
        let none = object(&[(KEY_USAGE, &[0x03, 0x01, 0x00])]);
        assert_eq!(none.key_usage, Some(Vec::new()));
        let one = object(&[(KEY_USAGE, &[0x03, 0x02, 0x02, 0x04])]);
        assert_eq!(one.key_usage, Some(vec!["key_cert_sign".to_owned()]));
    }

    #[test]
    fn path_length_is_not_limited() {
        for (value, expected) in [
            (&[0x30, 6, 0x01, 1, 0xff, 0x02, 1, 0][..], "0"),
            (&[0x30, 7, 0x01, 1, 0xff, 0x02, 2, 3, 0xe8], "1000"),
            (
                &[0x30, 11, 0x01, 1, 0xff, 0x02, 6, 1, 0, 0, 0, 0, 0],
                "1099511627776",
            ),
        ] {
            let found = object(&[(BASIC_CONSTRAINTS, value)]).path_length;
            assert_eq!(found, Some(expected.parse().unwrap()), "{expected}");
        }
    }

    #[test]
    fn constraints_on_other_types_are_not_empty() {
        // Permitted `registeredID` 1.2 and 1.3, excluded `otherName` with the type 1.2.
        let value = [
            &[0x30, 0x1b, 0xa0, 0x0a][..],
            &[0x30, 3, 0x88, 1, 0x2a, 0x30, 3, 0x88, 1, 0x2b],
            &[0xa1, 0x0d, 0x30, 0x0b],
            &[0xa0, 9, 0x06, 1, 0x2a, 0xa0, 4, 0x0c, 2, b'u', b'u'],
        ];
        let constraints = object(&[(NAME_CONSTRAINTS, &value.concat())]).name_constraints;
        let constraints = constraints.expect("name constraints");
        assert_eq!(constraints.permitted.other_types, ["registered_id"]);
        assert_eq!(constraints.excluded.other_types, ["other_name"]);
        assert!(constraints.excluded.dns_domains.is_empty());
    }
}
