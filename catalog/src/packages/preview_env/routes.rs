//! Routes from the shared gateway to the services, and the limit of requests.
//!
//! The custom resource definitions exist before an environment is planned, because the base, which has its own state, installs
//! them. `kubernetes_manifest` can therefore read the types.

use kubernetes_blocks as kubernetes;
use tfmodgen::prelude::*;

use super::namespace::first;
use super::{Common, Service};
use crate::preview::job::metadata;

/// Declares the routes and the limit.
pub(super) fn routes(m: &mut Module, common: &Common<'_>, services: &[&Service]) {
    m.file("routes");
    let names = common.names;
    for service in services {
        let hosts = match service.name {
            "web" => &names.web_hosts,
            _ => &names.api_hosts,
        };
        m.resource(
            kubernetes::Manifest::new(service.name, route(common, service, hosts))
                .field_manager(kubernetes::ManifestFieldManager::new().force_conflicts(true))
                .argument_comment("An imported route has fields that another program has set."),
        );
    }
    m.resource(
        kubernetes::Manifest::new("rate_limit", rate_limit(common, services))
            .comment("NGINX Gateway Fabric limits the requests of each IP address. Source: \"Rate Limit Policy API\", NGINX Gateway Fabric documentation."),
    );
}

fn route(
    common: &Common<'_>,
    service: &Service,
    hosts: &tfmodgen::Local<List<Str>>,
) -> Expr<Object> {
    let base = &common.inputs.base;
    let parent = object_value([
        entry("name", base.attribute::<Str>("gateway_name")),
        entry("namespace", base.attribute::<Str>("gateway_namespace")),
    ]);
    let backend = object_value([
        entry("name", first(&service.reference.metadata())),
        entry("port", 80),
    ]);
    let rule = object_value([
        entry(
            "matches",
            [object_value([entry(
                "path",
                object_value([entry("type", "PathPrefix"), entry("value", "/")]),
            )])],
        ),
        entry("backendRefs", [backend]),
    ]);
    object_value([
        entry("apiVersion", "gateway.networking.k8s.io/v1"),
        entry("kind", "HTTPRoute"),
        entry(
            "metadata",
            object_value(metadata(
                service.name,
                &common.namespace.name,
                &common.names.labels,
            )),
        ),
        entry(
            "spec",
            object_value([
                entry("parentRefs", [parent]),
                entry("hostnames", hosts),
                entry("rules", [rule]),
            ]),
        ),
    ])
}

fn rate_limit(common: &Common<'_>, services: &[&Service]) -> Expr<Object> {
    let limit = &common.inputs.rate_limit;
    let targets: Vec<Expr<Object>> = services
        .iter()
        .map(|service| {
            object_value([
                entry("group", "gateway.networking.k8s.io"),
                entry("kind", "HTTPRoute"),
                entry("name", service.name),
            ])
        })
        .collect();
    let rate = template([
        limit.attribute::<Num>("requests_per_second").into(),
        "r/s".into(),
    ]);
    let rule = object_value([
        entry("key", "$binary_remote_addr"),
        entry("zoneSize", "10m"),
        entry("rate", rate),
        entry("burst", limit.attribute::<Num>("burst")),
        entry("rejectCode", 429),
    ]);
    let local = object_value([entry("rules", [rule])]);
    object_value([
        entry("apiVersion", "gateway.nginx.org/v1alpha1"),
        entry("kind", "RateLimitPolicy"),
        entry(
            "metadata",
            object_value(metadata(
                "rate-limit",
                &common.namespace.name,
                &common.names.labels,
            )),
        ),
        entry(
            "spec",
            object_value([
                entry("targetRefs", targets),
                entry("rateLimit", object_value([entry("local", local)])),
            ]),
        ),
    ])
}
