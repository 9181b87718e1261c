//! Invalid inputs of the packages for Scaleway, one value at a time: the plan fails, and the message states the allowed values.
//! The plan contains only the files that declare the inputs, and so does not require a provider.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::inputs::{Case, expect_at_most, expect_rejected, one, refusals, variables};

/// A principal of a bucket policy.
const PRINCIPAL: &str = "application_id:11111111-1111-1111-1111-111111111111";

/// Returns valid inputs of the application.
fn valid_app() -> Vec<(&'static str, Value)> {
    vec![
        ("image", json!("rg.fr-par.scw.cloud/acme/shop:1.2.0")),
        ("bucket_name", json!("acme-shop-objects")),
        ("bucket_administrators", json!([PRINCIPAL])),
        ("api_key_expires_at", json!("2127-06-30T00:00:00Z")),
    ]
}

/// Returns valid inputs of the state bucket.
fn valid_state() -> Vec<(&'static str, Value)> {
    vec![
        ("bucket_name", json!("acme-terraform-state")),
        ("bucket_administrators", json!([PRINCIPAL])),
    ]
}

fn bucket_names() -> Vec<Case> {
    let name: &[&str] = &["3 to 63 lowercase letters, digits, and hyphens"];
    let long = "a".repeat(64);
    let bad = [
        "",
        "ab",
        "Acme",
        "acme_shop",
        "acme.shop",
        "-acme",
        "acme-",
        "xn--acme",
        "a-s3alias",
    ];
    let mut cases: Vec<_> = bad
        .into_iter()
        .map(|bad| one("bucket_name", json!(bad), name))
        .collect();
    cases.push(one("bucket_name", json!(long), name));
    for bad in [
        json!([]),
        json!(["*"]),
        json!(["acme"]),
        json!(["user_id:1"]),
    ] {
        cases.push(one(
            "bucket_administrators",
            bad,
            &["application_id: or user_id:"],
        ));
    }
    cases
}

/// Returns a case with one setting.
fn setting(name: &str, value: impl Into<Value>, says: &'static [&'static str]) -> Case {
    one("settings", json!({ (name): value.into() }), says)
}

fn sizes() -> Vec<Case> {
    let mvcpu: &[&str] = &["from 100 to 4000 mvCPU"];
    let memory: &[&str] = &["from 128 to 8192 MB"];
    let pair: &[&str] = &["between 1 and 4 MB of memory for each mvCPU"];
    let volume: &[&str] = &["a multiple of 5 from 5 to 500 GB"];
    let days: &[&str] = &["from 1 to 365 days"];
    let mut cases = vec![
        setting("container_mvcpu", 99, mvcpu),
        setting("container_mvcpu", 4001, mvcpu),
        setting("container_mvcpu", 250.5, mvcpu),
        setting("container_memory_mb", 127, memory),
        setting("container_memory_mb", 8193, memory),
        setting("container_min_scale", 51, &["from 0 to 50 instances"]),
        setting("container_max_scale", 0, &["from 1 to 50 instances"]),
        setting("container_concurrency", 81, &["from 1 to 80 requests"]),
        setting("database_volume_gb", 4, volume),
        setting("database_volume_gb", 501, volume),
        setting("database_volume_gb", 52, volume),
        setting("database_engine", "MySQL-8", &["such as PostgreSQL-16"]),
        setting("database_node_type", "DB-DEV-S", &["with block storage"]),
    ];
    for name in [
        "database_backup_days",
        "bucket_noncurrent_days",
        "log_retention_days",
        "metrics_retention_days",
    ] {
        cases.extend([setting(name, 0, days), setting(name, 366, days)]);
    }
    // The API of Scaleway rejects 2000 mvCPU with less than 2000 MB or more than 8000 MB.
    for (mvcpu, memory) in [(2000, 1999), (2000, 8001), (100, 401), (4000, 3999)] {
        let limits = json!({ "container_mvcpu": mvcpu, "container_memory_mb": memory });
        cases.push(one("settings", limits, pair));
    }
    cases
}

