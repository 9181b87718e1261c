//! Composable, named expectations for values, states, and plans. Must not run a command or call a service.
//!
//! ```
//! use serde_json::json;
//! use tfharness::check::{contains, matches, not};
//!
//! let url = matches("^http://").and(not(contains("localhost")));
//! assert!(url.accepts(&json!("http://127.0.0.1/")));
//! assert_eq!(url.to_string(), "text matching \"^http://\" and not text containing \"localhost\"");
//! ```
//!
//! An expectation that cannot fail, such as an empty pattern or list, is an error.

mod plan;
mod state;
mod value;

use camino::Utf8Path;

pub use plan::{Effect, PlanCheck, changes, creates, deletes, no_changes, only, replaces, updates};
pub use state::{StateCheck, all, inventory, no_resource, output, resource, resource_attribute};
pub use value::{ValueCheck, contains, equals, is_null, matches, not, not_empty, satisfies};

/// An expectation that was not met.
#[derive(Debug, thiserror::Error)]
#[error("expected {expected}\nfound {found}{place}")]
pub struct Unmet {
    /// The name of the value and its expected content.
    pub expected: String,
    /// The actual value.
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

    /// Creates the error for an expectation that cannot fail.
    fn empty(what: &str) -> Self {
        Self::new(
            "an expectation that can fail",
            format!("{what}, which accepts everything"),
        )
    }

    /// Adds the directory of the workspace and the last calls.
    pub(crate) fn seen_at(mut self, directory: &Utf8Path, calls: &str) -> Self {
        self.place = format!("\nthe directory is {directory}");
        if !calls.is_empty() {
            self.place.push_str("\nthe last AWS calls are:\n");
            self.place.push_str(calls);
        }
        self
    }
}
