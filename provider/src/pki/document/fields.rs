//! JSON members of a key document. This module does not check whether the members are consistent.
//!
//! Members of documents in older versions are converted to the newest version.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::super::description::{
    AlternativeName, BasicConstraints, CertificateKind, Description, Extension, KeyPurpose,
    KeyUsage,
};
use super::super::document_error::DocumentError;
use super::super::fingerprint::{from_hex, to_hex};
use super::super::name::DistinguishedName;
use super::super::serial::SerialNumber;
use super::super::signature_algorithm::SignatureAlgorithm;
use super::super::validity::Validity;
use crate::secret_text::SecretText;

/// Members that all versions have.
#[derive(Deserialize)]
pub(super) struct Header {
    #[serde(rename = "type")]
    pub(super) format: String,
    pub(super) v: u64,
}

/// Members that the provider writes.
#[derive(Serialize)]
pub(super) struct WrittenFields<'a> {
    #[serde(rename = "type")]
    pub(super) format: &'static str,
    pub(super) v: u64,
    pub(super) kind: &'static str,
    pub(super) algorithm: &'static str,
    pub(super) signature_algorithm: &'static str,
    pub(super) spki_sha256: String,
    pub(super) public_key_pem: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) private_key_pem: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kms_key_arn: Option<&'a str>,
    pub(super) certificates: Vec<String>,
    pub(super) chain: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate_pem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chain_pem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuance: Option<IssuanceFields>,
}

