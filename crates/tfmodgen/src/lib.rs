//! A model of a Terraform or OpenTofu module in Rust, with a checker and a renderer.
//!
//! A declaration is data. It does not read files, the clock, or the environment. References are Rust values, and
//! strings are never parsed as code. Modules are rendered only after the checker has resolved them against the schemas
//! of the providers.

mod block;
mod body;
mod builtin;
mod check;
mod constraint;
mod expr;
mod finding;
mod format;
mod function;
mod identifier;
mod marker;
mod module;
#[cfg(feature = "mutations")]
pub mod mutation;
mod node;
mod package;
mod part;
mod references;
mod render;
mod schemas;
mod summary;

pub use block::{
    Block, BlockBuilder, BlockReference, ForEach, Handle, Kind, LifecycleBuilder, Many, Maybe, When,
};
pub use body::{Body, Each, NestedBlock, NestedBuilder};
pub use builtin::{TerraformData, TerraformDataReference};
pub use check::check;
pub use constraint::Constraint;
pub use expr::{
    Entry, Expr, IntoExpr, Iteration, Known, Template, TemplatePart, conditional, entry,
    object_value, path_module, path_root, template,
};
pub use finding::{Finding, Problem};
pub use format::{FormatError, Position, format};
pub use marker::{Any, Bool, Collection, List, Map, Num, Object, Set, Str, Typed};
pub use module::{
    Address, ArgumentOrder, CallDeclaration, Local, Module, Output, Scenario, Variable,
};
pub use package::Package;
pub use part::{
    Arguments, Call, CallReference, Called, Declared, Form, Inputs, ModuleCall, Named, NewInput,
    OutputValue, Outputs, Part, output,
};
pub use render::{PrintError, render};
pub use schemas::Schemas;
pub use summary::{BlockSummary, InputSummary, OutputSummary, Summary};

/// Built-in functions.
pub mod functions {
    pub use crate::function::*;
}

/// Type constraints of variables.
pub mod constraints {
    pub use crate::constraint::{any, bool, list, map, number, object, set, string};
}

/// Names that declarations commonly use.
pub mod prelude {
    pub use crate::constraints::*;
    pub use crate::functions::*;
    pub use crate::{
        Address, Any, BlockBuilder, BlockReference, Bool, Collection, Each, Expr, IntoExpr, Known,
        LifecycleBuilder, List, Map, Module, NestedBuilder, NewInput, Num, Object, Part, Set, Str,
        Template, TemplatePart, Typed, conditional, entry, object_value, output, path_module,
        path_root, template,
    };
}
