//! One bucket for the access logs of the load balancer, the CDN and the package bucket. Must not log itself: a bucket that
//! does never stops writing.

use aws_blocks as aws;
use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::imagined::{Imagined, imagine};
use super::inputs::{
    account_id, bucket, delete_access_logs, log_retention_days, named, only_in_aws, tags,
};
use super::part;
use super::policy::{allow, deny_without_tls, document, within};

/// Prefix of the load balancer's logs.
pub(crate) const LOAD_BALANCER: &str = "load-balancer";
/// Prefix of the CDN's logs.
pub(crate) const CDN: &str = "cdn/";
/// Prefix of the package bucket's logs.
pub(crate) const PACKAGES: &str = "packages/";

/// The part.
pub(crate) fn access_logs() -> Module {
    let mut m = part(
        "access-logs",
        "A bucket for the access logs of the load balancer, the CDN and the package bucket.",
    );
    let tags = tags(&mut m);
    let name = bucket(&mut m, "bucket_name", "Name of the bucket.");
    let account = account_id(&mut m);
    let days = log_retention_days(&mut m);
    let deleted = delete_access_logs(&mut m);

    imagine(&mut m, &[Imagined::Partition]);
    let first = only_in_aws(&mut m, aws::S3Bucket::new("this")
            .bucket(&name)
            .because(
                "checkov:skip=CKV_AWS_18:A bucket that logs itself never stops writing.
                 checkov:skip=CKV_AWS_145:Load balancers deliver only to a bucket with the keys of S3.
                 checkov:skip=CKV2_AWS_62:Nothing waits for access logs.",
            )
            .force_destroy(&deleted)
            .tags(named(&tags, (*name).clone())));
    let bucket = m.resource(first);
    let ownership = m.resource(
        aws::S3BucketOwnershipControls::new(
            "this",
            bucket.id(),
            aws::S3BucketOwnershipControlsRule::new("BucketOwnerPreferred"),
        )
        .because(
            "checkov:skip=CKV2_AWS_65:CloudFront delivers by an access control list that it sets here.",
        ),
    );
    let closed = m.resource(
        aws::S3BucketPublicAccessBlock::new("this", bucket.id())
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true),
    );
    keeping(&mut m, &bucket, &days);
    let policy = policy(&mut m, &bucket, &closed, &account);

    m.output("bucket_name", bucket.id())
        .describe("The bucket, given when logs can be delivered to it.")
        .depends_on(&policy)
        .depends_on(&ownership);
    m.output("bucket_domain_name", bucket.bucket_domain_name())
        .describe("The domain name of the bucket, which CloudFront asks for.")
        .depends_on(&policy)
        .depends_on(&ownership);
    m
}

/// How the logs are kept, and for how long.
fn keeping(m: &mut Module, bucket: &aws::S3BucketReference, days: &Variable<Num>) {
    m.resource(
        aws::S3BucketServerSideEncryptionConfiguration::new(
            "this",
            bucket.id(),
            aws::S3BucketServerSideEncryptionConfigurationRule::new()
                .apply_server_side_encryption_by_default(
                    aws::S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefault::new("AES256"),
                ),
        )
        .comment("Load balancers and server access logs can only be delivered to a bucket with the keys of S3."),
    );
    let versioning = m.resource(aws::S3BucketVersioning::new(
        "this",
        bucket.id(),
        aws::S3BucketVersioningVersioningConfiguration::new("Enabled"),
    ));
    m.resource(
        aws::S3BucketLifecycleConfiguration::new("this", bucket.id())
            .transition_default_minimum_object_size("all_storage_classes_128K")
            .because(
                "The default of S3, said here because a bucket from before it has another one.",
            )
            .rule(
                aws::S3BucketLifecycleConfigurationRule::new("expire", "Enabled")
                    .filter(aws::S3BucketLifecycleConfigurationRuleFilter::new())
                    .expiration(aws::S3BucketLifecycleConfigurationRuleExpiration::new().days(days))
                    .noncurrent_version_expiration(
                        aws::S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration::new(1),
                    )
                    .abort_incomplete_multipart_upload(
                        aws::S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload::new(
                        )
                        .days_after_initiation(7),
                    ),
            )
            .depends_on(&versioning),
    );
}

/// Who delivers logs.
fn policy(
    m: &mut Module,
    bucket: &aws::S3BucketReference,
    closed: &aws::S3BucketPublicAccessBlockReference,
    account: &Variable<Str>,
) -> aws::S3BucketPolicyReference {
    m.resource(
        aws::S3BucketPolicy::new(
            "this",
            bucket.id(),
            document([
                deny_without_tls(&bucket.arn()),
                allow("s3:PutObject")
                    .named("LoadBalancer")
                    .by("Service", "logdelivery.elasticloadbalancing.amazonaws.com")
                    .on(template([
                        bucket.arn().into(),
                        format!("/{LOAD_BALANCER}/AWSLogs/").into(),
                        account.into(),
                        "/*".into(),
                    ])),
                allow("s3:PutObject")
                    .named("PackageBucket")
                    .by("Service", "logging.s3.amazonaws.com")
                    .on(within(&bucket.arn(), &format!("/{PACKAGES}*")))
                    .provided("StringEquals", "aws:SourceAccount", account),
            ]),
        )
        .depends_on(closed),
    )
}
