//! One bucket for the access logs of the load balancer, the CDN and the package bucket. Must not log itself: a bucket that
//! does never stops writing.

use aws_blocks as aws;
use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::inputs::{
    account_id, bucket, delete_access_logs, log_retention_days, named, only_in_aws, tags,
};
use super::mocks::{Mock, mock};
use super::part;
use super::policy::{allow, deny_without_tls, document, within};

/// Prefix of the load balancer's logs.
pub(crate) const LOAD_BALANCER: &str = "load-balancer";
/// Prefix of the CDN's logs.
pub(crate) const CDN: &str = "cdn/";
/// Prefix of the package bucket's logs.
pub(crate) const PACKAGES: &str = "packages/";

/// The part.
pub(crate) fn access_logs() -> Part<Inputs, Outputs> {
    let mut m = part(
        "access-logs",
        "A bucket for the access logs of the load balancer, the CDN and the package bucket.",
    );
    let inputs = Inputs::declare(&mut m);

    mock(&mut m, &[Mock::Partition]);
    let first = only_in_aws(&mut m, aws::S3Bucket::new("this")
            .bucket(&inputs.bucket_name)
            .argument_comment(
                "checkov:skip=CKV_AWS_18:A bucket that logs itself never stops writing.
                 checkov:skip=CKV_AWS_145:Load balancers deliver only to a bucket with the keys of S3.
                 checkov:skip=CKV2_AWS_62:Nothing waits for access logs.",
            )
            .force_destroy(&inputs.delete_access_logs)
            .tags(named(&inputs.tags, inputs.bucket_name.forward())));
    let bucket = m.resource(first);
    let ownership = m.resource(
        aws::S3BucketOwnershipControls::new(
            "this",
            bucket.id(),
            aws::S3BucketOwnershipControlsRule::new("BucketOwnerPreferred"),
        )
        .argument_comment(
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
    keeping(&mut m, &bucket, &inputs.log_retention_days);
    let policy = policy(&mut m, &bucket, &closed, &inputs.account_id);

    let outputs = Outputs {
        bucket_name: output(bucket.id())
            .depends_on(&policy)
            .depends_on(&ownership),
        bucket_domain_name: output(bucket.bucket_domain_name())
            .depends_on(&policy)
            .depends_on(&ownership),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs of the bucket.
    pub(crate) struct Inputs(input) {
        optional tags: Map<Str> = tags(input),
        required bucket_name: Str = bucket(input, "Name of the bucket."),
        required account_id: Str = account_id(input),
        optional log_retention_days: Num = log_retention_days(input),
        optional delete_access_logs: Bool = delete_access_logs(input),
    }
}

tfmodgen::outputs! {
    /// Outputs of the bucket.
    pub(crate) struct Outputs {
        /// The bucket, given when logs can be delivered to it.
        bucket_name: Str,
        /// The domain name of the bucket, which CloudFront asks for.
        bucket_domain_name: Str,
    }
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
            .argument_comment(
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
