//! Schema of the `issuer` object, as an argument and as a computed attribute.

use std::collections::BTreeSet;

use tfplugin::Schema;

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
            /// Permitted uses of the key of the authority: `sign_ca`, `sign_leaf`, and `sign_crl`.
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
