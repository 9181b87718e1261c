//! Data sources of a double. Their results come from rule files, because a schema does not state which objects exist.

use tfplugin::{DataSource, Definition, Diagnostic, Diagnostics, ReadData, Validate};
use tfschema::Value;
use tfschema::json::value_to_json;

use super::{Kind, failed};
use crate::definition;
use crate::generated::Seed;

/// Data source of a double.
pub(super) struct DataSourceDouble(pub(super) Kind);

impl DataSource for DataSourceDouble {
    type Model = Value;

    fn definition(&self) -> Definition {
        self.0.definition.clone()
    }

    fn validate(&self, request: Validate<Value>) -> Diagnostics {
        definition::check(&self.0.rules, &request.config)
    }

    async fn read(&self, request: ReadData<Value>) -> Result<Value, Diagnostics> {
        let name = &self.0.definition.type_name;
        if self.0.rules.attributes.is_empty() {
            let detail = format!(
                "The double does not know the result of the data source {name}. Add the file {} with the values of its \
                 attributes.",
                self.0.shared.rules.place("data_sources", name)
            );
            return Err(Diagnostic::error("Data source has no rules", detail).into());
        }
        self.0.result(request.config)
    }
}

impl Kind {
    /// Returns a configuration with values for the computed attributes that are not set.
    pub(super) fn result(&self, config: Value) -> Result<Value, Diagnostics> {
        let name = &self.definition.type_name;
        let known = value_to_json(&config)
            .map_err(|error| failed(format!("Configuration of {name} cannot be used"), &error))?;
        let seed = Seed::of(&[name, &known.to_string()]);
        self.scoped(|scope| scope.filled(scope.unset_as_unknown(config), &seed))
    }
}
