//! `deletion_protection` of every resource that has it: one decision, made from the state.
//!
//! The value in the state decides, so that a removed block is protected too. It fails closed: a state that says nothing,
//! or whose value is not known, protects the object. Plan and apply both ask, because a plan may be older than the state.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

/// Whether the object of a state may not be deleted. Everything but a stored `false` protects it.
#[must_use]
pub fn is_protected(stored: &Planned<bool>) -> bool {
    *stored != Planned::Known(false)
}

/// Refuses to delete an object that its state protects.
///
/// # Errors
/// The object is protected. `detail` says what a deletion would destroy and how to delete the object deliberately.
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

/// Summary of every refusal.
pub const SUMMARY: &str = "Resource is protected from deletion";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stored_false_allows_a_deletion() {
        let refused = |stored| {
            let refused = refuse(&stored, AttributePath::root(), || "why".to_owned());
            refused.err().map(|refused| refused.into_iter().count())
        };
        assert_eq!(refused(Planned::Known(false)), None);
        for protects in [Planned::Known(true), Planned::Null, Planned::Unknown] {
            assert_eq!(refused(protects), Some(1), "{protects:?}");
        }
    }
}
