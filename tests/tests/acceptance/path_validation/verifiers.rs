//! Independent implementations of certification path validation. Must not use code from this project.

mod go;
mod openssl;
mod webpki;

use std::fmt;

use anyhow::Result;

use super::path::Path;

/// Names of the verifiers, in the order of the verdicts.
pub(super) const NAMES: [&str; 3] = ["OpenSSL", "rustls-webpki", "Go crypto/x509"];

/// Result of a validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Valid,
    Revoked,
    Expired,
    NameNotPermitted,
    UnknownIssuer,
    /// Another error.
    Other(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valid => "valid",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::NameNotPermitted => "name not permitted",
            Self::UnknownIssuer => "unknown issuer",
            Self::Other(text) => text,
        })
    }
}

/// Returns the verdicts of all verifiers for each path.
pub(super) fn verify(paths: &[Path]) -> Result<Vec<Vec<Verdict>>> {
    let of_go = go::verify(paths)?;
    paths
        .iter()
        .zip(of_go)
        .map(|(path, of_go)| Ok(vec![openssl::verify(path)?, webpki::verify(path)?, of_go]))
        .collect()
}
