//! Certificate signing requests as attribute values.

use tfplugin::Schema;
use tfplugin::schema::Number;

use super::extensions::{self, ExtensionObject, Names};
use super::name::NameObject;
use crate::pki::decoded::DecodedRequest;

/// Decoded certificate signing request.
#[derive(Schema)]
pub struct RequestObject {
    /// Requested subject.
    #[attr(computed)]
    pub subject: NameObject,
    /// Algorithm of the public key, such as `RSA_4096`, `ECDSA_P256`, or `ED25519`.
    #[attr(computed)]
    pub key_algorithm: String,
    /// Public key (SubjectPublicKeyInfo) in PEM format.
    #[attr(computed)]
    pub public_key_pem: String,
    /// SHA-256 hash of the public key (DER SubjectPublicKeyInfo) in hexadecimal.
    #[attr(computed)]
    pub spki_sha256: String,
    /// Signature algorithm, such as `SHA256WITHRSA`, `SHA384WITHECDSA`, or `ED25519`.
    #[attr(computed)]
    pub signature_algorithm: String,
    /// Whether the request is for a certificate authority (`basicConstraints`).
    #[attr(computed)]
    pub is_ca: bool,
    /// Requested `pathLenConstraint`. Null if the request does not specify it.
    #[attr(computed)]
    pub path_length: Option<Number>,
    /// Requested usages of the key (`keyUsage`), such as `digital_signature`. Null if the extension is absent.
    #[attr(computed)]
    pub key_usage: Option<Vec<String>>,
    /// Requested purposes of the key (`extKeyUsage`), such as `server_auth`. For purposes without a name, the
    /// object identifier.
    #[attr(computed)]
    pub extended_key_usage: Vec<String>,
    /// Requested DNS names (`subjectAltName`).
    #[attr(computed)]
    pub dns_names: Vec<String>,
    /// Requested IP addresses (`subjectAltName`).
    #[attr(computed)]
    pub ip_addresses: Vec<String>,
    /// Requested email addresses (`subjectAltName`).
    #[attr(computed)]
    pub email_addresses: Vec<String>,
    /// Requested URIs (`subjectAltName`).
    #[attr(computed)]
    pub uris: Vec<String>,
    /// All requested extensions in encoded form.
    #[attr(computed)]
    pub extensions: Vec<ExtensionObject>,
}

impl From<&DecodedRequest> for RequestObject {
    fn from(request: &DecodedRequest) -> Self {
        let extensions = &request.extensions;
        let names = Names::of(&extensions.subject_alternative_names);
        Self {
            subject: (&request.subject).into(),
            key_algorithm: request.public_key.algorithm.name(),
            public_key_pem: request.public_key.to_pem(),
            spki_sha256: request.public_key.sha256().to_string(),
            signature_algorithm: request.signature.algorithm(),
            is_ca: extensions.is_ca(),
            path_length: extensions::path_length(extensions),
            key_usage: extensions::key_usage(extensions),
            extended_key_usage: extensions::extended_key_usage(extensions),
            dns_names: names.dns,
            ip_addresses: names.ip,
            email_addresses: names.email,
            uris: names.uri,
            extensions: extensions.all.iter().map(Into::into).collect(),
        }
    }
}
