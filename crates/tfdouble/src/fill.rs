//! Replaces the unknown values of an object with values from rules, and generates the other values.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tfschema::json::{value_from_json, value_to_json};
use tfschema::{
    Attribute, AttributeKind, Block, NestedBlock, NestedObject, ObjectNesting, Type, Value,
};

use crate::generated::{Seed, Wanted};
use crate::rules::{AttributeRule, TypeRules};
use crate::template::{Names, TemplateError, expand};

/// Region in generated values if the rules do not define the variable `region`.
const REGION: &str = "us-east-1";
/// Account ID in generated values if the rules do not define the variable `account`. AWS uses it in its documentation.
const ACCOUNT: &str = "123456789012";

/// Object to complete, and everything to which its templates can refer.
pub(crate) struct Scope<'a> {
    /// Type of the object.
    pub(crate) type_name: &'a str,
    /// Schema of the object.
    pub(crate) block: &'a Block,
    /// Rules for the type.
    pub(crate) rules: &'a TypeRules,
    /// Variables of the provider.
    pub(crate) variables: &'a BTreeMap<String, Json>,
    /// Configuration of the provider.
    pub(crate) provider: &'a Value,
}

impl Scope<'_> {
    /// Returns the values that the rules determine at plan time, by attribute. An unknown value is omitted.
    ///
    /// # Errors
    /// Returns an error if a template cannot be expanded.
    pub(crate) fn at_plan(&self, plan: &Value) -> Result<BTreeMap<String, Value>, TemplateError> {
        let mut values = BTreeMap::new();
        for (name, rule) in &self.rules.attributes {
            let (true, Some(template), Some(attribute)) =
                (rule.at_plan, &rule.value, self.block.attributes.get(name))
            else {
                continue;
            };
            let object = plan.as_object().cloned().unwrap_or_default();
            let mut filler = Filler::new(self, object, None);
            if let Some(json) = expand(template, &mut filler)?.filter(|json| !json.is_null()) {
                let value = typed(name, &json, &attribute.implied_type())?;
                values.insert(name.clone(), value);
            }
        }
        Ok(values)
    }

    /// Returns the object without unknown values.
    ///
    /// # Errors
    /// Returns an error if a template cannot be expanded.
    pub(crate) fn filled(&self, object: Value, seed: &Seed) -> Result<Value, TemplateError> {
        let object = object.as_object().cloned().unwrap_or_default();
        let names: Vec<String> = object.keys().cloned().collect();
        let mut filler = Filler::new(self, object, Some(seed));
        for name in names {
            filler.member(&name)?;
        }
        Ok(Value::Object(filler.object))
    }

    /// Returns a configuration in which the computed attributes that are not set are unknown.
    pub(crate) fn unset_as_unknown(&self, config: Value) -> Value {
        unset_as_unknown(&self.block.attributes, &self.block.blocks, config)
    }

    /// Expands a template with the values of an object that is completely known.
    ///
    /// # Errors
    /// Returns an error if the template cannot be expanded.
    pub(crate) fn expanded(&self, template: &str, object: &Value) -> Result<Json, TemplateError> {
        let object = object.as_object().cloned().unwrap_or_default();
        let mut filler = Filler::new(self, object, None);
        let json = expand(&Json::String(template.to_owned()), &mut filler)?;
        Ok(json.unwrap_or_default())
    }
}

fn unset_as_unknown(
    attributes: &BTreeMap<String, Attribute>,
    blocks: &BTreeMap<String, NestedBlock>,
    config: Value,
) -> Value {
    let Value::Object(mut object) = config else {
        return config;
    };
    for (name, attribute) in attributes {
        let Some(slot) = object.get_mut(name) else {
            continue;
        };
        if attribute.computed && slot.is_null() {
            *slot = Value::unknown();
        } else if let AttributeKind::Nested(nested) = &attribute.kind {
            let value = std::mem::take(slot);
            *slot = each_object(value, &mut |object, _| {
                Ok(unset_as_unknown(
                    &nested.attributes,
                    &BTreeMap::new(),
                    object,
                ))
            })
            .unwrap_or_default();
        }
    }
    for (name, nested) in blocks {
        if let Some(slot) = object.get_mut(name) {
            let (block, value) = (&nested.block, std::mem::take(slot));
            *slot = each_object(value, &mut |object, _| {
                Ok(unset_as_unknown(&block.attributes, &block.blocks, object))
            })
            .unwrap_or_default();
        }
    }
    Value::Object(object)
}

