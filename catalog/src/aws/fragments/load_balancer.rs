//! Public Application Load Balancers. Without a domain, they serve HTTP. With a domain, they serve HTTPS and redirect
//! HTTP requests.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Local, Maybe};

use crate::aws::conventions::Identity;

/// TLS policy that allows versions 1.3 and 1.2.
const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// Settings for a load balancer. The resource has the label `this`.
pub(crate) struct LoadBalancer<'a> {
    /// IDs of public subnets.
    pub(crate) subnets: &'a Expr<List<Str>>,
    /// The security group.
    pub(crate) group: &'a aws::SecurityGroupReference,
    /// Bucket for access logs, and the prefix of the logs in the bucket.
    pub(crate) access_logs: (&'a Expr<Str>, &'a str),
    /// Domain name. Null to disable HTTPS.
    pub(crate) domain_name: &'a Expr<Str>,
    /// ARN of the certificate for the domain.
    pub(crate) certificate_arn: &'a Expr<Str>,
    /// Whether AWS prevents deletion of the load balancer.
    pub(crate) deletion_protection: &'a Expr<Bool>,
}

/// Response to requests that no listener rule matches.
pub(crate) enum Fallback<'a> {
    /// Forwards the request to a target group.
    Forward(&'a aws::LbTargetGroupReference),
    /// Responds with status 404.
    NotFound,
}

/// References to a load balancer and its listeners.
pub(crate) struct LoadBalancerReference {
    pub(crate) balancer: aws::LbReference,
    pub(crate) http: aws::LbListenerReference,
    pub(crate) https: Maybe<aws::LbListenerReference>,
    has_https: Local<Bool>,
    domain_name: Expr<Str>,
}

impl LoadBalancerReference {
    /// Returns whether the load balancer has an HTTPS listener.
    pub(crate) fn has_https(&self) -> &Local<Bool> {
        &self.has_https
    }

    /// Declares the load balancer URL as the local value `service_url`.
    pub(crate) fn url(&self, m: &mut Module) -> Local<Str> {
        m.local(
            "service_url",
            conditional(
                &self.has_https,
                template(["https://".into(), (&self.domain_name).into()]),
                template(["http://".into(), self.balancer.dns_name().into()]),
            ),
        )
    }
}

impl LoadBalancer<'_> {
    /// Declares the load balancer without listeners.
    pub(crate) fn declare(&self, m: &mut Module, own: &Identity) -> aws::LbReference {
        let (bucket, prefix) = self.access_logs;
        m.resource(
            aws::Lb::new("this")
                .name(&own.name)
                .load_balancer_type("application")
                .internal(false)
                .security_groups([self.group.id()])
                .subnets(self.subnets)
                .drop_invalid_header_fields(true)
                .desync_mitigation_mode("defensive")
                .enable_deletion_protection(self.deletion_protection)
                .tags(own.tagged(""))
                .access_logs(aws::LbAccessLogs::new(bucket).prefix(prefix).enabled(true)),
        )
    }

    /// Declares the listeners.
    pub(crate) fn listen(
        &self,
        m: &mut Module,
        own: &Identity,
        balancer: aws::LbReference,
        fallback: &Fallback<'_>,
    ) -> LoadBalancerReference {
        let has_https = m.local("has_https", self.domain_name.is_set()).comment(
            "The condition uses the domain because the certificate can be unknown at plan time.",
        );
        let http = http(m, own, &has_https, &balancer, fallback);
        let https = m.resource(
            aws::LbListener::new("https", balancer.arn(), fallback.action())
                .protocol("HTTPS")
                .port(443)
                .ssl_policy(TLS_POLICY)
                .certificate_arn(self.certificate_arn)
                .tags(&own.tags)
                .when(&has_https),
        );
        LoadBalancerReference {
            balancer,
            http,
            https,
            has_https,
            domain_name: self.domain_name.clone(),
        }
    }
}

impl Fallback<'_> {
    /// Returns the default action of a listener.
    fn action(&self) -> aws::LbListenerDefaultAction {
        match self {
            Self::Forward(target) => {
                aws::LbListenerDefaultAction::new("forward").target_group_arn(target.arn())
            }
            Self::NotFound => {
                aws::LbListenerDefaultAction::new("fixed-response").fixed_response(not_found())
            }
        }
    }

    /// Returns the default action of a listener that redirects requests if the load balancer has HTTPS.
    fn action_without(&self, has_https: &Local<Bool>) -> aws::LbListenerDefaultAction {
        match self {
            Self::Forward(target) => {
                aws::LbListenerDefaultAction::new(conditional(has_https, "redirect", "forward"))
                    .target_group_arn(conditional(has_https, Expr::<Str>::null(), target.arn()))
            }
            Self::NotFound => {
                let response: Expr<List<Str>> = conditional(
                    has_https,
                    IntoExpr::<List<Str>>::into_expr(Vec::<&str>::new()),
                    ["404"],
                );
                aws::LbListenerDefaultAction::new(conditional(
                    has_https,
                    "redirect",
                    "fixed-response",
                ))
                .fixed_response_for_each(response, |_| not_found())
            }
        }
    }
}

/// Returns the response to requests that no listener rule matches.
fn not_found() -> aws::LbListenerDefaultActionFixedResponse {
    aws::LbListenerDefaultActionFixedResponse::new("application/json")
        .message_body("{\"message\":\"Not found\"}")
        .status_code("404")
}

/// Declares the port 80 listener, which forwards requests to the target group or redirects them to HTTPS.
fn http(
    m: &mut Module,
    own: &Identity,
    has_https: &Local<Bool>,
    balancer: &aws::LbReference,
    fallback: &Fallback<'_>,
) -> aws::LbListenerReference {
    let redirect: Expr<List<Str>> = conditional(
        has_https,
        IntoExpr::<List<Str>>::into_expr(["https"]),
        Vec::<&str>::new(),
    );
    m.resource(
        aws::LbListener::new(
            "http",
            balancer.arn(),
            fallback
                .action_without(has_https)
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

/// Returns a target group for tasks that serve HTTP on a port.
pub(crate) fn tasks_at(
    label: &str,
    own: &Identity,
    vpc_id: &Expr<Str>,
    port: i32,
    health_check: aws::LbTargetGroupHealthCheck,
) -> aws::LbTargetGroup {
    aws::LbTargetGroup::new(label)
        .name(own.with(&format!("-{label}")))
        .vpc_id(vpc_id)
        .target_type("ip")
        .protocol("HTTP")
        .argument_comment(
            "HTTP is used only between the load balancer and the API, within the VPC.",
        )
        .port(port)
        .deregistration_delay("30")
        .tags(&own.tags)
        .health_check(health_check)
}
