//! CloudFront: log buckets for distributions, and empty header lists in policies. Stateless; the emulator stores the
//! objects.
//!
//! Follows the Developer Guide, "Standard logging (legacy)": the log bucket must have ACLs enabled, so its object
//! ownership must not be the default for new buckets, `BucketOwnerEnforced`. Follows the API Reference, page
//! ResponseHeadersPolicyConfig: a policy omits elements that were not specified when it was created.

use hyper::{Method, StatusCode};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};
use super::super::xml::Node;

pub(super) async fn respond(
    request: &Request,
    upstream: &Upstream,
) -> Result<ApiResponse, UpstreamError> {
    let writes = [Method::POST, Method::PUT].contains(&request.method)
        && request.uri.path().contains("/distribution");
    if writes
        && let Some(bucket) = log_bucket(request)
        && !has_acls(request, &bucket, upstream).await?
    {
        let message = format!(
            "The S3 bucket that you specified for CloudFront logs does not enable ACL access: {bucket}.s3.amazonaws.com"
        );
        return Ok(ApiResponse::error(
            request,
            StatusCode::BAD_REQUEST,
            "InvalidArgument",
            &message,
        ));
    }
    Ok(without_empty_lists(upstream.forward(request).await?))
}

/// Removes empty header lists from response headers policies.
fn without_empty_lists(response: ApiResponse) -> ApiResponse {
    let lists = ["CustomHeadersConfig", "RemoveHeadersConfig"];
    if !String::from_utf8_lossy(&response.body).contains(lists[0]) {
        return response;
    }
    response.changed(|tree| {
        for list in lists {
            tree.visit_with(list, &mut |policy| {
                policy
                    .children
                    .retain(|child| child.name != list || child.text_of("Quantity") != "0");
            });
        }
    })
}

/// Returns the bucket name in `NAME.s3.amazonaws.com`, or `None` if logging is disabled.
fn log_bucket(request: &Request) -> Option<String> {
    let mut tree = Node::parse(std::str::from_utf8(&request.body).ok()?)?;
    let mut bucket = None;
    tree.visit_with("Logging", &mut |configuration| {
        let logging = configuration.child("Logging");
        bucket = logging
            .filter(|logging| logging.text_of("Enabled") == "true")
            .and_then(|logging| {
                logging
                    .text_of("Bucket")
                    .split(".s3")
                    .next()
                    .map(str::to_owned)
            });
    });
    bucket.filter(|name| !name.is_empty())
}

async fn has_acls(
    request: &Request,
    bucket: &str,
    upstream: &Upstream,
) -> Result<bool, UpstreamError> {
    let Some(call) = request.for_s3(&format!("/{bucket}?ownershipControls")) else {
        return Ok(false);
    };
    let response = upstream.forward(&call).await?;
    let tree = response.xml().unwrap_or_default();
    let ownership = tree.texts("ObjectOwnership");
    Ok(response.status.is_success()
        && ["BucketOwnerPreferred", "ObjectWriter"]
            .iter()
            .any(|wanted| ownership == [*wanted]))
}
