//! OpenSSL, with strict rules and revocation checks for all certificates.

use anyhow::{Context as _, Result};

use super::super::path::{HOST, Path};
use super::Verdict;
use crate::openssl::openssl;

/// Error messages of `openssl verify` and their verdicts.
const ERRORS: [(&str, Verdict); 5] = [
    (": certificate revoked", Verdict::Revoked),
    (": certificate has expired", Verdict::Expired),
    (": excluded subtree violation", Verdict::NameNotPermitted),
    (": permitted subtree violation", Verdict::NameNotPermitted),
    (
        ": unable to get local issuer certificate",
        Verdict::UnknownIssuer,
    ),
];

/// Returns the verdict of `openssl verify`.
pub(super) fn verify(path: &Path) -> Result<Verdict> {
    let directory = tempfile::tempdir()?;
    let file = |name: &str, text: &str| -> Result<String> {
        let path = directory.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
    };
    let anchor = file("anchor.pem", &path.anchor)?;
    let intermediate = file("intermediate.pem", &path.intermediate)?;
    let lists = file("lists.pem", &path.lists.concat())?;
    let time = path.time.to_string();
    let arguments = [
        "verify",
        "-crl_check_all",
        "-x509_strict",
        "-check_ss_sig",
        "-purpose",
        "sslserver",
        "-verify_hostname",
        HOST,
        "-attime",
        &time,
        "-CAfile",
        &anchor,
        "-untrusted",
        &intermediate,
        "-CRLfile",
        &lists,
    ];
    let error = match openssl(&arguments, &path.certificate) {
        Ok(text) if text.trim() == "stdin: OK" => return Ok(Verdict::Valid),
        Ok(text) => return Ok(Verdict::Other(text)),
        Err(error) => error.to_string(),
    };
    let mut known = ERRORS.into_iter().filter(|(text, _)| error.contains(text));
    Ok(match (known.next(), known.next()) {
        (Some((_, verdict)), None) => verdict,
        _ => Verdict::Other(error),
    })
}
