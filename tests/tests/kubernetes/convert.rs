//! Converts planned attributes of `hashicorp/kubernetes` to manifests. The API server's own schema decides about the names
//! and types of the fields. Must not contain expectations.
//!
//! The provider names a field in lowercase with underscores, uses singular names for repeated blocks, and represents numbers
//! as strings in some types. An attribute that does not correspond to a field is an error.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};
use tfharness::kubernetes::Client;

/// Resource types, and the API version and kind of their objects.
const TYPES: [(&str, &str, &str); 14] = [
    ("config_map", "v1", "ConfigMap"),
    ("cron_job", "batch/v1", "CronJob"),
    ("deployment", "apps/v1", "Deployment"),
    ("job", "batch/v1", "Job"),
    ("limit_range", "v1", "LimitRange"),
    ("namespace", "v1", "Namespace"),
    ("network_policy", "networking.k8s.io/v1", "NetworkPolicy"),
    ("persistent_volume_claim", "v1", "PersistentVolumeClaim"),
    ("pod_disruption_budget", "policy/v1", "PodDisruptionBudget"),
    ("resource_quota", "v1", "ResourceQuota"),
    ("secret", "v1", "Secret"),
    ("service", "v1", "Service"),
    ("service_account", "v1", "ServiceAccount"),
    ("stateful_set", "apps/v1", "StatefulSet"),
];

/// Attributes of resources that are not fields of objects: they configure the provider. Write-only values are not in a plan.
const SETTINGS: [&str; 9] = [
    "binary_data_wo",
    "binary_data_wo_revision",
    "data_wo",
    "data_wo_revision",
    "id",
    "timeouts",
    "wait_for_completion",
    "wait_for_load_balancer",
    "wait_for_rollout",
];

/// Schemas of an API server, by name.
pub(crate) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// Reads the schemas of the types in the table.
    pub(crate) fn read(client: &Client) -> Result<Self> {
        let mut all = BTreeMap::new();
        for (_, version, _) in TYPES {
            let root = if version.contains('/') { "apis" } else { "api" };
            let path = format!("/openapi/v3/{root}/{version}");
            let document = client.get(&path)?.context("no schema")?;
            let schemas = document["components"]["schemas"].as_object().cloned();
            all.extend(schemas.context("no schemas")?);
        }
        Ok(Self(all))
    }

    /// Returns the manifest of a planned resource.
    pub(crate) fn manifest(&self, resource_type: &str, planned: &Value) -> Result<Value> {
        if resource_type == "kubernetes_manifest" {
            return Ok(planned["manifest"].clone());
        }
        let name = resource_type.trim_start_matches("kubernetes_");
        let name = name.trim_end_matches("_v1");
        let found = TYPES.iter().find(|(each, ..)| *each == name);
        let (_, version, kind) = found.with_context(|| format!("no kind for {resource_type}"))?;
        let schema = self.of_kind(version, kind)?;
        let mut planned = planned.as_object().context("no attributes")?.clone();
        planned.retain(|attribute, _| !SETTINGS.contains(&attribute.as_str()));
        let fields = self
            .convert(schema, &Value::Object(planned))
            .with_context(|| format!("the plan of {resource_type}"))?;
        let mut manifest = json!({"apiVersion": version, "kind": kind});
        let fields = fields.as_ref().and_then(Value::as_object);
        for (key, value) in fields.into_iter().flatten() {
            manifest[key] = value.clone();
        }
        // Values in a plan are in the state, too.
        let exposed = *kind == "Secret" && manifest["data"].is_object();
        ensure!(!exposed, "the plan contains the values of a secret");
        Ok(manifest)
    }

    fn of_kind(&self, version: &str, kind: &str) -> Result<&Value> {
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        let wanted = json!({"group": group, "kind": kind, "version": version});
        let found = self.0.values().find(|schema| {
            let kinds = schema["x-kubernetes-group-version-kind"].as_array();
            kinds.is_some_and(|kinds| kinds.len() == 1 && kinds[0] == wanted)
        });
        found.with_context(|| format!("the API server has no schema of {kind}"))
    }

    /// Follows references.
    fn resolve<'a>(&'a self, schema: &'a Value) -> Result<&'a Value> {
        let reference = schema["$ref"].as_str();
        match reference.or_else(|| schema["allOf"][0]["$ref"].as_str()) {
            Some(reference) => {
                let name = reference.rsplit('/').next().unwrap_or_default();
                self.0
                    .get(name)
                    .with_context(|| format!("no schema {name}"))
            }
            None => Ok(schema),
        }
    }

    /// Returns the value of a field, or `None` if the attribute is not set.
    fn convert(&self, schema: &Value, attribute: &Value) -> Result<Option<Value>> {
        let schema = self.resolve(schema)?;
        if attribute.is_null() {
            return Ok(None);
        }
        if schema["properties"].is_object() {
            return self.object(schema, attribute);
        }
        match schema["type"].as_str() {
            Some("array") => self.array(&schema["items"], attribute),
            Some("object") => Ok(attribute
                .as_object()
                .filter(|map| !map.is_empty())
                .map(|map| Value::Object(map.clone()))),
            Some("integer") => number(attribute).map(Some),
            _ if schema["format"] == "int-or-string" => {
                Ok(number(attribute).ok().or_else(|| text(attribute)))
            }
            Some("boolean") => Ok(attribute.is_boolean().then(|| attribute.clone())),
            _ => Ok(text(attribute)),
        }
    }

    fn array(&self, items: &Value, attribute: &Value) -> Result<Option<Value>> {
        let elements = attribute.as_array().context("not a list")?;
        let elements = elements.iter().map(|element| self.convert(items, element));
        let elements: Vec<Value> = elements
            .filter_map(Result::transpose)
            .collect::<Result<_>>()?;
        Ok((!elements.is_empty()).then_some(Value::Array(elements)))
    }

    fn object(&self, schema: &Value, attribute: &Value) -> Result<Option<Value>> {
        let block = match attribute.as_array().map(Vec::as_slice) {
            None => attribute,
            Some([]) => return Ok(None),
            Some([block]) => block,
            Some(blocks) => bail!("{} blocks in place of one", blocks.len()),
        };
        let block = block.as_object().context("not a block")?;
        let properties = schema["properties"].as_object().context("no properties")?;
        let mut fields = Map::new();
        for (name, value) in block {
            if unset(value) {
                continue;
            }
            let found = properties.iter().find(|(field, _)| names(name, field));
            let (field, schema) = found.with_context(|| format!("no field for {name}"))?;
            let value = self.convert(schema, value);
            if let Some(value) = value.with_context(|| name.clone())? {
                fields.insert(field.clone(), value);
            }
        }
        Ok(Some(Value::Object(fields)))
    }
}

