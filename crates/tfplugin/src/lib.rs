//! A framework for Terraform and OpenTofu providers in Rust: protocol 6, which Terraform speaks from 1.0 and OpenTofu
//! from its first version.
//!
//! Write-only attributes need Terraform 1.11 or OpenTofu 1.11; elsewhere a configuration that sets one is refused. A
//! command line that offers no protocol 6 is told so, and what to upgrade to.
//!
//! An author writes one struct per resource and says how such an object is made, read, changed and removed
//! ([`Resource`]). The framework does the rest: handshake and mutual TLS, the plugin protocol, validation,
//! planning, and a check of every answer against the rules of the command lines.
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
mod debug;
mod diagnostics;
mod erased;
mod for_test;
mod handlers;
mod handshake;
mod level;
mod lifecycle;
mod listen;
mod logging;
mod model;
mod object;
mod panic;
mod planned;
mod planner;
mod private;
mod progress;
mod provider;
mod resource;
mod rpc;
pub mod rules;
mod secret;
mod selfcheck;
mod serve;
mod timeouts;
mod tls;
mod type_facts;
pub mod validate;

pub use attribute::{AttributeType, Codec, DecodeError, ListPaths, MapPaths, Shape};
pub use call::{Call, Warnings};
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use model::{Definition, Model};
pub use object::{AttributeSpec, ObjectFields, ObjectShape};
pub use planned::{Planned, PlannedSet};
pub use private::{Private, PrivateError};
pub use progress::Progress;
pub use provider::{Configure, Configured, Provider};
pub use resource::{
    Create, Delete, Failure, Import, Imported, Moved, Outcome, Plan, Read, Remains, Resource,
    Stored, Update, Upgrade, Validate,
};
pub use rules::ObjectRules;
pub use secret::{Secret, WriteOnly};
pub use serve::serve;
pub use tfplugin_derive::Schema;
pub use tfschema as schema;
pub use timeouts::{DEFAULT_TIMEOUT, Operation, Timeouts};
pub use tokio_util::sync::CancellationToken;
pub use type_facts::{AttributeFlags, TypeFacts};
