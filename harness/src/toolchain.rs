//! Finds or installs the tools for a run: CLIs, Python for the local AWS emulator, Go for building OpenTofu, and
//! provider mirrors.
//!
//! Installed tools take precedence. Missing tools are installed into the project cache, never elsewhere. Only this
//! module passes the user's environment to child processes, because `go` and `pip` require its proxy settings.

pub mod cache;
mod cli;
mod doctor;
mod emulator;
mod go_program;
mod kubernetes;
mod linter;
mod mirror;
mod models;
mod opentofu;
mod progress;
mod scanner;
mod tool;
mod workflow_linter;

pub use cache::CacheError;
pub use cli::{Cli, FLOOR, FindError, Kind, UnknownKind};
pub use doctor::{Finding, Status, doctor};
pub use emulator::{EmulatorError, emulator_python, emulator_python_with};
pub use go_program::BuildError;
pub use kubernetes::{ControlPlanePrograms, control_plane_with, helm_with};
pub use linter::{linter_python, linter_python_with};
pub(crate) use mirror::{HOSTS, platform};
pub use mirror::{Package, provider_packages};
pub use models::service_models;
pub use progress::{Progress, Quiet};
pub use scanner::{scanner_python, scanner_python_with};
pub use tool::{Tool, ToolError, go, python};
pub use workflow_linter::{actionlint, actionlint_with, shellcheck, shellcheck_with};
