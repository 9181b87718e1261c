//! Validation of the configuration. Unknown values are accepted.
//!
//! These functions are pure.

use tfplugin::Diagnostics;

use super::model::RootCaPlan;
use crate::resources::pki::subject;

/// Returns the errors in a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &RootCaPlan) -> Diagnostics {
    let mut found = config.term().invalid_configuration();
    if let Some(configured) = config.subject.known() {
        found.extend(subject::invalid_attributes(configured));
    }
    found
}
