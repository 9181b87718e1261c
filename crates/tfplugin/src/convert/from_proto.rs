//! Conversions from protocol messages: values, stored state, private state, and capabilities.

use tfplugin_proto::bytes::Bytes;
use tfplugin_proto::tfplugin6::{ClientCapabilities, DynamicValue, RawState, ResourceIdentityData};
use tfschema::{Type, Value};

use crate::codec;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::private::Private;

/// Converts a value of the specified type. An absent or empty message becomes null, because clients send either form.
///
/// # Errors
/// Returns an error if the bytes are not a value of the type.
pub(crate) fn value(message: Option<DynamicValue>, ty: &Type) -> Result<Value, Diagnostics> {
    let DynamicValue { msgpack, json } = message.unwrap_or_default();
    codec::decode_either(&msgpack, &json, ty).map_err(|error| {
        let detail =
            format!("The request contains a value that does not match the schema: {error}");
        Diagnostic::bug("Malformed value", detail).into()
    })
}

/// Returns the state as JSON, in the format of a state file.
///
/// # Errors
/// Returns an error if the state was written by a version of Terraform before 0.12, or if it is not valid JSON.
pub(crate) fn raw_state(message: Option<RawState>) -> Result<serde_json::Value, Diagnostics> {
    let RawState { json, flatmap } = message.unwrap_or_default();
    if !flatmap.is_empty() {
        let detail = "The state was written by a version of Terraform before 0.12. Run `terraform apply` once with a version \
                      from 0.12 to 1.5, then try again.";
        return Err(Diagnostic::error("Stored state is too old", detail).into());
    }
    if json.is_empty() {
        return Ok(serde_json::Value::Null);
    }
    serde_json::from_slice(&json).map_err(|error| {
        let detail = format!(
            "{error}\n\nThe state might have been edited manually. Restore an earlier version of the state."
        );
        Diagnostic::error("Stored state is not valid JSON", detail).into()
    })
}

/// Converts private state.
///
/// # Errors
/// Returns an error if another program wrote the private state.
pub(crate) fn private(bytes: &Bytes) -> Result<Private, Diagnostics> {
    Private::from_bytes(bytes).map_err(|error| {
        let detail = format!(
            "{error}. It was written by another program. Remove the resource instance from the state and import it again."
        );
        Diagnostic::error("Private state cannot be read", detail).into()
    })
}

/// Returns whether the client supports write-only arguments. A client that sends no capabilities does not support them.
pub(crate) fn write_only_allowed(capabilities: Option<ClientCapabilities>) -> bool {
    capabilities.is_some_and(|capabilities| capabilities.write_only_attributes_allowed)
}

/// Converts an identity of the specified type. Returns `None` if the message is absent or the resource type has no identity.
///
/// # Errors
/// Returns an error if the bytes are not a value of the type.
pub(crate) fn identity(
    message: Option<ResourceIdentityData>,
    ty: Option<&Type>,
) -> Result<Option<Value>, Diagnostics> {
    match (message, ty) {
        (Some(message), Some(ty)) => {
            let identity = value(message.identity_data, ty)?;
            Ok((!identity.is_null()).then_some(identity))
        }
        _ => Ok(None),
    }
}

/// Returns whether the client accepts deferred responses. A client that sends no capabilities does not accept them.
pub(crate) fn deferral_allowed(capabilities: Option<ClientCapabilities>) -> bool {
    capabilities.is_some_and(|capabilities| capabilities.deferral_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/protocol.md, "Absent values".
    ///
    /// OpenTofu sends an empty message in cases where Terraform sends no message.
    #[test]
    fn absent_and_empty_values_are_null() {
        assert_eq!(value(None, &Type::String), Ok(Value::Null));
        assert_eq!(
            value(Some(DynamicValue::default()), &Type::String),
            Ok(Value::Null)
        );
    }

    #[test]
    fn json_values_are_converted() {
        let message = DynamicValue {
            json: Bytes::from_static(b"[1]"),
            ..DynamicValue::default()
        };
        assert_eq!(
            value(Some(message), &Type::Number.list()),
            Ok(Value::List(vec![Value::from(1)]))
        );
    }

    #[test]
    fn malformed_values_return_diagnostics() {
        let message = DynamicValue {
            msgpack: Bytes::from_static(b"\xc1"),
            ..DynamicValue::default()
        };
        assert!(value(Some(message), &Type::String).is_err_and(|d| d.has_errors()));
    }

    #[test]
    fn state_from_before_terraform_0_12_is_rejected() {
        let flatmap = [("id".to_owned(), "1".to_owned())].into();
        let refused = raw_state(Some(RawState {
            flatmap,
            ..RawState::default()
        }))
        .expect_err("flatmap");
        assert!(refused.iter().any(|d| d.detail.contains("0.12")));
        assert_eq!(raw_state(None), Ok(serde_json::Value::Null));
    }

    /// docs/protocol.md, "Numbers in JSON".
    ///
    /// Numbers in a state file are never converted to floats.
    #[test]
    fn numbers_in_stored_state_keep_their_digits() {
        let json = Bytes::from_static(br#"{"n":123456789012345678901234567890.5}"#);
        let state = raw_state(Some(RawState {
            json,
            ..RawState::default()
        }))
        .expect("JSON");
        assert_eq!(state["n"].to_string(), "123456789012345678901234567890.5");
    }
}
