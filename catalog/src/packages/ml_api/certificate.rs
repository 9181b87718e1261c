//! The certificate and the DNS record of the load balancer, if the caller specifies a hosted zone.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{CallReference, Declared, Variable};

use super::{Inputs, api};
use crate::aws::inputs::DOMAIN;

/// Declares the certificate and returns its ARN, or returns the ARN of the existing certificate.
pub(super) fn certificate(m: &mut Module, inputs: &Inputs<Declared>) -> Expr<Str> {
    m.file("certificate");
    let wanted = m.local("has_own_certificate", inputs.hosted_zone_id.is_set());
    let certificate = m.resource(
        aws::AcmCertificate::new("this")
            .domain_name(&inputs.domain_name)
            .validation_method("DNS")
            .tags(&inputs.tags)
            .create_before_destroy()
            .lifecycle_comment("The listener uses the old certificate until it uses the new one.")
            .when(&wanted),
    );
    let option = |name: &str| -> Expr<Str> {
        let options = tolist::<Object>(certificate.assumed().domain_validation_options().any());
        options.at(0).attribute(name)
    };
    let record = m.resource(
        aws::Route53Record::new(
            "validation",
            option("resource_record_name"),
            option("resource_record_type"),
            &inputs.hosted_zone_id,
        )
        .ttl(60)
        .records([option("resource_record_value")])
        .allow_overwrite(true)
        .argument_comment("Certificates for the same domain share the record.")
        .when(&wanted),
    );
    let validation = m.resource(
        aws::AcmCertificateValidation::new("this", certificate.assumed().arn())
            .validation_record_fqdns([record.assumed().fqdn()])
            .when(&wanted),
    );
    let arn = m.local(
        "certificate_arn",
        conditional(
            &wanted,
            validation.one(|validation| validation.certificate_arn()),
            &inputs.certificate_arn,
        ),
    );
    (*arn).clone()
}

/// Declares the record that points the domain to the load balancer.
pub(super) fn record(m: &mut Module, inputs: &Inputs<Declared>, api: &CallReference<api::Outputs>) {
    m.file("certificate");
    m.resource(
        aws::Route53Record::new("this", &inputs.domain_name, "A", &inputs.hosted_zone_id)
            .alias(aws::Route53RecordAlias::new(
                true,
                api.load_balancer_dns_name.clone(),
                api.load_balancer_zone_id.clone(),
            ))
            .when(inputs.hosted_zone_id.is_set()),
    );
}

/// Declares the hosted zone.
pub(super) fn hosted_zone_id(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("ID of the Route 53 hosted zone for `domain_name`. If set, the module creates the certificate of the load balancer and the DNS records.")
        .nullable()
        .validate(
            |id| id.is_null().or(matches("^Z[0-9A-Z]{1,31}$", id)),
            "Must be the ID of a hosted zone, such as Z0123456789ABCDEFGHIJ.",
        )
        .refuses("example.com")
}

/// Declares the domain of the load balancer.
pub(super) fn domain_name(
    input: NewInput<'_>,
    zone: &Variable<Str>,
    certificate: &Variable<Str>,
) -> Variable<Str> {
    input
        .declare(string())
        .describe("Domain name of the load balancer. Requires `hosted_zone_id` or `certificate_arn`. If `null`, the load balancer has no certificate, and the CDN connects to it over HTTP.")
        .nullable()
        .validate(
            |name| name.is_null().or(matches(DOMAIN, name)),
            "Must be a domain name, such as api.example.com.",
        )
        .refuses("https://api.example.com")
        .validate(
            |name| {
                conditional(
                    name.is_null(),
                    zone.is_null().and(certificate.is_null()),
                    zone.is_set().differs(certificate.is_set()),
                )
            },
            "Set domain_name together with either hosted_zone_id or certificate_arn.",
        )
        .refuses("api.example.com")
}
