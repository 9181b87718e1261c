//! Task placement settings of a service, and their conversion to and from SDK types.

use std::collections::BTreeMap;

use aws_sdk_ecs::types as ecs;

use crate::aws::arn::Arn;
use crate::ecs::number::{count, number};

/// Launch type or capacity provider strategy for the tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// Launch type, such as `FARGATE`.
    LaunchType(String),
    /// Capacity providers, by name.
    Providers(BTreeMap<String, Share>),
}

/// Share of the tasks that run on a capacity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Relative share of the tasks beyond the base.
    pub weight: u32,
    /// Minimum number of tasks.
    pub base: u32,
}

impl Capacity {
    /// Returns the launch type for a new service, or `None` if capacity providers are specified. ECS accepts a launch
    /// type or a strategy, but not both.
    pub(in crate::ecs) fn launch_type(capacity: Option<&Self>) -> Option<ecs::LaunchType> {
        match capacity {
            None => Some(ecs::LaunchType::Fargate),
            Some(Self::LaunchType(name)) => Some(ecs::LaunchType::from(name.as_str())),
            Some(Self::Providers(_)) => None,
        }
    }

    pub(in crate::ecs) fn strategy(&self) -> Option<Vec<ecs::CapacityProviderStrategyItem>> {
        let Self::Providers(shares) = self else {
            return None;
        };
        let items = shares.iter().map(|(name, share)| {
            ecs::CapacityProviderStrategyItem::builder()
                .capacity_provider(name)
                .weight(number(share.weight))
                .base(number(share.base))
                .build()
                .expect("the capacity provider must be set")
        });
        Some(items.collect())
    }

    pub(in crate::ecs) fn of(found: &ecs::Service) -> Option<Self> {
        let strategy = found
            .capacity_provider_strategy
            .as_deref()
            .unwrap_or_default();
        if strategy.is_empty() {
            let launch_type = found.launch_type.as_ref()?;
            return Some(Self::LaunchType(launch_type.as_str().to_owned()));
        }
        let shares = strategy.iter().map(|item| {
            // ECS returns the name or the ARN of a capacity provider.
            let name = Arn::name_in(&item.capacity_provider);
            let (weight, base) = (count(item.weight), count(item.base));
            (name.to_owned(), Share { weight, base })
        });
        Some(Self::Providers(shares.collect()))
    }
}
