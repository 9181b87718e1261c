//! Reads policy documents from the API. Must not evaluate them.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use tfharness::LocalAws;

use crate::facts::{list, text};
use crate::requirements::Registry;

fn named(registry: &Registry<'_>, role: &str) -> String {
    format!("{}-{role}", registry.prefix)
}

/// Returns the ARNs of the managed policies that are attached to a role.
pub(super) fn attached(registry: &Registry<'_>, role: &str) -> Result<Vec<String>> {
    attached_to(registry.aws, &named(registry, role))
}

/// Returns the ARNs of the managed policies that are attached to the role with this name.
pub(super) fn attached_to(aws: &LocalAws, name: &str) -> Result<Vec<String>> {
    let asked = json!({ "RoleName": name });
    let action = "ListAttachedRolePolicies";
    let all = list(aws, "iam", action, asked, "AttachedPolicies")?;
    all.iter().map(|one| text(one, "/PolicyArn")).collect()
}

/// Returns the inline policies in a role.
pub(super) fn own_policies(registry: &Registry<'_>, role: &str) -> Result<Vec<Value>> {
    inline(registry.aws, &named(registry, role))
}

/// Returns the inline policies in the role with this name.
pub(super) fn inline(aws: &LocalAws, name: &str) -> Result<Vec<Value>> {
    let asked = json!({ "RoleName": name });
    let names = list(aws, "iam", "ListRolePolicies", asked, "PolicyNames")?;
    let documents = names.iter().map(|policy| {
        let asked = json!({ "RoleName": name, "PolicyName": policy });
        decoded(&aws.call("iam", "GetRolePolicy", asked)?, "/PolicyDocument")
    });
    documents.collect()
}

/// Returns all policies for a role, inline and managed.
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

/// Returns the trust policy of a role.
pub(super) fn trust(registry: &Registry<'_>, role: &str) -> Result<Value> {
    trust_of(registry.aws, &named(registry, role))
}

/// Returns the trust policy of the role with this name.
pub(super) fn trust_of(aws: &LocalAws, name: &str) -> Result<Value> {
    let asked = json!({ "RoleName": name });
    decoded(
        &aws.call("iam", "GetRole", asked)?,
        "/Role/AssumeRolePolicyDocument",
    )
}

/// Returns the policy of a bucket.
pub(super) fn of_bucket(registry: &Registry<'_>, bucket: &str) -> Result<Value> {
    Ok(registry.aws.get("s3", &format!("/{bucket}?policy"))?)
}

/// Returns the policy of the KMS key that encrypts stored data.
pub(super) fn of_key(registry: &Registry<'_>) -> Result<Value> {
    of_key_with_arn(registry.aws, &registry.key_arn()?)
}

/// Returns the policy of a KMS key.
pub(super) fn of_key_with_arn(aws: &LocalAws, arn: &str) -> Result<Value> {
    let asked = json!({ "KeyId": arn, "PolicyName": "default" });
    let answer = aws.call("kms", "GetKeyPolicy", asked)?;
    Ok(serde_json::from_str(&text(&answer, "/Policy")?)?)
}

/// Returns the policy of a secret.
pub(super) fn of_secret(registry: &Registry<'_>, name: &str) -> Result<Value> {
    let asked = json!({ "SecretId": format!("{}/{name}", registry.prefix) });
    let answer = registry
        .aws
        .call("secretsmanager", "GetResourcePolicy", asked)?;
    Ok(serde_json::from_str(&text(&answer, "/ResourcePolicy")?)?)
}

/// Returns the policy of the S3 endpoint.
pub(super) fn of_s3_endpoint(registry: &Registry<'_>) -> Result<Value> {
    let endpoints = registry.in_vpc("DescribeVpcEndpoints", "vpcEndpointSet")?;
    let of_s3 = |one: &&Value| {
        one["serviceName"]
            .as_str()
            .is_some_and(|name| name.ends_with(".s3"))
    };
    let endpoint = endpoints
        .iter()
        .find(of_s3)
        .context("the VPC has no S3 endpoint")?;
    Ok(serde_json::from_str(&text(endpoint, "/policyDocument")?)?)
}

/// Decodes a document. IAM returns documents URL-encoded.
pub(super) fn decoded(answer: &Value, pointer: &str) -> Result<Value> {
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
    serde_json::from_slice(&bytes).with_context(|| format!("expected a document, found {text}"))
}
