//! What the module generator writes, under every command line: formatted, valid, and meaning what the declaration means.
//!
//! The generator is reached as what it wrote and as a built program. Nothing here knows how it prints.

mod expressions;
mod network;
mod program;
mod schemas;
