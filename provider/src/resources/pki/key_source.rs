//! The source of the certified key: a secret (`secrets_manager`, and `kms` for a key in AWS KMS), or a certificate signing
//! request (`csr_pem`), whose key the provider never reads.
//!
//! These functions are pure.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::calls::sentence;
use super::stored_key::{KmsPlan, SecretsManagerPlan};
use crate::aws::tags::PlannedTags;
use crate::pki::{CertificateKind, PublicKey, RequestError, certified_key};
use crate::resources::deletion_protection;

/// Attributes that determine the source of the key.
#[derive(Clone, Copy)]
pub struct KeySourceAttributes<'a> {
    /// `csr_pem`.
    pub csr_pem: &'a Planned<String>,
    /// `secrets_manager`.
    pub secrets_manager: &'a Planned<SecretsManagerPlan>,
    /// `kms`.
    pub kms: &'a Planned<KmsPlan>,
    /// `key_algorithm`.
    pub key_algorithm: &'a Planned<String>,
    /// `tags`.
    pub tags: &'a PlannedTags,
}

impl KeySourceAttributes<'_> {
    /// Returns the errors in a configuration that can contain unknown values.
    #[must_use]
    pub fn invalid_configuration(self, kind: CertificateKind) -> Diagnostics {
        let mut found = Diagnostics::new();
        let (request, secret) = (self.csr_pem, self.secrets_manager);
        if request.is_null() && secret.is_null() {
            found.push(exactly_one(false));
        }
        let Planned::Known(_) = request else {
            if !self.kms.is_null() && secret.is_null() && request.is_null() {
                found.push(kms_without_secret());
            }
            return found;
        };
        if secret.known().is_some() {
            found.push(exactly_one(true));
        }
        if self.kms.known().is_some() {
            found.push(not_with_request("kms", "the request contains the key"));
        }
        if self.key_algorithm.known().is_some() {
            let reason = "the request determines the key algorithm";
            found.push(not_with_request("key_algorithm", reason));
        }
        if self.tags.known().is_some_and(|tags| !tags.is_empty()) {
            let reason = "no secret exists that could have tags";
            found.push(not_with_request("tags", reason));
        }
        found.extend(request_key(request, kind).err().into_iter().flatten());
        found
    }
}

/// Returns the key in a request, or `None` if there is no request. The value must be known.
///
/// # Errors
/// Returns an error if the request is not usable for this kind of certificate.
pub fn request_key(
    csr_pem: &Planned<String>,
    kind: CertificateKind,
) -> Result<Option<PublicKey>, Diagnostics> {
    let request: Option<String> = csr_pem.clone().settle(attribute("csr_pem"))?;
    let key = request.map(|text| certified_key(&text, kind));
    key.transpose()
        .map_err(|error| invalid_request(&error).into())
}

fn attribute(name: &str) -> AttributePath {
    AttributePath::root().attribute(name)
}

/// The request is not usable.
fn invalid_request(error: &RequestError) -> Diagnostic {
    let detail = format!(
        "{}.\n\nCreate the request with the private key of the certificate, such as:\n\n    openssl req -new -key key.pem \
         -subj /CN=example.com -out request.pem",
        sentence(error)
    );
    Diagnostic::error("Certificate signing request is not usable", detail).at(attribute("csr_pem"))
}

/// Neither or both of the sources of the key are set.
fn exactly_one(both: bool) -> Diagnostic {
    let summary = match both {
        true => "Conflicting sources of the key",
        false => "Source of the key is missing",
    };
    let detail = "Set secrets_manager to generate a key, or to use a key in AWS KMS with kms. Set csr_pem to certify the key \
        in a certificate signing request. Exactly one of csr_pem and secrets_manager must be set.";
    Diagnostic::error(summary, detail).at(attribute("csr_pem"))
}

/// An attribute has no meaning for a certificate for a request.
#[must_use]
pub fn not_with_request(name: &str, reason: &str) -> Diagnostic {
    let detail = format!("With csr_pem, {reason}. Remove {name}.");
    Diagnostic::error("Argument conflicts with csr_pem", detail).at(attribute(name))
}

/// `kms` is set without a secret.
fn kms_without_secret() -> Diagnostic {
    let detail = "The certificate for a key in AWS KMS is stored in a secret. Set secrets_manager.";
    Diagnostic::error("Secret for the certificate is missing", detail).at(attribute("kms"))
}

/// Rejects the destruction of a certificate for a request that the state protects.
///
/// # Errors
/// Returns an error if the stored value of `deletion_protection` is not `false`.
pub fn refuse_protected(deletion_protection: &Planned<bool>) -> Result<(), Diagnostics> {
    let path = attribute("deletion_protection");
    deletion_protection::refuse(deletion_protection, path, || {
        "The certificate is for the key in a certificate signing request, and the state is its only location. After the \
         resource is destroyed, the provider no longer knows the certificate, but it remains valid until it expires.\n\nTo \
         destroy the resource, set deletion_protection = false, apply, and then destroy it. If the block was removed or \
         renamed by mistake, restore it or add a moved block."
            .to_owned()
    })
}

/// The source of the key was changed.
#[must_use]
pub fn changed(resource_type: &str) -> Diagnostic {
    let detail = format!(
        "An existing certificate cannot change between csr_pem and secrets_manager, because the provider would have to \
         delete or create a secret. Add another {resource_type}, and then remove this one."
    );
    Diagnostic::error("Source of the key cannot be changed", detail).at(attribute("csr_pem"))
}
