//! Arranges the content of module files. The order in a block is: `count` or `for_each`, the arguments that the module
//! orders first, required arguments, optional arguments, long arguments, the arguments that the module orders last,
//! nested blocks, `lifecycle`, and `depends_on`.

use std::collections::BTreeMap;

use tfschema::Schema;

use super::piece::Piece;
use crate::block::{Block, Lifecycle, Repetition, Rule};
use crate::body::{Body, Item, NestedBlock};
use crate::constraint::{Presence, Shape};
use crate::module::{
    ArgumentOrder, CallDeclaration, Check, Declaration, Module, Output, ProviderRequirement,
    VariableDeclaration,
};
use crate::node::{Key, Node};
use crate::schemas::Schemas;

/// Returns the files of a module by name, as pieces.
pub(super) fn files(module: &Module, schemas: &Schemas) -> BTreeMap<String, Vec<Piece>> {
    let mut files = BTreeMap::from([
        ("main.tf".to_owned(), Vec::new()),
        ("variables.tf".to_owned(), variables(module)),
        ("outputs.tf".to_owned(), outputs(module)),
        ("versions.tf".to_owned(), vec![versions(module)]),
    ]);
    let mut locals_of: Option<String> = None;
    for placed in &module.declarations {
        let file = format!("{}.tf", placed.file);
        let pieces: &mut Vec<Piece> = files.entry(file.clone()).or_default();
        let follows = locals_of.take() == Some(file.clone());
        let piece = match &placed.declaration {
            Declaration::Block(block) => {
                self::block(block, module.order, module.schema_of(block, schemas))
            }
            Declaration::Call(call) => self::call(call, module.order),
            Declaration::Check(check) => self::check(check),
            Declaration::Moved { from, to } => Piece::block(
                "moved",
                [],
                vec![
                    Piece::argument("from", from.node.clone()),
                    Piece::argument("to", to.node.clone()),
                ],
            ),
            Declaration::Removed { from } => {
                let kept = vec![truth("destroy", false)];
                let body = vec![
                    Piece::argument("from", from.node.clone()),
                    Piece::block("lifecycle", [], kept).apart(),
                ];
                Piece::block("removed", [], body)
            }
            Declaration::Local(local) => {
                let local = local.borrow();
                let argument = Piece::argument(&local.name, local.value.clone())
                    .commented(local.comment.as_deref());
                locals_of = Some(file);
                if follows && extend_block(pieces.last_mut(), &argument) {
                    continue;
                }
                Piece::block("locals", [], opened(vec![argument]))
            }
        };
        pieces.push(piece.apart());
    }
    files
        .into_iter()
        .map(|(name, pieces)| (name, opened(pieces)))
        .collect()
}

/// Adds a piece to a block. Returns false if the target is not a block.
fn extend_block(block: Option<&mut Piece>, piece: &Piece) -> bool {
    use super::piece::Form;
    match block.map(|block| &mut block.form) {
        Some(Form::Block { body, .. }) => {
            body.push(piece.clone());
            true
        }
        _ => false,
    }
}

/// Removes the blank line above the first piece.
fn opened(mut pieces: Vec<Piece>) -> Vec<Piece> {
    if let Some(first) = pieces.first_mut() {
        first.gap = false;
    }
    pieces
}

fn text(name: &str, text: &str) -> Piece {
    Piece::argument(name, Node::Text(text.to_owned()))
}

fn truth(name: &str, holds: bool) -> Piece {
    Piece::argument(name, Node::Bool(holds))
}

fn versions(module: &Module) -> Piece {
    let mut body = vec![text("required_version", &module.cli_version)];
    if !module.providers.is_empty() {
        let providers = module.providers.iter().map(provider).collect();
        body.push(Piece::block("required_providers", [], providers).apart());
    }
    Piece::block("terraform", [], body)
}

fn provider(provider: &ProviderRequirement) -> Piece {
    let mut members = vec![
        (
            Key::Name("source".into()),
            Node::Text(provider.source.clone()),
        ),
        (
            Key::Name("version".into()),
            Node::Text(provider.version.clone()),
        ),
    ];
    if !provider.aliases.is_empty() {
        let aliases = provider.aliases.iter();
        let aliases = aliases.map(|alias| configuration(&provider.name, alias));
        members.push((
            Key::Name("configuration_aliases".into()),
            Node::Tuple(aliases.collect()),
        ));
    }
    Piece::argument(&provider.name, Node::Object(members))
}

/// `name.alias`.
fn configuration(name: &str, alias: &str) -> Node {
    Node::Binding(name.to_owned()).attribute(alias)
}

fn variables(module: &Module) -> Vec<Piece> {
    let variables = module.variables.iter();
    let pieces = variables.map(|declaration| variable(&declaration.borrow()).apart());
    pieces.collect()
}

