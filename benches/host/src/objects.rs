//! Configurations for objects in three sizes and for an object with a large set. The types are in `benches/subject`.
//! Pure.

use serde_json::{Value, json};

/// A size: its resource type, and a function that returns the configuration for the object with the specified number.
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) type_name: &'static str,
    pub(crate) configuration: fn(usize) -> Value,
}

/// The three sizes.
pub(crate) const SIZES: [Size; 3] = [
    Size {
        name: "small",
        type_name: "bench_small",
        configuration: small,
    },
    Size {
        name: "medium",
        type_name: "bench_medium",
        configuration: medium,
    },
    Size {
        name: "large",
        type_name: "bench_large",
        configuration: large,
    },
];

fn small(number: usize) -> Value {
    json!({ "name": format!("small-{number}"), "note": "A note.", "size": null, "id": null })
}

fn medium(number: usize) -> Value {
    json!({
        "name": format!("medium-{number}"),
        "description": "A resource with a typical number of attributes.",
        "enabled": null,
        "size": 3,
        "port": 8080,
        "image": "public.ecr.aws/docker/library/busybox:1.36",
        "role_arn": "arn:aws:iam::123456789012:role/shop-execution",
        "key_arn": null,
        "zones": words("eu-central-1", 3),
        "owners": words("team", 4),
        "tags": tags(10),
        "network": network(),
        "id": null,
    })
}

fn large(number: usize) -> Value {
    let containers = numbered("container", 10, |place| {
        json!({
            "image": format!("public.ecr.aws/docker/library/busybox:1.{place}"),
            "cpu": 256,
            "memory": 512,
            "command": words("argument", 5),
            "environment": tags(10),
        })
    });
    let rules: Vec<_> = (0..10)
        .map(|place| json!({ "protocol": "tcp", "port": 8000 + place, "cidrs": words("10.0", 4) }))
        .collect();
    json!({
        "name": format!("large-{number}"),
        "description": "A resource with maps, lists, and sets of objects.",
        "size": null,
        "tags": tags(20),
        "network": network(),
        "containers": containers,
        "rules": rules,
        "members": members(10, 0),
        "id": null,
    })
}

/// The resource type with a set that the benchmark updates.
pub(crate) const WITH_SET: &str = "bench_large";

/// Returns the configuration for an object with a set of `count` elements. Every second element differs between
/// versions.
pub(crate) fn with_set(count: usize, version: usize) -> Value {
    json!({
        "name": "with-set",
        "description": null,
        "size": null,
        "tags": null,
        "network": null,
        "containers": {},
        "rules": null,
        "members": members(count, version),
        "id": null,
    })
}

/// Returns the state that Terraform core proposes for an existing object: omitted values in the configuration remain
/// unchanged (Terraform, `objchange.ProposedNew`).
pub(crate) fn proposed_with_set(mut config: Value) -> Value {
    config["size"] = json!(1);
    config["id"] = json!("id-with-set");
    config
}

fn members(count: usize, version: usize) -> Vec<Value> {
    let member = |place| {
        let version = if place % 2 == 0 { version } else { 0 };
        json!({ "key": format!("member-{place}"), "value": format!("value-{place}-{version}") })
    };
    (0..count).map(member).collect()
}

fn network() -> Value {
    json!({ "cidr": "10.9.0.0/16", "subnets": words("subnet-0aaaaaaaaaaaaaaa", 3), "public": false })
}

fn tags(count: usize) -> Value {
    numbered("key", count, |place| json!(format!("value of key {place}")))
}

fn words(word: &str, count: usize) -> Vec<String> {
    (0..count).map(|place| format!("{word}-{place}")).collect()
}

fn numbered(name: &str, count: usize, value: impl Fn(usize) -> Value) -> Value {
    let entries = (0..count).map(|place| (format!("{name}-{place}"), value(place)));
    Value::Object(entries.collect())
}
