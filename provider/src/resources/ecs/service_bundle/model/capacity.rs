//! Capacity for tasks: the schema, and its conversion to and from the settings of a service.

use std::collections::BTreeMap;

use tfplugin::Schema;
use tfplugin::validate::{elements, one_of, range};

use super::rules::FARGATE;
use crate::ecs::service::{self, Share};

/// Capacity for tasks. Exactly one of the attributes must be set.
#[derive(Schema)]
pub struct Capacity {
    /// Launch type. To use Fargate Spot or EC2, specify `providers` instead.
    #[attr(optional, validate = one_of(&[FARGATE]))]
    pub launch_type: Option<String>,
    /// Capacity providers of the cluster, by name, such as `FARGATE` and `FARGATE_SPOT`.
    #[attr(optional, validate = elements(1..=20))]
    pub providers: Option<BTreeMap<String, CapacityProvider>>,
}

/// Share of the tasks for a capacity provider.
#[derive(Schema)]
pub struct CapacityProvider {
    /// Relative share of the tasks that remain after all `base` values are met.
    #[attr(optional, default = 1_u32, validate = range(0..=1000))]
    pub weight: u32,
    /// Minimum number of tasks on this capacity provider. Only one capacity provider can have a `base` greater than 0.
    #[attr(optional, default = 0_u32, validate = range(0..=100_000))]
    pub base: u32,
}

impl Capacity {
    /// Returns the placement of the tasks. Defaults to the `FARGATE` launch type.
    #[must_use]
    pub fn settings(capacity: Option<&Self>) -> service::Capacity {
        let providers = capacity.and_then(|capacity| capacity.providers.as_ref());
        let Some(providers) = providers else {
            let launch_type = capacity.and_then(|capacity| capacity.launch_type.clone());
            return service::Capacity::LaunchType(
                launch_type.unwrap_or_else(|| FARGATE.to_owned()),
            );
        };
        let shares = providers.iter().map(|(name, provider)| {
            let (weight, base) = (provider.weight, provider.base);
            (name.clone(), Share { weight, base })
        });
        service::Capacity::Providers(shares.collect())
    }

    /// Returns the capacity of a running service, or `None` for the `FARGATE` launch type.
    #[must_use]
    pub fn of(found: &service::Capacity) -> Option<Self> {
        match found {
            service::Capacity::LaunchType(name) if name == FARGATE => None,
            service::Capacity::LaunchType(name) => Some(Self {
                launch_type: Some(name.clone()),
                providers: None,
            }),
            service::Capacity::Providers(shares) => {
                let providers = shares.iter().map(|(name, share)| {
                    let (weight, base) = (share.weight, share.base);
                    (name.clone(), CapacityProvider { weight, base })
                });
                Some(Self {
                    launch_type: None,
                    providers: Some(providers.collect()),
                })
            }
        }
    }
}
