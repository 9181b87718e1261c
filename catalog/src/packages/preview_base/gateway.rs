//! cert-manager, NGINX Gateway Fabric, the shared gateway with its certificate, the load balancer, and DNS records.

use digitalocean_blocks as digitalocean;
use helm_blocks as helm;
use kubernetes_blocks as kubernetes;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::cluster::{CERT_MANAGER, Cluster, GATEWAY, NGINX_GATEWAY};
use super::{Common, Inputs};
use crate::preview::chart::release;
use crate::preview::conventions::ENVIRONMENT_LABEL;
use crate::preview::job::metadata;

/// Name of the gateway.
pub(super) const NAME: &str = "shared";
/// Secret with the certificate.
pub(super) const TLS_SECRET: &str = "shared-tls";
/// Secret with the token for DNS, and its key.
const DNS_SECRET: &str = "digitalocean-dns";
const DNS_KEY: &str = "access-token";
/// Name of the issuer.
const ISSUER: &str = "shared";
/// Version of the Gateway API.
const API_VERSION: &str = "gateway.networking.k8s.io/v1";

/// References to the gateway.
pub(super) struct Gateway {
    /// Namespace. A value that refers to it is known after the gateway exists.
    pub(super) namespace: Expr<Str>,
    /// IP address, or null on a local cluster.
    pub(super) address: Expr<Str>,
    pub(super) reference: kubernetes::ServiceV1Reference,
}

/// Declares the gateway.
pub(super) fn gateway(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    cluster: &Cluster,
) -> Gateway {
    m.file("gateway");
    let (cert_manager, fabric) = controllers(m, inputs, cluster);
    let token = dns_secret(m, inputs, common, cluster);
    let namespace = cluster.namespace(GATEWAY);
    let release = m.resource(
        release(
            "gateway",
            "gateway",
            &namespace,
            objects(inputs, common, &namespace),
        )
        .comment(
            "A manifest resource would require the custom resource definitions during the plan.",
        )
        .depends_on(&cert_manager)
        .depends_on(&fabric)
        .depends_on(&token),
    );
    let reference = m.resource(load_balancer(inputs, common, &namespace).depends_on(&release));
    let address = r#try([
        reference
            .status()
            .at(0)
            .attribute::<List<Object>>("load_balancer")
            .at(0)
            .attribute::<List<Object>>("ingress")
            .at(0)
            .attribute::<Str>("ip"),
        Expr::null(),
    ]);
    records(m, inputs, common, &address);
    Gateway {
        namespace: release.namespace(),
        address: conditional(&common.local, Expr::<Str>::null(), address),
        reference,
    }
}

/// Declares cert-manager and NGINX Gateway Fabric, which requires the definitions of the Gateway API. A release cannot contain
/// them, because Helm stores a release in a secret of at most 1 MiB.
fn controllers(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    cluster: &Cluster,
) -> (helm::ReleaseReference, helm::ReleaseReference) {
    let version = |name: &str| inputs.chart_versions.attribute::<Str>(name);
    let cert_manager = m.resource(
        helm::Release::new("cert_manager", "cert-manager", "cert-manager")
            .repository("https://charts.jetstack.io")
            .namespace(cluster.namespace(CERT_MANAGER))
            .version(version("cert_manager"))
            .values([jsonencode(object_value([entry(
                "crds",
                object_value([entry("enabled", true)]),
            )]))]),
    );
    let service = object_value([entry("type", "ClusterIP")]);
    let fabric = m.resource(
        helm::Release::new(
            "nginx_gateway_fabric",
            "nginx-gateway-fabric",
            "nginx-gateway-fabric",
        )
        .repository("oci://ghcr.io/nginx/charts")
        .namespace(cluster.namespace(NGINX_GATEWAY))
        .version(version("nginx_gateway_fabric"))
        .values([jsonencode(object_value([entry(
            "nginx",
            object_value([entry("service", service)]),
        )]))]),
    );
    (cert_manager, fabric)
}

