//! Creating a service, again and again while what it needs is not visible yet.

use jiff::SignedDuration;

use super::api::{CreateService, EcsApi, Service};
use super::clock::Clock;
use super::error::BundleError;
use super::repeat::is_passing;
use super::rollout::Deployer;
use crate::aws::{AwsError, AwsErrorKind};

/// How long a role or a cluster that was just made may be unusable.
const VISIBILITY_LAG: SignedDuration = SignedDuration::from_secs(120);

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Creates a service, again and again while what it needs is not visible yet; `None` if there is one of that name.
    ///
    /// The client token makes a repeated call answer the service that the first one made. Source: CreateService, API
    /// reference.
    ///
    /// # Errors
    /// [`BundleError::Aws`] if AWS refuses, [`BundleError::Impatient`] if the user interrupts.
    pub(super) async fn create_patiently(
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
    // As long as tasks of the deleted service stop, its name is taken.
    let draining = error
        .message
        .contains("Unable to Start a service that is still Draining");
    draining || is_passing(error, age) || is_not_visible_yet(error, age)
}

/// Whether a refusal is about something that was made a moment ago and is not known everywhere yet. Changes of IAM
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

/// Whether the caller may not pass a role, which is also how a role is refused whose policies are not in force yet.
fn is_pass_role_refusal(error: &AwsError) -> bool {
    error.kind == AwsErrorKind::AccessDenied && error.message.contains("iam:PassRole")
}
