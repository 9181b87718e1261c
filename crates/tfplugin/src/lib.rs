//! A framework for Terraform and OpenTofu providers.
//!
//! An author writes one struct per resource and implements [`Resource`]; the framework does the
//! handshake, mutual TLS, the plugin protocol, planning and checking.

mod attribute;
mod diagnostics;
mod erased;
mod model;
mod object;
mod planned;
mod private;
mod provider;
mod resource;
pub mod rules;
mod secret;
mod timeouts;
pub mod validate;

pub use attribute::{AttributeType, Codec, DecodeError, ListPaths, MapPaths, Shape};
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use model::{Definition, Model};
pub use object::{AttributeSpec, ObjectFields, ObjectShape, planned_form};
pub use planned::Planned;
pub use private::{Private, PrivateError};
pub use provider::{Configure, Configured, Provider};
pub use resource::{
    Call, Create, Delete, Failure, Import, Imported, Moved, Outcome, Plan, Read, Remains, Resource,
    Stored, Update, Upgrade, Validate,
};
pub use rules::ObjectRules;
pub use secret::{Secret, WriteOnly};
pub use timeouts::{DEFAULT_TIMEOUT, Operation, Timeouts};
pub use tfplugin_derive::Schema;
pub use tfschema as schema;
pub use tokio_util::sync::CancellationToken;
