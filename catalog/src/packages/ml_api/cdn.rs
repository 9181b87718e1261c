//! A CDN in front of the load balancer, with pages for errors in a private bucket.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::CDN;
use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::fragments::distribution::{
    CACHE_POLICY, CDN_SERVICE, HEADERS_POLICY, NO_CACHE_POLICY, cdn_logs, viewer_certificate,
};
use crate::aws::fragments::private_bucket::{
    Encryption, Ownership, PrivateBucket, PrivateBucketReference, abort_uploads,
};
use crate::aws::inputs::cdn::{CERTIFICATE, cdn_settings, settings};
use crate::aws::inputs::{bucket, kms_key_arn, only_in_aws, prefix, tags};
use crate::aws::mocks::{Mock, mock};
use crate::aws::policy::{allow, deny_without_tls, document, within};

/// ID of the managed origin request policy AllViewer.
const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
/// Status codes with pages, and their texts.
const ERRORS: [(i32, &str); 2] = [
    (403, "You do not have access to this page."),
    (404, "This page does not exist."),
];

/// Returns the part.
pub(super) fn cdn(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "cdn",
        "A CloudFront distribution in front of the load balancer, with pages for errors in a private bucket.",
    );
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);
    let region = m.data(data::Region::new("current"));
    let pages = pages(&mut m, &own, &inputs);
    let distribution = distribution(&mut m, &own, &inputs, &pages.bucket, &region);
    policy(&mut m, &pages, &distribution);
    let url = url(&mut m, &inputs, &distribution);
    mock(
        &mut m,
        to,
        &[Mock::Partition, Mock::Region, Mock::Distribution],
    );
    m.scenario("url_contains_the_domain", |plan| {
        plan.given(&inputs.cdn, settings("api.example.com", CERTIFICATE))
            .expect(
                url.equals("https://api.example.com"),
                "The URL must contain the domain.",
            )
    });
    let outputs = Outputs {
        url: output(&url),
        distribution_id: output(distribution.id()),
        domain_name: output(distribution.domain_name()),
        zone_id: output(distribution.hosted_zone_id()),
        error_pages_bucket: output(pages.bucket.id()),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the CDN.
    pub(super) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        required bucket_name: Str = bucket(input, to, "Name of the bucket for error pages."),
        required kms_key_arn: Str = kms_key_arn(input, to),
        required access_logs_bucket_domain_name: Str = input
            .declare(string())
            .describe("Regional domain name of the bucket for access logs.")
            .validate(
                |name| matches("^[a-z0-9][a-z0-9.-]+[.]s3[.]", name),
                "Must be a bucket name followed by .s3.amazonaws.com.",
            )
            .refuses("access-logs")
            .example("access-logs-123456789012.s3.amazonaws.com"),
        required origin_domain_name: Str = input
            .declare(string())
            .describe("Domain name of the load balancer, or of the API if the load balancer has a certificate.")
            .validate(|name| matches("^[A-Za-z0-9.-]+$", name), "Must be a host name.")
            .refuses("https://api.example.com")
            .example("api.eu-central-1.elb.amazonaws.com"),
        optional origin_has_certificate: Bool = input
            .declare(bool())
            .describe("Whether the load balancer has a certificate. If `true`, the CDN connects to it over HTTPS.")
            .default(false),
        optional cdn: Object = cdn_settings(input, "api", to),
    }
}

tfmodgen::outputs! {
    /// Outputs of the CDN.
    pub(super) struct Outputs {
        /// URL of the CDN.
        url: Str,
        /// ID of the distribution.
        distribution_id: Str,
        /// Domain name of the distribution.
        domain_name: Str,
        /// Hosted zone ID of the distribution, for an alias record.
        zone_id: Str,
        /// Name of the bucket for error pages.
        error_pages_bucket: Str,
    }
}

/// Declares the bucket and the error pages.
fn pages(m: &mut Module, own: &Identity, inputs: &Inputs<Declared>) -> PrivateBucketReference {
    m.file("error_pages");
    let bucket = only_in_aws(
        m,
        aws::S3Bucket::new("this")
            .bucket(&inputs.bucket_name)
            .argument_comment("checkov:skip=CKV_AWS_18:The CDN logs requests for error pages.")
            .force_destroy(true)
            .tags(own.tagged_as(inputs.bucket_name.forward())),
    );
    let pages = PrivateBucket {
        bucket,
        ownership: Ownership::Enforced,
        encryption: Encryption::Kms(&inputs.kms_key_arn),
        versioning_comment: None,
        rules: vec![
            aws::S3BucketLifecycleConfigurationRule::new("expire-noncurrent", "Enabled")
                .filter(aws::S3BucketLifecycleConfigurationRuleFilter::new())
                .noncurrent_version_expiration(
                    aws::S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration::new(30),
                )
                .abort_incomplete_multipart_upload(abort_uploads()),
        ],
    }
    .declare(m);
    let texts: Expr<Map<Str>> = ERRORS
        .map(|(status, text)| (status.to_string(), text))
        .into_expr();
    m.resource(
        aws::S3Object::new("this", pages.bucket.id(), Expr::<Str>::null()).for_each(
            texts,
            |_, each| {
                aws::S3Object::new(
                    "this",
                    pages.bucket.id(),
                    template(["errors/".into(), each.key().into(), ".html".into()]),
                )
                .content(template([
                    "<!doctype html><title>".into(),
                    each.key().into(),
                    "</title><h1>".into(),
                    each.value().into(),
                    "</h1>\n".into(),
                ]))
                .content_type("text/html; charset=utf-8")
                .kms_key_id(&inputs.kms_key_arn)
                .tags(&own.tags)
            },
        ),
    );
    pages
}

