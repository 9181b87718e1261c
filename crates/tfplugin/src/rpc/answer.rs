//! Responses that can report errors. [`Answer`] is implemented for each response message in the protocol.

use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::invoke_action::event::{Completed, Type};

use crate::convert::to_proto;
use crate::diagnostics::Diagnostics;

/// Response that can consist of diagnostics.
pub(super) trait Answer: Send + 'static {
    /// Returns a response that consists of diagnostics. At least one of them is an error.
    fn refused(diagnostics: Diagnostics) -> Self;
}

macro_rules! with_diagnostics {
    ($($message:ident),* $(,)?) => {$(
        impl Answer for proto::$message::Response {
            fn refused(diagnostics: Diagnostics) -> Self {
                let mut answer = Self::default();
                answer.diagnostics.extend(to_proto::diagnostics(diagnostics));
                answer
            }
        }
    )*};
}

with_diagnostics!(
    apply_resource_change,
    close_ephemeral_resource,
    configure_provider,
    configure_state_store,
    delete_state,
    generate_resource_config,
    get_functions,
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    get_states,
    import_resource_state,
    lock_state,
    move_resource_state,
    open_ephemeral_resource,
    plan_action,
    plan_resource_change,
    read_data_source,
    read_resource,
    read_state_bytes,
    renew_ephemeral_resource,
    unlock_state,
    upgrade_resource_identity,
    upgrade_resource_state,
    validate_action_config,
    validate_data_resource_config,
    validate_ephemeral_resource_config,
    validate_list_resource_config,
    validate_provider_config,
    validate_resource_config,
    validate_state_store,
    write_state_bytes,
);

/// A function returns a single error instead of diagnostics. Source: protocol message `FunctionError`.
impl Answer for proto::call_function::Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        let texts: Vec<_> = diagnostics
            .into_iter()
            .map(|each| format!("{}: {}", each.summary, each.detail))
            .collect();
        Self {
            error: Some(proto::FunctionError {
                text: texts.join("\n"),
                ..proto::FunctionError::default()
            }),
            ..Self::default()
        }
    }
}

/// A stop returns an error message instead of diagnostics.
impl Answer for proto::stop_provider::Response {
    fn refused(diagnostics: Diagnostics) -> Self {
        let first = diagnostics.iter().next().map(|each| each.summary.clone());
        Self {
            error: first.unwrap_or_else(|| "the provider cannot be stopped".to_owned()),
        }
    }
}

/// Event in a stream. The stream ends after an event that contains an error.
impl Answer for proto::list_resource::Event {
    fn refused(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostic: to_proto::diagnostics(diagnostics),
            ..Self::default()
        }
    }
}

/// Event in a stream. A rejected action is reported as completed.
impl Answer for proto::invoke_action::Event {
    fn refused(diagnostics: Diagnostics) -> Self {
        let diagnostics = to_proto::diagnostics(diagnostics);
        Self {
            r#type: Some(Type::Completed(Completed { diagnostics })),
        }
    }
}
