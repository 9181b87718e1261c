//! In-memory KMS with the documented semantics of `DescribeKey`, `GetPublicKey`, and `Sign`. The signatures are real.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};
use tfplugin::Diagnostics;

use super::script::{Script, View};
use crate::aws::kms::{
    KeySpec, KeyState, KmsKey, KmsKeySource, KmsKeys, MessageKind, SIGN_VERIFY, SigningAlgorithm,
};
use crate::aws::{AwsError, Identity};

/// Region and account of all keys that [`InMemoryKeys::create`] creates.
const LOCATION: (&str, &str) = ("eu-central-1", "123456789012");

enum PrivateKey {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

struct Stored {
    key: KmsKey,
    previous: KmsKey,
    spec: KeySpec,
    private: PrivateKey,
    denied: bool,
}

#[derive(Default)]
struct Contents {
    keys: BTreeMap<String, Stored>,
    unknown: bool,
    pauses: Vec<Duration>,
}

/// The keys of an account. All clones share the same content.
#[derive(Clone, Default)]
pub(crate) struct InMemoryKeys {
    contents: Arc<Mutex<Contents>>,
    script: Script,
}

impl InMemoryKeys {
    /// Creates a service whose calls a script records.
    pub(crate) fn with_script(script: Script) -> Self {
        Self {
            script,
            ..Self::default()
        }
    }

    /// Creates an enabled signing key, and returns its ARN.
    pub(crate) fn create(&self, spec: KeySpec) -> String {
        let mut contents = self.contents.lock().unwrap();
        let (region, account) = LOCATION;
        let key_id = format!("00000000-0000-4000-8000-{:012}", contents.keys.len() + 1);
        let arn = format!("arn:aws:kms:{region}:{account}:key/{key_id}");
        let key = KmsKey {
            arn: arn.clone(),
            key_id,
            spec: spec.name().to_owned(),
            usage: SIGN_VERIFY.to_owned(),
            state: KeyState::Enabled,
            origin: "AWS_KMS".to_owned(),
            multi_region: false,
            custom_key_store: None,
            deletion_date: None,
            enabled: true,
        };
        let stored = Stored {
            previous: key.clone(),
            key,
            spec,
            private: generate(spec),
            denied: false,
        };
        contents.keys.insert(arn.clone(), stored);
        arn
    }

    /// Changes the description of a key, such as its state. The previous description is the stale one.
    pub(crate) fn change(&self, arn: &str, change: impl FnOnce(&mut KmsKey)) {
        let mut contents = self.contents.lock().unwrap();
        let stored = contents.keys.get_mut(arn).expect("the key exists");
        stored.previous = stored.key.clone();
        change(&mut stored.key);
        stored.key.enabled = stored.key.state == KeyState::Enabled;
    }

    /// Replaces the private key of a key, which KMS never does.
    pub(crate) fn replace_material(&self, arn: &str) {
        let mut contents = self.contents.lock().unwrap();
        let stored = contents.keys.get_mut(arn).expect("the key exists");
        stored.private = generate(stored.spec);
    }

    /// Denies `kms:Sign` for a key, or allows it again.
    pub(crate) fn deny_signing(&self, arn: &str, denied: bool) {
        let mut contents = self.contents.lock().unwrap();
        contents.keys.get_mut(arn).expect("the key exists").denied = denied;
    }

    /// Deletes a key.
    pub(crate) fn delete(&self, arn: &str) {
        self.contents.lock().unwrap().keys.remove(arn);
    }

    /// Sets whether the provider configuration is unknown.
    pub(crate) fn set_unknown(&self, unknown: bool) {
        self.contents.lock().unwrap().unknown = unknown;
    }

    /// Returns all pauses between attempts.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.contents.lock().unwrap().pauses.clone()
    }

    /// Returns the script that records the calls.
    pub(crate) fn script(&self) -> Script {
        self.script.clone()
    }

    async fn call<T>(
        &self,
        action: &'static str,
        arn: &str,
        effect: impl FnOnce(&Stored, View) -> Result<T, AwsError> + Send,
    ) -> Result<T, AwsError> {
        let run = |view| {
            let contents = self.contents.lock().unwrap();
            let missing = || {
                let message = format!("Key '{arn}' does not exist");
                AwsError::service(action, "NotFoundException", &message)
            };
            effect(contents.keys.get(arn).ok_or_else(missing)?, view)
        };
        self.script.call(action, run).await
    }
}

fn generate(spec: KeySpec) -> PrivateKey {
    let rsa = |size| PrivateKey::Rsa(RsaKeyPair::generate(size).unwrap());
    let ecdsa = |curve: &'static EcdsaSigningAlgorithm| {
        PrivateKey::Ecdsa(EcdsaKeyPair::generate(curve).unwrap())
    };
    match spec {
        KeySpec::Rsa2048 => rsa(KeySize::Rsa2048),
        KeySpec::Rsa3072 => rsa(KeySize::Rsa3072),
        KeySpec::Rsa4096 => rsa(KeySize::Rsa4096),
        KeySpec::EccNistP256 => ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING),
        KeySpec::EccNistP384 => ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING),
        KeySpec::EccNistP521 => ecdsa(&ECDSA_P521_SHA512_ASN1_SIGNING),
        KeySpec::EccNistEdwards25519 => PrivateKey::Ed25519(Ed25519KeyPair::generate().unwrap()),
    }
}

