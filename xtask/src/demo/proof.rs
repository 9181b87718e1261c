//! Is it what it is said to be? Of a root OpenSSL, which knows nothing of the provider, verifies the certificate and derives
//! the public key from the stored private key. The private key goes from the API into a pipe: no file, no argument, no
//! output of ours holds it. Of a connection URL the database itself has to accept what is in it.

use std::io::Write as _;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;
use url::Url;

use crate::repository::{Child, Repository, output};

/// Verifies the certificate, and that the key in the store is the one it was made for. Answers what OpenSSL says of it.
///
/// # Errors
/// When OpenSSL refuses the certificate, or the stored key is another one.
pub(super) fn root_verifies(
    repository: &Repository,
    aws: &LocalAws,
    pem: &str,
    secret: &str,
) -> Result<String> {
    let directory = tempfile::tempdir().context("making a directory")?;
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
        "OpenSSL says: {verdict}"
    );

    let mut certified = repository.command("openssl");
    certified
        .args(["x509", "-noout", "-pubkey", "-in"])
        .arg(&file);
    let stored = public_key_of_stored(repository, aws, secret)?;
    ensure!(
        output(&mut certified)? == stored,
        "the key in the store is not the key of the certificate"
    );

    let mut subject = repository.command("openssl");
    subject
        .args(["x509", "-noout", "-subject", "-in"])
        .arg(&file);
    let subject = output(&mut subject)?;
    Ok(format!(
        "OK, {}, and the stored key is its key",
        subject.trim()
    ))
}

/// Checks that a secret is a URL with which the database lets someone in. Answers the URL without its password.
///
/// # Errors
/// When it is no URL, leads to no database, or the database has another password.
pub(super) fn connects(aws: &LocalAws, secret: &str) -> Result<String> {
    let answer = aws.call(
        "secretsmanager",
        "GetSecretValue",
        json!({ "SecretId": secret }),
    )?;
    let text = answer["SecretString"].as_str();
    let text = text.context("the secret holds no text")?;
    // What the parser says of it might quote it.
    let mut url = Url::parse(text).ok().context("the secret is no URL")?;
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
    let database = database.with_context(|| format!("no database is at {host}"))?;
    let identifier = database["DBInstanceIdentifier"].as_str();
    let identifier = identifier.context("a database without identifier")?;
    ensure!(
        aws.rds().accepts(identifier, url.username(), &password),
        "the database {identifier} has another password than the URL"
    );
    // A URL with a host always takes a password.
    let _ = url.set_password(Some("hidden"));
    Ok(url.to_string())
}

fn public_key_of_stored(repository: &Repository, aws: &LocalAws, secret: &str) -> Result<String> {
    let answer = aws.call(
        "secretsmanager",
        "GetSecretValue",
        json!({ "SecretId": secret }),
    )?;
    let document = answer["SecretString"]
        .as_str()
        .context("the secret holds no text")?;
    // Errors of the parser may quote what they read.
    let document: Value = serde_json::from_str(document)
        .ok()
        .context("the secret is no JSON document")?;
    let key = document["private_key_pem"]
        .as_str()
        .context("the secret holds no private key")?;
    let (reader, mut writer) = std::io::pipe().context("making a pipe")?;
    let mut openssl = repository.command("openssl");
    openssl.args(["pkey", "-pubout"]).stdin(reader);
    let child = Child::start(&mut openssl)?;
    writer
        .write_all(key.as_bytes())
        .context("handing the key to OpenSSL")?;
    drop(writer);
    child.text()
}
