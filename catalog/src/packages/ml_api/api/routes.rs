//! The load balancer, and a target group and a listener rule for each service.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Many};

use super::{Groups, Inputs, LOAD_BALANCER};
use crate::aws::conventions::Identity;
use crate::aws::fragments::load_balancer::{Fallback, LoadBalancer, LoadBalancerReference};

/// Seconds that the load balancer waits for requests of a target that stops. Longer than the time that a container has
/// after SIGTERM, so that a request never waits for a container that no longer exists.
const DEREGISTRATION_SECONDS: &str = "60";

/// References to the load balancer and the routes.
pub(super) struct Routes {
    pub(super) front: LoadBalancerReference,
    pub(super) targets: Many<aws::LbTargetGroupReference>,
    pub(super) rules: Many<aws::LbListenerRuleReference>,
}

/// Declares the load balancer and the routes.
pub(super) fn routes(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    groups: &Groups,
) -> Routes {
    m.file("load_balancer");
    let front = LoadBalancer {
        subnets: &inputs.public_subnet_ids,
        group: &groups.balancer,
        access_logs: (&inputs.access_logs_bucket, LOAD_BALANCER),
        domain_name: &inputs.domain_name,
        certificate_arn: &inputs.certificate_arn,
        deletion_protection: &inputs.deletion_protection,
    };
    let balancer = front.declare(m, own);
    let targets = targets(m, own, inputs);
    let front = front.listen(m, own, balancer, &Fallback::NotFound);
    let listener = m.local(
        "listener_arn",
        conditional(
            front.has_https(),
            front.https.one(|listener| listener.arn()),
            front.http.arn(),
        ),
    );
    let rules = m.resource(
        aws::LbListenerRule::new(
            "service",
            &listener,
            aws::LbListenerRuleAction::new("forward"),
            aws::LbListenerRuleCondition::new(),
        )
        .for_each(&inputs.services, |_, each| {
            aws::LbListenerRule::new(
                "service",
                &listener,
                aws::LbListenerRuleAction::new("forward")
                    .target_group_arn(targets.get(each.key()).arn()),
                aws::LbListenerRuleCondition::new().path_pattern(
                    aws::LbListenerRuleConditionPathPattern::new(
                        each.get::<Set<Str>>("path_patterns"),
                    ),
                ),
            )
            .priority(each.get::<Num>("priority"))
            .tags(own.tagged_as(own.named_after(each.key())))
        }),
    );
    Routes {
        front,
        targets,
        rules,
    }
}

fn targets(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
) -> Many<aws::LbTargetGroupReference> {
    m.resource(
        aws::LbTargetGroup::new("service").for_each(&inputs.services, |target, each| {
            target
                .name(own.named_after(each.key()))
                .vpc_id(&inputs.vpc_id)
                .target_type("ip")
                .protocol("HTTP")
                .argument_comment(
                    "HTTP is used only between the load balancer and the tasks, within the VPC.",
                )
                .port(each.get::<Num>("port"))
                .deregistration_delay(DEREGISTRATION_SECONDS)
                .argument_comment("Longer than the time that a container has after SIGTERM.")
                .tags(own.tagged_as(own.named_after(each.key())))
                .health_check(
                    aws::LbTargetGroupHealthCheck::new()
                        .path("/health")
                        .matcher("200")
                        .interval(30)
                        .timeout(5)
                        .healthy_threshold(2)
                        .unhealthy_threshold(3),
                )
        }),
    )
}
