//! Texts with any number of PEM blocks (RFC 7468) from elsewhere: finds the blocks and reports the line of each defect.
//!
//! It accepts explanatory text around the blocks, lines of any length and any line ending (RFC 7468 section 2). It must
//! not decode a block whose label was not requested, and must not quote the content of a block.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::textual;

/// The kind of object in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PemLabel {
    /// A certificate (RFC 7468 section 5).
    Certificate,
    /// A PKCS #10 certification request (RFC 7468 section 7).
    CertificateRequest,
    /// A certificate revocation list (RFC 7468 section 6).
    Crl,
}

impl PemLabel {
    /// Returns the label that RFC 7468 requires generators to write.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certificate => textual::CERTIFICATE,
            Self::CertificateRequest => "CERTIFICATE REQUEST",
            Self::Crl => "X509 CRL",
        }
    }

    /// Returns whether a block with this label holds the object, including the labels that RFC 7468 lists as common.
    fn accepts(self, label: &str) -> bool {
        let common: &[&str] = match self {
            Self::Certificate => &["X509 CERTIFICATE", "X.509 CERTIFICATE"],
            Self::CertificateRequest => &["NEW CERTIFICATE REQUEST"],
            Self::Crl => &["CRL"],
        };
        label == self.name() || common.contains(&label)
    }
}

impl fmt::Display for PemLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One block of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PemBlock {
    /// Line of `-----BEGIN`, from one.
    pub line: usize,
    /// The octets.
    pub der: Vec<u8>,
}

/// A text that is not made of the requested blocks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// The text contains no block.
    #[error("contains no PEM block; it must contain a line `-----BEGIN {expected}-----`")]
    NoBlock {
        /// The requested object.
        expected: PemLabel,
    },
    /// The text contains several blocks where one is requested.
    #[error("contains {} {expected} blocks, at lines {}; it must contain one", lines.len(), listed(lines))]
    Several {
        /// The requested object.
        expected: PemLabel,
        /// Line of each block.
        lines: Vec<usize>,
    },
    /// A block holds a private key.
    #[error(
        "has a private key at line {line}; remove it, because values of this argument are written to plans and logs"
    )]
    PrivateKey {
        /// Line of the block.
        line: usize,
    },
    /// A block holds another object.
    #[error("has a block labelled {found:?} at line {line}; it must be labelled {:?}", expected.name())]
    Label {
        /// Line of the block.
        line: usize,
        /// Its label.
        found: String,
        /// The requested object.
        expected: PemLabel,
    },
    /// A block has no end.
    #[error(
        "has no line `-----END {label}-----` for the block at line {line}; the text may be truncated"
    )]
    Unterminated {
        /// Line of the block.
        line: usize,
        /// Its label.
        label: String,
    },
    /// A line of a block is not Base64.
    #[error(
        "has a character at line {line} that is not Base64; the block at line {block} may have been edited or truncated"
    )]
    NotBase64 {
        /// Line of the character.
        line: usize,
        /// Line of the block.
        block: usize,
    },
    /// The Base64 text of a block has an invalid length or padding.
    #[error("has incomplete Base64 text in the block at line {line}; the block may be truncated")]
    IncompleteBase64 {
        /// Line of the block.
        line: usize,
    },
}

fn listed(lines: &[usize]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join(", ")
}

/// Returns the only block of a text.
///
/// # Errors
/// The text has no block or several blocks, or one of them is malformed or of another kind.
pub fn pem_block(expected: PemLabel, text: &str) -> Result<PemBlock, PemError> {
    let mut blocks = pem_blocks(expected, text)?;
    match (blocks.pop(), blocks.is_empty()) {
        (Some(block), true) => Ok(block),
        (Some(last), false) => {
            let lines = blocks.iter().map(|block| block.line).chain([last.line]);
            Err(PemError::Several {
                expected,
                lines: lines.collect(),
            })
        }
        (None, _) => Err(PemError::NoBlock { expected }),
    }
}

/// Returns all blocks of a text, at least one.
///
/// # Errors
/// The text has no block, or one of its blocks is malformed or of another kind.
pub fn pem_blocks(expected: PemLabel, text: &str) -> Result<Vec<PemBlock>, PemError> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((text, line)) = lines.next() {
        let Some(label) = boundary(text, "-----BEGIN ") else {
            continue;
        };
        if label.ends_with("PRIVATE KEY") {
            return Err(PemError::PrivateKey { line });
        }
        if !expected.accepts(label) {
            return Err(PemError::Label {
                line,
                found: label.to_owned(),
                expected,
            });
        }
        let der = content(label, line, &mut lines)?;
        blocks.push(PemBlock { line, der });
    }
    match blocks.is_empty() {
        true => Err(PemError::NoBlock { expected }),
        false => Ok(blocks),
    }
}

