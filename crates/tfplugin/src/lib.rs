//! A framework for Terraform and OpenTofu providers in Rust. It implements plugin protocol 6, which Terraform 1.0 and later
//! and all versions of OpenTofu support.
//!
//! Write-only attributes require Terraform 1.11 or later, or OpenTofu 1.11 or later. With earlier versions, a configuration
//! that sets such an attribute causes an error. A host that does not support protocol 6 receives a warning that names the
//! required versions.
//!
//! For each kind of object that the provider serves, the author writes a struct and implements a trait. The framework
//! implements the handshake and mutual TLS, the plugin protocol, validation, and planning, and checks every response against
//! the rules of Terraform and OpenTofu.
//!
//! | kind | struct | trait |
//! |---|---|---|
//! | managed resource | `#[derive(Schema)]`, `#[resource(…)]` | [`Resource`] |
//! | data source | `#[derive(Schema)]`, `#[data_source(…)]` | [`DataSource`] |
//! | ephemeral resource | `#[derive(Schema)]`, `#[ephemeral_resource(…)]` | [`EphemeralResource`] |
//! | function | `#[derive(Arguments)]`, `#[function(…)]` | [`Function`] |
//!
//! Attributes with `#[attr(identity)]` form the identity of a managed resource. The identity is reported with the state and
//! supports imports. [`protocol`] describes behavior that hosts require in addition to the protocol messages.
//!
//! # Example
//!
//! ```no_run
#![doc = include_str!("../examples/hello.rs")]
//! ```
//!
//! # Overview
//!
//! - [`Schema`] derives the schema, codec, documentation, and paths from a struct. You can also implement its traits
//!   ([`Codec`], [`AttributeType`], and [`Model`]) manually. `tfschema::Value` implements [`Model`] for providers whose
//!   schema is built at run time.
//! - In plans, configuration, and stored state, every value is a [`Planned`]: known, null, or unknown. A resource returns
//!   plain values, so the compiler rejects values that would be unknown after apply.
//! - [`Progress`] records which objects an operation has created. The record is stored if the operation panics or times out.
//! - A [`Failure`] specifies which object exists after an error. After a failed create operation, Terraform and OpenTofu
//!   replace the object.
//! - A [`Diagnostic`] describes a problem, its location, and the next step. [`Warnings`] are part of every request, and
//!   collect diagnostics that do not cause a call to fail.
//! - [`Configured`] passes the result of the provider configuration to the resources.
//! - Tests of resources run without Terraform and OpenTofu. `Create::for_test`, `Read::for_test`, and similar functions
//!   create the requests that the framework would send.

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
pub use serve::{GrpcService, refuse, serve, serve_service};
pub use tfplugin_derive::{Arguments, Schema};
pub use tfschema as schema;
pub use timeouts::{DEFAULT_TIMEOUT, Operation, ReadTimeouts, Timeouts};
pub use tokio_util::sync::CancellationToken;
