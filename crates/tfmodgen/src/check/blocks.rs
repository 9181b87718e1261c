//! Checks arguments and nested blocks against the schema of their block.

use tfschema::{Attribute, AttributeKind, BlockNesting, NestedBlock as NestedSchema, Type};

use super::infer::{Place, binding, convertible};
use super::near::nearest;
use super::shape::{Shape, accepted, describe, extra};
use super::{Checker, join};
use crate::block::{Block, Kind, Lifecycle, Repetition};
use crate::body::{Argument, Body, NestedBlock};
use crate::finding::Problem;
use crate::node::Node;

/// Allowed content of a body.
#[derive(Clone, Copy)]
enum Content<'a> {
    /// The content that a schema defines.
    Block(&'a tfschema::Block),
    /// The attributes of an object, for an attribute that is written as blocks.
    Object(&'a tfschema::ObjectType),
    /// Any content, because the schema is not known.
    Unknown,
}

impl<'a> Checker<'a> {
    pub(super) fn block(&mut self, block: &Block) {
        self.name(&block.name);
        let schema = self.schema(block);
        let content = schema.map_or(Content::Unknown, Content::Block);
        let this = schema.map_or(Shape::Unknown, Shape::Block);
        let mut place = Place {
            each: self.repetition(&block.repetition),
            ..Place::default()
        };
        self.body(&block.body, content, &place, "", block.kind);
        self.dependencies(&block.depends_on);
        place.this = Some(this);
        self.lifecycle(&block.lifecycle, schema, &place);
        if let Some((name, alias)) = &block.provider {
            let known = self
                .module
                .providers
                .iter()
                .any(|provider| provider.name == *name && provider.aliases.contains(alias));
            if !known {
                let target = format!("{name}.{alias}");
                self.report(
                    "provider",
                    Problem::UnknownReference {
                        target,
                        suggestion: None,
                    },
                );
            }
        }
    }

    /// Returns the schema of a block. If the schema is not available, reports the reason.
    pub(super) fn schema(&mut self, block: &Block) -> Option<&'a tfschema::Block> {
        let ty = block.ty.clone();
        let Some(source) = self.module.provider_source(block) else {
            self.report("", Problem::UnknownProvider { ty });
            return None;
        };
        let Some(provider) = self.schemas.of(source) else {
            let source_address = source.to_owned();
            self.report("", Problem::UnknownSchema { source_address });
            return None;
        };
        let types = match block.kind {
            Kind::Resource => &provider.resources,
            Kind::Data => &provider.data_sources,
            Kind::Ephemeral => &provider.ephemeral_resources,
        };
        match types.get(&ty) {
            Some(schema) => Some(&schema.block),
            None => {
                let suggestion = nearest(&ty, types.keys().map(String::as_str));
                let kind = block.kind.keyword();
                self.report(
                    "",
                    Problem::UnknownType {
                        kind,
                        ty,
                        suggestion,
                    },
                );
                None
            }
        }
    }

    /// Returns the key and value of `each` in a block with `for_each`.
    pub(super) fn repetition(&mut self, repetition: &Repetition) -> Option<(Shape<'a>, Shape<'a>)> {
        let place = Place::default();
        match repetition {
            Repetition::Once => None,
            Repetition::When(condition) => {
                let value = self.value("count", condition, &place);
                let mut problems = Vec::new();
                convertible(&value.shape, &Type::Bool, &mut |problem| {
                    problems.push(problem)
                });
                self.report_all("count", problems);
                None
            }
            Repetition::ForEach(over) => {
                let value = self.value("for_each", over, &place);
                let keyed = match &value.shape {
                    Shape::Set(element) => matches!(element.ty(), Type::String | Type::Dynamic),
                    Shape::Value(Type::Set(element)) => {
                        matches!(**element, Type::String | Type::Dynamic)
                    }
                    Shape::Value(ty) => {
                        matches!(ty, Type::Map(_) | Type::Object(_) | Type::Dynamic)
                    }
                    Shape::Unknown | Shape::Map(_) => true,
                    Shape::List(_) | Shape::Block(_) | Shape::Outputs(_) => false,
                };
                if !keyed {
                    let found = value.shape.describe();
                    self.report("for_each", Problem::ForEach { found });
                }
                Some(
                    value
                        .shape
                        .members()
                        .unwrap_or((Shape::Unknown, Shape::Unknown)),
                )
            }
        }
    }

    fn body(
        &mut self,
        body: &Body,
        content: Content<'a>,
        place: &Place<'a>,
        prefix: &str,
        kind: Kind,
    ) {
        for argument in body.arguments() {
            self.argument(argument, content, place, prefix, kind);
        }
        for required in content.required() {
            let null =
                |argument: &Argument| argument.name == required && argument.value == Node::Null;
            let set = body.arguments().any(|argument| argument.name == required);
            if !set || body.arguments().any(null) {
                let name = required.to_owned();
                self.report(prefix, Problem::MissingArgument { name });
            }
        }
        for block in body.blocks() {
            self.nested(block, content, place, prefix, kind);
        }
        if let Content::Block(schema) = content {
            for (name, nested) in &schema.blocks {
                self.count(name, nested, body, prefix);
            }
        }
    }

    fn argument(
        &mut self,
        argument: &Argument,
        content: Content<'a>,
        place: &Place<'a>,
        prefix: &str,
        kind: Kind,
    ) {
        let path = join(prefix, &argument.name);
        let value = self.value(&path, &argument.value, place);
        let name = argument.name.clone();
        let expected = match content {
            Content::Unknown => {
                self.name(&name);
                return;
            }
            Content::Object(object) => object.attributes.get(&name).cloned(),
            Content::Block(schema) => match schema.attributes.get(&name) {
                Some(attribute) if is_for_provider(&name, attribute) => {
                    self.report(&path, Problem::ComputedArgument { name });
                    return;
                }
                Some(attribute) => {
                    if let (Some(target), false, false) = (
                        &value.ephemeral,
                        attribute.write_only,
                        kind == Kind::Ephemeral,
                    ) {
                        let target = target.clone();
                        self.report(&path, Problem::StoredEphemeral { target });
                    }
                    Some(accepted(attribute))
                }
                None => None,
            },
        };
        match expected {
            Some(expected) => {
                let mut problems = Vec::new();
                convertible(&value.shape, &expected, &mut |problem| {
                    problems.push(problem)
                });
                problems.extend(literal(&argument.value, &expected));
                for (name, known) in extra(&value.shape.ty(), &expected) {
                    let suggestion = nearest(&name, known.iter().map(String::as_str));
                    problems.push(Problem::UnknownArgument { name, suggestion });
                }
                self.report_all(&path, problems);
            }
            None => {
                let suggestion = nearest(&name, content.names());
                self.report(&path, Problem::UnknownArgument { name, suggestion });
            }
        }
    }

    fn nested(
        &mut self,
        block: &NestedBlock,
        content: Content<'a>,
        place: &Place<'a>,
        prefix: &str,
        kind: Kind,
    ) {
        let path = join(prefix, &block.name);
        let inner = match content {
            Content::Unknown => Some(Content::Unknown),
            Content::Object(_) => None,
            Content::Block(schema) => match schema.blocks.get(&block.name) {
                Some(nested) => Some(Content::Block(&nested.block)),
                None => schema.attributes.get(&block.name).and_then(as_blocks),
            },
        };
        let Some(inner) = inner else {
            let name = block.name.clone();
            let suggestion = nearest(&name, content.names());
            self.report(&path, Problem::UnknownBlock { name, suggestion });
            return;
        };
        let mut own = place.clone();
        if let Some(repetition) = &block.repetition {
            let over = self.value(&path, &repetition.collection, place);
            let mut problems = Vec::new();
            binding(&block.name, place, &mut |problem| problems.push(problem));
            let (key, value) = over.shape.members().unwrap_or_else(|| {
                problems.push(Problem::WrongType {
                    expected: "a collection".to_owned(),
                    found: over.shape.describe(),
                });
                (Shape::Unknown, Shape::Unknown)
            });
            self.report_all(&path, problems);
            own.iterators.push((block.name.clone(), key, value));
        }
        self.body(&block.body, inner, &own, &path, kind);
    }

    /// Checks the number of nested blocks. The number of blocks that a dynamic block generates is not known before
    /// planning.
    fn count(&mut self, name: &str, nested: &NestedSchema, body: &Body, prefix: &str) {
        let all = || body.blocks().filter(|block| block.name == name);
        let found = all().filter(|block| block.repetition.is_none()).count() as u64;
        let dynamic = all().any(|block| block.repetition.is_some());
        let most = match nested.nesting {
            BlockNesting::Single | BlockNesting::Group => 1,
            BlockNesting::List | BlockNesting::Set | BlockNesting::Map => nested.max_items,
        };
        let too_few = found < nested.min_items && !dynamic;
        if too_few || (most > 0 && found > most) {
            let problem = Problem::BlockCount {
                name: name.to_owned(),
                found,
                least: nested.min_items,
                most,
            };
            self.report(&join(prefix, name), problem);
        }
    }

    fn lifecycle(
        &mut self,
        lifecycle: &Lifecycle,
        schema: Option<&'a tfschema::Block>,
        place: &Place<'a>,
    ) {
        for path in &lifecycle.ignore_changes {
            let (Some(name), Some(schema)) = (path.first(), schema) else {
                continue;
            };
            let content = Content::Block(schema);
            if !content.names().any(|known| known == name) {
                let suggestion = nearest(name, content.names());
                let name = name.clone();
                let problem = Problem::UnknownArgument { name, suggestion };
                self.report("lifecycle.ignore_changes", problem);
            }
        }
        for value in &lifecycle.replace_triggered_by {
            self.value("lifecycle.replace_triggered_by", value, place);
        }
        let without_self = Place {
            this: None,
            ..place.clone()
        };
        self.rules(
            "lifecycle.precondition",
            &lifecycle.preconditions,
            &without_self,
        );
        self.rules("lifecycle.postcondition", &lifecycle.postconditions, place);
    }

    /// Checks that the targets of `depends_on` are declared.
    pub(super) fn dependencies(&mut self, on: &[Node]) {
        for node in on {
            self.value("depends_on", node, &Place::default());
        }
    }
}

