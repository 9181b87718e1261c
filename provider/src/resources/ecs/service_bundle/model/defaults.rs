//! Defaults of attributes. They apply in the schema, to omitted objects, and to attributes that an import cannot read from
//! ECS.

use super::rules::{ROLLBACK, WAIT};

/// Default of `cpu_architecture`.
pub const CPU_ARCHITECTURE: &str = "X86_64";
/// Default of `operating_system_family`.
pub const OPERATING_SYSTEM_FAMILY: &str = "LINUX";
/// Default of `propagate_tags`.
pub const PROPAGATE_TAGS: &str = "SERVICE";
/// Default of `on_create_failure`.
pub const ON_CREATE_FAILURE: &str = ROLLBACK;
/// Default of `error_log_lines`.
pub const ERROR_LOG_LINES: u32 = 20;
/// Default of `verify`.
pub const VERIFY: &str = "error";
/// Default of `keep_revisions`.
pub const KEEP_REVISIONS: u32 = 5;
/// Default of `deletion_protection`.
pub const DELETION_PROTECTION: bool = true;
/// Default of `deployment.minimum_healthy_percent`.
pub const MINIMUM_HEALTHY_PERCENT: u32 = 100;
/// Default of `deployment.maximum_percent`.
pub const MAXIMUM_PERCENT: u32 = 200;
/// Default of `deployment.wait`.
pub const WAITS: bool = true;
/// Default of `deployment.concurrent`.
pub const CONCURRENT: &str = WAIT;
