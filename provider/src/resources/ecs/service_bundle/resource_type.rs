//! Resource type with its dependencies: access to ECS, a clock, and the identities that the process has seen. Makes no
//! API calls.

use std::time::Duration;

use tfplugin::{Call, CancellationToken, Configured};

use super::access::EcsAccess;
use crate::aws::Connection;
use crate::ecs::clock::{Clock, Schedule, SystemClock, WaitLimit};
use crate::ecs::rollout::Deployer;
use crate::resources::identities::Identities;

/// Resource type with access to ECS and a clock.
pub struct ServiceBundles<E, C = SystemClock> {
    pub(super) access: E,
    pub(super) clock: C,
    pub(super) identities: Identities,
}

impl ServiceBundles<Configured<Connection>> {
    /// Creates the resource type with the provider's connection and the identities that the process has seen.
    #[must_use]
    pub fn new(connection: Configured<Connection>, identities: Identities) -> Self {
        Self::over(connection, SystemClock, identities)
    }
}

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    /// Creates the resource type with the specified access to ECS and the specified clock.
    pub fn over(access: E, clock: C, identities: Identities) -> Self {
        Self {
            access,
            clock,
            identities,
        }
    }

    pub(super) fn deployer<'a>(&'a self, api: &'a E::Api, call: &Call) -> Deployer<'a, E::Api, C> {
        let left = self.clock.left_until(call.deadline);
        self.deployer_with_limit(api, left, call.cancel.clone())
    }

    pub(super) fn deployer_with_limit<'a>(
        &'a self,
        api: &'a E::Api,
        left: Duration,
        cancel: CancellationToken,
    ) -> Deployer<'a, E::Api, C> {
        let wait_limit = WaitLimit::lasting(&self.clock, left, cancel);
        Deployer {
            api,
            clock: &self.clock,
            wait_limit,
            schedule: Schedule::ROLLOUT,
        }
    }
}
