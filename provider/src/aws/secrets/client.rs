//! [`SecretStore`] with the AWS SDK.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::types::{ReplicaRegionType, ReplicationStatusType, Tag};
use jiff::Timestamp;
use tfplugin::{Configured, Diagnostic, Diagnostics, Planned};

use super::model::{
    CurrentValue, NewSecret, Replica, ReplicaRegion, ReplicationStatus, SecretDescription,
    VersionSelector, VersionValue, WrittenVersion,
};
use super::{CURRENT, SecretStore, SecretStores, is_default_kms_key};
use crate::aws::answer_date::AnswerDate;
use crate::aws::client::Clients;
use crate::aws::connect_error::ConnectError;
use crate::aws::connection::Connection;
use crate::aws::errors::AwsError;
use crate::aws::identity::Identity;
use crate::aws::tags::PlannedTags;
use crate::secret_text::SecretText;

impl SecretStores for Configured<Connection> {
    type Store = SecretsManager;

    async fn open_if_known(&self) -> Result<Option<SecretsManager>, Diagnostics> {
        match self.get()?.clients().await {
            Ok(clients) => Ok(Some(SecretsManager::over(clients))),
            Err(ConnectError::NotKnownYet { .. }) => Ok(None),
            Err(error) => Err(Diagnostic::from(error).into()),
        }
    }

    async fn open(&self) -> Result<SecretsManager, Diagnostics> {
        match self.get()?.clients().await {
            Ok(clients) => Ok(SecretsManager::over(clients)),
            Err(error) => Err(Diagnostic::from(error).into()),
        }
    }

    fn planned_default_tags(&self) -> PlannedTags {
        self.get()
            .map_or(Planned::Unknown, |connection| connection.default_tags())
    }
}

/// Client for AWS Secrets Manager.
pub struct SecretsManager {
    clients: Arc<Clients>,
    answered: AnswerDate,
}

impl SecretsManager {
    pub(super) fn over(clients: Arc<Clients>) -> Self {
        Self {
            clients,
            answered: AnswerDate::default(),
        }
    }

    fn client(&self) -> &aws_sdk_secretsmanager::Client {
        &self.clients.secrets_manager
    }
}

impl SecretStore for SecretsManager {
    async fn create(&self, secret: NewSecret<'_>) -> Result<WrittenVersion, AwsError> {
        const ACTION: &str = "secretsmanager:CreateSecret";
        let request = self
            .client()
            .create_secret()
            .name(secret.name)
            .description(secret.description)
            .set_kms_key_id(secret.kms_key_id.map(str::to_owned))
            .set_tags(Some(tags_of(secret.tags)))
            .client_request_token(secret.token)
            .secret_string(secret.value.expose())
            .set_add_replica_regions(replica_regions(secret.replica_regions))
            .customize()
            .interceptor(self.answered.clone());
        let answer = request
            .send()
            .await
            .map_err(|error| AwsError::new(ACTION, &error))?;
        written(ACTION, answer.arn, answer.version_id)
    }

    async fn describe(&self, id: &str) -> Result<SecretDescription, AwsError> {
        const ACTION: &str = "secretsmanager:DescribeSecret";
        let request = self.client().describe_secret().secret_id(id).customize();
        let answer = request.interceptor(self.answered.clone()).send().await;
        let answer = answer.map_err(|error| AwsError::new(ACTION, &error))?;
        let versions = answer.version_ids_to_stages.unwrap_or_default();
        let current = versions
            .iter()
            .find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
        let tags = answer.tags.unwrap_or_default().into_iter();
        Ok(SecretDescription {
            arn: answer.arn.ok_or_else(|| AwsError::incomplete(ACTION))?,
            name: answer.name.ok_or_else(|| AwsError::incomplete(ACTION))?,
            kms_key_id: answer.kms_key_id.filter(|key| !is_default_kms_key(key)),
            tags: tags
                .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
                .filter(|(key, _)| !key.starts_with("aws:"))
                .collect(),
            created: answer
                .created_date
                .and_then(|date| Timestamp::new(date.secs(), 0).ok()),
            deletion_date: answer
                .deleted_date
                .map(|date| Timestamp::new(date.secs(), 0).unwrap_or(Timestamp::MAX)),
            rotated: answer.rotation_enabled.unwrap_or(false),
            owning_service: answer.owning_service.filter(|service| !service.is_empty()),
            current_version_id: current.map(|(id, _)| id.clone()),
            version_ids: versions.keys().cloned().collect(),
            stages: versions
                .into_iter()
                .map(|(id, stages)| (id, stages.into_iter().collect()))
                .collect(),
            primary_region: answer.primary_region.filter(|region| !region.is_empty()),
            replicas: answer
                .replication_status
                .unwrap_or_default()
                .into_iter()
                .filter_map(replica)
                .collect(),
        })
    }

    async fn value(&self, id: &str) -> Result<CurrentValue, AwsError> {
        const ACTION: &str = "secretsmanager:GetSecretValue";
        let answer = self.client().get_secret_value().secret_id(id).send().await;
        let answer = answer.map_err(|error| AwsError::new(ACTION, &error))?;
        Ok(CurrentValue {
            text: answer.secret_string.map(SecretText::from),
            version_id: answer
                .version_id
                .ok_or_else(|| AwsError::incomplete(ACTION))?,
        })
    }

