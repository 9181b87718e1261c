//! Walks an expression, resolves its references, and infers its value.

use std::collections::BTreeSet;

use tfschema::{Number, ObjectType, Type};
use unicode_normalization::UnicodeNormalization as _;

use super::function;
use super::near::nearest;
use super::scope::{Declared, Scope};
use super::shape::{Lookup, Shape, contains_sensitive, converts, describe};
use crate::finding::Problem;
use crate::function::arity;
use crate::identifier::{is_free_for_binding, is_identifier};
use crate::node::{Binary, Call, For, Key, Node, Reference, Target, Unary};
use crate::render::lower::flat;

/// Known properties of an expression's value.
#[derive(Clone)]
pub(super) struct Value<'a> {
    pub(super) shape: Shape<'a>,
    /// Address of a sensitive value that this value contains.
    pub(super) sensitive: Option<String>,
    /// Address of an ephemeral value that this value contains.
    pub(super) ephemeral: Option<String>,
}

/// Names that are available to an expression.
#[derive(Clone, Default)]
pub(super) struct Place<'a> {
    /// Names that `for` expressions bind.
    pub(super) bindings: Vec<(String, Value<'a>)>,
    /// Key and value of `each`.
    pub(super) each: Option<(Shape<'a>, Shape<'a>)>,
    /// Iterators of dynamic blocks: name, key, and value.
    pub(super) iterators: Vec<(String, Shape<'a>, Shape<'a>)>,
    /// Object that `self` refers to.
    pub(super) this: Option<Shape<'a>>,
    /// Locals that are being resolved.
    pub(super) locals: BTreeSet<String>,
}

/// Resolves the expressions in one module.
pub(super) struct Resolver<'a, 's> {
    pub(super) module: &'s str,
    pub(super) scope: &'s Scope<'a>,
}

type Report<'r> = dyn FnMut(Problem) + 'r;

impl<'a> Value<'a> {
    fn of(shape: Shape<'a>) -> Self {
        Self {
            shape,
            sensitive: None,
            ephemeral: None,
        }
    }

    fn ty(ty: Type) -> Self {
        Self::of(Shape::Value(ty))
    }

    /// Returns a value with the combined marks of its parts.
    fn from(shape: Shape<'a>, parts: &[&Self]) -> Self {
        Self {
            shape,
            sensitive: parts.iter().find_map(|part| part.sensitive.clone()),
            ephemeral: parts.iter().find_map(|part| part.ephemeral.clone()),
        }
    }
}