/// Returns the label of a line that is an encapsulation boundary.
fn boundary<'t>(line: &'t str, start: &str) -> Option<&'t str> {
    let label = line.trim().strip_prefix(start)?.strip_suffix("-----")?;
    let printable = |octet: u8| octet.is_ascii_graphic() || octet == b' ';
    let plausible = label.len() <= 64 && label.bytes().all(printable);
    plausible.then_some(label)
}

/// Reads the lines of a block through its end.
fn content<'t>(
    label: &str,
    block: usize,
    lines: &mut impl Iterator<Item = (&'t str, usize)>,
) -> Result<Vec<u8>, PemError> {
    let unterminated = || PemError::Unterminated {
        line: block,
        label: label.to_owned(),
    };
    let mut digits = String::new();
    for (text, line) in lines {
        match boundary(text, "-----END ") {
            Some(end) if end == label => {
                let decoded = STANDARD.decode(&digits).ok();
                let decoded = decoded.filter(|der| !der.is_empty());
                return decoded.ok_or(PemError::IncompleteBase64 { line: block });
            }
            Some(_) => return Err(unterminated()),
            None if text.trim_start().starts_with("-----BEGIN ") => return Err(unterminated()),
            None => {}
        }
        for sign in text.chars().filter(|sign| !sign.is_whitespace()) {
            if !sign.is_ascii_alphanumeric() && !"+/=".contains(sign) {
                return Err(PemError::NotBase64 { line, block });
            }
            digits.push(sign);
        }
    }
    Err(unterminated())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CERTIFICATE: PemLabel = PemLabel::Certificate;

    fn block(label: &str, content: &str) -> String {
        format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")
    }

    fn message(text: &str) -> String {
        let error = pem_block(CERTIFICATE, text).expect_err("refused");
        error.to_string()
    }

    #[test]
    fn blocks_are_found_among_explanatory_text_with_their_lines() {
        let text = format!(
            "Subject: a\r\n{}\nSubject: b\n{}",
            block("CERTIFICATE", "AAEC\r\nAwQ=").replace('\n', "\r\n"),
            block("X509 CERTIFICATE", " AA E C "),
        );
        let found = pem_blocks(CERTIFICATE, &text).expect("two blocks");
        let found: Vec<_> = found
            .iter()
            .map(|block| (block.line, &*block.der))
            .collect();
        assert_eq!(found, [(2, &[0, 1, 2, 3, 4][..]), (8, &[0, 1, 2][..])]);
    }

    #[test]
    fn errors_name_the_line_and_the_remedy() {
        let good = block("CERTIFICATE", "AAEC");
        assert!(message("MIIB").contains("`-----BEGIN CERTIFICATE-----`"));
        assert!(message(&good.repeat(2)).contains("2 CERTIFICATE blocks, at lines 1, 4"));
        let key = good.clone() + &block("EC PRIVATE KEY", "c2VjcmV0");
        assert!(message(&key).contains("private key at line 4; remove it"));
        let request = block("CERTIFICATE REQUEST", "AAEC");
        assert!(message(&request).contains("labelled \"CERTIFICATE REQUEST\" at line 1"));
        let cut = good.rsplit_once("-----END").expect("an end").0;
        assert!(
            message(cut).contains("no line `-----END CERTIFICATE-----` for the block at line 1")
        );
        assert!(message(&(cut.to_owned() + &good)).contains("for the block at line 1"));
        let edited = block("CERTIFICATE", "AAEC\nAA*C");
        assert!(message(&edited).contains("character at line 3"));
        for incomplete in ["AAE", "", "AA=C", "AAEC="] {
            let text = block("CERTIFICATE", incomplete);
            assert!(message(&text).contains("incomplete Base64"), "{incomplete}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_survive_any_line_width(der in prop::collection::vec(any::<u8>(), 1..200), width in 1usize..80) {
            let digits: Vec<char> = STANDARD.encode(&der).chars().collect();
            let lines: Vec<String> = digits.chunks(width).map(|line| line.iter().collect()).collect();
            let found = pem_block(CERTIFICATE, &block("CERTIFICATE", &lines.join("\n")));
            prop_assert_eq!(found.map(|block| block.der), Ok(der));
        }

        #[test]
        fn no_text_panics(text in "(-----(BEGIN|END) (CERTIFICATE|X)-----|[A-Za-z+/=]{0,9}|\\PC{0,9}|\r?\n){0,20}") {
            let _ = pem_blocks(CERTIFICATE, &text);
        }
    }
}