/// Declares a DNS record for each host.
fn records(m: &mut Module, inputs: &Inputs<Declared>, common: &Common, address: &Expr<Str>) {
    let none = Vec::<(&str, &str)>::new();
    let records = conditional(
        &common.local,
        tomap(IntoExpr::<Map<Str>>::into_expr(none).any()),
        &*common.records,
    );
    m.resource(
        digitalocean::Record::new("gateway", &inputs.domain, "", "A", address).for_each(
            records,
            |_, each| {
                digitalocean::Record::new("gateway", &inputs.domain, each.value(), "A", address)
                    .ttl(300)
            },
        ),
    );
}

fn dns_secret(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    cluster: &Cluster,
) -> tfmodgen::Maybe<kubernetes::SecretV1Reference> {
    let token: Expr<Map<Str>> = [(DNS_KEY, inputs.dns_token.forward::<Expr<Str>>())].into_expr();
    m.resource(
        kubernetes::SecretV1::new(
            "dns",
            kubernetes::SecretV1Metadata::new()
                .name(DNS_SECRET)
                .namespace(cluster.namespace(CERT_MANAGER))
                .labels(&common.labels),
        )
        .r#type("Opaque")
        .data_wo(token)
        .data_wo_revision(&inputs.secrets_version)
        .when(!&*common.local),
    )
}

/// Returns the issuer, the certificate, the gateway, and the redirection to HTTPS.
fn objects(inputs: &Inputs<Declared>, common: &Common, namespace: &Expr<Str>) -> Vec<Expr<Object>> {
    let named = |name: &str| object_value(metadata(name, namespace, &common.labels));
    let issuer = object_value([
        entry("apiVersion", "cert-manager.io/v1"),
        entry("kind", "ClusterIssuer"),
        entry(
            "metadata",
            object_value([entry("name", ISSUER), entry("labels", &common.labels)]),
        ),
        entry("spec", issuer_spec(inputs, common)),
    ]);
    let certificate = object_value([
        entry("apiVersion", "cert-manager.io/v1"),
        entry("kind", "Certificate"),
        entry("metadata", named(NAME)),
        entry(
            "spec",
            object_value([
                entry("secretName", TLS_SECRET),
                entry("dnsNames", keys(&common.records)),
                entry(
                    "privateKey",
                    object_value([
                        entry("algorithm", "ECDSA"),
                        entry("size", 256),
                        entry("rotationPolicy", "Always"),
                    ]),
                ),
                entry(
                    "issuerRef",
                    object_value([entry("kind", "ClusterIssuer"), entry("name", ISSUER)]),
                ),
            ]),
        ),
    ]);
    let redirect = object_value([
        entry("apiVersion", API_VERSION),
        entry("kind", "HTTPRoute"),
        entry("metadata", named("https-redirect")),
        entry(
            "spec",
            object_value([
                entry(
                    "parentRefs",
                    [object_value([
                        entry("name", NAME),
                        entry("sectionName", "http"),
                    ])],
                ),
                entry(
                    "rules",
                    [object_value([entry(
                        "filters",
                        [object_value([
                            entry("type", "RequestRedirect"),
                            entry(
                                "requestRedirect",
                                object_value([entry("scheme", "https"), entry("statusCode", 301)]),
                            ),
                        ])],
                    )])],
                ),
            ]),
        ),
    ]);
    vec![issuer, certificate, shared(common, named(NAME)), redirect]
}

/// Returns the settings of the issuer. Both have different types, so they are JSON documents.
fn issuer_spec(inputs: &Inputs<Declared>, common: &Common) -> Expr<Any> {
    let solver = object_value([entry(
        "dns01",
        object_value([entry(
            "digitalocean",
            object_value([entry(
                "tokenSecretRef",
                object_value([entry("name", DNS_SECRET), entry("key", DNS_KEY)]),
            )]),
        )]),
    )]);
    let acme = object_value([entry(
        "acme",
        object_value([
            entry("server", &inputs.acme_server),
            entry("email", &inputs.acme_email),
            entry(
                "privateKeySecretRef",
                object_value([entry("name", "acme-account")]),
            ),
            entry("solvers", [solver]),
        ]),
    )]);
    let own = object_value([entry("selfSigned", object_value([]))]);
    jsondecode(conditional(
        &common.local,
        jsonencode(own),
        jsonencode(acme),
    ))
}

