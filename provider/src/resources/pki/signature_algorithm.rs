//! The `signature_algorithm` attribute of certificate authorities.
//!
//! These functions are pure.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use crate::pki::{KeyAlgorithm, SignatureAlgorithm};

/// Returns the configured signature algorithm, or the default of the key algorithm.
///
/// # Errors
/// Returns an error if the key cannot sign with the algorithm.
pub fn of_attribute(
    key: KeyAlgorithm,
    configured: &Planned<String>,
) -> Result<SignatureAlgorithm, Diagnostics> {
    let Some(name) = configured.known() else {
        return Ok(key.default_signature_algorithm());
    };
    let fits = |algorithm: &SignatureAlgorithm| key.signature_algorithms().contains(algorithm);
    SignatureAlgorithm::named(name)
        .filter(fits)
        .ok_or_else(|| unsuitable(key, name).into())
}

fn unsuitable(key: KeyAlgorithm, name: &str) -> Diagnostic {
    let names = key.signature_algorithms().iter();
    let names: Vec<&str> = names.map(|algorithm| algorithm.name()).collect();
    let detail = format!(
        "A key with the algorithm {} cannot sign with {name:?}. Set signature_algorithm to {}, or remove it.",
        key.name(),
        names.join(" or ")
    );
    Diagnostic::error("Signature algorithm does not fit the key", detail).at(path())
}

/// Returns the default for the value of `key_algorithm`.
#[must_use]
pub fn default_of(key_algorithm: &Planned<String>) -> Planned<String> {
    let algorithm = key_algorithm
        .known()
        .and_then(|name| KeyAlgorithm::named(name));
    let name = algorithm.map(|algorithm| algorithm.default_signature_algorithm().name().to_owned());
    name.map_or(Planned::Unknown, Planned::Known)
}

/// Returns the error for a change without the next certificate, if any.
#[must_use]
pub fn invalid_change(before: &Planned<String>, after: &Planned<String>) -> Option<Diagnostic> {
    let (before, after) = (before.known()?, after.known()?);
    if before == after {
        return None;
    }
    let detail = format!(
        "signature_algorithm cannot be changed from {before} to {after} without a new certificate, because certificates \
         and revocation lists of this authority are signed with {before}.\n\nRaise certificate_revision by 1 to issue the \
         next certificate, or set signature_algorithm back to {before}."
    );
    let error = Diagnostic::error("Signature algorithm requires a new certificate", detail);
    Some(error.at(path()))
}

fn path() -> AttributePath {
    AttributePath::root().attribute("signature_algorithm")
}
