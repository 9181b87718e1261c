//! Definitions for the framework, from a schema and the rules for its type.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::rules::AttributeRules;
use tfplugin::{Definition, Diagnostic, Diagnostics, ObjectRules, validate};
use tfschema::json::value_from_json;
use tfschema::{Attribute, AttributeKind, AttributePath, Block, Schema, Type, Value};

use crate::rules::{AttributeRule, RulesError, TypeRules};

/// Returns the definition of a type.
///
/// An attribute with a default is also computed, because only computed attributes can have a value that is not configured.
///
/// # Errors
/// Returns an error if a rule does not match the schema.
pub(crate) fn of(
    type_name: &str,
    mut schema: Schema,
    rules: &TypeRules,
) -> Result<Definition, RulesError> {
    let mut reader = Reader {
        type_name,
        rules,
        used: BTreeSet::new(),
    };
    let object = reader.block(&mut schema.block, "")?;
    reader.check_names(&schema.block)?;
    Ok(Definition::new(type_name, schema).rules(object))
}

/// Removes the optional nested blocks whose name is neither in `names` nor in a rule.
///
/// A block that no file mentions cannot affect a value. But a CLI computes the types of all nested blocks repeatedly, and in
/// a schema with nested statements, such as `aws_wafv2_web_acl`, this requires more processor time than anything else.
pub(crate) fn remove_unused_blocks(block: &mut Block, names: &BTreeSet<String>, rules: &TypeRules) {
    block
        .blocks
        .retain(|name, nested| nested.min_items > 0 || names.contains(name) || rules.mention(name));
    for nested in block.blocks.values_mut() {
        remove_unused_blocks(&mut nested.block, names, rules);
    }
}

struct Reader<'a> {
    type_name: &'a str,
    rules: &'a TypeRules,
    /// Paths of rules that have an attribute.
    used: BTreeSet<String>,
}

impl Reader<'_> {
    fn block(&mut self, block: &mut Block, within: &str) -> Result<ObjectRules, RulesError> {
        let mut object = self.attributes(&mut block.attributes, within)?;
        for (name, nested) in &mut block.blocks {
            let inner = self.block(&mut nested.block, &join(within, name))?;
            object.insert(name, AttributeRules::new().nested(inner));
        }
        Ok(object)
    }

    fn attributes(
        &mut self,
        attributes: &mut BTreeMap<String, Attribute>,
        within: &str,
    ) -> Result<ObjectRules, RulesError> {
        let mut object = ObjectRules::new();
        for (name, attribute) in attributes {
            let path = join(within, name);
            let mut rules = match self.rules.attributes.get(&path) {
                None => plain(attribute, &AttributeRule::default()),
                Some(rule) => {
                    self.used.insert(path.clone());
                    self.ruled(attribute, rule, &path)?
                }
            };
            if let AttributeKind::Nested(nested) = &mut attribute.kind {
                rules = rules.nested(self.attributes(&mut nested.attributes, &path)?);
            }
            object.insert(name, rules);
        }
        Ok(object)
    }

    fn ruled(
        &self,
        attribute: &mut Attribute,
        rule: &AttributeRule,
        path: &str,
    ) -> Result<AttributeRules, RulesError> {
        let mut rules = plain(attribute, rule);
        if let Some(default) = &rule.default {
            let value = value_from_json(default, &attribute.implied_type()).map_err(|source| {
                RulesError::Default {
                    type_name: self.type_name.to_owned(),
                    attribute: path.to_owned(),
                    source: Box::new(source),
                }
            })?;
            attribute.computed = true;
            rules = rules.with_default(value);
        }
        if rule.replace {
            rules = rules.requires_replace();
        }
        if !rule.one_of.is_empty() {
            let allowed = rule.one_of.clone();
            let requirement = format!("be one of: {}", allowed.join(", "));
            let accepts = move |text: &str| allowed.iter().any(|each| each == text);
            rules = rules.validate(validate::text(requirement, accepts));
        }
        Ok(rules)
    }

    /// Checks that every rule names an attribute or block of the schema.
    fn check_names(&self, block: &Block) -> Result<(), RulesError> {
        let rules = self.rules;
        let groups = [
            &rules.conflicts,
            &rules.at_least_one_of,
            &rules.required_together,
        ];
        let grouped = groups.into_iter().flatten().flatten().filter(|name| {
            !block.attributes.contains_key(*name) && !block.blocks.contains_key(*name)
        });
        let ruled = rules.attributes.keys();
        let unused = ruled.filter(|path| !self.used.contains(*path));
        match grouped.chain(unused).next() {
            None => Ok(()),
            Some(attribute) => Err(RulesError::Attribute {
                type_name: self.type_name.to_owned(),
                attribute: attribute.clone(),
            }),
        }
    }
}

/// Returns the rules that follow from the schema alone.
///
/// A computed value is kept during an update. The Go SDK does the same, in which most providers are written.
fn plain(attribute: &Attribute, rule: &AttributeRule) -> AttributeRules {
    let mut rules = AttributeRules::new();
    rules.keep = attribute.computed && !rule.at_plan && !rule.unknown_on_update;
    // A schema does not state whether elements can be null.
    rules.null_elements = vec![true; depth(&attribute.implied_type())];
    rules
}

fn depth(ty: &Type) -> usize {
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => 1 + depth(element),
        _ => 0,
    }
}

fn join(within: &str, name: &str) -> String {
    match within {
        "" => name.to_owned(),
        within => format!("{within}.{name}"),
    }
}

/// Checks a configuration against the groups in the rules.
pub(crate) fn check(rules: &TypeRules, config: &Value) -> Diagnostics {
    let conflicts = rules
        .conflicts
        .iter()
        .filter_map(|group| conflict(group, config));
    let missing = rules
        .at_least_one_of
        .iter()
        .filter_map(|group| missing(group, config));
    let apart = rules
        .required_together
        .iter()
        .filter_map(|group| apart(group, config));
    conflicts.chain(missing).chain(apart).collect()
}

/// Returns whether an attribute or block is set. An unknown value can become null, so it is neither set nor unset.
fn is_set(config: &Value, name: &str) -> bool {
    let value = config.attribute(name);
    !value.is_unknown() && !is_unset(config, name)
}

fn is_unset(config: &Value, name: &str) -> bool {
    match config.attribute(name) {
        Value::Null => true,
        Value::List(elements) => elements.is_empty(),
        Value::Set(elements) => elements.iter().next().is_none(),
        Value::Map(elements) => elements.is_empty(),
        _ => false,
    }
}

fn conflict(group: &[String], config: &Value) -> Option<Diagnostic> {
    let mut set = group.iter().filter(|name| is_set(config, name));
    let (first, second) = (set.next()?, set.next()?);
    let detail = format!("`{first}` and `{second}` cannot be set together. Remove one of them.");
    Some(
        Diagnostic::error("Conflicting arguments", detail)
            .at(AttributePath::root().attribute(second)),
    )
}

fn missing(group: &[String], config: &Value) -> Option<Diagnostic> {
    let all = group.iter().all(|name| is_unset(config, name));
    let detail = format!("One of `{}` must be set.", group.join("`, `"));
    all.then(|| Diagnostic::error("Missing argument", detail))
}

fn apart(group: &[String], config: &Value) -> Option<Diagnostic> {
    let set = group.iter().find(|name| is_set(config, name))?;
    let unset = group.iter().find(|name| is_unset(config, name))?;
    let detail = format!("`{set}` requires `{unset}`. Set both of them or none.");
    Some(Diagnostic::error("Missing argument", detail).at(AttributePath::root().attribute(set)))
}
