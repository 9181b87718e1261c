//! Flow logs: role, interval, format, log group, and tags, which the emulator does not store.
//!
//! Follows the API Reference, pages CreateFlowLogs and FlowLog: an interval is 60 or 600 seconds (the default), a flow
//! log that publishes to CloudWatch Logs requires a role, and tags have the resource type `vpc-flow-log`.

use super::super::super::request::Request;
use super::super::super::response::ApiResponse;
use super::super::super::upstream::Upstream;
use super::super::super::xml::Node;
use super::super::memory::Memory;
use super::{Responded, refuse};

const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} \
                              ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

/// Attributes of a flow log that the emulator does not store.
#[derive(Clone)]
pub(super) struct FlowLog {
    role: Option<String>,
    interval: String,
    format: String,
}

pub(super) async fn create(
    flow_logs: &Memory<FlowLog>,
    request: &Request,
    upstream: &Upstream,
) -> Responded {
    let interval = request.field("MaxAggregationInterval");
    let interval = interval.unwrap_or_else(|| "600".to_owned());
    if !["60", "600"].contains(&interval.as_str()) {
        let message = format!("Invalid value '{interval}' for MaxAggregationInterval");
        return Ok(refuse(request, "InvalidParameter", &message));
    }
    let kind = request.field("LogDestinationType");
    let to_logs = kind.is_none_or(|kind| kind == "cloud-watch-logs");
    let role = request.field("DeliverLogsPermissionArn");
    if to_logs && !role.as_ref().is_some_and(|role| role.contains(":role/")) {
        let message =
            "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs";
        return Ok(refuse(request, "InvalidParameter", message));
    }
    let known = FlowLog {
        role,
        interval,
        format: request
            .field("LogFormat")
            .unwrap_or_else(|| DEFAULT_FORMAT.to_owned()),
    };
    let response = upstream.forward(request).await?;
    let made = response.xml().unwrap_or_default();
    let ids = made
        .child("flowLogIdSet")
        .map_or(Vec::new(), |list| list.texts("item"));
    for id in ids {
        flow_logs.insert(request, id, known.clone());
        let fields = tags(request);
        if !fields.is_empty() {
            let resource = ("ResourceId.1".to_owned(), id.to_owned());
            let fields = std::iter::once(resource).chain(fields);
            upstream
                .forward(&request.query("CreateTags", fields))
                .await?;
        }
    }
    Ok(response)
}

/// Returns `Tag.N.Key` and `Tag.N.Value` from the tag specification for flow logs.
fn tags(request: &Request) -> Vec<(String, String)> {
    let mut specifications = (1..).map_while(|index| {
        let name = format!("TagSpecification.{index}");
        let kind = request.field(&format!("{name}.ResourceType"))?;
        Some((name, kind))
    });
    let Some((name, _)) = specifications.find(|(_, kind)| kind == "vpc-flow-log") else {
        return Vec::new();
    };
    let fields = request.fields().into_iter();
    fields
        .filter_map(|(field, value)| {
            let tag = field.strip_prefix(&name)?.strip_prefix(".Tag.")?;
            Some((format!("Tag.{tag}"), value))
        })
        .collect()
}

pub(super) async fn describe(
    flow_logs: &Memory<FlowLog>,
    request: &Request,
    upstream: &Upstream,
) -> Responded {
    let response = upstream.forward(request).await?;
    Ok(with_stored_fields(flow_logs, request, response))
}

fn with_stored_fields(
    flow_logs: &Memory<FlowLog>,
    request: &Request,
    response: ApiResponse,
) -> ApiResponse {
    response.changed(|tree| {
        tree.visit_with("flowLogId", &mut |node| {
            let Some(known) = flow_logs.get(&request.account, node.text_of("flowLogId")) else {
                return;
            };
            if let Some(role) = known.role {
                node.set(Node::leaf("deliverLogsPermissionArn", &role));
            }
            node.set(Node::leaf("maxAggregationInterval", &known.interval));
            node.set(Node::leaf("logFormat", &known.format));
            node.set(Node::leaf("deliverLogsStatus", "SUCCESS"));
            let destination = node.text_of("logDestination");
            let group = destination.split_once(":log-group:").map(|(_, group)| {
                let name = group.strip_suffix(":*").unwrap_or(group);
                Node::leaf("logGroupName", name)
            });
            if let Some(group) = group {
                node.set(group);
            }
        });
    })
}

pub(super) async fn delete(
    flow_logs: &Memory<FlowLog>,
    request: &Request,
    upstream: &Upstream,
) -> Responded {
    let response = upstream.forward(request).await?;
    if response.status.is_success() {
        for id in request.list("FlowLogId") {
            flow_logs.remove(request, &id);
        }
    }
    Ok(response)
}
