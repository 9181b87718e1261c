//! A model of a Terraform or OpenTofu module in Rust, its checker and its renderer.

mod format;

pub use format::{FormatError, Position, format};