impl<'a> Resolver<'a, '_> {
    /// Infers the value of an expression, and passes its problems to `report`.
    pub(super) fn value(
        &self,
        node: &Node,
        place: &Place<'a>,
        report: &mut Report<'_>,
    ) -> Value<'a> {
        match node {
            Node::Null => Value::of(Shape::Unknown),
            Node::Bool(_) => Value::ty(Type::Bool),
            Node::Number(number) => {
                if !matches!(number, Number::Finite(_)) {
                    report(Problem::InfiniteNumber);
                }
                Value::ty(Type::Number)
            }
            Node::Text(_) => Value::ty(Type::String),
            Node::Template(parts) => {
                let values = parts.iter().filter_map(|part| part.value());
                let values = self.values(values, place, report);
                for value in &values {
                    convertible(&value.shape, &Type::String, report);
                }
                from(Shape::Value(Type::String), &values)
            }
            Node::Tuple(elements) => {
                let values = self.values(elements, place, report);
                let types = values.iter().map(|value| value.shape.ty());
                from(Shape::Value(Type::Tuple(types.collect())), &values)
            }
            Node::Object(members) => self.object(members, place, report),
            Node::Reference(reference) => self.reference(reference, place, report),
            Node::Binding(name) => match place.bound(name) {
                Some(value) => value.clone(),
                None => {
                    report(Problem::Unbound { name: name.clone() });
                    Value::of(Shape::Unknown)
                }
            },
            Node::Attribute(base, name) => {
                let base_value = self.value(base, place, report);
                self.named_attribute(base, &base_value, name, report)
            }
            Node::Index(base, key) => self.index(base, key, place, report),
            Node::Splat(base, names) => self.splat(base, names, place, report),
            Node::Call(call) => {
                check_argument_count(call, report);
                let values = self.values(&call.arguments, place, report);
                let shapes: Vec<Shape<'a>> =
                    values.iter().map(|value| value.shape.clone()).collect();
                let shape = match call.expand {
                    true => Shape::Unknown,
                    false => function::result(call.function, &shapes),
                };
                from(shape, &values)
            }
            Node::Unary(operator, operand) => {
                let value = self.value(operand, place, report);
                let ty = match operator {
                    Unary::Negate => Type::Number,
                    Unary::Not => Type::Bool,
                };
                convertible(&value.shape, &ty, report);
                Value::from(Shape::Value(ty), &[&value])
            }
            Node::Binary(operator, left, right) => {
                let values = self.values([left.as_ref(), right], place, report);
                binary(*operator, &values, report)
            }
            Node::Conditional(parts) => {
                let values = self.values(parts.iter(), place, report);
                convertible(&values[0].shape, &Type::Bool, report);
                let shapes = values[1..].iter().map(|value| value.shape.clone());
                from(function::agreed(shapes), &values)
            }
            Node::For(each) => self.for_each(each, place, report),
        }
    }

    fn values<'n>(
        &self,
        nodes: impl IntoIterator<Item = &'n Node>,
        place: &Place<'a>,
        report: &mut Report<'_>,
    ) -> Vec<Value<'a>> {
        let nodes = nodes.into_iter();
        nodes.map(|node| self.value(node, place, report)).collect()
    }

    fn object(
        &self,
        members: &[(Key, Node)],
        place: &Place<'a>,
        report: &mut Report<'_>,
    ) -> Value<'a> {
        let mut object = ObjectType::default();
        let mut all_named = true;
        let mut values = Vec::new();
        for (key, node) in members {
            let value = self.value(node, place, report);
            match key {
                Key::Name(name) | Key::Attribute(name) => {
                    let ty = value.shape.ty();
                    // The language normalizes strings to NFC, so keys that differ only in composition are equal.
                    let composed: String = name.nfc().collect();
                    if object.attributes.insert(composed, ty).is_some() {
                        report(Problem::DuplicateKey { key: name.clone() });
                    }
                }
                Key::Value(key) => {
                    values.push(self.value(key, place, report));
                    all_named = false;
                }
            }
            values.push(value);
        }
        let ty = match all_named {
            true => Type::Object(object),
            false => Type::Dynamic.map(),
        };
        from(Shape::Value(ty), &values)
    }

    /// Infers the value of a reference. It is unknown if the target is not declared.
    fn reference(
        &self,
        reference: &Reference,
        place: &Place<'a>,
        report: &mut Report<'_>,
    ) -> Value<'a> {
        let target = &reference.target;
        if !reference.module.is_empty() && reference.module != self.module {
            report(Problem::ForeignReference {
                target: target.address(),
                module: reference.module.clone(),
            });
            return Value::of(Shape::Unknown);
        }
        let local_to_place = match target {
            Target::Each(part) => Some(place.each.as_ref().map(|each| of_pair(each, part))),
            Target::Iterator(name, part) => {
                let found = place.iterators.iter().rev().find(|(own, ..)| own == name);
                Some(found.map(|(_, key, value)| of_pair(&(key.clone(), value.clone()), part)))
            }
            Target::This => Some(place.this.clone()),
            _ => None,
        };
        match (local_to_place, target) {
            (Some(Some(shape)), _) => Value::of(shape),
            (Some(None), target) => {
                let name = target.address();
                report(Problem::Unbound { name });
                Value::of(Shape::Unknown)
            }
            (None, Target::Local(name)) => self.local(name, place, report),
            (None, target) => match self.scope.find(target) {
                Some(declared) => marked(declared, target),
                None => self.unknown(target, report),
            },
        }
    }

    fn local(&self, name: &str, place: &Place<'a>, report: &mut Report<'_>) -> Value<'a> {
        let Some(node) = self.scope.local(name) else {
            return self.unknown(&Target::Local(name.to_owned()), report);
        };
        if place.locals.contains(name) {
            // `cycles` reports the cycle.
            return Value::of(Shape::Unknown);
        }
        let mut locals = place.locals.clone();
        locals.insert(name.to_owned());
        let own_place = Place {
            locals,
            ..Place::default()
        };
        // Problems of the local are reported at its declaration.
        self.value(node, &own_place, &mut |_| {})
    }

    fn unknown(&self, target: &Target, report: &mut Report<'_>) -> Value<'a> {
        let address = target.address();
        let known = self.scope.addresses();
        report(Problem::UnknownReference {
            suggestion: nearest(&address, known.iter().map(String::as_str)),
            target: address,
        });
        Value::of(Shape::Unknown)
    }

    /// Infers the value of an attribute whose name is written without quotes.
    fn named_attribute(
        &self,
        base: &Node,
        base_value: &Value<'a>,
        name: &str,
        report: &mut Report<'_>,
    ) -> Value<'a> {
        match is_identifier(name) {
            true => self.attribute(base, base_value, name, report),
            false => {
                let name = name.to_owned();
                report(Problem::InvalidName { name });
                Value::of(Shape::Unknown)
            }
        }
    }

    fn attribute(
        &self,
        base: &Node,
        base_value: &Value<'a>,
        name: &str,
        report: &mut Report<'_>,
    ) -> Value<'a> {
        let address = || format!("{}.{name}", flat(base));
        match base_value.shape.attribute(name) {
            Lookup::Found(found) => {
                if found.write_only {
                    report(Problem::WriteOnly { target: address() });
                }
                let mut value = Value::from(found.shape, &[base_value]);
                if found.sensitive {
                    value.sensitive.get_or_insert_with(address);
                }
                if found.ephemeral {
                    value.ephemeral.get_or_insert_with(address);
                }
                value
            }
            Lookup::Missing(known) => {
                report(Problem::UnknownAttribute {
                    of: format!("{}, {},", flat(base), base_value.shape.describe()),
                    name: name.to_owned(),
                    suggestion: nearest(name, known.iter().map(String::as_str)),
                });
                Value::of(Shape::Unknown)
            }
        }
    }

    fn index(
        &self,
        base: &Node,
        key: &Node,
        place: &Place<'a>,
        report: &mut Report<'_>,
    ) -> Value<'a> {
        let value = self.value(base, place, report);
        let key_value = self.value(key, place, report);
        if let (
            Shape::Block(_) | Shape::Outputs(_) | Shape::Value(Type::Object(_)),
            Node::Text(name),
        ) = (&value.shape, key)
        {
            // The language normalizes a key to NFC before the lookup.
            let composed: String = name.nfc().collect();
            return self.attribute(base, &value, &composed, report);
        }
        let element = match (&value.shape, key) {
            (Shape::Value(Type::Tuple(types)), Node::Number(position)) => {
                let position = position.as_i64().and_then(|at| usize::try_from(at).ok());
                position
                    .and_then(|at| types.get(at))
                    .cloned()
                    .map(Shape::Value)
            }
            (shape, _) => shape.element(),
        };
        match element {
            Some(shape) => Value::from(shape, &[&value, &key_value]),
            None => {
                report(Problem::NotIndexable {
                    of: flat(base).to_string(),
                    found: value.shape.describe(),
                });
                Value::of(Shape::Unknown)
            }
        }
    }

    fn splat(
        &self,
        base: &Node,
        names: &[String],
        place: &Place<'a>,
        report: &mut Report<'_>,
    ) -> Value<'a> {
        let value = self.value(base, place, report);
        let element = match &value.shape {
            // A splat converts a value that is not a list to a list of one element.
            Shape::Map(_) | Shape::Block(_) | Shape::Outputs(_) => value.shape.clone(),
            Shape::Value(Type::Object(_) | Type::Map(_)) => value.shape.clone(),
            shape => shape
                .members()
                .map_or(Shape::Unknown, |(_, element)| element),
        };
        let element = Value::from(element, &[&value]);
        let element = names.iter().fold(element, |element, name| {
            self.named_attribute(base, &element, name, report)
        });
        Value::from(Shape::List(Box::new(element.shape.clone())), &[&element])
    }

    fn for_each(&self, each: &For, place: &Place<'a>, report: &mut Report<'_>) -> Value<'a> {
        let collection = self.value(&each.collection, place, report);
        let (key, value) = collection.shape.members().unwrap_or_else(|| {
            report(Problem::WrongType {
                expected: "a collection".to_owned(),
                found: collection.shape.describe(),
            });
            (Shape::Unknown, Shape::Unknown)
        });
        let mut inner = place.clone();
        let bound = each
            .key
            .iter()
            .map(|name| (name, key.clone()))
            .chain([(&each.value, value)]);
        for (name, shape) in bound {
            binding(name, &inner, report);
            let value = Value::from(shape, &[&collection]);
            inner.bindings.push((name.clone(), value));
        }
        let result = self.value(&each.result, &inner, report);
        let keys = self.values(&each.result_key, &inner, report);
        if let Some(key) = keys.first() {
            convertible(&key.shape, &Type::String, report);
        }
        let conditions = self.values(&each.condition, &inner, report);
        if let Some(condition) = conditions.first() {
            convertible(&condition.shape, &Type::Bool, report);
        }
        let element = match each.grouping {
            true => Shape::List(Box::new(result.shape.clone())),
            false => result.shape.clone(),
        };
        let shape = match keys.is_empty() {
            true => Shape::List(Box::new(element)),
            false => Shape::Map(Box::new(element)),
        };
        let mut parts = vec![&collection, &result];
        parts.extend(keys.iter().chain(&conditions));
        Value::from(shape, &parts)
    }
}

