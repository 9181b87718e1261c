//! Tests of valid settings, and of the errors for invalid settings.

use serde_json::json;

use super::*;
use crate::resources::ecs::service_bundle::diagnostics::Remedy;

#[test]
fn parsed_settings_omit_insignificant_values() {
    let text = r#"{ "user": "1000", "readonlyRootFilesystem": true, "privileged": false, "essential": true, "links": [],
        "linuxParameters": { "initProcessEnabled": true, "capabilities": { "add": [], "drop": ["ALL"] } },
        "ulimits": [{ "name": "nofile", "softLimit": 0, "hardLimit": 65536 }], "hostname": null }"#;
    let expected = json!({
        "linuxParameters": { "capabilities": { "drop": ["ALL"] }, "initProcessEnabled": true },
        "readonlyRootFilesystem": true,
        "ulimits": [{ "hardLimit": 65536, "name": "nofile", "softLimit": 0 }],
        "user": "1000",
    });
    let parsed = parse(text).expect("valid settings");
    assert_eq!(json!(parsed), expected);
    assert_eq!(parse(&json!(parsed).to_string()), Ok(parsed));
    assert_eq!(parse("{}"), Ok(Overrides::new()));
    assert_eq!(
        json!(parse(r#"{ "essential": false }"#).expect("valid settings")),
        json!({ "essential": false })
    );
}

#[test]
fn settings_round_trip_through_a_container_definition() {
    let overrides = parse(
        r#"{ "user": "1000", "dependsOn": [{ "containerName": "proxy", "condition": "HEALTHY" }] }"#,
    );
    let overrides = overrides.expect("valid settings");
    let base = ContainerDefinition::builder()
        .name("api")
        .image("api:1")
        .essential(true);
    let merged = merged(base.build(), &overrides).expect("mergeable settings");
    assert_eq!(
        (merged.name(), merged.image(), merged.user()),
        (Some("api"), Some("api:1"), Some("1000"))
    );
    assert_eq!(found_in(&merged), overrides);
}

#[test]
fn errors_name_the_invalid_field() {
    let refused = |text: &str| parse(text).expect_err(text);
    assert!(matches!(refused("{"), OverridesError::Syntax { .. }));
    assert_eq!(refused("[1]"), OverridesError::NotAnObject);
    let unknown = |field: &str| OverridesError::UnknownField {
        field: field.to_owned(),
    };
    assert_eq!(refused(r#"{ "read_only": true }"#), unknown("read_only"));
    let nested = r#"{ "linuxParameters": { "capabilities": { "remove": ["ALL"] } } }"#;
    assert_eq!(
        refused(nested),
        unknown("linuxParameters.capabilities.remove")
    );
    assert_eq!(
        refused(
            r#"{ "ulimits": [{ "name": "nofile", "softLimit": 1, "hardLimit": 1, "limit": 1 }] }"#
        ),
        unknown("ulimits.limit")
    );
    assert!(matches!(
        refused(r#"{ "privileged": "yes" }"#),
        OverridesError::Type { .. }
    ));
    let twice = refused(r#"{ "image": "x" }"#);
    assert_eq!(twice.remedy(), "Use `image` instead.");
    let log = |options: &str| {
        let driver = r#""logDriver": "awslogs""#;
        format!(r#"{{ "logConfiguration": {{ {driver}, "options": {{ {options} }} }} }}"#)
    };
    // This log configuration would be read back as the attribute `log`, which would cause permanent drift.
    let plain = log(r#""awslogs-group": "/ecs/shop", "mode": "blocking""#);
    assert_eq!(refused(&plain), OverridesError::Log);
    assert!(
        parse(&log(
            r#""awslogs-group": "/ecs/shop", "awslogs-datetime-format": "%Y""#
        ))
        .is_ok()
    );
    for text in ["{", &plain, "[1]", r#"{ "a": 1 }"#, r#"{ "cpu": "x" }"#] {
        assert!(!refused(text).remedy().is_empty());
    }
}

#[test]
fn empty_strings_are_significant_in_user_keyed_maps() {
    let text = json!({
        "dockerLabels": { "com.example.scrape": "", "versionConsistency": "enabled", "essential": "true", "cpu": "0" },
        "logConfiguration": { "logDriver": "splunk", "options": { "splunk-url": "https://s.example.test", "tag": "" } },
        "firelensConfiguration": { "type": "fluentbit", "options": { "config-file-value": "" } },
        "systemControls": [{ "namespace": "net.core.x", "value": "" }],
        "dnsSearchDomains": [""],
    });
    let parsed = parse(&text.to_string()).expect("valid settings");
    assert_eq!(json!(parsed), text);
    let base = ContainerDefinition::builder().name("api").build();
    let merged = merged(base, &parsed).expect("mergeable settings");
    let labels = merged.docker_labels().expect("labels");
    assert_eq!(labels["com.example.scrape"], "");
    let options = merged.log_configuration().and_then(|log| log.options());
    assert_eq!(options.expect("options")["tag"], "");
    assert_eq!(found_in(&merged), parsed);

    let nothing = r#"{ "user": "", "hostname": "", "workingDirectory": "", "dockerLabels": {}, "cpu": 0,
        "versionConsistency": "enabled", "linuxParameters": { "sharedMemorySize": 0, "initProcessEnabled": false },
        "dnsServers": [], "interactive": false, "logConfiguration": null }"#;
    assert_eq!(parse(nothing), Ok(Overrides::new()));
    let something = json!({
        "cpu": 1, "versionConsistency": "disabled", "linuxParameters": { "sharedMemorySize": 1, "maxSwap": 0 },
        "mountPoints": [{ "sourceVolume": "v", "containerPath": "/v" }],
    });
    assert_eq!(
        json!(parse(&something.to_string()).expect("valid settings")),
        something
    );
    // A server default for the container is not a default for nested objects.
    let read_only = r#"{ "mountPoints": [{ "readOnly": false, "sourceVolume": "v" }, {}] }"#;
    assert_eq!(
        json!(parse(read_only).expect("valid settings")),
        json!({ "mountPoints": [{ "sourceVolume": "v" }, {}] })
    );
}

/// Returns a definition that contains every kind of object.
fn filled() -> Value {
    json!({
        "repositoryCredentials": { "credentialsParameter": "arn" },
        "restartPolicy": { "enabled": true, "ignoredExitCodes": [0] },
        "environmentFiles": [{ "value": "arn", "type": "s3" }],
        "mountPoints": [{ "sourceVolume": "v" }],
        "volumesFrom": [{ "sourceContainer": "c" }],
        "linuxParameters": {
            "capabilities": { "add": ["ALL"] },
            "devices": [{ "hostPath": "/dev/a" }],
            "tmpfs": [{ "containerPath": "/tmp", "size": 1 }],
        },
        "dependsOn": [{ "containerName": "c", "condition": "START" }],
        "extraHosts": [{ "hostname": "h", "ipAddress": "10.0.0.1" }],
        "dockerLabels": { "a": "b" },
        "ulimits": [{ "name": "core", "softLimit": 0, "hardLimit": 0 }],
        "logConfiguration": {
            "logDriver": "splunk",
            "options": { "a": "b" },
            "secretOptions": [{ "name": "a", "valueFrom": "arn" }],
        },
        "systemControls": [{ "namespace": "a", "value": "b" }],
        "resourceRequirements": [{ "type": "GPU", "value": "1" }],
        "firelensConfiguration": { "type": "fluentbit", "options": { "a": "b" } },
    })
}

/// Collects the JSON pointers of all objects below a value, each with its path.
fn objects(place: &str, pointer: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            found.push((place.to_owned(), pointer.to_owned()));
            for (name, value) in fields {
                let within = match place {
                    "" => name.clone(),
                    _ => format!("{place}.{name}"),
                };
                objects(&within, &format!("{pointer}/{name}"), value, found);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                objects(
                    &format!("{place}[]"),
                    &format!("{pointer}/{index}"),
                    value,
                    found,
                );
            }
        }
        _ => {}
    }
}

#[test]
fn only_user_keyed_maps_accept_arbitrary_keys() {
    let filled = filled();
    assert_eq!(
        json!(parse(&filled.to_string()).expect("valid settings")),
        filled
    );
    let mut all = Vec::new();
    objects("", "", &filled, &mut all);
    let mut user_keyed = Vec::new();
    for (place, pointer) in all {
        let mut changed = filled.clone();
        changed.pointer_mut(&pointer).expect("an object")["anyKeyAtAll"] = json!("");
        if parse(&changed.to_string()).is_ok() {
            user_keyed.push(place);
        }
    }
    user_keyed.sort();
    assert_eq!(user_keyed, USER_KEYED);
}

#[test]
fn different_notations_of_the_same_settings_are_equivalent() {
    let text =
        r#"{"dockerLabels":{"docs":"?a=1\u0026b=\u003c2\u003e","line":"\u2028\u2029"},"user":"7"}"#;
    let parsed = parse(text).expect("valid settings");
    assert_eq!(encode(&parsed), text, "the encoding must match jsonencode");
    assert_eq!(parse(&encode(&parsed)), Ok(parsed));
    let by_hand = "{ \"user\" : \"7\",\n\"dockerLabels\": { \"line\": \"\u{2028}\u{2029}\", \"docs\": \"?a=1&b=<2>\" } }";
    assert!(are_equivalent(text, by_hand) && are_equivalent(by_hand, text));
    assert!(are_equivalent("{}", r#"{ "privileged": false }"#));
    assert!(are_equivalent("{", "{"));
    assert!(!are_equivalent(text, r#"{"user":"7"}"#));
    assert!(!are_equivalent("{", "[") && !are_equivalent("{", "{}"));

    let one = r#"{ "ulimits": [{ "name": "core", "softLimit": 0, "hardLimit": 0 },
        { "name": "nofile", "softLimit": 1, "hardLimit": 1 }], "linuxParameters": { "capabilities": { "drop": ["B", "A"] } } }"#;
    let other = r#"{ "linuxParameters": { "capabilities": { "drop": ["A", "B"] } }, "ulimits": [
        { "name": "nofile", "hardLimit": 1, "softLimit": 1 }, { "hardLimit": 0, "name": "core", "softLimit": 0 }] }"#;
    assert!(are_equivalent(one, other));
    // The order of name servers is significant, because they are queried in this order.
    let servers = |one: &str, other: &str| format!(r#"{{ "dnsServers": ["{one}", "{other}"] }}"#);
    assert!(!are_equivalent(
        &servers("10.0.0.1", "10.0.0.2"),
        &servers("10.0.0.2", "10.0.0.1")
    ));
}
