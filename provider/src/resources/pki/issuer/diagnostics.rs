//! Errors for an `issuer` argument, and for the key of an issuer.

use std::collections::BTreeSet;
use std::error::Error;

use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use super::usage::Usage;
use crate::aws::AwsError;
use crate::aws::diagnostics::secret_detail;
use crate::aws::identity::IdentityMismatch;
use crate::aws::secrets::{INVALID_REQUEST, NOT_FOUND};
use crate::pki::{ChainError, DistinguishedName, DocumentError, KeyAlgorithm, PemError};
use crate::resources::pki::calls::sentence;

/// Remedy for an object that was not taken from a resource.
const USE_ATTRIBUTE: &str = "Use the issuer attribute of a skreg_pki_root_ca or skreg_pki_intermediate_ca resource, \
    such as skreg_pki_root_ca.NAME.issuer.";

fn invalid(attribute: &str, found: &str, at: &AttributePath) -> Diagnostic {
    let detail = format!("{found}\n\n{USE_ATTRIBUTE}");
    Diagnostic::error("Invalid issuer", detail).at(at.clone().attribute(attribute))
}

/// An attribute does not contain certificates in PEM format.
pub(super) fn not_pem(attribute: &str, error: &PemError, at: &AttributePath) -> Diagnostic {
    invalid(attribute, &format!("The value {error}."), at)
}

/// The certificates are not a chain that ends with a root.
pub(super) fn invalid_chain(error: &ChainError, at: &AttributePath) -> Diagnostic {
    let found = format!(
        "The certificate of the issuer and its chain do not match: {}. The certificate must precede its issuer, and \
         the last certificate must be a root.",
        sentence(error)
    );
    invalid("chain_pem", &found, at)
}

/// The key hash differs from the certificate.
pub(super) fn another_key(certified: &str, expected: &str, at: &AttributePath) -> Diagnostic {
    let found = format!(
        "The certificate contains the key with the hash {certified}, but spki_sha256 is {expected}, so the parts of \
         the object belong to different authorities."
    );
    invalid("spki_sha256", &found, at)
}

/// The key does not support the signature algorithm.
pub(super) fn signature_algorithm(name: &str, key: KeyAlgorithm, at: &AttributePath) -> Diagnostic {
    let found = format!(
        "A key with the algorithm {} cannot sign with {name:?}.",
        key.name()
    );
    invalid("signature_algorithm", &found, at)
}

/// The ARN is not the ARN of a secret.
pub(super) fn secret_arn(arn: &str, at: &AttributePath) -> Diagnostic {
    invalid(
        "secret_arn",
        &format!("{arn:?} is not the ARN of a secret."),
        at,
    )
}

/// The use is not known.
pub(super) fn unknown_usage(name: &str, at: &AttributePath) -> Diagnostic {
    invalid(
        "usage",
        &format!("{name:?} is not valid. Each element must be sign_ca, sign_leaf, or sign_crl."),
        at,
    )
}

/// The `usage` of the authority does not contain the use.
pub(super) fn not_allowed(
    authority: &DistinguishedName,
    permitted: &BTreeSet<Usage>,
    usage: Usage,
    at: &AttributePath,
) -> Diagnostic {
    let allowed: Vec<&str> = permitted.iter().copied().map(Usage::name).collect();
    let allowed = match allowed.is_empty() {
        true => "empty".to_owned(),
        false => allowed.join(", "),
    };
    let detail = format!(
        "The authority {} is not allowed to sign {}: its usage is {allowed}.\n\nUse another authority as \
         the issuer, or add {:?} to the usage of this authority.",
        authority,
        usage.signed(),
        usage.name(),
    );
    Diagnostic::error("Issuer is not allowed to sign", detail).at(at.clone().attribute("usage"))
}

/// The certificate is larger than the key of the issuer can sign.
pub(super) fn too_large(octets: usize, limit: usize, at: &AttributePath) -> Diagnostic {
    let detail = format!(
        "The certificate to sign has {octets} octets. The key of the issuer is an Ed25519 key in AWS KMS, which signs the \
         complete message and accepts at most {limit} octets (Sign, MessageType RAW), so the certificate is {} octets too \
         large.\n\nReduce the number of names or the other contents of the certificate, or use an issuer with an RSA or ECDSA \
         key, which signs a digest.",
        octets - limit
    );
    Diagnostic::error("Certificate is too large for the issuer", detail).at(at.clone())
}

fn at_secret(at: &AttributePath, summary: &str, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(at.clone().attribute("secret_arn"))
}

/// The secret's region or account differs from the region or account that the provider uses.
pub(super) fn elsewhere(error: IdentityMismatch, at: &AttributePath) -> Diagnostic {
    Diagnostic::from(error).at(at.clone().attribute("secret_arn"))
}

/// The value of the secret could not be read.
pub(super) fn not_read(arn: &str, error: &AwsError, at: &AttributePath) -> Diagnostic {
    if error.is(NOT_FOUND) {
        let detail = format!(
            "The secret {arn}, which contains the private key of the issuer, does not exist, so nothing can be \
             signed.\n\nCheck the region and the account in the provider configuration. If the key is lost, create \
             another authority and use it as the issuer."
        );
        return at_secret(at, "Issuer key is missing", detail);
    }
    if error.is(INVALID_REQUEST) && error.message.contains("deletion") {
        let detail = format!(
            "The secret {arn}, which contains the private key of the issuer, is scheduled for deletion, so nothing can \
             be signed.\n\nTo keep the authority, restore the secret, and then apply again:\n\n    aws secretsmanager \
             restore-secret --secret-id {arn}\n\nOtherwise, use another authority as the issuer."
        );
        return at_secret(at, "Issuer key is scheduled for deletion", detail);
    }
    at_secret(
        at,
        "Issuer key could not be read",
        secret_detail(error, None),
    )
}

/// The value of the secret is not a usable key document.
pub(super) fn not_a_key_document(
    arn: &str,
    error: &DocumentError,
    at: &AttributePath,
) -> Diagnostic {
    let detail = format!(
        "The value of the secret {arn} is unusable: {}. Nothing was signed.\n\nIf the value was changed manually, make \
         the previous version current again (aws secretsmanager update-secret-version-stage), and then apply again.",
        sentence(error as &(dyn Error + 'static))
    );
    at_secret(at, "Secret does not contain a usable issuer key", detail)
}

/// The key in the secret is not the key of the issuer's certificate.
pub(super) fn key_changed(
    arn: &str,
    found: &str,
    expected: &str,
    at: &AttributePath,
) -> Diagnostic {
    let detail = format!(
        "The secret {arn} contains the key with the hash {found}, but the certificate of the issuer contains the key \
         with the hash {expected}. A signature with another key would not verify, so nothing was signed.\n\nRefresh \
         the issuer to find the cause. If the value was changed manually, make the previous version current again (aws \
         secretsmanager update-secret-version-stage)."
    );
    at_secret(at, "Issuer key was changed", detail)
}

/// The secret refers to a KMS key, but the object does not.
pub(super) fn key_in_kms(arn: &str, key: &str, at: &AttributePath) -> Diagnostic {
    let found = format!(
        "The secret {arn} refers to the KMS key {key}, but kms_key_arn is null, so this object is not the issuer \
         attribute of the authority."
    );
    invalid("kms_key_arn", &found, at)
}
