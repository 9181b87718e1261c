//! The container, its namespace, and its environment variables.

use scaleway_blocks as scaleway;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::database::Database;
use super::identity::Identity;
use super::monitoring::Sources;
use super::network::Network;
use super::profiles::Settings;
use super::secrets::Secrets;
use super::{Common, Inputs};
use crate::scaleway::private_bucket::PrivateBucketReference;

/// Path of the health check.
pub(super) const HEALTH: &str = "/health";
/// Bytes of one MB, the unit of the limits in the API of Serverless Containers.
const MEGABYTE: i64 = 1_000_000;

/// Everything that the container uses.
pub(super) struct Uses<'a> {
    pub(super) network: &'a Network,
    pub(super) database: &'a Database,
    pub(super) bucket: &'a PrivateBucketReference,
    pub(super) secrets: &'a Secrets,
    pub(super) identity: &'a Identity,
    pub(super) sources: &'a Sources,
}

/// Declares the container and returns it with its namespace.
pub(super) fn container(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    settings: &Settings,
    uses: &Uses<'_>,
) -> (
    scaleway::ContainerNamespaceReference,
    scaleway::ContainerReference,
) {
    m.file("container");
    let namespace = m.resource(
        scaleway::ContainerNamespace::new("this")
            .name(&common.prefix)
            .tags(&common.tags),
    );
    let variables = variables(m, inputs, uses);
    let secrets = secret_variables(m, uses);
    let (limits_match, message) = settings.limits_match();
    let probe = scaleway::ContainerLivenessProbeHttp::new(HEALTH);
    let scale = |name: &str| settings.number(&format!("container_{name}"));
    let container = m.resource(
        scaleway::Container::new("this", namespace.id())
            .name(&inputs.name)
            .image(&inputs.image)
            .registry_sha256(&inputs.image_sha256)
            .port(&inputs.port)
            .protocol("http1")
            .privacy("public")
            .https_connections_only(true)
            .cpu_limit(scale("mvcpu"))
            .memory_limit_bytes(scale("memory_mb") * MEGABYTE)
            .min_scale(scale("min_scale"))
            .max_scale(scale("max_scale"))
            .timeout(60)
            .sandbox("v2")
            .private_network_id(&uses.network.private_network_id)
            .environment_variables(&variables)
            .secret_environment_variables(&secrets)
            .tags(&common.tags)
            .startup_probe(scaleway::ContainerStartupProbe::new(30, "2s", "2s").http(probe.clone()))
            .liveness_probe(scaleway::ContainerLivenessProbe::new(3, "10s", "2s").http(probe))
            .scaling_option(
                scaleway::ContainerScalingOption::new()
                    .concurrent_requests_threshold(scale("concurrency")),
            )
            .timeouts(
                scaleway::ContainerTimeouts::new()
                    .create("20m")
                    .update("20m")
                    .delete("20m"),
            )
            .depends_on(&uses.identity.policy)
            .depends_on(&uses.database.privileges)
            .depends_on(&uses.bucket.policy)
            .precondition(limits_match, message)
            .precondition(
                scale("min_scale").at_most(scale("max_scale")),
                "The setting container_min_scale must not be greater than container_max_scale.",
            ),
    );
    (namespace, container)
}

fn variables(m: &mut Module, inputs: &Inputs<Declared>, uses: &Uses<'_>) -> Local<Map<Str>> {
    let database = uses.database;
    let own: Expr<Map<Str>> = [
        ("ENVIRONMENT", inputs.environment.forward()),
        ("LOG_FORMAT", "json".into_expr()),
        ("DATABASE_HOST", database.host.clone()),
        ("DATABASE_PORT", tostring(&database.port)),
        ("DATABASE_NAME", database.name.clone()),
        ("DATABASE_USER", (*database.user).clone()),
        ("DATABASE_SSLMODE", "require".into_expr()),
        (
            "DATABASE_PASSWORD_SECRET",
            database.passwords.get(&database.user),
        ),
        ("BUCKET_NAME", uses.bucket.bucket.name()),
        ("BUCKET_ENDPOINT", uses.bucket.bucket.api_endpoint()),
        ("BUCKET_REGION", uses.network.region.clone()),
    ]
    .into_expr();
    let secrets = uses
        .secrets
        .ids
        .iterate("name", "id")
        .into_map(|name, id| (template([name.into(), "_SECRET".into()]), id));
    let push = uses
        .sources
        .push_urls
        .iterate("kind", "url")
        .into_map(|kind, url| {
            let name = template(["COCKPIT_".into(), upper(kind).into(), "_URL".into()]);
            (name, url)
        });
    m.local(
        "environment_variables",
        merge([inputs.environment_variables.forward(), own, secrets, push]),
    )
    .comment("A variable with the suffix _SECRET is the region, ID, and revision of a secret. A rotation changes the revision and deploys the container again.")
}

fn secret_variables(m: &mut Module, uses: &Uses<'_>) -> Local<Map<Str>> {
    let key = &uses.identity.key;
    let own: Expr<Map<Str>> = [
        ("APP_ACCESS_KEY", key.access_key()),
        ("APP_SECRET_KEY", key.secret_key()),
    ]
    .into_expr();
    m.local(
        "secret_environment_variables",
        merge([
            own,
            uses.sources.tokens.clone(),
            (*uses.secrets.injected).clone(),
        ]),
    )
}
