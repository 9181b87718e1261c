//! Variables, locals, and outputs. A handle of a variable or local shares the declaration with the module, so the
//! declaration can be completed after its value is used.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use tfschema::Type;

use crate::block::{BlockReference, Rule};
use crate::constraint::Shape;
use crate::expr::{Expr, IntoExpr, Known, TemplatePart};
use crate::marker::{Any, Bool, List, Map, Num, Object, Set, Str};
use crate::node::{Node, Target};

/// An input of a module, which can be used as an expression of its type.
pub struct Variable<T> {
    expr: Expr<T>,
    declaration: Rc<RefCell<VariableDeclaration>>,
}

#[derive(Clone)]
pub(crate) struct VariableDeclaration {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) description: Option<String>,
    pub(crate) default: Option<Node>,
    pub(crate) validations: Vec<Validation>,
    pub(crate) sensitive: bool,
    pub(crate) ephemeral: bool,
    pub(crate) nullable: bool,
    /// A valid value, for documentation and tests.
    pub(crate) example: Option<Node>,
    /// Whether the input exists only for its validation and the value can be unused.
    pub(crate) only_validated: bool,
}

/// A rule for the values of a variable, and values that violate it.
#[derive(Clone, Debug)]
pub(crate) struct Validation {
    pub(crate) rule: Rule,
    pub(crate) refused: Vec<Node>,
}

/// A local value of a module, which can be used as an expression of its type.
pub struct Local<T> {
    expr: Expr<T>,
    declaration: Rc<RefCell<LocalDeclaration>>,
}

pub(crate) struct LocalDeclaration {
    pub(crate) name: String,
    pub(crate) value: Node,
    pub(crate) comment: Option<String>,
}

/// An output of a module.
#[derive(Clone, Debug)]
pub struct Output {
    pub(crate) name: String,
    pub(crate) value: Node,
    /// The declared type.
    pub(crate) ty: Type,
    pub(crate) description: Option<String>,
    pub(crate) sensitive: bool,
    pub(crate) ephemeral: bool,
    pub(crate) preconditions: Vec<Rule>,
    pub(crate) depends_on: Vec<Node>,
}

impl<T> Variable<T> {
    pub(super) fn new(module: &str, name: &str, shape: Shape) -> Self {
        Self {
            expr: Expr::new(Node::reference(module, Target::Variable(name.to_owned()))),
            declaration: Rc::new(RefCell::new(VariableDeclaration {
                name: name.to_owned(),
                shape,
                description: None,
                default: None,
                validations: Vec::new(),
                sensitive: false,
                ephemeral: false,
                nullable: false,
                example: None,
                only_validated: false,
            })),
        }
    }

    /// Copies the declaration to another module under another name.
    pub(super) fn copied(module: &str, name: &str, other: &Self) -> Self {
        let mut declaration = other.declaration.borrow().clone();
        let own = Target::Variable(std::mem::replace(&mut declaration.name, name.to_owned()));
        for validation in &mut declaration.validations {
            let Validation { rule, .. } = validation;
            for node in [&mut rule.condition, &mut rule.message] {
                node.walk_mut(&mut |node| {
                    if let Node::Reference(reference) = node {
                        module.clone_into(&mut reference.module);
                        if reference.target == own {
                            reference.target = Target::Variable(name.to_owned());
                        }
                    }
                });
            }
        }
        Self {
            expr: Expr::new(Node::reference(module, Target::Variable(name.to_owned()))),
            declaration: Rc::new(RefCell::new(declaration)),
        }
    }

    /// Returns the value of the input, for use as an input of a part.
    pub fn forward<V: From<Expr<T>>>(&self) -> V {
        self.expr.clone().into()
    }

    pub(super) fn declaration(&self) -> Rc<RefCell<VariableDeclaration>> {
        Rc::clone(&self.declaration)
    }

    /// Sets the description.
    pub fn describe(self, description: &str) -> Self {
        self.declaration.borrow_mut().description = Some(description.to_owned());
        self
    }

    /// Sets the default. An input without a default is required.
    pub fn default(self, value: impl IntoExpr<T>) -> Self {
        self.declaration.borrow_mut().default = Some(value.into_expr().into_node());
        self
    }

    /// Allows null as a value, and makes it the default unless a default is set.
    pub fn nullable(self) -> Self {
        let mut declaration = self.declaration.borrow_mut();
        declaration.nullable = true;
        declaration.default.get_or_insert(Node::Null);
        drop(declaration);
        self
    }

    /// Adds a condition that values must satisfy. The message must be a full sentence that states the allowed values.
    pub fn validate(
        self,
        condition: impl FnOnce(&Expr<T>) -> Expr<Bool>,
        message: impl IntoExpr<Str>,
    ) -> Self {
        let rule = Rule::new(condition(&self.expr), message);
        let refused = Vec::new();
        let validation = Validation { rule, refused };
        self.declaration.borrow_mut().validations.push(validation);
        self
    }