impl<'a> Content<'a> {
    fn required(self) -> Vec<&'a str> {
        match self {
            Self::Block(block) => {
                let attributes = block.attributes.iter();
                let required = attributes.filter(|(_, attribute)| attribute.required);
                required.map(|(name, _)| name.as_str()).collect()
            }
            Self::Object(_) | Self::Unknown => Vec::new(),
        }
    }

    fn names(self) -> impl Iterator<Item = &'a str> {
        let (attributes, blocks, object) = match self {
            Self::Block(block) => (Some(&block.attributes), Some(&block.blocks), None),
            Self::Object(object) => (None, None, Some(&object.attributes)),
            Self::Unknown => (None, None, None),
        };
        let attributes = attributes.into_iter().flatten().map(|(name, _)| name);
        let blocks = blocks.into_iter().flatten().map(|(name, _)| name);
        let object = object.into_iter().flatten().map(|(name, _)| name);
        attributes.chain(blocks).chain(object).map(String::as_str)
    }
}

/// Returns the content of an attribute that can be written as blocks, such as a list or set of objects.
fn as_blocks(attribute: &Attribute) -> Option<Content<'_>> {
    match &attribute.kind {
        AttributeKind::Type(Type::List(element) | Type::Set(element)) => match element.as_ref() {
            Type::Object(object) if attribute.optional => Some(Content::Object(object)),
            _ => None,
        },
        _ => None,
    }
}

/// Returns whether only the provider can set an attribute. Schemas of older providers declare `id` as optional.
fn is_for_provider(name: &str, attribute: &Attribute) -> bool {
    !attribute.required && (!attribute.optional || (name == "id" && attribute.computed))
}

/// Reports a literal string that cannot be converted to the expected number or bool.
fn literal(node: &Node, expected: &Type) -> Option<Problem> {
    let Node::Text(text) = node else {
        return None;
    };
    let fits = match expected {
        Type::Number => text.parse::<tfschema::Number>().is_ok(),
        Type::Bool => matches!(text.as_str(), "true" | "false" | "1" | "0"),
        _ => true,
    };
    (!fits).then(|| Problem::WrongType {
        expected: describe(expected),
        found: format!("the string {text:?}"),
    })
}
