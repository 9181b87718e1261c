//! "Storage": the package bucket, its CDN, the access log bucket, and the KMS key. Other tests check the policies.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{Domain, Registry};
use crate::facts::{expect as same, pick, text};

pub(super) fn expect_bucket(registry: &Registry<'_>) -> Result<()> {
    let bucket = registry.bucket();
    private_and_versioned(registry, &bucket)?;
    let encryption = json!({ "Rule": [{
        "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": registry.key_arn()? },
        "BucketKeyEnabled": "true",
    }] });
    same(
        "encryption",
        &of(registry, &bucket, "encryption")?,
        &encryption,
    )?;
    let ownership = json!({ "Rule": [{ "ObjectOwnership": "BucketOwnerEnforced" }] });
    same(
        "ownership",
        &of(registry, &bucket, "ownershipControls")?,
        &ownership,
    )?;
    let logs = format!("{}-access-logs-{}", registry.prefix, registry.aws.id());
    let logging =
        json!({ "LoggingEnabled": { "TargetBucket": logs, "TargetPrefix": "packages/" } });
    same(
        "access logging",
        &of(registry, &bucket, "logging")?,
        &logging,
    )
}

/// Checks the secret that contains the settings for bucket clients. The secret has no access key.
fn expect_service_account(registry: &Registry<'_>, domain: &str) -> Result<()> {
    let found: Value = serde_json::from_str(&registry.secret("storage/service-account")?)?;
    let expected = json!({
        "bucket": registry.bucket(),
        "region": "us-east-1",
        "cdn_base_url": format!("https://{domain}"),
        "credentials": "task-role",
    });
    same("service account", &found, &expected)
}

fn private_and_versioned(registry: &Registry<'_>, bucket: &str) -> Result<()> {
    let block = [
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    ];
    let expected = block.iter().map(|name| ((*name).to_owned(), json!("true")));
    let expected = Value::Object(expected.collect());
    same(
        "public access block",
        &of(registry, bucket, "publicAccessBlock")?,
        &expected,
    )?;
    same(
        "versioning",
        &of(registry, bucket, "versioning")?["Status"],
        &json!("Enabled"),
    )
}

pub(super) fn expect_access_logs(registry: &Registry<'_>) -> Result<()> {
    let bucket = format!("{}-access-logs-{}", registry.prefix, registry.aws.id());
    private_and_versioned(registry, &bucket)?;
    let lifecycle = of(registry, &bucket, "lifecycle")?;
    same(
        "access log retention in days",
        &lifecycle["Rule"][0]["Expiration"]["Days"],
        &json!("30"),
    )
}

fn of(registry: &Registry<'_>, bucket: &str, what: &str) -> Result<Value> {
    Ok(registry.aws.get("s3", &format!("/{bucket}?{what}"))?)
}

/// Checks that CloudFront reads the bucket with origin access control and over HTTPS only. If the registry has a
/// domain, the distribution must use it.
pub(super) fn expect_cdn(registry: &Registry<'_>) -> Result<()> {
    let distribution = registry.distribution()?;
    let own = text(&distribution, "/DomainName")?;
    match registry.domain {
        Some(domain) => expect_domain(&distribution, domain)?,
        None => same(
            "CDN TLS settings",
            &distribution["ViewerCertificate"]["CloudFrontDefaultCertificate"],
            &json!("true"),
        )?,
    }
    let answers_to = registry.domain.map_or(own.as_str(), |domain| domain.cdn);
    expect_service_account(registry, answers_to)?;
    let behavior = pick(
        &distribution["DefaultCacheBehavior"],
        &["ViewerProtocolPolicy", "TargetOriginId", "CachePolicyId"],
    );
    let expected = json!({
        "ViewerProtocolPolicy": "redirect-to-https",
        "TargetOriginId": "packages",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    });
    same("behavior", &behavior, &expected)?;
    let paths = distribution["CacheBehaviors"]["Items"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let asked = ["PathPattern", "ViewerProtocolPolicy", "CachePolicyId"];
    let paths = paths.iter().map(|path| pick(path, &asked));
    // CachingDisabled: objects that change under the same name are always current. Revocation lists are
    // available over plain HTTP.
    let uncached = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
    let expected = json!([
        { "PathPattern": "index.json", "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": uncached },
        { "PathPattern": ".well-known/*crl.*", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": uncached },
        { "PathPattern": ".well-known/*", "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": uncached },
    ]);
    same(
        "paths with a separate behavior",
        &Value::Array(paths.collect()),
        &expected,
    )?;
    // The default root object prevents a bucket listing, which the CDN has permission to request.
    let id = text(&distribution, "/Id")?;
    let path = format!("/2020-05-31/distribution/{id}/config");
    let whole = registry.aws.get("cloudfront", &path)?;
    same("root", &whole["DefaultRootObject"], &json!("index.json"))?;
    same("state", &distribution["Enabled"], &json!("true"))?;
    let origins = distribution["Origins"]["Items"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    ensure!(origins.len() == 1, "expected one origin, found {origins:?}");
    let domain = format!("{}.s3.us-east-1.amazonaws.com", registry.bucket());
    same("origin", &origins[0]["DomainName"], &json!(domain))?;
    let control = text(&origins[0], "/OriginAccessControlId")?;
    let control = registry.aws.get(
        "cloudfront",
        &format!("/2020-05-31/origin-access-control/{control}"),
    )?;
    let control = pick(
        &control["OriginAccessControlConfig"],
        &[
            "OriginAccessControlOriginType",
            "SigningBehavior",
            "SigningProtocol",
        ],
    );
    let expected = json!({
        "OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"
    });
    same("origin access control", &control, &expected)
}

/// Checks the domain with its certificate, TLS 1.2 or later, and the web ACL.
fn expect_domain(distribution: &Value, domain: &Domain<'_>) -> Result<()> {
    same(
        "CDN domains",
        &distribution["Aliases"]["Items"],
        &json!([domain.cdn]),
    )?;
    let tls = pick(
        &distribution["ViewerCertificate"],
        &[
            "ACMCertificateArn",
            "MinimumProtocolVersion",
            "SSLSupportMethod",
        ],
    );
    let expected = json!({
        "ACMCertificateArn": domain.certificate,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SSLSupportMethod": "sni-only",
    });
    same("CDN TLS settings", &tls, &expected)?;
    same(
        "CDN web ACL",
        &distribution["WebACLId"],
        &json!(domain.web_acl),
    )
}

pub(super) fn expect_key(registry: &Registry<'_>) -> Result<()> {
    let id = json!({ "KeyId": registry.key_arn()? });
    let rotation = registry.aws.call("kms", "GetKeyRotationStatus", id)?;
    same(
        "yearly key rotation",
        &rotation["KeyRotationEnabled"],
        &json!(true),
    )
}
