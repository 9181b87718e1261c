//! The way to AWS: settings, the one set of clients, and what their errors mean to a user.
//!
//! Every AWS client of this crate is made here. This module knows no resource.

mod answer_date;
pub mod arn;
pub mod client;
pub mod config;
pub mod connection;
pub mod credentials;
pub mod endpoint;
pub mod errors;
pub mod identity;
pub mod limits;
pub mod retry;
pub mod secrets;
pub mod tags;

pub use client::Clients;
pub use config::AwsSettings;
pub use connection::{ConnectError, Connection};
pub use errors::{AwsError, AwsErrorKind};
pub use identity::Identity;
