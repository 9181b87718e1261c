//! Elastic Container Service. Must not know another service.

use super::super::answer::Answer;
use super::super::request::Request;
use super::super::upstream::{Upstream, UpstreamError};

/// placeholder
#[derive(Clone, Debug)]
pub struct Outcome;

/// placeholder
#[derive(Default)]
pub(crate) struct Rollouts;

impl Rollouts {
    pub(crate) async fn answer(
        &self,
        request: &Request,
        upstream: &Upstream,
    ) -> Result<Answer, UpstreamError> {
        upstream.forward(request).await
    }
}
