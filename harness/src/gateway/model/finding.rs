//! Differences between the emulator and the service models. Never contains values from a request or response.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::super::request::Request;

/// A response that does not satisfy the service model, or a request that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Signing name of the service.
    pub service: String,
    /// Name of the operation.
    pub operation: String,
    /// Rule that is violated, such as `required member`.
    pub rule: &'static str,
    /// Path to the member, with `*` for the elements of lists. Empty for the complete request or response.
    pub place: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.service, self.operation, self.rule)?;
        match self.place.is_empty() {
            true => Ok(()),
            false => write!(f, ": {}", self.place),
        }
    }
}

/// All findings since the gateway started, with the number of their occurrences.
#[derive(Default)]
pub(crate) struct Findings {
    counts: Mutex<BTreeMap<Finding, usize>>,
}

impl Findings {
    pub(super) fn record(
        &self,
        request: &Request,
        operation: &str,
        rule: &'static str,
        place: &str,
    ) {
        let finding = Finding {
            service: request.service.clone(),
            operation: operation.to_owned(),
            rule,
            place: place.to_owned(),
        };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(finding).or_default() += 1;
    }

    /// Returns the findings in order of service and operation.
    pub(crate) fn all(&self) -> Vec<(Finding, usize)> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|(finding, count)| (finding.clone(), *count))
            .collect()
    }
}
