//! The cluster and its two services. A bundle deploys both services together.

use aws_blocks as aws;
use skreg_blocks as skreg;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Many};

use super::roles::Roles;
use super::{API_PORT, Groups, Inputs, SERVICES};
use crate::aws::conventions::Identity;
use crate::aws::fragments::ecs_cluster::ecs_cluster;
use crate::aws::fragments::load_balancer::LoadBalancerReference;
use crate::aws::fragments::log_group::LogSettings;
use crate::aws::fragments::service_images::images_of;

/// Command that uses tools from the placeholder image to respond to health checks.
const HEALTH_SERVER: &str = "mkdir -p /srv/www && echo ok > /srv/www/healthz && exec python3 -m http.server 8080 --directory /srv/www";

/// The cluster and the resources in it.
pub(super) struct Services {
    pub(super) cluster: aws::EcsClusterReference,
    pub(super) logs: Many<aws::CloudwatchLogGroupReference>,
    pub(super) bundle: skreg::EcsServiceBundleReference,
    images: Local<Map<Object>>,
    commands: Local<Object>,
}

impl Services {
    /// Returns a component of the image that a service runs.
    pub(super) fn image(&self, service: &str, part: &str) -> Expr<Str> {
        self.images.get(service).attribute(part)
    }

    /// Returns the command that overrides the image's default command for a service.
    pub(super) fn command(&self, service: &str) -> Expr<List<Str>> {
        self.commands.attribute(service)
    }
}

/// Declares the services.
pub(super) fn services(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    roles: &Roles,
    groups: &Groups,
    (front, target): (&LoadBalancerReference, &aws::LbTargetGroupReference),
) -> Services {
    m.file("services");
    let logging = log_settings(own, inputs);
    let cluster = ecs_cluster(m, own, &inputs.container_insights, &logging);
    let logs = logs(m, own, inputs);
    let images = images(m, inputs);
    let commands = commands(m, inputs);
    let task = |service: &str, size: &Expr<Object>, group: &aws::SecurityGroupReference| {
        let log = skreg::EcsServiceBundleServicesLog::new(logs.get(service).name());
        skreg::EcsServiceBundleServices::new(
            size.attribute::<Num>("cpu"),
            size.attribute::<Num>("memory"),
        )
        .desired_count(size.attribute::<Num>("desired_count"))
        .image(images.get(service))
        .command(commands.attribute::<List<Str>>(service))
        .task_role_arn(roles.tasks.get(service).arn())
        .security_groups([group.id()])
        .log(log.stream_prefix("ecs"))
    };
    let api = task("api", &inputs.api, &groups.api)
        .port(API_PORT)
        .environment([("BIND_ADDR", format!("0.0.0.0:{API_PORT}"))])
        .load_balancer([skreg::EcsServiceBundleServicesLoadBalancer::new(
            target.arn(),
        )])
        .health_check_grace_period_seconds(60);
    let worker = task("worker", &inputs.worker, &groups.worker)
        .environment([("SIGNING_KEY_SECRET_ARN", &inputs.signing_key_secret_arn)]);

    let release = release(m, inputs);
    let bundle = m.resource(
        skreg::EcsServiceBundle::new(
            "this",
            cluster.arn(),
            roles.execution.arn(),
            &own.name,
            skreg::EcsServiceBundleNetwork::new(&inputs.private_subnet_ids)
                .security_groups([&inputs.database_client_security_group_id]),
            [("api", api), ("worker", worker)],
        )
        .comment("The apply succeeds after both deployments complete. If ECS rolls back a deployment, the apply fails and reports the reason.")
        .secrets([(
            "DATABASE_URL",
            template([
                (&inputs.database_url_secret_arn).into(),
                ":::".into(),
                (&inputs.database_url_secret_version_id).into(),
            ]),
        )])
        .argument_comment("Includes the version because a new password must start a deployment.")
        .environment([
            ("CDN_BASE_URL", &inputs.cdn_base_url),
            ("PACKAGE_BUCKET", &inputs.package_bucket_name),
        ])
        .release(&release)
        .deletion_protection(&inputs.deletion_protection)
        .tags(&own.tags)
        .depends_on(&front.http)
        .depends_on(&front.https)
        .depends_on(&roles.execution_attachment)
        .depends_on(&roles.execution_policy)
        .depends_on(&roles.task_policies)
        .depends_on(&roles.signing_policy),
    );
    Services {
        cluster,
        logs,
        bundle,
        images,
        commands,
    }
}

/// Declares the release settings in the provider's format.
fn release(m: &mut Module, inputs: &Inputs<Declared>) -> Local<Object> {
    let owner: Expr<Str> = inputs.release.attribute("owner");
    let back: Expr<Map<Num>> = inputs.release.attribute("rollback_to");
    m.local(
        "release",
        conditional(
            owner.equals("terraform").and(back.is_null()),
            Expr::<Object>::null(),
            IntoExpr::<Object>::into_expr(
                skreg::EcsServiceBundleRelease::new()
                    .owner(&owner)
                    .rollback_to(&back),
            ),
        ),
    )
    .comment("Null if the settings are the provider's defaults.")
}

fn logs(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
) -> Many<aws::CloudwatchLogGroupReference> {
    m.resource(
        log_settings(own, inputs)
            .group("this")
            .comment("Declared here because the log groups must be encrypted, have a retention period, and be deleted with the services.")
            .for_each(toset::<Str>(SERVICES), |group, each| {
                group.name(template(["/ecs/".into(), (&own.name).into(), "-".into(), each.key().into()]))
            }),
    )
}

/// Returns the settings for all log groups.
fn log_settings<'a>(own: &'a Identity, inputs: &'a Inputs<Declared>) -> LogSettings<'a> {
    LogSettings {
        retention_days: &inputs.log_retention_days,
        kms_key_arn: &inputs.kms_key_arn,
        tags: &own.tags,
    }
}

/// Returns the command that overrides the image's default command for a service.
fn commands(m: &mut Module, inputs: &Inputs<Declared>) -> Local<Object> {
    let owner: Expr<Str> = inputs.release.attribute("owner");
    let placeholder = |service: &str, command: Expr<List<Str>>| {
        let runs = inputs.image_of(service).equals("");
        let command = conditional(
            runs.and(owner.equals("terraform")),
            command,
            Expr::<List<Str>>::null(),
        );
        entry(service, command)
    };
    m.local(
        "commands",
        object_value([
            placeholder("api", ["sh", "-c", HEALTH_SERVER].into_expr()),
            placeholder("worker", ["sleep", "infinity"].into_expr()),
        ]),
    )
    .comment("Commands for the placeholder: one responds to health checks, and the other waits. Null if an image is configured or the owner is not terraform.")
}

/// Declares the image repository, tag, and digest for each service.
fn images(m: &mut Module, inputs: &Inputs<Declared>) -> Local<Map<Object>> {
    let uris: Expr<Map<Str>> = SERVICES
        .map(|service| (service, (**inputs.image_of(service)).clone()))
        .into_expr();
    images_of(m, uris)
}
