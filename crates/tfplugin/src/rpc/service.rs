//! Table of RPCs. It maps each method in the generated trait to the function that implements it.

use tfplugin_proto::tfplugin6::provider_server::Provider;
use tfplugin_proto::tfplugin6::{self as proto};
use tonic::{Request, Status, Streaming};

use super::{Reply, Rpc, data_source, ephemeral, function, provider, resource, unserved};

/// Stream that contains a single message.
type Once<A> = tokio_stream::Once<Result<A, Status>>;

fn once<A>(reply: Reply<A>) -> Reply<Once<A>> {
    reply.map(|reply| reply.map(|message| tokio_stream::once(Ok(message))))
}

/// Implements the generated trait. Each row specifies a method, the name of its RPC, the module that contains its messages,
/// and the function that implements it. A function under `streams` returns the only message in a stream.
macro_rules! table {
    (
        answers { $($method:ident, $rpc:literal, $message:ident => $answer:path;)* }
        streams { $($streamed:ident, $stream_rpc:literal, $stream:ident, $item:ident => $each:path;)* }
    ) => {
        #[tonic::async_trait]
        impl Provider for Rpc {
            $(
                async fn $method(
                    &self,
                    request: Request<proto::$message::Request>,
                ) -> Reply<proto::$message::Response> {
                    self.answer($rpc, request, $answer).await
                }
            )*

            $(
                type $stream = Once<proto::$streamed::$item>;

                async fn $streamed(
                    &self,
                    request: Request<proto::$streamed::Request>,
                ) -> Reply<Self::$stream> {
                    once(self.answer($stream_rpc, request, $each).await)
                }
            )*

            async fn write_state_bytes(
                &self,
                request: Request<Streaming<proto::write_state_bytes::RequestChunk>>,
            ) -> Reply<proto::write_state_bytes::Response> {
                self.answer("WriteStateBytes", request, unserved::write_state_bytes).await
            }
        }
    };
}

table! {
    answers {
        get_metadata, "GetMetadata", get_metadata => provider::metadata;
        get_provider_schema, "GetProviderSchema", get_provider_schema => provider::schema;
        validate_provider_config, "ValidateProviderConfig", validate_provider_config => provider::validate;
        configure_provider, "ConfigureProvider", configure_provider => provider::configure;
        stop_provider, "StopProvider", stop_provider => provider::stop;

        validate_resource_config, "ValidateResourceConfig", validate_resource_config => resource::validate;
        upgrade_resource_state, "UpgradeResourceState", upgrade_resource_state => resource::upgrade;
        read_resource, "ReadResource", read_resource => resource::read;
        plan_resource_change, "PlanResourceChange", plan_resource_change => resource::plan;
        apply_resource_change, "ApplyResourceChange", apply_resource_change => resource::apply;
        import_resource_state, "ImportResourceState", import_resource_state => resource::import;
        move_resource_state, "MoveResourceState", move_resource_state => resource::move_state;
        generate_resource_config, "GenerateResourceConfig", generate_resource_config
            => resource::generate_config;

        get_resource_identity_schemas, "GetResourceIdentitySchemas", get_resource_identity_schemas
            => resource::identity_schemas;
        upgrade_resource_identity, "UpgradeResourceIdentity", upgrade_resource_identity
            => resource::upgrade_identity;

        validate_data_resource_config, "ValidateDataResourceConfig", validate_data_resource_config
            => data_source::validate;
        read_data_source, "ReadDataSource", read_data_source => data_source::read;

        validate_ephemeral_resource_config, "ValidateEphemeralResourceConfig",
            validate_ephemeral_resource_config => ephemeral::validate;
        open_ephemeral_resource, "OpenEphemeralResource", open_ephemeral_resource
            => ephemeral::open;
        renew_ephemeral_resource, "RenewEphemeralResource", renew_ephemeral_resource
            => ephemeral::renew;
        close_ephemeral_resource, "CloseEphemeralResource", close_ephemeral_resource
            => ephemeral::close;

        get_functions, "GetFunctions", get_functions => function::list;
        call_function, "CallFunction", call_function => function::call;

        validate_list_resource_config, "ValidateListResourceConfig", validate_list_resource_config
            => unserved::validate_list;

        validate_action_config, "ValidateActionConfig", validate_action_config
            => unserved::validate_action;
        plan_action, "PlanAction", plan_action => unserved::plan_action;

        validate_state_store_config, "ValidateStateStoreConfig", validate_state_store
            => unserved::validate_state_store;
        configure_state_store, "ConfigureStateStore", configure_state_store
            => unserved::configure_state_store;
        lock_state, "LockState", lock_state => unserved::lock_state;
        unlock_state, "UnlockState", unlock_state => unserved::unlock_state;
        get_states, "GetStates", get_states => unserved::get_states;
        delete_state, "DeleteState", delete_state => unserved::delete_state;
    }
    streams {
        list_resource, "ListResource", ListResourceStream, Event => unserved::list_resource;
        invoke_action, "InvokeAction", InvokeActionStream, Event => unserved::invoke_action;
        read_state_bytes, "ReadStateBytes", ReadStateBytesStream, Response => unserved::read_state;
    }
}
