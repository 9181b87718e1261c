//! Accepts connections and passes each call through the journal, rules, corrections, and emulator. Must not contain
//! service-specific code.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::journal::Call;
use super::model::Checked;
use super::request::Request;
use super::response::ApiResponse;
use super::rules::Effect;
use super::{OBSERVER, Shared};

/// Reason why a connection is closed without a response.
#[derive(Debug, thiserror::Error)]
enum Closed {
    /// A rule drops the response.
    #[error("a rule dropped the response")]
    Withheld,
    /// The client closed the connection.
    #[error("the client closed the connection")]
    Request(#[from] hyper::Error),
}

/// Serves connections until the runtime stops.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // An error affects one connection (such as a reset before accept), not the listener.
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(Arc::clone(&shared), request));
            // The client observes errors on its own connection.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn handle(
    shared: Arc<Shared>,
    incoming: hyper::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Closed> {
    let (parts, body) = incoming.into_parts();
    let body = body.collect().await?.to_bytes();
    let elsewhere = elsewhere(&parts.method, &parts.uri);
    let mut request = Request::read(parts, body);
    if let Some(host) = elsewhere {
        "network".clone_into(&mut request.service);
        request.action = host;
    }
    if request.headers.contains_key(OBSERVER) {
        let checked = check(&shared, &request);
        return Ok(respond(correct(&shared, &request, &checked).await));
    }
    // As on AWS, the call completes even if the client disconnects.
    let work = tokio::spawn(async move { journalled(&shared, request).await });
    match work.await {
        Ok(Some(response)) => Ok(respond(response)),
        Ok(None) | Err(_) => Err(Closed::Withheld),
    }
}

/// Returns the host that a client tried to reach through the gateway as a proxy. The gateway rejects such requests.
fn elsewhere(method: &Method, uri: &hyper::Uri) -> Option<String> {
    let authority = uri.authority()?;
    let loopback = ["127.0.0.1", "localhost", "[::1]"].contains(&authority.host());
    (*method == Method::CONNECT || !loopback).then(|| authority.to_string())
}

async fn journalled(shared: &Shared, request: Request) -> Option<ApiResponse> {
    let start = Instant::now();
    let checked = check(shared, &request);
    let sequence = shared.journal.arrive(entry(&request, &checked));
    let effect = shared.rules.effect_on(&request);
    if let Some(effect) = &effect {
        shared
            .journal
            .complete(sequence, |call| call.rule = Some(effect.name()));
    }
    let response = apply(shared, &request, &checked, effect).await;
    shared.journal.complete(sequence, |call| {
        call.duration = start.elapsed();
        call.status = response.as_ref().map(|response| response.status.as_u16());
        call.error = response.as_ref().and_then(ApiResponse::error_code);
    });
    response
}

fn entry(request: &Request, checked: &Checked) -> Call {
    Call {
        sequence: 0,
        account: request.account.clone(),
        service: request.service.clone(),
        action: request.action.clone(),
        operation: checked.operation.clone(),
        agent: request.agent.clone(),
        status: None,
        error: None,
        duration: Duration::ZERO,
        rule: None,
    }
}

async fn apply(
    shared: &Shared,
    request: &Request,
    checked: &Checked,
    effect: Option<Effect>,
) -> Option<ApiResponse> {
    match effect {
        None => Some(correct(shared, request, checked).await),
        Some(Effect::LoseRequest) => None,
        Some(Effect::LoseResponse) => {
            correct(shared, request, checked).await;
            None
        }
        Some(Effect::Fail {
            status,
            code,
            message,
        }) => Some(ApiResponse::error(request, status, &code, &message)),
        Some(Effect::FailAfter {
            status,
            code,
            message,
        }) => {
            correct(shared, request, checked).await;
            Some(ApiResponse::error(request, status, &code, &message))
        }
        Some(Effect::Respond(body)) => Some(ApiResponse::json(&body)),
        Some(Effect::Before(callback)) => {
            blocking(callback).await;
            Some(correct(shared, request, checked).await)
        }
        Some(Effect::After(callback)) => {
            let response = correct(shared, request, checked).await;
            blocking(callback).await;
            Some(response)
        }
        Some(Effect::KillBefore(callback)) => {
            blocking(callback).await;
            None
        }
        Some(Effect::KillAfter(callback)) => {
            correct(shared, request, checked).await;
            blocking(callback).await;
            None
        }
    }
}

/// Runs a test callback on a thread that can block. A panic in the callback fails the test.
async fn blocking(callback: Arc<dyn Fn() + Send + Sync>) {
    let _ = tokio::task::spawn_blocking(move || callback()).await;
}

/// Checks a request against the service model. Requests to other hosts have none.
fn check(shared: &Shared, request: &Request) -> Checked {
    match &shared.models {
        Some(models) if request.service != "network" => models.check(request, &shared.findings),
        _ => Checked::default(),
    }
}

/// Responds to a request: refuses it if it does not satisfy the service model, and otherwise forwards it.
async fn correct(shared: &Shared, request: &Request, checked: &Checked) -> ApiResponse {
    if let Some(refused) = &checked.refused {
        return refused.clone();
    }
    if request.service == "network" {
        let message = "only the local AWS emulator is reachable from this environment";
        return ApiResponse::error(request, StatusCode::FORBIDDEN, "Blocked", message);
    }
    match shared.corrections.respond(request, &shared.upstream).await {
        Ok(response) => {
            if let Some(models) = &shared.models {
                models.check_response(request, checked, &response, &shared.findings);
            }
            response
        }
        Err(error) => ApiResponse::error(
            request,
            StatusCode::BAD_GATEWAY,
            "EmulatorUnavailable",
            &error.to_string(),
        ),
    }
}

fn respond(response: ApiResponse) -> Response<Full<Bytes>> {
    let mut http = Response::new(Full::new(response.body));
    *http.status_mut() = response.status;
    *http.headers_mut() = response.headers;
    http
}
