//! Tests the module generator with every CLI: its output is formatted, valid, and equivalent to the declaration.
//!
//! Uses only the output and the built program of the generator.

mod expressions;
mod network;
mod program;
mod schemas;
mod subset;
