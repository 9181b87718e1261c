//! Private keys in AWS KMS: the checks of a key during planning and refresh, and the signer during apply.

use std::error::Error;
use std::fmt;

use tfplugin::schema::AttributePath;
use tfplugin::{Call, Diagnostic, Diagnostics};

use crate::aws::arn::Arn;
use crate::aws::kms::diagnostics::{key_detail, other_region};
use crate::aws::kms::{
    DISABLED, INVALID_STATE, KeyProblem, KeySpec, KeyState, KmsKeySource, KmsKeys, Message,
    NOT_FOUND, SigningAlgorithm,
};
use crate::aws::{AwsError, AwsErrorKind};
use crate::pki::{KeyAlgorithm, PublicKey, SignError, SignatureAlgorithm, Signer};
use crate::resources::pki::calls::{bounded, not_connected, within};

/// A key in KMS that signs during apply.
pub struct KmsSigner<'a, K> {
    keys: K,
    call: &'a Call,
    arn: String,
    public_key: PublicKey,
}

/// A failed `Sign` call, with its remedy.
#[derive(Debug)]
struct SignFailure(String);

impl fmt::Display for SignFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for SignFailure {}

impl<'a, K: KmsKeys> KmsSigner<'a, K> {
    /// Reads the public key of a KMS key, and checks that it is the certified key. `path` is the attribute that contains
    /// the ARN.
    ///
    /// # Errors
    /// Returns an error if the key is in another region, cannot be used, or is another key.
    pub async fn open<S: KmsKeySource<Keys = K>>(
        stores: &S,
        call: &'a Call,
        arn: &str,
        expected: &PublicKey,
        path: AttributePath,
    ) -> Result<Self, Diagnostics> {
        let keys = connected_keys(stores, call).await?;
        let found = public_key(&keys, call, arn, &path).await?;
        if found != *expected {
            let detail = format!(
                "The KMS key {arn} has the public key with the hash {}, but the certificate contains the key with the \
                 hash {}. A signature with another key would not verify, so nothing was signed.\n\nSpecify the ARN of \
                 the key that the certificate contains.",
                found.sha256(),
                expected.sha256()
            );
            return Err(Diagnostic::error("KMS key does not match", detail)
                .at(path)
                .into());
        }
        Ok(Self::new(keys, call, arn, found))
    }

    /// Creates a signer for a key whose public key KMS returned.
    pub fn new(keys: K, call: &'a Call, arn: &str, public_key: PublicKey) -> Self {
        let arn = arn.to_owned();
        Self {
            keys,
            call,
            arn,
            public_key,
        }
    }
}

impl<K: KmsKeys> Signer for KmsSigner<'_, K> {
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn message_limit(&self) -> Option<usize> {
        signing_algorithm(self.public_key.algorithm().default_signature_algorithm())?
            .message_limit()
    }

    async fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let algorithm = signing_algorithm(algorithm)
            .ok_or_else(|| SignError::new(format!("KMS does not support {}", algorithm.name())))?;
        let message = Message::new(algorithm, message).map_err(SignError::new)?;
        let sign = self
            .keys
            .sign(&self.arn, algorithm, message.kind, &message.octets);
        let signed = bounded(self.call, "kms:Sign", sign).await;
        signed.map_err(|error| SignError::new(SignFailure(key_detail(&error, &self.arn, None))))
    }
}

/// Connects to KMS. Returns an error if the run is interrupted or times out first.
///
/// # Errors
/// Returns an error if the provider configuration is unknown or incomplete, or if the run stops.
pub async fn connected_keys<S: KmsKeySource>(
    stores: &S,
    call: &Call,
) -> Result<S::Keys, Diagnostics> {
    let keys = within(call, stores.open_keys()).await;
    keys.map_err(|stopped| Diagnostics::from(not_connected(stopped)))?
}

/// Like [`connected_keys`], but returns `None` if the provider configuration is unknown.
///
/// # Errors
/// Returns an error if the provider configuration is incomplete, or if the run stops.
pub async fn connected_keys_if_known<S: KmsKeySource>(
    stores: &S,
    call: &Call,
) -> Result<Option<S::Keys>, Diagnostics> {
    let keys = within(call, stores.open_keys_if_known()).await;
    keys.map_err(|stopped| Diagnostics::from(not_connected(stopped)))?
}

/// Reads the public key of a KMS key.
///
/// # Errors
/// Returns an error if the key is in another region, cannot be used, or has an unsupported specification.
pub async fn public_key<K: KmsKeys>(
    keys: &K,
    call: &Call,
    arn: &str,
    path: &AttributePath,
) -> Result<PublicKey, Diagnostics> {
    refuse_other_region(keys, arn, path)?;
    let spki = match bounded(call, "kms:GetPublicKey", keys.public_key(arn)).await {
        Ok(spki) => spki,
        Err(error) => return Err(unusable(keys, call, arn, path, &error).await),
    };
    PublicKey::from_spki(&spki).map_err(|error| {
        let detail = format!("The public key of the KMS key {arn} is unusable: {error}.");
        Diagnostics::from(Diagnostic::error("KMS key is not supported", detail).at(path.clone()))
    })
}

