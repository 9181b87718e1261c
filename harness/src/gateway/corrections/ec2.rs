//! EC2: security group rules, VPC endpoints, flow logs, and launch templates.

mod endpoint;
mod flow_log;
mod launch_template;
mod rule;

use hyper::StatusCode;

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};
use super::super::xml::Node;
use super::memory::Memory;

type Responded = Result<ApiResponse, UpstreamError>;

/// Attributes of VPC endpoints and flow logs that the emulator does not store.
#[derive(Default)]
pub(crate) struct Ec2 {
    endpoints: Memory<endpoint::Endpoint>,
    flow_logs: Memory<flow_log::FlowLog>,
}

impl Ec2 {
    pub(super) async fn respond(&self, request: &Request, upstream: &Upstream) -> Responded {
        match request.action.as_str() {
            "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress" => {
                rule::authorize(request, upstream).await
            }
            "RevokeSecurityGroupIngress"
            | "RevokeSecurityGroupEgress"
            | "ModifySecurityGroupRules"
            | "DescribeSecurityGroups"
            | "DescribeSecurityGroupRules" => rule::pass(request, upstream).await,
            "CreateVpcEndpoint" => endpoint::create(&self.endpoints, request, upstream).await,
            "ModifyVpcEndpoint" => endpoint::modify(&self.endpoints, request, upstream).await,
            "DescribeVpcEndpoints" => endpoint::describe(&self.endpoints, request, upstream).await,
            "DeleteVpcEndpoints" => endpoint::delete(&self.endpoints, request, upstream).await,
            "CreateFlowLogs" => flow_log::create(&self.flow_logs, request, upstream).await,
            "DescribeFlowLogs" => flow_log::describe(&self.flow_logs, request, upstream).await,
            "DeleteFlowLogs" => flow_log::delete(&self.flow_logs, request, upstream).await,
            "DescribeLaunchTemplateVersions" => launch_template::respond(request, upstream).await,
            _ => upstream.forward(request).await,
        }
    }
}

fn refuse(request: &Request, code: &str, message: &str) -> ApiResponse {
    ApiResponse::error(request, StatusCode::BAD_REQUEST, code, message)
}

/// Returns the response to a read call as a tree. The tree is empty if the call was rejected.
async fn read<const N: usize>(
    request: &Request,
    upstream: &Upstream,
    action: &str,
    fields: [(&str, &str); N],
) -> Result<Node, UpstreamError> {
    let response = upstream.forward(&request.query(action, fields)).await?;
    let tree = response
        .status
        .is_success()
        .then(|| response.xml())
        .flatten();
    Ok(tree.unwrap_or_default())
}
