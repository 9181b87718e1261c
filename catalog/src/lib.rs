//! Our modules as typed declarations. A declaration is data: it reads no file, clock or environment.
//!
//! What the packages of a cloud share is in a folder of its own, such as [`aws`]; what one package alone has is below
//! `packages/`. A new package is added to [`packages()`].

pub mod aws;
mod packages;
mod provider;

pub use packages::packages;
