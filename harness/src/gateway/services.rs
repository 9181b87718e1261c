//! Services that the emulator does not have, one file or folder per service. Each file names the AWS documentation that
//! it follows.
//!
//! A service validates what AWS validates beyond the service model, such as references to other resources. It stores
//! objects in memory, by account and region. It must not run workloads.

mod application_autoscaling;
pub(super) mod stored;

use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::corrections::Corrections;
use super::request::{Protocol, Request};
use super::response::ApiResponse;
use super::upstream::{Upstream, UpstreamError};

/// The services and their objects.
#[derive(Default)]
pub(super) struct Services {
    application_autoscaling: application_autoscaling::ApplicationAutoScaling,
}

/// Reason why a call fails.
#[derive(Debug)]
pub(super) enum Failure {
    /// The service refuses the call.
    Refused { code: &'static str, message: String },
    /// The emulator did not respond.
    Upstream(UpstreamError),
}

impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        Self::Upstream(error)
    }
}

/// The corrected emulator and the services, for calls that a service makes to others.
pub(super) struct Backend<'a> {
    pub(super) corrections: &'a Corrections,
    pub(super) upstream: &'a Upstream,
}

impl Backend<'_> {
    /// Sends a call. The future is boxed because a service can call another service.
    fn send<'a>(
        &'a self,
        request: &'a Request,
    ) -> Pin<Box<dyn Future<Output = Result<ApiResponse, UpstreamError>> + Send + 'a>> {
        Box::pin(self.corrections.respond(request, self.upstream))
    }
}

/// Result of a call: the response in the JSON form of the service.
type Outcome = Result<Value, Failure>;

impl Services {
    /// Responds to a call if one of the services defines it.
    pub(super) async fn respond(
        &self,
        request: &Request,
        backend: &Backend<'_>,
    ) -> Option<Result<ApiResponse, UpstreamError>> {
        let outcome = match request.service.as_str() {
            "application-autoscaling" => {
                self.application_autoscaling.respond(request, backend).await
            }
            _ => return None,
        };
        Some(response(request, outcome))
    }
}

/// Creates the response in the protocol of the request.
fn response(request: &Request, outcome: Outcome) -> Result<ApiResponse, UpstreamError> {
    match outcome {
        Ok(value) => Ok(ApiResponse::json(&value)),
        Err(Failure::Upstream(error)) => Err(error),
        Err(Failure::Refused { code, message }) => {
            // The services use AWS JSON or restJson1, which have the same format for errors.
            let mut request = request.clone();
            request.protocol = Protocol::Json;
            let status = StatusCode::BAD_REQUEST;
            Ok(ApiResponse::error(&request, status, code, &message))
        }
    }
}

/// Returns a refusal as an error.
fn refuse<T>(code: &'static str, message: impl Into<String>) -> Result<T, Failure> {
    let message = message.into();
    Err(Failure::Refused { code, message })
}

/// Returns the error for an operation that the service of the local AWS does not implement.
fn undefined(request: &Request) -> Outcome {
    let message = format!("the local AWS does not implement {}", request.action);
    refuse("UnknownOperationException", message)
}

/// Returns a random UUID (RFC 9562, version 4).
fn uuid() -> String {
    let state = RandomState::new();
    let (high, low) = (state.hash_one(1), state.hash_one(2));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

/// Returns the time as AWS JSON encodes it.
fn now() -> Value {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    json!(since.unwrap_or_default().as_secs())
}

/// Returns the text of a member, or an empty string.
fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_default()
}

/// Returns the entries of a list, or nothing.
fn entries<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    body[name].as_array().into_iter().flatten()
}

/// Returns the strings in a list.
fn texts<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    entries(body, name).filter_map(Value::as_str)
}

/// Returns the members with these names that are present.
fn chosen(body: &Value, names: &[&str]) -> Map<String, Value> {
    let present = names.iter().filter(|name| !body[**name].is_null());
    present
        .map(|name| ((*name).to_owned(), body[*name].clone()))
        .collect()
}
