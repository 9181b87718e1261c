//! The `lifecycle` block, and the methods that set it.

use super::BlockBuilder;
use crate::expr::{Expr, IntoExpr, Known};
use crate::marker::{Bool, Object, Str};
use crate::node::{Node, Target};

/// Content of a `lifecycle` block. If it is empty, the block is omitted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifecycle {
    pub(crate) create_before_destroy: bool,
    pub(crate) prevent_destroy: bool,
    /// Paths of arguments, such as `tags` or `tags.Name`.
    pub(crate) ignore_changes: Vec<Vec<String>>,
    pub(crate) replace_triggered_by: Vec<Node>,
    pub(crate) preconditions: Vec<Rule>,
    pub(crate) postconditions: Vec<Rule>,
    pub(crate) comment: Option<String>,
}

/// A condition and the error message to report if the condition is false.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) condition: Node,
    pub(crate) message: Node,
}

impl Rule {
    pub(crate) fn new(condition: Expr<Bool>, message: impl IntoExpr<Str>) -> Self {
        Self {
            condition: condition.into_node(),
            message: message.into_expr().into_node(),
        }
    }
}

impl Lifecycle {
    pub(crate) fn is_empty(&self) -> bool {
        !self.create_before_destroy
            && !self.prevent_destroy
            && self.ignore_changes.is_empty()
            && self.replace_triggered_by.is_empty()
            && self.preconditions.is_empty()
            && self.postconditions.is_empty()
    }
}

/// Methods that set the lifecycle of a resource.
pub trait LifecycleBuilder: BlockBuilder {
    /// Creates the replacement object before destroying the old object.
    #[must_use]
    fn create_before_destroy(mut self) -> Self {
        self.block().lifecycle.create_before_destroy = true;
        self
    }

    /// Rejects any plan that would destroy the resource.
    #[must_use]
    fn prevent_destroy(mut self) -> Self {
        self.block().lifecycle.prevent_destroy = true;
        self
    }

    /// Ignores changes to an argument. To ignore a single map key or object attribute, append it after a dot:
    /// `tags.Name`.
    #[must_use]
    fn ignore_changes(mut self, argument: &str) -> Self {
        let path = argument.split('.').map(str::to_owned).collect();
        self.block().lifecycle.ignore_changes.push(path);
        self
    }

    /// Replaces the resource if a value changes. The value must be an attribute of a resource.
    #[must_use]
    fn replace_triggered_by(mut self, value: impl Known) -> Self {
        let value = value.known().into_node();
        self.block().lifecycle.replace_triggered_by.push(value);
        self
    }

    /// Adds a condition that is evaluated before the resource is planned or applied.
    #[must_use]
    fn precondition(mut self, condition: Expr<Bool>, message: impl IntoExpr<Str>) -> Self {
        let rule = Rule::new(condition, message);
        self.block().lifecycle.preconditions.push(rule);
        self
    }

    /// Adds a condition on the resulting object that is evaluated after the apply.
    #[must_use]
    fn postcondition(
        mut self,
        condition: impl FnOnce(Expr<Object>) -> Expr<Bool>,
        message: impl IntoExpr<Str>,
    ) -> Self {
        let own = Expr::new(Node::reference("", Target::This));
        let rule = Rule::new(condition(own), message);
        self.block().lifecycle.postconditions.push(rule);
        self
    }

    /// Adds a comment above the `lifecycle` block.
    #[must_use]
    fn lifecycle_comment(mut self, why: &str) -> Self {
        self.block().lifecycle.comment = Some(why.to_owned());
        self
    }
}

impl<B: BlockBuilder> LifecycleBuilder for B {}
