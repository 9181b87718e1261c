//! The declaration of a call, which keeps what the called module asks for and gives, so that inputs and outputs can be
//! checked without it.

use std::collections::BTreeMap;

use tfschema::Type;

use super::Module;
use crate::block::Repetition;
use crate::body::Body;
use crate::node::Node;
use crate::references::ordering_inputs;

/// A call of another module, as a module declares it.
#[derive(Clone, Debug)]
pub struct CallDeclaration {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) interface: Interface,
    pub(crate) inputs: Body,
    pub(crate) repetition: Repetition,
    /// Local names of the called module's providers and what they are here.
    pub(crate) providers: Vec<(String, String)>,
    pub(crate) depends_on: Vec<Node>,
    pub(crate) comment: Option<String>,
}

/// What a module asks for and gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interface {
    pub(crate) inputs: BTreeMap<String, Input>,
    pub(crate) outputs: BTreeMap<String, Given>,
}

#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) ty: Type,
    pub(crate) required: bool,
    pub(crate) ephemeral: bool,
    /// Whether the module refers to it in `depends_on` only.
    pub(crate) orders: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) ty: Type,
    pub(crate) sensitive: bool,
    pub(crate) ephemeral: bool,
}

impl CallDeclaration {
    /// A call of a part of the same package, which lies in `modules/<name>`.
    pub(crate) fn new(name: &str, module: &Module, inputs: Body) -> Self {
        Self {
            name: name.to_owned(),
            source: format!("./modules/{}", module.name()),
            interface: module.interface(),
            inputs,
            repetition: Repetition::Once,
            providers: Vec::new(),
            depends_on: Vec::new(),
            comment: None,
        }
    }
}

impl Module {
    /// What the module asks for and gives.
    pub(crate) fn interface(&self) -> Interface {
        let ordering = ordering_inputs(self);
        let inputs = self.variables.iter().map(|declaration| {
            let declaration = declaration.borrow();
            let input = Input {
                ty: declaration.shape.ty(),
                required: declaration.default.is_none(),
                ephemeral: declaration.ephemeral,
                orders: ordering.contains(&declaration.name),
            };
            (declaration.name.clone(), input)
        });
        let outputs = self.outputs.iter().map(|output| {
            let given = Given {
                ty: output.ty.clone(),
                sensitive: output.sensitive,
                ephemeral: output.ephemeral,
            };
            (output.name.clone(), given)
        });
        Interface {
            inputs: inputs.collect(),
            outputs: outputs.collect(),
        }
    }
}
