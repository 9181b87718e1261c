//! Declarations of module calls. A declaration contains the interface of the called module, so inputs and outputs can
//! be checked without the module.

use std::collections::BTreeMap;

use tfschema::Type;

use super::Module;
use crate::block::Repetition;
use crate::body::Body;
use crate::node::Node;
use crate::references::ordering_inputs;

/// A call to another module.
#[derive(Clone, Debug)]
pub struct CallDeclaration {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) interface: Interface,
    pub(crate) inputs: Body,
    pub(crate) repetition: Repetition,
    /// Local names of providers in the called module, and in the calling module.
    pub(crate) providers: Vec<(String, String)>,
    pub(crate) depends_on: Vec<Node>,
    pub(crate) comment: Option<String>,
}

/// The inputs and outputs of a module.
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
    /// Whether the module uses the input only in `depends_on`.
    pub(crate) orders: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) ty: Type,
    pub(crate) sensitive: bool,
    pub(crate) ephemeral: bool,
}

impl CallDeclaration {
    /// Returns a call to a part in the same package, in `modules/<name>`.
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
    /// Returns the inputs and outputs of the module.
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
