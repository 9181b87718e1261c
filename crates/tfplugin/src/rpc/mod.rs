//! The RPCs of `tfplugin6.Provider`, a file each: decode the request, call the [`Session`], encode the answer.
//!
//! A user's error is never a gRPC status, which command lines show as a crash: it is a diagnostic in the answer, and so is a
//! panic. What an RPC means stands in [`crate::lifecycle`].

mod apply_resource_change;
mod call_function;
mod close_ephemeral_resource;
mod configure_provider;
mod configure_state_store;
mod delete_state;
mod generate_resource_config;
mod get_functions;
mod get_metadata;
mod get_provider_schema;
mod get_resource_identity_schemas;
mod get_states;
mod import_resource_state;
mod invoke_action;
mod list_resource;
mod lock_state;
mod move_resource_state;
mod open_ephemeral_resource;
mod plan_action;
mod plan_resource_change;
mod read_data_source;
mod read_resource;
mod read_state_bytes;
mod renew_ephemeral_resource;
mod stop_provider;
mod unlock_state;
mod upgrade_resource_identity;
mod upgrade_resource_state;
mod validate_action_config;
mod validate_data_resource_config;
mod validate_ephemeral_resource_config;
mod validate_list_resource_config;
mod validate_provider_config;
mod validate_resource_config;
mod validate_state_store_config;
mod write_state_bytes;

use std::sync::Arc;
use std::time::Instant;

use tfplugin_proto::tfplugin6::provider_server::{Provider, ProviderServer};
use tfplugin_proto::tfplugin6::{self as proto};
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument;

use crate::lifecycle::Session;
use crate::serve::MESSAGE_LIMIT;
use crate::{Diagnostic, Diagnostics, panic};

/// The service of a provider, with the limits that hosts have.
pub(crate) fn service(session: Session) -> ProviderServer<Rpc> {
    ProviderServer::new(Rpc {
        session: Arc::new(session),
    })
    .max_decoding_message_size(MESSAGE_LIMIT)
    .max_encoding_message_size(MESSAGE_LIMIT)
}

/// The RPCs over a session.
pub(crate) struct Rpc {
    session: Arc<Session>,
}

/// An answer that can say why there is none.
trait Answer: Send + 'static {
    /// The answer that consists of diagnostics, one of them an error.
    fn refused(diagnostics: Diagnostics) -> Self;
}

/// What a method of the generated trait gives.
type Reply<A> = Result<Response<A>, Status>;

/// A stream of one message.
type Once<A> = tokio_stream::Once<Result<A, Status>>;

fn once<A>(reply: Reply<A>) -> Reply<Once<A>> {
    reply.map(|reply| reply.map(|message| tokio_stream::once(Ok(message))))
}

impl Rpc {
    /// Runs the work of an RPC in a task of its own, which outlives a client that goes away.
    async fn answer<Q, A, F>(
        &self,
        rpc: &'static str,
        request: Request<Q>,
        work: fn(Arc<Session>, Q) -> F,
    ) -> Reply<A>
    where
        Q: Send + 'static,
        A: Answer,
        F: Future<Output = Result<A, Diagnostics>> + Send + 'static,
    {
        let span = tracing::info_span!("rpc", tf_rpc = rpc);
        let session = Arc::clone(&self.session);
        let request = request.into_inner();
        // All of the work is within the task: its panic is caught, its end is logged.
        let work = async move {
            let begun = Instant::now();
            let answer = work(session, request).await;
            let duration = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(tf_req_duration_ms = duration, "answered");
            answer
        };
        let answer = match panic::caught(work).instrument(span).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(diagnostics)) => A::refused(diagnostics),
            Err(panicked) => {
                let summary = format!("The provider crashed in {rpc}");
                A::refused(Diagnostic::bug(summary, panicked).into())
            }
        };
        Ok(Response::new(answer))
    }
}

/// What this version of the framework has none of.
fn unsupported(what: &str, name: &str) -> Diagnostics {
    let detail = format!(
        "This provider has no {what} {name:?}. Check the name, and the provider's documentation."
    );
    Diagnostic::error(format!("No such {what}"), detail).into()
}

#[tonic::async_trait]
impl Provider for Rpc {
    async fn get_metadata(
        &self,
        request: Request<proto::get_metadata::Request>,
    ) -> Reply<proto::get_metadata::Response> {
        self.answer("GetMetadata", request, get_metadata::answer)
            .await
    }

