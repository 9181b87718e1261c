//! Creates a service and retries while its dependencies are not visible yet.

use jiff::SignedDuration;

use super::api::{CreateService, EcsApi, Service};
use super::clock::Clock;
use super::error::BundleError;
use super::repeat::is_passing;
use super::rollout::Deployer;
use crate::aws::{AwsError, AwsErrorKind};

/// Period during which a new role or cluster might not be usable yet.
const VISIBILITY_LAG: SignedDuration = SignedDuration::from_secs(120);

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Creates a service and retries while its dependencies are not visible yet. Returns `None` if a service with this
    /// name already exists.
    ///
    /// A repeated call with the same client token returns the service that the first call created. Source:
    /// CreateService, API reference.
    ///
    /// # Errors
    /// Returns an error if AWS rejects the call ([`BundleError::Aws`]) or the user interrupts the operation
    /// ([`BundleError::WaitEnded`]).
    pub(super) async fn create_with_retries(
        &self,
        request: &CreateService,
    ) -> Result<Option<Service>, BundleError> {
        let doing = format!("create the service {}", request.name);
        let created =
            self.repeat_while(&doing, creation_passes, || self.api.create_service(request));
        match created.await {
            Ok(service) => Ok(Some(service)),
            Err(BundleError::Aws { source, .. }) if is_taken(&source) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn is_taken(error: &AwsError) -> bool {
    error
        .message
        .contains("Creation of service was not idempotent")
}

fn creation_passes(error: &AwsError, age: SignedDuration) -> bool {
    // The name stays in use until the tasks of the deleted service have stopped.
    let draining = error
        .message
        .contains("Unable to Start a service that is still Draining");
    draining || is_passing(error, age) || is_not_visible_yet(error, age)
}

/// Returns whether an error concerns an object that was recently created and is not visible everywhere yet. IAM changes
/// take effect with a delay. Source: IAM User Guide, "Changes that I make are not always immediately visible".
pub(super) fn is_not_visible_yet(error: &AwsError, age: SignedDuration) -> bool {
    const FRAGMENTS: [&str; 5] = [
        "verify that the ECS service role being passed has the proper permissions",
        "does not have an associated load balancer",
        "Unable to assume the service linked role",
        "ECS was unable to assume the role",
        "Role is not valid",
    ];
    let unknown = error.is("ClusterNotFoundException")
        || is_pass_role_refusal(error)
        || FRAGMENTS
            .iter()
            .any(|fragment| error.message.contains(fragment));
    unknown && age < VISIBILITY_LAG
}

/// Returns whether the caller is not allowed to pass a role. AWS also returns this error while the policies of a new
/// role are not yet in effect.
fn is_pass_role_refusal(error: &AwsError) -> bool {
    error.kind == AwsErrorKind::AccessDenied && error.message.contains("iam:PassRole")
}
