//! A destroy of a whole registry with neither `force_destroy` nor anything else that makes it disposable: it ends, and what
//! it keeps can still be read. Where it ends at old versions of packages, all that holds data is still there.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;

use crate::facts::{expect, list, only, snapshots, text, texts};
use crate::package::{Package, caller, refusal};
use crate::requirements::Registry;
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

        forget_root_key(aws)?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// Deletes the root key, which waits for its deletion.
fn forget_root_key(aws: &LocalAws) -> Result<()> {
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
    Ok(())
}

/// What the bucket is deleted before, and what it was deleted before in the version from which this one upgrades.
const ORDER: [&str; 2] = [
    "  depends_on = [var.kms_key_arn, var.access_logs_bucket, var.deleted_after_bucket]\n",
    "  depends_on = [var.kms_key_arn]\n",
];
const BUCKET: &str = "modules/package-store/bucket.tf";

/// The commands of the README that delete versions. The calls behind them are `ListObjectVersions` and `DeleteObjects`.
const COMMANDS: [&str; 2] = [
    "aws s3api list-object-versions --bucket <bucket_name> --no-paginate --query '{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}' | tee versions.json\n",
    "aws s3api delete-objects --bucket <bucket_name> --delete file://versions.json\n",
];

#[test]
fn a_destroy_that_ends_at_old_versions_of_packages_deletes_no_data() -> Result<()> {
    under_every_cli(|cli, aws| {
        let inputs = [
            ("github_repository", json!("acme/skreg")),
            ("deletion_protection", json!(false)),
            ("final_snapshot", json!(false)),
        ];
        let package = Package::named("skreg")?;
        let files = package.files();
        let bucket = files.get(BUCKET).context("the file of the bucket")?;
        ensure!(
            bucket.matches(ORDER[0]).count() == 1,
            "the bucket is ordered in another way:\n{bucket}"
        );
        let workspace = package.under(caller(&inputs)).cli(cli).aws(aws);
        let path = format!("package/{BUCKET}");
        let earlier = workspace.file(&path, bucket.replace(ORDER[0], ORDER[1]));
        let stack = earlier.apply().context("the earlier version")?;
        stack.write(&path, bucket)?;
        stack.expect_settled().context("after the upgrade")?;

        let registry = Registry {
            aws,
            prefix: "skreg",
            repository: "acme/skreg",
            domain: None,
        };
        let before = data(&registry).context("before the destroy")?;
        aws.s3().put(&registry.bucket(), "a.tar", "a package")?;
        aws.s3().delete(&registry.bucket(), "a.tar")?;
        let refused = refusal(&stack, |stack| stack.destroy())?;
        ensure!(
            refused.contains("BucketNotEmpty"),
            "the destroy ends for another reason: {refused}"
        );
        let after = data(&registry).context("after the destroy that ended at the bucket")?;
        expect("what holds data", &after, &before)?;

        for command in COMMANDS {
            ensure!(
                files["README.md"].contains(command),
                "the README does not say {command}"
            );
        }
        let deleted = aws.s3().delete_versions(&registry.bucket())?;
        ensure!(
            deleted == 2,
            "expected a version and a delete marker, found {deleted}"
        );
        stack.destroy().context("without old versions")?;
        forget_root_key(aws)?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// All that holds data beside the packages: its values, or the names of its objects.
fn data(registry: &Registry<'_>) -> Result<Value> {
    let names = |service: &str, action: &str, key: &str, name: &str| {
        texts(
            &list(registry.aws, service, action, json!({}), key)?,
            &format!("/{name}"),
        )
    };
    let logs = format!("/skreg-access-logs-{}?location", registry.aws.id());
    registry.aws.get("s3", &logs).context("access logs")?;
    let key = text(&registry.secret_facts("pki/root-ca-key")?, "/KmsKeyId")?;
    let key = json!({ "KeyId": key });
    let key = registry.aws.call("kms", "DescribeKey", key)?;
    Ok(json!({
        "database": text(&registry.database()?, "/DbiResourceId")?,
        "password": registry.secret("database/password")?,
        "URL": registry.secret("database/url")?,
        "root key": registry.root_key()?,
        "root certificate": registry.secret("pki/root-ca-cert")?,
        "policy of the root key": registry.aws.call(
            "secretsmanager",
            "GetResourcePolicy",
            json!({ "SecretId": "skreg/pki/root-ca-key" }),
        )?["ResourcePolicy"],
        "key": text(&key, "/KeyMetadata/KeyState")?,
        "images": names("ecr", "DescribeRepositories", "repositories", "repositoryArn")?,
        "logs": names("logs", "DescribeLogGroups", "logGroups", "logGroupName")?,
    }))
}