    /// Adds a test value that the preceding validation must reject. If no validation precedes it, the value is ignored.
    pub fn refuses(self, value: impl IntoExpr<T>) -> Self {
        let value = value.into_expr().into_node();
        if let Some(last) = self.declaration.borrow_mut().validations.last_mut() {
            last.refused.push(value);
        }
        self
    }

    /// Sets a valid value for an input without a default, for use in documentation and tests.
    pub fn example(self, value: impl IntoExpr<T>) -> Self {
        self.declaration.borrow_mut().example = Some(value.into_expr().into_node());
        self
    }

    /// Allows the value to be unused, because the input exists only for its validation.
    pub fn only_validated(self) -> Self {
        self.declaration.borrow_mut().only_validated = true;
        self
    }

    /// Marks the value as sensitive, which means that Terraform and OpenTofu redact it.
    pub fn sensitive(self) -> Self {
        self.declaration.borrow_mut().sensitive = true;
        self
    }

    /// Marks the value as ephemeral, which means that it is never stored in a plan or state.
    pub fn ephemeral(self) -> Self {
        self.declaration.borrow_mut().ephemeral = true;
        self
    }
}

impl<T> Local<T> {
    pub(super) fn new(module: &str, name: &str, value: Expr<T>) -> Self {
        Self {
            expr: Expr::new(Node::reference(module, Target::Local(name.to_owned()))),
            declaration: Rc::new(RefCell::new(LocalDeclaration {
                name: name.to_owned(),
                value: value.into_node(),
                comment: None,
            })),
        }
    }

    pub(super) fn declaration(&self) -> Rc<RefCell<LocalDeclaration>> {
        Rc::clone(&self.declaration)
    }

    /// Adds a comment above the value to explain it.
    pub fn comment(self, why: &str) -> Self {
        self.declaration.borrow_mut().comment = Some(why.to_owned());
        self
    }
}

impl Output {
    pub(crate) fn new(name: &str, value: Node, ty: Type) -> Self {
        Self {
            name: name.to_owned(),
            value,
            ty,
            description: None,
            sensitive: false,
            ephemeral: false,
            preconditions: Vec::new(),
            depends_on: Vec::new(),
        }
    }

    /// Sets the description.
    pub fn describe(&mut self, description: &str) -> &mut Self {
        self.description = Some(description.to_owned());
        self
    }

    /// Marks the value as sensitive, which means that Terraform and OpenTofu redact it.
    pub fn sensitive(&mut self) -> &mut Self {
        self.sensitive = true;
        self
    }

    /// Marks the value as ephemeral, which means that it is never stored in a plan or state.
    pub fn ephemeral(&mut self) -> &mut Self {
        self.ephemeral = true;
        self
    }

    /// Adds a condition that must be true before the output is evaluated.
    pub fn precondition(
        &mut self,
        condition: Expr<Bool>,
        message: impl IntoExpr<Str>,
    ) -> &mut Self {
        self.preconditions.push(Rule::new(condition, message));
        self
    }

    /// Adds a dependency on a block that the value does not refer to.
    pub fn depends_on(&mut self, other: &impl BlockReference) -> &mut Self {
        self.depends_on.push(other.handle().whole());
        self
    }
}

macro_rules! handles {
    ($($handle:ident)+) => {$(
        impl<T> Deref for $handle<T> {
            type Target = Expr<T>;

            fn deref(&self) -> &Expr<T> {
                &self.expr
            }
        }

        impl<T> Known for &$handle<T> {
            type Type = T;

            fn known(self) -> Expr<T> {
                self.expr.clone()
            }
        }

        impl<T> IntoExpr<Set<T>> for &$handle<List<T>> {
            fn into_expr(self) -> Expr<Set<T>> {
                self.expr.clone().typed()
            }
        }

        impl<T> IntoExpr<T> for &$handle<T> {
            fn into_expr(self) -> Expr<T> {
                self.expr.clone()
            }
        }

        handles! { $handle: Str; Num; Bool; Object; List<T>, T; Set<T>, T; Map<T>, T; }

        impl<T> From<&$handle<T>> for TemplatePart
        where
            for<'a> &'a Expr<T>: Into<TemplatePart>,
        {
            fn from(handle: &$handle<T>) -> Self {
                (&handle.expr).into()
            }
        }
    )+};
    ($handle:ident: $($marker:ty $(, $parameter:ident)?;)+) => {$(
        impl$(<$parameter>)? IntoExpr<Any> for &$handle<$marker> {
            fn into_expr(self) -> Expr<Any> {
                self.expr.any()
            }
        }
    )+};
}

handles! { Variable Local }
