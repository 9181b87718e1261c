//! Where packages are kept and how the world gets them: a private bucket behind a CDN. Must not know who writes them.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::access_logs::{CDN, PACKAGES};
use super::imagined::imagine;
use super::inputs::{Identity, bucket, force_destroy, kms_key_arn, recovery_window};
use super::part;
use super::policy::{allow, deny_without_tls, document, within};

/// The managed cache policy CachingOptimized.
const CACHE_POLICY: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
/// The managed policy of response headers SecurityHeadersPolicy.
const HEADERS_POLICY: &str = "67f7725c-6f97-4210-82d7-5512b31e9d03";
/// Regions to whose buckets CloudFront does not deliver logs.
const WITHOUT_CDN_LOGS: [&str; 16] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

/// The part.
pub(crate) fn package_store() -> Module {
    let mut m = part(
        "package-store",
        "A private, versioned and encrypted bucket for packages, and a CDN that serves them.",
    );
    let own = Identity::of(&mut m);
    let inputs = Inputs {
        bucket: bucket(&mut m, "bucket_name", "Name of the bucket for packages."),
        key: kms_key_arn(&mut m),
        logs: bucket(&mut m, "access_logs_bucket", "Bucket for access logs."),
        logs_domain: m
            .variable("access_logs_bucket_domain_name", string())
            .describe("Domain name of the bucket for access logs.")
            .validate(
                |name| matches("^[a-z0-9][a-z0-9.-]+[.]s3[.]", name),
                "The domain name of a bucket is its name and .s3.amazonaws.com.",
            )
            .refuses("skreg-access-logs")
            .example("skreg-access-logs-123456789012.s3.amazonaws.com"),
        force: force_destroy(&mut m),
    };

    let region = m.data(data::Region::new("current"));
    let Store { bucket, closed } = store(&mut m, &own, &inputs);
    let cdn = cdn(&mut m, &own, &inputs, &bucket, &region);
    policy(&mut m, &bucket, &closed, &cdn);
    let url = template(["https://".into(), cdn.domain_name().into()]);

    m.file("client");
    let secret = m.resource(
        aws::SecretsmanagerSecret::new("client")
            .comment("What a client of the store needs to know. There is no key in it: the role of a task is its service account.")
            .name(own.with("/storage/service-account"))
            .description("Where packages are. The credentials are those of the task's role.")
            .kms_key_id(&inputs.key)
            .recovery_window_in_days(recovery_window(&inputs.force))
            .tags(&own.tags),
    );
    m.resource(
        aws::SecretsmanagerSecretVersion::new("client", secret.id()).secret_string(jsonencode(
            object_value([
                entry("bucket", bucket.id()),
                entry("region", region.id()),
                entry("cdn_base_url", url.clone()),
                entry("credentials", "task-role"),
            ]),
        )),
    );

    m.output("bucket_name", bucket.id())
        .describe("The bucket for packages.");
    m.output("bucket_arn", bucket.arn())
        .describe("ARN of the bucket for packages.");
    m.output("cdn_base_url", url)
        .describe("Where the world gets packages.");
    m.output("cdn_distribution_id", cdn.id())
        .describe("The CloudFront distribution, to invalidate what it has cached.");
    m.output("service_account_secret_name", secret.name())
        .describe("Secret that says how to reach the bucket.");
    m.output("service_account_secret_arn", secret.arn())
        .describe("ARN of the secret that says how to reach the bucket.");
    imagine(&mut m, &["data.aws_region", "aws_cloudfront_distribution"]);
    m
}

struct Inputs {
    bucket: Variable<Str>,
    key: Variable<Str>,
    logs: Variable<Str>,
    logs_domain: Variable<Str>,
    force: Variable<Bool>,
}

struct Store {
    bucket: aws::S3BucketReference,
    closed: aws::S3BucketPublicAccessBlockReference,
}

