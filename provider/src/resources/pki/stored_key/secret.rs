//! Schema of the secret that stores a key.

use std::collections::BTreeSet;

use tfplugin::Schema;
use tfplugin::validate::{each, length, test, text};

use crate::aws::secrets;
use crate::aws::secrets::{KmsKeys, compare_kms_keys};

/// Secret in AWS Secrets Manager.
#[derive(Schema)]
pub struct SecretsManager {
    /// Name of the secret. Cannot be changed after creation.
    #[attr(required, validate = text(secrets::NAME_RULE, secrets::is_secret_name))]
    pub name: String,
    /// ID, ARN, alias name, or alias ARN of the KMS key that encrypts the secret. Cannot be changed after creation.
    /// Defaults to the AWS managed key `aws/secretsmanager`.
    #[attr(optional, validate = length(1..=2048))]
    pub kms_key_id: Option<String>,
    /// Number of days during which a deleted secret can be restored. The name of the secret cannot be reused during this time.
    #[attr(optional, default = 30, validate = test(secrets::RECOVERY_WINDOW_RULE, secrets::is_recovery_window))]
    pub recovery_window_in_days: i64,
    /// AWS Regions that receive a replica of the secret. A replica has the same value as the secret, including a private
    /// key, and is encrypted with the AWS managed key `aws/secretsmanager` of its region. Regions can be added and removed
    /// at any time. Existing secrets in these regions are not overwritten. If not set, the provider does not manage
    /// replicas. A destroy removes all replicas.
    #[attr(optional, validate = each(text(secrets::REGION_RULE, secrets::is_region)))]
    pub replica_regions: Option<BTreeSet<String>>,
}

impl SecretsManagerPlan {
    /// Returns whether two plans refer to the same KMS key, possibly in different notations.
    pub(super) fn has_same_kms_key(&self, other: &Self) -> bool {
        let notation = |secret: &Self| secret.kms_key_id.known().cloned();
        let (own, other) = (notation(self), notation(other));
        compare_kms_keys(own.as_deref(), other.as_deref()) == KmsKeys::Same
    }
}
