//! The package `state-backend`: creates the bucket with the documented command, checks every requirement through the API,
//! and executes the commands of the READMEs for locks, interruptions, recovery, and destruction. Also plans invalid inputs.

mod bucket;
mod example;
mod interruptions;
mod lock;

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

use crate::facts::text;
use crate::inputs::{Case, expect_at_most, expect_rejected, one, refusals, variables};
use crate::package::{Package, caller, refusal};
use crate::permissions;
use crate::scenario::side_by_side;
use crate::shell::{run, succeed};
use bucket::Bucket;
use example::{Example, KEY};
use lock::Shop;

/// Regions for the CLIs. CreateBucket has no location constraint in `us-east-1`.
const REGIONS: [&str; 2] = ["us-east-1", "eu-central-1"];

/// Runs a scenario with every CLI, each in a separate account and region.
fn in_regions(
    regions: impl IntoIterator<Item = &'static str>,
    scenario: impl Fn(&Cli, &LocalAws) -> Result<()> + Sync,
) -> Result<()> {
    let clis = Cli::all()?;
    let cases: Vec<_> = clis.iter().zip(regions).collect();
    ensure!(cases.len() == clis.len(), "{} regions", cases.len());
    side_by_side(&cases, cases.len(), |(cli, region)| {
        let aws = LocalAws::account()?.in_region(region);
        scenario(cli, &aws).with_context(|| format!("with {cli} in {region}"))
    })
    .map(drop)
}

#[test]
fn documented_commands_bootstrap_lock_and_recover_the_state() -> Result<()> {
    in_regions(REGIONS, |cli, aws| {
        let example = Example::new(cli, aws)?;
        succeed(&example.stack, &example.bootstrap()?)?;
        let bucket = Bucket {
            aws,
            name: example.bucket(),
            key: None,
            retention_days: 90,
            protected: true,
        };
        bucket.expect_as_required()?;
        let state = example.stored()?;
        let local = example.stack.directory().join("terraform.tfstate");
        let remains = std::fs::read_to_string(local).unwrap_or_default();
        ensure!(
            !remains.contains("aws_s3_bucket"),
            "the local state remains: {remains}"
        );
        example.stack.expect_empty_plan()?;
        succeed(&example.stack, &example.bootstrap()?).context("a second time")?;
        // The first refresh after the apply stores the policy in the attributes of the bucket.
        let again = example.stored()?;
        ensure!(
            again["lineage"] == state["lineage"] && identities(&again)? == identities(&state)?,
            "a second run changes the objects: {again}"
        );

        let mut shop = Shop::new(&example)?;
        shop.concurrent_runs_lose_nothing()?;
        shop.killed_run_is_unlocked()?;
        shop.earlier_versions_are_restored()?;
        shop.destroy()?;

        expect_protected(&example, &bucket)?;
        succeed(&example.stack, &example.destruction()?)?;
        aws.expect_empty()?;
        permissions::expect_documented(aws, ["state-backend"])
    })
}

/// Returns the types and IDs of the objects in a state.
fn identities(state: &Value) -> Result<Vec<(String, String)>> {
    let resources = state["resources"].as_array().context("resources")?;
    resources
        .iter()
        .map(|one| {
            Ok((
                text(one, "/type")?,
                text(one, "/instances/0/attributes/id")?,
            ))
        })
        .collect()
}

/// Checks that no command destroys or replaces the bucket, and that a failed command changes nothing.
fn expect_protected(example: &Example<'_>, bucket: &Bucket<'_>) -> Result<()> {
    let (aws, name) = (example.aws, example.bucket());
    let versions = aws.s3().versions(&name)?.len();
    for command in ["tofu destroy", "tofu apply -var environment=other"] {
        let refused = run(&example.stack, command)?;
        ensure!(
            refused.code() == Some(1)
                && refused.stderr.contains("AccessDenied")
                && refused.stderr.contains("s3:DeleteBucketPolicy"),
            "{command}: {}{}",
            refused.stdout,
            refused.stderr
        );
        bucket.expect_as_required().context(command)?;
        let plan = example.stack.plan().context(command)?;
        let changes: Vec<_> = plan.changes().collect();
        ensure!(changes.is_empty(), "{command}: {changes:?}");
    }
    // A destroy operation removes the outputs first.
    example.stack.apply()?;
    for (key, version) in aws.s3().versions(&name)? {
        if key == KEY {
            let deleted = aws.s3().delete_version(&name, &key, &version);
            let code = deleted.as_ref().err().and_then(|error| error.code());
            ensure!(code == Some("AccessDenied"), "{deleted:?}");
        }
    }
    ensure!(
        aws.s3().versions(&name)?.len() >= versions,
        "versions are missing"
    );
    Ok(())
}

#[test]
fn state_bucket_meets_the_requirements_with_other_inputs() -> Result<()> {
    in_regions(REGIONS.into_iter().rev(), |cli, aws| {
        let key = create_key(aws)?;
        let inputs = [
            ("name", json!("acme")),
            ("environment", json!("prod-eu")),
            ("state_key", json!("shared/bootstrap.tfstate")),
            ("retention_days", json!(30)),
            ("kms_key_arn", json!(key)),
            ("deletion_protection", json!(false)),
        ];
        let stack = Package::named("state-backend")?
            .under(caller(&inputs))
            .cli(cli)
            .aws(aws)
            .apply()?;
        let bucket = Bucket {
            aws,
            name: format!("acme-prod-eu-state-{}", aws.id()),
            key: Some(&key),
            retention_days: 30,
            protected: false,
        };
        bucket.expect_as_required()?;
        let given: Value = stack.output("package")?;
        expect_user_policy(&given, &bucket.name, &key)?;
        expect_block(cli, &given, &bucket)?;
        // Destroying a bucket without protection deletes all versions and the lock files.
        aws.s3().put(&bucket.name, "shop.tfstate", "{}")?;
        aws.s3().put(&bucket.name, "shop.tfstate", "{ }")?;
        aws.s3().delete(&bucket.name, "shop.tfstate")?;
        stack.destroy()?;
        let pending = json!({ "KeyId": key, "PendingWindowInDays": 7 });
        aws.call("kms", "ScheduleKeyDeletion", pending)?;
        aws.expect_empty()?;
        Ok(())
    })
}

