//! The services of the API on Fargate and Fargate Spot, a load balancer that routes requests by path, image repositories,
//! and secrets. Must not depend on how the network, the database, or the session table is declared.

mod inputs;
mod roles;
mod routes;
mod services;

use aws_blocks as aws;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

pub(super) use inputs::{Inputs, names_fit, needs_no_placeholder, sample};

use super::LOAD_BALANCER;
use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::fragments::image_repositories::ImageRepositories;
use crate::aws::fragments::security_group::security_group;
use crate::aws::mocks::{Mock, mock};
use crate::provider;

/// Returns the part.
pub(super) fn api(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "api",
        "Services on Fargate and Fargate Spot, a load balancer that routes requests to the services by path, and repositories for their images.",
    );
    provider::require(&mut m);
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);

    m.file("registries");
    let repositories = ImageRepositories {
        services: toset::<Str>(keys::<Object>(&inputs.services)),
        kms_key_arn: &inputs.kms_key_arn,
        force_delete: &!&*inputs.deletion_protection,
        images_kept: &inputs.images_kept,
    }
    .declare(&mut m, &own);
    rotations(&mut m, &inputs);
    let roles = roles::roles(&mut m, &own, &inputs);
    let groups = groups(&mut m, &own, &inputs);
    let routes = routes::routes(&mut m, &own, &inputs, &groups);
    let url = routes.front.url(&mut m);
    let services = services::services(&mut m, &own, &inputs, &roles, &groups, &routes);
    mock(
        &mut m,
        to,
        &[
            Mock::Partition,
            Mock::Region,
            Mock::Cluster,
            Mock::Role,
            Mock::Listener,
            Mock::LoadBalancer,
            Mock::TargetGroup,
            Mock::SecurityGroup,
        ],
    );
    scenarios(&mut m, &inputs, &routes, &services);

    let targets = &routes.targets;
    let outputs = Outputs {
        url: output(&url),
        load_balancer_arn: output(routes.front.balancer.arn()),
        load_balancer_arn_suffix: output(routes.front.balancer.arn_suffix()),
        load_balancer_dns_name: output(routes.front.balancer.dns_name()),
        load_balancer_zone_id: output(routes.front.balancer.zone_id()),
        target_group_arn_suffixes: output(targets.map(|target| target.arn_suffix()))
            .depends_on(&services.bundle),
        cluster_name: output(services.cluster.name()),
        cluster_arn: output(services.cluster.arn()),
        service_names: output(
            inputs
                .services
                .iterate("service", "settings")
                .into_map(|service, _| (service.clone(), own.named_after(service))),
        )
        .depends_on(&services.bundle),
        task_role_arns: output(roles.tasks.map(|role| role.arn())),
        execution_role_arn: output(roles.execution.arn()),
        log_group_names: output(services.logs.map(|group| group.name())),
        ecr_repository_urls: output(repositories.map(|repository| repository.repository_url())),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::outputs! {
    /// Outputs of the services.
    pub(super) struct Outputs {
        /// URL of the load balancer.
        url: Str,
        /// ARN of the load balancer.
        load_balancer_arn: Str,
        /// Last part of the load balancer ARN, which identifies the load balancer in metrics.
        load_balancer_arn_suffix: Str,
        /// DNS name of the load balancer.
        load_balancer_dns_name: Str,
        /// Hosted zone ID of the load balancer, for an alias record.
        load_balancer_zone_id: Str,
        /// Last parts of the target group ARNs by service. Available after the services run.
        target_group_arn_suffixes: Map<Str>,
        /// Name of the ECS cluster.
        cluster_name: Str,
        /// ARN of the ECS cluster.
        cluster_arn: Str,
        /// Names of the ECS services. Available after the services run.
        service_names: Map<Str>,
        /// ARNs of the task roles by service.
        task_role_arns: Map<Str>,
        /// ARN of the task execution role.
        execution_role_arn: Str,
        /// Names of the log groups by service.
        log_group_names: Map<Str>,
        /// URLs of the image repositories by service.
        ecr_repository_urls: Map<Str>,
    }
}

/// Declares the rotation of the secrets that specify a function.
fn rotations(m: &mut Module, inputs: &Inputs<Declared>) {
    m.file("secrets");
    let rotation = |each: &tfmodgen::Each<Map<Object>>| each.get::<Object>("rotation");
    let rotated = inputs
        .secrets
        .iterate("name", "secret")
        .filter(|_, secret| secret.attribute::<Object>("rotation").is_set())
        .into_map(|name, secret| (name, secret));
    m.resource(
        aws::SecretsmanagerSecretRotation::new(
            "this",
            Expr::<Str>::null(),
            aws::SecretsmanagerSecretRotationRotationRules::new(),
        )
        .comment("The secrets exist before the API and remain when the API is destroyed.")
        .for_each(rotated, |_, each| {
            aws::SecretsmanagerSecretRotation::new(
                "this",
                each.get::<Str>("arn"),
                aws::SecretsmanagerSecretRotationRotationRules::new()
                    .automatically_after_days(rotation(&each).attribute::<Num>("days")),
            )
            .rotation_lambda_arn(rotation(&each).attribute::<Str>("function_arn"))
            .rotate_immediately(false)
            .argument_comment("The first rotation happens at the scheduled time. An apply does not change a secret.")
        }),
    );
}

/// References to the security groups.
struct Groups {
    balancer: aws::SecurityGroupReference,
    tasks: aws::SecurityGroupReference,
}

/// Declares the security groups and their rules.
fn groups(m: &mut Module, own: &Identity, inputs: &Inputs<Declared>) -> Groups {
    m.file("access");
    let group = |label: &str, suffix: &str, description: &str| {
        security_group(label, own, suffix, &inputs.vpc_id, description)
    };
    let balancer = m.resource(group(
        "load_balancer",
        "-load-balancer",
        "The load balancer: HTTP and HTTPS from everywhere.",
    ));
    let tasks = m.resource(group(
        "tasks",
        "-tasks",
        "The tasks: from the load balancer only.",
    ));
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
    let ports = m.local(
        "ports",
        distinct::<Num>(
            values::<Object>(&inputs.services)
                .map("service", |service| service.attribute::<Num>("port")),
        )
        .map("port", tostring),
    );
    m.resource(
        aws::VpcSecurityGroupEgressRule::new("load_balancer", "tcp", balancer.id()).for_each(
            toset::<Str>(&ports),
            |rule, each| {
                rule.description("To the tasks.")
                    .referenced_security_group_id(tasks.id())
                    .from_port(tonumber(each.key()))
                    .to_port(tonumber(each.key()))
                    .tags(&own.tags)
            },
        ),
    );
    m.resource(
        aws::VpcSecurityGroupIngressRule::new("tasks", "tcp", tasks.id()).for_each(
            toset::<Str>(&ports),
            |rule, each| {
                rule.description("From the load balancer.")
                    .referenced_security_group_id(balancer.id())
                    .from_port(tonumber(each.key()))
                    .to_port(tonumber(each.key()))
                    .tags(&own.tags)
            },
        ),
    );
    m.resource(
        aws::VpcSecurityGroupEgressRule::new("tasks", "tcp", tasks.id())
            .comment("Tasks access images, secrets, logs, and tables over HTTPS, at addresses that AWS can change.")
            .description("HTTPS to AWS services.")
            .cidr_ipv4("0.0.0.0/0")
            .from_port(443)
            .to_port(443)
            .tags(&own.tags),
    );
    Groups { balancer, tasks }
}

/// Declares the scenarios.
fn scenarios(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    routes: &routes::Routes,
    services: &services::Services,
) {
    m.scenario("default_capacity_is_70_percent_spot", |plan| {
        let weight = |name: &str| services.providers.get(name).attribute::<Num>("weight");
        plan.expect(
            weight("FARGATE_SPOT")
                .equals(70)
                .and(weight("FARGATE").equals(30)),
            "Fargate Spot must have 70 percent of the weight.",
        )
        .expect(
            length(routes.rules.object()).equals(2),
            "Each service must have a listener rule.",
        )
        .expect(
            length(routes.front.https.object()).equals(0),
            "Without a domain, an HTTPS listener must not exist.",
        )
    });
    m.scenario("spot_only_uses_no_other_capacity", |plan| {
        plan.given(&inputs.production, false)
            .given(
                &inputs.capacity,
                object_value([entry("spot_only", true), entry("on_demand_base", 0)]),
            )
            .expect(
                join(",", keys::<Object>(&services.providers)).equals("FARGATE_SPOT"),
                "Only Fargate Spot must be used.",
            )
    });
}
