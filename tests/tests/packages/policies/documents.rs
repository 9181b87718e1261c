//! Policy documents as they stand on the API. Must not judge them.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::facts::{list, text};
use crate::requirements::Registry;

fn named(registry: &Registry<'_>, role: &str) -> String {
    format!("{}-{role}", registry.prefix)
}

/// The ARNs of the managed policies of a role.
pub(super) fn attached(registry: &Registry<'_>, role: &str) -> Result<Vec<String>> {
    let asked = json!({ "RoleName": named(registry, role) });
    let action = "ListAttachedRolePolicies";
    let all = list(registry.aws, "iam", action, asked, "AttachedPolicies")?;
    all.iter().map(|one| text(one, "/PolicyArn")).collect()
}

/// The policies that a role has of its own.
pub(super) fn own_policies(registry: &Registry<'_>, role: &str) -> Result<Vec<Value>> {
    let (aws, name) = (registry.aws, named(registry, role));
    let asked = json!({ "RoleName": name });
    let names = list(aws, "iam", "ListRolePolicies", asked, "PolicyNames")?;
    let documents = names.iter().map(|policy| {
        let asked = json!({ "RoleName": name, "PolicyName": policy });
        decoded(&aws.call("iam", "GetRolePolicy", asked)?, "/PolicyDocument")
    });
    documents.collect()
}

/// Every policy of a role, its own and the managed ones.
pub(super) fn identity_policies(registry: &Registry<'_>, role: &str) -> Result<Vec<Value>> {
    let aws = registry.aws;
    let mut documents = own_policies(registry, role)?;
    for arn in attached(registry, role)? {
        let policy = aws.call("iam", "GetPolicy", json!({ "PolicyArn": arn }))?;
        let version = text(&policy, "/Policy/DefaultVersionId")?;
        let asked = json!({ "PolicyArn": arn, "VersionId": version });
        documents.push(decoded(
            &aws.call("iam", "GetPolicyVersion", asked)?,
            "/PolicyVersion/Document",
        )?);
    }
    Ok(documents)
}

/// Who may be a role.
pub(super) fn trust(registry: &Registry<'_>, role: &str) -> Result<Value> {
    let asked = json!({ "RoleName": named(registry, role) });
    decoded(
        &registry.aws.call("iam", "GetRole", asked)?,
        "/Role/AssumeRolePolicyDocument",
    )
}

/// The policy of a bucket.
pub(super) fn of_bucket(registry: &Registry<'_>, bucket: &str) -> Result<Value> {
    Ok(registry.aws.get("s3", &format!("/{bucket}?policy"))?)
}

/// The policy of the key.
pub(super) fn of_key(registry: &Registry<'_>) -> Result<Value> {
    let asked = json!({ "KeyId": registry.key_arn()?, "PolicyName": "default" });
    let answer = registry.aws.call("kms", "GetKeyPolicy", asked)?;
    Ok(serde_json::from_str(&text(&answer, "/Policy")?)?)
}

/// The policy of a secret.
pub(super) fn of_secret(registry: &Registry<'_>, name: &str) -> Result<Value> {
    let asked = json!({ "SecretId": format!("{}/{name}", registry.prefix) });
    let answer = registry
        .aws
        .call("secretsmanager", "GetResourcePolicy", asked)?;
    Ok(serde_json::from_str(&text(&answer, "/ResourcePolicy")?)?)
}

/// The policy of the VPC's endpoint of S3.
pub(super) fn of_s3_endpoint(registry: &Registry<'_>) -> Result<Value> {
    let endpoints = registry.in_vpc("DescribeVpcEndpoints", "vpcEndpointSet")?;
    let of_s3 = |one: &&Value| {
        one["serviceName"]
            .as_str()
            .is_some_and(|name| name.ends_with(".s3"))
    };
    let endpoint = endpoints.iter().find(of_s3).context("an endpoint of S3")?;
    Ok(serde_json::from_str(&text(endpoint, "/policyDocument")?)?)
}

/// IAM answers with documents in URL encoding.
fn decoded(answer: &Value, pointer: &str) -> Result<Value> {
    let text = text(answer, pointer)?;
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        bytes.push(match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                u8::from_str_radix(std::str::from_utf8(&[*high, *low])?, 16)?
            }
            (byte, _) => *byte,
        });
    }
    serde_json::from_slice(&bytes).with_context(|| format!("no document: {text}"))
}
