//! Reads certificates and keys with OpenSSL, which is independent of the provider. Must write key material only to the
//! standard input of OpenSSL.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};

pub(crate) use verifier::{expect_verified, openssl};

#[path = "../verifier/openssl.rs"]
mod verifier;

/// Returns the text form of the certificate.
pub(crate) fn certificate_text(certificate_pem: &str) -> Result<String> {
    openssl(&["x509", "-noout", "-text"], certificate_pem)
}

/// Returns the serial number in uppercase hexadecimal without leading zeros.
pub(crate) fn serial(certificate_pem: &str) -> Result<String> {
    let answer = openssl(&["x509", "-noout", "-serial"], certificate_pem)?;
    let digits = answer
        .trim()
        .strip_prefix("serial=")
        .with_context(|| format!("found {answer:?}"))?;
    Ok(digits.trim_start_matches('0').to_owned())
}

/// Returns the SHA-256 fingerprint in lowercase hexadecimal.
pub(crate) fn fingerprint(certificate_pem: &str) -> Result<String> {
    let answer = openssl(
        &["x509", "-noout", "-fingerprint", "-sha256"],
        certificate_pem,
    )?;
    let (_, digits) = answer
        .trim()
        .split_once('=')
        .with_context(|| format!("found {answer:?}"))?;
    Ok(digits.replace(':', "").to_lowercase())
}

/// Checks that a certificate belongs to this private key.
pub(crate) fn expect_pair(private_key_pem: &str, certificate_pem: &str) -> Result<()> {
    let of_key = openssl(&["pkey", "-pubout"], private_key_pem)?;
    let of_certificate = openssl(&["x509", "-noout", "-pubkey"], certificate_pem)?;
    ensure!(
        of_key == of_certificate,
        "the certificate does not match the stored key:\n{of_certificate}expected\n{of_key}"
    );
    Ok(())
}

/// Checks under strict rules that a certificate is valid below a trust anchor, with the authorities `between` them.
pub(crate) fn expect_path(
    anchor_pem: &str,
    between_pem: &str,
    certificate_pem: &str,
) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = |name: &str, text: &str| -> Result<String> {
        let path = directory.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
    };
    let anchor = file("anchor.pem", anchor_pem)?;
    let mut arguments = vec!["verify", "-x509_strict", "-CAfile", &anchor];
    let between = file("between.pem", between_pem)?;
    if !between_pem.is_empty() {
        arguments.extend(["-untrusted", &between]);
    }
    let answer = openssl(&arguments, certificate_pem)?;
    ensure!(
        answer.trim().ends_with(": OK"),
        "expected `openssl verify` to print OK, found {answer:?}"
    );
    Ok(())
}

/// Creates a self-signed certificate and its key: `(private_key_pem, certificate_pem)`.
pub(crate) fn foreign_root(common_name: &str) -> Result<(String, String)> {
    let curve = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ];
    let key = openssl(&curve, "")?;
    let subject = format!("/O=skreg/CN={common_name}");
    let request = [
        "req",
        "-x509",
        "-key",
        "/dev/stdin",
        "-subj",
        &subject,
        "-days",
        "30",
    ];
    let certificate = openssl(&request, &key)?;
    Ok((key, certificate))
}

/// Returns the secret numbers in a private key in lowercase hexadecimal, by their names in `openssl pkey -text`:
/// `privateExponent`, `prime1`, `prime2`, and the CRT values for RSA, otherwise `priv`.
pub(crate) fn secret_numbers(private_key_pem: &str) -> Result<BTreeMap<String, String>> {
    let text = openssl(&["pkey", "-noout", "-text"], private_key_pem)?;
    let mut numbers: BTreeMap<String, String> = BTreeMap::new();
    let mut name = None;
    for line in text.lines() {
        match line.strip_prefix("    ") {
            Some(octets) => {
                if let Some(name) = &name {
                    let digits = octets.trim().replace(':', "");
                    numbers
                        .entry(String::clone(name))
                        .or_default()
                        .push_str(&digits);
                }
            }
            None => name = line.strip_suffix(':').map(str::to_owned),
        }
    }
    numbers.retain(|name, _| name != "modulus" && name != "pub");
    for number in numbers.values_mut() {
        *number = number.trim_start_matches("00").to_owned();
    }
    if numbers.is_empty() || numbers.values().any(|digits| digits.len() < 32) {
        bail!("`openssl pkey -text` printed no numbers");
    }
    Ok(numbers)
}
