//! Errors and warnings for replicas of the secret.

use tfplugin::Diagnostic;

use super::attributes;
use crate::aws::AwsError;
use crate::aws::diagnostics::secret_detail;
use crate::aws::secrets::Replica;

/// The regions contain the region of the secret.
pub(in super::super) fn primary_region(region: &str) -> Diagnostic {
    let detail = format!(
        "The secret is in {region}, which is the region of the provider, so it cannot have a replica in {region}. Remove \
         {region} from replica_regions."
    );
    Diagnostic::error("Replica region is the primary region", detail)
        .at(attributes::replica_regions())
}

/// A replica could not be added or removed.
pub(in super::super) fn not_replicated(arn: &str, error: &AwsError) -> Diagnostic {
    let detail = format!(
        "The replicas of {arn} do not match replica_regions: {}\n\nApply again after you have corrected the cause. The secret \
         itself is unchanged.",
        secret_detail(error, None)
    );
    Diagnostic::error("Replicas could not be changed", detail).at(attributes::replica_regions())
}

/// The replicas of an adopted secret could not be changed. An error would leave the complete object outside of the state.
pub(in super::super) fn adopted_not_replicated(arn: &str, error: &AwsError) -> Diagnostic {
    let detail = format!(
        "The replicas of {arn} do not match replica_regions: {}\n\nThe next plan shows the difference. Apply again after you \
         have corrected the cause.",
        secret_detail(error, None)
    );
    Diagnostic::warning("Replicas could not be changed", detail).at(attributes::replica_regions())
}

/// AWS could not create or update a replica.
pub(in super::super) fn replica_failed(arn: &str, replica: &Replica) -> Diagnostic {
    let region = &replica.region.region;
    let message = replica.message.as_deref();
    let detail = format!(
        "The replication of {arn} to {region} failed: {}\n\nThe region contains no usable copy of the secret. Correct the \
         cause, such as another secret with the same name in {region}, and remove the failed replica:\n\n    aws \
         secretsmanager remove-regions-from-replication --secret-id {arn} --remove-replica-regions {region}\n\nThen apply \
         again to replicate the secret.",
        message.unwrap_or("AWS reports no reason.")
    );
    Diagnostic::warning("Replication of the secret failed", detail)
        .at(attributes::replica_regions())
}
