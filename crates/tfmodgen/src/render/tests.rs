//! Tests that any expression, whether printed on one line or several, is parsed as the same expression.

use hcl_edit::expr::Expression;
use proptest::prelude::*;

use super::compare::same;
use super::lower::{flat, laid_out};
use crate::node::{Binary, Call, For, Key, Node, Part, Reference, Target, Unary};

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "${", "%{", "$", "%", "{", "}", "\"", "\\", "\n", "\r", "\t", "\u{0}", "~", "a", " ",
        "e\u{301}", "${a}", "for", "\u{2028}", "<<EOT",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat()),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b-c", "_d", "value", "in1"]).prop_map(str::to_owned)
}

fn leaf() -> impl Strategy<Value = Node> {
    let reference = |target| {
        Node::Reference(Reference {
            module: String::new(),
            target,
        })
    };
    prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Bool),
        any::<i64>().prop_map(|number| Node::Number(number.into())),
        text().prop_map(Node::Text),
        name().prop_map(Node::Binding),
        name().prop_map(move |name| reference(Target::Variable(name))),
        name().prop_map(move |name| reference(Target::Data("aws_region".into(), name))),
    ]
}

/// Returns the rendered type of a variable.
fn rendered(ty: crate::Constraint<crate::Object>) -> String {
    let mut module = crate::Module::new("sample", "A sample.");
    module.variable("rule", ty).describe("A rule.");
    let files = super::render(&module, &crate::Schemas::new()).expect("rendering succeeds");
    let text = &files["variables.tf"];
    let (_, ty) = text.split_once("type = ").expect("the variable has a type");
    let (ty, _) = ty
        .split_once("\n  nullable")
        .expect("`nullable` follows the type");
    ty.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn keywords_are_unquoted_attribute_names_in_type_constraints() {
    use crate::constraints::{object, string};
    let keywords = ["if", "in", "true", "false", "null", "for"];
    let ty = keywords
        .iter()
        .fold(object().required("name", string()), |ty, keyword| {
            ty.required(keyword, string())
        });
    assert_eq!(
        rendered(ty),
        "object({ name = string if = string in = string true = string false = string null = string for = string })"
    );
}

#[test]
fn an_attribute_named_for_never_comes_first() {
    use crate::constraints::{object, string};
    let inner = object().required("for", string()).optional("to", string());
    let ty = object().optional("for", string()).required("inner", inner);
    assert_eq!(
        rendered(ty),
        "object({ inner = object({ to = optional(string) for = string }) for = optional(string) })"
    );
}

#[test]
fn quoted_attribute_names_differ_from_unquoted_names() {
    let constraint = |names: &[&str]| {
        let members = names.iter();
        let members = members.map(|name| {
            (
                Key::Attribute((*name).to_owned()),
                Node::Binding("a".into()),
            )
        });
        Node::Object(members.collect())
    };
    assert!(same(&constraint(&["if"]), &read("{ if = a }")));
    assert!(!same(&constraint(&["if"]), &read(r#"{ "if" = a }"#)));
    assert!(same(&constraint(&["true"]), &read("{ true = a }")));
    assert!(!same(&constraint(&["true"]), &read("{ false = a }")));
    assert!(same(
        &constraint(&["a", "for"]),
        &read("{ a = a, for = a }")
    ));
    let first: Result<Expression, _> = "{ for = a, a = a }".parse();
    assert!(
        first.is_err(),
        "an object that begins with `for` is a `for` expression"
    );
}

fn key(node: BoxedStrategy<Node>) -> impl Strategy<Value = Key> {
    prop_oneof![
        text().prop_map(Key::Name),
        // A constant string key is a `Key::Name`.
        node.prop_filter("computed", |node| !matches!(node, Node::Text(_)))
            .prop_map(Key::Value),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    leaf().prop_recursive(5, 40, 4, |inner| {
        let inner = inner.boxed();
        let one = || inner.clone().prop_map(Box::new);
        let several = || prop::collection::vec(inner.clone(), 0..4);
        let part = prop_oneof![
            text().prop_map(Part::Text),
            inner.clone().prop_map(Part::Value)
        ];
        let operator = prop::sample::select(vec![
            Binary::Or,
            Binary::And,
            Binary::Equal,
            Binary::NotEqual,
            Binary::Less,
            Binary::GreaterOrEqual,
            Binary::Add,
            Binary::Subtract,
            Binary::Multiply,
            Binary::Divide,
            Binary::Modulo,
        ]);
        let functions = prop::sample::select(vec!["concat", "try", "jsonencode"]);
        let sign = prop::sample::select(vec![Unary::Negate, Unary::Not]);
        prop_oneof![
            prop::collection::vec(part, 1..4).prop_map(Node::template),
            several().prop_map(Node::Tuple),
            prop::collection::vec((key(inner.clone()), inner.clone()), 0..3).prop_map(Node::Object),
            (one(), name()).prop_map(|(base, name)| Node::Attribute(base, name)),
            (one(), one()).prop_map(|(base, key)| Node::Index(base, key)),
            (one(), prop::collection::vec(name(), 0..3))
                .prop_map(|(b, names)| Node::Splat(b, names)),
            (functions, several(), any::<bool>()).prop_map(|(function, arguments, expand)| {
                Node::Call(Call {
                    function,
                    expand: expand && !arguments.is_empty(),
                    arguments,
                })
            }),
            (sign, one()).prop_map(|(sign, operand)| Node::Unary(sign, operand)),
            (operator, one(), one()).prop_map(|(op, l, r)| Node::Binary(op, l, r)),
            [inner.clone(), inner.clone(), inner.clone()]
                .prop_map(|parts| Node::Conditional(Box::new(parts))),
            (
                (prop::option::of(name()), name(), inner.clone()),
                (
                    prop::option::of(inner.clone()),
                    inner.clone(),
                    any::<bool>()
                ),
                prop::option::of(inner.clone()),
            )
                .prop_map(
                    |((key, value, collection), (result_key, result, grouping), condition)| {
                        Node::For(Box::new(For {
                            key,
                            value,
                            collection,
                            grouping: grouping && result_key.is_some(),
                            result_key,
                            result,
                            condition,
                        }))
                    }
                ),
        ]
    })
}

/// Returns whether object keys are unique. The checker reports duplicate keys, and the library drops them.
fn keys_differ(node: &Node) -> bool {
    let mut differ = true;
    node.walk(&mut |node| {
        if let Node::Object(members) = node {
            for (position, (key, _)) in members.iter().enumerate() {
                differ &= members[..position].iter().all(|(before, _)| before != key);
            }
        }
    });
    differ
}

fn read(source: &str) -> Expression {
    let formatted =
        crate::format::format(&format!("a = {source}\n")).expect("the source can be formatted");
    let body: hcl_edit::structure::Body = formatted
        .parse()
        .expect("the formatted source can be parsed");
    body.get_attribute("a")
        .expect("the attribute exists")
        .value
        .clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_printed_expression_is_parsed_as_the_same_expression(node in node().prop_filter("keys", keys_differ)) {
        let one_line = flat(&node).to_string();
        prop_assert!(same(&node, &read(&one_line)), "{one_line}");
        let many_lines = laid_out(&node, 0, 4).to_string();
        prop_assert!(same(&node, &read(&many_lines)), "{many_lines}");
        let narrow = laid_out(&node, 0, 99).to_string();
        prop_assert!(same(&node, &read(&narrow)), "{narrow}");
    }
}
