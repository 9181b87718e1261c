//! The `skreg_ecs_*` resource types.

pub mod service_bundle;
