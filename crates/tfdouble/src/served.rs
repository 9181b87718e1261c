//! The provider that a double serves: its configuration, its types, and what they share.

mod data_source;
mod ephemeral;
mod function;
mod resource;

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use tfplugin::{Configure, Configured, Definition, Diagnostic, Diagnostics, Provider};
use tfschema::Value;

use crate::definition;
use crate::documents::{self, DocumentError, TypeText};
use crate::fill::Scope;
use crate::installation::Installation;
use crate::objects::Objects;
use crate::rules::{Folder, ProviderRules, RulesError, TypeRules};

use data_source::DataSourceDouble;
use ephemeral::EphemeralDouble;
use function::FunctionDouble;
use resource::ResourceDouble;

/// Reason that prevents a double from being served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServedError {
    /// The schema cannot be read.
    #[error("the schema cannot be read")]
    Schema(#[from] DocumentError),
    /// A rule file cannot be read.
    #[error("the rules cannot be read")]
    Rules(#[from] RulesError),
}

/// Parts of the provider that all types share.
struct Shared {
    rules: Folder,
    provider_rules: ProviderRules,
    objects: Objects,
    configuration: Configured<Value>,
    /// Names of the types and nested blocks to serve. `None` selects all of them.
    names: Option<BTreeSet<String>>,
}

/// Type of the provider: its definition, its rules, and what it shares with other types.
struct Kind {
    definition: Definition,
    rules: TypeRules,
    shared: Arc<Shared>,
}

/// Returns the provider.
///
/// # Errors
/// Returns an error if the schema or the rules for the provider cannot be read. Errors in types are reported when a type is
/// used.
pub(crate) fn provider(installation: Installation) -> Result<Provider, ServedError> {
    let documents = documents::read(&installation.schema, &installation.name)?;
    let rules = Folder::at(installation.rules);
    let configuration = Configured::new();
    let shared = Arc::new(Shared {
        provider_rules: rules.provider()?,
        rules,
        objects: Objects::at(installation.objects),
        configuration: configuration.clone(),
        names: installation.names,
    });
    let definition = Definition::new("", documents.configuration);
    let mut provider = Provider::new(installation.name, installation.version)
        .address(installation.address)
        .configure_as(definition, &configuration, configure);
    let selected = |(name, _): &(String, TypeText)| {
        let names = shared.names.as_ref();
        names.is_none_or(|names| names.contains(name))
    };
    for (name, text) in documents.resources.into_iter().filter(selected) {
        let (shared, type_name) = (Arc::clone(&shared), name.clone());
        provider = provider.lazy_resource(name, move || {
            Kind::new("resources", &type_name, &text, &shared).map(ResourceDouble)
        });
    }
    for (name, text) in documents.data_sources.into_iter().filter(selected) {
        let (shared, type_name) = (Arc::clone(&shared), name.clone());
        provider = provider.lazy_data_source(name, move || {
            Kind::new("data_sources", &type_name, &text, &shared).map(DataSourceDouble)
        });
    }
    let ephemeral_resources = documents.ephemeral_resources.into_iter();
    for (name, text) in ephemeral_resources.filter(selected) {
        let (shared, type_name) = (Arc::clone(&shared), name.clone());
        provider = provider.lazy_ephemeral_resource(name, move || {
            Kind::new("ephemeral_resources", &type_name, &text, &shared).map(EphemeralDouble)
        });
    }
    for (name, function) in documents.functions {
        provider = provider.function(FunctionDouble::new(&name, function, &shared.rules));
    }
    Ok(provider)
}

/// Returns the configuration unchanged. Templates in rule files can refer to it.
async fn configure(request: Configure<Value>) -> Result<Value, Diagnostics> {
    Ok(request.config)
}

impl Kind {
    fn new(
        kind: &str,
        name: &str,
        text: &TypeText,
        shared: &Arc<Shared>,
    ) -> Result<Self, Diagnostics> {
        let summary = || format!("Double of {name} cannot be created");
        let mut schema = text.schema().map_err(|error| failed(summary(), &error))?;
        let rules = shared.rules.of(kind, name);
        let mut rules: TypeRules = rules
            .map_err(|error| failed(summary(), &error))?
            .unwrap_or_default();
        if kind == "resources" {
            rules.complete(&schema, &shared.provider_rules);
        }
        if let Some(names) = &shared.names {
            definition::remove_unused_blocks(&mut schema.block, names, &rules);
        }
        let definition = definition::of(name, schema, &rules);
        Ok(Self {
            definition: definition.map_err(|error| failed(summary(), &error))?,
            rules,
            shared: Arc::clone(shared),
        })
    }

    /// Calls the function with the scope of this type.
    ///
    /// # Errors
    /// Returns an error if the provider is not configured, or if the function fails.
    fn scoped<T, E: Error>(
        &self,
        use_scope: impl FnOnce(&Scope<'_>) -> Result<T, E>,
    ) -> Result<T, Diagnostics> {
        let provider = self.shared.configuration.get()?;
        let type_name = &self.definition.type_name;
        let scope = Scope {
            type_name,
            block: &self.definition.schema.block,
            rules: &self.rules,
            variables: &self.shared.provider_rules.variables,
            provider: &provider,
        };
        use_scope(&scope).map_err(|error| failed(format!("Rules for {type_name} failed"), &error))
    }
}

/// Returns a diagnostic with an error and its sources.
fn failed(summary: String, error: &dyn Error) -> Diagnostics {
    let mut detail = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let text = source.to_string();
        // Some errors contain their source.
        if !detail.contains(&text) {
            detail = format!("{detail}: {text}");
        }
        cause = source.source();
    }
    Diagnostic::error(summary, format!("{detail}.")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the provider with a schema document and the selected names.
    fn served(
        resources: &str,
        names: Option<&[&str]>,
        rules: Option<&str>,
    ) -> tfschema::ProviderSchema {
        let directory = tempfile::tempdir().unwrap();
        let schema = directory.path().join("schema.json");
        let text = format!(r#"{{"provider_schemas": {{"x/aws": {resources}}}}}"#);
        std::fs::write(&schema, text).unwrap();
        let folder = directory.path().join("rules");
        std::fs::create_dir_all(folder.join("resources")).unwrap();
        if let Some(rules) = rules {
            std::fs::write(folder.join("resources/aws_a.json"), rules).unwrap();
        }
        let provider = provider(Installation {
            name: "aws".into(),
            address: "x/aws".into(),
            version: "1.0.0".into(),
            schema,
            rules: Some(folder),
            objects: directory.path().join("objects"),
            names: names.map(|names| names.iter().map(|&name| name.to_owned()).collect()),
        });
        provider.map(|provider| provider.schema()).unwrap()
    }

    #[test]
    fn only_the_selected_types_are_served() {
        let ty = r#"{"version": 0, "block": {"attributes": {"id": {"type": "string", "computed": true}}}}"#;
        let document = format!(
            r#"{{
                "resource_schemas": {{"aws_a": {ty}, "aws_b": {ty}}},
                "data_source_schemas": {{"aws_a": {ty}, "aws_c": {ty}}},
                "ephemeral_resource_schemas": {{"aws_b": {ty}}}
            }}"#
        );
        let served = |names| {
            let schema = served(&document, names, None);
            [
                schema.resources,
                schema.data_sources,
                schema.ephemeral_resources,
            ]
            .map(|types| types.into_keys().collect::<Vec<_>>().join(" "))
        };
        assert_eq!(served(None), ["aws_a aws_b", "aws_a aws_c", "aws_b"]);
        assert_eq!(served(Some(&["aws_a", "aws_x"])), ["aws_a", "aws_a", ""]);
        assert_eq!(served(Some(&[])), ["", "", ""]);
    }

    #[test]
    fn only_selected_required_and_ruled_blocks_are_served() {
        let leaf = |name: &str, minimum: u8| {
            format!(
                r#""{name}": {{"nesting_mode": "list", "min_items": {minimum}, "block": {{"attributes": {{
                    "x": {{"type": "string", "optional": true}}
                }}}}}}"#
            )
        };
        let leaves = ["used", "unused", "ruled"]
            .map(|name| leaf(name, 0))
            .join(", ");
        let required = leaf("required", 1);
        let document = format!(
            r#"{{"resource_schemas": {{"aws_a": {{"version": 0, "block": {{"block_types": {{
                "outer": {{"nesting_mode": "set", "block": {{"block_types": {{{leaves}, {required}}}}}}}
            }}}}}}}}}}"#
        );
        let rules = r#"{"attributes": {"outer.ruled.x": {"replace": true}}}"#;
        let served = |names| {
            let schema = served(&document, names, Some(rules));
            let outer = &schema.resources["aws_a"].block.blocks["outer"].block;
            outer.blocks.keys().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(served(None), "required ruled unused used");
        let selected = ["aws_a", "outer", "used"];
        assert_eq!(served(Some(&selected)), "required ruled used");
    }
}
