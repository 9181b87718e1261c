//! Where the emulator answers unlike AWS, one file per service. Each correction names the page it follows.
//!
//! A correction must not echo what the client sent where that could hide an error: it repairs from what the
//! emulator stores, from what AWS documents as a default, or keeps a value that it has checked as AWS does.

mod cloudfront;
mod ec2;
pub(super) mod ecs;
mod elasticloadbalancing;
mod logs;
mod memory;
mod rds;
mod secretsmanager;
mod wafv2;

use super::answer::Answer;
use super::request::Request;
use super::upstream::{Upstream, UpstreamError};

/// What corrections remember between calls.
#[derive(Default)]
pub(crate) struct Corrections {
    pub(crate) ecs: ecs::Ecs,
    ec2: ec2::Ec2,
    pub(crate) rds: rds::Rds,
    wafv2: wafv2::Wafv2,
}

impl Corrections {
    /// Answers a call: through the service's corrections, else straight from the emulator.
    pub(super) async fn answer(
        &self,
        request: &Request,
        upstream: &Upstream,
    ) -> Result<Answer, UpstreamError> {
        match request.service.as_str() {
            "cloudfront" => cloudfront::answer(request, upstream).await,
            "ec2" => self.ec2.answer(request, upstream).await,
            "ecs" => self.ecs.answer(request, upstream).await,
            "elasticloadbalancing" => elasticloadbalancing::answer(request, upstream).await,
            "logs" => logs::answer(request, upstream).await,
            "rds" => self.rds.answer(request, upstream).await,
            "wafv2" => self.wafv2.answer(request, upstream).await,
            "secretsmanager" => secretsmanager::answer(request, upstream).await,
            _ => upstream.forward(request).await,
        }
    }
}
