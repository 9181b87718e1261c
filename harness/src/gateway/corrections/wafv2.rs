//! AWS WAF: logging configurations and resource associations for web ACLs.
//!
//! Follows the API Reference, pages PutLoggingConfiguration, LoggingConfiguration, GetWebACLForResource, and
//! DeleteWebACL. Stores a logging configuration after the documented checks: the web ACL and the destination exist,
//! exactly one destination is specified, and its name starts with `aws-waf-logs-`.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};
use super::memory::Memory;

type Responded = Result<ApiResponse, UpstreamError>;

/// "The destination name must begin with `aws-waf-logs-`", for every type of destination.
const DESTINATIONS: [&str; 3] = [
    ":log-group:aws-waf-logs-",
    ":::aws-waf-logs-",
    ":deliverystream/aws-waf-logs-",
];
/// "You can specify only the following fields for redaction".
const REDACTABLE: [&str; 4] = ["UriPath", "QueryString", "SingleHeader", "Method"];

/// Logging configurations by web ACL ARN.
#[derive(Default)]
pub(super) struct Wafv2 {
    logging: Memory<Value>,
}

impl Wafv2 {
    pub(super) async fn respond(&self, request: &Request, upstream: &Upstream) -> Responded {
        let body = request.json();
        match request.action.as_str() {
            "PutLoggingConfiguration" => self.put(request, &body, upstream).await,
            "GetLoggingConfiguration" => Ok(self.get(request, &body)),
            "DeleteLoggingConfiguration" => {
                let arn = body["ResourceArn"].as_str().unwrap_or_default();
                Ok(match self.logging.remove(request, arn) {
                    Some(_) => ApiResponse::json(&json!({})),
                    None => missing(request),
                })
            }
            "ListLoggingConfigurations" => {
                let all: Vec<_> = self
                    .logging
                    .of(request)
                    .into_iter()
                    .map(|(_, kept)| kept)
                    .collect();
                Ok(ApiResponse::json(&json!({ "LoggingConfigurations": all })))
            }
            "GetWebACLForResource" => of_resource(request, upstream).await,
            "DeleteWebACL" => self.delete(request, &body, upstream).await,
            _ => upstream.forward(request).await,
        }
    }

    async fn put(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let mut wanted = body["LoggingConfiguration"].clone();
        let arn = wanted["ResourceArn"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let destination = match wanted["LogDestinationConfigs"]
            .as_array()
            .map(Vec::as_slice)
        {
            Some([Value::String(one)]) => one.clone(),
            _ => {
                return Ok(invalid(
                    request,
                    "LOG_DESTINATION",
                    "exactly one destination",
                ));
            }
        };
        if !DESTINATIONS.iter().any(|name| destination.contains(name)) {
            let reason = "the name of the destination must begin with aws-waf-logs-";
            return Ok(invalid(request, "LOG_DESTINATION", reason));
        }
        let mut redacted = wanted["RedactedFields"].as_array().into_iter().flatten();
        if !redacted.all(|field| REDACTABLE.iter().any(|name| field.get(name).is_some())) {
            return Ok(invalid(
                request,
                "LOGGING_FILTER",
                "the field cannot be redacted",
            ));
        }
        let acl = upstream
            .forward(&request.follow_up("GetWebACL", &named(&arn)))
            .await?;
        if !acl.status.is_success() || acl.value()["WebACL"]["ARN"] != arn {
            return Ok(missing(request));
        }
        if !log_group_exists(request, upstream, &destination).await? {
            return Ok(invalid(
                request,
                "LOG_DESTINATION",
                "the log group does not exist",
            ));
        }
        wanted["ManagedByFirewallManager"] = Value::Bool(false);
        for (name, default) in [("LogType", "WAF_LOGS"), ("LogScope", "CUSTOMER")] {
            if wanted[name].is_null() {
                wanted[name] = Value::String(default.to_owned());
            }
        }
        self.logging.insert(request, &arn, wanted.clone());
        Ok(ApiResponse::json(
            &json!({ "LoggingConfiguration": wanted }),
        ))
    }

    fn get(&self, request: &Request, body: &Value) -> ApiResponse {
        let arn = body["ResourceArn"].as_str().unwrap_or_default();
        match self.logging.get(&request.account, arn) {
            Some(kept) => ApiResponse::json(&json!({ "LoggingConfiguration": kept })),
            None => missing(request),
        }
    }

    /// DeleteWebACL: "You can only delete a web ACL if it's not in use". Also deletes the logging configuration.
    async fn delete(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let acl = upstream
            .forward(&request.follow_up("GetWebACL", body))
            .await?
            .value();
        let arn = acl["WebACL"]["ARN"].as_str().unwrap_or_default();
        let of = json!({ "WebACLArn": arn });
        let used = upstream
            .forward(&request.follow_up("ListResourcesForWebACL", &of))
            .await?
            .value();
        if used["ResourceArns"]
            .as_array()
            .is_some_and(|arns| !arns.is_empty())
        {
            let message = "AWS WAF couldn't perform the operation because your resource is being used by another \
                           resource or it's associated with another resource.";
            return Ok(refuse(request, "WAFAssociatedItemException", message));
        }
        let response = upstream.forward(request).await?;
        if response.status.is_success() {
            self.logging.remove(request, arn);
        }
        Ok(response)
    }
}

/// GetWebACLForResource: succeeds if the resource has no web ACL.
async fn of_resource(request: &Request, upstream: &Upstream) -> Responded {
    let response = upstream.forward(request).await?;
    match response.error_code().as_deref() {
        Some("WAFNonexistentItemException") => Ok(ApiResponse::json(&json!({}))),
        _ => Ok(response),
    }
}

/// Returns the parameters for GetWebACL from `arn:aws:wafv2:REGION:ACCOUNT:SCOPE/webacl/NAME/ID`.
fn named(arn: &str) -> Value {
    let resource = arn.rsplit(':').next().unwrap_or_default();
    let mut parts = resource.split('/');
    let scope = match parts.next() {
        Some("global") => "CLOUDFRONT",
        _ => "REGIONAL",
    };
    let name = parts.nth(1).unwrap_or_default();
    json!({ "Scope": scope, "Name": name, "Id": parts.next().unwrap_or_default() })
}

/// Returns whether a log group destination exists. Other destinations are not checked.
async fn log_group_exists(
    request: &Request,
    upstream: &Upstream,
    destination: &str,
) -> Result<bool, UpstreamError> {
    let Some((_, name)) = destination.split_once(":log-group:") else {
        return Ok(true);
    };
    let name = name.trim_end_matches(":*");
    let body = json!({ "logGroupNamePrefix": name });
    let call = request.for_service("logs", "Logs_20140328.DescribeLogGroups", &body);
    let groups = upstream.forward(&call).await?.value()["logGroups"].take();
    let mut groups = groups.as_array().into_iter().flatten();
    Ok(groups.any(|group| group["logGroupName"] == name))
}

fn missing(request: &Request) -> ApiResponse {
    let message = "AWS WAF couldn't perform the operation because your resource doesn't exist.";
    refuse(request, "WAFNonexistentItemException", message)
}

fn invalid(request: &Request, field: &str, reason: &str) -> ApiResponse {
    let message = format!("Error reason: {reason}, field: {field}");
    refuse(request, "WAFInvalidParameterException", &message)
}

fn refuse(request: &Request, code: &str, message: &str) -> ApiResponse {
    ApiResponse::error(request, StatusCode::BAD_REQUEST, code, message)
}