    async fn put(
        &self,
        id: &str,
        token: &str,
        value: &SecretText,
    ) -> Result<WrittenVersion, AwsError> {
        const ACTION: &str = "secretsmanager:PutSecretValue";
        let request = self
            .client()
            .put_secret_value()
            .secret_id(id)
            .client_request_token(token)
            .secret_string(value.expose());
        let answer = request
            .send()
            .await
            .map_err(|error| AwsError::new(ACTION, &error))?;
        written(ACTION, answer.arn, answer.version_id)
    }

    async fn put_staged(
        &self,
        id: &str,
        token: &str,
        value: &SecretText,
        stages: &[&str],
    ) -> Result<WrittenVersion, AwsError> {
        const ACTION: &str = "secretsmanager:PutSecretValue";
        let stages = stages.iter().map(|stage| (*stage).to_owned()).collect();
        let request = self
            .client()
            .put_secret_value()
            .secret_id(id)
            .client_request_token(token)
            .secret_string(value.expose())
            .set_version_stages(Some(stages));
        let answer = request
            .send()
            .await
            .map_err(|error| AwsError::new(ACTION, &error))?;
        written(ACTION, answer.arn, answer.version_id)
    }

    async fn value_of(
        &self,
        id: &str,
        version: VersionSelector<'_>,
    ) -> Result<VersionValue, AwsError> {
        const ACTION: &str = "secretsmanager:GetSecretValue";
        let request = self.client().get_secret_value().secret_id(id);
        let request = match version {
            VersionSelector::Id(id) => request.version_id(id),
            VersionSelector::Stage(stage) => request.version_stage(stage),
        };
        let answer = request.send().await;
        let answer = answer.map_err(|error| AwsError::new(ACTION, &error))?;
        Ok(VersionValue {
            text: answer.secret_string.map(SecretText::from),
            version_id: answer
                .version_id
                .ok_or_else(|| AwsError::incomplete(ACTION))?,
            stages: answer
                .version_stages
                .unwrap_or_default()
                .into_iter()
                .collect(),
        })
    }

    async fn replicate(&self, id: &str, regions: &[ReplicaRegion]) -> Result<(), AwsError> {
        let request = self
            .client()
            .replicate_secret_to_regions()
            .secret_id(id)
            .force_overwrite_replica_secret(false)
            .set_add_replica_regions(replica_regions(regions));
        let answer = request.send().await;
        answer
            .map(drop)
            .map_err(|error| AwsError::new("secretsmanager:ReplicateSecretToRegions", &error))
    }

    async fn remove_replicas(&self, id: &str, regions: &[String]) -> Result<(), AwsError> {
        let request = self
            .client()
            .remove_regions_from_replication()
            .secret_id(id)
            .set_remove_replica_regions(Some(regions.to_vec()));
        let answer = request.send().await;
        answer
            .map(drop)
            .map_err(|error| AwsError::new("secretsmanager:RemoveRegionsFromReplication", &error))
    }

    async fn tag(&self, id: &str, tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
        let request = self
            .client()
            .tag_resource()
            .secret_id(id)
            .set_tags(Some(tags_of(tags)));
        let answer = request.send().await;
        answer
            .map(drop)
            .map_err(|error| AwsError::new("secretsmanager:TagResource", &error))
    }

    async fn untag(&self, id: &str, keys: &[String]) -> Result<(), AwsError> {
        let request = self
            .client()
            .untag_resource()
            .secret_id(id)
            .set_tag_keys(Some(keys.to_vec()));
        let answer = request.send().await;
        answer
            .map(drop)
            .map_err(|error| AwsError::new("secretsmanager:UntagResource", &error))
    }

    async fn delete(&self, id: &str, recovery_window_in_days: i64) -> Result<(), AwsError> {
        let request = self.client().delete_secret().secret_id(id);
        let request = match recovery_window_in_days {
            0 => request.force_delete_without_recovery(true),
            days => request.recovery_window_in_days(days),
        };
        let answer = request.send().await;
        answer
            .map(drop)
            .map_err(|error| AwsError::new("secretsmanager:DeleteSecret", &error))
    }

    fn default_tags(&self) -> BTreeMap<String, String> {
        self.clients.default_tags.clone()
    }

    fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.clients.identity)
    }

    fn answered_at(&self) -> Option<Timestamp> {
        self.answered.last()
    }

    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

fn tags_of(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

fn written(
    action: &'static str,
    arn: Option<String>,
    version_id: Option<String>,
) -> Result<WrittenVersion, AwsError> {
    match (arn, version_id) {
        (Some(arn), Some(version_id)) => Ok(WrittenVersion { arn, version_id }),
        _ => Err(AwsError::incomplete(action)),
    }
}

/// Returns the regions for `AddReplicaRegions`, or `None` if there are none.
fn replica_regions(regions: &[ReplicaRegion]) -> Option<Vec<ReplicaRegionType>> {
    let region = |region: &ReplicaRegion| {
        ReplicaRegionType::builder()
            .region(&region.region)
            .set_kms_key_id(region.kms_key_id.clone())
            .build()
    };
    (!regions.is_empty()).then(|| regions.iter().map(region).collect())
}

fn replica(status: ReplicationStatusType) -> Option<Replica> {
    Some(Replica {
        region: ReplicaRegion {
            region: status.region?,
            kms_key_id: status.kms_key_id.filter(|key| !is_default_kms_key(key)),
        },
        status: ReplicationStatus::named(status.status?.as_str()),
        message: status.status_message.filter(|message| !message.is_empty()),
    })
}
