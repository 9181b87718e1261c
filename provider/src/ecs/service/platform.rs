//! Fargate platform version of a service, its comparison, and its conversion from SDK types.

use aws_sdk_ecs::types as ecs;

/// Fargate platform version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Requested version, such as `LATEST` or `1.4.0`.
    pub asked: String,
    /// Running version, if ECS reported it.
    pub runs: Option<String>,
}

impl Platform {
    /// Default version.
    pub const LATEST: &str = "LATEST";

    /// Returns whether the current version satisfies the requested version.
    #[must_use]
    pub fn is_met_by(&self, present: &Self) -> bool {
        self.asked == present.asked
            || present.asked == Self::LATEST && present.runs.as_ref() == Some(&self.asked)
    }

    pub(in crate::ecs) fn of(
        found: &ecs::Service,
        primary: Option<&ecs::Deployment>,
    ) -> Option<Self> {
        let specified =
            |version: &Option<String>| version.clone().filter(|version| !version.is_empty());
        let runs = primary
            .and_then(|primary| specified(&primary.platform_version))
            .filter(|version| version != Self::LATEST);
        let asked = specified(&found.platform_version)
            .or_else(|| runs.as_ref().map(|_| Self::LATEST.to_owned()))?;
        Some(Self { asked, runs })
    }
}