fn distribution(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    pages: &aws::S3BucketReference,
    region: &data::RegionReference,
) -> aws::CloudfrontDistributionReference {
    m.file("cdn");
    let domain: Expr<Str> = inputs.cdn.attribute("domain_name");
    let access = m.resource(
        aws::CloudfrontOriginAccessControl::new(
            "this",
            own.with("-error-pages"),
            "s3",
            "always",
            "sigv4",
        )
        .description("Allows the CDN to read error pages."),
    );
    let logs = cdn_logs(m, &inputs.access_logs_bucket_domain_name, region);
    let protocol = conditional(&inputs.origin_has_certificate, "https-only", "http-only");
    let api = aws::CloudfrontDistributionOrigin::new(&inputs.origin_domain_name, "api")
        .custom_origin_config(
            aws::CloudfrontDistributionOriginCustomOriginConfig::new(
                80,
                443,
                protocol,
                ["TLSv1.2"],
            )
            .origin_read_timeout(60),
        );
    let distribution = aws::CloudfrontDistribution::new(
        "this",
        inputs.cdn.attribute::<Bool>("enabled"),
        default_behavior(),
        api,
        aws::CloudfrontDistributionRestrictions::new(
            aws::CloudfrontDistributionRestrictionsGeoRestriction::new("none"),
        ),
        viewer_certificate(&inputs.cdn),
    )
    .origin(
        aws::CloudfrontDistributionOrigin::new(pages.bucket_regional_domain_name(), "errors")
            .origin_access_control_id(access.id()),
    )
    .ordered_cache_behavior(error_pages_behavior())
    .aliases(compact([domain]))
    .web_acl_id(inputs.cdn.attribute::<Str>("web_acl_arn"))
    .comment(template(["API of ".into(), (&own.name).into(), ".".into()]))
    .is_ipv6_enabled(true)
    .http_version("http2and3")
    .price_class("PriceClass_100")
    .logging_config_for_each(&logs, |bucket| {
        aws::CloudfrontDistributionLoggingConfig::new(bucket.value())
            .include_cookies(false)
            .prefix(CDN)
    })
    .tags(own.tagged("-cdn"));
    let distribution = ERRORS
        .iter()
        .fold(distribution, |distribution, (status, _)| {
            distribution.custom_error_response(
                aws::CloudfrontDistributionCustomErrorResponse::new(*status)
                    .response_code(*status)
                    .response_page_path(format!("/errors/{status}.html"))
                    .error_caching_min_ttl(10),
            )
        });
    m.resource(distribution)
}

/// Returns the cache behavior for the API.
fn default_behavior() -> aws::CloudfrontDistributionDefaultCacheBehavior {
    aws::CloudfrontDistributionDefaultCacheBehavior::new(
        ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
        ["GET", "HEAD"],
        "api",
        "redirect-to-https",
    )
    .compress(true)
    .cache_policy_id(NO_CACHE_POLICY)
    .argument_comment("CachingDisabled: an AWS managed policy. The API decides what clients cache.")
    .origin_request_policy_id(ALL_VIEWER)
    .argument_comment("AllViewer: an AWS managed policy.")
    .response_headers_policy_id(HEADERS_POLICY)
    .argument_comment("SecurityHeadersPolicy: an AWS managed policy.")
}

/// Returns the cache behavior for error pages.
fn error_pages_behavior() -> aws::CloudfrontDistributionOrderedCacheBehavior {
    aws::CloudfrontDistributionOrderedCacheBehavior::new(
        ["GET", "HEAD"],
        ["GET", "HEAD"],
        "/errors/*",
        "errors",
        "redirect-to-https",
    )
    .compress(true)
    .cache_policy_id(CACHE_POLICY)
    .argument_comment("CachingOptimized: an AWS managed policy.")
    .response_headers_policy_id(HEADERS_POLICY)
}

/// Declares the bucket policy that allows the CDN to read error pages.
fn policy(
    m: &mut Module,
    pages: &PrivateBucketReference,
    distribution: &aws::CloudfrontDistributionReference,
) {
    let arn = pages.bucket.arn();
    m.resource(
        aws::S3BucketPolicy::new(
            "this",
            pages.bucket.id(),
            document([
                deny_without_tls(&arn),
                allow("s3:GetObject")
                    .named("Cdn")
                    .by("Service", CDN_SERVICE)
                    .on(within(&arn, "/*"))
                    .provided("StringEquals", "AWS:SourceArn", distribution.arn()),
            ]),
        )
        .depends_on(&pages.access_block),
    );
}

fn url(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    distribution: &aws::CloudfrontDistributionReference,
) -> Local<Str> {
    let domain: Expr<Str> = inputs.cdn.attribute("domain_name");
    m.local(
        "cdn_url",
        template([
            "https://".into(),
            coalesce([domain, distribution.domain_name()]).into(),
        ]),
    )
}
