//! The provider and the examples under every command line, against one local AWS that all tests share.
//!
//! Assertions go against what did not write the answer: direct calls to the API, `openssl`, the command line's JSON.
//! Nothing here waits by time or tries again until it is green.

mod authority;
mod bad_input;
mod corner;
mod diagnostic;
mod example;
mod ground;
mod openssl;
mod root_ca;
mod root_key;
mod scenario;
mod schemas;
mod secrets;
mod tutorial;
