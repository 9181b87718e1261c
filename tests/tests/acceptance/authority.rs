//! A root in Secrets Manager, read with direct calls and verified with `openssl`. Must not read the state.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, LocalAws, Workspace};

use crate::infrastructure::text;
use crate::openssl;

/// Name of the secret in the example.
pub(crate) const SECRET: &str = "skreg/pki/root-ca-key";
/// Address of the resource in the example.
pub(crate) const ADDRESS: &str = "skreg_pki_root_ca.this";

/// Returns the example with a key algorithm that generates keys quickly.
pub(crate) fn example(cli: &Cli, aws: &LocalAws) -> Workspace {
    Workspace::of("examples/root-ca")
        .cli(cli)
        .aws(aws)
        .var("key_algorithm", "ECDSA_P256")
}

/// The current value of a secret. The value contains a private key, so the type does not implement `Debug`.
pub(crate) struct Authority {
    /// ARN of the secret.
    pub(crate) arn: String,
    /// Key document.
    pub(crate) document: Value,
}

impl Authority {
    /// Reads the secret with the specified name.
    pub(crate) fn read(aws: &LocalAws, name: &str) -> Result<Self> {
        let answer = aws.call(
            "secretsmanager",
            "GetSecretValue",
            json!({ "SecretId": name }),
        )?;
        let document = serde_json::from_str(&text(&answer, "/SecretString")?)
            .with_context(|| format!("the value of {name} is not JSON"))?;
        Ok(Self {
            arn: text(&answer, "/ARN")?,
            document,
        })
    }

    /// Returns the ARN of the secret with the specified name, even if it is scheduled for deletion.
    pub(crate) fn arn_of(aws: &LocalAws, name: &str) -> Result<String> {
        let ask = json!({ "SecretId": name });
        text(&aws.call("secretsmanager", "DescribeSecret", ask)?, "/ARN")
    }

    /// Reads the secret that the example creates, and checks that the account contains no other secret.
    pub(crate) fn only(aws: &LocalAws) -> Result<Self> {
        let names = secret_names(aws)?;
        ensure!(
            names == [SECRET],
            "expected ListSecrets to return only {SECRET}, found {names:?}"
        );
        Self::read(aws, SECRET)
    }

    /// Returns the private key.
    pub(crate) fn key_pem(&self) -> Result<&str> {
        self.document["private_key_pem"]
            .as_str()
            .context("the document has no private_key_pem")
    }

    /// Returns the current certificate.
    pub(crate) fn certificate_pem(&self) -> Result<&str> {
        let certificates = self.document["certificates"]
            .as_array()
            .context("the document has no certificates")?;
        certificates
            .last()
            .and_then(Value::as_str)
            .context("the document has no certificate yet")
    }

    /// Checks with `openssl` that the certificate is a valid root certificate for the stored key.
    pub(crate) fn expect_sound(&self) -> Result<()> {
        let certificate = self.certificate_pem()?;
        openssl::expect_verified(certificate)?;
        openssl::expect_pair(self.key_pem()?, certificate)
    }

    /// Checks that two reads return the same key and certificate.
    pub(crate) fn expect_same(&self, later: &Self) -> Result<()> {
        ensure!(
            self.key_pem()? == later.key_pem()?,
            "the stored private key changed in {}",
            self.arn
        );
        let (before, after) = (self.certificate_pem()?, later.certificate_pem()?);
        ensure!(
            before == after,
            "the stored certificate changed from\n{before}to\n{after}"
        );
        Ok(())
    }
}

/// Returns the names of all secrets that are not scheduled for deletion.
pub(crate) fn secret_names(aws: &LocalAws) -> Result<Vec<String>> {
    let answer = aws.call("secretsmanager", "ListSecrets", json!({}))?;
    let secrets = answer["SecretList"]
        .as_array()
        .context("ListSecrets returned no SecretList")?;
    let living = secrets
        .iter()
        .filter(|secret| secret["DeletedDate"].is_null());
    living.map(|secret| text(secret, "/Name")).collect()
}
