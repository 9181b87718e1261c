//! Decodes PEM arguments of data sources and reports invalid values.

use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use crate::pki::decoded::{DecodeError, DecodedCertificate};
use crate::pki::{PemLabel, pem_block};

/// Decodes the only certificate in a PEM argument.
///
/// # Errors
/// Returns the errors of [`decoded`].
pub(super) fn certificate(
    text: &str,
    path: AttributePath,
) -> Result<DecodedCertificate, Diagnostic> {
    let label = PemLabel::Certificate;
    decoded(
        "certificate",
        label,
        text,
        path,
        DecodedCertificate::from_der,
    )
}

/// Decodes the only object in a PEM argument. `what` names the type of object, such as `certificate`.
///
/// # Errors
/// Returns an error if the string does not contain exactly one PEM block, or if the block is malformed.
pub(super) fn decoded<T>(
    what: &str,
    label: PemLabel,
    text: &str,
    path: AttributePath,
    decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<T, Diagnostic> {
    let refused = |path, detail| Diagnostic::error(format!("Invalid {what}"), detail).at(path);
    let block = match pem_block(label, text) {
        Ok(block) => block,
        Err(error) => {
            let detail = format!("The value of {path} {error}.");
            return Err(refused(path, detail));
        }
    };
    decode(&block.der).map_err(|error| {
        let line = block.line;
        let detail = format!(
            "The block at line {line} of {path} {error}.\n\nCopy the block from its source again, or recreate it."
        );
        refused(path, detail)
    })
}
