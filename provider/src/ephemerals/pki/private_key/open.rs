//! Reads the secret, and returns the key of an end-entity certificate.

use tfplugin::{Call, Diagnostic, Diagnostics, Secret};

use super::model::{PrivateKey, PrivateKeyPlan};
use super::{PrivateKeys, diagnostics};
use crate::aws::AwsErrorKind;
use crate::aws::arn::Arn;
use crate::aws::secrets::{
    CURRENT, NOT_FOUND, SecretStore, SecretStores, VersionSelector, VersionValue,
};
use crate::pki::{Certificate, CertificateKind, KeyDocument};

impl<S: SecretStores> PrivateKeys<S> {
    /// Returns the key in the configured version of the secret.
    pub(super) async fn key(
        &self,
        config: PrivateKeyPlan,
        call: &Call,
    ) -> Result<PrivateKey, Diagnostics> {
        let paths = PrivateKey::paths();
        let secret_arn: String = config.secret_arn.settle(paths.secret_arn())?;
        let version_stage = config.version_stage.into_known();
        let version_id = config.version_id.into_known();
        let version = match (&version_id, &version_stage) {
            (Some(id), _) => VersionSelector::Id(id),
            (None, Some(stage)) => VersionSelector::Stage(stage),
            (None, None) => VersionSelector::Stage(CURRENT),
        };
        let value = tokio::select! {
            biased;
            () = call.cancel.cancelled() => return Err(diagnostics::stopped(&secret_arn).into()),
            () = tokio::time::sleep_until(call.deadline.into()) => return Err(diagnostics::stopped(&secret_arn).into()),
            value = self.value(&secret_arn, version) => value?,
        };
        let document = KeyDocument::read_secret(value.text.as_ref());
        let document =
            document.map_err(|error| diagnostics::not_a_key_document(&secret_arn, &error))?;
        let Content {
            private_key_pem,
            certificate_pem,
            chain_pem,
        } = content(&document, &secret_arn)?;
        Ok(PrivateKey {
            private_key_pem,
            certificate_pem,
            chain_pem,
            secret_arn,
            version_stage,
            version_id,
        })
    }

    async fn value(
        &self,
        arn: &str,
        version: VersionSelector<'_>,
    ) -> Result<VersionValue, Diagnostics> {
        let store = self.stores.open().await?;
        let parsed = Arn::parse(arn);
        if let Some(parsed) = &parsed {
            let region = store.identity().expect_region(parsed);
            region.map_err(diagnostics::elsewhere)?;
        }
        match store.value_of(arn, version).await {
            Ok(value) => Ok(value),
            Err(error) => {
                let doubtful = error.is(NOT_FOUND) || error.kind == AwsErrorKind::AccessDenied;
                if let Some(parsed) = parsed.filter(|_| doubtful) {
                    let account = store.identity().expect(&parsed).await;
                    account.map_err(diagnostics::elsewhere)?;
                }
                Err(diagnostics::not_read(arn, &error).into())
            }
        }
    }
}

/// The part of a key document that the provider returns.
struct Content {
    private_key_pem: Secret,
    certificate_pem: String,
    chain_pem: String,
}

/// Returns the key and the certificates of an end entity.
fn content(document: &KeyDocument, arn: &str) -> Result<Content, Diagnostic> {
    if document.kind() != CertificateKind::Leaf {
        return Err(diagnostics::authority(arn, document.kind()));
    }
    if let Some(key) = document.key().kms_arn() {
        return Err(diagnostics::key_in_kms(arn, key));
    }
    let (Some(certificate), Some(key)) = (document.certificate(), document.key().software()) else {
        return Err(diagnostics::not_issued(arn));
    };
    let chain = document.chain();
    let intermediates = chain
        .iter()
        .filter(|authority| authority.description().kind() != CertificateKind::Root);
    Ok(Content {
        private_key_pem: Secret::new(key.to_pem().expose().to_owned()),
        certificate_pem: certificate.to_pem(),
        chain_pem: intermediates
            .map(|certificate| Certificate::to_pem(certificate))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::pki::{
        CertifiedKey, Description, DistinguishedName, End, Issuance, KeyAlgorithm, KeyPurpose,
        NameAttribute, PublicKey, SerialNumber, SoftwareKey, Term, issue,
    };

    const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf";

    fn name(text: &str) -> DistinguishedName {
        DistinguishedName::new([(NameAttribute::CommonName, text.to_owned())]).unwrap()
    }

    fn issuance(issuer: &str, number: u8) -> Issuance {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let term = Term {
            end: End::Days(30),
            not_before_margin_minutes: 60,
        };
        Issuance {
            issuer: name(issuer),
            serial_number: SerialNumber::from_magnitude(&[number]).unwrap(),
            validity: term.from(now).unwrap(),
            signature_algorithm: KeyAlgorithm::EcdsaP256.default_signature_algorithm(),
        }
    }

    fn leaf(key: &PublicKey) -> Description {
        let purposes = vec![KeyPurpose::named("server_auth").unwrap()];
        let key = key.algorithm();
        Description::leaf(name("leaf"), Vec::new(), purposes, key, issuance("root", 2))
    }

    fn refusal(document: &KeyDocument) -> String {
        let refused = content(document, ARN).err().expect("a refusal");
        assert_eq!(refused.path, PrivateKey::paths().secret_arn());
        refused.summary
    }

    #[tokio::test]
    async fn only_an_issued_key_of_an_end_entity_is_returned() {
        let generate = || SoftwareKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
        let (root_key, key) = (generate(), generate());
        let description = Description::intermediate(name("root"), Some(0), issuance("root", 1));
        let root = issue(&description, root_key.public(), &root_key)
            .await
            .unwrap();
        let description = leaf(key.public());
        let certificate = issue(&description, key.public(), &root_key).await.unwrap();
        let pem = key.to_pem().expose().to_owned();

        let authority = KeyDocument::pending(root_key, root.description().clone(), Vec::new());
        let authority = authority.with_certificate(root.clone()).unwrap();
        assert_eq!(
            refusal(&authority),
            "Key belongs to a certificate authority"
        );
        let (arn, public_key) = ("arn:aws:kms:a".to_owned(), key.public().clone());
        let in_kms = CertifiedKey::Kms { arn, public_key };
        let in_kms = KeyDocument::pending(in_kms, description.clone(), vec![root.clone()]);
        assert_eq!(refusal(&in_kms), "Private key is in AWS KMS");

        let pending = KeyDocument::pending(key, description, vec![root]);
        assert_eq!(refusal(&pending), "Certificate was not issued");
        let complete = pending.with_certificate(certificate.clone()).unwrap();
        let Ok(found) = content(&complete, ARN) else {
            panic!("the document must contain the key");
        };
        assert_eq!(found.private_key_pem.reveal(), pem);
        assert_eq!(found.certificate_pem, certificate.to_pem());
        assert_eq!(found.chain_pem, "", "the root is not part of the chain");
    }
}
