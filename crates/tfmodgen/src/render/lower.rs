//! Converts expressions to `hcl-edit` trees. Only this module works around bugs in the printer of the library (0.10.0):
//!
//! - The printer skips markers when it escapes strings, stops escaping after a nested template, and parses strings that
//!   look like templates as templates. [`super::quote`] therefore prints quoted strings, which the tree contains
//!   verbatim. Heredocs are not used because they would lose their indentation and cannot appear in lists and calls.
//! - The printer omits parentheses that the tree requires. This module adds them by precedence.
//! - The printer omits the space between the variable of a `for` and `in`. This module adds it.
//! - The printer prints computed object keys without parentheses. This module adds them.
//! - The printer loses comments within operations. Comments are therefore placed only above arguments and blocks.
//!
//! This module determines line breaks. The formatting pass sets all other whitespace.

use hcl_edit::expr::{
    Array, BinaryOp, BinaryOperator, Conditional, Expression, ForCond, ForExpr, ForIntro, FuncArgs,
    FuncCall, Object, ObjectKey, ObjectValue, ObjectValueTerminator, Parenthesis, Splat, Traversal,
    TraversalOperator, UnaryOp, UnaryOperator,
};
use hcl_edit::{Decorate as _, Decorated, Ident};

use super::quote::{push_escaped, quoted};
use crate::identifier::is_plain_key;
use crate::node::{Binary, Call, For, Key, Node, Part, Unary};

/// Maximum line width. Longer values are split.
const WIDTH: usize = 100;
/// Indentation for each level.
pub(super) const INDENT: usize = 2;

/// Returns an expression on one line of any length.
pub(crate) fn flat(node: &Node) -> Expression {
    Lines::None.lower(node)
}

/// Returns an expression that is split into lines if it is long or conventionally written on several lines. `indent` is
/// the indentation of its line, and `used` is the number of characters before the expression on this line.
pub(super) fn laid_out(node: &Node, indent: usize, used: usize) -> Expression {
    Lines::Fitting { indent, used }.lower(node)
}

/// Line breaks within an expression.
#[derive(Clone, Copy)]
enum Lines {
    /// No line breaks.
    None,
    /// Line breaks where an expression does not fit on its line.
    Fitting { indent: usize, used: usize },
}

impl Lines {
    fn lower(self, node: &Node) -> Expression {
        let on_one_line = one_line(node);
        match self {
            Self::None => on_one_line,
            Self::Fitting { used, .. }
                if !wants_lines(node) && used + on_one_line.to_string().len() <= WIDTH =>
            {
                on_one_line
            }
            Self::Fitting { indent, used } => many_lines(node, indent, used),
        }
    }
}

/// Returns whether a value is conventionally written on several lines even if it fits on one line.
fn wants_lines(node: &Node) -> bool {
    match node {
        Node::Object(members) => {
            members.len() > 1 || members.iter().any(|(_, value)| wants_lines(value))
        }
        Node::Tuple(elements) => elements.iter().any(wants_lines),
        Node::Call(call) => call.arguments.iter().any(wants_lines),
        Node::Conditional(parts) => parts.iter().any(wants_lines),
        _ => false,
    }
}

fn one_line(node: &Node) -> Expression {
    match node {
        Node::Null => Expression::null(),
        Node::Bool(truth) => Expression::from(*truth),
        Node::Number(number) => verbatim(number.to_string()),
        Node::Text(text) => verbatim(quoted(text)),
        Node::Template(parts) => verbatim(quoted_template(parts)),
        Node::Tuple(elements) => {
            Expression::from(elements.iter().map(one_line).collect::<Vec<_>>())
        }
        Node::Object(members) => object(members, &mut |value, _| one_line(value), false),
        Node::Reference(_)
        | Node::Binding(_)
        | Node::Attribute(..)
        | Node::Index(..)
        | Node::Splat(..) => traversal(node),
        Node::Call(call) => call_of(call, call.arguments.iter().map(one_line).collect()),
        Node::Unary(operator, operand) => unary(*operator, operand),
        Node::Binary(operator, left, right) => {
            let (left, right) = operands(*operator, left, right, &one_line);
            BinaryOp::new(left, binary_operator(*operator), right).into()
        }
        Node::Conditional(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            let part = |node| bracketed(node, matches!(node, Node::Conditional(_)), &one_line);
            Conditional::new(part(condition), part(then), part(otherwise)).into()
        }
        Node::For(each) => for_expr(each, &one_line, one_line(&each.result), ""),
    }
}

