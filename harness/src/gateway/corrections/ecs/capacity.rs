//! Capacity providers with Auto Scaling groups. Stateless; the emulator stores the providers.
//!
//! Follows the API Reference, pages CreateCapacityProvider, AutoScalingGroupProvider, ManagedScaling,
//! DeleteCapacityProvider, and PutClusterCapacityProviders.

use serde_json::{Value, json};

use super::super::super::request::Request;
use super::super::super::response::ApiResponse;
use super::super::super::upstream::{Upstream, UpstreamError};
use super::{Responded, refuse, short, strings};

/// Providers that every account has.
const FARGATE: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];
/// "The name can't be prefixed with aws, ecs, or fargate."
const RESERVED: [&str; 3] = ["aws", "ecs", "fargate"];

pub(super) async fn respond(request: &Request, body: &Value, upstream: &Upstream) -> Responded {
    let message = match request.action.as_str() {
        "CreateCapacityProvider" => created(request, body, upstream).await?,
        "DeleteCapacityProvider" => deleted(request, body, upstream).await?,
        _ => put(request, body, upstream).await?,
    };
    match message {
        Some(message) => Ok(refused(request, &message)),
        None => upstream.forward(request).await,
    }
}

fn refused(request: &Request, message: &str) -> ApiResponse {
    refuse(request, "InvalidParameterException", message)
}

type Message = Result<Option<String>, UpstreamError>;

/// The group must exist. "If you choose to use managed termination protection, you must also use managed scaling", and
/// "the Auto Scaling group must have instance protection from scale in enabled".
async fn created(request: &Request, body: &Value, upstream: &Upstream) -> Message {
    let name = body["name"].as_str().unwrap_or_default().to_lowercase();
    if RESERVED.iter().any(|prefix| name.starts_with(prefix)) {
        return Ok(Some(format!(
            "The capacity provider name {name} is reserved."
        )));
    }
    let provider = &body["autoScalingGroupProvider"];
    let arn = provider["autoScalingGroupArn"].as_str().unwrap_or_default();
    let none: [(&str, &str); 0] = [];
    let call = request.for_query(
        "autoscaling",
        "2011-01-01",
        "DescribeAutoScalingGroups",
        none,
    );
    let mut groups = upstream.forward(&call).await?.xml().unwrap_or_default();
    let mut protected = None;
    groups.visit_with("AutoScalingGroupARN", &mut |group| {
        if group.text_of("AutoScalingGroupARN") == arn {
            protected = Some(group.text_of("NewInstancesProtectedFromScaleIn") == "true");
        }
    });
    let Some(protected) = protected else {
        return Ok(Some(format!(
            "The specified Auto Scaling group ARN {arn} does not exist."
        )));
    };
    let scaling = &provider["managedScaling"];
    let (least, most) = (
        scaling["minimumScalingStepSize"].as_i64().unwrap_or(1),
        scaling["maximumScalingStepSize"].as_i64().unwrap_or(10_000),
    );
    if least > most {
        let message =
            "The minimum scaling step size must not exceed the maximum scaling step size.";
        return Ok(Some(message.to_owned()));
    }
    if provider["managedTerminationProtection"] == "ENABLED" {
        if scaling["status"] != "ENABLED" {
            let message =
                "To enable managed termination protection, managed scaling must be enabled.";
            return Ok(Some(message.to_owned()));
        }
        if !protected {
            let message = "The managed termination protection setting for the capacity provider is invalid. To enable \
                           managed termination protection for a capacity provider, the Auto Scaling group must have \
                           instance protection from scale in enabled.";
            return Ok(Some(message.to_owned()));
        }
    }
    Ok(None)
}

/// DeleteCapacityProvider: "Prior to a capacity provider being deleted, the capacity provider must be removed from the
/// capacity provider strategy from all services", and it "must be disassociated from all clusters".
async fn deleted(request: &Request, body: &Value, upstream: &Upstream) -> Message {
    let name = short(body["capacityProvider"].as_str().unwrap_or_default());
    let listed = upstream
        .forward(&request.follow_up("ListClusters", &json!({})))
        .await?
        .value();
    let clusters = json!({ "clusters": listed["clusterArns"] });
    let described = upstream
        .forward(&request.follow_up("DescribeClusters", &clusters))
        .await?
        .value();
    let mut clusters = described["clusters"].as_array().into_iter().flatten();
    let uses = |cluster: &Value| {
        cluster["status"] == "ACTIVE"
            && strings(&cluster["capacityProviders"]).any(|provider| short(provider) == name)
    };
    let used = clusters.any(uses);
    Ok(used.then(|| "The specified capacity provider is in use and cannot be removed.".to_owned()))
}

/// PutClusterCapacityProviders: the providers must exist, and the default strategy uses only these providers with at
/// most one base.
async fn put(request: &Request, body: &Value, upstream: &Upstream) -> Message {
    let providers: Vec<_> = strings(&body["capacityProviders"]).collect();
    for provider in providers.iter().filter(|name| !FARGATE.contains(name)) {
        let wanted = json!({ "capacityProviders": [provider] });
        let found = upstream
            .forward(&request.follow_up("DescribeCapacityProviders", &wanted))
            .await?
            .value();
        if found["capacityProviders"][0]["status"] != "ACTIVE" {
            return Ok(Some(format!(
                "The specified capacity provider '{provider}' is not in an ACTIVE state. Specify a valid capacity \
                 provider and try again."
            )));
        }
    }
    let strategy = body["defaultCapacityProviderStrategy"].as_array();
    let strategy: Vec<_> = strategy.into_iter().flatten().collect();
    let unknown = strategy.iter().find(|item| {
        let name = item["capacityProvider"].as_str().unwrap_or_default();
        !providers.contains(&name)
    });
    if let Some(item) = unknown {
        return Ok(Some(format!(
            "The capacity provider {} is not associated with the cluster.",
            item["capacityProvider"]
        )));
    }
    let bases = strategy
        .iter()
        .filter(|item| item["base"].as_i64().unwrap_or(0) > 0);
    match bases.count() {
        0 | 1 => Ok(None),
        _ => Ok(Some(
            "Only one capacity provider in a strategy can have a base defined.".to_owned(),
        )),
    }
}
