//! Resource types of the family `skreg_ecs_*`.

pub mod service_bundle;
