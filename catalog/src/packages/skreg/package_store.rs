//! Package storage and delivery: a private bucket and a CDN. Must not depend on the services that write packages.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::{CDN, PACKAGES};
use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::fragments::distribution::{
    CACHE_POLICY, CDN_SERVICE, HEADERS_POLICY, NO_CACHE_POLICY, cdn_logs, viewer_certificate,
};
use crate::aws::fragments::private_bucket::{
    Encryption, Ownership, PrivateBucket, PrivateBucketReference, abort_uploads,
};
use crate::aws::inputs::cdn::{CERTIFICATE, cdn_settings, settings};
use crate::aws::inputs::{
    NO_RECOVERY_WINDOW, bucket, deletion_protection, force_destroy, kms_key_arn, only_in_aws,
    prefix, tags,
};
use crate::aws::mocks::{Mock, mock};
use crate::aws::parts::pki::{LISTS, PUBLISHED, WELL_KNOWN};
use crate::aws::policy::{allow, deny_without_tls, document, within};

/// Paths of mutable objects and their viewer protocol policies. Revocation lists are signed, and a client that validates
/// a certificate cannot depend on TLS (RFC 5280, section 8). The trust bundle is not signed.
const UNCACHED: [(&str, &str); 3] = [
    ("index.json", "redirect-to-https"),
    (LISTS, "allow-all"),
    (".well-known/*", "redirect-to-https"),
];
/// Returns the part.
pub(super) fn package_store(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "package-store",
        "A private, versioned, and encrypted bucket for packages, and a CDN that serves the packages.",
    );
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);

    let region = m.data(data::Region::new("current"));
    let PrivateBucketReference {
        bucket,
        access_block,
        ..
    } = store(&mut m, &own, &inputs);
    let Cdn {
        distribution,
        url,
        host,
    } = cdn(&mut m, &own, &inputs, &bucket, &region);
    policy(&mut m, &bucket, &access_block, &distribution);

    m.file("client");
    let secret = m.resource(
        aws::SecretsmanagerSecret::new("client")
            .comment("Connection settings for bucket clients, without credentials. Tasks use their roles.")
            .name(own.with("/storage/service-account"))
            .description("Connection settings for the package bucket. Clients use the task role's credentials.")
            .kms_key_id(&inputs.kms_key_arn)
            .recovery_window_in_days(NO_RECOVERY_WINDOW)
            .tags(&own.tags),
    );
    m.resource(
        aws::SecretsmanagerSecretVersion::new("client", secret.id()).secret_string(jsonencode(
            object_value([
                entry("bucket", bucket.id()),
                entry("region", region.id()),
                entry("cdn_base_url", &url),
                entry("credentials", "task-role"),
            ]),
        )),
    );

    mock(
        &mut m,
        to,
        &[Mock::Partition, Mock::Region, Mock::Distribution],
    );
    scenarios(&mut m, &inputs, &url);
    let outputs = Outputs {
        bucket_name: output(bucket.id()),
        bucket_arn: output(bucket.arn()),
        cdn_base_url: output(&url),
        well_known_url: output(template([
            "http://".into(),
            (&host).into(),
            format!("/{WELL_KNOWN}").into(),
        ])),
        cdn_distribution_id: output(distribution.id()),
        cdn_domain_name: output(distribution.domain_name()),
        cdn_zone_id: output(distribution.hosted_zone_id()),
        service_account_secret_name: output(secret.name()),
        service_account_secret_arn: output(secret.arn()),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the package store.
    pub(crate) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        required bucket_name: Str = bucket(input, to, "Name of the package bucket."),
        required kms_key_arn: Str = kms_key_arn(input, to),
        required access_logs_bucket: Str = bucket(input, to, "Name of the bucket for access logs."),
        required access_logs_bucket_domain_name: Str = input
            .declare(string())
            .describe("Regional domain name of the bucket for access logs.")
            .validate(
                |name| matches("^[a-z0-9][a-z0-9.-]+[.]s3[.]", name),
                "Must be a bucket name followed by .s3.amazonaws.com.",
            )
            .refuses("skreg-access-logs")
            .example("skreg-access-logs-123456789012.s3.amazonaws.com"),
        optional cdn: Object = cdn_settings(input, "packages", to),
        optional deletion_protection: Bool = deletion_protection(input, to),
        optional force_destroy: Bool = force_destroy(input, to),
        optional deleted_after_bucket: List<Str> = input
            .declare(list(string()))
            .describe("Attributes of objects that a destroy operation must delete after the bucket. S3 does not delete a bucket that contains packages or noncurrent package versions. In this case, the destroy operation fails at the bucket, and these objects still exist. If a resource that uses a bucket output sets `create_before_destroy`, the setting also applies to these objects because it propagates to dependencies.")
            .default(Vec::<&str>::new()),
    }
}