fn many_lines(node: &Node, indent: usize, used: usize) -> Expression {
    let deeper = indent + INDENT;
    let inner = |node: &Node| laid_out(node, deeper, deeper);
    match node {
        Node::Tuple(elements) => match elements.as_slice() {
            [] => one_line(node),
            [only] if can_span_lines(only) => {
                Expression::from(vec![laid_out(only, indent, used + 1)])
            }
            elements if elements.iter().all(is_number) => lines(filled(elements, deeper)),
            elements => lines(
                elements
                    .iter()
                    .map(|element| inner(element).decorated(("\n", "")))
                    .collect(),
            ),
        },
        Node::Object(members) if members.is_empty() => one_line(node),
        Node::Object(members) => {
            let mut value = |value: &Node, key: usize| laid_out(value, deeper, deeper + key + 3);
            object(members, &mut value, true)
        }
        Node::Call(call) => many_lines_of_call(call, indent, used),
        Node::Conditional(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            let part = |node, decor: (&'static str, &'static str)| {
                bracketed(node, matches!(node, Node::Conditional(_)), &inner).decorated(decor)
            };
            parenthesised(Conditional::new(
                part(condition, ("\n", "\n")),
                part(then, (" ", "\n")),
                part(otherwise, (" ", "\n")),
            ))
        }
        Node::Binary(operator, ..) => {
            parenthesised(chain(node, *operator, &inner).decorated(("\n", "\n")))
        }
        Node::For(each) => {
            let before = each.key.as_ref().map_or(0, |key| key.len() + 2) + each.value.len();
            let collection =
                |node: &Node| laid_out(node, deeper, deeper + "for  in ".len() + before);
            for_expr(each, &collection, inner(&each.result), "\n")
        }
        _ => one_line(node),
    }
}

/// Returns whether a value that is the only content of brackets can start on the line of the opening bracket and
/// continue on further lines.
fn can_span_lines(node: &Node) -> bool {
    match node {
        Node::Object(members) => !members.is_empty(),
        Node::Tuple(elements) => !elements.is_empty(),
        Node::Call(call) => call.arguments.last().is_some_and(can_span_lines),
        Node::For(_) => true,
        _ => false,
    }
}

/// Returns an array on several lines. The line breaks are in the decor of the elements.
fn lines(mut elements: Array) -> Expression {
    elements.set_trailing_comma(true);
    elements.set_trailing("\n");
    elements.into()
}

fn is_number(node: &Node) -> bool {
    matches!(node, Node::Number(_))
}

/// Returns an array of numbers, with as many numbers on each line as fit.
fn filled(numbers: &[Node], indent: usize) -> Array {
    let mut used = WIDTH;
    let numbers = numbers.iter().map(|number| {
        let printed = one_line(number);
        let length = printed.to_string().len() + 2;
        let begins = used + length > WIDTH;
        used = if begins { indent } else { used } + length;
        printed.decorated((if begins { "\n" } else { " " }, ""))
    });
    numbers.collect()
}

fn many_lines_of_call(call: &Call, indent: usize, used: usize) -> Expression {
    if let Some((last, before)) = call.arguments.split_last() {
        let mut arguments: Vec<Expression> = before.iter().map(one_line).collect();
        let length = |expression: &Expression| expression.to_string().len() + 2;
        let used = used + call.function.len() + 1 + arguments.iter().map(length).sum::<usize>();
        if can_span_lines(last) && !before.iter().any(wants_lines) && used < WIDTH {
            arguments.push(laid_out(last, indent, used));
            return call_of(call, arguments);
        }
    }
    let deeper = indent + INDENT;
    let arguments = call.arguments.iter();
    let mut arguments: Vec<Expression> = arguments
        .map(|argument| laid_out(argument, deeper, deeper).decorated(("\n", "")))
        .collect();
    if let Some(last) = arguments.last_mut() {
        last.decor_mut()
            .set_suffix(if call.expand { "" } else { "\n" });
    }
    call_of(call, arguments)
}

