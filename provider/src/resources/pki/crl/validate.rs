//! Validation of the configuration. Unknown values are accepted.
//!
//! These functions are pure.

use tfplugin::Diagnostics;

use super::model::CrlPlan;
use super::settings::Settings;

/// Returns the errors in a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &CrlPlan) -> Diagnostics {
    Settings::of(config).err().unwrap_or_default()
}
