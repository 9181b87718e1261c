//! Amazon S3: the expected bucket owner, conflicts of conditional writes, and denied deletions.
//!
//! Follows the API Reference, page PutObject (`x-amz-expected-bucket-owner`, `If-Match`, and `If-None-Match`), and the
//! User Guide, pages "How to prevent object overwrites with conditional writes" and "Verifying bucket ownership with
//! bucket owner condition". The emulator itself evaluates the conditions (412 and 404).

mod deletion;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use hyper::{Method, StatusCode};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};

type Responded = Result<ApiResponse, UpstreamError>;

/// Number of writes in progress, by account and path.
#[derive(Default)]
pub(super) struct S3 {
    writes: Mutex<BTreeMap<String, usize>>,
}

impl S3 {
    pub(super) async fn respond(&self, request: &Request, upstream: &Upstream) -> Responded {
        if let Some(refused) = other_owner(request, upstream).await? {
            return Ok(refused);
        }
        if let Some(refused) = deletion::denied(request, upstream).await? {
            return Ok(refused);
        }
        if !request.action.starts_with("PUT /*/*") || request.action.contains('?') {
            return upstream.forward(request).await;
        }
        if let Some(refused) = unsupported(request) {
            return Ok(refused);
        }
        let write = Write::begin(self, request);
        if write.conflicts && is_conditional(request) {
            let message = "The conditional request cannot succeed due to a conflicting operation against this resource.";
            let code = "ConditionalRequestConflict";
            return Ok(ApiResponse::error(
                request,
                StatusCode::CONFLICT,
                code,
                message,
            ));
        }
        upstream.forward(request).await
    }

    fn with<T>(&self, change: impl FnOnce(&mut BTreeMap<String, usize>) -> T) -> T {
        change(&mut self.writes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A write in progress. Dropping the value ends the write.
struct Write<'a> {
    s3: &'a S3,
    object: String,
    /// Whether another write to the same object was in progress when this one began: "If a conflicting operation occurs
    /// during the upload S3 returns a 409 ConditionalRequestConflict response" (PutObject).
    conflicts: bool,
}

impl<'a> Write<'a> {
    fn begin(s3: &'a S3, request: &Request) -> Self {
        let object = format!("{}{}", request.account, request.uri.path());
        let conflicts = s3.with(|writes| {
            let count = writes.entry(object.clone()).or_default();
            *count += 1;
            *count > 1
        });
        Self {
            s3,
            object,
            conflicts,
        }
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        self.s3.with(|writes| {
            if let Some(count) = writes.get_mut(&self.object) {
                *count -= 1;
                if *count == 0 {
                    writes.remove(&self.object);
                }
            }
        });
    }
}

/// PutObject, `If-None-Match`: "Expects the '*' (asterisk) character." `NotImplemented`, 501: "A header you provided implies
/// functionality that is not implemented." (API Reference, Error responses.)
fn unsupported(request: &Request) -> Option<ApiResponse> {
    let value = header(request, "if-none-match")?;
    let message = "A header you provided implies functionality that is not implemented";
    (value.trim() != "*").then(|| {
        ApiResponse::error(
            request,
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            message,
        )
    })
}

fn is_conditional(request: &Request) -> bool {
    header(request, "if-match").is_some() || header(request, "if-none-match").is_some()
}

/// "If the account ID that you provide does not match the actual owner of the bucket, the request fails with the HTTP
/// status code 403 Forbidden (access denied)" (PutObject). The caller owns the buckets that ListBuckets returns. The
/// emulator itself reports missing buckets, and denies access to buckets of other accounts.
async fn other_owner(
    request: &Request,
    upstream: &Upstream,
) -> Result<Option<ApiResponse>, UpstreamError> {
    let Some(expected) = header(request, "x-amz-expected-bucket-owner") else {
        return Ok(None);
    };
    let path = request.uri.path();
    let bucket = path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default();
    let mut listing = request.clone();
    listing.method = Method::GET;
    listing.uri = hyper::Uri::from_static("/");
    for name in CONDITIONS {
        listing.headers.remove(name);
    }
    let listed = upstream.forward(&listing.with_body("")).await?;
    let listed = String::from_utf8_lossy(&listed.body).into_owned();
    let own = listed.contains(&format!("<Name>{bucket}</Name>"));
    let refused = own && expected != request.account;
    Ok(refused.then(|| {
        ApiResponse::error(
            request,
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "Access Denied",
        )
    }))
}

/// Headers that apply to the object and not to the list of buckets.
const CONDITIONS: [&str; 6] = [
    "if-match",
    "if-none-match",
    "range",
    "content-md5",
    "x-amz-checksum-sha256",
    "x-amz-content-sha256",
];

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name)?.to_str().ok()
}
