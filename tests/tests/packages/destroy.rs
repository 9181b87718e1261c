//! Destroys a complete registry without `force_destroy`. The operation succeeds, and retained objects remain readable.
//! If noncurrent package versions cause it to fail, all data still exists.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;

use crate::documented::{Shell, commands};
use crate::facts::{expect, list, only, pick, snapshots, text, texts};
use crate::package::{Package, caller, refusal};
use crate::requirements::Registry;
use crate::scenario::with_one_cli;

#[test]
fn destroy_without_force_succeeds_and_keeps_restorable_objects() -> Result<()> {
    with_one_cli(|cli, aws| {
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
            "the final snapshot must not require {key}, which is scheduled for deletion"
        );
        let name = text(&snapshot, "/DBSnapshotIdentifier")?;
        aws.call(
            "rds",
            "DeleteDBSnapshot",
            json!({ "DBSnapshotIdentifier": name }),
        )?;

        forget_keys(aws)?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// Deletes the secrets of the authorities, which are scheduled for deletion. The secret of the signing key does not
/// exist.
fn forget_keys(aws: &LocalAws) -> Result<()> {
    for name in ["skreg/pki/root-ca-key", "skreg/pki/intermediate-ca-key"] {
        let named = json!({ "SecretId": name });
        let secret = aws.call("secretsmanager", "DescribeSecret", named.clone())?;
        ensure!(
            secret.get("DeletedDate").is_some(),
            "{name} is not scheduled for deletion: {secret}"
        );
        aws.call("secretsmanager", "RestoreSecret", named)?;
        let at_once = json!({ "SecretId": name, "ForceDeleteWithoutRecovery": true });
        aws.call("secretsmanager", "DeleteSecret", at_once)?;
    }
    Ok(())
}

/// Bucket dependencies that determine the destruction order, in this version and in an earlier one.
const ORDER: [&str; 2] = [
    "  depends_on = [var.kms_key_arn, var.access_logs_bucket, var.deleted_after_bucket]\n",
    "  depends_on = [var.kms_key_arn]\n",
];
const BUCKET: &str = "modules/package-store/bucket.tf";

#[test]
fn destroy_that_fails_at_noncurrent_versions_deletes_no_data() -> Result<()> {
    with_one_cli(|cli, aws| {
        let inputs = [
            ("github_repository", json!("acme/skreg")),
            ("deletion_protection", json!(false)),
            ("final_snapshot", json!(false)),
        ];
        let package = Package::named("skreg")?;
        let files = package.files();
        let bucket = files
            .get(BUCKET)
            .context("the package has no file that declares the bucket")?;
        ensure!(
            bucket.matches(ORDER[0]).count() == 1,
            "the bucket has different dependencies:\n{bucket}"
        );
        let workspace = package.under(caller(&inputs)).cli(cli).aws(aws);
        let path = format!("package/{BUCKET}");
        let earlier = workspace.file(&path, bucket.replace(ORDER[0], ORDER[1]));
        let stack = earlier.apply().context("the earlier version")?;
        stack.write(&path, bucket)?;
        stack.expect_empty_plan().context("after the upgrade")?;

        let registry = Registry {
            aws,
            prefix: "skreg",
            repository: "acme/skreg",
            hsm_backend: "hsm",
            domain: None,
        };
        let before = data(&registry).context("before the destroy operation")?;
        ensure!(
            deleted(&registry).is_err(),
            "an existing registry must not count as deleted"
        );
        aws.s3().put(&registry.bucket(), "a.tar", "a package")?;
        aws.s3().delete(&registry.bucket(), "a.tar")?;
        let refused = refusal(&stack, |stack| stack.destroy())?;
        ensure!(
            refused.contains("BucketNotEmpty"),
            "expected a different error from the destroy operation, found {refused}"
        );
        let after = data(&registry).context("after the destroy operation failed at the bucket")?;
        expect("data", &after, &before)?;

        deleted(&registry).context("after the destroy operation failed at the bucket")?;

        let shell = Shell {
            aws,
            stack: &stack,
            module: ["module.skreg", "module.package"],
            values: [("<bucket_name>", registry.bucket())].into(),
        };
        delete_versions(&shell, &files["README.md"])?;
        let pending = refusal(&stack, |stack| stack.destroy())?;
        ensure!(
            pending.contains("destroy -refresh=false"),
            "expected the command that continues, found {pending}"
        );
        let again = [
            "destroy",
            "-refresh=false",
            "-auto-approve",
            "-input=false",
            "-no-color",
        ];
        stack
            .succeed(&again)
            .context("without noncurrent versions")?;
        forget_keys(aws)?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// Runs the README commands repeatedly until the first command prints an empty list. The commands delete a version and
/// a delete marker.
fn delete_versions(shell: &Shell<'_>, readme: &str) -> Result<()> {
    let commands = commands(
        readme,
        "After you delete the packages,",
        "After a destroy operation,",
    )?;
    let [list, delete] = commands.as_slice() else {
        bail!("expected two commands, found {commands:?}")
    };
    let mut runs = Vec::new();
    loop {
        let printed = shell
            .run(list)?
            .context("the list of versions is missing")?;
        let printed: Value = serde_json::from_str(&printed)?;
        let versions = printed["Objects"].as_array().map_or(0, Vec::len);
        runs.push(versions);
        if versions == 0 || runs.len() > 2 {
            break;
        }
        shell.run(delete)?;
    }
    ensure!(
        runs == [2, 0],
        "expected a version and a delete marker in the first run and none in the second, found {runs:?}"
    );
    Ok(())
}

/// Checks that a destroy operation that failed at the bucket deleted only the objects that the README lists.
fn deleted(registry: &Registry<'_>) -> Result<()> {
    let aws = registry.aws;
    let services = json!({ "cluster": registry.prefix });
    let services = list(aws, "ecs", "ListServices", services, "serviceArns")?;
    let (service, action) = ("elasticloadbalancing", "DescribeLoadBalancers");
    let balancers = list(aws, service, action, Value::Null, "LoadBalancers")?;
    let roles = list(aws, "iam", "ListRoles", Value::Null, "Roles")?;
    let roles = texts(&roles, "/RoleName")?;
    let of_tasks = roles.iter().filter(|role| role.contains("task"));
    let of_tasks: Vec<_> = of_tasks.collect();
    ensure!(
        services.is_empty() && balancers.is_empty() && of_tasks.is_empty(),
        "still exists: {services:?} {balancers:?} {of_tasks:?}"
    );
    let cdn = aws.get("cloudfront", "/2020-05-31/distribution")?;
    ensure!(
        cdn.pointer("/Items/DistributionSummary").is_none(),
        "still exists: {cdn}"
    );
    for secret in ["storage/service-account", "pki/package-signing-key"] {
        ensure!(
            registry.secret_facts(secret).is_err(),
            "{secret} still exists"
        );
    }
    let lifecycle = format!("/{}?lifecycle", registry.bucket());
    ensure!(
        aws.get("s3", &lifecycle).is_err(),
        "the lifecycle configuration still exists"
    );
    Ok(())
}

/// Returns all data except packages: the values or the names of objects.
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
    let described = |id: &str| -> Result<Value> {
        let key = json!({ "KeyId": id });
        let answer = registry.aws.call("kms", "DescribeKey", key)?;
        Ok(answer["KeyMetadata"].clone())
    };
    let mut signing = Vec::new();
    for id in texts(
        &list(registry.aws, "kms", "ListKeys", json!({}), "Keys")?,
        "/KeyId",
    )? {
        let key = described(&id)?;
        if key["KeyUsage"] == "SIGN_VERIFY" {
            signing.push(pick(&key, &["KeyId", "KeyState"]));
        }
    }
    ensure!(
        signing.len() == 2,
        "expected two signing keys, found {signing:?}"
    );
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
        "key": text(&described(&key)?, "/KeyState")?,
        "signing keys": signing,
        "images": names("ecr", "DescribeRepositories", "repositories", "repositoryArn")?,
        "logs": names("logs", "DescribeLogGroups", "logGroups", "logGroupName")?,
    }))
}