fn create_key(aws: &LocalAws) -> Result<String> {
    let key = aws.call("kms", "CreateKey", json!({}))?;
    let arn = key.pointer("/KeyMetadata/Arn").and_then(Value::as_str);
    Ok(arn.context("no ARN")?.to_owned())
}

/// Checks the permissions that the documentation of the backend lists, and those for a recovery and for the key.
fn expect_user_policy(given: &Value, bucket: &str, key: &str) -> Result<()> {
    let policy = given["user_policy"].as_str().context("user_policy")?;
    let policy: Value = serde_json::from_str(policy)?;
    let arn = format!("arn:aws:s3:::{bucket}");
    let state = format!("{arn}/shared/bootstrap.tfstate");
    let statement = |sid: &str, actions: &[&str], resource: &str| json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource });
    let expected = json!([
        statement("List", &["s3:ListBucket", "s3:ListBucketVersions"], &arn),
        statement(
            "State",
            &["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            &state
        ),
        statement(
            "Lock",
            &["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            &format!("{state}.tflock")
        ),
        statement("Key", &["kms:Decrypt", "kms:GenerateDataKey"], key),
    ]);
    ensure!(policy["Statement"] == expected, "{policy}");
    Ok(())
}

/// Checks that the CLI accepts the block, that it is formatted, and that it contains the lock file and the region.
fn expect_block(cli: &Cli, given: &Value, bucket: &Bucket<'_>) -> Result<()> {
    let block = given["backend"].as_str().context("backend")?;
    let stack = Workspace::inline(block).cli(cli).open()?;
    let format = stack.run(&["fmt", "-check", "-diff", "-no-color"])?;
    ensure!(format.code() == Some(0), "{}", format.stdout);
    let expected = format!(
        "terraform {{\n  backend \"s3\" {{\n    bucket       = \"{}\"\n    key          = \"shared/bootstrap.tfstate\"\n    region       = \"{}\"\n    use_lockfile = true\n  }}\n}}\n",
        bucket.name,
        bucket.aws.region()
    );
    ensure!(block == expected, "{block}");
    Ok(())
}

#[test]
fn removed_module_does_not_destroy_the_bucket() -> Result<()> {
    let cli = &Cli::all()?[0];
    let aws = LocalAws::account()?;
    let stack = Package::named("state-backend")?
        .under(caller(&[]))
        .cli(cli)
        .aws(&aws)
        .apply()?;
    stack.write("main.tf", "")?;
    let refused = refusal(&stack, Stack::apply_once)?;
    ensure!(
        refused.contains("s3:DeleteBucketPolicy") && refused.contains("explicit deny"),
        "{refused}"
    );
    let bucket = Bucket {
        aws: &aws,
        name: format!("skreg-prod-state-{}", aws.id()),
        key: None,
        retention_days: 90,
        protected: true,
    };
    bucket.expect_as_required()?;
    stack.write("main.tf", &caller(&[("deletion_protection", json!(false))]))?;
    stack.apply()?;
    stack.destroy()?;
    aws.expect_empty()?;
    Ok(())
}

fn invalid() -> Vec<Case> {
    let name: &[&str] = &["1 to 20 lowercase letters", "not end with a hyphen"];
    let environment: &[&str] = &["1 to 20 lowercase letters", "not start or end"];
    let mut cases = Vec::new();
    for bad in [
        "",
        "Acme",
        "1acme",
        "acme-",
        "ac--me",
        "acme_shop",
        "acme.shop",
        "a23456789012345678901",
    ] {
        cases.push(one("name", json!(bad), name));
    }
    for bad in ["aws", "sthree-x", "amzn-s3-demo-x"] {
        cases.push(one("name", json!(bad), &["AWS reserves these names"]));
    }
    for bad in [
        "",
        "Prod",
        "-prod",
        "prod-",
        "prod--eu",
        "prod_eu",
        "a23456789012345678901",
    ] {
        cases.push(one("environment", json!(bad), environment));
    }
    for bad in ["", "/a", "a/", "a b", "*"] {
        cases.push(one("state_key", json!(bad), &["2 to 200 letters"]));
    }
    for bad in [json!(0), json!(366), json!(1.5)] {
        cases.push(one("retention_days", bad, &["from 1 to 365"]));
    }
    for bad in ["", "alias/aws/s3", "arn:aws:s3:::bucket", "0123"] {
        cases.push(one("kms_key_arn", json!(bad), &["the ARN of a KMS key"]));
    }
    cases.push(one("tags", json!({ "aws:x": "1" }), &["at most 40 tags"]));
    cases
}

#[test]
fn invalid_inputs_of_the_state_bucket_are_rejected() -> Result<()> {
    let inputs = variables("state-backend")?;
    for cli in alternating_clis()? {
        expect_rejected(&cli, &inputs, &[], &invalid(), [])?;
        let limits = [
            one("name", json!("a2345678901234567890"), &[]),
            one("environment", json!("12345678901234567890"), &[]),
            one("retention_days", json!(365), &[]),
        ];
        let said = refusals(&cli, &inputs, &[], &limits)?;
        ensure!(said.is_empty(), "{cli} rejects valid values: {said:?}");
    }
    expect_at_most("state-backend", 12)
}
