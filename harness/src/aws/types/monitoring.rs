//! Rows for dashboards. Data only.

use super::Parameter::Of;
use super::{Listed, ResourceType, action};

pub(super) const TYPES: &[ResourceType] = &[ResourceType::new(
    "aws_cloudwatch_dashboard",
    action(
        "monitoring",
        "GetDashboard",
        &[("DashboardName", Of("dashboard_name"))],
        &["dashboard_name"],
    ),
)
.left(&[Listed::call(
    "dashboard",
    "monitoring",
    "ListDashboards",
    "DashboardEntries",
    "DashboardName",
)])];
