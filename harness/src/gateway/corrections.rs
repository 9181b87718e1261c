//! Corrections for responses that differ from AWS, one file per service. Each file names the AWS documentation that it
//! follows.
//!
//! A correction must not echo client input in a way that could hide an error. It uses the stored state of the emulator,
//! documented AWS defaults, or values that it has validated in the same way as AWS.

mod autoscaling;
mod cloudfront;
mod ec2;
pub(super) mod ecs;
mod elasticloadbalancing;
mod kms;
mod logs;
mod memory;
mod monitoring;
mod rds;
mod replicas;
mod rotation;
mod s3;
mod secretsmanager;
mod ssm;
mod wafv2;

use super::request::{Protocol, Request};
use super::response::ApiResponse;
use super::services::{Backend, Services};
use super::upstream::{Upstream, UpstreamError};

/// State that the corrections keep between calls.
#[derive(Default)]
pub(crate) struct Corrections {
    pub(crate) ecs: ecs::Ecs,
    ec2: ec2::Ec2,
    pub(crate) rds: rds::Rds,
    monitoring: monitoring::Monitoring,
    rotations: rotation::Rotations,
    s3: s3::S3,
    services: Services,
    wafv2: wafv2::Wafv2,
}

impl Corrections {
    /// Responds to a call. Applies the corrections for the service, if any exist.
    pub(super) async fn respond(
        &self,
        request: &Request,
        upstream: &Upstream,
    ) -> Result<ApiResponse, UpstreamError> {
        let backend = Backend {
            corrections: self,
            upstream,
        };
        if let Some(response) = self.services.respond(request, &backend).await {
            return response;
        }
        match request.service.as_str() {
            "autoscaling" => autoscaling::respond(request, upstream).await,
            "cloudfront" => cloudfront::respond(request, upstream).await,
            "ec2" => self.ec2.respond(request, upstream).await,
            "ecs" => self.ecs.respond(request, upstream).await,
            "elasticloadbalancing" => elasticloadbalancing::respond(request, upstream).await,
            "kms" => kms::respond(request, upstream).await,
            "logs" => logs::respond(request, upstream).await,
            "monitoring" if request.protocol == Protocol::Query => {
                self.monitoring.respond(request, upstream).await
            }
            "rds" => self.rds.respond(request, upstream).await,
            "s3" => self.s3.respond(request, upstream).await,
            "ssm" => ssm::respond(request, upstream).await,
            "wafv2" => self.wafv2.respond(request, upstream).await,
            "secretsmanager" => self.rotations.respond(request, upstream).await,
            _ => upstream.forward(request).await,
        }
    }
}
