//! Fragments: groups of resources that can be declared in any module. Unlike parts, fragments are not modules.

pub mod alarm;
pub(crate) mod database_access;
pub(crate) mod distribution;
pub(crate) mod ecs_cluster;
pub(crate) mod image_repositories;
pub(crate) mod kms_key;
pub(crate) mod load_balancer;
pub(crate) mod log_group;
pub(crate) mod private_bucket;
pub(crate) mod security_group;
pub(crate) mod service_images;
pub(crate) mod service_role;
pub(crate) mod signing_key;
