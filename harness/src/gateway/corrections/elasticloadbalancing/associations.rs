//! Load balancers of target groups that only listener rules use. Stateless.
//!
//! Follows the API Reference, data type TargetGroup: `LoadBalancerArns` contains the load balancer that routes traffic to
//! the target group, through a default action or a rule. The emulator ignores rules.

use super::super::super::request::Request;
use super::super::super::response::ApiResponse;
use super::super::super::upstream::{Upstream, UpstreamError};
use super::super::super::xml::Node;

/// Completes the response to DescribeTargetGroups.
pub(super) async fn complete(
    request: &Request,
    upstream: &Upstream,
) -> Result<ApiResponse, UpstreamError> {
    let response = upstream.forward(request).await?;
    let used = used_by_rules(request, upstream).await?;
    Ok(response.changed(|tree| {
        tree.visit_with("TargetGroupArn", &mut |group| {
            let arn = group.text_of("TargetGroupArn").to_owned();
            let mut balancers: Vec<&str> = used
                .iter()
                .filter(|(of, _)| *of == arn)
                .map(|(_, balancer)| balancer.as_str())
                .collect();
            balancers.dedup();
            let known = group
                .child("LoadBalancerArns")
                .is_some_and(|list| !list.children.is_empty());
            if !known && !balancers.is_empty() {
                let members = balancers.iter().map(|arn| Node::leaf("member", arn));
                group.set(Node::branch("LoadBalancerArns", members));
            }
        });
    }))
}

/// Returns the target groups in rules with their load balancers.
async fn used_by_rules(
    request: &Request,
    upstream: &Upstream,
) -> Result<Vec<(String, String)>, UpstreamError> {
    let none: [(&str, &str); 0] = [];
    let balancers = request.query("DescribeLoadBalancers", none);
    let balancers = upstream
        .forward(&balancers)
        .await?
        .xml()
        .unwrap_or_default();
    let mut found = Vec::new();
    for balancer in balancers.texts("LoadBalancerArn") {
        let call = request.query("DescribeListeners", [("LoadBalancerArn", balancer)]);
        let listeners = upstream.forward(&call).await?.xml().unwrap_or_default();
        for listener in listeners.texts("ListenerArn") {
            let call = request.query("DescribeRules", [("ListenerArn", listener)]);
            let rules = upstream.forward(&call).await?.xml().unwrap_or_default();
            let groups = rules.texts("TargetGroupArn").into_iter();
            found.extend(groups.map(|group| (group.to_owned(), balancer.to_owned())));
        }
    }
    Ok(found)
}
