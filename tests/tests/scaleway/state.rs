//! The package `scaleway-state`.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, Workspace};

use crate::facts::{Facts, is, text};
use crate::protection;
use crate::provider::scaleway;

/// Principal that stores its state in the bucket.
const USER: &str = "application_id:22222222-2222-2222-2222-222222222222";

/// Returns the example with valid inputs.
pub(crate) fn example(cli: &Cli) -> Workspace {
    Workspace::of("examples/scaleway-state")
        .cli(cli)
        .doubles([scaleway()])
        .var("bucket_name", "acme-terraform-state")
        .var(
            "bucket_administrators",
            json!(["application_id:11111111-1111-1111-1111-111111111111"]),
        )
        .var("state_users", json!([USER]))
        .var("state_key", "shop/production.tfstate")
        .var("alert_emails", json!(["ops@example.com"]))
}

#[test]
fn state_bucket_meets_the_requirements_changes_and_destroys() -> Result<()> {
    for cli in Cli::all()? {
        let mut stack = example(&cli).apply()?;
        let facts = Facts::of(&stack)?;
        let bucket = facts.only("scaleway_object_bucket")?;
        let evidence = [
            is(bucket, "/versioning/0/enabled", json!(true))?,
            is(
                bucket,
                "/lifecycle_rule/0/noncurrent_version_expiration/0/noncurrent_days",
                json!(90),
            )?,
            is(bucket, "/force_destroy", json!(false))?,
            is(facts.only("scaleway_secret")?, "/protected", json!(true))?,
            is(
                facts.only("scaleway_cockpit_alert_manager")?,
                "/contact_points/0/email",
                json!("ops@example.com"),
            )?,
        ];
        println!("{cli}: state backend | {}", evidence.join("; "));
        expect_least_privilege(&facts)?;
        expect_rules(&facts)?;
        expect_backend(&cli, text(facts.output("backend")?, "")?)?;

        stack.set_var("retention_days", 30);
        let plan = stack.plan()?;
        let changed: Vec<_> = plan.changes().map(|each| each.address.as_str()).collect();
        ensure!(
            changed == ["module.state.scaleway_object_bucket.this"],
            "{cli}: {changed:?}"
        );
        stack.apply()?;
        stack.set_var("disposable", true);
        stack.apply()?;
        protection::expect_first(&stack, "module.state.scaleway_secret.deletion_protection")?;
        let left = stack.show()?.resources;
        ensure!(left.is_empty(), "{cli}: {left:?} remain");
    }
    Ok(())
}

/// Checks that a user can write states and lock files, and cannot delete earlier versions.
fn expect_least_privilege(facts: &Facts) -> Result<()> {
    let policy: Value = serde_json::from_str(text(
        facts.only("scaleway_object_bucket_policy")?,
        "/policy",
    )?)?;
    let statements = policy["Statement"].as_array().context("Statement")?;
    let own: Vec<_> = statements
        .iter()
        .filter(|each| each["Principal"]["SCW"].to_string().contains(USER))
        .collect();
    let actions: Vec<_> = own
        .iter()
        .filter_map(|each| each["Action"].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    ensure!(
        actions
            == [
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:PutObject",
                "s3:ListBucket",
                "s3:ListBucketVersions",
            ],
        "{actions:?}"
    );
    Ok(())
}

fn expect_rules(facts: &Facts) -> Result<()> {
    let rules: Value = serde_json::from_str(text(facts.output("alert_rules")?, "")?)?;
    let rules = rules["rules"].as_array().context("rules")?;
    for rule in rules {
        let query = text(rule, "/expr")?;
        ensure!(query.contains("\"acme-terraform-state\""), "{query}");
    }
    ensure!(rules.len() == 2, "{} rules", rules.len());
    Ok(())
}

/// Checks that the CLI accepts the block, that it is formatted, and that it contains the lock file.
fn expect_backend(cli: &Cli, block: &str) -> Result<()> {
    let stack = Workspace::inline(block).cli(cli).open()?;
    let format = stack.run(&["fmt", "-check", "-diff", "-no-color"])?;
    ensure!(format.code() == Some(0), "{cli}: {}", format.stdout);
    stack.succeed(&["init", "-backend=false", "-input=false", "-no-color"])?;
    stack.succeed(&["validate", "-no-color"])?;
    for line in [
        "use_lockfile                = true",
        "bucket                      = \"acme-terraform-state\"",
        "key                         = \"shop/production.tfstate\"",
        "region                      = \"fr-par\"",
        "endpoints                   = { s3 = \"https://s3.fr-par.scw.cloud\" }",
    ] {
        ensure!(block.contains(line), "{cli}: no {line} in\n{block}");
    }
    Ok(())
}
