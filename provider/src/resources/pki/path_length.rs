//! The `path_length` attribute of certificate authorities (`pathLenConstraint`, RFC 5280 section 4.2.1.9).
//!
//! These functions are pure.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::stored_key::Difference;

/// Value of `path_length` for a certificate without a path length limit.
pub const NO_PATH_LENGTH: i64 = -1;

/// Converts the attribute to the path length in a certificate.
///
/// # Errors
/// Returns an error if the value is unknown or out of range.
pub fn of_attribute(planned: Planned<i64>) -> Result<Option<u8>, Diagnostics> {
    let attribute: i64 = planned.settle(path()).map_err(Diagnostic::from)?;
    match u8::try_from(attribute) {
        Ok(length) => Ok(Some(length)),
        Err(_) if attribute == NO_PATH_LENGTH => Ok(None),
        Err(_) => {
            let detail = "path_length must be between 0 and 255, or -1 for no limit.";
            let error = Diagnostic::error("Path length is out of range", detail);
            Err(error.at(path()).into())
        }
    }
}

/// Returns the attribute value for the path length in a certificate.
#[must_use]
pub fn attribute(path_length: Option<u8>) -> i64 {
    path_length.map_or(NO_PATH_LENGTH, i64::from)
}

/// Returns the difference between the configured and the stored path length, if any.
#[must_use]
pub fn difference(configured: Option<u8>, stored: Option<u8>) -> Option<Difference> {
    (stored != configured).then(|| Difference {
        path: path(),
        configured: attribute(configured).to_string(),
        stored: attribute(stored).to_string(),
    })
}

fn path() -> AttributePath {
    AttributePath::root().attribute("path_length")
}
