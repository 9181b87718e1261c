//! Input for a CloudFront distribution: its domain, certificate, and web ACL.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::DOMAIN;
use crate::aws::conventions::Conventions;

/// Valid CDN certificate for tests.
pub(crate) const CERTIFICATE: &str =
    "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";

/// Declares the CDN settings: a domain with its certificate, and a web ACL.
pub(crate) fn cdn_settings(input: NewInput<'_>, host: &str, to: &Conventions) -> Variable<Object> {
    let domain = format!("{host}.example.com");
    let package = to.package;
    let text = |cdn: &Expr<Object>, name: &str| cdn.attribute::<Str>(name);
    let null_or = |value: Expr<Str>, pattern: &str| value.is_null().or(matches(pattern, value));
    input.declare(
        object()
            .optional("domain_name", string())
            .optional("certificate_arn", string())
            .optional("web_acl_arn", string())
            .optional_or("enabled", bool(), true),
    )
    .describe("CDN settings: a domain with its ACM certificate, and a WAF web ACL. The certificate and the web ACL must be in `us-east-1`. Create a DNS record that points the domain to the CDN. Without a domain, the CDN is available at its CloudFront domain name. Set `enabled` to `false` to disable the distribution.")
    .default(object_value([entry("enabled", true)]))
    .validate(
        |cdn| null_or(text(cdn, "domain_name"), DOMAIN),
        format!("Must be a domain name, such as {domain}."),
    )
    .refuses(settings(&format!("https://{domain}"), CERTIFICATE))
    .validate(
        |cdn| {
            null_or(
                text(cdn, "certificate_arn"),
                "^arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]+$",
            )
        },
        "The CDN certificate must be in us-east-1 and be specified by its ARN, such as arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000.",
    )
    .refuses(settings(
        &domain,
        "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
    ))
    .validate(
        |cdn| {
            conditional(
                text(cdn, "domain_name").is_null(),
                text(cdn, "certificate_arn").is_null(),
                text(cdn, "certificate_arn").is_set(),
            )
        },
        "A domain and its certificate must be set together.",
    )
    .refuses(object_value([entry("domain_name", domain.as_str())]))
    .refuses(object_value([entry("certificate_arn", CERTIFICATE)]))
    .validate(
        |cdn| {
            null_or(
                text(cdn, "web_acl_arn"),
                "^arn:aws:wafv2:us-east-1:[0-9]{12}:global/webacl/[^/]+/[0-9a-f-]+$",
            )
        },
        format!("The web ACL must have the scope CLOUDFRONT and be specified by its ARN, such as arn:aws:wafv2:us-east-1:123456789012:global/webacl/{package}/0a1b2c3d-0000-4000-8000-000000000000."),
    )
    .refuses(object_value([entry(
        "web_acl_arn",
        format!("arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/{package}/01234567-89ab-cdef-0123-456789abcdef"),
    )]))
}

/// Returns a value for an input that [`cdn_settings`] declares.
pub(crate) fn settings(domain: &str, certificate: &str) -> Expr<Object> {
    object_value([
        entry("domain_name", domain),
        entry("certificate_arn", certificate),
    ])
}
