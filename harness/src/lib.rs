//! Drives `tofu` and `terraform` against a local AWS, without an account or containers, and cleans up.
//!
//! The crate has five modules, each usable on its own:
//! - [`toolchain`] finds the command lines, and builds or installs missing tools into a cache;
//! - [`workspace`] runs a configuration in a separate directory and environment;
//! - [`aws`] creates accounts on a local AWS, with journal, rules and direct calls;
//! - [`gateway`] is the proxy in front of the emulator;
//! - [`check`] contains named checks that expectations are composed of.
//!
//! This crate must never reach a real AWS account, write to standard output, or depend on another component.

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
