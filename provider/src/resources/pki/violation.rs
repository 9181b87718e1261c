//! Errors for certificates that would violate a rule below their issuer.
//!
//! These functions are pure.

use tfplugin::Diagnostic;

use crate::pki::Violation;

/// Returns the error for a certificate that `issuer` must not issue. The caller adds the path.
pub(super) fn diagnostic(violation: &Violation, issuer: &str) -> Diagnostic {
    let remedy = match violation {
        Violation::EndsAfter { .. } => {
            "\n\nTo let the certificate expire together with that authority, set not_after_behavior = \"truncate\"."
        }
        _ => "",
    };
    let detail = format!(
        "Verifiers would reject this certificate below {issuer}, so nothing was signed.\n\n{}.{remedy}",
        sentence(violation)
    );
    Diagnostic::error("Certificate is not valid below its issuer", detail)
}

/// Returns the text of a violation as a sentence without its final period.
fn sentence(violation: &Violation) -> String {
    let text = violation.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
