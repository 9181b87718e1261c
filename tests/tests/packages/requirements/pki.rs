//! "PKI": keys, certificates, and revocation lists, verified with `openssl`.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;

use crate::facts::{all, expect, pick, text};
use crate::openssl::{expect_verified, openssl};

/// Certificate authorities in an account, and the objects that they publish.
pub(crate) struct Pki<'a> {
    pub(crate) aws: &'a LocalAws,
    /// Prefix for the names of the secrets.
    pub(crate) secrets: String,
    /// Organization and first word of the common names.
    pub(crate) named: &'a str,
    /// Common name and secret of the end-entity certificate.
    pub(crate) signing: [&'a str; 2],
    /// Location of the keys of the authorities.
    pub(crate) hsm_backend: &'a str,
    /// Bucket with the published objects.
    pub(crate) bucket: String,
    /// URL of the folder with the published objects.
    pub(crate) url: String,
}

impl Pki<'_> {
    /// Checks every row.
    pub(crate) fn expect_as_required(&self) -> Result<()> {
        all(&[
            ("root CA", &|| self.root()),
            ("intermediate CA", &|| self.intermediate()),
            ("signing certificate", &|| self.signing_certificate()),
            ("revocation lists", &|| self.revocation_lists()),
            ("trust bundle", &|| self.trust_bundle()),
        ])
    }

    /// Returns the document that contains a key or its ARN, and the certificates.
    pub(crate) fn document(&self, name: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.secret(name)?)?)
    }

    fn secret(&self, name: &str) -> Result<String> {
        let id = json!({ "SecretId": format!("{}/{name}", self.secrets) });
        let answer = self.aws.call("secretsmanager", "GetSecretValue", id)?;
        text(&answer, "/SecretString")
    }

    /// Returns the current certificate in a document.
    fn certificate(&self, name: &str) -> Result<String> {
        let document = self.document(name)?;
        let certificates = document["certificates"].as_array();
        let last = certificates.and_then(|all| all.last()?.as_str());
        Ok(last.context("the document has no certificate")?.to_owned())
    }

    fn root(&self) -> Result<()> {
        let certificate = self.certificate("root-ca-key")?;
        ensure!(
            self.secret("root-ca-cert")?.trim() == certificate.trim(),
            "the published certificate differs from the stored one"
        );
        expect_verified(&certificate)?;
        self.authority_key("root-ca-key", &certificate)?;
        let named = self.named;
        contains(
            &certificate,
            &[
                &format!("Issuer: O = {named}, CN = {named} Root CA"),
                &format!("Subject: O = {named}, CN = {named} Root CA"),
                "Public-Key: (4096 bit)",
                "rsaEncryption",
                "sha256WithRSAEncryption",
                "X509v3 Basic Constraints: critical",
                "CA:TRUE, pathlen:1",
                "X509v3 Key Usage: critical",
                "Certificate Sign, CRL Sign",
            ],
        )?;
        expect_valid_for(&certificate, 3650)
    }

    fn intermediate(&self) -> Result<()> {
        let certificate = self.certificate("intermediate-ca-key")?;
        ensure!(
            self.secret("intermediate-ca-cert")?.trim() == certificate.trim(),
            "the published certificate differs from the stored one"
        );
        self.authority_key("intermediate-ca-key", &certificate)?;
        let named = self.named;
        contains(
            &certificate,
            &[
                &format!("Issuer: O = {named}, CN = {named} Root CA"),
                &format!("Subject: O = {named}, CN = {named} Intermediate CA"),
                "Public-Key: (4096 bit)",
                "CA:TRUE, pathlen:0",
                "Certificate Sign, CRL Sign",
                &format!("URI:{}/root-crl.crl", self.url),
            ],
        )?;
        expect_valid_for(&certificate, 1825)
    }

    fn signing_certificate(&self) -> Result<()> {
        let [name, secret] = self.signing;
        let certificate = self.certificate(secret)?;
        let key = text(&self.document(secret)?, "/private_key_pem")?;
        ensure!(
            openssl(&["pkey", "-pubout"], &key)? == public_key(&certificate)?,
            "the certificate does not match the stored key"
        );
        let named = self.named;
        contains(
            &certificate,
            &[
                &format!("Issuer: O = {named}, CN = {named} Intermediate CA"),
                &format!("Subject: O = {named}, CN = {named} {name}"),
                "CA:FALSE",
                "Code Signing",
                "Digital Signature",
                &format!("URI:{}/crl.crl", self.url),
            ],
        )?;
        expect_valid_for(&certificate, 365)
    }

    /// Checks that the certified key is the key in the document, or the KMS key that the document refers to.
    fn authority_key(&self, name: &str, certificate: &str) -> Result<()> {
        let document = self.document(name)?;
        let of_certificate = public_key(certificate)?;
        if self.hsm_backend == "software" {
            ensure!(
                document.get("kms_key_arn").is_none(),
                "the key must not be in KMS"
            );
            let key = text(&document, "/private_key_pem")?;
            let of_key = openssl(&["pkey", "-pubout"], &key)?;
            ensure!(
                of_key == of_certificate,
                "the certificate does not match the stored key"
            );
            return Ok(());
        }
        ensure!(
            document.get("private_key_pem").is_none(),
            "the document must not contain a private key"
        );
        let id = json!({ "KeyId": text(&document, "/kms_key_arn")? });
        let key = self.aws.call("kms", "DescribeKey", id.clone())?;
        let names = ["KeySpec", "KeyUsage", "Origin", "KeyState", "MultiRegion"];
        expect(
            "KMS key",
            &pick(&key["KeyMetadata"], &names),
            &json!({
                "KeySpec": "RSA_4096",
                "KeyUsage": "SIGN_VERIFY",
                "Origin": "AWS_KMS",
                "KeyState": "Enabled",
                "MultiRegion": false,
            }),
        )?;
        let public = self.aws.call("kms", "GetPublicKey", id)?;
        ensure!(
            public_key_pem(&text(&public, "/PublicKey")?) == of_certificate,
            "the certificate does not match the KMS key"
        );
        Ok(())
    }

    /// Checks the published lists, and that all certificates are valid according to the lists.
    fn revocation_lists(&self) -> Result<()> {
        let directory = tempfile::tempdir()?;
        let file = |name: &str, content: &str| -> Result<String> {
            let path = directory.path().join(name);
            std::fs::write(&path, content)?;
            Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
        };
        let root = file("root.pem", &self.certificate("root-ca-key")?)?;
        let intermediate = file(
            "intermediate.pem",
            &self.certificate("intermediate-ca-key")?,
        )?;
        let leaf = file("leaf.pem", &self.certificate(self.signing[1])?)?;
        let mut lists = String::new();
        for (name, issuer, days) in [("crl", &intermediate, 30), ("root-crl", &root, 180)] {
            let key = |extension: &str| format!(".well-known/{name}.{extension}");
            let pem = self.aws.s3().object(&self.bucket, &key("pem"))?;
            let der = self.aws.s3().object(&self.bucket, &key("crl"))?;
            ensure!(
                der.content_type.as_deref() == Some("application/pkix-crl"),
                "{name}: expected the content type of a DER list, found {:?}",
                der.content_type
            );
            let pem = String::from_utf8(pem.content)?;
            let of_pem = openssl(&["crl", "-outform", "PEM"], &pem)?;
            let der_file = directory.path().join("list.crl");
            std::fs::write(&der_file, &der.content)?;
            let der_file = der_file.to_str().context("the path is not UTF-8")?;
            let of_der = openssl(&["crl", "-inform", "DER", "-in", der_file], "")?;
            ensure!(of_pem == of_der, "{name}: the PEM list is another list");
            let words = openssl(
                &["crl", "-noout", "-text", "-CAfile", issuer, "-verify"],
                &pem,
            )?;
            for expected in ["X509v3 CRL Number", "X509v3 Authority Key Identifier"] {
                ensure!(words.contains(expected), "{name}: no {expected}: {words}");
            }
            ensure!(
                words.contains("Next Update: ") && !words.contains("Next Update: NONE"),
                "{name}: expected a next update within {days} days: {words}"
            );
            lists.push_str(&pem);
        }
        let lists = file("lists.pem", &lists)?;
        let answer = openssl(
            &[
                "verify",
                "-x509_strict",
                "-crl_check_all",
                "-purpose",
                "any",
                "-CAfile",
                &root,
                "-untrusted",
                &intermediate,
                "-CRLfile",
                &lists,
                &leaf,
            ],
            "",
        )?;
        ensure!(
            answer.trim().ends_with(": OK"),
            "expected a valid certificate, found {answer}"
        );
        Ok(())
    }

    fn trust_bundle(&self) -> Result<()> {
        let key = ".well-known/trust-bundle.pem";
        let bundle = self.aws.s3().get(&self.bucket, key)?;
        let root = self.certificate("root-ca-key")?;
        ensure!(
            bundle.contains(root.trim()) && bundle.matches("BEGIN CERTIFICATE").count() == 1,
            "expected only the root certificate, found {bundle}"
        );
        Ok(())
    }
}

