//! Requests that AWS accepts although they do not satisfy the model. Each entry states its reason and the page that
//! documents the behavior.

use super::validate::Violation;

/// A deviation of AWS from its model.
struct Exception {
    service: &'static str,
    /// `*` matches any operation.
    operation: &'static str,
    /// Path to the member, with `*` for indexes.
    place: &'static str,
    /// Name of the rule that AWS does not enforce.
    rule: &'static str,
}

/// The exceptions, by service.
const EXCEPTIONS: &[Exception] = &[];

/// Returns whether AWS accepts a violation.
pub(super) fn accepts(service: &str, operation: &str, violation: &Violation) -> bool {
    EXCEPTIONS.iter().any(|exception| {
        exception.service == service
            && (exception.operation == "*" || exception.operation == operation)
            && exception.rule == violation.rule.name()
            && exception.place == violation.place()
    })
}
