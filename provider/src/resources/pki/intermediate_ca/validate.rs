//! Validation of the configuration. Unknown values are accepted.
//!
//! These functions are pure.

use tfplugin::{Diagnostics, Planned};

use super::diagnostics;
use super::model::IntermediateCaPlan;
use crate::pki::CertificateKind;
use crate::resources::pki::issuer::Usage;
use crate::resources::pki::{key_source, subject};

/// Returns the errors in a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &IntermediateCaPlan) -> Diagnostics {
    let mut found = config.term().invalid_configuration();
    if let Some(configured) = config.subject.known() {
        found.extend(subject::invalid_attributes(configured));
    }
    found.extend(config.extensions().invalid_configuration());
    let kind = CertificateKind::Intermediate;
    found.extend(config.key_source().invalid_configuration(kind));
    if config.has_request() && config.signature_algorithm.known().is_some() {
        let reason = "the provider does not sign with the key of the authority";
        found.push(key_source::not_with_request("signature_algorithm", reason));
    }
    // The configuration does not contain defaults. The default of path_length is 0.
    let no_authorities = matches!(config.path_length, Planned::Null | Planned::Known(0));
    let mut usage = config.usage.known().into_iter().flatten();
    let signs_authorities =
        usage.any(|usage| usage.known().map(String::as_str) == Some(Usage::SignCa.name()));
    if no_authorities && signs_authorities {
        found.push(diagnostics::no_authorities_below());
    }
    found
}
