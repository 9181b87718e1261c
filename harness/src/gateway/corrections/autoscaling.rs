//! EC2 Auto Scaling: launch templates, subnets, and sizes of groups. Stateless; the emulator stores the groups.
//!
//! Follows the API Reference, pages CreateAutoScalingGroup, UpdateAutoScalingGroup, LaunchTemplateSpecification, and
//! DescribeAutoScalingGroups. Groups without instances are sufficient here: no instance ever starts.

use hyper::StatusCode;

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};
use super::super::xml::Node;

type Responded = Result<ApiResponse, UpstreamError>;

pub(super) async fn respond(request: &Request, upstream: &Upstream) -> Responded {
    match request.action.as_str() {
        "CreateAutoScalingGroup" | "UpdateAutoScalingGroup" => {
            match refusal(request, upstream).await? {
                Some(message) => {
                    let status = StatusCode::BAD_REQUEST;
                    Ok(ApiResponse::error(
                        request,
                        status,
                        "ValidationError",
                        &message,
                    ))
                }
                None => upstream.forward(request).await,
            }
        }
        "DescribeAutoScalingGroups" => {
            let response = upstream.forward(request).await?;
            let templates = templates(request, upstream).await?;
            Ok(response.changed(|tree| {
                tree.visit_with("LaunchTemplateId", &mut |group| name(&templates, group));
            }))
        }
        _ => upstream.forward(request).await,
    }
}

/// Returns the message of the error for an invalid group.
async fn refusal(request: &Request, upstream: &Upstream) -> Result<Option<String>, UpstreamError> {
    let size = |name: &str| {
        request
            .field(name)
            .and_then(|size| size.parse::<i64>().ok())
    };
    let (least, most) = (size("MinSize"), size("MaxSize"));
    let desired = size("DesiredCapacity").or(least);
    if let (Some(least), Some(most), Some(desired)) = (least, most, desired)
        && !(least <= desired && desired <= most)
    {
        return Ok(Some(format!(
            "Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}"
        )));
    }
    let templates = templates(request, upstream).await?;
    let by = |field: &str| request.field(&format!("LaunchTemplate.{field}"));
    let known = |child: &str, value: &str| {
        templates
            .iter()
            .find(|template| template.text_of(child) == value)
    };
    let template = match (by("LaunchTemplateId"), by("LaunchTemplateName")) {
        (Some(id), _) => Some((known("launchTemplateId", &id), id)),
        (None, Some(name)) => Some((known("launchTemplateName", &name), name)),
        (None, None) => None,
    };
    match template {
        Some((None, wanted)) => {
            return Ok(Some(format!(
                "You must use a valid fully-formed launch template. The specified launch template, with template ID \
                 {wanted}, does not exist."
            )));
        }
        Some((Some(template), _)) => {
            let newest = template.text_of("latestVersionNumber").parse().unwrap_or(1);
            let version = by("Version").unwrap_or_default();
            if version
                .parse()
                .is_ok_and(|version: u64| version == 0 || version > newest)
            {
                return Ok(Some(format!(
                    "You must use a valid fully-formed launch template. Could not find launch template version {version}"
                )));
            }
        }
        None if request.action == "CreateAutoScalingGroup" && !has_other_source(request) => {
            let message = "Valid requests must contain either launchTemplate, launchConfigurationName, \
                           mixedInstancesPolicy or instanceId parameter";
            return Ok(Some(message.to_owned()));
        }
        None => {}
    }
    subnets_error(request, upstream).await
}

fn has_other_source(request: &Request) -> bool {
    let fields = request.fields();
    let mut names = fields.iter().map(|(name, _)| name.as_str());
    names.any(|name| {
        name == "LaunchConfigurationName"
            || name == "InstanceId"
            || name.starts_with("MixedInstancesPolicy.")
    })
}

/// `VPCZoneIdentifier`: "A comma-separated list of subnet IDs". The subnets must exist.
async fn subnets_error(
    request: &Request,
    upstream: &Upstream,
) -> Result<Option<String>, UpstreamError> {
    let Some(subnets) = request.field("VPCZoneIdentifier") else {
        return Ok(None);
    };
    let call = request.for_ec2("DescribeSubnets", []);
    let known = upstream.forward(&call).await?.xml().unwrap_or_default();
    let known = known.texts("subnetId");
    let unknown = subnets
        .split(',')
        .find(|subnet| !known.contains(&subnet.trim()));
    Ok(unknown.map(|subnet| format!("The subnet ID '{subnet}' does not exist")))
}

/// Returns all launch templates.
async fn templates(request: &Request, upstream: &Upstream) -> Result<Vec<Node>, UpstreamError> {
    let call = request.for_ec2("DescribeLaunchTemplates", []);
    let mut tree = upstream.forward(&call).await?.xml().unwrap_or_default();
    let mut found = Vec::new();
    tree.visit_with("launchTemplateId", &mut |template| {
        found.push(template.clone())
    });
    Ok(found)
}

/// LaunchTemplateSpecification: a description contains both the ID and the name. The emulator returns the value in the
/// request as both.
fn name(templates: &[Node], group: &mut Node) {
    let (id, name) = (
        group.text_of("LaunchTemplateId").to_owned(),
        group.text_of("LaunchTemplateName").to_owned(),
    );
    let template = templates.iter().find(|template| {
        template.text_of("launchTemplateId") == id || template.text_of("launchTemplateName") == name
    });
    if let Some(template) = template {
        for (child, from) in [
            ("LaunchTemplateId", "launchTemplateId"),
            ("LaunchTemplateName", "launchTemplateName"),
        ] {
            let value = template.text_of(from).to_owned();
            let place = group.children.iter_mut().find(|node| node.name == child);
            if let Some(node) = place {
                node.text = value;
            }
        }
    }
}
