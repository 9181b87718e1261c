//! Rollouts on Amazon Elastic Container Service (Amazon ECS).
//!
//! The modules use the interface [`api::EcsApi`]. Only [`sdk`] calls AWS. Only [`sdk`] and the settings in [`service`],
//! which convert themselves, use types of the AWS SDK. No module depends on the plugin protocol. Time is injected
//! ([`clock::Clock`]), so tests do not wait.

pub mod api;
pub mod apply;
pub mod attempt;
pub mod bundle;
mod claim;
pub mod clock;
mod concurrent;
mod create;
pub mod definition;
pub mod delete;
pub mod drift;
pub mod environment;
pub mod error;
pub mod evidence;
pub mod fargate;
pub mod image;
mod log_tail;
pub mod notice;
mod number;
pub mod ownership;
pub mod read;
mod recorded;
mod repeat;
mod retire;
mod revisions;
pub mod rollout;
pub mod sdk;
pub mod secret_reference;
pub mod service;
pub mod target;
mod update;
pub mod verdict;
mod verify;