tfmodgen::outputs! {
    /// Outputs of the package store.
    pub(crate) struct Outputs {
        /// Name of the package bucket.
        bucket_name: Str,
        /// ARN of the package bucket.
        bucket_arn: Str,
        /// Base URL for packages on the CDN.
        cdn_base_url: Str,
        /// Plain HTTP URL of the folder `.well-known/`, for certificate revocation lists.
        well_known_url: Str,
        /// ID of the CloudFront distribution, for example to invalidate its cache.
        cdn_distribution_id: Str,
        /// Domain name of the CloudFront distribution, for the DNS record of the CDN domain.
        cdn_domain_name: Str,
        /// Hosted zone ID of the CloudFront distribution, for an alias record.
        cdn_zone_id: Str,
        /// Name of the secret with the connection settings for the bucket.
        service_account_secret_name: Str,
        /// ARN of the secret with the connection settings for the bucket.
        service_account_secret_arn: Str,
    }
}

fn store(m: &mut Module, own: &Identity, inputs: &Inputs<Declared>) -> PrivateBucketReference {
    m.file("bucket");
    let bucket = only_in_aws(
        m,
        aws::S3Bucket::new("this")
            .bucket(&inputs.bucket_name)
            .force_destroy(&inputs.force_destroy)
            .tags(own.tagged_as(inputs.bucket_name.forward()))
            .comment("Deleted before the KMS key, the access logs, and the objects in deleted_after_bucket. If S3 does not delete the bucket, all these objects still exist. The plan detects packages, but no data source lists their noncurrent versions.")
            .depends_on_input(&inputs.kms_key_arn)
            .depends_on_input(&inputs.access_logs_bucket)
            .depends_on_input(&inputs.deleted_after_bucket),
    );
    let store = PrivateBucket {
        bucket,
        ownership: Ownership::Enforced,
        encryption: Encryption::Kms(&inputs.kms_key_arn),
        versioning_comment: Some(
            "Keeps overwritten and deleted packages so that you can restore them.",
        ),
        rules: rules(),
    }
    .declare(m);
    refuse_failing_destroy(m, inputs, &store.bucket);
    m.resource(aws::S3BucketLogging::new(
        "this",
        store.bucket.id(),
        &inputs.access_logs_bucket,
        PACKAGES,
    ));
    m.resource(
        aws::S3BucketNotification::new("this", store.bucket.id())
            .eventbridge(true)
            .argument_comment("To react to new packages, add a rule to the event bus."),
    );
    store
}

/// Prevents disabling deletion protection while the bucket is not empty. Otherwise, a destroy operation would fail at
/// the bucket after deleting most of the registry. S3 deletes only empty buckets (S3 API, `DeleteBucket`,
/// `BucketNotEmpty`). The destroy operation deletes the objects that the public key infrastructure publishes.
fn refuse_failing_destroy(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    bucket: &aws::S3BucketReference,
) {
    m.data(
        data::S3Objects::new("packages", bucket.id())
            .comment("Queried only if destroying the registry would not delete packages. Revocation lists and the trust bundle are deleted before the bucket.")
            .max_keys(i32::try_from(PUBLISHED.len() + 1).unwrap_or(i32::MAX))
            .when((!&*inputs.deletion_protection).and(!&*inputs.force_destroy))
            .postcondition(
                |found| {
                    let published = PUBLISHED.map(|name| format!("{WELL_KNOWN}/{name}"));
                    let found = found.attribute::<List<Str>>("keys");
                    length(setsubtract(toset::<Str>(found), toset::<Str>(published))).equals(0)
                },
                template([
                    "The bucket ".into(),
                    (&inputs.bucket_name).into(),
                    " contains packages. Destroying the registry would fail at this bucket. Set force_destroy = true to delete the packages with the registry, set deletion_protection = true, or delete the packages and their noncurrent versions. See \"Destroying a registry\" in the README of the skreg module.".into(),
                ]),
            ),
    );
}

/// Returns the retention rules for noncurrent versions and incomplete uploads.
fn rules() -> Vec<aws::S3BucketLifecycleConfigurationRule> {
    let rule = |id: &str| {
        aws::S3BucketLifecycleConfigurationRule::new(id, "Enabled")
            .filter(aws::S3BucketLifecycleConfigurationRuleFilter::new())
    };
    vec![
        rule("abort-uploads").abort_incomplete_multipart_upload(abort_uploads()),
        rule("expire-noncurrent")
            .noncurrent_version_expiration(
                aws::S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration::new(90),
            )
            .expiration(
                aws::S3BucketLifecycleConfigurationRuleExpiration::new()
                    .expired_object_delete_marker(true)
                    .argument_comment("Otherwise, delete markers without noncurrent versions would remain, and S3 would not delete the bucket."),
            ),
    ]
}

struct Cdn {
    distribution: aws::CloudfrontDistributionReference,
    url: Local<Str>,
    host: Local<Str>,
}

