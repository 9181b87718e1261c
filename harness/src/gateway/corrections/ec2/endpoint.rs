//! VPC endpoints: security groups, private DNS names, and policies, which the emulator does not store.
//!
//! Follows the API Reference, pages CreateVpcEndpoint, ModifyVpcEndpoint, and VpcEndpoint. Before storing an attribute,
//! checks that the groups belong to the VPC, that the VPC enables both DNS attributes for private DNS names, that
//! private DNS names do not conflict, and that a policy is valid JSON.

use super::super::super::request::Request;
use super::super::super::response::ApiResponse;
use super::super::super::upstream::{Upstream, UpstreamError};
use super::super::super::xml::Node;
use super::super::memory::Memory;
use super::{Responded, read, refuse};

/// "If you do not specify a policy, AWS attaches a default policy that allows full access to the service."
const FULL_ACCESS: &str = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// Attributes of an endpoint that the emulator does not store.
#[derive(Clone)]
pub(super) struct Endpoint {
    vpc: String,
    service: String,
    groups: Vec<Group>,
    private_dns: bool,
    policy: String,
}

#[derive(Clone)]
struct Group {
    id: String,
    name: String,
}

/// Error for a rejected call.
struct Refusal {
    code: &'static str,
    message: String,
}

type Checked<T> = Result<Result<T, Refusal>, UpstreamError>;

pub(super) async fn create(
    endpoints: &Memory<Endpoint>,
    request: &Request,
    upstream: &Upstream,
) -> Responded {
    let endpoint = match planned(endpoints, request, upstream).await? {
        Ok(endpoint) => endpoint,
        Err(refusal) => return Ok(refuse(request, refusal.code, &refusal.message)),
    };
    let response = upstream.forward(request).await?;
    let made = response.xml().unwrap_or_default();
    if let Some(id) = made.texts("vpcEndpointId").first() {
        endpoints.insert(request, id, endpoint);
    }
    Ok(with_stored_fields(endpoints, request, response))
}