    async fn get_provider_schema(
        &self,
        request: Request<proto::get_provider_schema::Request>,
    ) -> Reply<proto::get_provider_schema::Response> {
        self.answer("GetProviderSchema", request, get_provider_schema::answer)
            .await
    }

    async fn validate_provider_config(
        &self,
        request: Request<proto::validate_provider_config::Request>,
    ) -> Reply<proto::validate_provider_config::Response> {
        self.answer(
            "ValidateProviderConfig",
            request,
            validate_provider_config::answer,
        )
        .await
    }

    async fn validate_resource_config(
        &self,
        request: Request<proto::validate_resource_config::Request>,
    ) -> Reply<proto::validate_resource_config::Response> {
        self.answer(
            "ValidateResourceConfig",
            request,
            validate_resource_config::answer,
        )
        .await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<proto::validate_data_resource_config::Request>,
    ) -> Reply<proto::validate_data_resource_config::Response> {
        self.answer(
            "ValidateDataResourceConfig",
            request,
            validate_data_resource_config::answer,
        )
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<proto::upgrade_resource_state::Request>,
    ) -> Reply<proto::upgrade_resource_state::Response> {
        self.answer(
            "UpgradeResourceState",
            request,
            upgrade_resource_state::answer,
        )
        .await
    }

    async fn get_resource_identity_schemas(
        &self,
        request: Request<proto::get_resource_identity_schemas::Request>,
    ) -> Reply<proto::get_resource_identity_schemas::Response> {
        self.answer(
            "GetResourceIdentitySchemas",
            request,
            get_resource_identity_schemas::answer,
        )
        .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<proto::upgrade_resource_identity::Request>,
    ) -> Reply<proto::upgrade_resource_identity::Response> {
        self.answer(
            "UpgradeResourceIdentity",
            request,
            upgrade_resource_identity::answer,
        )
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<proto::configure_provider::Request>,
    ) -> Reply<proto::configure_provider::Response> {
        self.answer("ConfigureProvider", request, configure_provider::answer)
            .await
    }

    async fn read_resource(
        &self,
        request: Request<proto::read_resource::Request>,
    ) -> Reply<proto::read_resource::Response> {
        self.answer("ReadResource", request, read_resource::answer)
            .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<proto::plan_resource_change::Request>,
    ) -> Reply<proto::plan_resource_change::Response> {
        self.answer("PlanResourceChange", request, plan_resource_change::answer)
            .await
    }

    async fn apply_resource_change(
        &self,
        request: Request<proto::apply_resource_change::Request>,
    ) -> Reply<proto::apply_resource_change::Response> {
        self.answer(
            "ApplyResourceChange",
            request,
            apply_resource_change::answer,
        )
        .await
    }

    async fn import_resource_state(
        &self,
        request: Request<proto::import_resource_state::Request>,
    ) -> Reply<proto::import_resource_state::Response> {
        self.answer(
            "ImportResourceState",
            request,
            import_resource_state::answer,
        )
        .await
    }

    async fn move_resource_state(
        &self,
        request: Request<proto::move_resource_state::Request>,
    ) -> Reply<proto::move_resource_state::Response> {
        self.answer("MoveResourceState", request, move_resource_state::answer)
            .await
    }

    async fn read_data_source(
        &self,
        request: Request<proto::read_data_source::Request>,
    ) -> Reply<proto::read_data_source::Response> {
        self.answer("ReadDataSource", request, read_data_source::answer)
            .await
    }

    async fn generate_resource_config(
        &self,
        request: Request<proto::generate_resource_config::Request>,
    ) -> Reply<proto::generate_resource_config::Response> {
        self.answer(
            "GenerateResourceConfig",
            request,
            generate_resource_config::answer,
        )
        .await
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<proto::validate_ephemeral_resource_config::Request>,
    ) -> Reply<proto::validate_ephemeral_resource_config::Response> {
        self.answer(
            "ValidateEphemeralResourceConfig",
            request,
            validate_ephemeral_resource_config::answer,
        )
        .await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<proto::open_ephemeral_resource::Request>,
    ) -> Reply<proto::open_ephemeral_resource::Response> {
        self.answer(
            "OpenEphemeralResource",
            request,
            open_ephemeral_resource::answer,
        )
        .await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<proto::renew_ephemeral_resource::Request>,
    ) -> Reply<proto::renew_ephemeral_resource::Response> {
        self.answer(
            "RenewEphemeralResource",
            request,
            renew_ephemeral_resource::answer,
        )
        .await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<proto::close_ephemeral_resource::Request>,
    ) -> Reply<proto::close_ephemeral_resource::Response> {
        self.answer(
            "CloseEphemeralResource",
            request,
            close_ephemeral_resource::answer,
        )
        .await
    }

