//! Default timeouts for operations on a bundle. The timeouts increase with the number of services, because services are
//! rolled out sequentially. These functions are pure.

use std::time::Duration;

use tfplugin::Operation;

/// Returns the default timeout for an operation on the specified number of services, or `None` if the operation has no
/// default.
pub(super) fn time_for(operation: Operation, services: usize) -> Option<Duration> {
    let (first, another) = match operation {
        Operation::Create | Operation::Update => (30, 10),
        // The tasks of all services stop in parallel.
        Operation::Delete => (20, 5),
        Operation::Read => return None,
    };
    let others = u64::try_from(services.saturating_sub(1)).unwrap_or(u64::MAX);
    let minutes = others.saturating_mul(another).saturating_add(first);
    Some(Duration::from_secs(minutes.saturating_mul(60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_timeout_increases_with_the_number_of_services() {
        let minutes = |operation, services| {
            let time = time_for(operation, services);
            time.map(|time| time.as_secs() / 60)
        };
        for operation in [Operation::Create, Operation::Update] {
            let found = [0, 1, 2, 10].map(|services| minutes(operation, services));
            assert_eq!(found, [30, 30, 40, 120].map(Some), "{operation:?}");
        }
        assert_eq!(
            [1, 2, 10].map(|services| minutes(Operation::Delete, services)),
            [20, 25, 65].map(Some)
        );
        assert_eq!(time_for(Operation::Read, 3), None);
    }
}
