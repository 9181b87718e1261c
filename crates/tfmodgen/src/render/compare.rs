//! Compares an expression that `hcl-edit` parsed with the declared expression. This module must not share code with
//! `lower`, because the comparison could not detect errors in shared code.

use hcl_edit::expr::{
    BinaryOperator, Expression, ObjectKey, ObjectValue, TraversalOperator, UnaryOperator,
};
use hcl_edit::template::Element;
use tfschema::Number;

use crate::node::{Binary, Call, For, Key, Node, Part, Unary};

/// Returns whether a parsed expression is equal to the declared expression. Parentheses are ignored.
pub(crate) fn same(meant: &Node, read: &Expression) -> bool {
    match (meant, read) {
        (_, Expression::Parenthesis(inner)) => same(meant, inner.inner()),
        (Node::Null, Expression::Null(_)) => true,
        (Node::Bool(meant), Expression::Bool(read)) => meant == read.value(),
        (Node::Number(meant), _) => same_number(meant, read),
        (Node::Text(meant), Expression::String(read)) => meant == read.value(),
        (Node::Template(meant), Expression::StringTemplate(read)) => {
            same_template(meant, &read.iter().collect::<Vec<_>>())
        }
        (Node::Tuple(meant), Expression::Array(read)) => {
            meant.len() == read.len() && meant.iter().zip(read).all(|(m, r)| same(m, r))
        }
        (Node::Object(meant), Expression::Object(read)) => {
            meant.len() == read.len() && meant.iter().zip(read).all(|(m, r)| same_member(m, r))
        }
        (Node::Call(meant), Expression::FuncCall(read)) => {
            read.name.namespace.is_empty()
                && read.name.name.as_str() == meant.function
                && same_arguments(meant, &read.args)
        }
        (Node::Unary(operator, meant), Expression::UnaryOp(read)) => {
            let read_operator = match *read.operator.value() {
                UnaryOperator::Neg => Unary::Negate,
                UnaryOperator::Not => Unary::Not,
            };
            *operator == read_operator && same(meant, &read.expr)
        }
        (Node::Binary(operator, left, right), Expression::BinaryOp(read)) => {
            *operator == binary(*read.operator.value())
                && same(left, &read.lhs_expr)
                && same(right, &read.rhs_expr)
        }
        (Node::Conditional(meant), Expression::Conditional(read)) => {
            let read = [&read.cond_expr, &read.true_expr, &read.false_expr];
            meant.iter().zip(read).all(|(m, r)| same(m, r))
        }
        (Node::For(meant), Expression::ForExpr(read)) => same_for(meant, read),
        (_, Expression::Traversal(read)) => {
            let operators: Vec<_> = read.operators.iter().map(|step| step.value()).collect();
            same_steps(meant, &read.expr, &operators)
        }
        (_, Expression::Variable(_)) => same_steps(meant, read, &[]),
        _ => false,
    }
}

/// Returns whether a parsed number is equal to the declared number. The library loses or corrupts digits of operands.
/// In that case, the 64-bit values are compared.
fn same_number(meant: &Number, read: &Expression) -> bool {
    match read {
        Expression::Number(number) => {
            let digits = number.as_repr().and_then(|digits| digits.parse().ok());
            let value = number.value().to_string().parse().ok();
            let float = |number: &Number| number.to_string().parse::<f64>().ok();
            digits.as_ref() == Some(meant)
                || value.is_some_and(|value| float(&value) == float(meant))
        }
        Expression::UnaryOp(negated) if *negated.operator.value() == UnaryOperator::Neg => {
            match meant.to_string().strip_prefix('-').map(str::parse) {
                Some(Ok(positive)) => same_number(&positive, &negated.expr),
                _ => false,
            }
        }
        _ => false,
    }
}

fn same_arguments(meant: &Call, read: &hcl_edit::expr::FuncArgs) -> bool {
    meant.expand == read.expand_final()
        && meant.arguments.len() == read.len()
        && meant.arguments.iter().zip(read).all(|(m, r)| same(m, r))
}

