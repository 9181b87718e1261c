//! A framework for Terraform and OpenTofu providers in Rust. It serves plugin protocol 6, which Terraform 1.0 and later
//! and all versions of OpenTofu support.
//!
//! Write-only attributes require Terraform 1.11 or OpenTofu 1.11, or later. Earlier versions receive an error if a
//! configuration sets one. A host without protocol 6 receives a warning that names the required versions.
//!
//! A provider author writes one struct for each object that the provider serves, and implements one trait for it. The
//! framework provides handshake and mutual TLS, the plugin protocol, validation, planning, and checks of every response
//! against the rules of Terraform and OpenTofu.
//!
//! | kind | struct | trait |
//! |---|---|---|
//! | managed resource | `#[derive(Schema)]`, `#[resource(…)]` | [`Resource`] |
//! | data source | `#[derive(Schema)]`, `#[data_source(…)]` | [`DataSource`] |
//! | ephemeral resource | `#[derive(Schema)]`, `#[ephemeral_resource(…)]` | [`EphemeralResource`] |
//! | function | `#[derive(Arguments)]`, `#[function(…)]` | [`Function`] |
//!
//! Attributes with `#[attr(identity)]` form the identity of a managed resource. The identity is reported with the state
//! and supports imports. [`protocol`] describes the behavior that hosts require beyond the protocol messages.
//!
//! # Example
//!
//! ```no_run
#![doc = include_str!("../examples/hello.rs")]
//! ```
//!
//! # Overview
//!
//! - [`Schema`] derives schema, codec, documentation and paths from a struct. You can also implement its traits
//!   ([`Codec`], [`AttributeType`], [`Model`]) manually. `tfschema::Value` implements [`Model`] for providers whose schema
//!   is built at run time.
//! - In plans, configuration and stored state, every value is a [`Planned`]: known, null, or unknown. A resource returns
//!   plain values, so the compiler rejects values that are unknown after apply.
//! - [`Progress`] records what an operation has created so far. The record is stored if the operation panics or times out.
//! - A [`Failure`] specifies what exists after an error. After a failed create, Terraform and OpenTofu replace the object.
//! - A [`Diagnostic`] describes a problem, its location and the next step. [`Warnings`], a part of every request, collects
//!   diagnostics that do not fail a call.
//! - [`Configured`] passes the result of the provider configuration to the resources.
//! - Tests of resources run without Terraform and OpenTofu: `Create::for_test`, `Read::for_test` and similar functions
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
pub use serve::serve;
pub use tfplugin_derive::{Arguments, Schema};
pub use tfschema as schema;
pub use timeouts::{DEFAULT_TIMEOUT, Operation, Timeouts};
pub use tokio_util::sync::CancellationToken;