    type ListResourceStream = Once<proto::list_resource::Event>;

    async fn list_resource(
        &self,
        request: Request<proto::list_resource::Request>,
    ) -> Reply<Self::ListResourceStream> {
        once(
            self.answer("ListResource", request, list_resource::answer)
                .await,
        )
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<proto::validate_list_resource_config::Request>,
    ) -> Reply<proto::validate_list_resource_config::Response> {
        self.answer(
            "ValidateListResourceConfig",
            request,
            validate_list_resource_config::answer,
        )
        .await
    }

    async fn get_functions(
        &self,
        request: Request<proto::get_functions::Request>,
    ) -> Reply<proto::get_functions::Response> {
        self.answer("GetFunctions", request, get_functions::answer)
            .await
    }

    async fn call_function(
        &self,
        request: Request<proto::call_function::Request>,
    ) -> Reply<proto::call_function::Response> {
        self.answer("CallFunction", request, call_function::answer)
            .await
    }

    async fn validate_state_store_config(
        &self,
        request: Request<proto::validate_state_store::Request>,
    ) -> Reply<proto::validate_state_store::Response> {
        self.answer(
            "ValidateStateStoreConfig",
            request,
            validate_state_store_config::answer,
        )
        .await
    }

    async fn configure_state_store(
        &self,
        request: Request<proto::configure_state_store::Request>,
    ) -> Reply<proto::configure_state_store::Response> {
        self.answer(
            "ConfigureStateStore",
            request,
            configure_state_store::answer,
        )
        .await
    }

    type ReadStateBytesStream = Once<proto::read_state_bytes::Response>;

    async fn read_state_bytes(
        &self,
        request: Request<proto::read_state_bytes::Request>,
    ) -> Reply<Self::ReadStateBytesStream> {
        once(
            self.answer("ReadStateBytes", request, read_state_bytes::answer)
                .await,
        )
    }

    async fn write_state_bytes(
        &self,
        request: Request<Streaming<proto::write_state_bytes::RequestChunk>>,
    ) -> Reply<proto::write_state_bytes::Response> {
        self.answer("WriteStateBytes", request, write_state_bytes::answer)
            .await
    }

    async fn lock_state(
        &self,
        request: Request<proto::lock_state::Request>,
    ) -> Reply<proto::lock_state::Response> {
        self.answer("LockState", request, lock_state::answer).await
    }

    async fn unlock_state(
        &self,
        request: Request<proto::unlock_state::Request>,
    ) -> Reply<proto::unlock_state::Response> {
        self.answer("UnlockState", request, unlock_state::answer)
            .await
    }

    async fn get_states(
        &self,
        request: Request<proto::get_states::Request>,
    ) -> Reply<proto::get_states::Response> {
        self.answer("GetStates", request, get_states::answer).await
    }

    async fn delete_state(
        &self,
        request: Request<proto::delete_state::Request>,
    ) -> Reply<proto::delete_state::Response> {
        self.answer("DeleteState", request, delete_state::answer)
            .await
    }

    async fn plan_action(
        &self,
        request: Request<proto::plan_action::Request>,
    ) -> Reply<proto::plan_action::Response> {
        self.answer("PlanAction", request, plan_action::answer)
            .await
    }

    type InvokeActionStream = Once<proto::invoke_action::Event>;

    async fn invoke_action(
        &self,
        request: Request<proto::invoke_action::Request>,
    ) -> Reply<Self::InvokeActionStream> {
        once(
            self.answer("InvokeAction", request, invoke_action::answer)
                .await,
        )
    }

    async fn validate_action_config(
        &self,
        request: Request<proto::validate_action_config::Request>,
    ) -> Reply<proto::validate_action_config::Response> {
        self.answer(
            "ValidateActionConfig",
            request,
            validate_action_config::answer,
        )
        .await
    }

    async fn stop_provider(
        &self,
        request: Request<proto::stop_provider::Request>,
    ) -> Reply<proto::stop_provider::Response> {
        self.answer("StopProvider", request, stop_provider::answer)
            .await
    }
}
