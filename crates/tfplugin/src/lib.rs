//! A framework for Terraform and OpenTofu providers in Rust: protocol 6, which Terraform speaks from 1.0 and OpenTofu
//! from its first version.
//!
//! Write-only attributes need Terraform 1.11 or OpenTofu 1.11; elsewhere a configuration that sets one is refused. A
//! command line that offers no protocol 6 is told so, and what to upgrade to.
//!
//! An author writes one struct for each kind that the provider serves, and implements one trait for it. The framework does
//! the rest: handshake and mutual TLS, the plugin protocol, validation, planning, and a check of every answer against the
//! rules of the command lines.
//!
//! | kind | struct | trait |
//! |---|---|---|
//! | managed resource | `#[derive(Schema)]`, `#[resource(…)]` | [`Resource`] |
//! | data source | `#[derive(Schema)]`, `#[data_source(…)]` | [`DataSource`] |
//! | ephemeral resource | `#[derive(Schema)]`, `#[ephemeral_resource(…)]` | [`EphemeralResource`] |
//! | function | `#[derive(Arguments)]`, `#[function(…)]` | [`Function`] |
//!
//! Attributes with `#[attr(identity)]` are the identity of a managed resource: it is reported beside the state, and an
//! object can be imported by it. Behaviour that hosts require beyond the messages of the protocol is in [`protocol`].
//!
//! # A whole provider
//!
//! ```no_run
#![doc = include_str!("../examples/hello.rs")]
//! ```
//!
//! # What stands where
//!
//! - [`Schema`] derives schema, codec, documentation and paths from a struct. Every trait it implements
//!   ([`Codec`], [`AttributeType`], [`Model`]) can be written by hand; `tfschema::Value` is a [`Model`] too, for
//!   providers made of data.
//! - In plans, configuration and stored state every value is a [`Planned`]: known, null, or not known yet. What a
//!   resource returns is plain, so "unknown after apply" does not compile.
//! - [`Progress`] is where an operation records what exists while it works: it is stored if the operation panics or does
//!   not end within its timeout.
//! - A [`Failure`] says what exists now. After a failed create the command lines replace what it left.
//! - [`Diagnostic`]s tell users what happened, where, and what to do next. [`Warnings`] collects those that do not
//!   fail a call; every request has one.
//! - [`Configured`] hands what configuration made to the resources.
//! - A resource is tested without a command line: `Create::for_test`, `Read::for_test` and the like make the requests that
//!   the framework would send.

mod attribute;
mod call;
mod codec;
mod complete;
mod configuration;
mod controller;
mod convert;
mod data_source;
mod debug;
mod diagnostics;
mod ephemeral;
mod erased;
mod function;
mod handshake;
mod level;
mod listen;
mod logging;
mod model;
mod planner;
mod private;
pub mod protocol;
mod provider;
mod resource;
mod rpc;
pub mod rules;
mod selfcheck;
mod serve;
mod session;
mod timeouts;
mod tls;
pub mod validate;

pub use attribute::{
    AttributeFlags, AttributeSpec, AttributeType, Codec, DecodeError, ListPaths, MapPaths,
    ObjectFields, ObjectShape, Planned, PlannedSet, Secret, Shape, TypeFacts, WriteOnly,
};
pub use call::{Call, Warnings};
pub use data_source::{DataSource, ReadData};
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use ephemeral::{Close, EphemeralResource, Open, Opened, Renew, Renewed};
pub use function::{
    ArgumentPosition, ArgumentValues, Arguments, CallFunction, Function, FunctionError,
    FunctionValue, ParameterSpec, Signature, Variadic,
};
pub use model::{Definition, Model, Validate};
pub use private::{Private, PrivateError};
pub use provider::{Configure, Configured, Provider};
pub use resource::{
    Create, Delete, Failure, Import, ImportIdentity, Imported, Moved, Outcome, Plan, Progress,
    Read, Remains, Resource, Stored, Update, Upgrade, UpgradeIdentity,
};
pub use rules::ObjectRules;
pub use serve::serve;
pub use tfplugin_derive::{Arguments, Schema};
pub use tfschema as schema;
pub use timeouts::{DEFAULT_TIMEOUT, Operation, Timeouts};
pub use tokio_util::sync::CancellationToken;
