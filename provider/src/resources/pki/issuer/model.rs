//! Schema of the `issuer` object, as an argument and as a computed attribute.

use std::collections::BTreeSet;

use tfplugin::Schema;

use super::authority::IssuingAuthority;
use super::usage::Usage;
use crate::pki::Certificate;

/// Declares the object once for arguments and once for computed attributes, which differ only in the flags of their
/// attributes.
macro_rules! issuer_object {
    ($(#[$documentation:meta])* $name:ident, $required:ident, $nullable:ident) => {
        $(#[$documentation])*
        #[derive(Schema)]
        pub struct $name {
            /// Certificate of the authority in PEM format.
            #[attr($required)]
            pub certificate_pem: String,
            /// Certificates above the authority in PEM format, each before its issuer and the root last. Empty for a
            /// root.
            #[attr($required)]
            pub chain_pem: String,
            /// ARN of the secret that contains the key document of the authority.
            #[attr($required)]
            pub secret_arn: String,
            /// ARN of the AWS KMS key that contains the private key. Null if the secret contains the private key.
            #[attr($nullable)]
            pub kms_key_arn: Option<String>,
            /// Algorithm with which the authority signs, such as `SHA256WITHRSA`.
            #[attr($required)]
            pub signature_algorithm: String,
            /// What the authority is allowed to sign: `sign_ca`, `sign_leaf`, and `sign_crl`.
            #[attr($required)]
            pub usage: BTreeSet<String>,
            /// SHA-256 hash of the public key (DER SubjectPublicKeyInfo) in hexadecimal.
            #[attr($required)]
            pub spki_sha256: String,
        }
    };
}

issuer_object!(
    /// Certificate authority that signs: the `issuer` attribute of an authority.
    Issuer,
    required,
    optional
);

issuer_object!(
    /// This authority as the `issuer` argument of other resources. The object does not contain the private key.
    IssuerOutput,
    computed,
    computed
);

impl From<&IssuingAuthority> for IssuerOutput {
    fn from(authority: &IssuingAuthority) -> Self {
        Self {
            certificate_pem: authority.certificate.to_pem(),
            chain_pem: authority.chain.iter().map(Certificate::to_pem).collect(),
            secret_arn: authority.secret_arn.clone(),
            kms_key_arn: authority.kms_key_arn.clone(),
            signature_algorithm: authority.signature_algorithm.name().to_owned(),
            usage: authority
                .usage
                .iter()
                .copied()
                .map(Usage::name)
                .map(str::to_owned)
                .collect(),
            spki_sha256: authority.certificate.public_key().sha256().to_string(),
        }
    }
}
