//! Conversions to protocol messages: values, diagnostics, and attribute paths.

use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::attribute_path::step::Selector;
use tfschema::{AttributePath, Step, Type, Value};

use crate::codec;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};

/// Converts a value of the specified type.
///
/// # Errors
/// Returns an error if the value does not conform to the type, which is a bug in the provider.
pub(crate) fn value(value: &Value, ty: &Type) -> Result<Option<proto::DynamicValue>, Diagnostics> {
    let msgpack = codec::encode(value, ty).map_err(|error| {
        let detail =
            format!("The provider returned a value that does not match its schema: {error}");
        Diagnostics::from(Diagnostic::bug("Malformed value", detail))
    })?;
    Ok(Some(proto::DynamicValue {
        msgpack: msgpack.into(),
        ..proto::DynamicValue::default()
    }))
}

/// Converts an identity of the specified type.
///
/// # Errors
/// Returns an error if the identity does not conform to the type, which is a bug in the provider.
pub(crate) fn identity(
    identity: Option<&Value>,
    ty: Option<&Type>,
) -> Result<Option<proto::ResourceIdentityData>, Diagnostics> {
    match (identity, ty) {
        (Some(identity), Some(ty)) => Ok(Some(proto::ResourceIdentityData {
            identity_data: value(identity, ty)?,
        })),
        _ => Ok(None),
    }
}

/// Converts diagnostics and preserves their order.
pub(crate) fn diagnostics(
    diagnostics: impl IntoIterator<Item = Diagnostic>,
) -> Vec<proto::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> proto::Diagnostic {
    let Diagnostic {
        severity,
        summary,
        detail,
        path,
    } = diagnostic;
    let severity = match severity {
        Severity::Error => proto::diagnostic::Severity::Error,
        Severity::Warning => proto::diagnostic::Severity::Warning,
    };
    proto::Diagnostic {
        severity: severity.into(),
        summary,
        detail: detail.trim_end().to_owned(),
        attribute: (!path.is_root()).then(|| attribute_path(&path)),
    }
}

/// Converts a path. The root is a path without steps.
pub(crate) fn attribute_path(path: &AttributePath) -> proto::AttributePath {
    let step = |step: &Step| {
        let selector = match step.clone() {
            Step::Attribute(name) => Selector::AttributeName(name),
            Step::Key(key) => Selector::ElementKeyString(key),
            Step::Index(index) => Selector::ElementKeyInt(index),
        };
        proto::attribute_path::Step {
            selector: Some(selector),
        }
    };
    proto::AttributePath {
        steps: path.steps().iter().map(step).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnostics_have_a_severity_and_a_path() {
        let path = AttributePath::root()
            .attribute("services")
            .key("api")
            .attribute("ports")
            .index(2);
        let all = diagnostics([
            Diagnostic::error("No port", "Choose one.\n").at(path),
            Diagnostic::warning("Old", ""),
        ]);
        let steps = all[0]
            .attribute
            .as_ref()
            .map(|path| path.steps.iter().map(|s| s.selector.clone()).collect());
        let expected: Vec<_> = vec![
            Some(Selector::AttributeName("services".into())),
            Some(Selector::ElementKeyString("api".into())),
            Some(Selector::AttributeName("ports".into())),
            Some(Selector::ElementKeyInt(2)),
        ];
        assert_eq!(steps, Some(expected));
        assert_eq!((all[0].severity, &*all[0].detail), (1, "Choose one."));
        assert_eq!((all[1].severity, &all[1].attribute), (2, &None));
    }

    #[test]
    fn nonconforming_value_is_reported_as_a_bug_in_the_provider() {
        let refused = value(&Value::from(true), &Type::String).expect_err("not a string");
        assert!(
            refused
                .iter()
                .any(|d| d.detail.contains("bug in the provider"))
        );
    }
}
