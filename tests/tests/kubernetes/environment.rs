//! The objects of a planned environment, in the order of their dependencies. Must not contain expectations.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tfharness::kubernetes::{Client, Reference};
use tfharness::workspace::Plan;
use tfharness::{Cli, Workspace};

use crate::chart::rendered;
use crate::cluster::create_namespace;
use crate::convert::Schemas;
use crate::providers::kubernetes;

/// A kubeconfig of the base. No process connects to its server.
pub(crate) const KUBECONFIG: &str = "\
clusters: [{name: base, cluster: {server: 'https://base.example.com', certificate-authority-data: YmFzZQ==}}]
users: [{name: base, user: {token: base-token}}]
";

/// Order in which kinds are applied: an object follows the objects that it requires.
const ORDER: [&str; 11] = [
    "Namespace",
    "ResourceQuota",
    "NetworkPolicy",
    "ServiceAccount",
    "ConfigMap",
    "Secret",
    "Job",
    "Deployment",
    "Service",
    "HTTPRoute",
    "RateLimitPolicy",
];

/// Kinds whose custom resource definition does not come from a Go module that a proxy serves: of NGINX Gateway Fabric.
pub(crate) const NOT_SERVED: [&str; 1] = ["RateLimitPolicy"];

/// Values of secrets, in Base64 encoding. They are write-only, so a plan does not contain them.
const SECRETS: [(&str, &str, &str); 2] = [
    (
        "kubernetes.io/dockerconfigjson",
        ".dockerconfigjson",
        "eyJhdXRocyI6e319",
    ),
    ("Opaque", "password", "c2VjcmV0"),
];

/// Objects that a plan with doubles of the providers creates.
pub(crate) struct Planned {
    /// Manifests of resources, in the order of their dependencies.
    pub(crate) objects: Vec<Value>,
    /// Objects of charts in modules, which Helm applies.
    pub(crate) chart: Vec<Value>,
    plan: Plan,
}

impl Planned {
    /// Plans a configuration.
    pub(crate) fn of(client: &Client, workspace: Workspace) -> Result<Self> {
        let stack = workspace.init()?;
        let plan = stack.plan()?;
        let schemas = Schemas::read(client)?;
        let mut objects = Vec::new();
        let mut chart = Vec::new();
        for planned in plan.changes() {
            let after = &planned.change.after;
            // A chart from a repository has an address. It is not part of a module.
            if planned.kind == "helm_release" && after["repository"].is_null() {
                let rendered = rendered(stack.directory(), after);
                chart.extend(rendered.with_context(|| planned.address.clone())?);
            } else if planned.kind.starts_with("kubernetes_") {
                let manifest = schemas.manifest(&planned.kind, after);
                objects.push(with_values(manifest.context(planned.address.clone())?));
            }
        }
        objects.sort_by_key(rank);
        Ok(Self {
            objects,
            chart,
            plan,
        })
    }
}

/// A planned environment.
pub(crate) struct Environment {
    /// Namespace.
    pub(crate) namespace: String,
    /// Manifests, in the order of their dependencies.
    pub(crate) objects: Vec<Value>,
    /// Objects of the chart, which Helm applies.
    pub(crate) chart: Vec<Value>,
    /// Resources that the pods require during a rolling update, as the module computes them.
    pub(crate) demand: Value,
}

impl Environment {
    /// Plans the environment of a pull request with doubles of the providers. `digit` is the digit of all image digests.
    pub(crate) fn plan(client: &Client, number: u32, digit: char) -> Result<Self> {
        let cli = Cli::all()?.into_iter().next().context("no CLI")?;
        let planned = Planned::of(client, example(&cli, number, digit))?;
        Ok(Self {
            namespace: format!("preview-pr-{number}"),
            objects: planned.objects,
            chart: planned.chart,
            demand: output(&planned.plan, "demand"),
        })
    }

    /// Applies all objects that the API server serves, in their order.
    pub(crate) fn apply(&self, client: &Client) -> Result<()> {
        for object in self.served() {
            let applied = match object["kind"] == "Namespace" {
                true => create_namespace(client, object),
                false => client.apply(object).map(drop).map_err(Into::into),
            };
            applied.with_context(|| format!("{} is not applied", label(object)))?;
        }
        Ok(())
    }

