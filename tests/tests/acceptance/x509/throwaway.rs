//! Authorities, certificates, and requests that OpenSSL creates in a temporary directory. Nothing else uses their keys.

use std::cell::Cell;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::openssl::openssl;

/// Temporary directory with keys and certificates. Dropping the value deletes the directory.
pub(super) struct Directory {
    directory: TempDir,
    files: Cell<u32>,
}

/// Files that contain a key and its certificate.
#[derive(Clone)]
pub(super) struct Pair {
    key: String,
    certificate: String,
    /// Certificate in PEM format.
    pub(super) pem: String,
}

/// Arguments for `openssl genpkey` that generate a key quickly.
pub(super) const P256: &[&str] = &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// Extensions for a certificate authority without a path length.
pub(super) const AUTHORITY: &str = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n\
                                    subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n";

/// Extensions for an end-entity certificate.
pub(super) const END_ENTITY: &str = "keyUsage = critical, digitalSignature\nextendedKeyUsage = serverAuth\n\
                                     subjectAltName = DNS:service.example.com\nsubjectKeyIdentifier = hash\n\
                                     authorityKeyIdentifier = keyid\n";

impl Pair {
    /// Returns the private key in PEM format.
    pub(super) fn key_pem(&self) -> Result<String> {
        Ok(std::fs::read_to_string(&self.key)?)
    }
}

impl Directory {
    /// Creates an empty directory.
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            directory: tempfile::tempdir()?,
            files: Cell::new(0),
        })
    }

    /// Writes a file with a unique name and returns its path.
    pub(super) fn write(&self, text: &str) -> Result<String> {
        self.files.set(self.files.get() + 1);
        let path: PathBuf = self.directory.path().join(self.files.get().to_string());
        std::fs::write(&path, text)?;
        let path = path
            .to_str()
            .context("the temporary directory is not UTF-8")?;
        Ok(path.to_owned())
    }

    /// Returns the SHA-256 hash of a public key in DER.
    pub(super) fn spki_sha256(&self, public_key_pem: &str) -> Result<String> {
        let der = self.write("")?;
        openssl(
            &["pkey", "-pubin", "-outform", "DER", "-out", &der],
            public_key_pem,
        )?;
        let text = openssl(&["dgst", "-sha256", "-r", &der], "")?;
        let digits = text.split_whitespace().next();
        Ok(digits.context("`openssl dgst` printed nothing")?.to_owned())
    }

    /// Generates a key and returns its path.
    pub(super) fn key(&self, algorithm: &[&str]) -> Result<String> {
        let arguments = [&["genpkey", "-algorithm"], algorithm].concat();
        self.write(&openssl(&arguments, "")?)
    }

    /// Creates a request in PEM format. `subject` and `extensions` contain lines of an OpenSSL configuration file.
    pub(super) fn request(&self, key: &str, subject: &str, extensions: &str) -> Result<String> {
        let configuration = format!(
            "[req]\nprompt = no\nutf8 = yes\nstring_mask = utf8only\ndistinguished_name = subject\nreq_extensions = \
             extensions\n[subject]\n{subject}\n[extensions]\n{extensions}\n"
        );
        let configuration = self.write(&configuration)?;
        openssl(&["req", "-new", "-config", &configuration, "-key", key], "")
    }

    /// Creates a self-signed certificate. `subject` contains lines of an OpenSSL configuration file.
    pub(super) fn root(&self, algorithm: &[&str], subject: &str, extensions: &str) -> Result<Pair> {
        let key = self.key(algorithm)?;
        let signed_with = key.clone();
        self.certify(key, subject, extensions, &["-signkey", &signed_with])
    }

    /// Creates a key and a certificate that an authority signs.
    pub(super) fn issue(&self, issuer: &Pair, subject: &str, extensions: &str) -> Result<Pair> {
        let key = self.key(P256)?;
        self.issue_for(issuer, &key, subject, extensions)
    }

    /// Creates a certificate like [`Directory::issue`], but for an existing key.
    pub(super) fn issue_for(
        &self,
        issuer: &Pair,
        key: &str,
        subject: &str,
        extensions: &str,
    ) -> Result<Pair> {
        let signer = ["-CA", &issuer.certificate, "-CAkey", &issuer.key];
        self.certify(key.to_owned(), subject, extensions, &signer)
    }

    /// Creates a revocation list from the content of an `openssl ca` database. `number` is the CRL number in hexadecimal.
    pub(super) fn crl(&self, issuer: &Pair, database: &str, number: &str) -> Result<String> {
        let database = self.write(database)?;
        let number = self.write(&format!("{number}\n"))?;
        let configuration = self.write(&format!(
            "[ca]\ndefault_ca = this\n[this]\ndatabase = {database}\ncrlnumber = {number}\ndefault_md = sha256\n\
             default_crl_days = 7\ncrl_extensions = extensions\n[extensions]\nauthorityKeyIdentifier = keyid\n"
        ))?;
        let signer = ["-cert", &issuer.certificate, "-keyfile", &issuer.key];
        openssl(
            &[&["ca", "-gencrl", "-config", &configuration][..], &signer].concat(),
            "",
        )
    }

    fn certify(
        &self,
        key: String,
        subject: &str,
        extensions: &str,
        signer: &[&str],
    ) -> Result<Pair> {
        let request = self.request(&key, subject, "")?;
        let extensions = self.write(extensions)?;
        self.files.set(self.files.get() + 1);
        let serial = format!("0x00c0ffee{:08x}", self.files.get());
        let certify = ["x509", "-req", "-days", "30", "-extfile", &extensions];
        let number = ["-set_serial", serial.as_str()];
        let pem = openssl(&[&certify[..], &number, signer].concat(), &request)?;
        let certificate = self.write(&pem)?;
        Ok(Pair {
            key,
            certificate,
            pem,
        })
    }
}
