//! The resource type with what its operations need from outside: a way to ECS, a clock, and the identities that the
//! process has seen. Calls nothing.

use std::time::Duration;

use tfplugin::{Call, CancellationToken, Configured};

use super::access::EcsAccess;
use crate::aws::Connection;
use crate::ecs::clock::{Clock, Patience, Schedule, SystemClock};
use crate::ecs::rollout::Deployer;
use crate::resources::identities::Identities;

/// The resource type, over a way to ECS and a clock.
pub struct ServiceBundles<E, C = SystemClock> {
    pub(super) access: E,
    pub(super) clock: C,
    pub(super) identities: Identities,
}

impl ServiceBundles<Configured<Connection>> {
    /// The resource type over the provider's connection and the identities that the process has seen.
    #[must_use]
    pub fn new(connection: Configured<Connection>, identities: Identities) -> Self {
        Self::over(connection, SystemClock, identities)
    }
}

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    /// The resource type over any way to ECS and any clock.
    pub fn over(access: E, clock: C, identities: Identities) -> Self {
        Self {
            access,
            clock,
            identities,
        }
    }

    pub(super) fn deployer<'a>(&'a self, api: &'a E::Api, call: &Call) -> Deployer<'a, E::Api, C> {
        let left = self.clock.left_until(call.deadline);
        self.patient(api, left, call.cancel.clone())
    }

    pub(super) fn patient<'a>(
        &'a self,
        api: &'a E::Api,
        left: Duration,
        cancel: CancellationToken,
    ) -> Deployer<'a, E::Api, C> {
        let patience = Patience::lasting(&self.clock, left, cancel);
        Deployer {
            api,
            clock: &self.clock,
            patience,
            schedule: Schedule::ROLLOUT,
        }
    }
}
