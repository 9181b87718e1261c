//! What may be said, and what is told of what may not.

use serde_json::json;

use super::*;

#[test]
fn what_is_said_comes_back_without_what_means_nothing() {
    let text = r#"{ "user": "1000", "readonlyRootFilesystem": true, "privileged": false, "essential": true, "links": [],
        "linuxParameters": { "initProcessEnabled": true, "capabilities": { "add": [], "drop": ["ALL"] } },
        "ulimits": [{ "name": "nofile", "softLimit": 0, "hardLimit": 65536 }], "hostname": null }"#;
    let expected = json!({
        "linuxParameters": { "capabilities": { "drop": ["ALL"] }, "initProcessEnabled": true },
        "readonlyRootFilesystem": true,
        "ulimits": [{ "hardLimit": 65536, "name": "nofile", "softLimit": 0 }],
        "user": "1000",
    });
    let parsed = parse(text).expect("legal");
    assert_eq!(json!(parsed), expected);
    assert_eq!(parse(&json!(parsed).to_string()), Ok(parsed));
    assert_eq!(parse("{}"), Ok(Overrides::new()));
    assert_eq!(
        json!(parse(r#"{ "essential": false }"#).expect("legal")),
        json!({ "essential": false })
    );
}

#[test]
fn what_is_written_is_what_is_found() {
    let overrides = parse(
        r#"{ "user": "1000", "dependsOn": [{ "containerName": "proxy", "condition": "HEALTHY" }] }"#,
    );
    let overrides = overrides.expect("legal");
    let base = ContainerDefinition::builder()
        .name("api")
        .image("api:1")
        .essential(true);
    let merged = merged(base.build(), &overrides).expect("it fits");
    assert_eq!(
        (merged.name(), merged.image(), merged.user()),
        (Some("api"), Some("api:1"), Some("1000"))
    );
    assert_eq!(found_in(&merged), overrides);
}

#[test]
fn what_cannot_be_is_named() {
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
    assert_eq!(twice.remedy(), "Say it with `image` instead.");
    let log = |options: &str| {
        let driver = r#""logDriver": "awslogs""#;
        format!(r#"{{ "logConfiguration": {{ {driver}, "options": {{ {options} }} }} }}"#)
    };
    // It would be found as a log, and so never be what is wanted.
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
