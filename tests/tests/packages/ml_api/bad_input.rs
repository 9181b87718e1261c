//! Invalid inputs of the API: the plan fails before any call to AWS, and the message states the allowed values.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::inputs::{Case, expect_at_most, expect_rejected, one, refusals, variables};

/// A certificate in a region that CloudFront does not support.
const CERTIFICATE: &str =
    "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000";

/// Returns a service with a path and other settings.
fn service(others: Value) -> Value {
    let mut service = json!({ "path_patterns": ["/api/v1/*"], "priority": 10 });
    if let (Some(service), Value::Object(others)) = (service.as_object_mut(), others) {
        service.extend(others);
    }
    json!({ "v1": service })
}

/// Returns values that are invalid individually.
fn cases() -> Vec<Case> {
    let suffix: &[&str] = &["1 to 26 lowercase letters"];
    let colliding = json!({
        "v1": { "path_patterns": ["/api/v1/*"], "priority": 10 },
        "v2": { "path_patterns": ["/api/v2/*"], "priority": 10 },
    });
    let cdn = json!({ "domain_name": "api.example.com", "certificate_arn": CERTIFICATE });
    vec![
        one("environment_suffix", json!(""), suffix),
        one("environment_suffix", json!("Blue"), suffix),
        one("environment_suffix", json!("a-"), suffix),
        one("services", json!({}), &["1 to 10 services"]),
        one("services", colliding, &["must differ between services"]),
        one(
            "services",
            service(json!({ "priority": 0 })),
            &["from 1 to 50000"],
        ),
        one(
            "services",
            service(json!({ "path_patterns": [] })),
            &["1 to 5 patterns"],
        ),
        one(
            "services",
            service(json!({ "path_patterns": ["api"] })),
            &["start with a slash"],
        ),
        one(
            "services",
            service(json!({ "port": 65536 })),
            &["from 1 to 65535"],
        ),
        one(
            "services",
            service(json!({ "cpu": 100 })),
            &["combination that Fargate supports"],
        ),
        one(
            "services",
            service(json!({ "min_tasks": 5, "max_tasks": 4 })),
            &["must not exceed"],
        ),
        one(
            "services",
            service(json!({ "image_uri": "api" })),
            &["a tag or a digest"],
        ),
        one(
            "services",
            service(json!({ "cpu_percent": 101 })),
            &["from 1 to 100"],
        ),
        one(
            "services",
            service(
                json!({ "schedules": { "a": { "schedule": "daily", "min_tasks": 1, "max_tasks": 2 } } }),
            ),
            &["cron, rate, or at expression"],
        ),
        one(
            "capacity",
            json!({ "spot_weight": -1 }),
            &["from 0 to 1000"],
        ),
        one("database", json!({ "min_acu": 0.7 }), &["multiples of 0.5"]),
        one(
            "database",
            json!({ "max_acu": 1.25 }),
            &["multiples of 0.5"],
        ),
        one(
            "database",
            json!({ "min_acu": 3, "max_acu": 2 }),
            &["from 0 to the maximum"],
        ),
        one(
            "database",
            json!({ "seconds_until_auto_pause": 300 }),
            &["requires min_acu = 0"],
        ),
        one(
            "database",
            json!({ "min_acu": 0, "seconds_until_auto_pause": 299 }),
            &["300 to 86400"],
        ),
        one(
            "database",
            json!({ "engine_version": "16.4" }),
            &["from 14 to 17"],
        ),
        one(
            "database",
            json!({ "backup_retention_days": 36 }),
            &["from 1 to 35"],
        ),
        one("cdn", cdn, &["must be in us-east-1"]),
        one(
            "hosted_zone_id",
            json!("example.com"),
            &["ID of a hosted zone"],
        ),
        one(
            "gpu",
            json!({ "instance_type": "m7i.large" }),
            &["with a GPU"],
        ),
        one(
            "gpu",
            json!({ "instance_type": "g5.xlarge", "max_instances": 0 }),
            &["from 1 to 100"],
        ),
        one(
            "secrets",
            json!({ "MODEL_KEY": { "arn": "model-key" } }),
            &["ARNs of secrets"],
        ),
        one(
            "alarm_topic_arns",
            json!(["me@example.com"]),
            &["ARNs of SNS topics"],
        ),
        one("rate_limit", json!(9), &["from 10"]),
        one(
            "log_retention_days",
            json!(31),
            &["CloudWatch Logs supports"],
        ),
    ]
}

/// Returns values that are valid individually, but not in combination with other inputs.
fn pairs() -> Vec<Case> {
    // With the prefix `ml-api-blue` and a hyphen: 33 characters.
    let long = json!({ "service-name-of-21-as": { "path_patterns": ["/*"], "priority": 1 } });
    vec![
        one(
            "environment_suffix",
            json!("a-suffix-of-22-letters"),
            &["at most 28 characters"],
        ),
        one("services", long, &["at most 32 characters"]),
        one(
            "nat_gateway",
            json!("none"),
            &["Set image_uri of every service"],
        ),
        one(
            "capacity",
            json!({ "on_demand_base": 0 }),
            &["In production", "at least 1"],
        ),
        one("capacity", json!({ "spot_only": true }), &["In production"]),
        one(
            "certificate_arn",
            json!(CERTIFICATE),
            &["Set domain_name together"],
        ),
        one(
            "domain_name",
            json!("api.example.com"),
            &["Set domain_name together"],
        ),
    ]
}

#[test]
fn ml_api_rejects_invalid_inputs_with_the_allowed_values() -> Result<()> {
    let inputs = variables("ml-api")?;
    let valid = [("environment_suffix", json!("blue"))];
    for cli in alternating_clis()? {
        expect_rejected(&cli, &inputs, &valid, &cases(), &pairs())?;
    }
    Ok(())
}

#[test]
fn ml_api_requires_a_suffix_and_has_at_most_25_inputs() -> Result<()> {
    expect_at_most("ml-api", 25)?;
    let inputs = variables("ml-api")?;
    for cli in alternating_clis()? {
        let none = one("tags", json!({}), &["environment_suffix"]);
        let said = refusals(&cli, &inputs, &[], &[none])?;
        let said = said.values().next().context("not rejected")?;
        ensure!(said.contains("environment_suffix"), "{cli}: {said}");
    }
    Ok(())
}