/// Changes each object in a nested attribute or block. The function receives the position of the object.
fn each_object(
    value: Value,
    change: &mut dyn FnMut(Value, &str) -> Result<Value, TemplateError>,
) -> Result<Value, TemplateError> {
    let mut numbered = |elements: Vec<Value>| {
        let elements = elements.into_iter().enumerate();
        elements
            .map(|(index, element)| change(element, &index.to_string()))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match value {
        Value::List(elements) => Value::List(numbered(elements)?),
        Value::Tuple(elements) => Value::Tuple(numbered(elements)?),
        Value::Set(elements) => Value::set(numbered(elements.into_iter().collect())?),
        Value::Map(elements) => {
            let elements = elements.into_iter().map(|(key, element)| {
                let element = change(element, &key)?;
                Ok((key, element))
            });
            Value::Map(elements.collect::<Result<_, TemplateError>>()?)
        }
        object @ Value::Object(_) => change(object, "")?,
        other => other,
    })
}

fn typed(attribute: &str, json: &Json, ty: &Type) -> Result<Value, TemplateError> {
    value_from_json(json, ty).map_err(|source| TemplateError::Type {
        attribute: attribute.to_owned(),
        source,
    })
}

struct Filler<'a> {
    scope: &'a Scope<'a>,
    object: BTreeMap<String, Value>,
    /// Seed of the object. Without a seed, unknown values remain unknown.
    seed: Option<&'a Seed>,
    /// Attributes whose value is being determined.
    open: Vec<String>,
}

impl<'a> Filler<'a> {
    fn new(scope: &'a Scope<'a>, object: BTreeMap<String, Value>, seed: Option<&'a Seed>) -> Self {
        Self {
            scope,
            object,
            seed,
            open: Vec::new(),
        }
    }

    /// Determines the value of an attribute or block of the object, and returns it.
    fn member(&mut self, name: &str) -> Result<Value, TemplateError> {
        let current = self.object.get(name).cloned().unwrap_or_default();
        let Some(seed) = self.seed.filter(|_| !current.is_wholly_known()) else {
            return Ok(current);
        };
        if self.open.iter().any(|open| open == name) {
            return Err(TemplateError::Cycle {
                names: self.open.clone(),
            });
        }
        self.open.push(name.to_owned());
        let (block, seed) = (self.scope.block, seed.part(name));
        let value = match (block.attributes.get(name), block.blocks.get(name)) {
            (Some(attribute), _) => self.attribute(attribute, name, current, &seed)?,
            (None, Some(nested)) => self.nested(&nested.block, name, current, &seed)?,
            (None, None) => Value::Null,
        };
        self.open.pop();
        self.object.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    fn attribute(
        &mut self,
        attribute: &Attribute,
        path: &str,
        current: Value,
        seed: &Seed,
    ) -> Result<Value, TemplateError> {
        let ty = attribute.implied_type();
        let rule: Option<&AttributeRule> = self.scope.rules.attributes.get(path);
        if let (true, Some(template)) = (
            current.is_unknown(),
            rule.and_then(|rule| rule.value.as_ref()),
        ) {
            let json = expand(template, self)?.unwrap_or_default();
            if !json.is_null() || !matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_)) {
                return typed(path, &json, &ty);
            }
        }
        match &attribute.kind {
            AttributeKind::Type(ty) => self.settled(current, ty, path, seed),
            AttributeKind::Nested(nested) => self.nested_attribute(nested, path, current, seed),
        }
    }

    fn nested_attribute(
        &mut self,
        nested: &NestedObject,
        path: &str,
        current: Value,
        seed: &Seed,
    ) -> Result<Value, TemplateError> {
        let current = match (current.is_unknown(), nested.nesting) {
            (true, ObjectNesting::Single) => {
                let names = nested.attributes.keys();
                Value::object(names.map(|name| (name.clone(), Value::unknown())))
            }
            (true, _) => return self.settled(current, &nested.implied_type(), path, seed),
            (false, _) => current,
        };
        let block = Block {
            attributes: nested.attributes.clone(),
            ..Block::default()
        };
        self.nested(&block, path, current, seed)
    }

    fn nested(
        &mut self,
        block: &Block,
        path: &str,
        current: Value,
        seed: &Seed,
    ) -> Result<Value, TemplateError> {
        each_object(current, &mut |object, position| {
            let Value::Object(mut members) = object else {
                return Ok(object);
            };
            let seed = seed.part(position);
            for (name, slot) in &mut members {
                if slot.is_wholly_known() {
                    continue;
                }
                let (value, seed) = (std::mem::take(slot), seed.part(name));
                let path = format!("{path}.{name}");
                *slot = match (block.attributes.get(name), block.blocks.get(name)) {
                    (Some(attribute), _) => self.attribute(attribute, &path, value, &seed)?,
                    (None, Some(nested)) => self.nested(&nested.block, &path, value, &seed)?,
                    (None, None) => Value::Null,
                };
            }
            Ok(Value::Object(members))
        })
    }

    /// Generates the unknown parts of a value.
    fn settled(
        &mut self,
        value: Value,
        ty: &Type,
        path: &str,
        seed: &Seed,
    ) -> Result<Value, TemplateError> {
        if value.is_wholly_known() {
            return Ok(value);
        }
        let inner = |filler: &mut Self, value, ty: &Type, step: &str| {
            filler.settled(value, ty, &format!("{path}.{step}"), &seed.part(step))
        };
        match (value, ty) {
            (Value::List(elements), Type::List(ty)) => {
                let elements = elements.into_iter().enumerate();
                let elements = elements.map(|(i, value)| inner(self, value, ty, &i.to_string()));
                Ok(Value::List(elements.collect::<Result<_, _>>()?))
            }
            (Value::Set(elements), Type::Set(ty)) => {
                let elements = elements.into_iter().enumerate();
                let elements = elements.map(|(i, value)| inner(self, value, ty, &i.to_string()));
                Ok(Value::set(elements.collect::<Result<Vec<_>, _>>()?))
            }
            (Value::Map(elements), Type::Map(ty)) => {
                let elements = elements.into_iter().map(|(key, value)| {
                    let value = inner(self, value, ty, &key)?;
                    Ok((key, value))
                });
                Ok(Value::Map(elements.collect::<Result<_, TemplateError>>()?))
            }
            (Value::Object(members), Type::Object(object)) => {
                let members = members.into_iter().map(|(name, value)| {
                    let ty = object.attributes.get(&name).unwrap_or(&Type::Dynamic);
                    let value = inner(self, value, ty, &name)?;
                    Ok((name, value))
                });
                Ok(Value::Object(
                    members.collect::<Result<_, TemplateError>>()?,
                ))
            }
            (_, ty) => self.generated(ty, path, seed),
        }
    }

    fn generated(&mut self, ty: &Type, path: &str, seed: &Seed) -> Result<Value, TemplateError> {
        let name = path.rsplit('.').next().unwrap_or(path);
        let has_id = path != "id" && self.scope.block.attributes.contains_key("id");
        let id = match has_id && name.ends_with("arn") && !self.open.iter().any(|open| open == "id")
        {
            true => self.member("id")?,
            false => Value::Null,
        };
        let region = self.variable("region")?;
        let account = self.variable("account")?;
        let wanted = Wanted {
            type_name: self.scope.type_name,
            name,
            seed,
            id: id.as_str(),
            region: region.as_deref().unwrap_or(REGION),
            account: account.as_deref().unwrap_or(ACCOUNT),
        };
        Ok(wanted.value(ty))
    }

    /// Returns the text of a variable, if it is defined.
    fn variable(&mut self, name: &str) -> Result<Option<String>, TemplateError> {
        let Some(template) = self.scope.variables.get(name) else {
            return Ok(None);
        };
        let json = expand(template, self)?;
        Ok(json.and_then(|json| json.as_str().map(str::to_owned)))
    }
}

