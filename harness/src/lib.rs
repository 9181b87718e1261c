//! Drives `tofu` and `terraform` against a local AWS: no account, no containers, nothing left behind.
//!
//! Five rooms, each usable on its own:
//! - [`toolchain`] finds the command lines, builds or installs what is missing into a cache, and says what it did;
//! - [`workspace`] runs a configuration in a directory and an environment of its own;
//! - [`aws`] hands out accounts on a local AWS, with its journal, rules and direct calls;
//! - [`gateway`] is the proxy in front of the emulator that makes the last three possible;
//! - [`check`] holds the small named values that expectations are made of.
//!
//! This crate must never reach a real AWS account, write to standard output, or know another room of the house.

pub mod aws;
pub mod check;
pub mod gateway;
pub mod process;
pub mod schedule;
pub mod toolchain;
pub mod workspace;

pub use aws::LocalAws;
pub use gateway::StoppedTask;
pub use gateway::rules::on;
pub use toolchain::{Cli, Kind};
pub use workspace::{Stack, Workspace};
