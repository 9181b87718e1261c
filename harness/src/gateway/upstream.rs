//! The way from the gateway to the emulator. Must not look into what passes.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use hyper::{HeaderMap, Method, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::answer::Answer;
use super::request::Request;

/// Why the emulator did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// The path and query cannot be sent on.
    #[error("the request's address cannot be forwarded")]
    Address(#[from] hyper::http::Error),
    /// No connection, or it broke.
    #[error("the emulator did not answer")]
    Connection(#[from] hyper_util::client::legacy::Error),
    /// The answer broke off.
    #[error("the emulator's answer broke off")]
    Body(#[from] hyper::Error),
}

/// A client of the emulator.
pub(crate) struct Upstream {
    address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Upstream {
    pub(crate) fn new(address: SocketAddr) -> Self {
        // A kept connection that the emulator closes meanwhile would look like a lost answer.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        Self { address, client }
    }

    /// Sends the request on and reads the whole answer.
    pub(crate) async fn forward(&self, request: &Request) -> Result<Answer, UpstreamError> {
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
        // The length of an answer to HEAD is that of the body it does not have.
        let headers = end_to_end(&parts.headers, request.method != Method::HEAD);
        Ok(Answer {
            status: parts.status,
            headers,
            body,
        })
    }
}

/// Headers without those of a single connection (RFC 9110, section 7.6.1).
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
