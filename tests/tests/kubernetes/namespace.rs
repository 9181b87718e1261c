//! Deletion of a namespace.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::kubernetes::Client;

use crate::cluster::{create_namespace, manifest, namespace, object, with_cluster};

/// Deletes a namespace, and expects that it and its objects do not exist afterwards.
pub(crate) fn expect_deletion(client: &Client, name: &str) -> Result<()> {
    let reference = object("v1", "Namespace", None, name);
    let before = client.objects_in(name)?;
    ensure!(!before.is_empty(), "{name} is empty before its deletion");
    client.delete(&reference)?;
    client.wait("the namespace still exists", |client| {
        let namespace = client.read(&reference)?;
        Ok(namespace.is_none().then_some(()))
    })?;
    let left = client.objects_in(name)?;
    ensure!(left.is_empty(), "{left:?} remain in {name}");
    Ok(())
}

#[test]
fn deleted_namespace_leaves_no_objects() -> Result<()> {
    with_cluster(|client| {
        let name = "deletion";
        create_namespace(client, &namespace(name))?;
        let data = json!({"data": {"key": "value"}});
        client.apply(&manifest("v1", "ConfigMap", name, "settings", &data))?;
        expect_deletion(client, name)
    })
}

#[test]
fn finalizer_keeps_a_namespace_until_its_controller_removes_it() -> Result<()> {
    with_cluster(|client| {
        let name = "finalizer";
        create_namespace(client, &namespace(name))?;
        let mut settings = manifest("v1", "ConfigMap", name, "settings", &json!({}));
        settings["metadata"]["finalizers"] = json!(["example.com/controller"]);
        client.apply(&settings)?;
        let reference = object("v1", "Namespace", None, name);
        client.delete(&reference)?;
        // The namespace controller reports the finalizer that it waits for.
        let message = client.wait("the namespace has no condition", |client| {
            let namespace = client.read(&reference)?.unwrap_or_default();
            let conditions = namespace["status"]["conditions"].as_array();
            let remaining = conditions.into_iter().flatten().find(|condition| {
                condition["type"] == "NamespaceFinalizersRemaining" && condition["status"] == "True"
            });
            Ok(remaining.map(|condition| condition["message"].clone()))
        })?;
        let named = message
            .as_str()
            .is_some_and(|text| text.contains("example.com/controller"));
        ensure!(named, "{message} does not name the finalizer");
        settings["metadata"]["finalizers"] = Value::Array(Vec::new());
        client.apply(&settings)?;
        client.wait("the namespace still exists", |client| {
            let namespace = client.read(&reference)?;
            Ok(namespace.is_none().then_some(()))
        })?;
        Ok(())
    })
}
