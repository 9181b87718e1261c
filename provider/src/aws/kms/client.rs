//! [`KmsKeys`] with the AWS SDK.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::KeyMetadata;
use jiff::Timestamp;
use tfplugin::{Configured, Diagnostic, Diagnostics};

use super::key::{KeyState, KmsKey};
use super::message::{Message, MessageKind};
use super::specification::SigningAlgorithm;
use super::{DRY_RUN, KmsKeySource, KmsKeys};
use crate::aws::client::Clients;
use crate::aws::connect_error::ConnectError;
use crate::aws::connection::Connection;
use crate::aws::errors::AwsError;
use crate::aws::identity::Identity;

/// Client for AWS KMS.
pub struct Kms {
    clients: Arc<Clients>,
}

impl KmsKeySource for Configured<Connection> {
    type Keys = Kms;

    async fn open_keys_if_known(&self) -> Result<Option<Kms>, Diagnostics> {
        match self.get()?.clients().await {
            Ok(clients) => Ok(Some(Kms { clients })),
            Err(ConnectError::NotKnownYet { .. }) => Ok(None),
            Err(error) => Err(Diagnostic::from(error).into()),
        }
    }

    async fn open_keys(&self) -> Result<Kms, Diagnostics> {
        match self.get()?.clients().await {
            Ok(clients) => Ok(Kms { clients }),
            Err(error) => Err(Diagnostic::from(error).into()),
        }
    }
}

impl KmsKeys for Kms {
    async fn describe(&self, arn: &str) -> Result<KmsKey, AwsError> {
        const ACTION: &str = "kms:DescribeKey";
        let answer = self.clients.kms.describe_key().key_id(arn).send().await;
        let answer = answer.map_err(|error| AwsError::new(ACTION, &error))?;
        let metadata = answer.key_metadata;
        let key = metadata.and_then(described);
        key.ok_or_else(|| AwsError::incomplete(ACTION))
    }

    async fn public_key(&self, arn: &str) -> Result<Vec<u8>, AwsError> {
        const ACTION: &str = "kms:GetPublicKey";
        let answer = self.clients.kms.get_public_key().key_id(arn).send().await;
        let answer = answer.map_err(|error| AwsError::new(ACTION, &error))?;
        let key = answer.public_key.map(Blob::into_inner);
        key.ok_or_else(|| AwsError::incomplete(ACTION))
    }

    async fn sign(
        &self,
        arn: &str,
        algorithm: SigningAlgorithm,
        kind: MessageKind,
        octets: &[u8],
    ) -> Result<Vec<u8>, AwsError> {
        const ACTION: &str = "kms:Sign";
        let request = self
            .clients
            .kms
            .sign()
            .key_id(arn)
            .signing_algorithm(algorithm.sdk())
            .message_type(kind.sdk())
            .message(Blob::new(octets));
        let answer = request.send().await;
        let answer = answer.map_err(|error| AwsError::new(ACTION, &error))?;
        let signature = answer.signature.map(Blob::into_inner);
        signature.ok_or_else(|| AwsError::incomplete(ACTION))
    }

    async fn can_sign(&self, arn: &str, algorithm: SigningAlgorithm) -> Result<(), AwsError> {
        let message = Message::for_dry_run(algorithm);
        let request = self
            .clients
            .kms
            .sign()
            .key_id(arn)
            .signing_algorithm(algorithm.sdk())
            .message_type(message.kind.sdk())
            .message(Blob::new(message.octets))
            .dry_run(true);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => permitted(AwsError::new("kms:Sign", &error)),
        }
    }

    fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.clients.identity)
    }

    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// "DryRunOperationException: The request was rejected because the DryRun parameter was specified" (`Sign`). KMS checks
/// everything else first, so the exception is a success.
fn permitted(error: AwsError) -> Result<(), AwsError> {
    if error.is(DRY_RUN) {
        Ok(())
    } else {
        Err(error)
    }
}

/// Returns the description, or `None` if a field is absent that KMS always returns for a signing key (`KeyMetadata`).
fn described(metadata: KeyMetadata) -> Option<KmsKey> {
    Some(KmsKey {
        arn: metadata.arn?,
        key_id: metadata.key_id,
        spec: metadata.key_spec?.as_str().to_owned(),
        usage: metadata.key_usage?.as_str().to_owned(),
        state: KeyState::named(metadata.key_state?.as_str()),
        origin: metadata
            .origin
            .map_or_else(String::new, |origin| origin.as_str().to_owned()),
        multi_region: metadata.multi_region.unwrap_or(false),
        custom_key_store: metadata
            .custom_key_store_id
            .filter(|store| !store.is_empty()),
        deletion_date: metadata
            .deletion_date
            .map(|date| Timestamp::new(date.secs(), 0).unwrap_or(Timestamp::MAX)),
        enabled: metadata.enabled,
    })
}
