//! The pods of planned deployments and jobs, and the status that nodes would report. Must not contain expectations.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tfharness::kubernetes::{Client, Reference};

/// Returns the pods of a deployment or job that have not ended, once there are `count`.
pub(crate) fn await_pods(client: &Client, owner: &Value, count: usize) -> Result<Vec<Reference>> {
    let owner_name = owner["metadata"]["name"].as_str().context("no name")?;
    let namespace = owner["metadata"]["namespace"]
        .as_str()
        .context("no namespace")?;
    let what = format!("{owner_name} does not have {count} pods");
    let pods = client.wait(&what, |client| {
        let mut pods = client.list("v1", "Pod", namespace)?;
        pods.retain(|pod| {
            // Names of pods start with the name of their deployment or job.
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            let own = name
                .strip_prefix(owner_name)
                .is_some_and(|rest| rest.starts_with('-'));
            own && pod["status"]["phase"] != "Succeeded"
                && pod["metadata"]["deletionTimestamp"].is_null()
        });
        Ok((pods.len() == count).then_some(pods))
    })?;
    let reference = |pod: &Value| {
        let name = pod["metadata"]["name"].as_str().context("no name")?;
        Ok(crate::cluster::object("v1", "Pod", Some(namespace), name))
    };
    pods.iter().map(reference).collect()
}

/// Reports that pods are ready, as a node does.
pub(crate) fn report_ready(client: &Client, pods: &[Reference]) -> Result<()> {
    for pod in pods {
        let ready = json!([{"type": "Ready", "status": "True"}]);
        client.set_status(pod, &json!({"phase": "Running", "conditions": ready}))?;
    }
    Ok(())
}

/// Reports that pods have succeeded, as a node does, and waits until the job is complete.
pub(crate) fn report_success(client: &Client, job: &Value, pods: &[Reference]) -> Result<()> {
    for pod in pods {
        client.set_status(pod, &json!({"phase": "Succeeded"}))?;
    }
    let job = Reference::of(job)?;
    client.wait(&format!("{job} is not complete"), |client| {
        let job = client.read(&job)?.unwrap_or_default();
        Ok((job["status"]["succeeded"] == pods.len()).then_some(()))
    })?;
    Ok(())
}

/// Resources by their names in a quota, such as `limits.cpu`. CPU is in millicores, and memory is in octets.
pub(crate) type Amounts = BTreeMap<String, i64>;

/// Returns the resources that a quota counts for one pod of a deployment or job, according to "Resource Quotas" and "Init
/// Containers" in the documentation of Kubernetes: for each resource, the greater of the largest init container and the sum
/// of the containers.
pub(crate) fn counted(owner: &Value) -> Result<Amounts> {
    let pod = &owner["spec"]["template"]["spec"];
    let mut amounts = Amounts::from([("pods".to_owned(), 1)]);
    for kind in ["requests", "limits"] {
        for resource in ["cpu", "memory"] {
            let of = |containers: &Value| -> Result<Vec<i64>> {
                let containers = containers.as_array().into_iter().flatten();
                let one =
                    |container: &Value| quantity(resource, &container["resources"][kind][resource]);
                containers.map(one).collect()
            };
            let sum = of(&pod["containers"])?.into_iter().sum();
            let largest = of(&pod["initContainers"])?.into_iter().max();
            let amount = largest.map_or(sum, |largest| largest.max(sum));
            amounts.insert(format!("{kind}.{resource}"), amount);
        }
    }
    Ok(amounts)
}

/// Returns the amounts of a quota.
pub(crate) fn amounts(map: &Value) -> Result<Amounts> {
    let map = map.as_object().context("no amounts")?;
    let one = |(name, value): (&String, &Value)| Ok((name.clone(), quantity(name, value)?));
    map.iter().map(one).collect()
}

/// Returns the sum of amounts, each with a factor.
pub(crate) fn sum<'a>(parts: impl IntoIterator<Item = (&'a Amounts, i64)>) -> Amounts {
    let mut sum = Amounts::new();
    for (part, factor) in parts {
        for (name, amount) in part {
            *sum.entry(name.clone()).or_default() += factor * amount;
        }
    }
    sum
}

/// Returns a quantity of a resource: pods, millicores, or octets. A quantity of CPU without a suffix is in cores.
fn quantity(resource: &str, value: &Value) -> Result<i64> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => bail!("{other} is not a quantity of {resource}"),
    };
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" if resource.ends_with("cpu") => 1000,
        "" | "m" => 1,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        other => bail!("unexpected suffix {other} of {resource}"),
    };
    Ok(digits.parse::<i64>()? * factor)
}

#[test]
fn quantities_of_quotas_are_read() -> Result<()> {
    for (resource, text, expected) in [
        ("limits.cpu", "2", 2000),
        ("requests.cpu", "250m", 250),
        ("limits.memory", "4Gi", 4 << 30),
        ("pods", "5", 5),
    ] {
        assert_eq!(quantity(resource, &json!(text))?, expected, "{text}");
    }
    Ok(())
}
