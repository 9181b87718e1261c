//! Certificates, keys, and tokens of one control plane. Must not outlive its directory.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};
use rcgen::{CertificateParams, KeyPair};
use serde_json::json;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// Length of a token in octets.
const TOKEN: usize = 32;

/// Reason why credentials cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The operating system provides no random numbers.
    #[error("the operating system provides no random numbers")]
    Entropy,
    /// A certificate cannot be issued.
    #[error("the certificate of the API server cannot be issued")]
    Certificate(#[from] rcgen::Error),
    /// A file cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// Operating system error.
        #[source]
        source: io::Error,
    },
}

/// Files with credentials, which only the current user can read.
pub(super) struct Credentials {
    /// Certificate of the API server, which is also its own trust anchor.
    pub(super) certificate: CertificateDer<'static>,
    certificate_pem: String,
    /// Path of the certificate.
    pub(super) certificate_file: Utf8PathBuf,
    /// Path of the private key of the certificate.
    pub(super) key_file: Utf8PathBuf,
    /// Path of the private key that signs tokens of service accounts.
    pub(super) accounts_file: Utf8PathBuf,
    /// Path of the public key that verifies tokens of service accounts.
    pub(super) accounts_public_file: Utf8PathBuf,
    /// Path of the list of tokens.
    pub(super) tokens_file: Utf8PathBuf,
    /// Token of the client.
    pub(super) token: String,
    controller_token: String,
}

impl Credentials {
    /// Creates credentials in a directory.
    pub(super) fn create(directory: &Utf8Path) -> Result<Self, CredentialError> {
        let (key, accounts) = (KeyPair::generate()?, KeyPair::generate()?);
        let parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
        let certificate = parameters.self_signed(&key)?;
        let (token, controller_token) = (token()?, token()?);
        let tokens = format!(
            "{token},client,client,\"system:masters\"\n\
             {controller_token},system:kube-controller-manager,controller,\"system:masters\"\n"
        );
        let save = |name: &str, text: &str| private(&directory.join(name), text);
        Ok(Self {
            certificate_file: save("server.crt", &certificate.pem())?,
            key_file: save("server.key", &key.serialize_pem())?,
            accounts_file: save("accounts.key", &accounts.serialize_pem())?,
            accounts_public_file: save("accounts.pub", &accounts.public_key_pem())?,
            tokens_file: save("tokens.csv", &tokens)?,
            certificate_pem: certificate.pem(),
            certificate: certificate.der().clone(),
            token,
            controller_token,
        })
    }

    /// Writes the configuration with which the controller manager connects to a server, and returns its path. JSON is
    /// valid YAML.
    pub(super) fn kubeconfig(
        &self,
        directory: &Utf8Path,
        server: &str,
    ) -> Result<Utf8PathBuf, CredentialError> {
        use base64::Engine as _;
        let authority = base64::engine::general_purpose::STANDARD.encode(&self.certificate_pem);
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{
                "name": "local",
                "cluster": {"server": server, "certificate-authority-data": authority},
            }],
            "users": [{"name": "controller", "user": {"token": self.controller_token}}],
            "contexts": [{"name": "local", "context": {"cluster": "local", "user": "controller"}}],
            "current-context": "local",
        });
        private(
            &directory.join("controller.kubeconfig"),
            &config.to_string(),
        )
    }
}

/// Writes a file that only the current user can read. The file must not exist.
fn private(path: &Utf8Path, text: &str) -> Result<Utf8PathBuf, CredentialError> {
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    let path = path.to_owned();
    match written {
        Ok(()) => Ok(path),
        Err(source) => Err(CredentialError::Write { path, source }),
    }
}

fn token() -> Result<String, CredentialError> {
    let mut octets = [0; TOKEN];
    aws_lc_rs::rand::fill(&mut octets).map_err(|_| CredentialError::Entropy)?;
    Ok(octets.iter().map(|octet| format!("{octet:02x}")).collect())
}