fn same_member((key, value): &(Key, Node), (read_key, read): (&ObjectKey, &ObjectValue)) -> bool {
    let same_key = match (key, read_key) {
        (Key::Name(meant) | Key::Attribute(meant), ObjectKey::Ident(read)) => {
            meant == read.as_str()
        }
        // The library parses these names as values.
        (Key::Attribute(meant), ObjectKey::Expression(Expression::Bool(read))) => {
            *meant == read.value().to_string()
        }
        (Key::Attribute(meant), ObjectKey::Expression(Expression::Null(_))) => meant == "null",
        (Key::Name(meant), ObjectKey::Expression(Expression::String(read))) => {
            meant == read.value()
        }
        (Key::Value(meant @ Node::Template(_)), ObjectKey::Expression(read)) => same(meant, read),
        // Without parentheses, a single name would be a string.
        (Key::Value(meant), ObjectKey::Expression(Expression::Parenthesis(read))) => {
            same(meant, read.inner())
        }
        _ => false,
    };
    same_key && same(value, read.expr())
}

fn same_template(meant: &[Part], read: &[&Element]) -> bool {
    meant.len() == read.len()
        && meant.iter().zip(read).all(|parts| match parts {
            (Part::Text(meant), Element::Literal(read)) => meant == read.value(),
            (Part::Value(meant), Element::Interpolation(read)) => same(meant, &read.expr),
            _ => false,
        })
}

fn same_for(meant: &For, read: &hcl_edit::expr::ForExpr) -> bool {
    let optional = |meant: &Option<Node>, read: Option<&Expression>| match (meant, read) {
        (None, None) => true,
        (Some(meant), Some(read)) => same(meant, read),
        _ => false,
    };
    meant.key.as_deref() == read.intro.key_var.as_ref().map(|name| name.as_str())
        && meant.value == read.intro.value_var.as_str()
        && same(&meant.collection, &read.intro.collection_expr)
        && optional(&meant.result_key, read.key_expr.as_ref())
        && same(&meant.result, &read.value_expr)
        && meant.grouping == read.grouping
        && optional(
            &meant.condition,
            read.cond.as_ref().map(|condition| &condition.expr),
        )
}

/// Compares attributes, indexes, and splats, from the last to the first.
fn same_steps(meant: &Node, start: &Expression, steps: &[&TraversalOperator]) -> bool {
    let is_named = |step: &&TraversalOperator, name: &str| matches!(step, TraversalOperator::GetAttr(read) if read.as_str() == name);
    // Operators after a splat apply to every element.
    let in_splat = |before: &[&TraversalOperator]| {
        before
            .iter()
            .any(|step| matches!(step, TraversalOperator::FullSplat(_)))
    };
    match (meant, steps) {
        (Node::Binding(meant), []) => {
            matches!(start, Expression::Variable(read) if read.as_str() == meant)
        }
        (Node::Reference(meant), steps) => {
            let names = meant.target.names();
            names.len() == steps.len() + 1
                && matches!(start, Expression::Variable(read) if read.as_str() == names[0])
                && steps
                    .iter()
                    .zip(&names[1..])
                    .all(|(step, name)| is_named(step, name))
        }
        (_, []) => !matches!(start, Expression::Variable(_)) && same(meant, start),
        (Node::Attribute(base, name), [before @ .., last]) => {
            is_named(last, name) && !in_splat(before) && same_steps(base, start, before)
        }
        (Node::Index(base, key), [before @ .., TraversalOperator::Index(read)]) => {
            !in_splat(before) && same(key, read) && same_steps(base, start, before)
        }
        (Node::Splat(base, names), steps) if steps.len() > names.len() => {
            let (before, own) = steps.split_at(steps.len() - names.len() - 1);
            matches!(own[0], TraversalOperator::FullSplat(_))
                && own[1..]
                    .iter()
                    .zip(names)
                    .all(|(step, name)| is_named(step, name))
                && !in_splat(before)
                && same_steps(base, start, before)
        }
        _ => false,
    }
}

fn binary(read: BinaryOperator) -> Binary {
    match read {
        BinaryOperator::Or => Binary::Or,
        BinaryOperator::And => Binary::And,
        BinaryOperator::Eq => Binary::Equal,
        BinaryOperator::NotEq => Binary::NotEqual,
        BinaryOperator::Less => Binary::Less,
        BinaryOperator::LessEq => Binary::LessOrEqual,
        BinaryOperator::Greater => Binary::Greater,
        BinaryOperator::GreaterEq => Binary::GreaterOrEqual,
        BinaryOperator::Plus => Binary::Add,
        BinaryOperator::Minus => Binary::Subtract,
        BinaryOperator::Mul => Binary::Multiply,
        BinaryOperator::Div => Binary::Divide,
        BinaryOperator::Mod => Binary::Modulo,
    }
}
