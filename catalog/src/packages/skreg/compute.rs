//! The services with image repositories, a cluster, roles, and a load balancer. Must not depend on how the network, the
//! database, or the package store is declared.

mod access;
mod inputs;
mod roles;
mod services;

use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Maybe};

pub(crate) use inputs::{Inputs, needs_no_placeholder};

use super::LOAD_BALANCER;
use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::fragments::image_repositories::ImageRepositories;
use crate::aws::fragments::load_balancer::{
    Fallback, LoadBalancer, LoadBalancerReference, tasks_at,
};
use crate::aws::inputs::services::tasks;
use crate::aws::mocks::{Mock, mock};
use crate::provider;
use access::{Groups, groups};

/// Service names, which are used as suffixes in resource names.
pub(crate) const SERVICES: [&str; 2] = ["api", "worker"];
/// API port.
const API_PORT: i32 = 8080;

/// Returns the part.
pub(super) fn compute(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "compute",
        "The API and the worker on Fargate, a load balancer for the API, and repositories for the images.",
    );
    provider::require(&mut m);
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);

    m.file("registries");
    let repositories = ImageRepositories {
        services: toset::<Str>(SERVICES),
        kms_key_arn: &inputs.kms_key_arn,
        force_delete: &inputs.delete_images,
        images_kept: &inputs.images_kept,
    }
    .declare(&mut m, &own);
    let roles = roles::roles(&mut m, &own, &inputs);
    let groups = groups(&mut m, &own, &inputs);
    let (front, target) = load_balancer(&mut m, &own, &inputs, &groups);
    let url = front.url(&mut m);
    let services = services::services(&mut m, &own, &inputs, &roles, &groups, (&front, &target));
    mock(
        &mut m,
        to,
        &[
            Mock::Partition,
            Mock::Region,
            Mock::Cluster,
            Mock::Role,
            Mock::LoadBalancer,
            Mock::TargetGroup,
            Mock::SecurityGroup,
        ],
    );
    scenarios(&mut m, &inputs, &front.https, &url, &services);

    let outputs = Outputs {
        service_url: output(&url),
        load_balancer_arn: output(front.balancer.arn()),
        load_balancer_dns_name: output(front.balancer.dns_name()),
        load_balancer_zone_id: output(front.balancer.zone_id()),
        load_balancer_security_group_id: output(groups.balancer.id()),
        api_security_group_id: output(groups.api.id()),
        worker_security_group_id: output(groups.worker.id()),
        cluster_name: output(services.cluster.name()),
        api_service_name: output(own.with("-api")).depends_on(&services.bundle),
        worker_service_name: output(own.with("-worker")).depends_on(&services.bundle),
        task_role_arns: output(roles.tasks.map(|role| role.arn())),
        execution_role_arn: output(roles.execution.arn()),
        log_group_names: output(services.logs.map(|group| group.name())),
        ecr_repository_urls: output(repositories.map(|repository| repository.repository_url())),
        ecr_repository_arns: output(repositories.map(|repository| repository.arn())),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::outputs! {
    /// Outputs of the services.
    pub(crate) struct Outputs {
        /// URL of the API.
        service_url: Str,
        /// ARN of the load balancer.
        load_balancer_arn: Str,
        /// DNS name of the load balancer, for the DNS record of the API domain.
        load_balancer_dns_name: Str,
        /// Hosted zone ID of the load balancer, for an alias record.
        load_balancer_zone_id: Str,
        /// ID of the load balancer security group.
        load_balancer_security_group_id: Str,
        /// ID of the API security group.
        api_security_group_id: Str,
        /// ID of the worker security group.
        worker_security_group_id: Str,
        /// Name of the ECS cluster.
        cluster_name: Str,
        /// Name of the ECS service for the API.
        api_service_name: Str,
        /// Name of the ECS service for the worker.
        worker_service_name: Str,
        /// ARNs of the task roles by service.
        task_role_arns: Map<Str>,
        /// ARN of the task execution role.
        execution_role_arn: Str,
        /// Names of the log groups by service.
        log_group_names: Map<Str>,
        /// URLs of the image repositories by service.
        ecr_repository_urls: Map<Str>,
        /// ARNs of the image repositories by service.
        ecr_repository_arns: Map<Str>,
    }
}

/// Declares the load balancer for the API.
fn load_balancer(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    groups: &Groups,
) -> (LoadBalancerReference, aws_blocks::LbTargetGroupReference) {
    m.file("load_balancer");
    let health_check = aws_blocks::LbTargetGroupHealthCheck::new()
        .path("/healthz")
        .matcher("200")
        .interval(15)
        .timeout(5)
        .healthy_threshold(2)
        .unhealthy_threshold(3);
    let front = LoadBalancer {
        subnets: &inputs.public_subnet_ids,
        group: &groups.balancer,
        access_logs: (&inputs.access_logs_bucket, LOAD_BALANCER),
        domain_name: &inputs.domain_name,
        certificate_arn: &inputs.certificate_arn,
        deletion_protection: &inputs.deletion_protection,
    };
    let balancer = front.declare(m, own);
    let target = m.resource(tasks_at("api", own, &inputs.vpc_id, API_PORT, health_check));
    let front = front.listen(m, own, balancer, &Fallback::Forward(&target));
    (front, target)
}

/// Declares the scenarios.
fn scenarios(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    https: &Maybe<aws_blocks::LbListenerReference>,
    url: &Local<Str>,
    services: &services::Services,
) {
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    m.scenario("first_apply_runs_the_placeholder", |plan| {
        plan.expect(
            services
                .image("api", "repository_url")
                .equals("public.ecr.aws/amazonlinux/amazonlinux"),
            "A service without an image must run the placeholder.",
        )
        .expect(
            services.image("api", "tag").equals("2023"),
            "The placeholder must have a tag.",
        )
        .expect(
            services.command("worker").is_set(),
            "The placeholder must have a command.",
        )
        .expect(
            length(https.object()).equals(0),
            "Without a domain, an HTTPS listener must not exist.",
        )
    });
    m.scenario("other_images_run_their_own_commands", |plan| {
        plan.given(&inputs.release, object_value([entry("owner", "external")]))
            .given(&inputs.api_image_uri, "registry.example.com/skreg/api:1")
            .given(&inputs.worker, tasks(256, 512, 0))
            .expect(
                services.command("api").is_null(),
                "A service with an image must not have a command.",
            )
            .expect(
                services.command("worker").is_null(),
                "A service with an external owner must not have a command.",
            )
    });
    m.scenario("image_uri_with_a_digest_is_split", |plan| {
        plan.given(
            &inputs.worker_image_uri,
            format!("registry.example.com:5000/skreg/worker@{digest}").as_str(),
        )
        .expect(
            services.image("worker", "digest").equals(digest),
            "The digest must match the image.",
        )
        .expect(
            services
                .image("worker", "repository_url")
                .equals("registry.example.com:5000/skreg/worker"),
            "The repository URL must include the registry port.",
        )
        .expect(
            services.image("worker", "tag").is_null(),
            "An image with only a digest must not have a tag.",
        )
    });
    m.scenario("domain_enables_https", |plan| {
        plan.given(&inputs.domain_name, "registry.example.com")
            .given(
                &inputs.certificate_arn,
                "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
            )
            .expect(
                length(https.object()).equals(1),
                "With a domain, an HTTPS listener must exist.",
            )
            .expect(
                url.equals("https://registry.example.com"),
                "The URL must contain the domain.",
            )
    });
}
