//! Tests the packages in `modules/`: their files with every CLI, and the created resources through the API of the local
//! AWS emulator.
//!
//! Expectations are written manually from the requirements. Tests do not derive them from declarations or state.

mod destroy;
mod documented;
mod every;
mod facts;
mod frozen;
mod half_failed;
mod inputs;
mod ml_api;
mod mutations;
mod names;
#[path = "../verifier/openssl.rs"]
mod openssl;
mod package;
mod parts;
mod permissions;
mod pipeline;
mod pki;
mod policies;
mod preview;
#[path = "../preview/providers.rs"]
mod preview_providers;
#[path = "../double/providers.rs"]
mod providers;
mod reachability;
#[path = "../verifier/readme.rs"]
mod readme;
mod requirements;
mod scaleway;
#[path = "../scaleway/provider.rs"]
mod scaleway_provider;
mod scan;
#[path = "../acceptance/scenario.rs"]
mod scenario;
mod secrets;
#[path = "../verifier/shell.rs"]
mod shell;
mod skreg;
mod state_backend;
mod upgrade;
