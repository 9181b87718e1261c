//! Scenarios and mocks for a module: inputs, the expected plan, and attributes that mocked providers return. This
//! module must not run tests. The renderer writes `.tftest.hcl` files, which Terraform and OpenTofu run.

use super::{Module, Variable};
use crate::block::{Kind, Rule};
use crate::expr::{Expr, IntoExpr};
use crate::marker::{Bool, Object, Str};
use crate::node::Node;

/// A test that plans the module with the specified inputs and checks the plan.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub(crate) name: String,
    pub(crate) given: Vec<(String, Node)>,
    pub(crate) expectations: Vec<Rule>,
}

/// Attributes that a mocked provider returns for a type.
#[derive(Clone, Debug)]
pub(crate) struct Mock {
    pub(crate) kind: Kind,
    pub(crate) ty: String,
    pub(crate) values: Node,
}

impl Scenario {
    /// Sets the value of an input.
    #[must_use]
    pub fn given<T>(mut self, input: &Variable<T>, value: impl IntoExpr<T>) -> Self {
        let name = input.declaration().borrow().name.clone();
        self.given.push((name, value.into_expr().into_node()));
        self
    }

    /// Adds a condition that the plan must satisfy. The message must be a full sentence.
    #[must_use]
    pub fn expect(mut self, condition: Expr<Bool>, message: &str) -> Self {
        let message = IntoExpr::<Str>::into_expr(message);
        self.expectations.push(Rule::new(condition, message));
        self
    }
}

impl Module {
    /// Adds a scenario. Its name is an identifier that describes the test.
    pub fn scenario(&mut self, name: &str, write: impl FnOnce(Scenario) -> Scenario) {
        self.scenarios.push(write(Scenario {
            name: name.to_owned(),
            given: Vec::new(),
            expectations: Vec::new(),
        }));
    }

    /// Sets the attributes that mocked data sources of this type have in tests.
    pub fn mock_data(&mut self, ty: &str, values: Expr<Object>) {
        self.mock(Kind::Data, ty, values);
    }

    /// Sets the computed attributes that mocked resources of this type have in tests.
    pub fn mock_resource(&mut self, ty: &str, values: Expr<Object>) {
        self.mock(Kind::Resource, ty, values);
    }

    fn mock(&mut self, kind: Kind, ty: &str, values: Expr<Object>) {
        self.mocks.push(Mock {
            kind,
            ty: ty.to_owned(),
            values: values.into_node(),
        });
    }
}
