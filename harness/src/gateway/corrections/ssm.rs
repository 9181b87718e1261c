//! Systems Manager: public parameters with the IDs of the images for container instances. Stateless.
//!
//! Follows the Amazon ECS Developer Guide, page "Retrieving Amazon ECS-optimized Linux AMI metadata". The emulator has
//! the public parameters for Amazon Linux only, so the value is the ID of the image for the same distribution.

use serde_json::json;

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};

const PREFIX: &str = "/aws/service/ecs/optimized-ami/";

/// Variants of the image, with the public parameter of the distribution.
const VARIANTS: [(&str, &str); 8] = [
    ("amazon-linux-2023", AL2023),
    ("amazon-linux-2023/arm64", AL2023),
    ("amazon-linux-2023/gpu", AL2023),
    ("amazon-linux-2023/neuron", AL2023),
    ("amazon-linux-2", AL2),
    ("amazon-linux-2/arm64", AL2),
    ("amazon-linux-2/gpu", AL2),
    ("amazon-linux-2/inf", AL2),
];
const AL2023: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
const AL2: &str = "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2";

pub(super) async fn respond(
    request: &Request,
    upstream: &Upstream,
) -> Result<ApiResponse, UpstreamError> {
    let body = request.json();
    let name = body["Name"].as_str().unwrap_or_default();
    let variant = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix("/recommended/image_id"));
    let known = VARIANTS.iter().find(|(known, _)| variant == Some(known));
    let Some((_, distribution)) = known.filter(|_| request.action == "GetParameter") else {
        return upstream.forward(request).await;
    };
    let of_distribution = json!({ "Name": distribution });
    let response = upstream
        .forward(&request.follow_up("GetParameter", &of_distribution))
        .await?;
    let mut found = response.value();
    if response.status.is_success() {
        found["Parameter"]["Name"] = name.into();
        found["Parameter"]["ARN"] =
            format!("arn:aws:ssm:{}::parameter{name}", request.region()).into();
        found["Parameter"]["DataType"] = "aws:ec2:image".into();
    }
    Ok(response.with_body(found.to_string()))
}
