//! Finds PEM blocks (RFC 7468) in user input and reports the line of each defect.
//!
//! The parser accepts explanatory text around the blocks, lines of any length, and any line ending (RFC 7468 section 2). It
//! must not decode a block whose label was not requested, and it must not accept a private key as explanatory text, even if its
//! boundary is damaged. Error messages must not quote the content of a block.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::textual;

/// Type of object in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PemLabel {
    /// A certificate (RFC 7468 section 5).
    Certificate,
    /// A PKCS #10 certificate signing request (RFC 7468 section 7).
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
            Self::Crl => textual::CRL,
        }
    }

    /// Returns whether a block with this label contains the object. Accepts the common labels that RFC 7468 lists.
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

/// PEM block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PemBlock {
    /// Line number of `-----BEGIN`. The first line is 1.
    pub line: usize,
    /// Decoded content.
    pub der: Vec<u8>,
}

/// Input that does not consist of the requested blocks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// The input contains no block.
    #[error("contains no PEM block; it must contain a line `-----BEGIN {expected}-----`")]
    NoBlock {
        /// Requested type of object.
        expected: PemLabel,
    },
    /// The input contains several blocks, but one block was requested.
    #[error("contains {} {expected} blocks, at lines {}; it must contain exactly one", lines.len(), listed(lines))]
    Several {
        /// Requested type of object.
        expected: PemLabel,
        /// Line number of each block.
        lines: Vec<usize>,
    },
    /// The input contains a private key or a part of one.
    #[error(
        "contains a private key at line {line}; remove it, because values of this argument are written to plans and logs"
    )]
    PrivateKey {
        /// Line number of the boundary that identifies the key.
        line: usize,
    },
    /// A block contains a different type of object.
    #[error("contains a block labeled {found:?} at line {line}; the label must be {:?}", expected.name())]
    Label {
        /// Line number of the block.
        line: usize,
        /// Label of the block.
        found: String,
        /// Requested type of object.
        expected: PemLabel,
    },
    /// A block has no end line.
    #[error(
        "has no line `-----END {label}-----` for the block at line {line}; the value may be truncated"
    )]
    Unterminated {
        /// Line number of the block.
        line: usize,
        /// Label of the block.
        label: String,
    },
    /// A block contains a character that Base64 does not allow.
    #[error(
        "contains an invalid Base64 character at line {line}; the block at line {block} may have been edited or truncated"
    )]
    NotBase64 {
        /// Line number of the character.
        line: usize,
        /// Line number of the block.
        block: usize,
    },
    /// The Base64 data in a block is empty, or has an invalid length or padding.
    #[error(
        "contains incomplete Base64 data in the block at line {line}; the block may be truncated"
    )]
    IncompleteBase64 {
        /// Line number of the block.
        line: usize,
    },
}

fn listed(lines: &[usize]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join(", ")
}

/// Returns the only block in `text`.
///
/// # Errors
/// Returns an error if `text` does not contain exactly one block, if a block is malformed or has a different type, or if `text`
/// contains a private key.
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

/// Returns all blocks in `text`.
///
/// # Errors
/// Returns an error if `text` contains no block, if a block is malformed or has a different type, or if `text` contains a
/// private key.
pub fn pem_blocks(expected: PemLabel, text: &str) -> Result<Vec<PemBlock>, PemError> {
    if let Some((_, line)) = text.lines().zip(1..).find(|(text, _)| is_of_key(text)) {
        return Err(PemError::PrivateKey { line });
    }
    let mut blocks = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((text, line)) = lines.next() {
        let Some(label) = boundary(text, "-----BEGIN ") else {
            continue;
        };
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

/// Returns whether a line contains a boundary of a private key. The dashes, the case, and the spaces of the boundary can be
/// damaged, and the key can follow on the same line.
fn is_of_key(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let line = words.join(" ").to_ascii_uppercase();
    let Some((before, after)) = line.split_once("PRIVATE KEY") else {
        return false;
    };
    before.contains("BEGIN ") || before.contains("END ") || after.starts_with('-')
}

/// Returns the label if the line is an encapsulation boundary.
fn boundary<'t>(line: &'t str, start: &str) -> Option<&'t str> {
    let label = line.trim().strip_prefix(start)?.strip_suffix("-----")?;
    let printable = |octet: u8| octet.is_ascii_graphic() || octet == b' ';
    let plausible = label.len() <= 64 && label.bytes().all(printable);
    plausible.then_some(label)
}

/// Reads the lines of a block, including its end line, and decodes the content.
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
        let error = pem_block(CERTIFICATE, text).expect_err("invalid input");
        error.to_string()
    }

    #[test]
    fn explanatory_text_around_blocks_is_ignored() {
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
    fn errors_contain_the_line_and_the_expected_content() {
        let good = block("CERTIFICATE", "AAEC");
        assert!(message("MIIB").contains("`-----BEGIN CERTIFICATE-----`"));
        assert!(message(&good.repeat(2)).contains("2 CERTIFICATE blocks, at lines 1, 4"));
        let key = good.clone() + &block("EC PRIVATE KEY", "c2VjcmV0");
        assert!(message(&key).contains("private key at line 4; remove it"));
        let request = block("CERTIFICATE REQUEST", "AAEC");
        assert!(message(&request).contains("labeled \"CERTIFICATE REQUEST\" at line 1"));
        let cut = good.rsplit_once("-----END").expect("an end line").0;
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

    #[test]
    fn damaged_private_keys_are_not_explanatory_text() {
        let good = block("CERTIFICATE", "AAEC");
        let key = block("PRIVATE KEY", "c2VjcmV0");
        for damaged in [
            key.replacen("-----", "----", 1),
            key.replacen("-----BEGIN PRIVATE KEY-----\n", "", 1),
            key.replace('\n', " "),
            key.replace('\n', ""),
            key.replace('\n', "\\n"),
            key.replace('-', "\u{2014}"),
            key.replace("-----", ""),
            key.replace("PRIVATE KEY", "PRIVATE  KEY"),
            key.replace("PRIVATE KEY", "Private Key"),
            key.replace("PRIVATE KEY", "PGP PRIVATE KEY BLOCK"),
            format!("key: {key}"),
            key.replace("PRIVATE", "ENCRYPTED PRIVATE"),
        ] {
            for (text, line) in [(good.clone() + &damaged, 4), (damaged + &good, 1)] {
                let expected = format!("contains a private key at line {line}");
                let found = message(&text);
                // A key without its begin line is found at its end line.
                assert!(
                    found.contains(&expected)
                        || !text.contains("BEGIN P") && found.contains("private key"),
                    "{text}: {found}"
                );
            }
        }
        let text = good + "The private key is not in this file.\nPRIVATE KEY: none\n";
        assert!(pem_block(CERTIFICATE, &text).is_ok());
    }

    proptest! {
        #[test]
        fn any_content_is_decoded_at_any_line_width(der in prop::collection::vec(any::<u8>(), 1..200), width in 1usize..80) {
            let digits: Vec<char> = STANDARD.encode(&der).chars().collect();
            let lines: Vec<String> = digits.chunks(width).map(|line| line.iter().collect()).collect();
            let found = pem_block(CERTIFICATE, &block("CERTIFICATE", &lines.join("\n")));
            prop_assert_eq!(found.map(|block| block.der), Ok(der));
        }

        #[test]
        fn arbitrary_text_never_panics(text in "(-----(BEGIN|END) (CERTIFICATE|X)-----|[A-Za-z+/=]{0,9}|\\PC{0,9}|\r?\n){0,20}") {
            let _ = pem_blocks(CERTIFICATE, &text);
        }
    }
}
