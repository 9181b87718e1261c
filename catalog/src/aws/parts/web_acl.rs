//! A WAF web ACL with AWS managed rules, a rate limit, and a log. A web ACL for CloudFront must be in us-east-1.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Variable};

use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::fragments::log_group::LogSettings;
use crate::aws::inputs::{kms_key_arn, log_retention_days, prefix, tags, whole};
use crate::aws::mocks::{Mock, mock};

/// Managed rule groups, in the order of evaluation. Source: "AWS Managed Rules rule groups list", WAF developer guide.
const MANAGED: [&str; 4] = [
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesSQLiRuleSet",
];
/// Headers whose values do not appear in the log.
const REDACTED: [&str; 2] = ["authorization", "cookie"];

/// Returns the part.
pub(crate) fn web_acl(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "web-acl",
        "A WAF web ACL with AWS managed rules, a rate limit for each client, and a log.",
    );
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);
    let regional = m.local("is_regional", inputs.scope.equals("REGIONAL"));

    let name = m.local(
        "web_acl_name",
        conditional(&regional, &own.name, own.with("-cdn")),
    );
    let acl = acl(&mut m, &own, &inputs, &regional, &name);
    let logs = LogSettings {
        retention_days: &inputs.log_retention_days,
        kms_key_arn: &inputs.kms_key_arn,
        tags: &own.tags,
    };
    let logs = m.resource(
        logs.group("this")
            .comment("WAF requires the prefix aws-waf-logs-.")
            .name(template(["aws-waf-logs-".into(), (&name).into()])),
    );
    let logging = aws::Wafv2WebAclLoggingConfiguration::new("this", [logs.arn()], acl.arn());
    let logging = m.resource(REDACTED.iter().fold(logging, |logging, header| {
        logging.redacted_fields(
            aws::Wafv2WebAclLoggingConfigurationRedactedFields::new().single_header(
                aws::Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader::new(*header),
            ),
        )
    }));
    let association = m.resource(
        aws::Wafv2WebAclAssociation::new("this", &inputs.load_balancer_arn, acl.arn())
            .when(&regional),
    );
    mock(&mut m, to, &[Mock::LogGroup, Mock::WebAcl]);
    m.scenario("regional_web_acl_protects_the_load_balancer", |plan| {
        plan.given(
            &inputs.load_balancer_arn,
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/api/0",
        )
        .expect(
            length(association.object()).equals(1),
            "The web ACL must be associated with the load balancer.",
        )
    });
    m.scenario("distributions_specify_their_web_acl", |plan| {
        plan.given(&inputs.scope, "CLOUDFRONT").expect(
            length(association.object()).equals(0),
            "A web ACL for CloudFront must not have an association.",
        )
    });
    let outputs = Outputs {
        web_acl_arn: output(acl.arn()).depends_on(&logging),
        web_acl_name: output(acl.name()),
        log_group_name: output(logs.name()),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the web ACL.
    pub(crate) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        optional scope: Str = input
            .declare(string())
            .describe("Scope of the web ACL: `REGIONAL` for a load balancer, or `CLOUDFRONT` for a distribution. For `CLOUDFRONT`, pass a provider for `us-east-1`.")
            .default("REGIONAL")
            .validate(
                |scope| one_of(scope, ["REGIONAL", "CLOUDFRONT"]),
                "Must be REGIONAL or CLOUDFRONT.",
            )
            .refuses("GLOBAL"),
        optional load_balancer_arn: Str = input
            .declare(string())
            .describe("ARN of the load balancer that the web ACL protects. Required if `scope` is `REGIONAL`.")
            .nullable()
            .validate(
                |arn| arn.is_null().or(matches("^arn:aws:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/app/", arn)),
                "Must be the ARN of an Application Load Balancer.",
            )
            .refuses("api"),
        optional rate_limit: Num = rate_limit(input),
        required kms_key_arn: Str = kms_key_arn(input, to),
        optional log_retention_days: Num = log_retention_days(input),
    }
}

tfmodgen::outputs! {
    /// Outputs of the web ACL.
    pub(crate) struct Outputs {
        /// ARN of the web ACL. Available after the log is configured.
        web_acl_arn: Str,
        /// Name of the web ACL.
        web_acl_name: Str,
        /// Name of the log group.
        log_group_name: Str,
    }
}

/// Declares the rate limit.
fn rate_limit(input: NewInput<'_>) -> Variable<Num> {
    input
        .declare(number())
        .describe("Maximum number of requests from one client address in five minutes. WAF blocks further requests.")
        .default(2000)
        .validate(
            |limit| whole(limit, 10, 2_000_000_000),
            "Must be an integer from 10 to 2000000000.",
        )
        .refuses(9)
}

fn acl(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    regional: &Expr<Bool>,
    name: &Expr<Str>,
) -> aws::Wafv2WebAclReference {
    let visible = |metric: Expr<Str>| aws::Wafv2WebAclVisibilityConfig::new(true, metric, true);
    let acl = aws::Wafv2WebAcl::new(
        "this",
        &inputs.scope,
        aws::Wafv2WebAclDefaultAction::new().allow(aws::Wafv2WebAclDefaultActionAllow::new()),
        visible(name.clone()),
    )
    .name(name)
    .description("Managed rules and a rate limit.")
    .tags(&own.tags);
    let acl = MANAGED
        .iter()
        .zip(10..)
        .fold(acl, |acl, (group, priority)| {
            acl.rule(managed(group, priority))
        });
    let forwarded: Expr<List<Str>> = conditional(
        regional,
        IntoExpr::<List<Str>>::into_expr(["X-Forwarded-For"]),
        Vec::<&str>::new(),
    );
    let limit = aws::Wafv2WebAclRuleStatementRateBasedStatement::new(&inputs.rate_limit)
        .aggregate_key_type(conditional(regional, "FORWARDED_IP", "IP"))
        .argument_comment(
            "Requests from the CDN arrive at the load balancer from the addresses of the CDN.",
        )
        .evaluation_window_sec(300)
        .forwarded_ip_config_for_each(forwarded, |header| {
            aws::Wafv2WebAclRuleStatementRateBasedStatementForwardedIpConfig::new(
                "MATCH",
                header.value(),
            )
        });
    m.resource(
        acl.rule(
            aws::Wafv2WebAclRule::new(
                "rate-limit",
                1,
                aws::Wafv2WebAclRuleStatement::new().rate_based_statement(limit),
                aws::Wafv2WebAclRuleVisibilityConfig::new(true, "rate-limit", true),
            )
            .action(
                aws::Wafv2WebAclRuleAction::new().block(aws::Wafv2WebAclRuleActionBlock::new()),
            ),
        ),
    )
}

/// Returns the rule for a managed rule group.
fn managed(group: &str, priority: i32) -> aws::Wafv2WebAclRule {
    let statement = aws::Wafv2WebAclRuleStatementManagedRuleGroupStatement::new(group, "AWS");
    aws::Wafv2WebAclRule::new(
        group,
        priority,
        aws::Wafv2WebAclRuleStatement::new().managed_rule_group_statement(statement),
        aws::Wafv2WebAclRuleVisibilityConfig::new(true, group, true),
    )
    .override_action(
        aws::Wafv2WebAclRuleOverrideAction::new()
            .none(aws::Wafv2WebAclRuleOverrideActionNone::new()),
    )
}
