//! CloudWatch Logs: the KMS key that encrypts a log group. Stateless; the emulator stores the log groups.
//!
//! Follows the User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS": the key must exist and be enabled, and
//! its policy must name the CloudWatch Logs service principal.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};

pub(super) async fn respond(
    request: &Request,
    upstream: &Upstream,
) -> Result<ApiResponse, UpstreamError> {
    let takes_key = ["CreateLogGroup", "AssociateKmsKey"].contains(&request.action.as_str());
    let body = request.json();
    let key = &body["kmsKeyId"];
    if takes_key && key.is_string() && !usable(request, key, upstream).await? {
        let group = body["logGroupName"].as_str().unwrap_or_default();
        let message = format!(
            "The specified KMS key does not exist or is not allowed to be used with Arn of log group '{group}'"
        );
        let code = "InvalidParameterException";
        return Ok(ApiResponse::error(
            request,
            StatusCode::BAD_REQUEST,
            code,
            &message,
        ));
    }
    upstream.forward(request).await
}

async fn usable(
    request: &Request,
    key: &Value,
    upstream: &Upstream,
) -> Result<bool, UpstreamError> {
    let call = |action: &str, body: &Value| {
        request.for_service("kms", &format!("TrentService.{action}"), body)
    };
    let described = upstream
        .forward(&call("DescribeKey", &json!({ "KeyId": key })))
        .await?
        .value();
    if described["KeyMetadata"]["KeyState"] != "Enabled" {
        return Ok(false);
    }
    let policy = json!({ "KeyId": key, "PolicyName": "default" });
    let policy = upstream
        .forward(&call("GetKeyPolicy", &policy))
        .await?
        .value();
    let policy = policy["Policy"].as_str().unwrap_or_default();
    // `logs.REGION.amazonaws.com`. Some partitions use a different suffix.
    Ok(policy.contains("\"logs."))
}
