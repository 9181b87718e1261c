//! Ephemeral resources of a double. Their results are generated at each plan and apply, and are never stored.

use tfplugin::{Definition, Diagnostics, EphemeralResource, Open, Opened, Validate};
use tfschema::Value;

use super::Kind;
use crate::definition;

/// Ephemeral resource of a double.
pub(super) struct EphemeralDouble(pub(super) Kind);

impl EphemeralResource for EphemeralDouble {
    type Model = Value;

    fn definition(&self) -> Definition {
        self.0.definition.clone()
    }

    fn validate(&self, request: Validate<Value>) -> Diagnostics {
        definition::check(&self.0.rules, &request.config)
    }

    async fn open(&self, request: Open<Value>) -> Result<Opened<Value>, Diagnostics> {
        self.0.result(request.config).map(Opened::new)
    }
}