impl<'a> Place<'a> {
    fn bound(&self, name: &str) -> Option<&Value<'a>> {
        let found = self.bindings.iter().rev().find(|(own, _)| own == name);
        found.map(|(_, value)| value)
    }
}

/// Checks whether a name can be bound here.
pub(super) fn binding(name: &str, place: &Place<'_>, report: &mut Report<'_>) {
    let name = name.to_owned();
    let hidden = place.bound(&name).is_some()
        || place
            .iterators
            .iter()
            .any(|(iterator, ..)| *iterator == name);
    if !is_identifier(&name) {
        report(Problem::InvalidName { name });
    } else if !is_free_for_binding(&name) {
        report(Problem::ReservedName { name });
    } else if hidden {
        report(Problem::Hidden { name });
    }
}

/// Reports a value that can never be converted to a type.
pub(super) fn convertible(found: &Shape<'_>, expected: &Type, report: &mut Report<'_>) {
    if !converts(&found.ty(), expected) {
        report(Problem::WrongType {
            expected: describe(expected),
            found: found.describe(),
        });
    }
}

/// Checks the number of arguments in a call.
fn check_argument_count(call: &Call, report: &mut dyn FnMut(Problem)) {
    let (takes, found) = (arity(call.function), call.arguments.len());
    // The number of expanded arguments is not known before planning.
    if !call.expand && !takes.contains(&found) {
        let most = (*takes.end() < usize::MAX).then_some(*takes.end());
        report(Problem::ArgumentCount {
            function: call.function,
            found,
            least: *takes.start(),
            most,
        });
    }
}

