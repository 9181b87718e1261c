//! A bucket for access logs from load balancers, distributions, and other buckets. Must not log its own requests
//! because each delivery would create another log.

use aws_blocks as aws;
use tfmodgen::Variable;
use tfmodgen::prelude::*;

use crate::aws::conventions::{Conventions, module, named};
use crate::aws::fragments::private_bucket::{
    Encryption, Ownership, PrivateBucket, PrivateBucketReference, abort_uploads,
};
use crate::aws::inputs::{
    account_id, bucket, delete_access_logs, log_retention_days, only_in_aws, tags,
};
use crate::aws::mocks::{Mock, mock};
use crate::aws::policy::{allow, deny_without_tls, document, within};

/// Log sources.
pub(crate) struct Options {
    /// Purpose of the part in one sentence.
    pub(crate) purpose: &'static str,
    /// Prefix for load balancer logs.
    pub(crate) load_balancers: &'static str,
    /// Statement IDs for the account's buckets, and the prefixes for their logs.
    pub(crate) buckets: &'static [(&'static str, &'static str)],
}

/// Returns the part. CloudFront can also deliver logs to the bucket.
pub(crate) fn access_logs(to: &Conventions, options: &Options) -> Part<Inputs, Outputs> {
    let mut m = module("access-logs", options.purpose);
    let inputs = Inputs::declare(&mut m, to);

    mock(&mut m, to, &[Mock::Partition]);
    let bucket = only_in_aws(
        &mut m,
        aws::S3Bucket::new("this")
            .bucket(&inputs.bucket_name)
            .argument_comment(
                "checkov:skip=CKV_AWS_18:A bucket that logs its own requests creates a log for each log.
                 checkov:skip=CKV_AWS_145:Load balancers deliver logs only to buckets with SSE-S3.",
            )
            .force_destroy(&inputs.delete_access_logs)
            .tags(named(&inputs.tags, inputs.bucket_name.forward())),
    );
    let PrivateBucketReference {
        bucket,
        ownership,
        access_block,
        ..
    } = PrivateBucket {
        bucket,
        ownership: Ownership::Preferred(
            "checkov:skip=CKV2_AWS_65:CloudFront delivers logs with an access control list.",
        ),
        encryption: Encryption::S3Managed(
            "Load balancers and S3 deliver access logs only to buckets with SSE-S3.",
        ),
        versioning_comment: None,
        rules: vec![expire(&inputs.log_retention_days)],
    }
    .declare(&mut m);
    let policy = policy(&inputs.account_id, options, &bucket);
    let policy = m.resource(policy.depends_on(&access_block));

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
    /// Inputs for the bucket.
    pub(crate) struct Inputs(input, to: &Conventions) {
        optional tags: Map<Str> = tags(input),
        required bucket_name: Str = bucket(input, to, "Name of the bucket."),
        required account_id: Str = account_id(input, to),
        optional log_retention_days: Num = log_retention_days(input),
        optional delete_access_logs: Bool = delete_access_logs(input),
    }
}

tfmodgen::outputs! {
    /// Outputs of the bucket.
    pub(crate) struct Outputs {
        /// Name of the bucket. Available after the bucket can receive logs.
        bucket_name: Str,
        /// Regional domain name of the bucket. CloudFront requires this name.
        bucket_domain_name: Str,
    }
}

/// Returns the rule that deletes logs after the retention period.
fn expire(days: &Variable<Num>) -> aws::S3BucketLifecycleConfigurationRule {
    aws::S3BucketLifecycleConfigurationRule::new("expire", "Enabled")
        .filter(aws::S3BucketLifecycleConfigurationRuleFilter::new())
        .expiration(aws::S3BucketLifecycleConfigurationRuleExpiration::new().days(days))
        .noncurrent_version_expiration(
            aws::S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration::new(1),
        )
        .abort_incomplete_multipart_upload(abort_uploads())
}

/// Returns the bucket policy that allows services to deliver logs.
fn policy(
    account_id: &Variable<Str>,
    options: &Options,
    bucket: &aws::S3BucketReference,
) -> aws::S3BucketPolicy {
    let load_balancers = allow("s3:PutObject")
        .named("LoadBalancer")
        .by("Service", "logdelivery.elasticloadbalancing.amazonaws.com")
        .on(template([
            bucket.arn().into(),
            format!("/{}/AWSLogs/", options.load_balancers).into(),
            account_id.into(),
            "/*".into(),
        ]));
    let buckets = options.buckets.iter().map(|(name, prefix)| {
        allow("s3:PutObject")
            .named(name)
            .by("Service", "logging.s3.amazonaws.com")
            .on(within(&bucket.arn(), &format!("/{prefix}*")))
            .provided("StringEquals", "aws:SourceAccount", account_id)
    });
    let statements = [deny_without_tls(&bucket.arn()), load_balancers];
    let statements = statements.into_iter().chain(buckets);
    aws::S3BucketPolicy::new("this", bucket.id(), document(statements))
}
