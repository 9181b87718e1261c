//! The tools a run needs: command lines, Python for the local AWS, Go for building OpenTofu, provider mirrors.
//!
//! What the machine has is preferred; what is missing goes into the project's own cache, never anywhere else. This
//! is the only module that lets a child see the user's environment, because `go` and `pip` need its proxies.

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
