//! HTTP client that the gateway uses to reach the emulator. Must not interpret the content.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use hyper::{HeaderMap, Method, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::request::Request;
use super::response::ApiResponse;

/// Reason why the emulator did not respond.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// The path and query are not valid.
    #[error("the request URI cannot be forwarded")]
    Address(#[from] hyper::http::Error),
    /// The connection failed.
    #[error("the emulator did not respond")]
    Connection(#[from] hyper_util::client::legacy::Error),
    /// The response is incomplete.
    #[error("the response from the emulator is incomplete")]
    Body(#[from] hyper::Error),
}

/// A client for the emulator.
pub(crate) struct Upstream {
    address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Upstream {
    pub(crate) fn new(address: SocketAddr) -> Self {
        // If the emulator closed a pooled connection, its next use would look like a lost response.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        Self { address, client }
    }

    /// Forwards the request and reads the complete response.
    pub(crate) async fn forward(&self, request: &Request) -> Result<ApiResponse, UpstreamError> {
        let path = request
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let uri = Uri::builder()
            .scheme("http")
            .authority(self.address.to_string())
            .path_and_query(path)
            .build()?;
        let mut outgoing = hyper::Request::builder()
            .method(request.method.clone())
            .uri(uri)
            .body(Full::new(request.body.clone()))?;
        *outgoing.headers_mut() = end_to_end(&request.headers, true);
        let (parts, body) = self.client.request(outgoing).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        // In a response to HEAD, the length refers to an omitted body.
        let headers = end_to_end(&parts.headers, request.method != Method::HEAD);
        Ok(ApiResponse {
            status: parts.status,
            headers,
            body,
        })
    }
}

/// Removes hop-by-hop headers (RFC 9110, section 7.6.1).
fn end_to_end(headers: &HeaderMap, recount: bool) -> HeaderMap {
    let mut kept = headers.clone();
    for name in [CONNECTION, TRANSFER_ENCODING, EXPECT] {
        kept.remove(name);
    }
    kept.remove("keep-alive");
    if recount {
        kept.remove(CONTENT_LENGTH);
    }
    kept
}
