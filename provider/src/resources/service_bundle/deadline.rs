//! How long an operation on a bundle may take: as configured, or by default the longer, the more services there are,
//! because they are rolled out one after the other. Pure.

use std::time::Duration;

use tfplugin::Planned;
use tfplugin::schema::Value;

/// An operation whose default timeout grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Update,
    Delete,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// How much longer it may take for each service after the first.
    const fn for_another_service(self) -> Duration {
        match self {
            Self::Create | Self::Update => Duration::from_secs(10 * 60),
            // Tasks of all services stop at the same time.
            Self::Delete => Duration::from_secs(5 * 60),
        }
    }
}

/// The time for an operation on so many services, of which `left` is the configured time or the default for one.
pub(super) fn time_for(
    operation: Operation,
    services: usize,
    timeouts: &Planned<Value>,
    left: Duration,
) -> Duration {
    let stated = timeouts
        .known()
        .is_some_and(|timeouts| !timeouts.attribute(operation.name()).is_null());
    if stated {
        return left;
    }
    let others = u32::try_from(services.saturating_sub(1)).unwrap_or(u32::MAX);
    left.saturating_add(operation.for_another_service().saturating_mul(others))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

    #[test]
    fn the_default_grows_with_the_number_of_services() {
        let minutes = |operation, services| {
            let time = time_for(operation, services, &Planned::Null, HALF_AN_HOUR);
            time.as_secs() / 60
        };
        for operation in [Operation::Create, Operation::Update] {
            let found = [0, 1, 2, 10].map(|services| minutes(operation, services));
            assert_eq!(found, [30, 30, 40, 120], "{operation:?}");
        }
        assert_eq!(
            [1, 2, 10].map(|services| minutes(Operation::Delete, services)),
            [30, 35, 75]
        );
    }

    #[test]
    fn a_configured_timeout_stays_as_it_is() {
        for operation in [Operation::Create, Operation::Update, Operation::Delete] {
            let timeouts = tfplugin::Timeouts {
                create: Some("30m".into()),
                update: Some("30m".into()),
                delete: Some("30m".into()),
                ..tfplugin::Timeouts::default()
            };
            let stated = Planned::Known(tfplugin::Codec::encode(timeouts));
            assert_eq!(time_for(operation, 5, &stated, HALF_AN_HOUR), HALF_AN_HOUR);
            let other = tfplugin::Timeouts {
                read: Some("30m".into()),
                ..tfplugin::Timeouts::default()
            };
            let other = Planned::Known(tfplugin::Codec::encode(other));
            assert!(time_for(operation, 5, &other, HALF_AN_HOUR) > HALF_AN_HOUR);
        }
    }
}