/// Returns whether an attribute has no value.
fn unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn text(attribute: &Value) -> Option<Value> {
    (!unset(attribute)).then(|| attribute.clone())
}

/// Returns a number. File modes are octal.
fn number(attribute: &Value) -> Result<Value> {
    let Some(text) = attribute.as_str() else {
        ensure!(attribute.is_number(), "{attribute} is not a number");
        return Ok(attribute.clone());
    };
    let number = match text.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => i64::from_str_radix(octal, 8),
        _ => text.parse(),
    };
    Ok(number
        .with_context(|| format!("`{text}` is not a number"))?
        .into())
}

/// Returns whether an attribute has the name of a field, or its singular.
fn names(attribute: &str, field: &str) -> bool {
    let mut name = String::new();
    let mut after_lowercase = false;
    for letter in field.chars() {
        if letter.is_ascii_uppercase() && after_lowercase {
            name.push('_');
        }
        after_lowercase = !letter.is_ascii_uppercase();
        name.push(letter.to_ascii_lowercase());
    }
    name == attribute || name.strip_suffix('s') == Some(attribute)
}

#[test]
fn names_of_attributes_correspond_to_names_of_fields() {
    for (attribute, field) in [
        ("env", "env"),
        ("container", "containers"),
        ("init_container", "initContainers"),
        ("cluster_ip", "clusterIP"),
        ("host_ipc", "hostIPC"),
        ("external_ips", "externalIPs"),
        ("run_as_non_root", "runAsNonRoot"),
    ] {
        assert!(names(attribute, field), "{attribute} {field}");
    }
    assert!(!names("port", "hostPort"));
}

#[test]
fn numbers_are_read_from_strings() -> Result<()> {
    assert_eq!(number(&json!("0644"))?, json!(0o644));
    assert_eq!(number(&json!("0"))?, json!(0));
    assert_eq!(number(&json!("70"))?, json!(70));
    assert!(number(&json!("25%")).is_err());
    Ok(())
}
