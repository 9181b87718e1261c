//! Tests workarounds for bugs in `hcl-edit` 0.10.0. Each test first reproduces the bug in the library, then verifies
//! that the rendered text is correct. If the first part of a test fails, the workaround might no longer be necessary.

use hcl_edit::Ident;
use hcl_edit::expr::{BinaryOp, BinaryOperator, Expression, ForExpr, ForIntro};
use hcl_edit::structure::Body;
use hcl_edit::template::{Element, Interpolation, StringTemplate};
use tfmodgen::prelude::*;
use tfmodgen::{Schemas, render};

/// Returns the rendered value of an output.
fn rendered(value: impl Known<Type = impl Typed>) -> String {
    let mut m = Module::new("sample", "A sample.");
    m.output("it", value).describe("It.");
    let files = render(&m, &Schemas::new()).unwrap();
    let (_, after) = files["outputs.tf"].split_once("value").unwrap();
    let (value, _) = after.rsplit_once("\n}").unwrap();
    value.trim_start().trim_start_matches("= ").to_owned()
}

fn name(text: &str) -> Expression {
    Expression::from(Ident::new(text))
}

#[test]
fn b1_marker_after_another_marker_is_escaped() {
    let text = "a${b} 50%${1+1}";
    let library = Expression::from(text).to_string();
    assert_eq!(
        library, r#""a$${b} 50%${1+1}""#,
        "the second marker is not escaped"
    );
    assert_eq!(rendered(text), r#""a$${b} 50%$${1+1}""#);
    assert_eq!(rendered("${a}\n$${b}"), r#""$${a}\n$$${b}""#);
}

#[test]
fn b1_dollar_before_an_interpolation_does_not_escape_it() {
    let cost = template([
        "$".into(),
        path_module().into(),
        "%".into(),
        path_root().into(),
    ]);
    assert_eq!(rendered(cost), r#""\u0024${path.module}%${path.root}""#);
}

#[test]
fn b2_parentheses_preserve_the_order_of_operators() {
    let sum = BinaryOp::new(1, BinaryOperator::Plus, 2);
    let library = Expression::from(BinaryOp::new(sum, BinaryOperator::Mul, 3)).to_string();
    assert_eq!(library, "1 + 2 * 3", "parentheses are missing");
    let number = |number: i64| IntoExpr::<Num>::into_expr(number);
    assert_eq!(rendered((number(1) + 2) * 3), "(1 + 2) * 3");
    assert_eq!(rendered(number(1) - (number(2) - 3)), "1 - (2 - 3)");
    let (a, b): (Expr<Bool>, Expr<Bool>) = (true.into_expr(), false.into_expr());
    assert_eq!(rendered(!a.and(&b)), "!(true && false)");
    assert_eq!(rendered(a.and(b.or(&a))), "true && (false || true)");
    let object = |id: &str| object_value([entry("id", id)]);
    let chosen = conditional(&a, object("x"), object("y"));
    assert_eq!(
        rendered(chosen.attribute::<Str>("id")),
        r#"(true ? { id = "x" } : { id = "y" }).id"#
    );
    let nested = conditional(conditional(&a, &b, &a), "x", conditional(&b, "y", "z"));
    assert_eq!(
        rendered(nested),
        r#"(true ? false : true) ? "x" : (false ? "y" : "z")"#
    );
}

#[test]
fn b3_space_separates_the_for_variable_from_in() {
    let intro = ForIntro::new(Ident::new("v"), name("xs"));
    let library = Expression::from(ForExpr::new(intro, name("v"))).to_string();
    assert_eq!(library, "[for vin xs : v]", "a space is missing");
    let list: Expr<List<Str>> = ["a"].into_expr();
    assert_eq!(rendered(list.map("v", |v| v)), r#"[for v in ["a"] : v]"#);
    assert_eq!(
        rendered(list.iterate("i", "v").into_map(|i, v| (v, i))),
        r#"{ for i, v in ["a"] : v => i }"#
    );
}

#[test]
fn b4_text_after_a_nested_template_is_escaped() {
    let inner = StringTemplate::from(vec![
        Element::from("a\"b"),
        Element::from(Interpolation::new(name("x"))),
    ]);
    let outer = StringTemplate::from(vec![
        Element::from(Interpolation::new(inner)),
        Element::from("y\"\n"),
    ]);
    let library = Expression::from(outer).to_string();
    assert!(
        library.ends_with("y\"\n\""),
        "quote and line break are not escaped: {library}"
    );
    let inner = template(["a\"b".into(), path_root().into()]);
    let chosen = conditional(true, &inner, "");
    let outer = template(["x\"\n".into(), chosen.into(), "y\"\n".into()]);
    assert_eq!(
        rendered(outer),
        r#""x\"\n${true ? "a\"b${path.root}" : ""}y\"\n""#
    );
    let outer = template(["x\"\n".into(), inner.into(), "y\"\n".into()]);
    assert_eq!(rendered(outer), r#""x\"\na\"b${path.root}y\"\n""#);
}

#[test]
fn b5_multiline_strings_are_not_heredocs() {
    assert_eq!(
        rendered("    four\n  two\n\tone\n"),
        r#""    four\n  two\n\tone\n""#
    );
}

#[test]
fn b6_strings_that_look_like_templates_are_escaped_in_values_and_keys() {
    let value = object_value([entry("${var.x}", "${var.x}"), entry("a b", "%{ if true }")]);
    assert_eq!(
        rendered(value),
        "{\n    \"$${var.x}\" = \"$${var.x}\"\n    \"a b\"       = \"%%{ if true }\"\n  }"
    );
}

#[test]
fn b7_quotes_next_to_an_interpolation_are_escaped() {
    let quoted = template(["`\"Cordon\"` ".into(), path_module().into(), "\\".into()]);
    assert_eq!(rendered(quoted), r#""`\"Cordon\"` ${path.module}\\""#);
}

#[test]
fn b8_multiline_strings_are_valid_in_lists_calls_and_conditionals() {
    let library: Result<Expression, _> = "[<<EOT\na\nEOT, 1]".parse();
    assert!(
        library.is_ok(),
        "the library parses text that Terraform and OpenTofu reject"
    );
    let lines = "a\nb\n";
    assert_eq!(
        rendered(jsonencode([lines, "1"])),
        r#"jsonencode(["a\nb\n", "1"])"#
    );
    assert_eq!(
        rendered(conditional(true, lines, "")),
        r#"true ? "a\nb\n" : """#
    );
}

#[test]
fn b9_comments_are_above_arguments() {
    let source = "a = (\n  b && # why\n  c\n)\n";
    let library: Body = source.parse().unwrap();
    assert!(!library.to_string().contains("why"), "the comment is lost");
    let mut m = Module::new("sample", "A sample.");
    let long: Expr<Bool> = matches("^[a-z]{1,40}$", "something that is long enough");
    m.local("both", long.and(&long).and(&long))
        .comment("Both are required.");
    let files = render(&m, &Schemas::new()).unwrap();
    assert!(files["main.tf"].starts_with("locals {\n  # Both are required.\n  both = (\n"));
}

#[test]
fn other_computed_keys_have_parentheses() {
    let mut object = hcl_edit::expr::Object::new();
    object.insert(name("x"), Expression::from(1));
    let library = Expression::from(object).to_string();
    assert!(library.contains("x = 1"), "the key is a string: {library}");
    let computed = object_value([tfmodgen::Entry::computed(path_module(), 1)]);
    assert_eq!(rendered(computed), "{ (path.module) = 1 }");
}
