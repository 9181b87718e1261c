//! Finds or installs the tools of a run: command lines, Python for the local AWS, Go for building OpenTofu, provider
//! mirrors.
//!
//! Installed tools are preferred. Missing ones are installed into the cache of the project, never elsewhere. Only this
//! module passes the user's environment to child processes, because `go` and `pip` need its proxies.

pub mod cache;
mod cli;
mod doctor;
mod emulator;
mod mirror;
mod opentofu;
mod progress;
mod scanner;
mod tool;

pub use cache::CacheError;
pub use cli::{Cli, FLOOR, FindError, Kind, UnknownKind};
pub use doctor::{Finding, Status, doctor};
pub use emulator::{EmulatorError, emulator_python, emulator_python_with};
pub(crate) use mirror::{HOSTS, platform};
pub use mirror::{Package, provider_packages};
pub use opentofu::BuildError;
pub use progress::{Progress, Quiet};
pub use scanner::{scanner_python, scanner_python_with};
pub use tool::{Tool, ToolError, go, python};
