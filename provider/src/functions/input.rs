//! PEM arguments, and the errors that name their position.

use std::fmt::Display;

use tfplugin::{ArgumentPosition, FunctionError};

use crate::pki::decoded::DecodedCertificate;
use crate::pki::{PemBlock, PemError, PemLabel, pem_block};

/// Reads an argument that is exactly one certificate.
pub(super) fn certificate(
    text: &str,
    position: ArgumentPosition,
) -> Result<DecodedCertificate, FunctionError> {
    let block = pem_block(PemLabel::Certificate, text);
    let block = block.map_err(|error| not_pem(position, &error))?;
    decoded_certificate(&block, position, "")
}

/// Decodes a certificate of an argument. `place` is the element of the argument, with a space at its end.
pub(super) fn decoded_certificate(
    block: &PemBlock,
    position: ArgumentPosition,
    place: &str,
) -> Result<DecodedCertificate, FunctionError> {
    DecodedCertificate::from_der(&block.der)
        .map_err(|error| malformed(position, place, "certificate", block, &error))
}

/// The argument is not PEM.
pub(super) fn not_pem(position: ArgumentPosition, error: &PemError) -> FunctionError {
    FunctionError::at(position, format!("{error}."))
}

/// A block of the argument holds a malformed object.
pub(super) fn malformed(
    position: ArgumentPosition,
    place: &str,
    object: &str,
    block: &PemBlock,
    error: &dyn Display,
) -> FunctionError {
    let line = block.line;
    FunctionError::at(
        position,
        format!(
            "{place}is malformed: the {object} at line {line} {error}. Request it again from its issuer, or copy it again from its source."
        ),
    )
}
