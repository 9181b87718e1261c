//! Stored state becomes state of the present schema. Asked in every run, also where the version is equal.

use tfschema::Value;
use tfschema::json::value_from_json;

use super::{ResourceType, Session};
use crate::complete::complete;
use crate::{Diagnostic, Diagnostics, Upgrade, planner, selfcheck};

impl Session {
    /// Reads stored state. At an equal version attributes that are missing are null and unknown ones are left out;
    /// at a lower version the resource upgrades.
    ///
    /// # Errors
    /// The state does not fit, or the resource cannot upgrade it.
    pub(crate) fn upgrade(
        &self,
        resource: &ResourceType,
        request: Upgrade,
    ) -> Result<Value, Diagnostics> {
        let definition = resource.definition();
        let block = &definition.schema.block;
        let state = if request.version == definition.schema.version {
            value_from_json(&request.state, &resource.value_type()).map_err(|error| {
                let summary = format!("Stored state of {} cannot be read", definition.type_name);
                let detail = format!(
                    "{error}\n\nWas the state edited by hand? Restore an earlier version of it."
                );
                Diagnostics::from(Diagnostic::error(summary, detail))
            })?
        } else {
            resource.0.upgrade(request)?
        };
        let state = planner::without_write_only(block, complete(block, state));
        self.violations("The upgraded state", definition, || {
            selfcheck::state(block, &state)
        })
        .into_result()?;
        Ok(state)
    }
}
