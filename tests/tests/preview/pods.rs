//! Pods of an environment, and the resources that they require. Must not contain expectations.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::facts::{Facts, text};

/// A pod template.
pub(crate) struct Pod<'a> {
    /// Type and name of its controller.
    pub(crate) controller: String,
    pub(crate) namespace: &'a str,
    /// Number of pods during a rolling update.
    pub(crate) most: u64,
    pub(crate) labels: &'a Value,
    pub(crate) spec: &'a Value,
}

impl<'a> Pod<'a> {
    /// Returns the pods of all deployments and jobs.
    pub(crate) fn all(facts: &'a Facts) -> Result<Vec<Self>> {
        let mut pods = Vec::new();
        for kind in ["kubernetes_deployment_v1", "kubernetes_job_v1"] {
            for object in facts.all(kind) {
                let spec = &object["spec"][0];
                let template = &spec["template"][0];
                let replicas = spec["replicas"].as_str().map(str::parse::<u64>);
                pods.push(Self {
                    controller: format!("{kind} {}", text(object, "/metadata/0/name")?),
                    namespace: text(object, "/metadata/0/namespace")?,
                    most: replicas.transpose()?.map_or(1, |count| count + 1),
                    labels: &template["metadata"][0]["labels"],
                    spec: &template["spec"][0],
                });
            }
        }
        Ok(pods)
    }

    /// Returns the containers, and then the init containers.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &'a Value> {
        let of = |name: &str| self.spec[name].as_array().into_iter().flatten();
        of("container").chain(of("init_container"))
    }

    /// Returns the resources that the scheduler reserves and a quota counts: the greater of the sum of the containers and each
    /// init container. Source: "Init Containers", Kubernetes documentation: resource sharing within containers.
    pub(crate) fn required(&self) -> Result<BTreeMap<String, u64>> {
        let mut required = BTreeMap::new();
        for kind in ["requests", "limits"] {
            for resource in ["cpu", "memory"] {
                let amount = |container: &Value| {
                    quantity(text(container, &format!("/resources/0/{kind}/{resource}"))?)
                };
                let list = |name: &str| self.spec[name].as_array().cloned().unwrap_or_default();
                let mut sum = 0;
                for container in &list("container") {
                    sum += amount(container)?;
                }
                for container in &list("init_container") {
                    sum = sum.max(amount(container)?);
                }
                required.insert(format!("{kind}.{resource}"), sum);
            }
        }
        Ok(required)
    }
}

/// Returns a quantity in millicores or MiB.
pub(crate) fn quantity(text: &str) -> Result<u64> {
    let number = text.strip_suffix("Mi").or_else(|| text.strip_suffix('m'));
    let number = number.with_context(|| format!("{text} has another unit"))?;
    Ok(number.parse()?)
}