fn binary<'a>(operator: Binary, values: &[Value<'a>], report: &mut Report<'_>) -> Value<'a> {
    let (operand, result) = match operator {
        Binary::Or | Binary::And => (Some(Type::Bool), Type::Bool),
        Binary::Equal | Binary::NotEqual => (None, Type::Bool),
        Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
            (Some(Type::Number), Type::Bool)
        }
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Modulo => {
            (Some(Type::Number), Type::Number)
        }
    };
    if let Some(ty) = operand {
        for value in values {
            convertible(&value.shape, &ty, report);
        }
    }
    from(Shape::Value(result), values)
}

fn from<'a>(shape: Shape<'a>, values: &[Value<'a>]) -> Value<'a> {
    Value::from(shape, &values.iter().collect::<Vec<_>>())
}

fn of_pair<'a>((key, value): &(Shape<'a>, Shape<'a>), part: &str) -> Shape<'a> {
    match part {
        "key" => key.clone(),
        _ => value.clone(),
    }
}

fn marked<'a>(declared: Declared<'a>, target: &Target) -> Value<'a> {
    let address = || target.address();
    Value {
        shape: declared.shape,
        sensitive: declared.sensitive.then(address),
        ephemeral: declared.ephemeral.then(address),
    }
}

/// Returns the address of a sensitive value that would be exposed by an output that returns the whole value.
pub(super) fn sensitive_as_a_whole(value: &Value<'_>, node: &Node) -> Option<String> {
    let holds = matches!(&value.shape, Shape::Block(block) if contains_sensitive(block));
    value
        .sensitive
        .clone()
        .or_else(|| holds.then(|| flat(node).to_string()))
}
