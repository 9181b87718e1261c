//! Runs pkilint on the certificates and revocation lists.

use std::fmt;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use tfharness::toolchain::linter_python;

use super::hierarchy::Hierarchy;

const PROGRAM: &str = include_str!("lint.py");

/// Codes of findings that are not violations, with the reason.
const FALSE_POSITIVES: [(&str, &str); 0] = [];

/// A finding of pkilint.
#[derive(Deserialize)]
pub(super) struct Finding {
    /// Name of the hierarchy.
    pub(super) hierarchy: String,
    /// Name of the certificate or list.
    document: String,
    severity: String,
    code: String,
    message: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            hierarchy,
            document,
            severity,
            code,
            message,
        } = self;
        let message = message.as_deref().unwrap_or_default();
        write!(f, "{hierarchy}, {document}: {severity} {code} {message}")
    }
}

impl Finding {
    /// Returns whether the finding is an error.
    pub(super) fn is_violation(&self) -> bool {
        let severe = ["ERROR", "FATAL"].contains(&self.severity.as_str());
        severe && !FALSE_POSITIVES.iter().any(|(code, _)| *code == self.code)
    }
}

/// Returns the findings for all certificates and lists.
pub(super) fn findings(hierarchies: &[Hierarchy]) -> Result<Vec<Finding>> {
    let documents: Value = hierarchies.iter().flat_map(documents).collect();
    lint(&documents)
}

/// Returns the certificates with their issuers, and the lists.
fn documents(hierarchy: &Hierarchy) -> Vec<Value> {
    let document = |name: &str, kind: &str, pem: &str, issuer: Option<&str>| {
        json!({
            "hierarchy": hierarchy.name, "document": name, "kind": kind, "pem": pem, "issuer": issuer,
        })
    };
    let (root, issuing) = (&*hierarchy.root, &*hierarchy.intermediate);
    let constrained = &*hierarchy.constrained;
    vec![
        document("root", "certificate", root, None),
        document("constrained root", "certificate", constrained, None),
        document("intermediate", "certificate", issuing, Some(root)),
        document(
            "cross-certificate",
            "certificate",
            &hierarchy.cross,
            Some(constrained),
        ),
        document("server", "certificate", &hierarchy.server, Some(issuing)),
        document("revoked", "certificate", &hierarchy.revoked, Some(issuing)),
        document("list of the root", "ARL", &hierarchy.root_list, None),
        document("list", "CRL", &hierarchy.list, None),
    ]
}

fn lint(documents: &Value) -> Result<Vec<Finding>> {
    let python = linter_python()?;
    let mut child = Command::new(&python)
        .args(["-c", PROGRAM])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {python}"))?;
    let input = child.stdin.take().context("stdin is not piped")?;
    // A program that fails early does not read its input. Its output reports the error.
    let _ = { input }.write_all(documents.to_string().as_bytes());
    let output = child.wait_with_output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&printed).with_context(|| {
        let complaint = String::from_utf8_lossy(&output.stderr);
        format!("the linter printed {printed}{complaint}")
    })
}

/// RFC 5280 section 4.2.1.3: the certificate of an authority must have a key usage.
#[test]
fn linter_finds_an_authority_without_key_usage() -> Result<()> {
    let (_, certificate) = crate::openssl::foreign_root("lint")?;
    let documents = json!([
        { "hierarchy": "", "document": "root", "kind": "certificate", "pem": certificate, "issuer": Value::Null },
    ]);
    let found = lint(&documents)?;
    let found: Vec<_> = found.iter().filter(|one| one.is_violation()).collect();
    anyhow::ensure!(
        found.len() == 1 && found[0].code == "pkix.ca_certificate_no_ku_extension",
        "expected an error, found {} errors",
        found.len()
    );
    Ok(())
}
