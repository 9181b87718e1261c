//! From messages of the protocol: values, stored state, private state, capabilities.

use tfplugin_proto::bytes::Bytes;
use tfplugin_proto::tfplugin6::{ClientCapabilities, DynamicValue, RawState, ResourceIdentityData};
use tfschema::{Type, Value};

use crate::codec;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::private::Private;

/// A value of that type. An absent message and an empty one are null: clients send either for it.
///
/// # Errors
/// The bytes are no value of the type.
pub(crate) fn value(message: Option<DynamicValue>, ty: &Type) -> Result<Value, Diagnostics> {
    let DynamicValue { msgpack, json } = message.unwrap_or_default();
    codec::decode_either(&msgpack, &json, ty).map_err(|error| {
        let detail = format!("The command line sent a value that does not fit the schema: {error}");
        Diagnostic::bug("Malformed value", detail).into()
    })
}

/// The JSON of a state file.
///
/// # Errors
/// The state is older than Terraform 0.12, or not JSON.
pub(crate) fn raw_state(message: Option<RawState>) -> Result<serde_json::Value, Diagnostics> {
    let RawState { json, flatmap } = message.unwrap_or_default();
    if !flatmap.is_empty() {
        let detail = "It was written before Terraform 0.12. Run `terraform apply` once with a version from 0.12 to \
                      1.5, then go on.";
        return Err(Diagnostic::error("The stored state is too old", detail).into());
    }
    if json.is_empty() {
        return Ok(serde_json::Value::Null);
    }
    serde_json::from_slice(&json).map_err(|error| {
        let detail =
            format!("{error}\n\nWas the state edited by hand? Restore an earlier version of it.");
        Diagnostic::error("The stored state is not JSON", detail).into()
    })
}

/// Private state.
///
/// # Errors
/// Another program wrote it.
pub(crate) fn private(bytes: &Bytes) -> Result<Private, Diagnostics> {
    Private::from_bytes(bytes).map_err(|error| {
        let detail = format!(
            "{error}. It was not stored by this provider; remove the object from the state and import it again."
        );
        Diagnostic::error("Private state cannot be read", detail).into()
    })
}

/// Whether the command line knows write-only arguments; one that says nothing does not.
pub(crate) fn write_only_allowed(capabilities: Option<ClientCapabilities>) -> bool {
    capabilities.is_some_and(|capabilities| capabilities.write_only_attributes_allowed)
}

/// An identity of that type; none where the message is absent, or the type of the resource has no identity.
///
/// # Errors
/// The bytes are no value of the type.
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

/// Whether the command line accepts that an answer is deferred; one that says nothing does not.
pub(crate) fn deferral_allowed(capabilities: Option<ClientCapabilities>) -> bool {
    capabilities.is_some_and(|capabilities| capabilities.deferral_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/protocol.md, "Absent values".
    ///
    /// OpenTofu sends an empty message where Terraform sends none.
    #[test]
    fn absent_and_empty_values_are_null() {
        assert_eq!(value(None, &Type::String), Ok(Value::Null));
        assert_eq!(
            value(Some(DynamicValue::default()), &Type::String),
            Ok(Value::Null)
        );
    }

    #[test]
    fn a_value_may_come_as_json() {
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
    fn malformed_values_are_diagnostics() {
        let message = DynamicValue {
            msgpack: Bytes::from_static(b"\xc1"),
            ..DynamicValue::default()
        };
        assert!(value(Some(message), &Type::String).is_err_and(|d| d.has_errors()));
    }

    #[test]
    fn state_from_before_terraform_0_12_is_refused() {
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
    /// A number of a state file is never a float on its way.
    #[test]
    fn numbers_of_stored_state_keep_their_digits() {
        let json = Bytes::from_static(br#"{"n":123456789012345678901234567890.5}"#);
        let state = raw_state(Some(RawState {
            json,
            ..RawState::default()
        }))
        .expect("JSON");
        assert_eq!(state["n"].to_string(), "123456789012345678901234567890.5");
    }
}
