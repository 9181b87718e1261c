//! The provider and the examples under every command line, against one local AWS that all tests share.
//!
//! Assertions go against what did not write the answer: direct calls to the API, `openssl`, the command line's JSON.
//! Nothing here waits by time or tries again until it is green.

mod attributes;
mod authority;
mod bad_bundle;
mod bad_input;
mod bundle;
mod corner;
mod default_tags;
mod deployed;
mod diagnostic;
mod example;
mod faults;
mod ground;
mod in_place;
mod openssl;
mod program;
mod release;
mod replacement;
mod rollout;
mod root_ca;
mod root_key;
mod scenario;
mod schemas;
mod secrets;
mod service;
mod tutorial;
mod upgrade;
mod values;
