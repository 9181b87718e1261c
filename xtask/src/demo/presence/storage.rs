//! API calls that look up keys, buckets and distributions. Data only.

use super::Parameter::Of;
use super::{Row, action, path};

pub(super) const ROWS: &[Row] = &[
    (
        "aws_kms_key",
        action("kms", "DescribeKey", &[("KeyId", Of("arn"))], &["arn"]),
    ),
    (
        "aws_kms_alias",
        action(
            "kms",
            "ListAliases",
            &[("KeyId", Of("target_key_id"))],
            &["name"],
        ),
    ),
    (
        "aws_kms_key_policy",
        action(
            "kms",
            "GetKeyPolicy",
            &[("KeyId", Of("key_id"))],
            &["policy"],
        ),
    ),
    ("aws_s3_bucket", path("s3", "/", &["bucket"])),
    (
        "aws_s3_bucket_versioning",
        path(
            "s3",
            "/{bucket}?versioning",
            &["versioning_configuration/0/status"],
        ),
    ),
    (
        "aws_s3_bucket_server_side_encryption_configuration",
        path(
            "s3",
            "/{bucket}?encryption",
            &["rule/0/apply_server_side_encryption_by_default/0/sse_algorithm"],
        ),
    ),
    (
        "aws_s3_bucket_public_access_block",
        path("s3", "/{bucket}?publicAccessBlock", &["block_public_acls"]),
    ),
    (
        "aws_s3_bucket_ownership_controls",
        path(
            "s3",
            "/{bucket}?ownershipControls",
            &["rule/0/object_ownership"],
        ),
    ),
    ("aws_s3_bucket_acl", path("s3", "/{bucket}?acl", &[])),
    (
        "aws_s3_bucket_lifecycle_configuration",
        path("s3", "/{bucket}?lifecycle", &["rule/*/id"]),
    ),
    ("aws_s3_bucket_policy", path("s3", "/{bucket}?policy", &[])),
    (
        "aws_s3_bucket_logging",
        path(
            "s3",
            "/{bucket}?logging",
            &["target_bucket", "target_prefix"],
        ),
    ),
    (
        "aws_s3_bucket_notification",
        path("s3", "/{bucket}?notification", &[]),
    ),
    (
        "aws_s3_bucket_cors_configuration",
        path("s3", "/{bucket}?cors", &[]),
    ),
    ("aws_s3_object", path("s3", "/{bucket}/{key}?tagging", &[])),
    (
        "aws_cloudfront_distribution",
        path(
            "cloudfront",
            "/2020-05-31/distribution/{id}",
            &["arn", "origin/*/domain_name"],
        ),
    ),
    (
        "aws_cloudfront_origin_access_control",
        path(
            "cloudfront",
            "/2020-05-31/origin-access-control/{id}",
            &["id"],
        ),
    ),
    (
        "aws_cloudfront_cache_policy",
        path("cloudfront", "/2020-05-31/cache-policy/{id}", &["id"]),
    ),
    (
        "aws_cloudfront_response_headers_policy",
        path(
            "cloudfront",
            "/2020-05-31/response-headers-policy/{id}",
            &["id"],
        ),
    ),
];
