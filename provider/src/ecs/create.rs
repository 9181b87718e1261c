//! Creating a service, again and again while what it needs is not visible yet.

use jiff::SignedDuration;

use super::api::{CreateService, EcsApi, Service};
use super::clock::{Clock, Impatience};
use super::error::BundleError;
use super::rollout::Deployer;
use crate::aws::AwsError;

/// How long a role that was just made may be unusable.
const ROLE_LAG: SignedDuration = SignedDuration::from_secs(120);

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Creates a service, again and again while what it needs is not visible yet; `None` if there is one of that name.
    pub(super) async fn create_patiently(
        &self,
        request: &CreateService,
    ) -> Result<Option<Service>, BundleError> {
        let began = self.clock.now();
        let doing = format!("create the service {}", request.name);
        let mut pauses = self.schedule.pauses();
        loop {
            let error = match self.api.create_service(request).await {
                Ok(service) => return Ok(Some(service)),
                Err(error) => error,
            };
            if error
                .message
                .contains("Creation of service was not idempotent")
            {
                return Ok(None);
            }
            let young = self.clock.now().duration_since(began) < ROLE_LAG;
            if !(is_draining(&error) || young && is_not_visible_yet(&error)) {
                return Err(BundleError::aws(doing)(error));
            }
            if let Err(why) = self.patience.pause(self.clock, pauses.take()).await {
                return Err(match why {
                    Impatience::TimedOut => BundleError::aws(doing)(error),
                    Impatience::Cancelled => BundleError::Impatient {
                        awaited: format!("a chance to {doing}"),
                        why,
                    },
                });
            }
        }
    }
}

fn is_draining(error: &AwsError) -> bool {
    error
        .message
        .contains("Unable to Start a service that is still Draining")
}

/// Whether something the service needs was made a moment ago and is not known everywhere yet.
fn is_not_visible_yet(error: &AwsError) -> bool {
    const FRAGMENTS: [&str; 4] = [
        "verify that the ECS service role being passed has the proper permissions",
        "does not have an associated load balancer",
        "Unable to assume the service linked role",
        "ECS was unable to assume the role",
    ];
    error.is("ClusterNotFoundException")
        || error.is_transient()
        || FRAGMENTS
            .iter()
            .any(|fragment| error.message.contains(fragment))
}