fn call_of(call: &Call, arguments: Vec<Expression>) -> Expression {
    let mut arguments = FuncArgs::from(arguments);
    arguments.set_expand_final(call.expand);
    FuncCall::new(name(call.function), arguments).into()
}

/// Returns an object. `value` converts a member value and receives the length of the member's key.
fn object(
    members: &[(Key, Node)],
    value: &mut dyn FnMut(&Node, usize) -> Expression,
    over_lines: bool,
) -> Expression {
    let mut object = Object::new();
    for (position, (key, member)) in members.iter().enumerate() {
        let key = object_key(key);
        let length = key.to_string().len();
        let mut member = ObjectValue::new(value(member, length).decorated((" ", "")));
        member.set_terminator(match over_lines {
            true => ObjectValueTerminator::Newline,
            false if position + 1 < members.len() => ObjectValueTerminator::Comma,
            false => ObjectValueTerminator::None,
        });
        let before = match (position, over_lines) {
            (0, true) => "\n",
            (_, true) => "",
            (_, false) => " ",
        };
        object.insert(ObjectKey::Expression(key.decorated((before, " "))), member);
    }
    if !over_lines && !members.is_empty() {
        object.set_trailing(" ");
    }
    object.into()
}

fn object_key(key: &Key) -> Expression {
    match key {
        Key::Name(name) if is_plain_key(name) => verbatim(name.clone()),
        Key::Attribute(name) => verbatim(name.clone()),
        Key::Name(name) => verbatim(quoted(name)),
        Key::Value(node @ Node::Template(_)) => one_line(node),
        Key::Value(node) => parenthesised(one_line(node)),
    }
}

fn quoted_template(parts: &[Part]) -> String {
    let mut text = String::from('"');
    for (position, part) in parts.iter().enumerate() {
        match part {
            // `$` directly before `${` would escape the marker.
            Part::Text(literal) if literal.ends_with('$') && position + 1 < parts.len() => {
                push_escaped(&mut text, &literal[..literal.len() - 1]);
                text.push_str("\\u0024");
            }
            Part::Text(literal) => push_escaped(&mut text, literal),
            Part::Value(value) => {
                text.push_str("${");
                text.push_str(&one_line(value).to_string());
                text.push('}');
            }
        }
    }
    text.push('"');
    text
}

/// Returns the start of a traversal with its attributes, indexes, and splats.
fn traversal(node: &Node) -> Expression {
    let mut operators = Vec::new();
    let start = steps(node, &mut operators);
    match operators.is_empty() {
        true => start,
        false => Traversal::new(start, operators).into(),
    }
}

fn steps(node: &Node, operators: &mut Vec<Decorated<TraversalOperator>>) -> Expression {
    let attribute = |text: &str| TraversalOperator::GetAttr(name(text).into());
    let (base, own): (&Node, Vec<TraversalOperator>) = match node {
        Node::Reference(reference) => {
            let names = reference.target.names();
            let (first, rest) = names.split_first().map_or(("", &[][..]), |(f, r)| (*f, r));
            operators.extend(rest.iter().map(|text| attribute(text).into()));
            return Expression::from(name(first));
        }
        Node::Binding(text) => return Expression::from(name(text)),
        Node::Attribute(base, text) => (base, vec![attribute(text)]),
        Node::Index(base, key) => (base, vec![TraversalOperator::Index(one_line(key))]),
        Node::Splat(base, names) => {
            let splat = TraversalOperator::FullSplat(Splat.into());
            let names = names.iter().map(|text| attribute(text));
            (base, [splat].into_iter().chain(names).collect())
        }
        Node::Call(_) => return one_line(node),
        _ => return parenthesised(one_line(node)),
    };
    // Operators after a splat would apply to every element.
    let start = match base {
        Node::Splat(..) => parenthesised(traversal(base)),
        base => steps(base, operators),
    };
    operators.extend(own.into_iter().map(Decorated::from));
    start
}

