//! The package `scaleway-app`.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::{Action, Plan, Stack};
use tfharness::{Cli, Workspace};

use crate::facts::Facts;
use crate::protection;
use crate::provider::scaleway;
use crate::rows;

/// Secret value of the application, which no file may contain.
const TOKEN: &str = "token-that-no-file-may-contain";
/// Address of the secret that protects the application.
const PROTECTION: &str = "module.app.scaleway_secret.deletion_protection";
/// Value of a password from the double, in plain text and in Base64 encoding.
const PASSWORD: [&str; 2] = ["Pw1-double-ephemeral", "UHcxLWRvdWJsZS1lcGhlbWVyYWw="];

/// Returns the example with inputs for an environment.
fn example(cli: &Cli, environment: &str) -> Workspace {
    Workspace::of("examples/scaleway-app")
        .cli(cli)
        .doubles([scaleway()])
        .var("environment", environment)
        .var("image", "rg.fr-par.scw.cloud/acme/shop:1.2.0")
        .var("api_token", TOKEN)
        .var("bucket_name", "acme-shop-objects")
        .var(
            "bucket_administrators",
            json!([format!("application_id:{}", rows::ADMINISTRATOR)]),
        )
        .var("api_key_expires_at", "2127-06-30T00:00:00Z")
        .var("alert_emails", json!(["ops@example.com"]))
        .var("alert_webhook_url", "https://hooks.example.com/alerts")
}

/// Returns the addresses of the changes, with the first action.
///
/// OpenTofu also plans an update without a difference if the value of a write-only argument is sensitive and unknown. It is
/// omitted.
fn changes(plan: &Plan) -> Vec<(&str, Action)> {
    let mut found: Vec<_> = plan
        .changes()
        .filter(|each| each.change.before != each.change.after)
        .map(|each| {
            let address = each.address.trim_start_matches("module.app.");
            (address, each.change.actions[0])
        })
        .collect();
    found.sort_by_key(|(address, _)| *address);
    found
}

fn expect_no_secret(stack: &Stack) -> Result<()> {
    let state = stack.state_text()?;
    for secret in [TOKEN].iter().chain(&PASSWORD) {
        ensure!(!state.contains(secret), "the state contains {secret}");
    }
    Ok(())
}

#[test]
fn production_meets_the_requirements_changes_and_destroys() -> Result<()> {
    for cli in alternating_clis()? {
        let mut stack = example(&cli, "production").apply()?;
        rows::expect_all(&cli, &Facts::of(&stack)?)?;
        expect_no_secret(&stack)?;

        stack.set_var("image_sha256", "a".repeat(64));
        let plan = stack.plan()?;
        ensure!(
            changes(&plan) == [("scaleway_container.this", Action::Update)],
            "{cli}: another image changes {:?}",
            changes(&plan)
        );
        stack.apply()?;

        stack.set_var("disposable", true);
        let plan = stack.plan()?;
        ensure!(
            changes(&plan)
                == [
                    ("scaleway_object_bucket.this", Action::Update),
                    ("scaleway_secret.deletion_protection", Action::Update),
                ],
            "{cli}: disposable changes {:?}",
            changes(&plan)
        );
        stack.apply()?;
        stack.destroy()?;
        let left = stack.show()?.resources;
        ensure!(left.is_empty(), "{cli}: {left:?} remain");
    }
    Ok(())
}

#[test]
fn rotation_creates_new_versions_and_keeps_the_user_in_use() -> Result<()> {
    for cli in alternating_clis()? {
        let mut stack = example(&cli, "dev").apply()?;
        let before = Facts::of(&stack)?;
        stack.set_var("database_password_version", 2);
        let plan = stack.plan()?;
        let changed: Vec<_> = changes(&plan).into_iter().map(|(one, _)| one).collect();
        ensure!(
            changed
                == [
                    "scaleway_container.this",
                    "scaleway_rdb_instance.this",
                    "scaleway_rdb_user.app[\"app_b\"]",
                    "scaleway_secret_version.database_password[\"administrator\"]",
                    "scaleway_secret_version.database_password[\"app_b\"]",
                ],
            "{cli}: a rotation changes {changed:?}"
        );
        for address in ["administrator", "app_b"] {
            let address =
                format!("module.app.scaleway_secret_version.database_password[\"{address}\"]");
            let change = plan.resource(&address).context("no change")?;
            ensure!(
                change.change.actions == [Action::Create, Action::Delete],
                "{cli}: {address} is deleted before its replacement exists"
            );
        }
        stack.apply()?;
        let after = Facts::of(&stack)?;
        for (facts, user) in [(&before, "app_a"), (&after, "app_b")] {
            let container = facts.only("scaleway_container")?;
            let found = &container["environment_variables"]["DATABASE_USER"];
            ensure!(found == user, "{cli}: the container uses {found}");
        }

        stack.set_var("api_token_version", 2);
        let plan = stack.plan()?;
        let changed: Vec<_> = changes(&plan).into_iter().map(|(one, _)| one).collect();
        ensure!(
            changed
                == [
                    "scaleway_container.this",
                    "scaleway_secret_version.app[\"API_TOKEN\"]",
                ],
            "{cli}: another token changes {changed:?}"
        );
        stack.apply()?;

        stack.set_var("api_key_expires_at", "2128-06-30T00:00:00Z");
        let plan = stack.plan()?;
        let key = plan.resource("module.app.scaleway_iam_api_key.container");
        let key = key.context("no change of the key")?;
        ensure!(
            key.change.actions == [Action::Create, Action::Delete],
            "{cli}: the key is deleted before its replacement exists"
        );
        stack.apply()?;
        expect_no_secret(&stack)?;
    }
    Ok(())
}

