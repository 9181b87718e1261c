//! The backend that `scaleway-state` returns, with the S3 API of the local AWS in place of Object Storage: lock, integrity, and
//! recovery of an earlier version.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

use crate::facts::{Facts, text};
use crate::state;

/// Key of the state in the example.
const KEY: &str = "shop/production.tfstate";
/// A configuration with one object, whose value is an input.
const CONFIGURATION: &str = r#"
variable "greeting" {
  type = string
}

resource "terraform_data" "this" {
  input = var.greeting
}
"#;

/// Returns the block of the example for a bucket of the local AWS, whose address requires the bucket in the path.
fn block(cli: &Cli, aws: &LocalAws, bucket: &str) -> Result<String> {
    let stack = state::example(cli).apply()?;
    let facts = Facts::of(&stack)?;
    let block = text(facts.output("backend")?, "")?;
    let local = block
        .replace("https://s3.fr-par.scw.cloud", &aws.endpoint())
        .replace("\"fr-par\"", "\"us-east-1\"")
        .replace("acme-terraform-state", bucket)
        .replace(
            "    use_lockfile",
            "    use_path_style = true\n    use_lockfile",
        );
    ensure!(local != block, "{block}");
    Ok(local)
}

fn greeting(stack: &Stack) -> Result<Value> {
    let state = stack.show()?;
    let resource = state.resources.get("terraform_data.this");
    Ok(resource.context("no resource")?.values["output"].clone())
}

#[test]
fn backend_locks_and_restores_an_earlier_version() -> Result<()> {
    let aws = LocalAws::account()?;
    for cli in Cli::all()? {
        let aws = aws.sibling();
        // Bucket names are shared by all accounts.
        let bucket = &format!("acme-terraform-state-{}", cli.kind().program());
        aws.s3().create_bucket(bucket)?;
        aws.s3().enable_versioning(bucket)?;
        let configuration = format!("{}{CONFIGURATION}", block(&cli, &aws, bucket)?);
        let mut stack = Workspace::inline(configuration)
            .cli(&cli)
            .aws(&aws)
            .var("greeting", "first")
            .init()?;
        stack.apply()?;
        let first = aws.s3().get(bucket, KEY)?;

        // Another process holds the lock.
        let lock = json!({
            "ID": "11111111-1111-1111-1111-111111111111", "Operation": "OperationTypeApply", "Info": "",
            "Who": "another@example.com", "Version": "1.11.4", "Created": "2026-11-30T12:00:00Z", "Path": KEY,
        });
        let lock_key = format!("{KEY}.tflock");
        aws.s3().put(bucket, &lock_key, &lock.to_string())?;
        stack.set_var("greeting", "second");
        let refused = stack.failing(Stack::apply_once)?.to_string();
        ensure!(
            refused.contains("Error acquiring the state lock")
                && refused.contains("another@example.com"),
            "{cli}: {refused}"
        );
        ensure!(
            aws.s3().get(bucket, KEY)? == first,
            "{cli}: a run without the lock wrote the state"
        );
        aws.s3().delete(bucket, &lock_key)?;
        stack.apply()?;
        ensure!(
            aws.s3().get(bucket, &lock_key).is_err(),
            "{cli}: the lock remains"
        );
        ensure!(
            greeting(&stack)? == "second",
            "{cli}: {}",
            greeting(&stack)?
        );

        expect_integrity(&cli, &stack)?;
        restore(&cli, &aws, &stack, bucket)?;
        ensure!(greeting(&stack)? == "first", "{cli}: {}", greeting(&stack)?);
        stack.apply()?;
        stack.destroy()?;
    }
    Ok(())
}

/// Checks what the command in the README prints.
fn expect_integrity(cli: &Cli, stack: &Stack) -> Result<()> {
    let state: Value = serde_json::from_str(&stack.succeed(&["state", "pull"])?)?;
    ensure!(
        state["version"] == 4 && state["serial"].is_u64() && state["lineage"].is_string(),
        "{cli}: {state}"
    );
    Ok(())
}

/// Restores the version that contains the first value, as the README describes.
fn restore(cli: &Cli, aws: &LocalAws, stack: &Stack, bucket: &str) -> Result<()> {
    let versions = aws.s3().versions(bucket)?;
    let mut of_state = versions.into_iter().filter(|(key, _)| key == KEY);
    let wanted = of_state.find_map(|(_, version)| {
        let content = aws.s3().version(bucket, KEY, &version).ok()?;
        let content = String::from_utf8(content).ok()?;
        content.contains("\"first\"").then_some(content)
    });
    let wanted = wanted.with_context(|| format!("{cli}: no version contains the first value"))?;
    stack.write("restored.tfstate", &wanted)?;
    stack.succeed(&["state", "push", "-force", "restored.tfstate"])?;
    Ok(())
}
