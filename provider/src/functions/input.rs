//! PEM arguments, and the errors that name their position. The command lines write a full stop after the text of an error.

use std::fmt::Display;

use tfplugin::{ArgumentPosition, FunctionError};

use crate::pki::decoded::{DecodeError, DecodedCertificate};
use crate::pki::{PemBlock, PemError, PemLabel, pem_block, pem_blocks};

/// An argument of PEM text, or one element of an argument that is a list.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    text: &'a str,
    position: ArgumentPosition,
    element: Option<usize>,
}

impl<'a> Input<'a> {
    /// An argument.
    pub(super) fn new(text: &'a str, position: ArgumentPosition) -> Self {
        Self {
            text,
            position,
            element: None,
        }
    }

    /// The elements of an argument that is a list.
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

    /// Decodes the only object of the text.
    pub(super) fn one<T>(
        self,
        label: PemLabel,
        decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, FunctionError> {
        let block = pem_block(label, self.text).map_err(|error| self.not_pem(&error))?;
        self.decoded(&block, decode)
    }

    /// Decodes the only certificate of the text.
    pub(super) fn certificate(self) -> Result<DecodedCertificate, FunctionError> {
        self.one(PemLabel::Certificate, DecodedCertificate::from_der)
    }

    /// Decodes all certificates of the text, at least one.
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
                "is not valid: the block at line {line} {error}. Copy it again from its source, or create it again"
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

/// Decodes the certificates of all elements of a list.
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
