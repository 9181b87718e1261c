//! The packages below `modules/`, as their users see them: their files under every command line, and what they
//! make on the local AWS, asked of its API.
//!
//! The expectations are those of the product, written by hand. Nothing here reads a declaration or a state to learn what
//! should be true.

mod destroy;
mod documented;
mod every;
mod facts;
mod frozen;
mod half_failed;
mod inputs;
mod mutations;
#[path = "../verifier/openssl.rs"]
mod openssl;
mod package;
mod parts;
mod policies;
mod reachability;
mod requirements;
mod scan;
#[path = "../acceptance/scenario.rs"]
mod scenario;
mod secrets;
mod skreg;
mod upgrade;