impl Names for Filler<'_> {
    fn named(&mut self, name: &str) -> Result<Option<Json>, TemplateError> {
        let unknown_name = || TemplateError::Name {
            name: name.to_owned(),
        };
        if let Some(count) = name.strip_prefix("hex:") {
            let count = count.parse().map_err(|_| unknown_name())?;
            return Ok(self.seed.map(|seed| seed.hex(count).into()));
        }
        if let Some(count) = name.strip_prefix("digits:") {
            let count = count.parse().map_err(|_| unknown_name())?;
            return Ok(self.seed.map(|seed| seed.digits(count).into()));
        }
        if let Some(variable) = name.strip_prefix("var.") {
            let template = self
                .scope
                .variables
                .get(variable)
                .ok_or_else(unknown_name)?;
            return expand(template, self);
        }
        if let Some(path) = name.strip_prefix("provider.") {
            return json(name, &at(self.scope.provider, path));
        }
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        let block = self.scope.block;
        if !block.attributes.contains_key(first) && !block.blocks.contains_key(first) {
            return Err(unknown_name());
        }
        let value = self.member(first)?;
        json(name, &at(&value, rest))
    }
}

/// Returns a part of a value. The steps of the path are names, keys, and indexes. A missing part is null.
fn at(value: &Value, path: &str) -> Value {
    let steps = path.split('.').filter(|step| !step.is_empty());
    steps.fold(value.clone(), |value, step| match value.inner() {
        unknown @ Value::Unknown(_) => unknown.clone(),
        Value::Object(members) | Value::Map(members) => {
            members.get(step).cloned().unwrap_or_default()
        }
        Value::List(elements) | Value::Tuple(elements) => {
            let index: Option<usize> = step.parse().ok();
            index
                .and_then(|index| elements.get(index))
                .cloned()
                .unwrap_or_default()
        }
        Value::Set(elements) => {
            let index: Option<usize> = step.parse().ok();
            index
                .and_then(|index| elements.iter().nth(index))
                .cloned()
                .unwrap_or_default()
        }
        _ => Value::Null,
    })
}

fn json(name: &str, value: &Value) -> Result<Option<Json>, TemplateError> {
    if !value.is_wholly_known() {
        return Ok(None);
    }
    let json = value_to_json(value).map_err(|source| TemplateError::Json {
        name: name.to_owned(),
        source,
    })?;
    Ok(Some(json))
}