fn cdn(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    bucket: &aws::S3BucketReference,
    region: &data::RegionReference,
) -> Cdn {
    let domain: Expr<Str> = inputs.cdn.attribute("domain_name");
    m.file("cdn");
    let access = m.resource(
        aws::CloudfrontOriginAccessControl::new(
            "this",
            own.with("-packages"),
            "s3",
            "always",
            "sigv4",
        )
        .description("Allows the CDN to read packages."),
    );
    let logs = cdn_logs(m, &inputs.access_logs_bucket_domain_name, region);
    let origin = "packages";
    let [index, lists, well_known] = uncached(origin);
    let distribution = m.resource(
        aws::CloudfrontDistribution::new(
            "this",
            inputs.cdn.attribute::<Bool>("enabled"),
            aws::CloudfrontDistributionDefaultCacheBehavior::new(
                ["GET", "HEAD"],
                ["GET", "HEAD"],
                origin,
                "redirect-to-https",
            )
            .compress(true)
            .cache_policy_id(CACHE_POLICY)
            .argument_comment("CachingOptimized: an AWS managed policy with the same ID in every account.")
            .response_headers_policy_id(HEADERS_POLICY)
            .argument_comment("SecurityHeadersPolicy: an AWS managed policy."),
            aws::CloudfrontDistributionOrigin::new(bucket.bucket_regional_domain_name(), origin)
                .origin_access_control_id(access.id()),
            aws::CloudfrontDistributionRestrictions::new(
                aws::CloudfrontDistributionRestrictionsGeoRestriction::new("none"),
            ),
            viewer_certificate(&inputs.cdn),
        )
        .aliases(compact([domain.clone()]))
        .web_acl_id(inputs.cdn.attribute::<Str>("web_acl_arn"))
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
        .ordered_cache_behavior(index)
        .ordered_cache_behavior(lists)
        .argument_comment("checkov:skip=CKV_AWS_34:Clients download certificate revocation lists over plain HTTP.")
        .ordered_cache_behavior(well_known)
        .tags(own.tagged("-packages")),
    );
    let host = m.local("cdn_host", coalesce([domain, distribution.domain_name()]));
    let url = m.local(
        "cdn_base_url",
        template(["https://".into(), (&host).into()]),
    );
    Cdn {
        distribution,
        url,
        host,
    }
}

/// Returns the cache behaviors for mutable objects.
fn uncached(origin: &str) -> [aws::CloudfrontDistributionOrderedCacheBehavior; 3] {
    let [index, lists, well_known] = UNCACHED.map(|(path, viewers)| {
        aws::CloudfrontDistributionOrderedCacheBehavior::new(
            ["GET", "HEAD"],
            ["GET", "HEAD"],
            path,
            origin,
            viewers,
        )
        .compress(true)
        .cache_policy_id(NO_CACHE_POLICY)
        .argument_comment("CachingDisabled: an AWS managed policy.")
        .response_headers_policy_id(HEADERS_POLICY)
    });
    [
        index.comment("Mutable objects must not be cached."),
        lists.comment("Revocation lists are signed, and are also available over plain HTTP."),
        well_known,
    ]
}

/// Declares the bucket policy that allows the CDN to read packages. The CDN requests objects with the viewer's
/// protocol, so objects that are available over HTTP must be readable over HTTP. Source: "Require HTTPS for
/// communication between CloudFront and your Amazon S3 origin", CloudFront developer guide.
fn policy(
    m: &mut Module,
    bucket: &aws::S3BucketReference,
    closed: &aws::S3BucketPublicAccessBlockReference,
    distribution: &aws::CloudfrontDistributionReference,
) {
    let cdn = |sid: &str, action: &str, on: Expr<Str>| {
        allow(action)
            .named(sid)
            .by("Service", CDN_SERVICE)
            .on(on)
            .provided("StringEquals", "AWS:SourceArn", distribution.arn())
    };
    m.resource(
        aws::S3BucketPolicy::new(
            "this",
            bucket.id(),
            document([
                deny_without_tls(&bucket.arn()).provided(
                    "StringNotEquals",
                    "aws:PrincipalServiceName",
                    CDN_SERVICE,
                ),
                cdn("Cdn", "s3:GetObject", within(&bucket.arn(), "/*")).provided(
                    "Bool",
                    "aws:SecureTransport",
                    "true",
                ),
                cdn("CdnLists", "s3:GetObject", within(&bucket.arn(), &format!("/{LISTS}"))),
                cdn("CdnMissing", "s3:ListBucket", bucket.arn()),
            ]),
        )
        .comment("Without s3:ListBucket, S3 responds with 403 if an object does not exist. The CDN does not list objects because its root object is index.json.")
        .depends_on(closed),
    );
}

/// Declares the scenarios.
fn scenarios(m: &mut Module, inputs: &Inputs<Declared>, url: &Local<Str>) {
    m.scenario("base_url_of_the_cdn_contains_its_domain", |plan| {
        plan.given(&inputs.cdn, settings("packages.example.com", CERTIFICATE))
            .expect(
                url.equals("https://packages.example.com"),
                "The URL must contain the domain.",
            )
    });
}
