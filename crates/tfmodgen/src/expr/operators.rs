//! Operators as methods, and as Rust operators if the meaning is the same.

use std::ops::{Add, Div, Mul, Neg, Not, Rem, Sub};

use super::{Expr, IntoExpr, Known};
use crate::marker::{Bool, Num};
use crate::node::{Binary, Node, Unary};

fn binary<T>(operator: Binary, left: Node, right: Node) -> Expr<T> {
    Expr::new(Node::Binary(operator, Box::new(left), Box::new(right)))
}

/// `condition ? then : otherwise`.
pub fn conditional<K: Known>(
    condition: impl IntoExpr<Bool>,
    then: K,
    otherwise: impl IntoExpr<K::Type>,
) -> Expr<K::Type> {
    Expr::new(Node::Conditional(Box::new([
        condition.into_expr().into_node(),
        then.known().into_node(),
        otherwise.into_expr().into_node(),
    ])))
}

impl<T> Expr<T> {
    /// `self == other`.
    pub fn equals(&self, other: impl IntoExpr<T>) -> Expr<Bool> {
        binary(
            Binary::Equal,
            self.node.clone(),
            other.into_expr().into_node(),
        )
    }

    /// `self != other`.
    pub fn differs(&self, other: impl IntoExpr<T>) -> Expr<Bool> {
        binary(
            Binary::NotEqual,
            self.node.clone(),
            other.into_expr().into_node(),
        )
    }

    /// `self == null`.
    pub fn is_null(&self) -> Expr<Bool> {
        binary(Binary::Equal, self.node.clone(), Node::Null)
    }

    /// `self != null`.
    pub fn is_set(&self) -> Expr<Bool> {
        binary(Binary::NotEqual, self.node.clone(), Node::Null)
    }
}

macro_rules! methods {
    ($($marker:ty => $result:ty { $($(#[$doc:meta])* $name:ident $operator:ident)+ })+) => {$(
        impl Expr<$marker> {$(
            $(#[$doc])*
            pub fn $name(&self, other: impl IntoExpr<$marker>) -> Expr<$result> {
                binary(Binary::$operator, self.node.clone(), other.into_expr().into_node())
            }
        )+}
    )+};
}

methods! {
    Num => Bool {
        /// `self < other`.
        less_than Less
        /// `self <= other`.
        at_most LessOrEqual
        /// `self > other`.
        greater_than Greater
        /// `self >= other`.
        at_least GreaterOrEqual
    }
    Bool => Bool {
        /// `self && other`. The language evaluates both sides.
        and And
        /// `self || other`. The language evaluates both sides.
        or Or
    }
}

macro_rules! arithmetic {
    ($($operation:ident $method:ident $operator:ident)+) => {$(
        impl<E: IntoExpr<Num>> $operation<E> for Expr<Num> {
            type Output = Self;

            fn $method(self, other: E) -> Self {
                binary(Binary::$operator, self.node, other.into_expr().into_node())
            }
        }

        impl<E: IntoExpr<Num>> $operation<E> for &Expr<Num> {
            type Output = Expr<Num>;

            fn $method(self, other: E) -> Expr<Num> {
                self.clone().$method(other)
            }
        }
    )+};
}

arithmetic! {
    Add add Add
    Sub sub Subtract
    Mul mul Multiply
    Div div Divide
    Rem rem Modulo
}

impl Neg for Expr<Num> {
    type Output = Self;

    fn neg(self) -> Self {
        Self::new(Node::Unary(Unary::Negate, Box::new(self.node)))
    }
}

impl Not for Expr<Bool> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Node::Unary(Unary::Not, Box::new(self.node)))
    }
}

impl Not for &Expr<Bool> {
    type Output = Expr<Bool>;

    fn not(self) -> Expr<Bool> {
        !self.clone()
    }
}
