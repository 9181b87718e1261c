//! Describes an attribute for builders and references: its Rust type, whether it can be set and read, and its doc
//! comment.

use tfschema::{Attribute, AttributeKind, ObjectNesting, Type};

/// Returns the type parameter of `Expr<…>` for an attribute.
pub(super) fn marker(attribute: &Attribute) -> String {
    match &attribute.kind {
        AttributeKind::Type(ty) => type_marker(ty),
        AttributeKind::Nested(nested) => match nested.nesting {
            ObjectNesting::Single => "Object".to_owned(),
            ObjectNesting::List => "List<Object>".to_owned(),
            ObjectNesting::Set => "Set<Object>".to_owned(),
            ObjectNesting::Map => "Map<Object>".to_owned(),
        },
    }
}

fn type_marker(ty: &Type) -> String {
    match ty {
        Type::String => "Str".to_owned(),
        Type::Number => "Num".to_owned(),
        Type::Bool => "Bool".to_owned(),
        Type::Dynamic | Type::Tuple(_) => "Any".to_owned(),
        Type::Object(_) => "Object".to_owned(),
        Type::List(element) => format!("List<{}>", type_marker(element)),
        Type::Set(element) => format!("Set<{}>", type_marker(element)),
        Type::Map(element) => format!("Map<{}>", type_marker(element)),
    }
}

/// Returns whether a builder has a method for an attribute. Deprecated attributes and a computed `id` have no method.
pub(super) fn is_optional(name: &str, attribute: &Attribute) -> bool {
    attribute.optional && attribute.deprecated.is_none() && name != "id"
}

/// Returns whether an attribute can be set.
pub(super) fn is_settable(name: &str, attribute: &Attribute) -> bool {
    attribute.required || is_optional(name, attribute)
}

/// Returns whether a reference has a method for an attribute. Deprecated attributes have no method, except `id`.
pub(super) fn is_readable(name: &str, attribute: &Attribute) -> bool {
    !attribute.write_only && (attribute.deprecated.is_none() || name == "id")
}

/// Returns the sentences that follow `Sets …`.
pub(super) fn about_setting(attribute: &Attribute) -> String {
    let facts = [
        (
            attribute.computed,
            "If omitted, the provider sets the value.",
        ),
        (attribute.sensitive, "Sensitive."),
        (
            attribute.write_only,
            "Write-only: the value is never stored.",
        ),
    ];
    sentences(&facts)
}

/// Returns the sentences that follow `Returns …`.
pub(super) fn about_reading(attribute: &Attribute) -> String {
    sentences(&[(attribute.sensitive, "Sensitive.")])
}

fn sentences(facts: &[(bool, &str)]) -> String {
    facts
        .iter()
        .filter(|(applies, _)| *applies)
        .map(|(_, sentence)| format!(" {sentence}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_type_parameter() {
        let object = Type::object([("a", Type::String)]);
        for (ty, expected) in [
            (Type::String, "Str"),
            (Type::Number.list(), "List<Num>"),
            (Type::Bool.set().map(), "Map<Set<Bool>>"),
            (object.clone(), "Object"),
            (object.set(), "Set<Object>"),
            (Type::Dynamic.map(), "Map<Any>"),
            (Type::Tuple(vec![Type::String]), "Any"),
        ] {
            assert_eq!(marker(&Attribute::of(ty)), expected);
        }
        let nested = Attribute::nested(ObjectNesting::Map, Default::default());
        assert_eq!(marker(&nested), "Map<Object>");
    }
}
