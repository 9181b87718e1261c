//! A model of a Terraform or OpenTofu module in Rust, its checker and its renderer.
