//! The VPC, the cluster, its namespaces, and the credentials for the registry.

use digitalocean_blocks as digitalocean;
use kubernetes_blocks as kubernetes;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Many, Maybe};

use super::{Common, Inputs};

/// Namespaces that the module creates.
const NAMESPACES: [&str; 3] = [CERT_MANAGER, GATEWAY, NGINX_GATEWAY];
pub(super) const CERT_MANAGER: &str = "cert-manager";
pub(super) const GATEWAY: &str = "gateway";
pub(super) const NGINX_GATEWAY: &str = "nginx-gateway";

/// References to the cluster.
pub(super) struct Cluster {
    pub(super) id: Local<Str>,
    pub(super) kubeconfig: Local<Str>,
    pub(super) vpc: Maybe<digitalocean::VpcReference>,
    namespaces: Many<kubernetes::NamespaceV1Reference>,
}

impl Cluster {
    /// Returns the name of a namespace. An object that refers to it is deleted before the namespace.
    pub(super) fn namespace(&self, name: &str) -> Expr<Str> {
        self.namespaces.get(name).metadata().attribute("name")
    }
}

/// Declares the cluster.
pub(super) fn cluster(m: &mut Module, inputs: &Inputs<Declared>, common: &Common) -> Cluster {
    m.file("cluster");
    let (vpc, cluster) = managed_cluster(m, inputs, common);
    let raw = cluster.one(|one| one.kube_config().at(0).attribute::<Str>("raw_config"));
    let kubeconfig = m.local(
        "kubeconfig",
        conditional(&common.local, inputs.kubeconfig.forward::<Expr<Str>>(), raw),
    );
    let id = m.local(
        "cluster_id",
        conditional(&common.local, "local", cluster.one(|one| one.id())),
    );
    m.file("namespaces");
    let namespaces = namespaces(m, common);
    registry_credentials(m, inputs, common, &namespaces);
    Cluster {
        id,
        kubeconfig,
        vpc,
        namespaces,
    }
}

fn managed_cluster(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
) -> (
    Maybe<digitalocean::VpcReference>,
    Maybe<digitalocean::KubernetesClusterReference>,
) {
    let range = |name: &str| inputs.network.attribute::<Str>(name);
    let vpc = m.resource(
        digitalocean::Vpc::new("this", &inputs.name, &inputs.region)
            .ip_range(range("vpc_cidr"))
            .when(!&*common.local),
    );
    let pool = |name: &str| inputs.node_pool.attribute::<Num>(name);
    let nodes = digitalocean::KubernetesClusterNodePool::new(
        "default",
        inputs.node_pool.attribute::<Str>("size"),
    )
    .auto_scale(true)
    .min_nodes(pool("min_nodes"))
    .max_nodes(pool("max_nodes"));
    let cluster = digitalocean::KubernetesCluster::new(
        "this",
        &inputs.name,
        &inputs.region,
        &inputs.kubernetes_version,
        nodes,
    )
    .vpc_uuid(vpc.assumed().id())
    .cluster_subnet(range("pods_cidr"))
    .argument_comment("With its own address ranges, the cluster is VPC-native, and DigitalOcean installs the custom resource definitions of the Gateway API.")
    .service_subnet(range("services_cidr"))
    .ha(&common.production)
    .auto_upgrade(true)
    .surge_upgrade(true)
    .destroy_all_associated_resources(&inputs.destroy_associated_resources)
    .kubeconfig_expire_seconds(31_536_000)
    .argument_comment("Environments use the kubeconfig in the state. By default, it expires after seven days.")
    .maintenance_policy(
        digitalocean::KubernetesClusterMaintenancePolicy::new()
            .day("sunday")
            .start_time("03:00"),
    )
    .lifecycle_comment("DigitalOcean upgrades the cluster to newer versions.")
    .ignore_changes("version")
    .when(!&*common.local);
    let cluster = m.resource(cluster);
    (vpc, cluster)
}

fn namespaces(m: &mut Module, common: &Common) -> Many<kubernetes::NamespaceV1Reference> {
    m.resource(
        kubernetes::NamespaceV1::new("this", kubernetes::NamespaceV1Metadata::new()).for_each(
            IntoExpr::<Set<Str>>::into_expr(NAMESPACES),
            |_, each| {
                kubernetes::NamespaceV1::new(
                    "this",
                    kubernetes::NamespaceV1Metadata::new()
                        .name(each.key())
                        .labels(&common.labels),
                )
                .timeouts(kubernetes::NamespaceV1Timeouts::new().delete("10m"))
            },
        ),
    )
}

/// Declares the credentials for the registry in each namespace of the module and in that of the database.
fn registry_credentials(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    namespaces: &Many<kubernetes::NamespaceV1Reference>,
) {
    let everywhere = NAMESPACES.into_iter().chain(["default"]);
    let everywhere: Expr<Set<Str>> = everywhere.collect::<Vec<_>>().into_expr();
    let credentials: Expr<Map<Str>> = [(
        ".dockerconfigjson",
        inputs.registry_credentials.forward::<Expr<Str>>(),
    )]
    .into_expr();
    m.resource(
        kubernetes::SecretV1::new("registry", kubernetes::SecretV1Metadata::new()).for_each(
            everywhere,
            |_, each| {
                kubernetes::SecretV1::new(
                    "registry",
                    kubernetes::SecretV1Metadata::new()
                        .name("registry")
                        .namespace(each.key())
                        .labels(&common.labels),
                )
                .comment("A pod can only use a secret in its own namespace. The values are write-only, so they are in neither the plan nor the state.")
                .r#type("kubernetes.io/dockerconfigjson")
                .data_wo(&credentials)
                .data_wo_revision(&inputs.secrets_version)
                .depends_on(namespaces)
            },
        ),
    );
}
