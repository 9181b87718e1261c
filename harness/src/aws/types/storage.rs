//! Rows for keys, buckets, and distributions. Data only.

use super::Parameter::Of;
use super::{Listed, ResourceType, action, path};

pub(super) const TYPES: &[ResourceType] = &[
    ResourceType::new(
        "aws_kms_key",
        action("kms", "DescribeKey", &[("KeyId", Of("arn"))], &["arn"]),
    ),
    ResourceType::new(
        "aws_kms_alias",
        action(
            "kms",
            "ListAliases",
            &[("KeyId", Of("target_key_id"))],
            &["name"],
        ),
    )
    .left(&[
        Listed::call("KMS alias", "kms", "ListAliases", "Aliases", "AliasName").but(|alias| {
            alias["AliasName"]
                .as_str()
                .is_some_and(|name| name.starts_with("alias/aws/"))
        }),
    ]),
    ResourceType::new(
        "aws_kms_key_policy",
        action(
            "kms",
            "GetKeyPolicy",
            &[("KeyId", Of("key_id"))],
            &["policy"],
        ),
    ),
    ResourceType::new("aws_s3_bucket", path("s3", "/", &["bucket"]))
        .left(&[Listed::get("bucket", "s3", "/", "Buckets", "Name")]),
    ResourceType::new(
        "aws_s3_bucket_versioning",
        path(
            "s3",
            "/{bucket}?versioning",
            &["versioning_configuration/0/status"],
        ),
    ),
    ResourceType::new(
        "aws_s3_bucket_server_side_encryption_configuration",
        path(
            "s3",
            "/{bucket}?encryption",
            &["rule/0/apply_server_side_encryption_by_default/0/sse_algorithm"],
        ),
    ),
    ResourceType::new(
        "aws_s3_bucket_public_access_block",
        path("s3", "/{bucket}?publicAccessBlock", &["block_public_acls"]),
    ),
    ResourceType::new(
        "aws_s3_bucket_ownership_controls",
        path(
            "s3",
            "/{bucket}?ownershipControls",
            &["rule/0/object_ownership"],
        ),
    ),
    ResourceType::new("aws_s3_bucket_acl", path("s3", "/{bucket}?acl", &[])),
    ResourceType::new(
        "aws_s3_bucket_lifecycle_configuration",
        path("s3", "/{bucket}?lifecycle", &["rule/*/id"]),
    ),
    ResourceType::new("aws_s3_bucket_policy", path("s3", "/{bucket}?policy", &[])),
    ResourceType::new(
        "aws_s3_bucket_logging",
        path(
            "s3",
            "/{bucket}?logging",
            &["target_bucket", "target_prefix"],
        ),
    ),
    ResourceType::new(
        "aws_s3_bucket_notification",
        path("s3", "/{bucket}?notification", &[]),
    ),
    ResourceType::new(
        "aws_s3_bucket_cors_configuration",
        path("s3", "/{bucket}?cors", &[]),
    ),
    ResourceType::new("aws_s3_object", path("s3", "/{bucket}/{key}?tagging", &[])),
    ResourceType::new(
        "aws_cloudfront_distribution",
        path(
            "cloudfront",
            "/2020-05-31/distribution/{id}",
            &["arn", "origin/*/domain_name"],
        ),
    )
    .left(&[Listed::get(
        "distribution",
        "cloudfront",
        "/2020-05-31/distribution",
        "Items",
        "Id",
    )]),
    ResourceType::new(
        "aws_cloudfront_origin_access_control",
        path(
            "cloudfront",
            "/2020-05-31/origin-access-control/{id}",
            &["id"],
        ),
    )
    .left(&[Listed::get(
        "origin access control",
        "cloudfront",
        "/2020-05-31/origin-access-control",
        "Items",
        "Id",
    )]),
    ResourceType::new(
        "aws_cloudfront_cache_policy",
        path("cloudfront", "/2020-05-31/cache-policy/{id}", &["id"]),
    )
    .left(&[Listed::get(
        "cache policy",
        "cloudfront",
        "/2020-05-31/cache-policy",
        "Items",
        "CachePolicy/Id",
    )
    .but(|policy| policy["Type"] == "managed")]),
    ResourceType::new(
        "aws_cloudfront_response_headers_policy",
        path(
            "cloudfront",
            "/2020-05-31/response-headers-policy/{id}",
            &["id"],
        ),
    )
    .left(&[Listed::get(
        "response headers policy",
        "cloudfront",
        "/2020-05-31/response-headers-policy",
        "Items",
        "ResponseHeadersPolicy/Id",
    )
    .but(|policy| policy["Type"] == "managed")]),
];