fn for_expr(
    each: &For,
    collection: &dyn Fn(&Node) -> Expression,
    result: Expression,
    line: &'static str,
) -> Expression {
    let mut intro = ForIntro::new(
        name(&each.value),
        bracketed(
            &each.collection,
            matches!(each.collection, Node::Conditional(_)),
            collection,
        )
        .decorated((" ", " ")),
    );
    intro.value_var.decorate((" ", " "));
    intro.key_var = each.key.as_deref().map(|key| name(key).into());
    let opening = match (line, &each.result_key) {
        ("", Some(_)) => " ",
        (line, _) => line,
    };
    intro.decorate((opening, ""));
    let mut each_expr = ForExpr::new(intro, result.decorated((" ", "")));
    each_expr.key_expr = each
        .result_key
        .as_ref()
        .map(|key| one_line(key).decorated((" ", " ")));
    each_expr.grouping = each.grouping;
    each_expr.cond = each.condition.as_ref().map(|condition| {
        let conditional = matches!(condition, Node::Conditional(_));
        let condition = bracketed(condition, conditional, &one_line);
        ForCond::new(condition.decorated((" ", opening))).decorated((" ", ""))
    });
    if each_expr.cond.is_none() && !each.grouping {
        each_expr.value_expr.decor_mut().set_suffix(opening);
    }
    each_expr.into()
}

fn unary(operator: Unary, operand: &Node) -> Expression {
    let operator = match operator {
        Unary::Negate => UnaryOperator::Neg,
        Unary::Not => UnaryOperator::Not,
    };
    let plain = matches!(
        operand,
        Node::Bool(_)
            | Node::Reference(_)
            | Node::Binding(_)
            | Node::Attribute(..)
            | Node::Index(..)
            | Node::Call(_)
    );
    UnaryOp::new(operator, bracketed(operand, !plain, &one_line)).into()
}

/// Returns a chain of operations with the same operator, with one operand per line.
fn chain(node: &Node, operator: Binary, lower: &dyn Fn(&Node) -> Expression) -> Expression {
    match node {
        Node::Binary(own, left, right) if *own == operator => {
            let (_, right) = operands(operator, left, right, lower);
            let left = match left.as_ref() {
                Node::Binary(below, ..) if *below == operator => chain(left, operator, lower),
                _ => operands(operator, left, &Node::Null, lower).0,
            };
            let sign = Decorated::new(binary_operator(operator)).decorated((" ", ""));
            BinaryOp::new(left, sign, right.decorated(("\n", ""))).into()
        }
        node => lower(node),
    }
}

/// Returns both operands, in parentheses if their operator has a lower precedence.
fn operands(
    operator: Binary,
    left: &Node,
    right: &Node,
    lower: &dyn Fn(&Node) -> Expression,
) -> (Expression, Expression) {
    let own = operator.precedence();
    let loose = |node: &Node, least: u8| match node {
        Node::Conditional(_) => true,
        Node::Binary(operator, ..) => operator.precedence() < least,
        _ => false,
    };
    let negative = matches!(right, Node::Number(number) if number.to_string().starts_with('-'));
    (
        bracketed(left, loose(left, own), lower),
        bracketed(right, negative || loose(right, own + 1), lower),
    )
}

fn bracketed(node: &Node, needed: bool, lower: &dyn Fn(&Node) -> Expression) -> Expression {
    match needed {
        true => parenthesised(lower(node)),
        false => lower(node),
    }
}

fn parenthesised(inner: impl Into<Expression>) -> Expression {
    Parenthesis::new(inner.into()).into()
}

fn binary_operator(operator: Binary) -> BinaryOperator {
    match operator {
        Binary::Or => BinaryOperator::Or,
        Binary::And => BinaryOperator::And,
        Binary::Equal => BinaryOperator::Eq,
        Binary::NotEqual => BinaryOperator::NotEq,
        Binary::Less => BinaryOperator::Less,
        Binary::LessOrEqual => BinaryOperator::LessEq,
        Binary::Greater => BinaryOperator::Greater,
        Binary::GreaterOrEqual => BinaryOperator::GreaterEq,
        Binary::Add => BinaryOperator::Plus,
        Binary::Subtract => BinaryOperator::Minus,
        Binary::Multiply => BinaryOperator::Mul,
        Binary::Divide => BinaryOperator::Div,
        Binary::Modulo => BinaryOperator::Mod,
    }
}

/// Returns a name. The checker has rejected invalid identifiers.
pub(super) fn name(text: &str) -> Ident {
    Ident::new_unchecked(text)
}

/// Returns an expression that the library prints unchanged.
fn verbatim(source: String) -> Expression {
    Expression::from(Ident::new_unchecked(source))
}
