//! Upgrades stored state to the current schema. Hosts request an upgrade in every run, even if the version is equal.

use serde_json::Value as Json;
use tfschema::json::{value_from_json, value_to_json};
use tfschema::{ObjectNesting, Value};

use super::request::Upgrade;
use super::resource_type::ResourceType;
use crate::call::Runner;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::level::Level;
use crate::rules::ObjectRules;

impl ResourceType {
    /// Reads stored state. Returns the state and the warnings. If the version is equal, a missing attribute receives its
    /// default or null, and attributes that the schema does not contain are dropped. Otherwise, the resource upgrades the
    /// state.
    ///
    /// # Errors
    /// Returns an error if the state does not conform to the schema, or if the resource cannot upgrade it.
    pub(crate) fn upgrade(
        &self,
        runner: &Runner,
        request: Upgrade,
    ) -> Result<(Value, Diagnostics), Diagnostics> {
        let warnings = request.warnings.clone();
        warnings.attach(self.upgraded(runner, request))
    }

    fn upgraded(&self, runner: &Runner, mut request: Upgrade) -> Result<Value, Diagnostics> {
        let definition = self.definition();
        let block = &definition.schema.block;
        let state = if request.version == definition.schema.version {
            fill(Level::from(block), &definition.rules, &mut request.state);
            value_from_json(&request.state, &self.described.value_type()).map_err(|error| {
                let summary = format!("Stored state of {} cannot be read", definition.type_name);
                let detail = format!(
                    "{error}\n\nThe state might have been edited manually. Restore an earlier version of the state."
                );
                Diagnostics::from(Diagnostic::error(summary, detail))
            })?
        } else {
            self.erased().upgrade(request)?
        };
        self.described.checked(runner, "The upgraded state", state)
    }
}

/// Adds defaults for attributes that did not exist when the object was stored. An attribute that is stored as null remains
/// null.
fn fill(level: Level<'_>, rules: &ObjectRules, stored: &mut Json) {
    let Json::Object(attributes) = stored else {
        return;
    };
    for (name, member) in level.members() {
        let rules = rules.of(name);
        let default = rules.default.as_ref();
        // A default that cannot be converted to JSON is unknown, and state must not contain unknown values.
        if let Some(default) = default.and_then(|default| value_to_json(default).ok()) {
            attributes.entry(name).or_insert(default);
        }
        let (Some((nesting, level)), Some(value)) = (member.within(), attributes.get_mut(name))
        else {
            continue;
        };
        match (nesting, value) {
            (ObjectNesting::Single, object) => fill(level, &rules.nested, object),
            (_, Json::Array(objects)) => {
                objects
                    .iter_mut()
                    .for_each(|object| fill(level, &rules.nested, object));
            }
            (ObjectNesting::Map, Json::Object(objects)) => {
                objects
                    .values_mut()
                    .for_each(|object| fill(level, &rules.nested, object));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tfschema::{Attribute, Block, BlockNesting, NestedBlock, Type};

    use super::*;
    use crate::rules::AttributeRules;

    #[test]
    fn defaults_are_added_for_missing_attributes_at_any_depth() {
        let inner = Block::new().attribute("size", Attribute::of(Type::Number).optional());
        let mut inside = ObjectRules::new();
        let default = |value: Value| AttributeRules {
            default: Some(value),
            ..AttributeRules::default()
        };
        inside.insert("size", default(3.into()));
        let mut rules = ObjectRules::new();
        rules.insert("mode", default("slow".into()));
        let mut block = Block::new().attribute("mode", Attribute::of(Type::String).optional());
        for (name, nesting) in [
            ("single", BlockNesting::Single),
            ("list", BlockNesting::List),
            ("set", BlockNesting::Set),
            ("map", BlockNesting::Map),
        ] {
            block = block.nested(name, NestedBlock::new(nesting, inner.clone()));
            let nested = AttributeRules {
                nested: inside.clone(),
                ..AttributeRules::default()
            };
            rules.insert(name, nested);
        }
        let filled = |mut stored: Json| {
            fill(Level::from(&block), &rules, &mut stored);
            stored
        };
        assert_eq!(
            filled(json!({
                "single": {}, "list": [{}, { "size": 1 }], "set": [{ "size": null }], "map": { "k": {} }
            })),
            json!({
                "mode": "slow",
                "single": { "size": 3 }, "list": [{ "size": 3 }, { "size": 1 }], "set": [{ "size": null }],
                "map": { "k": { "size": 3 } }
            })
        );
        let kept = json!({ "mode": null, "single": null, "list": [], "set": [], "map": {} });
        assert_eq!(filled(kept.clone()), kept);
    }
}
