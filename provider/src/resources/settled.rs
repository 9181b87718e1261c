//! Conversion of a plan to a state for all resource types.
//!
//! Pure.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Model, Planned};

/// Converts a plan without unknown values to a state.
///
/// # Errors
/// Returns an error if a value is unknown, or is null although the state requires a value. This is a bug in the provider.
pub fn settled<M: Model>(plan: M::Plan) -> Result<M, Diagnostics> {
    let state = Planned::Known(plan).settle(AttributePath::root());
    state.map_err(|error| {
        Diagnostic::bug("The state is incomplete", &error)
            .at(error.path.clone())
            .into()
    })
}
