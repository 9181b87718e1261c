//! Small named expectations of states and plans. Must not run a command or call a service.

use camino::Utf8Path;

use crate::workspace::{Plan, State};

/// An expectation that was not met.
#[derive(Debug, thiserror::Error)]
#[error("expected {expected}\nfound {found}{place}")]
pub struct Unmet {
    /// What was expected, and of what.
    pub expected: String,
    /// What was found instead.
    pub found: String,
    place: String,
}

impl Unmet {
    fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            found: found.into(),
            place: String::new(),
        }
    }

    /// Says how to look.
    pub(crate) fn seen_at(mut self, directory: &Utf8Path, calls: &str) -> Self {
        self.place = format!("\nthe directory is {directory}");
        if !calls.is_empty() {
            self.place.push_str("\nthe last AWS calls were:\n");
            self.place.push_str(calls);
        }
        self
    }
}

type Test<T> = Box<dyn Fn(&T) -> Result<(), Unmet>>;

/// An expectation of a stored state.
pub struct StateCheck(Test<State>);

/// An expectation of a plan.
pub struct PlanCheck(Test<Plan>);

impl StateCheck {
    pub(crate) fn run(&self, state: &State) -> Result<(), Unmet> {
        (self.0)(state)
    }
}

impl PlanCheck {
    pub(crate) fn run(&self, plan: &Plan) -> Result<(), Unmet> {
        (self.0)(plan)
    }
}
