//! Tests the double of a provider with every CLI, without the provider and without an API.
//!
//! The expectations do not come from the double: they are written manually, or come from `hashicorp/aws`.

mod bad_input;
mod errors;
mod life;
mod package;
mod plans;
mod providers;