fn variable(variable: &VariableDeclaration) -> Piece {
    let mut body = Vec::new();
    body.extend(
        variable
            .description
            .as_deref()
            .map(|of| text("description", of)),
    );
    body.push(Piece::argument("type", constraint(&variable.shape)));
    body.extend(
        variable
            .default
            .clone()
            .map(|value| Piece::argument("default", value)),
    );
    body.extend(variable.sensitive.then(|| truth("sensitive", true)));
    body.extend(variable.ephemeral.then(|| truth("ephemeral", true)));
    body.extend((!variable.nullable).then(|| truth("nullable", false)));
    let validations = variable.validations.iter();
    body.extend(rules("validation", validations.map(|one| &one.rule)));
    Piece::block("variable", [variable.name.as_str()], body)
}

/// Returns a type constraint as a node. Type constraints have the syntax of expressions.
pub(crate) fn constraint(shape: &Shape) -> Node {
    let word = |word: &str| Node::Binding(word.to_owned());
    match shape {
        Shape::Any => word("any"),
        Shape::String => word("string"),
        Shape::Number => word("number"),
        Shape::Bool => word("bool"),
        Shape::List(element) => Node::call("list", [constraint(element)]),
        Shape::Set(element) => Node::call("set", [constraint(element)]),
        Shape::Map(element) => Node::call("map", [constraint(element)]),
        Shape::Object(fields) => {
            let members = fields.iter().map(|field| {
                let own = constraint(&field.shape);
                let constraint = match &field.presence {
                    Presence::Required => own,
                    Presence::Optional => Node::call("optional", [own]),
                    Presence::Default(value) => Node::call("optional", [own, value.clone()]),
                };
                (Key::Attribute(field.name.clone()), constraint)
            });
            let mut members: Vec<_> = members.collect();
            for_not_first(&mut members);
            Node::call("object", [Node::Object(members)])
        }
    }
}

/// Moves another attribute before an attribute named `for`, because an object that begins with `for` is parsed as a
/// `for` expression. Attribute order is not significant. The checker rejects a constraint that has no other attribute.
fn for_not_first(members: &mut [(Key, Node)]) {
    if let [(Key::Attribute(name), _), _, ..] = members
        && name == "for"
    {
        members.swap(0, 1);
    }
}

fn outputs(module: &Module) -> Vec<Piece> {
    module
        .outputs
        .iter()
        .map(|one| output(one).apart())
        .collect()
}

fn output(output: &Output) -> Piece {
    let mut body = Vec::new();
    body.extend(
        output
            .description
            .as_deref()
            .map(|of| text("description", of)),
    );
    body.push(Piece::argument("value", output.value.clone()));
    body.extend(output.sensitive.then(|| truth("sensitive", true)));
    body.extend(output.ephemeral.then(|| truth("ephemeral", true)));
    body.extend(rules("precondition", &output.preconditions));
    body.extend(dependencies(&output.depends_on));
    Piece::block("output", [output.name.as_str()], body)
}

pub(super) fn rules<'a>(name: &str, rules: impl IntoIterator<Item = &'a Rule>) -> Vec<Piece> {
    let rule = |rule: &Rule| {
        let body = vec![
            Piece::argument("condition", rule.condition.clone()),
            Piece::argument("error_message", rule.message.clone()),
        ];
        Piece::block(name, [], body).apart()
    };
    rules.into_iter().map(rule).collect()
}

fn dependencies(on: &[Node]) -> Option<Piece> {
    (!on.is_empty()).then(|| Piece::argument("depends_on", Node::Tuple(on.to_vec())).apart())
}

fn check(check: &Check) -> Piece {
    let assertions = opened(rules("assert", &check.assertions));
    Piece::block("check", [check.name.as_str()], assertions)
}

fn call(call: &CallDeclaration, order: ArgumentOrder) -> Piece {
    let mut body = vec![text("source", &call.source)];
    body.extend(repetition(&call.repetition));
    if !call.providers.is_empty() {
        let members = call.providers.iter().map(|(theirs, ours)| {
            let ours = match ours.split_once('.') {
                Some((name, alias)) => configuration(name, alias),
                None => Node::Binding(ours.clone()),
            };
            (Key::Attribute(theirs.clone()), ours)
        });
        let providers = Piece::argument("providers", Node::Object(members.collect()));
        body.push(providers.apart());
    }
    let mut inputs = self::body(
        &call.inputs,
        Order {
            names: order,
            schema: None,
        },
    );
    if let Some(first) = inputs.first_mut() {
        first.gap = true;
    }
    body.extend(inputs);
    body.extend(dependencies(&call.depends_on));
    Piece::block("module", [call.name.as_str()], body).commented(call.comment.as_deref())
}