/// Returns a public key in PEM format from its DER encoding in Base64 (RFC 7468, section 13).
fn public_key_pem(base64: &str) -> String {
    let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    for line in base64.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem + "-----END PUBLIC KEY-----\n"
}

/// Returns the public key of a certificate.
fn public_key(certificate: &str) -> Result<String> {
    openssl(&["x509", "-noout", "-pubkey"], certificate)
}

fn contains(certificate: &str, expected: &[&str]) -> Result<()> {
    let words = openssl(&["x509", "-noout", "-text"], certificate)?;
    for expected in expected {
        // Spaces around the equals sign differ between openssl releases.
        ensure!(
            words
                .replace(" = ", "=")
                .contains(&expected.replace(" = ", "=")),
            "expected {expected:?} in the certificate, found\n{words}"
        );
    }
    Ok(())
}

/// Checks that a certificate is still valid a week before the end of its validity period, and not a week after.
fn expect_valid_for(certificate: &str, days: u32) -> Result<()> {
    let end = |days: u32| (days * 24 * 60 * 60).to_string();
    openssl(
        &["x509", "-noout", "-checkend", &end(days - 7)],
        certificate,
    )?;
    ensure!(
        openssl(
            &["x509", "-noout", "-checkend", &end(days + 7)],
            certificate
        )
        .is_err(),
        "the certificate is valid for more than {days} days"
    );
    Ok(())
}
