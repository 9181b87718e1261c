//! Levels of a schema. A level provides uniform access to the attributes and nested blocks of an object, and to the objects
//! in a value.
//!
//! The planner, the checks, and the completion of states use this module to traverse a schema and values in parallel.

use std::collections::BTreeMap;

use tfschema::{
    Attribute, AttributeKind, AttributePath, Block, BlockNesting, Dynamic, NestedBlock,
    NestedObject, ObjectNesting, Step, Value,
};

/// Null value, for functions that return a reference.
pub(crate) static NULL: Value = Value::Null;
static NO_BLOCKS: BTreeMap<String, NestedBlock> = BTreeMap::new();

/// Attributes and nested blocks of an object.
#[derive(Clone, Copy)]
pub(crate) struct Level<'a> {
    attributes: &'a BTreeMap<String, Attribute>,
    blocks: &'a BTreeMap<String, NestedBlock>,
}

/// Attribute or nested block.
#[derive(Clone, Copy)]
pub(crate) enum Member<'a> {
    Attribute(&'a Attribute),
    Block(&'a NestedBlock),
}

impl<'a> From<&'a Block> for Level<'a> {
    fn from(block: &'a Block) -> Self {
        Self {
            attributes: &block.attributes,
            blocks: &block.blocks,
        }
    }
}

impl<'a> From<&'a NestedObject> for Level<'a> {
    fn from(nested: &'a NestedObject) -> Self {
        Self {
            attributes: &nested.attributes,
            blocks: &NO_BLOCKS,
        }
    }
}

impl<'a> Level<'a> {
    /// Returns all attributes and then all nested blocks, each ordered by name.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'a str, Member<'a>)> {
        let attributes = self.attributes.iter();
        let blocks = self.blocks.iter();
        attributes
            .map(|(name, attribute)| (name.as_str(), Member::Attribute(attribute)))
            .chain(blocks.map(|(name, block)| (name.as_str(), Member::Block(block))))
    }
}

impl<'a> Member<'a> {
    /// Returns the nesting mode and level of the nested objects, or `None` for an attribute with a plain type.
    pub(crate) fn within(self) -> Option<(ObjectNesting, Level<'a>)> {
        match self {
            Self::Attribute(attribute) => match &attribute.kind {
                AttributeKind::Type(_) => None,
                AttributeKind::Nested(nested) => Some((nested.nesting, nested.into())),
            },
            Self::Block(nested) => {
                let nesting = match nested.nesting {
                    BlockNesting::Single | BlockNesting::Group => ObjectNesting::Single,
                    BlockNesting::List => ObjectNesting::List,
                    BlockNesting::Set => ObjectNesting::Set,
                    BlockNesting::Map => ObjectNesting::Map,
                };
                Some((nesting, (&nested.block).into()))
            }
        }
    }
}

/// Returns an attribute of an object. Returns null if the object or the attribute is absent.
pub(crate) fn field<'v>(value: &'v Value, name: &str) -> &'v Value {
    value
        .as_object()
        .and_then(|attributes| attributes.get(name))
        .unwrap_or(&NULL)
}

/// Returns the object at a step within a nested value. Returns null if the object does not exist.
pub(crate) fn element<'v>(value: &'v Value, step: Option<&Step>) -> &'v Value {
    let found = match (value.inner(), step) {
        (value, None) => Some(value),
        (Value::List(elements) | Value::Tuple(elements), Some(Step::Index(index))) => {
            usize::try_from(*index)
                .ok()
                .and_then(|index| elements.get(index))
        }
        (Value::Map(elements) | Value::Object(elements), Some(Step::Key(key))) => elements.get(key),
        _ => None,
    };
    found.unwrap_or(&NULL)
}

/// Returns the objects in a nested value, with their steps. Single objects and elements of sets have no step.
pub(crate) fn objects(nesting: ObjectNesting, value: &Value) -> Vec<(Option<Step>, &Value)> {
    match (nesting, value.inner()) {
        (ObjectNesting::Single, object @ Value::Object(_)) => vec![(None, object)],
        (ObjectNesting::List, Value::List(elements) | Value::Tuple(elements)) => (0..)
            .zip(elements)
            .map(|(index, object)| (Some(Step::Index(index)), object))
            .collect(),
        (ObjectNesting::Map, Value::Map(elements) | Value::Object(elements)) => elements
            .iter()
            .map(|(key, object)| (Some(Step::Key(key.clone())), object))
            .collect(),
        (ObjectNesting::Set, Value::Set(elements)) => {
            elements.iter().map(|object| (None, object)).collect()
        }
        _ => Vec::new(),
    }
}

/// Applies a function to every object in a nested value. Null and unknown values do not change.
pub(crate) fn map_objects(
    nesting: ObjectNesting,
    value: Value,
    change: &mut dyn FnMut(Option<&Step>, Value) -> Value,
) -> Value {
    match (nesting, value) {
        (ObjectNesting::List, Value::List(mut elements)) => {
            change_elements(&mut elements, change);
            Value::List(elements)
        }
        (ObjectNesting::List, Value::Tuple(mut elements)) => {
            change_elements(&mut elements, change);
            Value::Tuple(elements)
        }
        (ObjectNesting::Map, Value::Map(mut elements)) => {
            change_values(&mut elements, change);
            Value::Map(elements)
        }
        (ObjectNesting::Map, Value::Object(mut elements)) => {
            change_values(&mut elements, change);
            Value::Object(elements)
        }
        (ObjectNesting::Set, Value::Set(elements)) => {
            let elements = elements.into_iter();
            Value::Set(elements.map(|object| change(None, object)).collect())
        }
        (ObjectNesting::Single, object @ Value::Object(_)) => change(None, object),
        (_, Value::Dynamic(inner)) => {
            let Dynamic { ty, value } = *inner;
            let value = map_objects(nesting, value, change);
            Value::Dynamic(Box::new(Dynamic { ty, value }))
        }
        (_, other) => other,
    }
}

/// Changes elements in place.
fn change_elements(elements: &mut [Value], change: &mut dyn FnMut(Option<&Step>, Value) -> Value) {
    for (index, slot) in (0..).zip(elements) {
        *slot = change(Some(&Step::Index(index)), std::mem::take(slot));
    }
}

/// Changes the values of a map in place.
fn change_values(
    elements: &mut BTreeMap<String, Value>,
    change: &mut dyn FnMut(Option<&Step>, Value) -> Value,
) {
    for (key, slot) in elements {
        *slot = change(Some(&Step::Key(key.clone())), std::mem::take(slot));
    }
}

/// Appends an optional step to a path.
pub(crate) fn extend(path: &AttributePath, step: Option<Step>) -> AttributePath {
    match step {
        Some(step) => path.then(step),
        None => path.clone(),
    }
}