#[test]
fn values_of_secrets_are_injected_only_on_request() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "dev")
            .var("inject_secret_values", true)
            .apply()?;
        let facts = Facts::of(&stack)?;
        let secrets = &facts.only("scaleway_container")?["secret_environment_variables"];
        let url = secrets["DATABASE_URL"].as_str().context("DATABASE_URL")?;
        ensure!(
            url == "postgres://app_a:Pw1-double-injected@172.16.4.2:5432/shop?sslmode=require",
            "{cli}: {url}"
        );
        ensure!(secrets["API_TOKEN"].is_string(), "{cli}: {secrets}");
    }
    Ok(())
}

#[test]
fn replacement_of_the_bucket_replaces_the_protected_secret_first() -> Result<()> {
    for cli in alternating_clis()? {
        let mut stack = example(&cli, "production").apply()?;
        stack.set_var("bucket_name", "acme-shop-other");
        let plan = stack.plan()?;
        let bucket = plan.resource("module.app.scaleway_object_bucket.this");
        ensure!(
            bucket.is_some_and(|each| each.change.replaces()),
            "{cli}: the bucket is not replaced: {:?}",
            changes(&plan)
        );
        let secret = plan.resource(PROTECTION).context("no change")?;
        // Without create_before_destroy, Scaleway refuses to delete the secret before anything else is deleted.
        ensure!(
            secret.change.actions == [Action::Delete, Action::Create]
                && secret.change.before["protected"] == true,
            "{cli}: {:?} of {}",
            secret.change.actions,
            secret.change.before
        );
        protection::expect_first(&stack, PROTECTION)?;
    }
    Ok(())
}

#[test]
fn profiles_differ_as_required() -> Result<()> {
    let cli = Cli::all()?.swap_remove(0);
    let mut stack = example(&cli, "dev").init()?;
    let mut settings = |environment: &str| -> Result<(Value, usize)> {
        stack.set_var("environment", environment);
        let plan = stack.plan()?;
        let container = plan.resource("module.app.scaleway_container.this");
        let database = plan.resource("module.app.scaleway_rdb_instance.this");
        let (Some(container), Some(database)) = (container, database) else {
            anyhow::bail!("{environment} has no container or no database");
        };
        let (container, database) = (&container.change.after, &database.change.after);
        let monitoring = plan
            .changes()
            .filter(|each| each.kind.starts_with("scaleway_cockpit"));
        let sizes = json!({
            "cpu": container["cpu_limit"],
            "memory": container["memory_limit_bytes"],
            "min": container["min_scale"],
            "max": container["max_scale"],
            "node": database["node_type"],
            "volume": database["volume_size_in_gb"],
            "high_availability": database["is_ha_cluster"],
            "backup_days": database["backup_schedule_retention"],
        });
        Ok((sizes, monitoring.count()))
    };
    let expected = |cpu: u32, memory: u64, scale: [u32; 2], node: &str, rest: (u32, bool, u32)| {
        json!({
            "cpu": cpu, "memory": memory, "min": scale[0], "max": scale[1], "node": node,
            "volume": rest.0, "high_availability": rest.1, "backup_days": rest.2,
        })
    };
    let pro = "DB-PRO2-XXS";
    let dev = expected(250, 512_000_000, [0, 2], "DB-PLAY2-PICO", (10, false, 3));
    let staging = expected(1000, 2_048_000_000, [1, 10], pro, (50, false, 7));
    let production = expected(1000, 2_048_000_000, [2, 10], pro, (50, true, 30));
    for (environment, expected) in [
        ("dev", (dev, 0)),
        ("staging", (staging, 5)),
        ("production", (production, 5)),
    ] {
        let found = settings(environment)?;
        ensure!(
            found == expected,
            "{environment}: {found:?}, not {expected:?}"
        );
    }
    Ok(())
}
