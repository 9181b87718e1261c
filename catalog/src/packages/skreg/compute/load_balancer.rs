//! The load balancer in front of the API: HTTP, or HTTPS and a redirect where there is a domain.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Maybe};

use super::{API_PORT, Groups, Inputs};
use crate::aws::conventions::Identity;
use crate::packages::skreg::LOAD_BALANCER;

/// TLS 1.3, and 1.2 for those who do not know it yet.
const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// The load balancer and what is of it.
pub(super) struct Front {
    pub(super) balancer: aws::LbReference,
    pub(super) target: aws::LbTargetGroupReference,
    pub(super) http: aws::LbListenerReference,
    pub(super) https: Maybe<aws::LbListenerReference>,
    pub(super) url: Local<Str>,
}

/// The load balancer.
pub(super) fn load_balancer(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    groups: &Groups,
) -> Front {
    m.file("load_balancer");
    let balancer = m.resource(
        aws::Lb::new("this")
            .name(&own.name)
            .load_balancer_type("application")
            .internal(false)
            .security_groups([groups.balancer.id()])
            .subnets(&inputs.public_subnet_ids)
            .drop_invalid_header_fields(true)
            .desync_mitigation_mode("defensive")
            .enable_deletion_protection(&inputs.deletion_protection)
            .tags(own.tagged(""))
            .access_logs(
                aws::LbAccessLogs::new(&inputs.access_logs_bucket)
                    .prefix(LOAD_BALANCER)
                    .enabled(true),
            ),
    );
    let target = target(m, own, inputs);
    let https = m
        .local("has_https", inputs.domain_name.is_set())
        .comment("By the domain, which is known when planning; the certificate may not be yet.");
    let http = http(m, own, &https, &balancer, &target);
    let listener = m.resource(
        aws::LbListener::new(
            "https",
            balancer.arn(),
            aws::LbListenerDefaultAction::new("forward").target_group_arn(target.arn()),
        )
        .protocol("HTTPS")
        .port(443)
        .ssl_policy(TLS_POLICY)
        .certificate_arn(&inputs.certificate_arn)
        .tags(&own.tags)
        .when(&https),
    );
    let url = m.local(
        "service_url",
        conditional(
            &https,
            template(["https://".into(), (&inputs.domain_name).into()]),
            template(["http://".into(), balancer.dns_name().into()]),
        ),
    );
    Front {
        balancer,
        target,
        http,
        https: listener,
        url,
    }
}

/// The tasks of the API, as far as they are healthy.
fn target(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
) -> aws::LbTargetGroupReference {
    m.resource(
        aws::LbTargetGroup::new("api")
            .name(own.with("-api"))
            .vpc_id(&inputs.vpc_id)
            .target_type("ip")
            .protocol("HTTP")
            .argument_comment(
                "Within the VPC, from the load balancer to the API and to nothing else.",
            )
            .port(API_PORT)
            .deregistration_delay("30")
            .tags(&own.tags)
            .health_check(
                aws::LbTargetGroupHealthCheck::new()
                    .path("/healthz")
                    .matcher("200")
                    .interval(15)
                    .timeout(5)
                    .healthy_threshold(2)
                    .unhealthy_threshold(3),
            ),
    )
}

/// Port 80: the API, or a redirect to it.
fn http(
    m: &mut Module,
    own: &Identity,
    https: &Local<Bool>,
    balancer: &aws::LbReference,
    target: &aws::LbTargetGroupReference,
) -> aws::LbListenerReference {
    let redirect: Expr<List<Str>> = conditional(
        https,
        IntoExpr::<List<Str>>::into_expr(["https"]),
        Vec::<&str>::new(),
    );
    m.resource(
        aws::LbListener::new(
            "http",
            balancer.arn(),
            aws::LbListenerDefaultAction::new(conditional(https, "redirect", "forward"))
                .target_group_arn(conditional(https, Expr::<Str>::null(), target.arn()))
                .redirect_for_each(redirect, |_| {
                    aws::LbListenerDefaultActionRedirect::new("HTTP_301")
                        .protocol("HTTPS")
                        .port("443")
                }),
        )
        .protocol("HTTP")
        .port(80)
        .tags(&own.tags),
    )
}
