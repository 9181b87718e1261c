//! ECS beyond its API.

use super::LocalAws;

/// placeholder
pub struct Ecs<'a> {
    _aws: &'a LocalAws,
}

/// placeholder
pub struct RolloutScript;

impl<'a> Ecs<'a> {
    pub(super) fn new(aws: &'a LocalAws) -> Self {
        Self { _aws: aws }
    }
}
