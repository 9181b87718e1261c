//! Statuses of roots in a trust bundle.

/// Status of a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RootStatus {
    /// The root is distributed in advance.
    Next,
    /// The root issues certificates.
    Active,
    /// The root issues revocation lists only.
    Retiring,
    /// The root verifies signatures that were created in its window.
    Retired,
}

/// Names of [`RootStatus::ALL`] in the same order, as in the configuration, the state, and the document.
pub const ROOT_STATUS_NAMES: [&str; 4] = ["next", "active", "retiring", "retired"];

impl RootStatus {
    /// All statuses.
    pub const ALL: [Self; 4] = [Self::Next, Self::Active, Self::Retiring, Self::Retired];

    /// Returns the name in the configuration, the state, and the document.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => ROOT_STATUS_NAMES[0],
            Self::Active => ROOT_STATUS_NAMES[1],
            Self::Retiring => ROOT_STATUS_NAMES[2],
            Self::Retired => ROOT_STATUS_NAMES[3],
        }
    }

    /// Returns the status with the specified name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}
