//! The control plane that all tests share, and the namespaces of the tests. Must not contain expectations.

use std::sync::OnceLock;

use anyhow::{Context as _, Result, anyhow};
use serde_json::{Value, json};
use tfharness::kubernetes::{ApiError, Client, ControlPlane, Reference};

/// Runs a test with the client of an administrator. If the test fails, the error contains the directory of the logs.
pub(crate) fn with_cluster(test: impl FnOnce(&Client) -> Result<()>) -> Result<()> {
    static CLUSTER: OnceLock<Result<ControlPlane, String>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| {
        let started = ControlPlane::start().map_err(|error| format!("{:#}", anyhow!(error)))?;
        println!("the control plane started in {:?}", started.started());
        Ok(started)
    });
    let cluster = cluster.as_ref().map_err(|error| anyhow!(error.clone()))?;
    let result = test(cluster.client());
    result.or_else(|error| {
        let logs = cluster.keep_logs()?;
        Err(error.context(format!("the logs of the control plane are in {logs}")))
    })
}

/// Returns the identity of an object.
pub(crate) fn object(
    api_version: &str,
    kind: &str,
    namespace: Option<&str>,
    name: &str,
) -> Reference {
    Reference {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
    }
}

/// Returns the manifest of an object in a namespace.
pub(crate) fn manifest(
    api_version: &str,
    kind: &str,
    namespace: &str,
    name: &str,
    content: &Value,
) -> Value {
    let mut manifest = json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
    });
    for (key, value) in content.as_object().into_iter().flatten() {
        manifest[key] = value.clone();
    }
    manifest
}

/// Creates a namespace, and waits until its service account exists, which pods require.
pub(crate) fn create_namespace(client: &Client, namespace: &Value) -> Result<()> {
    client.apply(namespace)?;
    let name = namespace["metadata"]["name"].as_str().context("no name")?;
    let account = object("v1", "ServiceAccount", Some(name), "default");
    client.wait("the namespace has no service account", |client| {
        client.read(&account)
    })?;
    Ok(())
}

/// Returns the manifest of a namespace.
pub(crate) fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

/// Waits until an event about an object contains a text, and returns its message.
pub(crate) fn event(
    client: &Client,
    namespace: &str,
    about: &str,
    text: &str,
) -> Result<String, ApiError> {
    client.wait(
        &format!("no event about {about} contains `{text}`"),
        |client| {
            let events = client.list("v1", "Event", namespace)?;
            let mut messages = events.iter().filter_map(|event| {
                let name = event["involvedObject"]["name"].as_str()?;
                let message = event["message"].as_str()?;
                (name.starts_with(about) && message.contains(text)).then(|| message.to_owned())
            });
            Ok(messages.next_back())
        },
    )
}