/// Checks during planning that a KMS key exists, can sign with the key algorithm, and permits the caller to sign. Denied
/// calls are left to the apply, which requires the same permissions and can run with other credentials.
///
/// # Errors
/// Returns an error if the key cannot be used.
pub async fn check<K: KmsKeys>(
    keys: &K,
    call: &Call,
    arn: &str,
    algorithm: KeyAlgorithm,
    signature: SignatureAlgorithm,
    path: &AttributePath,
) -> Result<(), Diagnostics> {
    refuse_other_region(keys, arn, path)?;
    let required = KeySpec::of_key_algorithm(algorithm.name());
    match (
        bounded(call, "kms:DescribeKey", keys.describe(arn)).await,
        required,
    ) {
        (Ok(key), Some(required)) => {
            let problems = key.problems(arn, required).into_iter();
            let found: Diagnostics = problems
                .map(|problem| Diagnostic::from(problem).at(path.clone()))
                .collect();
            found.into_result()?;
        }
        (Ok(_), None) => {}
        (Err(error), _) => permitted(keys, call, arn, path, &error).await?,
    }
    let spki = bounded(call, "kms:GetPublicKey", keys.public_key(arn)).await;
    if let Err(error) = spki {
        permitted(keys, call, arn, path, &error).await?;
    }
    let Some(signing) = signing_algorithm(signature) else {
        return Ok(());
    };
    match bounded(call, "kms:Sign", keys.can_sign(arn, signing)).await {
        Ok(()) => Ok(()),
        Err(error) => permitted(keys, call, arn, path, &error).await,
    }
}

/// A KMS key in a state in which it cannot sign.
pub struct StateProblem {
    /// The state, with its remedy.
    pub diagnostic: Diagnostic,
    /// Whether the key does not exist, or is scheduled for deletion.
    pub is_lost: bool,
}

/// Returns the problem with the state of a KMS key, if any. A denied call is ignored, because a caller that only reads does
/// not need the permission.
///
/// # Errors
/// Returns an error if the key is in another region, or if the state cannot be determined.
pub async fn state_problem<K: KmsKeys>(
    keys: &K,
    call: &Call,
    arn: &str,
    path: &AttributePath,
) -> Result<Option<StateProblem>, Diagnostics> {
    refuse_other_region(keys, arn, path)?;
    match bounded(call, "kms:DescribeKey", keys.describe(arn)).await {
        Ok(key) if key.state.can_sign() => Ok(None),
        Ok(key) => {
            let is_lost = matches!(
                key.state,
                KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
            );
            let diagnostic = Diagnostic::from(KeyProblem::State { key }).at(path.clone());
            Ok(Some(StateProblem {
                diagnostic,
                is_lost,
            }))
        }
        Err(error) if error.kind == AwsErrorKind::AccessDenied => Ok(None),
        Err(error) => {
            let diagnostic = not_usable(keys, arn, path, &error).await;
            match error.is(NOT_FOUND) {
                true => Ok(Some(StateProblem {
                    diagnostic,
                    is_lost: true,
                })),
                false => Err(diagnostic.into()),
            }
        }
    }
}

/// Returns an error unless the call was denied.
async fn permitted<K: KmsKeys>(
    keys: &K,
    call: &Call,
    arn: &str,
    path: &AttributePath,
    error: &AwsError,
) -> Result<(), Diagnostics> {
    match error.kind {
        AwsErrorKind::AccessDenied => Ok(()),
        _ => Err(unusable(keys, call, arn, path, error).await),
    }
}

/// Explains a failed call. If the state of the key caused the failure, the message contains the state.
async fn unusable<K: KmsKeys>(
    keys: &K,
    call: &Call,
    arn: &str,
    path: &AttributePath,
    error: &AwsError,
) -> Diagnostics {
    if error.is(DISABLED) || error.is(INVALID_STATE) {
        let described = bounded(call, "kms:DescribeKey", keys.describe(arn)).await;
        let key = described.ok().filter(|key| !key.state.can_sign());
        if let Some(key) = key {
            let problem = KeyProblem::State { key };
            return Diagnostic::from(problem).at(path.clone()).into();
        }
    }
    not_usable(keys, arn, path, error).await.into()
}

/// Returns the error for a failed call.
async fn not_usable<K: KmsKeys>(
    keys: &K,
    arn: &str,
    path: &AttributePath,
    error: &AwsError,
) -> Diagnostic {
    let identity = keys.identity();
    let detail = key_detail(error, arn, identity.account().await);
    Diagnostic::error("KMS key cannot be used", detail).at(path.clone())
}

/// Returns the error for a KMS key whose algorithm is not the configured one.
pub(super) fn other_algorithm(
    arn: &str,
    found: KeyAlgorithm,
    expected: KeyAlgorithm,
    path: AttributePath,
) -> Diagnostic {
    let detail = format!(
        "The KMS key {arn} has the algorithm {}, but key_algorithm is {}. Nothing was created.\n\nSet key_algorithm to \
         {}, or specify another KMS key.",
        found.name(),
        expected.name(),
        found.name()
    );
    Diagnostic::error("KMS key does not match key_algorithm", detail).at(path)
}

fn refuse_other_region<K: KmsKeys>(
    keys: &K,
    arn: &str,
    path: &AttributePath,
) -> Result<(), Diagnostics> {
    let Some(parsed) = Arn::parse(arn) else {
        return Ok(());
    };
    let identity = keys.identity();
    match identity.expect_region(&parsed) {
        Ok(()) => Ok(()),
        Err(_) => Err(other_region(&parsed, identity.region())
            .at(path.clone())
            .into()),
    }
}

fn signing_algorithm(signature: SignatureAlgorithm) -> Option<SigningAlgorithm> {
    SigningAlgorithm::of_signature_algorithm(signature.name())
}
