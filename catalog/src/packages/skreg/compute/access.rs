//! Security groups for the load balancer and the services. The part `database` declares the group for its clients.

use aws_blocks as aws;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::{API_PORT, Inputs};
use crate::aws::conventions::Identity;
use crate::aws::fragments::security_group::{Peer, allow_connections, security_group};

/// References to the groups.
pub(super) struct Groups {
    pub(super) balancer: aws::SecurityGroupReference,
    pub(super) api: aws::SecurityGroupReference,
    pub(super) worker: aws::SecurityGroupReference,
}

/// Declares the security groups and their rules.
pub(super) fn groups(m: &mut Module, own: &Identity, inputs: &Inputs<Declared>) -> Groups {
    m.file("access");
    let group = |label: &str, suffix: &str, description: &str| {
        security_group(label, own, suffix, &inputs.vpc_id, description)
    };
    let balancer = m.resource(group(
        "load_balancer",
        "-load-balancer",
        "The load balancer: HTTP and HTTPS from everywhere, the API behind it.",
    ));
    let api = m.resource(group(
        "api",
        "-api",
        "The API: from the load balancer only.",
    ));
    let worker = m.resource(group("worker", "-worker", "The worker: from nowhere."));
    let open: Expr<Map<Num>> = [("http", 80), ("https", 443)].into_expr();
    m.resource(
        aws::VpcSecurityGroupIngressRule::new("load_balancer", "tcp", balancer.id())
            .comment("The API is public.")
            .for_each(open, |rule, each| {
                rule.description(template([
                    upper(each.key()).into(),
                    " from everywhere.".into(),
                ]))
                .cidr_ipv4("0.0.0.0/0")
                .from_port(each.value())
                .to_port(each.value())
                .tags(&own.tags)
            }),
    );
    let front = Peer {
        group: &balancer,
        label: "load_balancer",
        description: "To the API.",
    };
    let behind = Peer {
        group: &api,
        label: "api",
        description: "From the load balancer.",
    };
    allow_connections(m, own, &front, &behind, API_PORT);
    let tasks = object_value([entry("api", api.id()), entry("worker", worker.id())]);
    m.resource(
        aws::VpcSecurityGroupEgressRule::new("tasks", "tcp", Expr::<Str>::null())
            .comment("Tasks access images, secrets, logs, and packages over HTTPS, at addresses that AWS can change.")
            .for_each(tasks.typed::<Map<Str>>(), |_, each| {
                aws::VpcSecurityGroupEgressRule::new("tasks", "tcp", each.value())
                    .description("HTTPS to AWS services.")
                    .cidr_ipv4("0.0.0.0/0")
                    .from_port(443)
                    .to_port(443)
                    .tags(&own.tags)
            }),
    );
    Groups {
        balancer,
        api,
        worker,
    }
}
