//! The long-lived base of environments on Kubernetes: a cluster, a database, a gateway with a certificate, and DNS records. The
//! package `preview-base`.

mod cluster;
mod gateway;
mod inputs;
mod postgresql;

use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Package};

use crate::preview::chart::with_chart;
use crate::preview::conventions::{LOCAL, PRODUCTION, labels, module};
use inputs::Inputs;

/// Target system of the package.
const TARGET: &str = "digitalocean";

/// Values that every file of the module uses.
struct Common {
    /// Whether the base runs on an existing local cluster.
    local: Local<Bool>,
    production: Local<Bool>,
    labels: Local<Map<Str>>,
    /// Hosts of the gateway, each with the name of its DNS record.
    records: Local<Map<Str>>,
}

/// Returns the package, which has no parts.
pub(super) fn package() -> Package {
    with_chart(Package::new(TARGET, root()))
}

fn root() -> Part<Inputs, Outputs> {
    let mut m = module(
        "preview-base",
        "The base that environments of applications share: a Kubernetes cluster on DigitalOcean, PostgreSQL, a gateway with a certificate, and DNS records.",
    );
    m.requires("digitalocean", "digitalocean/digitalocean", ">= 2.99");
    let inputs = Inputs::declare(&mut m);
    let common = Common::declare(&mut m, &inputs);
    let cluster = cluster::cluster(&mut m, &inputs, &common);
    let database = postgresql::postgresql(&mut m, &inputs, &common, &cluster);
    let gateway = gateway::gateway(&mut m, &inputs, &common, &cluster);
    mocks(&mut m);
    m.scenario("previews_have_a_load_balancer", |plan| {
        plan.given(&inputs.region, "fra1").expect(
            gateway
                .reference
                .spec()
                .attribute::<Str>("type")
                .equals("LoadBalancer"),
            "The gateway must have a load balancer.",
        )
    });
    let outputs = Outputs {
        profile: output(&*inputs.profile),
        domain: output(&*inputs.domain),
        cluster_id: output(&cluster.id),
        kubeconfig: output(&cluster.kubeconfig).sensitive(),
        gateway_name: output(gateway::NAME),
        gateway_namespace: output(gateway.namespace),
        gateway_address: output(gateway.address),
        gateway_hosts: output(keys(&common.records)),
        tls_secret_name: output(gateway::TLS_SECRET),
        postgresql_host: output(&database.host),
        postgresql_port: output(&database.port),
        postgresql_sslmode: output(&database.sslmode),
        postgresql_database: output(&database.database),
        postgresql_cidr: output(&database.cidr),
        postgresql_namespace: output(postgresql::NAMESPACE),
        postgresql_admin_secret: output(&database.admin_secret),
        postgresql_image: output(&*inputs.postgresql_image),
    };
    Part::new(m, inputs, outputs)
}

/// Declares the computed values of mocked objects that other values depend on.
fn mocks(m: &mut Module) {
    let text = |names: &[&str]| object_value(names.iter().map(|name| entry(name, "mocked")));
    let connection = text(&[
        "client_certificate",
        "client_key",
        "cluster_ca_certificate",
        "expires_at",
        "host",
        "raw_config",
        "token",
    ]);
    m.mock_resource(
        "digitalocean_kubernetes_cluster",
        object_value([entry("kube_config", [connection])]),
    );
    let ingress = text(&["hostname", "ip", "ip_mode"]);
    let balancer = object_value([entry("ingress", [ingress])]);
    let status = object_value([entry("load_balancer", [balancer])]);
    m.mock_resource(
        "kubernetes_service_v1",
        object_value([entry("status", [status])]),
    );
}

impl Common {
    fn declare(m: &mut Module, inputs: &Inputs<Declared>) -> Self {
        let local = m.local("local", inputs.profile.equals(LOCAL));
        let production = m.local("production", inputs.profile.equals(PRODUCTION));
        let host = |prefix: &str| template([prefix.into(), (&inputs.domain).into()]);
        let of = |hosts: &[(&'static str, &'static str)]| -> Expr<Map<Str>> {
            let entries: Vec<_> = hosts
                .iter()
                .map(|(prefix, record)| tfmodgen::Entry::computed(host(prefix), *record))
                .collect();
            object_value(entries).typed()
        };
        let records = m
            .local(
                "records",
                conditional(
                    &production,
                    tomap(of(&[("", "@"), ("www.", "www"), ("api.", "api")]).any()),
                    tomap(of(&[("*.pr.", "*.pr"), ("*.pr-api.", "*.pr-api")]).any()),
                ),
            )
            .comment("Hosts of the gateway, and the names of their DNS records.");
        Self {
            labels: m.local("labels", labels(&inputs.name)),
            local,
            production,
            records,
        }
    }
}

tfmodgen::outputs! {
    /// Outputs of the package.
    struct Outputs {
        /// Profile of the base.
        profile: Str,
        /// Domain of the environments.
        domain: Str,
        /// ID of the cluster, or `local`.
        cluster_id: Str,
        /// Kubeconfig of the cluster, with which the environments configure their providers.
        kubeconfig: Str,
        /// Name of the gateway.
        gateway_name: Str,
        /// Namespace of the gateway.
        gateway_namespace: Str,
        /// IP address of the load balancer of the gateway. Null on a local cluster.
        gateway_address: Str,
        /// Hosts of the gateway and of its certificate.
        gateway_hosts: List<Str>,
        /// Secret with the certificate in the namespace of the gateway.
        tls_secret_name: Str,
        /// Fully qualified host name of PostgreSQL in the cluster or in the VPC.
        postgresql_host: Str,
        /// Port of PostgreSQL.
        postgresql_port: Num,
        /// Value of `sslmode` for connections to PostgreSQL.
        postgresql_sslmode: Str,
        /// Existing database to which jobs connect as the administrator.
        postgresql_database: Str,
        /// IPv4 address range of the managed database. Null if PostgreSQL runs in the cluster.
        postgresql_cidr: Str,
        /// Namespace of jobs that create databases, and of PostgreSQL in the cluster.
        postgresql_namespace: Str,
        /// Secret with the keys `username` and `password` of the administrator, in the namespace of the jobs.
        postgresql_admin_secret: Str,
        /// Image of PostgreSQL, which also runs the jobs.
        postgresql_image: Str,
    }
}
