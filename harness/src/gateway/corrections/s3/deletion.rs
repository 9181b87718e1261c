//! Amazon S3: bucket policies that deny deletions.
//!
//! Follows the API Reference, pages DeleteBucket, DeleteBucketPolicy, and DeleteObject (`versionId`), and the IAM User Guide,
//! page "Policy evaluation logic": an explicit deny overrides every allow. The emulator does not evaluate these actions. The
//! caller counts as an IAM principal, because the root user can always delete a bucket policy (DeleteBucketPolicy).
//!
//! Statements with conditions, and with other principals than everyone, are not evaluated.

use hyper::StatusCode;
use serde_json::Value;

use super::super::super::request::Request;
use super::super::super::response::ApiResponse;
use super::super::super::upstream::{Upstream, UpstreamError};

/// Operations, and their actions in policies.
const ACTIONS: [(&str, &str); 3] = [
    ("DELETE /*", "s3:DeleteBucket"),
    ("DELETE /*?policy", "s3:DeleteBucketPolicy"),
    ("DELETE /*/*?versionId", "s3:DeleteObjectVersion"),
];

/// Returns the error for a deletion that the bucket policy denies.
pub(super) async fn denied(
    request: &Request,
    upstream: &Upstream,
) -> Result<Option<ApiResponse>, UpstreamError> {
    let Some((_, action)) = ACTIONS.iter().find(|(name, _)| *name == request.action) else {
        return Ok(None);
    };
    let path = request.uri.path().trim_matches('/');
    let bucket = path.split('/').next().unwrap_or_default();
    let Some(policy) = request.for_s3(&format!("/{bucket}?policy")) else {
        return Ok(None);
    };
    let policy = upstream.forward(&policy).await?.value();
    let resource = format!("arn:aws:s3:::{path}");
    let denies = many(&policy["Statement"]).any(|statement| denies(statement, action, &resource));
    Ok(denies.then(|| {
        let message = format!(
            "User: arn:aws:iam::{}:user/local is not authorized to perform: {action} on resource: \"{resource}\" with an explicit deny in a resource-based policy",
            request.account
        );
        ApiResponse::error(request, StatusCode::FORBIDDEN, "AccessDenied", &message)
    }))
}

fn denies(statement: &Value, action: &str, resource: &str) -> bool {
    let everyone = statement["Principal"] == "*" || statement["Principal"]["AWS"] == "*";
    let names = |key: &str, name: &str| {
        many(&statement[key])
            .filter_map(Value::as_str)
            .any(|pattern| matches(pattern, name))
    };
    statement["Effect"] == "Deny"
        && everyone
        && statement.get("Condition").is_none()
        && names("Action", action)
        && names("Resource", resource)
}

/// Returns whether a pattern that can end with a wildcard matches a name.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

/// Returns the elements of a list, or a single element.
fn many(value: &Value) -> impl Iterator<Item = &Value> {
    let one = std::slice::from_ref(value);
    value.as_array().map_or(one, Vec::as_slice).iter()
}
