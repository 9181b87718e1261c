//! The cluster and its services. A bundle deploys the services together.

use aws_blocks as aws;
use skreg_blocks as skreg;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Many};

use super::roles::Roles;
use super::routes::Routes;
use super::{Groups, Inputs};
use crate::aws::conventions::Identity;
use crate::aws::fragments::ecs_cluster::ecs_cluster;
use crate::aws::fragments::log_group::LogSettings;
use crate::aws::fragments::service_images::images_of;

/// Seconds that a container has after SIGTERM.
const STOP_SECONDS: i32 = 50;

/// The cluster and the resources in it.
pub(super) struct Services {
    pub(super) cluster: aws::EcsClusterReference,
    pub(super) logs: Many<aws::CloudwatchLogGroupReference>,
    pub(super) bundle: skreg::EcsServiceBundleReference,
    pub(super) providers: Local<Map<Object>>,
}

/// Declares the services.
pub(super) fn services(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    roles: &Roles,
    groups: &Groups,
    routes: &Routes,
) -> Services {
    m.file("services");
    let logging = LogSettings {
        retention_days: &inputs.log_retention_days,
        kms_key_arn: &inputs.kms_key_arn,
        tags: &own.tags,
    };
    let cluster = ecs_cluster(m, own, &inputs.container_insights, &logging);
    let capacity = capacity(m, inputs, &cluster);
    let logs = m.resource(
        logging
            .group("this")
            .comment("Declared here because the log groups must be encrypted, have a retention period, and be deleted with the services.")
            .for_each(toset::<Str>(keys::<Object>(&inputs.services)), |group, each| {
                group.name(template([
                    "/ecs/".into(),
                    (&own.name).into(),
                    "-".into(),
                    each.key().into(),
                ]))
            }),
    );
    let uris = inputs
        .services
        .iterate("service", "settings")
        .into_map(|service, settings| (service, settings.attribute::<Str>("image_uri")));
    let images = images_of(m, uris);
    let providers = providers(m, inputs);
    let tasks = tasks(inputs, groups, roles, routes, &images, &logs);
    let secrets = inputs
        .secrets
        .iterate("name", "secret")
        .into_map(|name, secret| (name, secret.attribute::<Str>("arn")));
    let bundle = m.resource(
        skreg::EcsServiceBundle::new(
            "this",
            cluster.arn(),
            roles.execution.arn(),
            &own.name,
            skreg::EcsServiceBundleNetwork::new(&inputs.private_subnet_ids)
                .security_groups([&inputs.database_client_security_group_id]),
            tasks,
        )
        .comment("The apply succeeds after all deployments complete. If ECS rolls back a deployment, the apply fails and reports the reason. Autoscaling changes the number of tasks.")
        .capacity(skreg::EcsServiceBundleCapacity::new().providers(&providers))
        .secrets(secrets)
        .environment([
            ("DATABASE_HOST", &*inputs.database_endpoint),
            ("DATABASE_NAME", &*inputs.database_name),
            ("DATABASE_CREDENTIALS_ARN", &*inputs.database_secret_arn),
            ("SESSION_TABLE", &*inputs.session_table_name),
        ])
        .allow_plaintext_environment(["DATABASE_CREDENTIALS_ARN"])
        .deletion_protection(&inputs.deletion_protection)
        .tags(&own.tags)
        .depends_on(&capacity)
        .depends_on(&routes.rules)
        .depends_on(&roles.execution_attachment)
        .depends_on(&roles.execution_policy)
        .depends_on(&roles.task_policies),
    );
    Services {
        cluster,
        logs,
        bundle,
        providers,
    }
}

/// Declares the capacity providers of the cluster.
fn capacity(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    cluster: &aws::EcsClusterReference,
) -> aws::EcsClusterCapacityProvidersReference {
    m.resource(
        aws::EcsClusterCapacityProviders::new("this", cluster.name()).capacity_providers(
            concat([
                IntoExpr::<List<Str>>::into_expr(["FARGATE", "FARGATE_SPOT"]),
                (*inputs.gpu_capacity_providers).clone(),
            ])
            .typed::<Set<Str>>(),
        ),
    )
}

/// Returns the services in the provider's format.
fn tasks(
    inputs: &Inputs<Declared>,
    groups: &Groups,
    roles: &Roles,
    routes: &Routes,
    images: &Local<Map<Object>>,
    logs: &Many<aws::CloudwatchLogGroupReference>,
) -> Expr<Map<Object>> {
    inputs
        .services
        .iterate("service", "settings")
        .into_map(|service, settings| {
            let number = |name: &str| settings.attribute::<Num>(name);
            let log = skreg::EcsServiceBundleServicesLog::new(logs.get(&service).name());
            let task = skreg::EcsServiceBundleServices::new(number("cpu"), number("memory"))
                .image(images.get(&service))
                .command(command(&settings))
                .port(number("port"))
                .environment(settings.attribute::<Map<Str>>("environment"))
                .task_role_arn(roles.tasks.get(&service).arn())
                .security_groups([groups.tasks.id()])
                .stop_timeout(STOP_SECONDS)
                .health_check_grace_period_seconds(60)
                .load_balancer([skreg::EcsServiceBundleServicesLoadBalancer::new(
                    routes.targets.get(&service).arn(),
                )])
                .log(log.stream_prefix("ecs"));
            (service, IntoExpr::<Object>::into_expr(task))
        })
}

/// Returns the command for the placeholder, which responds to health checks, or null if an image is configured.
fn command(settings: &Expr<Object>) -> Expr<List<Str>> {
    let server = template([
        "mkdir -p /srv/www && echo ok > /srv/www/health && exec python3 -m http.server ".into(),
        settings.attribute::<Num>("port").into(),
        " --directory /srv/www".into(),
    ]);
    let command: Expr<List<Str>> = ["sh".into_expr(), "-c".into_expr(), server].into_expr();
    conditional(
        settings.attribute::<Str>("image_uri").equals(""),
        command,
        Expr::<List<Str>>::null(),
    )
}

/// Declares the capacity providers with their weights.
fn providers(m: &mut Module, inputs: &Inputs<Declared>) -> Local<Map<Object>> {
    let number = |name: &str| inputs.capacity.attribute::<Num>(name);
    let provider = |base: Expr<Num>, weight: Expr<Num>| {
        object_value([entry("base", base), entry("weight", weight)])
    };
    let all: Expr<Map<Object>> = [
        (
            "FARGATE",
            provider(number("on_demand_base"), number("on_demand_weight")),
        ),
        (
            "FARGATE_SPOT",
            provider(0.into_expr(), number("spot_weight")),
        ),
    ]
    .into_expr();
    let spot_only = inputs.capacity.attribute::<Bool>("spot_only");
    m.local(
        "capacity_providers",
        all.iterate("name", "provider")
            .filter(|name, _| (!&spot_only).or(name.equals("FARGATE_SPOT")))
            .into_map(|name, provider| (name, provider)),
    )
    .comment("Capacity providers with the base and the weight of each.")
}
