//! A destroy of a whole registry with neither `force_destroy` nor anything else that makes it disposable: it ends, and what
//! it keeps can still be read.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::facts::{only, snapshots, text};
use crate::package::{Package, caller};
use crate::scenario::under_every_cli;

#[test]
fn a_destroy_without_force_ends_and_keeps_what_can_be_restored() -> Result<()> {
    under_every_cli(|cli, aws| {
        let inputs = [
            ("github_repository", json!("acme/skreg")),
            ("deletion_protection", json!(false)),
        ];
        let package = Package::named("skreg")?;
        let stack = package.under(caller(&inputs)).cli(cli).aws(aws).apply()?;
        let given: Value = stack.output("package")?;
        let key = text(&given, "/kms_key_arn")?;
        stack.destroy().context("without force_destroy")?;

        let snapshot = only("final snapshot", snapshots(aws)?)?;
        let encrypted = text(&snapshot, "/KmsKeyId")?;
        ensure!(
            encrypted != key,
            "the final snapshot needs {key}, which the destroy has scheduled for deletion"
        );
        let name = text(&snapshot, "/DBSnapshotIdentifier")?;
        aws.call(
            "rds",
            "DeleteDBSnapshot",
            json!({ "DBSnapshotIdentifier": name }),
        )?;

        let named = json!({ "SecretId": "skreg/pki/root-ca-key" });
        let secret = aws.call("secretsmanager", "DescribeSecret", named.clone())?;
        ensure!(
            secret.get("DeletedDate").is_some(),
            "the root key does not wait for its deletion: {secret}"
        );
        aws.call("secretsmanager", "RestoreSecret", named)?;
        let at_once = json!({
            "SecretId": "skreg/pki/root-ca-key", "ForceDeleteWithoutRecovery": true,
        });
        aws.call("secretsmanager", "DeleteSecret", at_once)?;
        aws.expect_empty()?;
        Ok(())
    })
}