    /// Returns the objects that the API server serves.
    pub(crate) fn served(&self) -> impl Iterator<Item = &Value> {
        self.objects
            .iter()
            .filter(|object| NOT_SERVED.iter().all(|kind| object["kind"] != *kind))
    }

    /// Returns the objects of a kind.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.objects
            .iter()
            .filter(move |object| object["kind"] == kind)
    }

    /// Returns the job that migrates the database.
    pub(crate) fn migration(&self) -> Result<&Value> {
        let is_migration = |job: &&Value| {
            let name = job["metadata"]["name"].as_str();
            name.is_some_and(|name| name.starts_with("migration-"))
        };
        let found = self.of_kind("Job").find(is_migration);
        found.context("the environment has no migration job")
    }

    /// Deletes the objects outside the namespace of the environment, such as its job in the namespace of the database.
    pub(crate) fn delete_elsewhere(&self, client: &Client) -> Result<()> {
        for object in self.served() {
            let reference = Reference::of(object)?;
            let elsewhere = reference.namespace.as_ref();
            if elsewhere.is_some_and(|namespace| *namespace != self.namespace) {
                client.delete(&reference)?;
            }
        }
        Ok(())
    }
}

/// Returns the kind and name of an object, for messages.
pub(crate) fn label(object: &Value) -> String {
    Reference::of(object).map_or_else(|error| error.to_string(), |one| one.to_string())
}

fn rank(object: &Value) -> usize {
    let kind = object["kind"].as_str().unwrap_or_default();
    let position = ORDER.iter().position(|each| *each == kind);
    position.unwrap_or(ORDER.len())
}

/// Adds the values of a secret.
fn with_values(mut object: Value) -> Value {
    if object["kind"] == "Secret" {
        let kind = object["type"].as_str().unwrap_or("Opaque");
        if let Some((_, key, value)) = SECRETS.iter().find(|(each, ..)| *each == kind) {
            object["data"] = json!({ *key: *value });
        }
    }
    object
}

fn output(plan: &Plan, name: &str) -> Value {
    let change = plan.output_changes.get(name);
    change
        .map(|change| change.after.clone())
        .unwrap_or_default()
}

fn example(cli: &Cli, number: u32, digit: char) -> Workspace {
    let digest: String = std::iter::repeat_n(digit, 64).collect();
    let image = |name: &str| format!("registry.example.com/acme/{name}@sha256:{digest}");
    Workspace::of("examples/preview-env")
        .cli(cli)
        .doubles(kubernetes())
        .file("base.tfstate", base_state().to_string())
        .var(
            "base_state",
            json!({"backend": "local", "config": {"path": "base.tfstate"}}),
        )
        .var("domain", "example.com")
        .var("pull_request", number)
        .var("web_image", image("web"))
        .var("api_image", image("api"))
        .var("database_password", "a-password-for-tests")
        .var("app_key", "a-key-for-tests")
}

/// Returns a state that contains the outputs of a base.
fn base_state() -> Value {
    let text = |value: &str| json!({"value": value, "type": "string"});
    json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "11111111-1111-4111-8111-111111111111",
        "outputs": {
            "profile": text("preview"),
            "domain": text("example.com"),
            "cluster_id": text("11111111-1111-4111-8111-111111111111"),
            "kubeconfig": {"value": KUBECONFIG, "type": "string", "sensitive": true},
            "gateway_name": text("shared"),
            "gateway_namespace": text("gateway"),
            "tls_secret_name": text("shared-tls"),
            "postgresql_host": text("db.default.svc.cluster.local"),
            "postgresql_port": {"value": 5432, "type": "number"},
            "postgresql_sslmode": text("prefer"),
            "postgresql_namespace": text("default"),
            "postgresql_admin_secret": text("postgresql-admin"),
            "postgresql_image": text("docker.io/library/postgres:17-alpine"),
        },
        "resources": [],
        "check_results": null,
    })
}
