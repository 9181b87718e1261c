//! Connections that the network policies of an environment allow, evaluated as Kubernetes does, and the table of the README.
//!
//! Source: "Network Policies", Kubernetes documentation: the two sorts of pod isolation, and behavior of `to` and `from`
//! selectors.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::Cli;

use crate::environment::example;
use crate::facts::Facts;
use crate::pods::Pod;

/// Namespace of the environment.
const NAMESPACE: &str = "preview-pr-7";

/// An end of a connection: a pod, or an address outside of the cluster.
struct End {
    name: &'static str,
    namespace: Option<&'static str>,
    labels: Value,
}

impl End {
    fn new(name: &'static str, namespace: &'static str, labels: Value) -> Self {
        Self {
            name,
            namespace: Some(namespace),
            labels,
        }
    }

    fn is_inside(&self) -> bool {
        self.namespace == Some(NAMESPACE)
    }
}

/// Returns the first block of a list, if there is one.
fn block<'a>(parent: &'a Value, name: &str) -> Option<&'a Value> {
    parent[name].as_array()?.first()
}

fn blocks<'a>(parent: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    parent[name].as_array().into_iter().flatten()
}

/// Returns whether a selector matches labels. An empty selector matches everything.
fn selects(selector: &Value, labels: &Value) -> bool {
    let pairs = selector["match_labels"].as_object().into_iter().flatten();
    let expressions = blocks(selector, "match_expressions");
    pairs
        .into_iter()
        .all(|(name, value)| labels[name] == *value)
        && expressions.into_iter().all(|one| {
            let values = one["values"].as_array();
            let key = one["key"].as_str().unwrap_or_default();
            values.is_some_and(|values| values.contains(&labels[key]))
        })
}

/// Returns whether a rule names the other end.
fn names<'a>(mut peers: impl Iterator<Item = &'a Value>, other: &End) -> bool {
    let mut any = false;
    let found = peers.any(|peer| {
        any = true;
        let Some(namespace) = other.namespace else {
            return block(peer, "ip_block").is_some();
        };
        if block(peer, "ip_block").is_some() {
            return false;
        }
        let own = json!({ "kubernetes.io/metadata.name": namespace });
        let namespace = match block(peer, "namespace_selector") {
            Some(selector) => selects(selector, &own),
            None => namespace == NAMESPACE,
        };
        namespace && block(peer, "pod_selector").is_none_or(|one| selects(one, &other.labels))
    });
    found || !any
}

/// Returns whether a pod of the environment can use a connection in one direction.
fn allows(policies: &[&Value], direction: &str, pod: &End, other: &End, port: &str) -> bool {
    let (ty, list, peers) = match direction {
        "egress" => ("Egress", "egress", "to"),
        _ => ("Ingress", "ingress", "from"),
    };
    let mut isolated = false;
    let mut allowed = false;
    for policy in policies {
        let spec = &policy["spec"][0];
        let types = spec["policy_types"].as_array();
        let applies = types.is_some_and(|types| types.contains(&json!(ty)))
            && block(spec, "pod_selector").is_some_and(|one| selects(one, &pod.labels));
        if !applies {
            continue;
        }
        isolated = true;
        allowed |= blocks(spec, list).any(|rule| {
            let mut ports = blocks(rule, "ports").peekable();
            let port = ports.peek().is_none() || ports.any(|one| one["port"] == port);
            port && names(blocks(rule, peers), other)
        });
    }
    !isolated || allowed
}

fn table(facts: &Facts) -> Result<String> {
    let policies = facts.all("kubernetes_network_policy_v1");
    ensure!(policies.len() >= 4, "{} policies", policies.len());
    let pod = |name: &'static str| {
        let pods = Pod::all(facts)?.into_iter();
        let pod = pods
            .filter(|pod| pod.namespace == NAMESPACE)
            .find(|pod| pod.labels["app.kubernetes.io/name"] == name);
        let pod = pod.with_context(|| format!("no pod {name}"))?;
        anyhow::Ok(End::new(name, NAMESPACE, pod.labels.clone()))
    };
    let inside = [pod("web")?, pod("api")?, pod("migration")?];
    let database = json!({ "app.kubernetes.io/name": "postgresql" });
    let dns = json!({ "k8s-app": "kube-dns" });
    let outside = [
        End::new("gateway", "gateway", json!({})),
        End::new(
            "other environment",
            "preview-pr-8",
            inside[1].labels.clone(),
        ),
        End::new("PostgreSQL", "default", database),
        End::new("other pod in `default`", "default", json!({})),
        End::new("DNS", "kube-system", dns),
        End {
            name: "internet",
            namespace: None,
            labels: json!({}),
        },
    ];
    let port = |to: &End| match to.name {
        "PostgreSQL" => "5432",
        "DNS" => "53",
        _ => "8080",
    };
    let ends = || inside.iter().chain(&outside);
    let mut text = String::from("| from | can connect to |\n|---|---|\n");
    for from in ends() {
        let reached: Vec<_> = ends()
            .filter(|to| to.name != from.name && (from.is_inside() || to.is_inside()))
            .filter(|to| {
                let port = port(to);
                (!from.is_inside() || allows(&policies, "egress", from, to, port))
                    && (!to.is_inside() || allows(&policies, "ingress", to, from, port))
            })
            .map(|to| format!("{} ({})", to.name, port(to)))
            .collect();
        let reached = match reached.is_empty() {
            true => "–".to_owned(),
            false => reached.join(", "),
        };
        text.push_str(&format!("| {} | {reached} |\n", from.name));
    }
    Ok(text)
}

#[test]
fn network_policies_allow_only_the_connections_in_the_readme() -> Result<()> {
    let cli = Cli::all()?.swap_remove(0);
    let stack = example(&cli, "preview")?.apply()?;
    let table = table(&Facts::of(&stack)?)?;
    println!("{table}");
    let expected = "\
| from | can connect to |
|---|---|
| web | DNS (53) |
| api | PostgreSQL (5432), DNS (53) |
| migration | PostgreSQL (5432), DNS (53) |
| gateway | web (8080), api (8080) |
| other environment | – |
| PostgreSQL | – |
| other pod in `default` | – |
| DNS | – |
| internet | – |
";
    ensure!(table == expected, "{table}");
    let readme = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../modules/preview-env/README.md"
    );
    let readme = std::fs::read_to_string(readme)?;
    ensure!(
        readme.contains(&table),
        "the README contains another table:\n{table}"
    );
    Ok(())
}
