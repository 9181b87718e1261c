//! Validation of the configuration. Unknown values are accepted.
//!
//! These functions are pure.

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{RootCa, RootCaPlan};
use crate::resources::pki::issuer::{USAGE_NAMES, Usage};
use crate::resources::pki::subject;

/// Returns the errors in a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &RootCaPlan) -> Diagnostics {
    let mut found = config.term().invalid_configuration();
    if let Some(configured) = config.subject.known() {
        found.extend(subject::invalid_attributes(configured));
    }
    found.extend(config.extensions().invalid_configuration());
    for name in config
        .usage
        .known()
        .into_iter()
        .flatten()
        .filter_map(Planned::known)
    {
        found.extend(unknown_usage(name));
    }
    found
}

fn unknown_usage(name: &str) -> Option<Diagnostic> {
    if Usage::named(name).is_some() {
        return None;
    }
    let detail = format!(
        "{name:?} is not a valid use of the key. Each element must be one of {}.",
        USAGE_NAMES.join(", ")
    );
    Some(Diagnostic::error("Invalid usage", detail).at(RootCa::paths().usage()))
}
