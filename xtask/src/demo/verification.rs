//! Verifies properties that the API check cannot verify. OpenSSL, which is independent of the provider, verifies the
//! root certificate and derives the public key from the stored private key. The private key passes from the API into a
//! pipe and never appears in a file, an argument, or the output. The password in a connection URL must match the
//! database password.

use std::io::Write as _;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;
use url::Url;

use crate::repository::{Child, Repository, output};

/// Verifies a certificate and checks that the stored key matches the certificate. Returns the algorithm and issuer that
/// OpenSSL reports.
///
/// # Errors
/// Returns an error if OpenSSL rejects the certificate, or if the stored key does not match it.
pub(super) fn root_certificate(
    repository: &Repository,
    aws: &LocalAws,
    pem: &str,
    secret: &str,
) -> Result<String> {
    let directory = tempfile::tempdir().context("creating a directory")?;
    let file = directory.path().join("root.pem");
    std::fs::write(&file, pem).context("writing the certificate")?;

    let mut verify = repository.command("openssl");
    verify
        .args(["verify", "-x509_strict", "-check_ss_sig", "-CAfile"])
        .arg(&file)
        .arg(&file);
    let verdict = output(&mut verify)?;
    ensure!(
        verdict.trim_end().ends_with(": OK"),
        "OpenSSL reports: {verdict}"
    );

    let mut certified = repository.command("openssl");
    certified
        .args(["x509", "-noout", "-pubkey", "-in"])
        .arg(&file);
    let stored = public_key_of_stored(repository, aws, secret)?;
    ensure!(
        output(&mut certified)? == stored,
        "the stored key does not match the certificate"
    );

    let mut subject = repository.command("openssl");
    subject
        .args(["x509", "-noout", "-subject", "-in"])
        .arg(&file);
    let subject = output(&mut subject)?;
    Ok(format!(
        "OK, {}, and the stored key matches",
        subject.trim()
    ))
}

/// Returns the URL in a secret, or `None` if the secret has no value or if its value is not a URL with a password.
///
/// # Errors
/// Returns an error if the value of the secret cannot be read.
pub(super) fn connection_url(aws: &LocalAws, secret: &str) -> Result<Option<Url>> {
    let versions = aws.call(
        "secretsmanager",
        "ListSecretVersionIds",
        json!({ "SecretId": secret }),
    )?;
    if versions["Versions"].as_array().is_none_or(Vec::is_empty) {
        return Ok(None);
    }
    let answer = aws.call(
        "secretsmanager",
        "GetSecretValue",
        json!({ "SecretId": secret }),
    )?;
    let url = answer["SecretString"].as_str().map(Url::parse);
    // Parser errors can quote the secret.
    Ok(url
        .and_then(Result::ok)
        .filter(|url| url.password().is_some()))
}

/// Checks that the host of a URL is a database that accepts the password. Returns the URL without its password.
///
/// # Errors
/// Returns an error if no database has the address, or if the database password differs.
pub(super) fn database_accepts(aws: &LocalAws, mut url: Url) -> Result<String> {
    let host = url.host_str().context("the URL has no host")?.to_owned();
    let password = url
        .password()
        .context("the URL has no password")?
        .to_owned();
    let databases = aws.call("rds", "DescribeDBInstances", json!({}))?;
    let databases = databases["DBInstances"].as_array();
    let database = databases
        .into_iter()
        .flatten()
        .find(|database| database["Endpoint"]["Address"] == host.as_str());
    let database = database.with_context(|| format!("no database has the address {host}"))?;
    let identifier = database["DBInstanceIdentifier"].as_str();
    let identifier = identifier.context("the database has no identifier")?;
    ensure!(
        aws.rds().accepts(identifier, url.username(), &password),
        "the password of the database {identifier} differs from the URL"
    );
    // Setting a password cannot fail on a URL that has a host.
    let _ = url.set_password(Some("hidden"));
    Ok(url.to_string())
}

/// Returns the public key of the private key in a secret, or of the KMS key that the secret refers to.
fn public_key_of_stored(repository: &Repository, aws: &LocalAws, secret: &str) -> Result<String> {
    let answer = aws.call(
        "secretsmanager",
        "GetSecretValue",
        json!({ "SecretId": secret }),
    )?;
    let document = answer["SecretString"]
        .as_str()
        .context("the secret has no string value")?;
    // Parser errors can quote the secret.
    let document: Value = serde_json::from_str(document)
        .ok()
        .context("the secret is not valid JSON")?;
    if let Some(arn) = document["kms_key_arn"].as_str() {
        return public_key_in_kms(aws, arn);
    }
    let key = document["private_key_pem"]
        .as_str()
        .context("the secret has no private key")?;
    let (reader, mut writer) = std::io::pipe().context("creating a pipe")?;
    let mut openssl = repository.command("openssl");
    openssl.args(["pkey", "-pubout"]).stdin(reader);
    let child = Child::start(&mut openssl)?;
    writer
        .write_all(key.as_bytes())
        .context("passing the key to OpenSSL")?;
    drop(writer);
    child.text()
}

/// Returns the public key of a KMS key in PEM format. KMS returns the DER encoding in Base64 (RFC 7468, section 13).
fn public_key_in_kms(aws: &LocalAws, arn: &str) -> Result<String> {
    let answer = aws.call("kms", "GetPublicKey", json!({ "KeyId": arn }))?;
    let base64 = answer["PublicKey"].as_str();
    let base64 = base64.context("KMS returned no public key")?;
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in base64.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    Ok(pem)
}
