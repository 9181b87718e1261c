//! Checks that a service can assume a role. Must not store anything.
//!
//! Follows the IAM API Reference, page GetRole, and the IAM User Guide, page "IAM JSON policy elements: Principal".

use serde_json::Value;

use super::super::request::{Request, unescape};
use super::{Backend, Failure};

/// Returns whether the role exists and its trust policy allows the service to assume it. Conditions are not evaluated.
pub(super) async fn is_assumable(
    request: &Request,
    role_arn: &str,
    service: &str,
    backend: &Backend<'_>,
) -> Result<bool, Failure> {
    let Some((_, name)) = role_arn.rsplit_once('/') else {
        return Ok(false);
    };
    let call = request.for_query("iam", "2010-05-08", "GetRole", [("RoleName", name)]);
    let response = backend.send(&call).await?;
    if !response.status.is_success() {
        return Ok(false);
    }
    let text = String::from_utf8_lossy(&response.body);
    let encoded = text
        .split_once("<AssumeRolePolicyDocument>")
        .and_then(|(_, rest)| rest.split_once("</AssumeRolePolicyDocument>"))
        .map_or("", |(encoded, _)| encoded);
    let policy = unescape(encoded.replace("&quot;", "\"").as_bytes());
    let policy: Value = serde_json::from_str(&policy).unwrap_or_default();
    let allows = |statement: &Value| {
        statement["Effect"] == "Allow"
            && includes(&statement["Action"], "sts:AssumeRole")
            && includes(&statement["Principal"]["Service"], service)
    };
    Ok(match &policy["Statement"] {
        Value::Array(statements) => statements.iter().any(allows),
        statement => allows(statement),
    })
}

/// Returns whether a string or a list of strings includes a string.
fn includes(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|value| value == wanted),
        value => value == wanted,
    }
}
