//! Tests the packages for Scaleway with a double of the provider, with every CLI: apply, an empty second plan, changes, and
//! destroy. A real account is not required.
//!
//! Expectations are written manually from the requirements and from the documentation of Scaleway.

mod app;
mod backend;
mod facts;
mod order;
mod protection;
mod provider;
mod quickstart;
#[path = "../verifier/readme.rs"]
mod readme;
mod rows;
#[path = "../verifier/shell.rs"]
mod shell;
mod state;
mod table;
