//! The key of an issuer during apply: in its secret, or in AWS KMS.

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Call, Diagnostics};

use super::authority::IssuingAuthority;
use super::diagnostics;
use crate::aws::AwsErrorKind;
use crate::aws::arn::Arn;
use crate::aws::kms::{KmsKeySource, KmsKeys};
use crate::aws::secrets::{NOT_FOUND, SecretStore, SecretStores};
use crate::pki::{
    CertifiedKey, KeyDocument, PublicKey, SignError, SignatureAlgorithm, Signer, SoftwareKey,
};
use crate::resources::pki::calls::{connected, visible};
use crate::resources::pki::clock;
use crate::resources::pki::kms_key::KmsSigner;

/// The key of an issuer. The type does not implement `Debug`.
pub enum IssuerKey<'a, K> {
    /// The secret of the issuer contains the private key.
    Software(SoftwareKey),
    /// AWS KMS contains the private key.
    Kms(KmsSigner<'a, K>),
}

impl<K: KmsKeys> Signer for IssuerKey<'_, K> {
    fn public_key(&self) -> &PublicKey {
        match self {
            Self::Software(key) => key.public_key(),
            Self::Kms(key) => key.public_key(),
        }
    }

    fn message_limit(&self) -> Option<usize> {
        match self {
            Self::Software(key) => key.message_limit(),
            Self::Kms(key) => key.message_limit(),
        }
    }

    async fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        match self {
            Self::Software(key) => key.sign(algorithm, message).await,
            Self::Kms(key) => key.sign(algorithm, message).await,
        }
    }
}

impl IssuingAuthority {
    /// Opens the key of the authority during apply, and checks that it is the certified key. Reads the secret value of
    /// a software key, and makes only KMS calls for a key in KMS.
    ///
    /// # Errors
    /// Returns an error if the key is missing, cannot be used, or is another key.
    pub async fn open<'a, S: SecretStores + KmsKeySource>(
        &self,
        stores: &S,
        call: &'a Call,
    ) -> Result<IssuerKey<'a, S::Keys>, Diagnostics> {
        self.open_at(stores, call, None).await
    }

    /// Like [`IssuingAuthority::open`], but also compares the system clock `now` with the AWS clock if the key is in a secret.
    /// KMS rejects requests of a system with a wrong clock.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`IssuingAuthority::open`], and if the difference of the clocks is too large.
    pub async fn open_at<'a, S: SecretStores + KmsKeySource>(
        &self,
        stores: &S,
        call: &'a Call,
        now: Option<fn() -> Timestamp>,
    ) -> Result<IssuerKey<'a, S::Keys>, Diagnostics> {
        let expected = self.certificate.public_key();
        if let Some(arn) = &self.kms_key_arn {
            let path = self.path().attribute("kms_key_arn");
            let signer = KmsSigner::open(stores, call, arn, expected, path).await?;
            return Ok(IssuerKey::Kms(signer));
        }
        let document = read_document(&self.secret_arn, &self.path(), stores, call).await?;
        if let Some(now) = now {
            let store = connected(stores, call).await?;
            clock::check(now(), store.answered_at())?;
        }
        match document.into_key() {
            key if key.public() != expected => {
                let (found, expected) = (key.public().sha256(), expected.sha256());
                let (found, expected) = (found.to_string(), expected.to_string());
                Err(
                    diagnostics::key_changed(&self.secret_arn, &found, &expected, &self.path())
                        .into(),
                )
            }
            CertifiedKey::Software(key) => Ok(IssuerKey::Software(key)),
            CertifiedKey::Kms { arn, .. } => {
                Err(diagnostics::key_in_kms(&self.secret_arn, &arn, &self.path()).into())
            }
        }
    }
}

/// Reads the key document of an authority. `path` is the `issuer` object, to which errors refer.
///
/// # Errors
/// Returns an error if the secret cannot be read or does not contain a key document.
pub(in crate::resources::pki) async fn read_document<S: SecretStores>(
    arn: &str,
    path: &AttributePath,
    stores: &S,
    call: &Call,
) -> Result<KeyDocument, Diagnostics> {
    let store = connected(stores, call).await?;
    if let Some(parsed) = Arn::parse(arn) {
        let region = store.identity().expect_region(&parsed);
        region.map_err(|error| diagnostics::elsewhere(error, path))?;
    }
    let value = || store.value(arn);
    let value = visible(&store, call, "secretsmanager:GetSecretValue", value).await;
    let value = match value {
        Ok(value) => value,
        Err(error) => {
            let doubtful = error.is(NOT_FOUND) || error.kind == AwsErrorKind::AccessDenied;
            if let Some(parsed) = Arn::parse(arn).filter(|_| doubtful) {
                let account = store.identity().expect(&parsed).await;
                account.map_err(|error| diagnostics::elsewhere(error, path))?;
            }
            return Err(diagnostics::not_read(arn, &error, path).into());
        }
    };
    let document = KeyDocument::read_secret(value.text.as_ref());
    document.map_err(|error| diagnostics::not_a_key_document(arn, &error, path).into())
}
