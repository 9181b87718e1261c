//! Admission by a quota.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::kubernetes::Client;

use crate::cluster::{create_namespace, event, manifest, namespace, object, with_cluster};

/// Returns a deployment whose container has these resources.
fn deployment(namespace: &str, name: &str, resources: &Value) -> Value {
    let labels = json!({ "app": name });
    manifest(
        "apps/v1",
        "Deployment",
        namespace,
        name,
        &json!({"spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{
                    "name": "app",
                    "image": format!("registry.example.com/app@sha256:{}", "a".repeat(64)),
                    "resources": resources,
                }]},
            },
        }}),
    )
}

/// Waits until the pods of a deployment exist.
fn await_pods(client: &Client, namespace: &str, name: &str) -> Result<()> {
    client.wait(&format!("{name} has no pod"), |client| {
        let pods = client.list("v1", "Pod", namespace)?;
        let own = |pod: &&Value| pod["metadata"]["labels"]["app"] == name;
        Ok(pods.iter().find(own).map(|_| ()))
    })?;
    Ok(())
}

#[test]
fn quota_refuses_pods_without_limits() -> Result<()> {
    with_cluster(|client| {
        let name = "quota-control";
        create_namespace(client, &namespace(name))?;
        let hard = json!({"limits.cpu": "2", "limits.memory": "4Gi", "pods": "5"});
        let quota = json!({"spec": {"hard": hard}});
        client.apply(&manifest("v1", "ResourceQuota", name, "quota", &quota))?;
        let quota = object("v1", "ResourceQuota", Some(name), "quota");
        client.wait("the quota has no status", |client| {
            let quota = client.read(&quota)?.unwrap_or_default();
            Ok((quota["status"]["hard"] == hard).then_some(()))
        })?;

        client.apply(&deployment(name, "without", &json!({})))?;
        let message = event(client, name, "without", "must specify limits.cpu")?;
        ensure!(
            message.contains("failed quota: quota"),
            "another reason: {message}"
        );
        let limits = json!({"limits": {"cpu": "500m", "memory": "1Gi"}});
        client.apply(&deployment(name, "with", &limits))?;
        await_pods(client, name, "with")?;
        let pods = client.list("v1", "Pod", name)?;
        ensure!(pods.len() == 1, "the refused deployment has pods: {pods:?}");
        Ok(())
    })
}
