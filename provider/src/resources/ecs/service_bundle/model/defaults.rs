//! Defaults of attributes, each stated once: for the schema, for objects that are left out as a whole, and for what an
//! import cannot read from ECS.

use super::rules::{ROLLBACK, WAIT};

/// Of `on_create_failure`.
pub const ON_CREATE_FAILURE: &str = ROLLBACK;
/// Of `error_log_lines`.
pub const ERROR_LOG_LINES: u32 = 20;
/// Of `verify`.
pub const VERIFY: &str = "error";
/// Of `keep_revisions`.
pub const KEEP_REVISIONS: u32 = 5;
/// Of `deletion_protection`.
pub const DELETION_PROTECTION: bool = true;
/// Of `deployment.minimum_healthy_percent`.
pub const MINIMUM_HEALTHY_PERCENT: u32 = 100;
/// Of `deployment.maximum_percent`.
pub const MAXIMUM_PERCENT: u32 = 200;
/// Of `deployment.wait`.
pub const WAITS: bool = true;
/// Of `deployment.concurrent`.
pub const CONCURRENT: &str = WAIT;
