//! Runs `tofu` and `terraform` against a local AWS emulator, without an AWS account or containers, and cleans up.
//!
//! The crate has six modules. Each can be used separately:
//! - [`toolchain`] finds the CLIs, and builds or installs missing tools into a cache;
//! - [`workspace`] runs a configuration in a separate directory and environment;
//! - [`aws`] creates accounts on the local AWS emulator, with journal, rules, and direct calls;
//! - [`gateway`] is the proxy between clients and the emulator;
//! - [`kubernetes`] starts a Kubernetes control plane without nodes, and is a client of its API;
//! - [`check`] contains named checks that can be combined into expectations.
//!
//! This crate must never reach a real AWS account, write to standard output, or depend on another component.

pub mod aws;
pub mod check;
pub mod gateway;
pub mod kubernetes;
mod poll;
pub mod process;
pub mod schedule;
pub mod toolchain;
pub mod workspace;

pub use aws::LocalAws;
pub use gateway::StoppedTask;
pub use gateway::rules::on;
pub use toolchain::{Cli, Kind};
pub use workspace::{SUBSET_VARIABLE, Stack, Workspace};
