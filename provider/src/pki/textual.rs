//! RFC 7468 textual encoding ("PEM") for keys and certificates: one block per string, with line feeds only.
//!
//! This module does not interpret block contents.

use pem_rfc7468::LineEnding;
use zeroize::Zeroizing;

/// Label for a certificate (RFC 7468 section 5).
pub(super) const CERTIFICATE: &str = "CERTIFICATE";
/// Label for a certificate revocation list (RFC 7468 section 6).
pub(super) const CRL: &str = "X509 CRL";
/// Label for an unencrypted PKCS #8 private key (RFC 7468 section 10).
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY";
/// Label for a SubjectPublicKeyInfo (RFC 7468 section 13).
pub(super) const PUBLIC_KEY: &str = "PUBLIC KEY";

/// Error for input that is not exactly one block with the expected label. The message never quotes the input because it
/// can be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the input is not exactly one {0:?} block in RFC 7468 encoding")]
pub struct InvalidPem(&'static str);

pub(super) fn encode(label: &'static str, der: &[u8]) -> String {
    pem_rfc7468::encode_string(label, LineEnding::LF, der).expect(FITS)
}

/// Like [`encode`], but writes to one buffer with the final size. Thus, no copy of the secret remains in freed memory.
pub(super) fn encode_secret(label: &'static str, der: &[u8]) -> Zeroizing<String> {
    let length = pem_rfc7468::encoded_len(label, LineEnding::LF, der).expect(FITS);
    let mut buffer = Zeroizing::new(vec![0; length]);
    pem_rfc7468::encode(label, LineEnding::LF, der, &mut buffer).expect(FITS);
    let text = String::from_utf8(std::mem::take(&mut *buffer));
    Zeroizing::new(text.expect("base64 and labels are ASCII"))
}

/// Returns the octets of the only block in the input, in one buffer that is wiped when dropped.
pub(super) fn decode(label: &'static str, text: &str) -> Result<Zeroizing<Vec<u8>>, InvalidPem> {
    // Base64 encodes three octets as four characters, so the decoded octets are shorter than the input.
    let mut buffer = Zeroizing::new(vec![0; text.len()]);
    let length = match pem_rfc7468::decode(text.as_bytes(), &mut buffer) {
        Ok((found, der)) if found == label => der.len(),
        _ => return Err(InvalidPem(label)),
    };
    buffer.truncate(length);
    Ok(buffer)
}

const FITS: &str = "RFC 7468 defines the labels, and the buffer has the requested length";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_encoded_without_reallocation() {
        for length in [1, 47, 48, 49, 2376] {
            let der = vec![0x5a; length];
            let text = encode_secret(PRIVATE_KEY, &der);
            assert_eq!(text.capacity(), text.len(), "{length} octets");
            assert_eq!(*text, encode(PRIVATE_KEY, &der));
            let decoded = decode(PRIVATE_KEY, &text).expect("the encoded block is valid");
            assert_eq!(*decoded, der);
            assert!(decode(CERTIFICATE, &text).is_err());
            let two = format!("{}{}", *text, *text);
            assert!(decode(PRIVATE_KEY, &two).is_err(), "two blocks");
        }
    }
}