async fn planned(
    endpoints: &Memory<Endpoint>,
    request: &Request,
    upstream: &Upstream,
) -> Checked<Endpoint> {
    let interface = request.field("VpcEndpointType").as_deref() == Some("Interface");
    let vpc = request.field("VpcId").unwrap_or_default();
    let service = request.field("ServiceName").unwrap_or_default();
    let groups = match interface {
        false => Vec::new(),
        true => {
            let requested = request.list("SecurityGroupId");
            match groups(request, upstream, &vpc, &requested).await? {
                Ok(groups) => groups,
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
    };
    // "Default: true", for interface endpoints only.
    let private_dns = interface && request.field("PrivateDnsEnabled").as_deref() != Some("false");
    if private_dns
        && let Some(refusal) = no_private_dns(endpoints, request, upstream, &vpc, &service).await?
    {
        return Ok(Err(refusal));
    }
    let policy = match policy(request) {
        Ok(policy) => policy.unwrap_or_else(|| FULL_ACCESS.to_owned()),
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(Ok(Endpoint {
        vpc,
        service,
        groups,
        private_dns,
        policy,
    }))
}

pub(super) async fn modify(
    endpoints: &Memory<Endpoint>,
    request: &Request,
    upstream: &Upstream,
) -> Responded {
    let id = request.field("VpcEndpointId").unwrap_or_default();
    let Some(mut endpoint) = endpoints.get(&request.account, &id) else {
        return upstream.forward(request).await;
    };
    let removed = request.list("RemoveSecurityGroupId");
    endpoint.groups.retain(|group| !removed.contains(&group.id));
    let added = request.list("AddSecurityGroupId");
    if !added.is_empty() {
        match groups(request, upstream, &endpoint.vpc, &added).await? {
            Ok(added) => endpoint.groups.extend(added),
            Err(refusal) => return Ok(refuse(request, refusal.code, &refusal.message)),
        }
    }
    if let Some(wanted) = request.field("PrivateDnsEnabled") {
        let wanted = wanted == "true";
        let (vpc, service) = (&endpoint.vpc, &endpoint.service);
        if wanted
            && !endpoint.private_dns
            && let Some(refusal) =
                no_private_dns(endpoints, request, upstream, vpc, service).await?
        {
            return Ok(refuse(request, refusal.code, &refusal.message));
        }
        endpoint.private_dns = wanted;
    }
    if request.field("ResetPolicy").as_deref() == Some("true") {
        FULL_ACCESS.clone_into(&mut endpoint.policy);
    }
    match policy(request) {
        Ok(Some(policy)) => endpoint.policy = policy,
        Ok(None) => {}
        Err(refusal) => return Ok(refuse(request, refusal.code, &refusal.message)),
    }
    let response = upstream.forward(request).await?;
    if response.status.is_success() {
        endpoints.insert(request, &id, endpoint);
    }
    Ok(response)
}

pub(super) async fn describe(
    endpoints: &Memory<Endpoint>,
    request: &Request,
    upstream: &Upstream,
) -> Responded {
    let response = upstream.forward(request).await?;
    Ok(with_stored_fields(endpoints, request, response))
}

pub(super) async fn delete(
    endpoints: &Memory<Endpoint>,
    request: &Request,
    upstream: &Upstream,
) -> Responded {
    let response = upstream.forward(request).await?;
    if response.status.is_success() {
        for id in request.list("VpcEndpointId") {
            endpoints.remove(request, &id);
        }
    }
    Ok(response)
}

fn with_stored_fields(
    endpoints: &Memory<Endpoint>,
    request: &Request,
    response: ApiResponse,
) -> ApiResponse {
    response.changed(|tree| {
        tree.visit_with("vpcEndpointId", &mut |node| {
            let Some(known) = endpoints.get(&request.account, node.text_of("vpcEndpointId")) else {
                return;
            };
            let groups = known.groups.into_iter().map(|group| {
                let fields = [("groupId", group.id), ("groupName", group.name)];
                Node::branch("item", fields.map(|(name, value)| Node::leaf(name, &value)))
            });
            node.set(Node::branch("groupSet", groups));
            let enabled = known.private_dns.to_string();
            node.set(Node::leaf("privateDnsEnabled", &enabled));
            node.set(Node::leaf("policyDocument", &known.policy));
        });
    })
}

/// Returns the requested groups. If the request contains none, returns the default group of the VPC.
async fn groups(
    request: &Request,
    upstream: &Upstream,
    vpc: &str,
    requested: &[String],
) -> Checked<Vec<Group>> {
    let all = read(request, upstream, "DescribeSecurityGroups", []).await?;
    let known: &[Node] = all
        .child("securityGroupInfo")
        .map_or(&[], |list| &list.children);
    let group = |node: &Node| Group {
        id: node.text_of("groupId").to_owned(),
        name: node.text_of("groupName").to_owned(),
    };
    if requested.is_empty() {
        let default = known
            .iter()
            .filter(|node| node.text_of("vpcId") == vpc && node.text_of("groupName") == "default");
        return Ok(Ok(default.map(group).collect()));
    }
    let mut found = Vec::new();
    for id in requested {
        let Some(node) = known.iter().find(|node| node.text_of("groupId") == id) else {
            let message = format!("The security group '{id}' does not exist");
            let code = "InvalidSecurityGroupID.NotFound";
            return Ok(Err(Refusal { code, message }));
        };
        if node.text_of("vpcId") != vpc {
            let message =
                format!("Security group {id} and VPC {vpc} belong to different networks.");
            let code = "InvalidParameter";
            return Ok(Err(Refusal { code, message }));
        }
        found.push(group(node));
    }
    Ok(Ok(found))
}

/// Returns the reason why the VPC cannot use private DNS names for the service.
async fn no_private_dns(
    endpoints: &Memory<Endpoint>,
    request: &Request,
    upstream: &Upstream,
    vpc: &str,
    service: &str,
) -> Result<Option<Refusal>, UpstreamError> {
    let code = "InvalidParameter";
    for attribute in ["enableDnsSupport", "enableDnsHostnames"] {
        let fields = [("VpcId", vpc), ("Attribute", attribute)];
        let response = read(request, upstream, "DescribeVpcAttribute", fields).await?;
        if response.texts("value") != ["true"] {
            let message = "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC \
                           attributes set to true";
            return Ok(Some(Refusal {
                code,
                message: format!("{message} for {vpc}"),
            }));
        }
    }
    let taken = endpoints
        .of(request)
        .into_iter()
        .any(|(_, other)| other.vpc == vpc && other.service == service && other.private_dns);
    let message = format!(
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {service} in the VPC {vpc}"
    );
    Ok(taken.then_some(Refusal { code, message }))
}

fn policy(request: &Request) -> Result<Option<String>, Refusal> {
    let policy = request
        .field("PolicyDocument")
        .filter(|text| !text.is_empty());
    match &policy {
        Some(text) if serde_json::from_str::<serde_json::Map<_, _>>(text).is_err() => {
            Err(Refusal {
                code: "InvalidPolicyDocument",
                message: "The policy document is not valid JSON".to_owned(),
            })
        }
        _ => Ok(policy),
    }
}
