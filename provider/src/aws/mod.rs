//! Access to AWS: settings, clients, and the mapping of errors to diagnostics.
//!
//! This module creates all AWS clients in this crate. It is independent of individual resources.

mod answer_date;
pub mod arn;
pub mod client;
pub mod config;
mod connect_error;
pub mod connection;
pub mod credentials;
pub mod diagnostics;
pub mod endpoint;
pub mod errors;
pub mod identity;
pub mod kms;
pub mod limits;
pub mod objects;
pub mod retry;
pub mod secrets;
pub mod tags;
#[cfg(test)]
pub(crate) mod tests;

pub use client::Clients;
pub use config::AwsSettings;
pub use connect_error::ConnectError;
pub use connection::Connection;
pub use errors::{AwsError, AwsErrorKind};
pub use identity::Identity;
