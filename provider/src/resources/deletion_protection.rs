//! Enforces `deletion_protection` for all resource types that have the attribute.
//!
//! The check uses the value in the prior state, so it also protects a resource after its block is removed. The check
//! fails closed: a null or unknown value protects the object. Both plan and apply run the check because a saved plan
//! can be outdated.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

/// Returns whether the state protects an object from deletion. Every value except a stored `false` protects the object.
#[must_use]
pub fn is_protected(stored: &Planned<bool>) -> bool {
    *stored != Planned::Known(false)
}

/// Returns an error if the state protects an object from deletion.
///
/// # Errors
/// Returns an error if the object is protected. `detail` describes the effect of a deletion and how to delete the
/// object intentionally.
pub fn refuse(
    stored: &Planned<bool>,
    path: AttributePath,
    detail: impl FnOnce() -> String,
) -> Result<(), Diagnostics> {
    match is_protected(stored) {
        true => Err(Diagnostic::error(SUMMARY, detail()).at(path).into()),
        false => Ok(()),
    }
}

/// Error summary.
pub const SUMMARY: &str = "Resource is protected from deletion";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stored_false_allows_deletion() {
        let refused = |stored| {
            let refused = refuse(&stored, AttributePath::root(), || "detail".to_owned());
            refused.err().map(|refused| refused.into_iter().count())
        };
        assert_eq!(refused(Planned::Known(false)), None);
        for protects in [Planned::Known(true), Planned::Null, Planned::Unknown] {
            assert_eq!(refused(protects), Some(1), "{protects:?}");
        }
    }
}
