//! Network policies: everything is denied, and each allowed connection has a policy.

use kubernetes_blocks as kubernetes;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::Inputs;
use super::names::Names;
use super::namespace::Namespace;
use crate::preview::conventions::namespace_selector;

/// Port on which nginx and the web application listen.
pub(super) const HTTP: i64 = 8080;
/// Label of pods that connect to the database.
pub(super) const DATABASE_CLIENT: &str = "database-client";
/// Label of pods with their component.
pub(super) const COMPONENT: &str = "app.kubernetes.io/name";

use kubernetes::{
    NetworkPolicyV1 as Policy, NetworkPolicyV1Spec as Spec, NetworkPolicyV1SpecEgress as Egress,
    NetworkPolicyV1SpecEgressPorts as EgressPorts, NetworkPolicyV1SpecEgressTo as To,
    NetworkPolicyV1SpecIngress as Ingress, NetworkPolicyV1SpecPodSelector as Pods,
};

/// Declares the policies.
pub(super) fn policies(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    names: &Names,
    namespace: &Namespace,
) {
    m.file("network");
    let policy = |label: &str, name: &str, spec: Spec| {
        let metadata = kubernetes::NetworkPolicyV1Metadata::new()
            .name(name)
            .namespace(&namespace.name)
            .labels(&names.labels);
        Policy::new(label, metadata, spec)
    };
    m.resource(
        policy(
            "deny",
            "deny-all",
            Spec::new(["Ingress", "Egress"], Pods::new()),
        )
        .comment("A pod that a policy selects can only use the connections that policies allow."),
    );
    m.resource(policy("gateway", "from-gateway", from_gateway(inputs)));
    m.resource(policy("dns", "to-dns", to_dns()));
    m.resource(policy("database", "to-database", to_database(inputs)));
    let ranges = &inputs.egress_cidrs;
    let to = Egress::new().to_for_each(&**ranges, |each| {
        To::new().ip_block(kubernetes::NetworkPolicyV1SpecEgressToIpBlock::new().cidr(each.value()))
    });
    m.resource(
        policy(
            "external",
            "to-external-services",
            Spec::new(["Egress"], clients()).egress(to),
        )
        .when(length(ranges.any()).greater_than(0)),
    );
}

/// Returns the pods that connect to the database: the API and its jobs.
fn clients() -> Pods {
    Pods::new().match_labels(pairs(DATABASE_CLIENT, "true"))
}

/// Returns a map with one member.
fn pairs(name: &str, value: impl IntoExpr<Str>) -> Expr<Map<Str>> {
    [(name, value.into_expr())].into_expr()
}

fn from_gateway(inputs: &Inputs<Declared>) -> Spec {
    let gateway = inputs.base.attribute::<Str>("gateway_namespace");
    let from = kubernetes::NetworkPolicyV1SpecIngressFrom::new().namespace_selector(
        kubernetes::NetworkPolicyV1SpecEgressToNamespaceSelector::new()
            .match_labels(namespace_selector(gateway)),
    );
    let port = EgressPorts::new().port(HTTP.to_string()).protocol("TCP");
    let served = kubernetes::NetworkPolicyV1SpecPodSelectorMatchExpressions::new()
        .key(COMPONENT)
        .operator("In")
        .values(["api", "web"]);
    Spec::new(["Ingress"], Pods::new().match_expressions(served))
        .ingress(Ingress::new().from(from).ports(port))
}

fn to_dns() -> Spec {
    let dns = To::new()
        .namespace_selector(
            kubernetes::NetworkPolicyV1SpecEgressToNamespaceSelector::new()
                .match_labels(namespace_selector("kube-system")),
        )
        .pod_selector(Pods::new().match_labels(pairs("k8s-app", "kube-dns")));
    let port = |protocol: &str| EgressPorts::new().port("53").protocol(protocol);
    Spec::new(["Egress"], Pods::new())
        .egress(Egress::new().to(dns).ports(port("UDP")).ports(port("TCP")))
}

fn to_database(inputs: &Inputs<Declared>) -> Spec {
    let base = &inputs.base;
    let cidr = base.attribute::<Str>("postgresql_cidr");
    let one = |value: Expr<Str>| IntoExpr::<List<Str>>::into_expr([value]);
    let in_cluster = conditional(
        cidr.is_null(),
        one(base.attribute("postgresql_namespace")),
        empty(),
    );
    let managed = conditional(cidr.is_null(), empty(), one(cidr));
    let port = EgressPorts::new()
        .port(tostring(base.attribute::<Num>("postgresql_port").any()))
        .protocol("TCP");
    let egress = Egress::new()
        .to_for_each(in_cluster, |each| {
            To::new()
                .namespace_selector(
                    kubernetes::NetworkPolicyV1SpecEgressToNamespaceSelector::new()
                        .match_labels(namespace_selector(each.value())),
                )
                .pod_selector(Pods::new().match_labels(pairs(COMPONENT, "postgresql")))
        })
        .to_for_each(managed, |each| {
            To::new()
                .ip_block(kubernetes::NetworkPolicyV1SpecEgressToIpBlock::new().cidr(each.value()))
        })
        .ports(port);
    Spec::new(["Egress"], clients()).egress(egress)
}

fn empty() -> Expr<List<Str>> {
    Vec::<&str>::new().into_expr()
}