fn store(m: &mut Module, own: &Identity, inputs: &Inputs) -> Store {
    m.file("bucket");
    let bucket = m.resource(
        aws::S3Bucket::new("this")
            .bucket(&inputs.bucket)
            .force_destroy(&inputs.force)
            .tags(own.tagged_as((*inputs.bucket).clone())),
    );
    m.resource(aws::S3BucketOwnershipControls::new(
        "this",
        bucket.id(),
        aws::S3BucketOwnershipControlsRule::new("BucketOwnerEnforced"),
    ));
    let closed = m.resource(
        aws::S3BucketPublicAccessBlock::new("this", bucket.id())
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true),
    );
    m.resource(
        aws::S3BucketServerSideEncryptionConfiguration::new(
            "this",
            bucket.id(),
            aws::S3BucketServerSideEncryptionConfigurationRule::new()
                .bucket_key_enabled(true)
                .because("KMS is asked once for many objects.")
                .apply_server_side_encryption_by_default(
                    aws::S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefault::new("aws:kms")
                        .kms_master_key_id(&inputs.key),
                ),
        )
    );
    let versioning = m.resource(
        aws::S3BucketVersioning::new(
            "this",
            bucket.id(),
            aws::S3BucketVersioningVersioningConfiguration::new("Enabled"),
        )
        .comment("A published package that was overwritten or deleted can be brought back."),
    );
    m.resource(
        aws::S3BucketLifecycleConfiguration::new("this", bucket.id())
            .transition_default_minimum_object_size("all_storage_classes_128K")
            .because(
                "The default of S3, said here because a bucket from before it has another one.",
            )
            .rule(
                aws::S3BucketLifecycleConfigurationRule::new("abort-uploads", "Enabled")
                    .filter(aws::S3BucketLifecycleConfigurationRuleFilter::new())
                    .abort_incomplete_multipart_upload(
                        aws::S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload::new(
                        )
                        .days_after_initiation(7),
                    ),
            )
            .rule(
                aws::S3BucketLifecycleConfigurationRule::new("expire-noncurrent", "Enabled")
                    .filter(aws::S3BucketLifecycleConfigurationRuleFilter::new())
                    .noncurrent_version_expiration(
                        aws::S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration::new(90),
                    ),
            )
            .depends_on(&versioning),
    );
    m.resource(aws::S3BucketLogging::new(
        "this",
        bucket.id(),
        &inputs.logs,
        PACKAGES,
    ));
    m.resource(
        aws::S3BucketNotification::new("this", bucket.id())
            .eventbridge(true)
            .because("Whoever wants to know of new packages adds a rule to the event bus, and nothing here."),
    );
    Store { bucket, closed }
}

fn cdn(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs,
    bucket: &aws::S3BucketReference,
    region: &data::RegionReference,
) -> aws::CloudfrontDistributionReference {
    m.file("cdn");
    let access = m.resource(
        aws::CloudfrontOriginAccessControl::new(
            "this",
            own.with("-packages"),
            "s3",
            "always",
            "sigv4",
        )
        .description("Lets the CDN read packages."),
    );
    let logs = m
        .local(
            "cdn_logs",
            conditional(
                contains::<Str>(WITHOUT_CDN_LOGS, region.id()),
                IntoExpr::<List<Str>>::into_expr(Vec::<&str>::new()),
                [&inputs.logs_domain],
            ),
        )
        .because("CloudFront delivers no logs to buckets of these regions.");
    let origin = "packages";
    m.resource(
        aws::CloudfrontDistribution::new(
            "this",
            true,
            aws::CloudfrontDistributionDefaultCacheBehavior::new(
                ["GET", "HEAD"],
                ["GET", "HEAD"],
                origin,
                "redirect-to-https",
            )
            .compress(true)
            .cache_policy_id(CACHE_POLICY)
            .because("CachingOptimized, a policy of AWS that has this id in every account.")
            .response_headers_policy_id(HEADERS_POLICY)
            .because("SecurityHeadersPolicy, likewise."),
            aws::CloudfrontDistributionOrigin::new(bucket.bucket_regional_domain_name(), origin)
                .origin_access_control_id(access.id()),
            aws::CloudfrontDistributionRestrictions::new(
                aws::CloudfrontDistributionRestrictionsGeoRestriction::new("none"),
            ),
            aws::CloudfrontDistributionViewerCertificate::new()
                .cloudfront_default_certificate(true),
        )
        .comment(template([
            "Packages of ".into(),
            (&own.name).into(),
            ".".into(),
        ]))
        .default_root_object("index.json")
        .is_ipv6_enabled(true)
        .http_version("http2and3")
        .price_class("PriceClass_100")
        .logging_config_for_each(&logs, |bucket| {
            aws::CloudfrontDistributionLoggingConfig::new(bucket.value())
                .include_cookies(false)
                .prefix(CDN)
        })
        .tags(own.tagged("-packages")),
    )
}

/// Only the CDN reads without a role of the account.
fn policy(
    m: &mut Module,
    bucket: &aws::S3BucketReference,
    closed: &aws::S3BucketPublicAccessBlockReference,
    distribution: &aws::CloudfrontDistributionReference,
) {
    m.resource(
        aws::S3BucketPolicy::new(
            "this",
            bucket.id(),
            document([
                deny_without_tls(&bucket.arn()),
                allow("s3:GetObject")
                    .named("Cdn")
                    .by("Service", "cloudfront.amazonaws.com")
                    .on(within(&bucket.arn(), "/*"))
                    .provided("StringEquals", "AWS:SourceArn", distribution.arn()),
            ]),
        )
        .depends_on(closed),
    );
}
