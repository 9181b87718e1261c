//! The service for the host: the schemas from the file, and all other calls from the provider.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::OnceCell;
use tonic::body::Body;
use tonic::client;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{self, UnaryService};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::codec::EncodedMessages;
use crate::provider::Provider;
use crate::schemas;
use crate::settings::Settings;

/// Maximum size of a message in bytes. Hosts use the same limit.
const MESSAGE_LIMIT: usize = 256 << 20;

/// The calls of a host.
#[derive(Clone)]
pub(crate) struct Subset(Arc<Inner>);

struct Inner {
    settings: Settings,
    /// The process is started by the first call that requires it: hosts start some processes only to read the schemas.
    provider: OnceCell<Provider>,
}

impl Subset {
    /// Creates the service. The provider is not started.
    pub(crate) fn new(settings: Settings) -> Self {
        let provider = OnceCell::new();
        Self(Arc::new(Inner { settings, provider }))
    }

    /// Returns the schemas of the selected types.
    async fn schemas(&self, request: Bytes) -> Result<Bytes, Status> {
        let settings = &self.0.settings;
        let failed = |what: &str, error: &dyn std::fmt::Display| {
            Status::internal(format!("{} cannot be {what}: {error}", settings.schemas))
        };
        let stored = schemas::read(&settings.schemas).map_err(|error| failed("read", &error))?;
        let response = match stored {
            Some(response) => response,
            None => {
                let response = self.schemas_of_the_provider(request).await?;
                schemas::write(&settings.schemas, &response)
                    .map_err(|error| failed("written", &error))?;
                response
            }
        };
        schemas::select(&response, settings.types.as_ref())
            .map_err(|error| failed("decoded", &error))
    }

    async fn schemas_of_the_provider(&self, request: Bytes) -> Result<Bytes, Status> {
        let mut client =
            client::Grpc::new(self.channel().await?).max_decoding_message_size(MESSAGE_LIMIT);
        client
            .ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        let path = PathAndQuery::from_static(self.0.settings.schema_rpc());
        let response = client
            .unary(Request::new(request), path, EncodedMessages)
            .await?;
        Ok(response.into_inner())
    }

    async fn channel(&self) -> Result<Channel, Status> {
        let start = || Provider::start(&self.0.settings.program);
        let provider = self.0.provider.get_or_try_init(start).await;
        provider
            .map(|provider| provider.channel.clone())
            .map_err(|error| Status::unavailable(error.to_string()))
    }

    async fn answer(self, request: http::Request<Body>) -> http::Response<Body> {
        let path = request.uri().path();
        if path == self.0.settings.schema_rpc() {
            return server::Grpc::new(EncodedMessages)
                .max_encoding_message_size(MESSAGE_LIMIT)
                .unary(Schemas(self), request)
                .await;
        }
        // Hosts probe for optional services of go-plugin, which must not start the provider.
        if !path.starts_with("/tfplugin") {
            return Status::unimplemented("").into_http();
        }
        match self.forward(request).await {
            Ok(response) => response,
            Err(status) => status.into_http(),
        }
    }

    async fn forward(&self, request: http::Request<Body>) -> Result<http::Response<Body>, Status> {
        let mut channel = self.channel().await?;
        let failed = |error: tonic::transport::Error| Status::unavailable(error.to_string());
        std::future::poll_fn(|context| channel.poll_ready(context))
            .await
            .map_err(failed)?;
        channel.call(request).await.map_err(failed)
    }
}

impl Service<http::Request<Body>> for Subset {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answered = self.clone().answer(request);
        Box::pin(async { Ok(answered.await) })
    }
}

/// The RPC that returns the schemas.
struct Schemas(Subset);

impl UnaryService<Bytes> for Schemas {
    type Response = Bytes;
    type Future = BoxFuture<Response<Bytes>, Status>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let subset = self.0.clone();
        Box::pin(async move {
            let response = subset.schemas(request.into_inner()).await?;
            Ok(Response::new(response))
        })
    }
}
