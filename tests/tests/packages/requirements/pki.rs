//! "PKI": the root certificate, verified with `openssl`.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::Registry;
use crate::facts::text;
use crate::openssl::{expect_verified, openssl};

pub(super) fn document(registry: &Registry<'_>) -> Result<Value> {
    Ok(serde_json::from_str(&registry.secret("pki/root-ca-key")?)?)
}

pub(super) fn expect(registry: &Registry<'_>) -> Result<()> {
    let document = document(registry)?;
    let key = text(&document, "/private_key_pem")?;
    let certificate = document["certificates"]
        .as_array()
        .and_then(|all| all.last()?.as_str());
    let certificate = certificate.context("the document has no certificate")?;
    ensure!(
        registry.secret("pki/root-ca-cert")?.trim() == certificate.trim(),
        "the published certificate differs from the stored one"
    );
    expect_verified(certificate)?;
    let of_key = openssl(&["pkey", "-pubout"], &key)?;
    let of_certificate = openssl(&["x509", "-noout", "-pubkey"], certificate)?;
    ensure!(
        of_key == of_certificate,
        "the certificate does not match the stored key"
    );

    let words = openssl(&["x509", "-noout", "-text"], certificate)?;
    for expected in [
        "Issuer: O = skreg, CN = skreg Root CA",
        "Subject: O = skreg, CN = skreg Root CA",
        "Public-Key: (4096 bit)",
        "rsaEncryption",
        "sha256WithRSAEncryption",
        "X509v3 Basic Constraints: critical",
        "CA:TRUE",
        "X509v3 Key Usage: critical",
        "Certificate Sign, CRL Sign",
    ] {
        // Spaces around the equals sign differ between openssl releases.
        ensure!(
            words
                .replace(" = ", "=")
                .contains(&expected.replace(" = ", "=")),
            "expected {expected:?} in the certificate, found\n{words}"
        );
    }
    // The certificate is valid for 3650 days: it is still valid a week before this time, and not a week after.
    let days = |days: u32| (days * 24 * 60 * 60).to_string();
    openssl(&["x509", "-noout", "-checkend", &days(3643)], certificate)?;
    ensure!(
        openssl(&["x509", "-noout", "-checkend", &days(3657)], certificate).is_err(),
        "the certificate is valid for more than 3650 days"
    );
    Ok(())
}
