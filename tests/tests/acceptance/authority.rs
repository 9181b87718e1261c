//! A root as Secrets Manager holds it, read by direct calls and judged by `openssl`. Must not ask the state.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, LocalAws, Workspace};

use crate::ground::text;
use crate::openssl;

/// The name under which the example keeps its secret.
pub(crate) const SECRET: &str = "skreg/pki/root-ca-key";
/// The address of the example's only resource.
pub(crate) const ADDRESS: &str = "skreg_pki_root_ca.this";

/// The root example with a key that is made in no time.
pub(crate) fn example(cli: &Cli, aws: &LocalAws) -> Workspace {
    Workspace::of("examples/root-ca")
        .cli(cli)
        .aws(aws)
        .var("key_algorithm", "ECDSA_P256")
}

/// The current value of a secret of ours. It holds a private key, so it has no `Debug`.
pub(crate) struct Authority {
    /// The secret.
    pub(crate) arn: String,
    /// The key document.
    pub(crate) document: Value,
}

impl Authority {
    /// Reads the secret of this name.
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

    /// The ARN of the secret of this name, also while it is scheduled for deletion.
    pub(crate) fn arn_of(aws: &LocalAws, name: &str) -> Result<String> {
        let ask = json!({ "SecretId": name });
        text(&aws.call("secretsmanager", "DescribeSecret", ask)?, "/ARN")
    }

    /// Reads the secret of the example and checks that there is no other in the account.
    pub(crate) fn only(aws: &LocalAws) -> Result<Self> {
        let names = secret_names(aws)?;
        ensure!(
            names == [SECRET],
            "expected the one secret {SECRET} by ListSecrets, found {names:?}"
        );
        Self::read(aws, SECRET)
    }

    /// The private key.
    pub(crate) fn key_pem(&self) -> Result<&str> {
        self.document["private_key_pem"]
            .as_str()
            .context("the document has no private_key_pem")
    }

    /// The certificate that is current.
    pub(crate) fn certificate_pem(&self) -> Result<&str> {
        let certificates = self.document["certificates"]
            .as_array()
            .context("the document has no certificates")?;
        certificates
            .last()
            .and_then(Value::as_str)
            .context("the document has no certificate yet")
    }

    /// Checks with `openssl` that the certificate is a root that verifies and is for the stored key.
    pub(crate) fn expect_sound(&self) -> Result<()> {
        let certificate = self.certificate_pem()?;
        openssl::expect_verified(certificate)?;
        openssl::expect_pair(self.key_pem()?, certificate)
    }

    /// Checks that another reading found the same key and the same certificate.
    pub(crate) fn expect_same(&self, later: &Self) -> Result<()> {
        ensure!(
            self.key_pem()? == later.key_pem()?,
            "the stored private key was exchanged in {}",
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

/// The names of all secrets that are not scheduled for deletion.
pub(crate) fn secret_names(aws: &LocalAws) -> Result<Vec<String>> {
    let answer = aws.call("secretsmanager", "ListSecrets", json!({}))?;
    let secrets = answer["SecretList"]
        .as_array()
        .context("ListSecrets answers with SecretList")?;
    let living = secrets
        .iter()
        .filter(|secret| secret["DeletedDate"].is_null());
    living.map(|secret| text(secret, "/Name")).collect()
}