fn app_cases() -> Vec<Case> {
    let mut cases = bucket_names();
    cases.extend(sizes());
    for bad in [
        "",
        "App",
        "1app",
        "app-",
        "a-name-with-more-than-20-letters",
    ] {
        cases.push(one("name", json!(bad), &["1 to 20 lowercase letters"]));
    }
    for bad in ["", "prod", "Dev"] {
        cases.push(one(
            "environment",
            json!(bad),
            &["dev, staging, or production"],
        ));
    }
    for bad in [
        "",
        "shop",
        "acme/shop:",
        "acme/shop:latest",
        "ACME/shop:1",
        "shop@sha256:1",
    ] {
        cases.push(one("image", json!(bad), &["a tag or a digest"]));
    }
    for bad in [0, 65_536, 8008, 9091] {
        cases.push(one("port", json!(bad), &["from 1 to 65535"]));
    }
    for bad in ["PORT", "SCW_REGION", "DATABASE_HOST", "x", "API_SECRET"] {
        cases.push(one(
            "environment_variables",
            json!({ (bad): "1" }),
            &["are reserved"],
        ));
        cases.push(one(
            "secret_versions",
            json!({ (bad): 1 }),
            &["at most 50 secrets"],
        ));
    }
    for bad in ["2027-06-30", "never", ""] {
        cases.push(one("api_key_expires_at", json!(bad), &["RFC 3339"]));
    }
    cases.extend([
        one(
            "image_sha256",
            json!("sha256:1"),
            &["64 hexadecimal digits"],
        ),
        one(
            "secret_versions",
            json!({ "TOKEN": 0 }),
            &["integers from 1"],
        ),
        one("database_name", json!("rdb"), &["are reserved"]),
        one("database_name", json!("App"), &["lowercase letters"]),
        one(
            "database_password_version",
            json!(0),
            &["from 1 to 1000000"],
        ),
        one("alert_emails", json!(["ops"]), &["such as ops@example.com"]),
        one(
            "alert_webhook_url",
            json!("http://example.com"),
            &["https://"],
        ),
        one(
            "tags",
            json!({ "environment": "x" }),
            &["the keys that the module sets"],
        ),
    ]);
    cases
}

/// Returns a value that a rule about two inputs rejects. Such a rule is evaluated only if all other rules pass.
fn pairs() -> Vec<Case> {
    let value = json!({ "TOKEN": "x" });
    vec![one(
        "secret_values",
        value,
        &["for each secret in secret_versions"],
    )]
}

fn state_cases() -> Vec<Case> {
    let mut cases = bucket_names();
    for bad in ["", "/a", "a/", "a b"] {
        cases.push(one("state_key", json!(bad), &["2 to 200 letters"]));
    }
    for bad in [0, 366] {
        cases.push(one("retention_days", json!(bad), &["from 1 to 365"]));
    }
    cases.extend([
        one(
            "state_users",
            json!(["*"]),
            &["application_id: or user_id:"],
        ),
        one("alert_emails", json!(["ops"]), &["such as ops@example.com"]),
        one(
            "tags",
            json!({ "purpose": "x" }),
            &["the keys that the module sets"],
        ),
    ]);
    cases
}

#[test]
fn invalid_scaleway_inputs_are_rejected_with_the_allowed_values() -> Result<()> {
    for (package, valid, cases, pairs) in [
        ("scaleway-app", valid_app(), app_cases(), pairs()),
        ("scaleway-state", valid_state(), state_cases(), Vec::new()),
    ] {
        let inputs = variables(package)?;
        for cli in alternating_clis()? {
            expect_rejected(&cli, &inputs, &valid, &cases, &pairs).context(package)?;
            println!(
                "{package}, {cli}: {} invalid values are rejected",
                cases.len()
            );
        }
    }
    Ok(())
}

#[test]
fn limits_of_scaleway_are_accepted() -> Result<()> {
    let inputs = variables("scaleway-app")?;
    let limits = |mvcpu: u32, memory: u32, volume: u32, days: u32| {
        let settings = json!({
            "container_mvcpu": mvcpu,
            "container_memory_mb": memory,
            "database_volume_gb": volume,
            "database_backup_days": days,
        });
        one("settings", settings, &[])
    };
    let cases = [
        limits(100, 128, 5, 1),
        limits(100, 400, 500, 365),
        limits(2000, 2000, 5, 1),
        limits(2000, 8000, 5, 1),
        limits(4000, 8192, 500, 365),
    ];
    for cli in alternating_clis()? {
        let said = refusals(&cli, &inputs, &valid_app(), &cases)?;
        ensure!(said.is_empty(), "{cli}: {said:?}");
    }
    Ok(())
}

#[test]
fn scaleway_packages_have_at_most_25_inputs() -> Result<()> {
    for package in ["scaleway-app", "scaleway-state"] {
        expect_at_most(package, 25)?;
    }
    Ok(())
}
