//! Logs and certificates of CloudFront distributions.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::Local;
use tfmodgen::prelude::*;

/// ID of the managed response headers policy SecurityHeadersPolicy.
pub(crate) const HEADERS_POLICY: &str = "67f7725c-6f97-4210-82d7-5512b31e9d03";
/// ID of the managed cache policy CachingOptimized.
pub(crate) const CACHE_POLICY: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
/// ID of the managed cache policy CachingDisabled.
pub(crate) const NO_CACHE_POLICY: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/// Service principal for CloudFront.
pub(crate) const CDN_SERVICE: &str = "cloudfront.amazonaws.com";
/// Regions where CloudFront does not deliver logs to buckets.
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

/// Returns the bucket for CDN logs as a list. The list is empty in regions where CloudFront cannot deliver logs.
pub(crate) fn cdn_logs(
    m: &mut Module,
    bucket_domain_name: &Expr<Str>,
    region: &data::RegionReference,
) -> Local<List<Str>> {
    m.local(
        "cdn_logs",
        conditional(
            contains::<Str>(WITHOUT_CDN_LOGS, region.id()),
            IntoExpr::<List<Str>>::into_expr(Vec::<&str>::new()),
            [bucket_domain_name],
        ),
    )
    .comment("CloudFront does not deliver logs to buckets in these regions.")
}

/// Returns the certificate for the domain, or the CloudFront default certificate if no domain is set.
pub(crate) fn viewer_certificate(
    cdn: &Expr<Object>,
) -> aws::CloudfrontDistributionViewerCertificate {
    let domain: Expr<Str> = cdn.attribute("domain_name");
    let with_domain = |value: &str| conditional(domain.is_null(), Expr::<Str>::null(), value);
    aws::CloudfrontDistributionViewerCertificate::new()
        .cloudfront_default_certificate(domain.is_null())
        .acm_certificate_arn(cdn.attribute::<Str>("certificate_arn"))
        .ssl_support_method(with_domain("sni-only"))
        .minimum_protocol_version(with_domain("TLSv1.2_2021"))
        .argument_comment("Without a domain, CloudFront determines the TLS versions.")
}
