//! Elastic Load Balancing: requests that AWS rejects. Stateless; the emulator stores the load balancers.
//!
//! Follows the API Reference, pages CreateLoadBalancer, CreateListener, CreateRule, ModifyLoadBalancerAttributes, and
//! DeleteLoadBalancer. Follows the User Guide page on access logs: the bucket policy must allow Elastic Load Balancing
//! to write logs.

mod associations;
mod rule;

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};

type Responded = Result<ApiResponse, UpstreamError>;

/// Principals that write access logs: the service in every region, and an AWS account in older regions.
const LOG_WRITERS: [&str; 2] = ["logdelivery.elasticloadbalancing.amazonaws.com", ":root"];

pub(super) async fn respond(request: &Request, upstream: &Upstream) -> Responded {
    if request.action == "DescribeTargetGroups" {
        return associations::complete(request, upstream).await;
    }
    let refusal = match request.action.as_str() {
        "CreateLoadBalancer" => network(request, upstream).await?,
        "CreateListener" | "ModifyListener" => certificate(request, upstream).await?,
        "ModifyLoadBalancerAttributes" => access_logs(request, upstream).await?,
        "DeleteLoadBalancer" => protection(request, upstream).await?,
        "CreateRule" | "ModifyRule" | "SetRulePriorities" => {
            rule::refusal(request, upstream).await?
        }
        "DeleteTargetGroup" => rule::in_use(request, upstream).await?,
        _ => None,
    };
    match refusal {
        Some((code, message)) => Ok(ApiResponse::error(
            request,
            StatusCode::BAD_REQUEST,
            code,
            &message,
        )),
        None => upstream.forward(request).await,
    }
}

pub(super) type Refusal = Result<Option<(&'static str, String)>, UpstreamError>;

/// An application load balancer requires "at least two Availability Zones", and its security groups must exist.
async fn network(request: &Request, upstream: &Upstream) -> Refusal {
    let application = request
        .field("Type")
        .is_none_or(|kind| kind == "application");
    if !application {
        return Ok(None);
    }
    let subnets = request.list("Subnets.member");
    let known = upstream
        .forward(&request.for_ec2("DescribeSubnets", []))
        .await?
        .xml()
        .unwrap_or_default();
    let mut zones = std::collections::BTreeSet::new();
    let list = known.child("subnetSet");
    for subnet in &subnets {
        let mut all = list.into_iter().flat_map(|list| &list.children);
        match all.find(|node| node.text_of("subnetId") == subnet) {
            Some(node) => zones.insert(node.text_of("availabilityZone").to_owned()),
            None => {
                let message = format!("The subnet ID '{subnet}' does not exist");
                return Ok(Some(("SubnetNotFound", message)));
            }
        };
    }
    if !subnets.is_empty() && zones.len() < 2 {
        let message = "At least two subnets in two different Availability Zones must be specified";
        return Ok(Some(("ValidationError", message.to_owned())));
    }
    let known = upstream
        .forward(&request.for_ec2("DescribeSecurityGroups", []))
        .await?
        .xml()
        .unwrap_or_default();
    let known = known.texts("groupId");
    let groups = request.list("SecurityGroups.member");
    let unknown = groups.iter().find(|group| !known.contains(&group.as_str()));
    Ok(unknown.map(|group| {
        let message = format!("The security group '{group}' does not exist");
        ("InvalidSecurityGroup", message)
    }))
}

/// The certificate of a listener must exist and be issued.
async fn certificate(request: &Request, upstream: &Upstream) -> Refusal {
    let arn = request.field("Certificates.member.1.CertificateArn");
    if request.field("Protocol").as_deref() == Some("HTTPS") && arn.is_none() {
        let message = "A certificate must be specified for HTTPS listeners";
        return Ok(Some(("ValidationError", message.to_owned())));
    }
    let Some(arn) = arn.filter(|arn| arn.contains(":acm:")) else {
        return Ok(None);
    };
    let call = request.for_service(
        "acm",
        "CertificateManager.DescribeCertificate",
        &json!({ "CertificateArn": arn }),
    );
    let found: Value = upstream.forward(&call).await?.value();
    Ok(match found["Certificate"]["Status"].as_str() {
        Some("ISSUED") => None,
        Some(_) => Some((
            "UnsupportedCertificate",
            format!(
                "The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a supported key size"
            ),
        )),
        None => Some((
            "CertificateNotFound",
            format!("Certificate '{arn}' not found"),
        )),
    })
}

/// The bucket for the access logs must have a policy that allows their delivery.
async fn access_logs(request: &Request, upstream: &Upstream) -> Refusal {
    let attributes = attributes(request);
    let attribute = |name: &str| {
        let mut all = attributes.iter();
        all.find(|(key, _)| key == name).map(|(_, value)| value)
    };
    if attribute("access_logs.s3.enabled").is_none_or(|value| value != "true") {
        return Ok(None);
    }
    let bucket = attribute("access_logs.s3.bucket")
        .cloned()
        .unwrap_or_default();
    let message = format!("Access Denied for bucket: {bucket}. Please check S3bucket permission");
    let refusal = Some(("InvalidConfigurationRequest", message));
    let Some(call) = request.for_s3(&format!("/{bucket}?policy")) else {
        return Ok(refusal);
    };
    let response = upstream.forward(&call).await?;
    let policy = String::from_utf8_lossy(&response.body).into_owned();
    let let_in = LOG_WRITERS.iter().any(|writer| policy.contains(writer));
    Ok(refusal.filter(|_| !response.status.is_success() || !let_in))
}

fn attributes(request: &Request) -> Vec<(String, String)> {
    (1..)
        .map_while(|index| {
            let field = |name| request.field(&format!("Attributes.member.{index}.{name}"));
            Some((field("Key")?, field("Value").unwrap_or_default()))
        })
        .collect()
}

/// "You can't delete a load balancer if deletion protection is enabled."
async fn protection(request: &Request, upstream: &Upstream) -> Refusal {
    let arn = request.field("LoadBalancerArn").unwrap_or_default();
    let call = request.query(
        "DescribeLoadBalancerAttributes",
        [("LoadBalancerArn", &arn)],
    );
    let mut response = upstream.forward(&call).await?.xml().unwrap_or_default();
    let mut protected = false;
    response.visit_with("Key", &mut |attribute| {
        protected |= attribute.text_of("Key") == "deletion_protection.enabled"
            && attribute.text_of("Value") == "true";
    });
    let message =
        format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
    Ok(protected.then_some(("OperationNotPermitted", message)))
}
