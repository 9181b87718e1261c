//! Decodes PEM arguments and reports errors with the position of the argument. Terraform and OpenTofu append a period to the
//! message of a function error.

use std::fmt::Display;

use tfplugin::{ArgumentPosition, FunctionError};

use crate::pki::decoded::{DecodeError, DecodedCertificate};
use crate::pki::{PemBlock, PemError, PemLabel, pem_block, pem_blocks};

/// A PEM argument, or one element of a list argument.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    text: &'a str,
    position: ArgumentPosition,
    element: Option<usize>,
}

impl<'a> Input<'a> {
    /// Creates the input for a string argument.
    pub(super) fn new(text: &'a str, position: ArgumentPosition) -> Self {
        Self {
            text,
            position,
            element: None,
        }
    }

    /// Returns the elements of a list argument.
    pub(super) fn elements(
        texts: &'a [String],
        position: ArgumentPosition,
    ) -> impl Iterator<Item = Self> {
        texts.iter().enumerate().map(move |(index, text)| Self {
            text,
            position,
            element: Some(index),
        })
    }

    /// Decodes the only object in the input.
    pub(super) fn one<T>(
        self,
        label: PemLabel,
        decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, FunctionError> {
        let block = pem_block(label, self.text).map_err(|error| self.not_pem(&error))?;
        self.decoded(&block, decode)
    }

    /// Decodes the only certificate in the input.
    pub(super) fn certificate(self) -> Result<DecodedCertificate, FunctionError> {
        self.one(PemLabel::Certificate, DecodedCertificate::from_der)
    }

    /// Decodes all certificates in the input, which must contain at least one.
    pub(super) fn certificates(self) -> Result<Vec<DecodedCertificate>, FunctionError> {
        let blocks = pem_blocks(PemLabel::Certificate, self.text);
        let blocks = blocks.map_err(|error| self.not_pem(&error))?;
        let decode = |block| self.decoded(block, DecodedCertificate::from_der);
        blocks.iter().map(decode).collect()
    }

    fn decoded<T>(
        self,
        block: &PemBlock,
        decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, FunctionError> {
        decode(&block.der).map_err(|error| {
            let line = block.line;
            self.error(format_args!(
                "is not valid: the block at line {line} {error}. Copy the block from its source again, or recreate it"
            ))
        })
    }

    fn not_pem(self, error: &PemError) -> FunctionError {
        self.error(error)
    }

    fn error(self, text: impl Display) -> FunctionError {
        let place = self
            .element
            .map_or_else(String::new, |index| format!("`[{index}]` "));
        FunctionError::at(self.position, format!("{place}{text}"))
    }
}

/// Decodes the certificates in all elements of a list.
pub(super) fn all_certificates(
    texts: &[String],
    position: ArgumentPosition,
) -> Result<Vec<DecodedCertificate>, FunctionError> {
    let mut certificates = Vec::new();
    for input in Input::elements(texts, position) {
        certificates.extend(input.certificates()?);
    }
    Ok(certificates)
}
