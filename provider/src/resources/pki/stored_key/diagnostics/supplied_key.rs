//! Errors for a private key in the configuration. No message quotes the key.

use tfplugin::Diagnostic;

use super::attributes;

/// The value is not a private key for the configured algorithm.
pub(in super::super) fn invalid_private_key(reason: String) -> Diagnostic {
    Diagnostic::error("Private key is not usable", reason).at(attributes::private_key())
}

/// The key is in KMS, so the configuration cannot supply one.
pub(in super::super) fn kms_and_private_key() -> Diagnostic {
    let detail = "The private key of this resource is in AWS KMS, because kms is set. Remove private_key_pem_wo and \
        private_key_pem_wo_version, or remove kms. To use an existing key in AWS KMS, import its key material into a KMS key \
        with the origin EXTERNAL.";
    Diagnostic::error("Conflicting sources of the private key", detail)
        .at(attributes::private_key())
}

/// The version of the private key is missing.
pub(in super::super) fn key_without_version() -> Diagnostic {
    let detail = "The state never contains a write-only argument, so the provider cannot detect a change of its value. Set \
        private_key_pem_wo_version, such as 1, to record which key the resource was created with.";
    Diagnostic::error("Version of the private key is missing", detail)
        .at(attributes::private_key_version())
}

/// A new object has a version of a private key, but no private key.
pub(in super::super) fn missing_private_key() -> Diagnostic {
    let detail = "private_key_pem_wo_version is set, but private_key_pem_wo is null. The provider does not generate a key in \
        place of the missing one. Set private_key_pem_wo, or remove private_key_pem_wo_version to generate a key.";
    Diagnostic::error("Private key is missing", detail).at(attributes::private_key())
}