/// Returns the gateway. Only namespaces of environments can add routes to the HTTPS listeners, and only the namespace of the
/// gateway can add routes to the HTTP listener.
fn shared(common: &Common, metadata: Expr<Object>) -> Expr<Object> {
    let http = object_value([
        entry("name", "http"),
        entry("port", 80),
        entry("protocol", "HTTP"),
        entry(
            "allowedRoutes",
            object_value([entry("namespaces", object_value([entry("from", "Same")]))]),
        ),
    ]);
    let environments = object_value([entry(
        "matchExpressions",
        [object_value([
            entry("key", ENVIRONMENT_LABEL),
            entry("operator", "Exists"),
        ])],
    )]);
    let listener = |number: Expr<Num>, host: Expr<Str>| {
        object_value([
            entry("name", template(["https-".into(), number.into()])),
            entry("port", 443),
            entry("protocol", "HTTPS"),
            entry("hostname", host),
            entry(
                "tls",
                object_value([
                    entry("mode", "Terminate"),
                    entry(
                        "certificateRefs",
                        [object_value([
                            entry("kind", "Secret"),
                            entry("name", TLS_SECRET),
                        ])],
                    ),
                ]),
            ),
            entry(
                "allowedRoutes",
                object_value([entry(
                    "namespaces",
                    object_value([
                        entry("from", "Selector"),
                        entry("selector", environments.clone()),
                    ]),
                )]),
            ),
        ])
    };
    let https: Expr<List<Object>> = keys(&common.records)
        .iterate("number", "host")
        .into_list(listener);
    let http: Expr<List<Object>> = [http].into_expr();
    object_value([
        entry("apiVersion", API_VERSION),
        entry("kind", "Gateway"),
        entry("metadata", metadata),
        entry(
            "spec",
            object_value([
                entry("gatewayClassName", "nginx"),
                entry("listeners", concat([http, https])),
            ]),
        ),
    ])
}

/// Returns the service of the gateway. The module manages it, so a destroy operation deletes the load balancer, and its address
/// is known after an apply.
fn load_balancer(
    inputs: &Inputs<Declared>,
    common: &Common,
    namespace: &Expr<Str>,
) -> kubernetes::ServiceV1 {
    let either = |local: &str, other: &str| conditional(&common.local, local, other);
    let selector: Expr<Map<Str>> = [("gateway.networking.k8s.io/gateway-name", NAME)].into_expr();
    let annotations: Expr<Map<Str>> = [
        (
            "service.beta.kubernetes.io/do-loadbalancer-name",
            inputs.name.forward::<Expr<Str>>(),
        ),
        (
            "service.beta.kubernetes.io/do-loadbalancer-type",
            "REGIONAL_NETWORK".into_expr(),
        ),
    ]
    .into_expr();
    let port = |name: &str, port: i64, node_port: i64| {
        kubernetes::ServiceV1SpecPort::new(port)
            .name(name)
            .target_port(port.to_string())
            .protocol("TCP")
            .node_port(conditional(&common.local, node_port, Expr::null()))
    };
    kubernetes::ServiceV1::new(
        "gateway",
        kubernetes::ServiceV1Metadata::new()
            .name("gateway")
            .namespace(namespace)
            .labels(&common.labels)
            .annotations(annotations),
        kubernetes::ServiceV1Spec::new()
            .r#type(either("NodePort", "LoadBalancer"))
            .external_traffic_policy("Local")
            .argument_comment("The gateway limits requests by the IP address of the client, which a network load balancer and this policy preserve.")
            .selector(selector)
            .port(port("http", 80, 30_080))
            .port(port("https", 443, 30_443)),
    )
    .wait_for_load_balancer(!&*common.local)
    .timeouts(kubernetes::ServiceV1Timeouts::new().create("15m"))
    .lifecycle_comment("DigitalOcean stores the ID of its load balancer in an annotation.")
    .ignore_changes("metadata")
}
