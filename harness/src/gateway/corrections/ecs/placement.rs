//! Placement and networking for tasks: platform versions, capacity providers, and Service Connect.
//!
//! Follows the API Reference, pages CreateService and UpdateService, and the data types Deployment,
//! CapacityProviderStrategyItem, and ServiceConnectConfiguration. The Amazon ECS Developer Guide, "Fargate platform
//! versions", lists the versions. Stateless.

use serde_json::{Value, json};

use super::super::super::request::Request;
use super::super::super::response::ApiResponse;
use super::super::super::upstream::{Upstream, UpstreamError};
use super::{refuse, strings};

/// The version that `LATEST` resolves to.
const LATEST: &str = "1.4.0";
/// Available platform versions for Linux and Windows.
const VERSIONS: [&str; 4] = ["LATEST", "1.4.0", "1.3.0", "1.0.0"];

/// Resolves a requested platform version.
pub(super) fn resolved(requested: &str) -> &str {
    match requested {
        "" | "LATEST" => LATEST,
        version => version,
    }
}

/// Returns the error for an invalid new or changed service.
pub(super) async fn refused(
    request: &Request,
    body: &Value,
    prior: &Value,
    upstream: &Upstream,
) -> Result<Option<ApiResponse>, UpstreamError> {
    let version = body["platformVersion"].as_str();
    if version.is_some_and(|version| !VERSIONS.contains(&version)) {
        let message = "The specified platform version doesn't exist.";
        return Ok(Some(refuse(request, "PlatformUnknownException", message)));
    }
    if moves_without_force(body, prior) {
        let message = "When switching from launch type to capacity provider strategy on an existing service, or making a \
             change to a capacity provider strategy on a service that is already using one, you must force a new \
             deployment.";
        return Ok(Some(refuse(request, "InvalidParameterException", message)));
    }
    bad_connect(request, body, prior, upstream).await
}

/// Returns whether the strategy of an existing service changes without a forced deployment.
fn moves_without_force(body: &Value, prior: &Value) -> bool {
    let items = |of: &Value| -> Vec<Value> {
        let items = of["capacityProviderStrategy"].as_array().cloned();
        let mut items = items.unwrap_or_default();
        items.sort_by_key(|item| item["capacityProvider"].to_string());
        items
    };
    let is_set = body["capacityProviderStrategy"].is_array() && prior.is_object();
    is_set && items(body) != items(prior) && body["forceNewDeployment"] != true
}

/// Returns the error for a Service Connect configuration without a namespace or with an unknown port name.
async fn bad_connect(
    request: &Request,
    body: &Value,
    prior: &Value,
    upstream: &Upstream,
) -> Result<Option<ApiResponse>, UpstreamError> {
    let connect = &body["serviceConnectConfiguration"];
    if connect["enabled"] != true {
        return Ok(None);
    }
    let invalid = |message: &str| Ok(Some(refuse(request, "InvalidParameterException", message)));
    if namespace(request, body, upstream).await?.is_null() {
        return invalid(
            "The namespace parameter is required when the cluster has no default namespace.",
        );
    }
    let definition = [body, prior]
        .into_iter()
        .find_map(|of| of["taskDefinition"].as_str());
    let parameters = json!({ "taskDefinition": definition });
    let described = upstream
        .forward(&request.follow_up("DescribeTaskDefinition", &parameters))
        .await?
        .value();
    let containers = described["taskDefinition"]["containerDefinitions"].as_array();
    let ports = containers
        .into_iter()
        .flatten()
        .flat_map(|container| container["portMappings"].as_array().into_iter().flatten());
    let names: Vec<&str> = ports.filter_map(|port| port["name"].as_str()).collect();
    let services = connect["services"].as_array().into_iter().flatten();
    let unknown = services
        .filter_map(|service| service["portName"].as_str())
        .find(|name| !names.contains(name));
    match unknown {
        Some(name) => invalid(&format!(
            "portName({name}) does not refer to any named PortMapping in the task definition."
        )),
        None => Ok(None),
    }
}

/// Returns the namespace in the request. If the request contains none, returns the default namespace of the cluster.
pub(super) async fn namespace(
    request: &Request,
    body: &Value,
    upstream: &Upstream,
) -> Result<Value, UpstreamError> {
    let requested = &body["serviceConnectConfiguration"]["namespace"];
    if requested.is_string() {
        return Ok(requested.clone());
    }
    let parameters = json!({ "clusters": [body["cluster"]] });
    let described = upstream
        .forward(&request.follow_up("DescribeClusters", &parameters))
        .await?
        .value();
    Ok(described["clusters"][0]["serviceConnectDefaults"]["namespace"].clone())
}

/// Returns the images in a task definition in the format of ServiceRevision. No registry exists, so each tag resolves
/// to a fixed, unique digest.
pub(super) fn container_images(definition: &Value) -> Value {
    let containers = definition["containerDefinitions"].as_array();
    let images = containers.into_iter().flatten().map(|container| {
        let image = container["image"].as_str().unwrap_or_default();
        let digest = match image.split_once('@') {
            Some((_, digest)) => digest.to_owned(),
            None => format!("sha256:{:064x}", fingerprint(image)),
        };
        json!({ "containerName": container["name"], "image": image, "imageDigest": digest })
    });
    Value::Array(images.collect())
}

/// Returns the FNV-1a hash.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns the task definitions with these ARNs.
pub(super) async fn definitions(
    request: &Request,
    arns: &Value,
    upstream: &Upstream,
) -> Result<Vec<Value>, UpstreamError> {
    let mut found = Vec::new();
    for arn in strings(arns) {
        let parameters = json!({ "taskDefinition": arn });
        let described = upstream
            .forward(&request.follow_up("DescribeTaskDefinition", &parameters))
            .await?
            .value();
        found.push(described["taskDefinition"].clone());
    }
    Ok(found)
}
