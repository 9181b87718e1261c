//! The service for the host: the schemas from the file, and all other calls from the provider.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::Mutex;
use tonic::body::Body;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server;
use tonic::{Request, Response, Status};
use tower::util::service_fn;

use crate::codec::EncodedMessages;
use crate::provider::{MESSAGE_LIMIT, Provider};
use crate::schemas;
use crate::settings::Settings;
use crate::shared::Processes;

/// The calls of a host.
#[derive(Clone)]
pub(crate) struct Subset(Arc<Inner>);

struct Inner {
    settings: Settings,
    /// The process is started by the first call that requires it: hosts start some processes only to read the schemas.
    provider: Mutex<Option<Arc<Provider>>>,
    /// Processes that this instance shares with others. `None` if it starts its own process.
    processes: Option<Processes>,
}

impl Subset {
    /// Creates the service. The provider is not started.
    pub(crate) fn new(settings: Settings) -> Self {
        let directory = settings.processes.as_deref();
        let processes = directory.map(|path| Processes::of(&settings, path));
        Self(Arc::new(Inner {
            settings,
            provider: Mutex::default(),
            processes,
        }))
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
        let path = PathAndQuery::from_static(self.0.settings.schema_rpc());
        self.provider().await?.call(path, request).await
    }

    /// Configures the provider.
    async fn configure(&self, request: Bytes) -> Result<Bytes, Status> {
        let path = PathAndQuery::from_static(self.0.settings.configure_rpc());
        let Some(processes) = &self.0.processes else {
            return self.provider().await?.call(path, request).await;
        };
        let (provider, response) = processes.configured(path, request).await?;
        *self.0.provider.lock().await = Some(Arc::new(provider));
        Ok(response)
    }

    /// Returns the provider of this instance. Starts it if no earlier call required it.
    async fn provider(&self) -> Result<Arc<Provider>, Status> {
        let mut slot = self.0.provider.lock().await;
        if let Some(provider) = &*slot {
            return Ok(Arc::clone(provider));
        }
        let provider = match &self.0.processes {
            Some(processes) => processes.any().await?,
            None => Provider::start(&self.0.settings.program)
                .await
                .map_err(|error| Status::unavailable(error.to_string()))?,
        };
        let provider = Arc::new(provider);
        *slot = Some(Arc::clone(&provider));
        Ok(provider)
    }

    async fn answer(self, request: http::Request<Body>) -> http::Response<Body> {
        let path = request.uri().path();
        if path == self.0.settings.schema_rpc() {
            return server::Grpc::new(EncodedMessages)
                .max_encoding_message_size(MESSAGE_LIMIT)
                .unary(
                    service_fn(|request: Request<Bytes>| async {
                        let response = self.schemas(request.into_inner()).await?;
                        Ok::<_, Status>(Response::new(response))
                    }),
                    request,
                )
                .await;
        }
        if path == self.0.settings.configure_rpc() {
            return server::Grpc::new(EncodedMessages)
                .max_decoding_message_size(MESSAGE_LIMIT)
                .unary(
                    service_fn(|request: Request<Bytes>| async {
                        let response = self.configure(request.into_inner()).await?;
                        Ok::<_, Status>(Response::new(response))
                    }),
                    request,
                )
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
        let mut channel = self.provider().await?.channel.clone();
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