impl Stored {
    /// Fails if the state, the usage, or a policy does not allow signing (`Sign`, "Errors").
    fn check(&self, action: &'static str, algorithm: SigningAlgorithm) -> Result<(), AwsError> {
        let refuse = |code: &str, message: &str| Err(AwsError::service(action, code, message));
        let arn = &self.key.arn;
        if self.denied {
            return refuse(
                "AccessDeniedException",
                "no identity-based policy allows it",
            );
        }
        self.check_state(action)?;
        let supported = self.spec.signing_algorithms().contains(&algorithm);
        if self.key.usage != SIGN_VERIFY || !supported {
            let message = format!("{arn} key usage or spec does not support the algorithm");
            return refuse("InvalidKeyUsageException", &message);
        }
        Ok(())
    }

    fn check_state(&self, action: &'static str) -> Result<(), AwsError> {
        let (code, state) = match &self.key.state {
            KeyState::Enabled | KeyState::Updating => return Ok(()),
            KeyState::Disabled => ("DisabledException", "disabled"),
            KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => {
                ("KMSInvalidStateException", "pending deletion")
            }
            KeyState::PendingImport => ("KMSInvalidStateException", "pending import"),
            other => ("KMSInvalidStateException", other.name()),
        };
        let message = format!("{} is {state}.", self.key.arn);
        Err(AwsError::service(action, code, &message))
    }

    fn signature(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageKind,
        octets: &[u8],
    ) -> Result<Vec<u8>, AwsError> {
        let invalid = |message: &str| AwsError::service("kms:Sign", "ValidationException", message);
        if !(1..=4096).contains(&octets.len()) {
            return Err(invalid("Member must have length between 1 and 4096"));
        }
        let digest = match (kind, hash(algorithm)) {
            (MessageKind::Raw, _) => None,
            (MessageKind::Digest, None) => return Err(invalid("MessageType must be RAW")),
            (MessageKind::Digest, Some(hash)) => {
                let digest = Digest::import_less_safe(octets, hash);
                Some(digest.map_err(|_| invalid("Digest is invalid length for algorithm"))?)
            }
        };
        let random = SystemRandom::new();
        Ok(match (&self.private, digest) {
            (PrivateKey::Rsa(key), digest) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let encoding = rsa_encoding(algorithm);
                match digest {
                    Some(digest) => key.sign_digest(encoding, &digest, &mut signature),
                    None => key.sign(encoding, &random, octets, &mut signature),
                }
                .unwrap();
                signature
            }
            (PrivateKey::Ecdsa(key), Some(digest)) => {
                key.sign_digest(&digest).unwrap().as_ref().to_vec()
            }
            (PrivateKey::Ecdsa(key), None) => key.sign(&random, octets).unwrap().as_ref().to_vec(),
            (PrivateKey::Ed25519(key), _) => key.sign(octets).as_ref().to_vec(),
        })
    }
}

/// Hash function in the name of an algorithm.
fn hash(algorithm: SigningAlgorithm) -> Option<&'static digest::Algorithm> {
    let name = algorithm.name();
    match name.rsplit('_').next() {
        _ if name.starts_with("ED25519") => None,
        Some("256") => Some(&digest::SHA256),
        Some("384") => Some(&digest::SHA384),
        _ => Some(&digest::SHA512),
    }
}

fn rsa_encoding(algorithm: SigningAlgorithm) -> &'static dyn RsaEncoding {
    match algorithm {
        SigningAlgorithm::RsassaPkcs1V15Sha256 => &RSA_PKCS1_SHA256,
        SigningAlgorithm::RsassaPkcs1V15Sha384 => &RSA_PKCS1_SHA384,
        _ => &RSA_PKCS1_SHA512,
    }
}

impl KmsKeySource for InMemoryKeys {
    type Keys = Self;

    async fn open_keys_if_known(&self) -> Result<Option<Self>, Diagnostics> {
        let unknown = self.contents.lock().unwrap().unknown;
        Ok((!unknown).then(|| self.clone()))
    }

    async fn open_keys(&self) -> Result<Self, Diagnostics> {
        Ok(self.clone())
    }
}

impl KmsKeys for InMemoryKeys {
    async fn describe(&self, arn: &str) -> Result<KmsKey, AwsError> {
        self.call("kms:DescribeKey", arn, |stored, view| {
            Ok(match view {
                View::Current => stored.key.clone(),
                View::Previous => stored.previous.clone(),
            })
        })
        .await
    }

    async fn public_key(&self, arn: &str) -> Result<Vec<u8>, AwsError> {
        const ACTION: &str = "kms:GetPublicKey";
        self.call(ACTION, arn, |stored, _| {
            stored.check_state(ACTION)?;
            let der: PublicKeyX509Der<'_> = match &stored.private {
                PrivateKey::Rsa(key) => key.public_key().as_der().unwrap(),
                PrivateKey::Ecdsa(key) => key.public_key().as_der().unwrap(),
                PrivateKey::Ed25519(key) => key.public_key().as_der().unwrap(),
            };
            Ok(der.as_ref().to_vec())
        })
        .await
    }

    async fn sign(
        &self,
        arn: &str,
        algorithm: SigningAlgorithm,
        kind: MessageKind,
        octets: &[u8],
    ) -> Result<Vec<u8>, AwsError> {
        const ACTION: &str = "kms:Sign";
        self.call(ACTION, arn, |stored, _| {
            stored.check(ACTION, algorithm)?;
            stored.signature(algorithm, kind, octets)
        })
        .await
    }

    async fn can_sign(&self, arn: &str, algorithm: SigningAlgorithm) -> Result<(), AwsError> {
        const ACTION: &str = "kms:Sign";
        self.call(ACTION, arn, |stored, _| stored.check(ACTION, algorithm))
            .await
    }

    fn identity(&self) -> Arc<Identity> {
        let (region, account) = LOCATION;
        Arc::new(Identity::known(region, Some(account)))
    }

    async fn pause(&self, duration: Duration) {
        self.contents.lock().unwrap().pauses.push(duration);
    }
}
