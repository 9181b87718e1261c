//! The textual encoding of RFC 7468 ("PEM") for keys and certificates, one block per text and line feeds only.
//!
//! Must not know what the blocks mean.

use pem::{EncodeConfig, LineEnding, Pem};

/// Label of a certificate (RFC 7468 section 5).
pub(super) const CERTIFICATE: &str = "CERTIFICATE";
/// Label of an unencrypted PKCS #8 private key (RFC 7468 section 10).
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY";
/// Label of a SubjectPublicKeyInfo (RFC 7468 section 13).
pub(super) const PUBLIC_KEY: &str = "PUBLIC KEY";

/// The text is not one block with the expected label. Says nothing about the text, which may be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not exactly one {0:?} block in the encoding of RFC 7468")]
pub struct NotTextual(&'static str);

pub(super) fn encode(label: &'static str, der: &[u8]) -> String {
    pem::encode_config(
        &Pem::new(label, der),
        EncodeConfig::new().set_line_ending(LineEnding::LF),
    )
}

pub(super) fn decode(label: &'static str, text: &str) -> Result<Vec<u8>, NotTextual> {
    let blocks = pem::parse_many(text).map_err(|_| NotTextual(label))?;
    match <[Pem; 1]>::try_from(blocks) {
        Ok([block]) if block.tag() == label => Ok(block.into_contents()),
        _ => Err(NotTextual(label)),
    }
}
