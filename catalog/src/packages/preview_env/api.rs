//! The API: a deployment of nginx and PHP-FPM with an init container that migrates the database, and a service.

use kubernetes_blocks as kubernetes;
use tfmodgen::prelude::*;

use kubernetes::{
    DeploymentV1SpecTemplateSpecContainerPort as Port,
    DeploymentV1SpecTemplateSpecContainerVolumeMount as VolumeMount,
    DeploymentV1SpecTemplateSpecInitContainer as InitContainer,
};

use super::configuration::NGINX;
use super::migration::Jobs;
use super::network::{DATABASE_CLIENT, HTTP};
use super::pods::deployment::{
    container, from_configuration, from_secret, pod, resources, security_context,
};
use super::web::{Pods, deployment, get, liveness, readiness, service, volume};
use super::{Common, Service};

/// Name of the service.
const API: &str = "api";
/// Path of the health check of Laravel. Source: "Deployment", Laravel documentation: the health route.
const HEALTH: &str = "/up";

/// Declares the API.
pub(super) fn api(m: &mut Module, common: &Common<'_>, jobs: &Jobs) -> Service {
    m.file("api");
    let (inputs, configuration) = (common.inputs, common.configuration);
    let migration = InitContainer::new("migration")
        .comment(
            "A pod that starts later, such as after a node fails, finds the schema of its image.",
        )
        .image(&inputs.api_image)
        .image_pull_policy("IfNotPresent")
        .command(&inputs.migration_command)
        .resources(resources("migration", common))
        .security_context(security_context())
        .env_from(from_configuration(common))
        .env_from(from_secret(common))
        .volume_mount(VolumeMount::new("/tmp", "temporary"));
    let nginx = container("nginx", &inputs.nginx_image, common)
        .port(Port::new(HTTP).name("http"))
        .volume_mount(
            VolumeMount::new(format!("/etc/nginx/conf.d/{NGINX}"), "nginx")
                .sub_path(NGINX)
                .read_only(true),
        )
        .readiness_probe(readiness(&get(HEALTH)))
        .liveness_probe(liveness(&get(HEALTH)));
    let php = container("php", &inputs.api_image, common)
        .port(Port::new(9000).name("fastcgi"))
        .env_from(from_configuration(common))
        .env_from(from_secret(common));
    let pod = pod(common)
        .init_container(migration)
        .container(nginx)
        .container(php)
        .volume(volume("nginx", &configuration.nginx));
    let checksums = [
        ("checksum/configuration", configuration.api.checksum.clone()),
        ("checksum/nginx", configuration.nginx.checksum.clone()),
    ]
    .into_expr();
    let pods = Pods {
        checksums,
        labels: &[(DATABASE_CLIENT, "true")],
        pod,
    };
    let deployment = deployment(common, API, &inputs.api_image, pods);
    m.resource(
        deployment
            .depends_on(&jobs.migration)
            .depends_on(&jobs.seed),
    );
    service(m, common, API)
}
