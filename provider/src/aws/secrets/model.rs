//! Secrets, their versions, and their replicas, as values.
//!
//! Follows the AWS Secrets Manager API reference, pages `CreateSecret`, `DescribeSecret`, `GetSecretValue`, and
//! `PutSecretValue`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::secret_text::SecretText;

/// Parameters of a new secret.
pub struct NewSecret<'a> {
    /// Name, which is unique within the account and the region.
    pub name: &'a str,
    /// Description that the AWS console displays.
    pub description: &'a str,
    /// KMS key that encrypts the secret. Defaults to `aws/secretsmanager`.
    pub kms_key_id: Option<&'a str>,
    /// Tags.
    pub tags: &'a BTreeMap<String, String>,
    /// Idempotency token of 32 to 64 characters, which becomes the version ID. Repeated calls with the same token and
    /// value take effect only once.
    pub token: &'a str,
    /// Value of the first version.
    pub value: &'a SecretText,
    /// Regions that receive a replica (`AddReplicaRegions`). A secret with the same name in such a region is never
    /// overwritten: `ForceOverwriteReplicaSecret` stays false, and the replica reports the status
    /// [`ReplicationStatus::Failed`].
    pub replica_regions: &'a [ReplicaRegion],
}

/// Region that receives a replica of a secret (API reference, `ReplicaRegionType`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplicaRegion {
    /// Region.
    pub region: String,
    /// KMS key in this region that encrypts the replica. Defaults to `aws/secretsmanager`.
    pub kms_key_id: Option<String>,
}

/// Version of a secret that a call wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenVersion {
    /// ARN of the secret.
    pub arn: String,
    /// ID of the version.
    pub version_id: String,
}

/// Result of `DescribeSecret`, which does not include the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretDescription {
    /// ARN of the secret.
    pub arn: String,
    /// Name of the secret.
    pub name: String,
    /// KMS key that encrypts the secret. `None` for `aws/secretsmanager`.
    pub kms_key_id: Option<String>,
    /// Tags, excluding tags that AWS sets.
    pub tags: BTreeMap<String, String>,
    /// `CreatedDate`.
    pub created: Option<Timestamp>,
    /// `DeletedDate`, which is present while the secret is scheduled for deletion.
    pub deletion_date: Option<Timestamp>,
    /// Whether Secrets Manager rotates the value.
    pub rotated: bool,
    /// AWS service that manages the secret.
    pub owning_service: Option<String>,
    /// ID of the current version.
    pub current_version_id: Option<String>,
    /// IDs of all versions that have a staging label.
    pub version_ids: Vec<String>,
    /// Staging labels of each of these versions (`VersionIdsToStages`).
    pub stages: BTreeMap<String, BTreeSet<String>>,
    /// `PrimaryRegion`, which is present if the secret is replicated.
    pub primary_region: Option<String>,
    /// Replicas (`ReplicationStatus`).
    pub replicas: Vec<Replica>,
}

/// Replica of a secret (API reference, `ReplicationStatusType`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// Region and encryption key.
    pub region: ReplicaRegion,
    /// Status.
    pub status: ReplicationStatus,
    /// Reason for the status, such as the existence of another secret with the same name.
    pub message: Option<String>,
}

/// Status of a replica (`ReplicationStatusType`, `Status`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicationStatus {
    /// The replica has the value of the primary secret.
    InSync,
    /// The replica is being created or updated.
    InProgress,
    /// The replica could not be created or updated.
    Failed,
    /// Any other status.
    Other(String),
}

impl ReplicationStatus {
    /// Returns the status with this name in the API.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "InSync" => Self::InSync,
            "InProgress" => Self::InProgress,
            "Failed" => Self::Failed,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl SecretDescription {
    /// Returns whether the secret is scheduled for deletion.
    #[must_use]
    pub fn pending_deletion(&self) -> bool {
        self.deletion_date.is_some()
    }

    /// Returns the ID of the version that has a staging label. A label belongs to at most one version.
    #[must_use]
    pub fn version_with_stage(&self, stage: &str) -> Option<&str> {
        let mut versions = self.stages.iter();
        let found = versions.find(|(_, stages)| stages.contains(stage));
        found.map(|(id, _)| id.as_str())
    }
}

/// Current value of a secret. The type does not implement `Debug`.
pub struct CurrentValue {
    /// Secret string. `None` if the secret is binary.
    pub text: Option<SecretText>,
    /// Version ID.
    pub version_id: String,
}

/// Selects a version of a secret (API reference, `GetSecretValue`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionSelector<'a> {
    /// Version ID.
    Id(&'a str),
    /// Staging label, such as `AWSPREVIOUS`.
    Stage(&'a str),
}

/// Value of one version of a secret. The type does not implement `Debug`.
pub struct VersionValue {
    /// Secret string. `None` if the version is binary.
    pub text: Option<SecretText>,
    /// Version ID.
    pub version_id: String,
    /// Staging labels of the version.
    pub stages: BTreeSet<String>,
}