fn block(block: &Block, names: ArgumentOrder, schema: Option<&Schema>) -> Piece {
    let mut meta: Vec<Piece> = repetition(&block.repetition).into_iter().collect();
    meta.extend(
        block
            .provider
            .as_ref()
            .map(|(name, alias)| Piece::argument("provider", configuration(name, alias))),
    );
    let schema = schema.map(|schema| &schema.block);
    let mut own = self::body(&block.body, Order { names, schema });
    if let (false, Some(first)) = (meta.is_empty(), own.first_mut()) {
        first.gap = true;
    }
    meta.extend(own);
    meta.extend(lifecycle(&block.lifecycle));
    meta.extend(dependencies(&block.depends_on));
    let labels = [block.ty.as_str(), block.name.as_str()];
    Piece::block(block.kind.keyword(), labels, opened(meta)).commented(block.comment.as_deref())
}

fn repetition(repetition: &Repetition) -> Option<Piece> {
    match repetition {
        Repetition::Once => None,
        Repetition::ForEach(over) => Some(Piece::argument("for_each", over.clone())),
        Repetition::When(condition) => {
            let number = |number: i64| Node::Number(number.into());
            let count = Node::Conditional(Box::new([condition.clone(), number(1), number(0)]));
            Some(Piece::argument("count", count))
        }
    }
}

fn lifecycle(lifecycle: &Lifecycle) -> Option<Piece> {
    if lifecycle.is_empty() {
        return None;
    }
    let mut body = Vec::new();
    body.extend(
        lifecycle
            .create_before_destroy
            .then(|| truth("create_before_destroy", true)),
    );
    body.extend(
        lifecycle
            .prevent_destroy
            .then(|| truth("prevent_destroy", true)),
    );
    if !lifecycle.ignore_changes.is_empty() {
        let paths = lifecycle.ignore_changes.iter().map(|path| {
            let mut names = path.iter();
            let first = Node::Binding(names.next().cloned().unwrap_or_default());
            names.fold(first, Node::attribute)
        });
        body.push(Piece::argument(
            "ignore_changes",
            Node::Tuple(paths.collect()),
        ));
    }
    if !lifecycle.replace_triggered_by.is_empty() {
        let values = Node::Tuple(lifecycle.replace_triggered_by.clone());
        body.push(Piece::argument("replace_triggered_by", values));
    }
    body.extend(rules("precondition", &lifecycle.preconditions));
    body.extend(rules("postcondition", &lifecycle.postconditions));
    let piece = Piece::block("lifecycle", [], opened(body));
    Some(piece.commented(lifecycle.comment.as_deref()).apart())
}

/// The order of arguments in a block: the names that the module orders, and the schema, which defines the required
/// arguments.
#[derive(Clone, Copy)]
struct Order<'a> {
    names: ArgumentOrder,
    schema: Option<&'a tfschema::Block>,
}

impl Order<'_> {
    fn rank(self, name: &str) -> u8 {
        let attribute = self.schema.and_then(|schema| schema.attributes.get(name));
        let required = attribute.is_some_and(|attribute| attribute.required);
        match name {
            name if self.names.first.contains(&name) => 0,
            "description" if !required => 1,
            name if self.names.last.contains(&name) => 5,
            name if self.names.long.contains(&name) => 4,
            _ if required => 2,
            _ => 3,
        }
    }

    /// Returns the order in a nested block.
    fn nested(self, name: &str) -> Self {
        let nested = self.schema.and_then(|schema| schema.blocks.get(name));
        Self {
            schema: nested.map(|nested| &nested.block),
            ..self
        }
    }
}

fn body(body: &Body, order: Order<'_>) -> Vec<Piece> {
    let mut arguments: Vec<_> = body.arguments().collect();
    arguments.sort_by_key(|argument| order.rank(&argument.name));
    let arguments = arguments.into_iter().map(|argument| {
        Piece::argument(&argument.name, argument.value.clone())
            .commented(argument.comment.as_deref())
    });
    let blocks = body.items.iter().filter_map(|item| match item {
        Item::Argument(_) => None,
        Item::Block(nested) => Some(self::nested(nested, order)),
    });
    let mut pieces: Vec<Piece> = arguments.chain(blocks).collect();
    // A blank line follows a commented argument, because the comment applies only to that argument. Blank lines also
    // surround multi-line arguments.
    let apart: Vec<bool> = pieces.iter().map(Piece::takes_lines).collect();
    for position in 1..pieces.len() {
        let commented = pieces[position - 1].comment.is_some();
        pieces[position].gap |= commented || apart[position] || apart[position - 1];
    }
    opened(pieces)
}

fn nested(nested: &NestedBlock, order: Order<'_>) -> Piece {
    let content = body(&nested.body, order.nested(&nested.name));
    let piece = match &nested.repetition {
        None => Piece::block(&nested.name, [], content),
        Some(repetition) => Piece::block(
            "dynamic",
            [nested.name.as_str()],
            vec![
                Piece::argument("for_each", repetition.collection.clone()),
                Piece::block("content", [], content).apart(),
            ],
        ),
    };
    piece.commented(nested.comment.as_deref()).apart()
}
