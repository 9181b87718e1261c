//! CloudWatch: definitions of metric alarms, metric math, and dashboard bodies.
//!
//! Follows the API Reference, pages PutMetricAlarm, MetricDataQuery, MetricStat, EnableAlarmActions, DescribeAlarms,
//! and PutDashboard, and the User Guide, page "Using math expressions with CloudWatch metrics". The emulator stores the
//! state of alarms and all dashboards. The definitions are stored here after the documented checks.
//!
//! Only the AWS Query protocol is corrected, which the AWS providers use.

mod definition;

use hyper::StatusCode;
use serde_json::Value;

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::services::stored::Stored;
use super::super::upstream::{Upstream, UpstreamError};
use super::super::xml::Node;
use definition::{checked, definition};

type Responded = Result<ApiResponse, UpstreamError>;

/// Definitions of alarms by name.
#[derive(Default)]
pub(super) struct Monitoring {
    alarms: Stored,
}

impl Monitoring {
    pub(super) async fn respond(&self, request: &Request, upstream: &Upstream) -> Responded {
        match request.action.as_str() {
            "PutMetricAlarm" => self.put(request, upstream).await,
            "DescribeAlarms" | "DescribeAlarmsForMetric" => {
                let response = upstream.forward(request).await?;
                Ok(response.changed(|tree| {
                    tree.visit_with("AlarmArn", &mut |alarm| self.describe(request, alarm));
                }))
            }
            "EnableAlarmActions" | "DisableAlarmActions" => {
                let response = upstream.forward(request).await?;
                if response.status.is_success() {
                    let enabled = request.action == "EnableAlarmActions";
                    self.set_enabled(request, enabled);
                }
                Ok(response)
            }
            "DeleteAlarms" => {
                let response = upstream.forward(request).await?;
                if response.status.is_success() {
                    for name in request.list("AlarmNames.member") {
                        self.alarms.remove(request, &name);
                    }
                }
                Ok(response)
            }
            "PutDashboard" => match dashboard_error(request) {
                Some(message) => Ok(refuse(request, "InvalidParameterInput", message)),
                None => upstream.forward(request).await,
            },
            _ => upstream.forward(request).await,
        }
    }

    /// PutMetricAlarm: "When you update an existing alarm, its state is left unchanged, but the update completely
    /// overwrites the previous configuration of the alarm."
    async fn put(&self, request: &Request, upstream: &Upstream) -> Responded {
        let wanted = definition(request);
        if let Err(message) = checked(&wanted) {
            return Ok(refuse(request, "ValidationError", &message));
        }
        let response = upstream.forward(request).await?;
        if response.status.is_success() {
            let name = request.field("AlarmName").unwrap_or_default();
            self.alarms.insert(request, &name, wanted);
        }
        Ok(response)
    }

    /// Replaces the definition in a description. Alarms of other protocols have none here.
    fn describe(&self, request: &Request, alarm: &mut Node) {
        let Some(definition) = self.alarms.get(request, alarm.text_of("AlarmName")) else {
            return;
        };
        let state = [
            "AlarmName",
            "AlarmArn",
            "StateValue",
            "StateReason",
            "StateReasonData",
        ];
        alarm
            .children
            .retain(|child| state.contains(&child.name.as_str()));
        for (name, value) in definition.as_object().into_iter().flatten() {
            alarm.set(node(name, value));
        }
    }

    fn set_enabled(&self, request: &Request, enabled: bool) {
        for name in request.list("AlarmNames.member") {
            if let Some(mut alarm) = self.alarms.get(request, &name) {
                alarm["ActionsEnabled"] = enabled.to_string().into();
                self.alarms.insert(request, &name, alarm);
            }
        }
    }
}

/// Returns a value as an element of AWS Query.
fn node(name: &str, value: &Value) -> Node {
    match value {
        Value::Array(entries) => {
            Node::branch(name, entries.iter().map(|entry| node("member", entry)))
        }
        Value::Object(members) => {
            Node::branch(name, members.iter().map(|(name, value)| node(name, value)))
        }
        Value::String(text) => Node::leaf(name, text),
        other => Node::leaf(name, &other.to_string()),
    }
}

/// PutDashboard: the body is a JSON object with a list of widgets, each of which has a type and properties.
fn dashboard_error(request: &Request) -> Option<&'static str> {
    let body = request.field("DashboardBody").unwrap_or_default();
    let Ok(Value::Object(body)) = serde_json::from_str(&body) else {
        return Some("The field DashboardBody must be a valid JSON object");
    };
    let Some(Value::Array(widgets)) = body.get("widgets") else {
        return Some("The dashboard body is invalid: the field widgets is required");
    };
    let types = ["metric", "text", "log", "alarm", "explorer", "custom"];
    let is_valid = |widget: &Value| {
        let kind = widget["type"].as_str().unwrap_or_default();
        types.contains(&kind) && widget["properties"].is_object()
    };
    match widgets.iter().all(is_valid) {
        true => None,
        false => Some("The dashboard body is invalid: a widget requires a type and properties"),
    }
}

fn refuse(request: &Request, code: &str, message: &str) -> ApiResponse {
    ApiResponse::error(request, StatusCode::BAD_REQUEST, code, message)
}