/// Members of versions 2 and 3. Version 1 documents are converted to version 2.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadFields {
    #[serde(rename = "type")]
    _format: String,
    #[serde(rename = "v")]
    _version: u64,
    pub(super) kind: String,
    pub(super) algorithm: String,
    pub(super) signature_algorithm: String,
    pub(super) spki_sha256: String,
    #[serde(default)]
    pub(super) public_key_pem: Option<String>,
    #[serde(default)]
    pub(super) private_key_pem: Option<SecretText>,
    #[serde(default)]
    pub(super) kms_key_arn: Option<String>,
    pub(super) certificates: Vec<String>,
    pub(super) chain: Vec<String>,
    #[serde(default)]
    pub(super) certificate_pem: Option<String>,
    #[serde(default)]
    pub(super) chain_pem: Option<String>,
    #[serde(default)]
    pub(super) issuance: Option<IssuanceFields>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Version1 {
    #[serde(rename = "type")]
    format: String,
    v: u64,
    algorithm: String,
    signature_algorithm: String,
    spki_sha256: String,
    private_key_pem: SecretText,
    certificates: Vec<String>,
    #[serde(default)]
    issuance: Option<Issuance1>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issuance1 {
    serial_number: String,
    not_before: String,
    not_after: String,
    subject: DistinguishedName,
    #[serde(deserialize_with = "null_or_length")]
    path_length: Option<u8>,
}

impl ReadFields {
    /// Reads a version 3 document.
    pub(super) fn version_3(text: &SecretText) -> Result<Self, DocumentError> {
        serde_json::from_str(text.expose()).map_err(malformed)
    }

    /// Reads a version 2 document, which always contains the private key.
    pub(super) fn version_2(text: &SecretText) -> Result<Self, DocumentError> {
        let read = Self::version_3(text)?;
        let issuance = read.issuance.as_ref();
        let later = [
            ("public_key_pem", read.public_key_pem.is_some()),
            ("kms_key_arn", read.kms_key_arn.is_some()),
            (
                "issuance.signature_algorithm",
                issuance.is_some_and(|issuance| issuance.signature_algorithm.is_some()),
            ),
        ];
        match later.into_iter().find(|(_, is_present)| *is_present) {
            Some((member, _)) => Err(DocumentError::LaterMember { version: 2, member }),
            None if issuance.is_some() && !read.certificates.is_empty() => {
                Err(DocumentError::PendingWithCertificates)
            }
            None => Ok(read),
        }
    }

    /// Reads a version 1 document, which supports roots only.
    pub(super) fn version_1(text: &SecretText) -> Result<Self, DocumentError> {
        let read: Version1 = serde_json::from_str(text.expose()).map_err(malformed)?;
        if read.issuance.is_some() && !read.certificates.is_empty() {
            return Err(DocumentError::PendingWithCertificates);
        }
        let issuance = read.issuance.map(|issuance| IssuanceFields {
            signature_algorithm: None,
            serial_number: issuance.serial_number,
            not_before: issuance.not_before,
            not_after: issuance.not_after,
            issuer: issuance.subject.clone(),
            subject: issuance.subject,
            ca: true,
            path_length: issuance.path_length,
            key_usage: [KeyUsage::KeyCertSign, KeyUsage::CrlSign]
                .map(|usage| usage.name().to_owned())
                .to_vec(),
            extended_key_usage: Vec::new(),
            subject_alternative_names: Vec::new(),
            extensions: Vec::new(),
        });
        Ok(Self {
            _format: read.format,
            _version: read.v,
            kind: CertificateKind::Root.name().to_owned(),
            algorithm: read.algorithm,
            signature_algorithm: read.signature_algorithm,
            spki_sha256: read.spki_sha256,
            public_key_pem: None,
            private_key_pem: Some(read.private_key_pem),
            kms_key_arn: None,
            certificates: read.certificates,
            chain: Vec::new(),
            certificate_pem: None,
            chain_pem: None,
            issuance,
        })
    }
}

/// Returns an error with the position only, because the parser's message can quote the key.
fn malformed(error: serde_json::Error) -> DocumentError {
    DocumentError::Malformed {
        line: error.line(),
        column: error.column(),
    }
}

/// Description of a certificate that has not been issued yet.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssuanceFields {
    /// Signature algorithm of the issuer. Absent before version 3, which has only the default of the issuer's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature_algorithm: Option<String>,
    serial_number: String,
    not_before: String,
    not_after: String,
    issuer: DistinguishedName,
    subject: DistinguishedName,
    ca: bool,
    // Null is a valid value. Without this function, serde would also read a missing member as null.
    #[serde(deserialize_with = "null_or_length")]
    path_length: Option<u8>,
    key_usage: Vec<String>,
    extended_key_usage: Vec<String>,
    subject_alternative_names: Vec<NameFields>,
    extensions: Vec<ExtensionFields>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NameFields {
    Dns(String),
    Email(String),
    Uri(String),
    Ip(IpAddr),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtensionFields {
    oid: String,
    critical: bool,
    /// Value in hexadecimal.
    value: String,
}

fn null_or_length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    Option::deserialize(deserializer)
}

impl From<&Description> for IssuanceFields {
    fn from(description: &Description) -> Self {
        let usages = description.key_usage.iter();
        let purposes = description.extended_key_usage.iter();
        let names = description.subject_alternative_names.iter();
        let extensions = description.extensions.iter();
        Self {
            signature_algorithm: Some(description.signature_algorithm.name().to_owned()),
            serial_number: description.serial_number.to_string(),
            not_before: description.validity.not_before().to_string(),
            not_after: description.validity.not_after().to_string(),
            issuer: description.issuer.clone(),
            subject: description.subject.clone(),
            ca: description.basic_constraints != BasicConstraints::EndEntity,
            path_length: description.path_length(),
            key_usage: usages.map(|usage| usage.name().to_owned()).collect(),
            extended_key_usage: purposes.map(|purpose| purpose.0.to_string()).collect(),
            subject_alternative_names: names.map(NameFields::from).collect(),
            extensions: extensions
                .map(|extension| ExtensionFields {
                    oid: extension.oid.to_string(),
                    critical: extension.critical,
                    value: to_hex(&extension.value),
                })
                .collect(),
        }
    }
}

impl From<&AlternativeName> for NameFields {
    fn from(name: &AlternativeName) -> Self {
        match name {
            AlternativeName::Dns(name) => Self::Dns(name.clone()),
            AlternativeName::Email(address) => Self::Email(address.clone()),
            AlternativeName::Uri(uri) => Self::Uri(uri.clone()),
            AlternativeName::Ip(address) => Self::Ip(*address),
        }
    }
}

impl From<NameFields> for AlternativeName {
    fn from(name: NameFields) -> Self {
        match name {
            NameFields::Dns(name) => Self::Dns(name),
            NameFields::Email(address) => Self::Email(address),
            NameFields::Uri(uri) => Self::Uri(uri),
            NameFields::Ip(address) => Self::Ip(address),
        }
    }
}

impl IssuanceFields {
    /// Returns the name of the issuer.
    pub(super) fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// Converts the members to a description. `default` is the signature algorithm if the version has no member for it.
    pub(super) fn read(
        self,
        default: Option<SignatureAlgorithm>,
    ) -> Result<Description, DocumentError> {
        let unusable = |member| move || DocumentError::Issuance(member);
        let signature_algorithm = match (&self.signature_algorithm, default) {
            (None, default) => default,
            (Some(name), None) => SignatureAlgorithm::named(name),
            (Some(_), Some(_)) => None,
        };
        let instant = |text: &str| text.parse::<Timestamp>().ok();
        let validity = instant(&self.not_before)
            .zip(instant(&self.not_after))
            .and_then(|(from, to)| Validity::new(from, to).ok());
        let serial_number = self.serial_number.parse::<SerialNumber>().ok();
        let usages = self.key_usage.iter();
        let usages: Option<BTreeSet<KeyUsage>> = usages.map(|name| KeyUsage::named(name)).collect();
        let purposes = self.extended_key_usage.iter();
        let purposes: Option<Vec<KeyPurpose>> = purposes
            .map(|oid| Some(KeyPurpose(oid.parse().ok()?)))
            .collect();
        let extensions = self.extensions.into_iter();
        let extensions: Option<Vec<Extension>> = extensions
            .map(|extension| {
                Some(Extension {
                    oid: extension.oid.parse().ok()?,
                    critical: extension.critical,
                    value: from_hex(&extension.value)?,
                })
            })
            .collect();
        if self.issuer.is_empty() {
            return Err(DocumentError::Issuance("issuer"));
        }
        if self.ca && self.subject.is_empty() {
            return Err(DocumentError::Issuance("subject"));
        }
        Ok(Description {
            signature_algorithm: signature_algorithm.ok_or_else(unusable("signature algorithm"))?,
            serial_number: serial_number.ok_or_else(unusable("serial number"))?,
            validity: validity.ok_or_else(unusable("validity"))?,
            issuer: self.issuer,
            subject: self.subject,
            basic_constraints: match (self.ca, self.path_length) {
                (true, path_length) => BasicConstraints::Authority { path_length },
                (false, None) => BasicConstraints::EndEntity,
                (false, Some(_)) => return Err(DocumentError::Issuance("path length")),
            },
            key_usage: usages.ok_or_else(unusable("key usage"))?,
            extended_key_usage: purposes.ok_or_else(unusable("extended key usage"))?,
            subject_alternative_names: self
                .subject_alternative_names
                .into_iter()
                .map(AlternativeName::from)
                .collect(),
            extensions: extensions.ok_or_else(unusable("extensions"))?,
        })
    }
}
