//! AWS KMS in the in-memory account.

use std::sync::Arc;
use std::time::Duration;

use tfplugin::Diagnostics;

use super::Account;
use crate::aws::kms::{
    DISABLED, INVALID_STATE, KeySpec, KeyState, KmsKey, KmsKeySource, KmsKeys, MessageKind,
    NOT_FOUND, SIGN_VERIFY, SigningAlgorithm,
};
use crate::aws::{AwsError, Identity};
use crate::pki::{KeyAlgorithm, SignatureAlgorithm, Signer, SoftwareKey};

/// An asymmetric key in KMS.
#[derive(Clone)]
pub(in crate::resources::pki) struct Key {
    pub(in crate::resources::pki) pair: Arc<SoftwareKey>,
    pub(in crate::resources::pki) usage: &'static str,
    pub(in crate::resources::pki) state: KeyState,
    /// Call that IAM denies.
    pub(in crate::resources::pki) denied: Option<&'static str>,
}

impl Key {
    /// Returns an enabled signing key.
    pub(in crate::resources::pki) fn new(algorithm: KeyAlgorithm) -> Self {
        Self {
            pair: Arc::new(SoftwareKey::generate(algorithm).unwrap()),
            usage: SIGN_VERIFY,
            state: KeyState::Enabled,
            denied: None,
        }
    }

    /// Returns the error for a cryptographic operation (AWS KMS Developer Guide, "Key states of AWS KMS keys").
    fn refused(&self, action: &'static str) -> Result<(), (&'static str, &'static str)> {
        match &self.state {
            _ if self.denied == Some(action) => Err(DENIED),
            KeyState::Enabled => Ok(()),
            KeyState::Disabled => Err((DISABLED, "The key is disabled.")),
            _ => Err((INVALID_STATE, "The state of the key is not valid.")),
        }
    }
}

const DENIED: (&str, &str) = ("AccessDeniedException", "The call is not allowed.");
const MISSING: (&str, &str) = (NOT_FOUND, "The key does not exist.");

/// KMS in an account.
pub(in crate::resources::pki) struct Keys(Account);

impl KmsKeySource for Account {
    type Keys = Keys;

    async fn open_keys_if_known(&self) -> Result<Option<Keys>, Diagnostics> {
        let unknown = self.with(|contents| contents.unknown);
        Ok((!unknown).then(|| Keys(self.clone())))
    }

    async fn open_keys(&self) -> Result<Keys, Diagnostics> {
        Ok(Keys(self.clone()))
    }
}

impl KmsKeys for Keys {
    async fn describe(&self, arn: &str) -> Result<KmsKey, AwsError> {
        let action = "kms:DescribeKey";
        let described = self.0.call(action, |contents| {
            let key = contents.keys.get(arn).ok_or(MISSING)?;
            if key.denied == Some(action) {
                return Err(DENIED);
            }
            let algorithm = key.pair.public().algorithm().name();
            Ok(KmsKey {
                arn: arn.to_owned(),
                key_id: arn.rsplit('/').next().unwrap().to_owned(),
                spec: KeySpec::of_key_algorithm(algorithm)
                    .unwrap()
                    .name()
                    .to_owned(),
                usage: key.usage.to_owned(),
                state: key.state.clone(),
                origin: "AWS_KMS".to_owned(),
                multi_region: false,
                custom_key_store: None,
                deletion_date: None,
                enabled: key.state == KeyState::Enabled,
            })
        });
        described.await
    }

    async fn public_key(&self, arn: &str) -> Result<Vec<u8>, AwsError> {
        let action = "kms:GetPublicKey";
        let read = self.0.call(action, |contents| {
            let key = contents.keys.get(arn).ok_or(MISSING)?;
            key.refused(action)?;
            Ok(key.pair.public().spki().to_vec())
        });
        read.await
    }

    async fn sign(
        &self,
        arn: &str,
        algorithm: SigningAlgorithm,
        kind: MessageKind,
        octets: &[u8],
    ) -> Result<Vec<u8>, AwsError> {
        assert_eq!(
            kind,
            MessageKind::Raw,
            "the account signs only raw messages"
        );
        let action = "kms:Sign";
        let permitted = self.0.call(action, |contents| {
            let key = contents.keys.get(arn).ok_or(MISSING)?;
            key.refused(action)?;
            Ok(Arc::clone(&key.pair))
        });
        let pair = permitted.await?;
        let signature = SignatureAlgorithm::named(algorithm.signature_algorithm()).unwrap();
        Ok(pair.sign(signature, octets).await.unwrap())
    }

    async fn can_sign(&self, arn: &str, _: SigningAlgorithm) -> Result<(), AwsError> {
        let action = "kms:Sign";
        let permitted = self.0.call(action, |contents| {
            contents.keys.get(arn).ok_or(MISSING)?.refused(action)
        });
        permitted.await
    }

    fn identity(&self) -> Arc<Identity> {
        crate::aws::secrets::SecretStore::identity(&self.0)
    }

    async fn pause(&self, _: Duration) {}
}
