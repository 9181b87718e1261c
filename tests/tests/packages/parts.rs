//! Applies individual submodules to test behavior that requires multiple applies or changed AWS responses and would
//! take minutes with a complete registry. Must not check the content of a registry; the requirements do.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws};

use crate::documented::{Shell, commands};
use crate::facts::{snapshots, text, texts};
use crate::package::{Package, caller, refusal, repository};
use crate::pki::{BUCKET, BUCKET_NAME, URL};
use crate::scenario::with_one_cli;

/// A network and a KMS key that the caller manages.
struct Infrastructure {
    vpc: String,
    subnets: Vec<String>,
    key: String,
}

impl Infrastructure {
    fn create(aws: &LocalAws) -> Result<Self> {
        let vpc = aws.call("ec2", "CreateVpc", json!({ "CidrBlock": "10.9.0.0/16" }))?;
        let vpc = text(&vpc, "/vpc/vpcId")?;
        let mut subnets = Vec::new();
        for (zone, range) in [("us-east-1a", "10.9.1.0/24"), ("us-east-1b", "10.9.2.0/24")] {
            let asked = json!({ "VpcId": vpc, "CidrBlock": range, "AvailabilityZone": zone });
            let subnet = aws.call("ec2", "CreateSubnet", asked)?;
            subnets.push(text(&subnet, "/subnet/subnetId")?);
        }
        let logs = json!({ "Service": "logs.us-east-1.amazonaws.com" });
        let account = json!({ "AWS": format!("arn:aws:iam::{}:root", aws.id()) });
        let all = |who: Value| json!({ "Effect": "Allow", "Principal": who, "Action": "kms:*", "Resource": "*" });
        let policy = json!({ "Version": "2012-10-17", "Statement": [all(account), all(logs)] });
        let asked = json!({ "Policy": policy.to_string() });
        let key = aws.call("kms", "CreateKey", asked)?;
        let key = text(&key, "/KeyMetadata/Arn")?;
        Ok(Self { vpc, subnets, key })
    }

    fn delete(self, aws: &LocalAws) -> Result<()> {
        for subnet in &self.subnets {
            aws.call("ec2", "DeleteSubnet", json!({ "SubnetId": subnet }))?;
        }
        aws.call("ec2", "DeleteVpc", json!({ "VpcId": self.vpc }))?;
        let going = json!({ "KeyId": self.key, "PendingWindowInDays": 7 });
        aws.call("kms", "ScheduleKeyDeletion", going)?;
        Ok(())
    }
}

/// Creates a workspace with a registry submodule and its inputs.
fn part(name: &str, inputs: &[(&str, Value)], cli: &Cli, aws: &LocalAws) -> Result<Stack> {
    let folder = repository()?.join("modules/skreg/modules").join(name);
    let package = Package::read(&folder)?;
    Ok(package.under(caller(inputs)).cli(cli).aws(aws).init()?)
}

/// Creates a workspace with the PKI submodule and a bucket, without deletion protection.
fn pki(
    infrastructure: &Infrastructure,
    more: &[(&str, Value)],
    cli: &Cli,
    aws: &LocalAws,
) -> Result<Stack> {
    let mut inputs = vec![
        ("account_id", json!(aws.id())),
        ("kms_key_arn", json!(infrastructure.key)),
        ("bucket_name", json!(BUCKET_NAME)),
        ("well_known_url", json!(URL)),
        ("deletion_protection", json!(false)),
    ];
    inputs.extend_from_slice(more);
    let package = Package::read(&repository()?.join("modules/skreg/modules/pki"))?;
    let root = format!("{BUCKET}{}", caller(&inputs));
    Ok(package.under(root).cli(cli).aws(aws).init()?)
}

#[test]
fn each_destroyed_database_leaves_a_snapshot() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let inputs = [
            ("name", json!("skreg")),
            ("account_id", json!(aws.id())),
            ("vpc_id", json!(infrastructure.vpc)),
            ("subnet_ids", json!(infrastructure.subnets)),
            ("kms_key_arn", json!(infrastructure.key)),
            ("deletion_protection", json!(false)),
        ];
        let stack = part("database", &inputs, cli, aws)?;
        for round in ["first", "second"] {
            stack.apply().with_context(|| format!("{round} apply"))?;
            stack
                .destroy()
                .with_context(|| format!("{round} destroy"))?;
        }
        let snapshots = snapshots(aws)?;
        let keys = texts(&snapshots, "/KmsKeyId")?;
        ensure!(
            !keys.contains(&infrastructure.key),
            "snapshots must not be encrypted with the registry key: {keys:?}"
        );
        let names = texts(&snapshots, "/DBSnapshotIdentifier")?;
        ensure!(
            names.len() == 2 && names.iter().all(|name| name.starts_with("skreg-final-")),
            "expected two snapshots, found {names:?}"
        );
        for name in names {
            let named = json!({ "DBSnapshotIdentifier": name });
            aws.call("rds", "DeleteDBSnapshot", named)?;
        }
        infrastructure.delete(aws)?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// A bucket with access control lists that CloudFront can deliver logs to.
const LOGS: &str = r#"resource "aws_s3_bucket" "logs" {
  bucket_prefix = "skreg-logs-"
  force_destroy = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

"#;

#[test]
fn bucket_with_packages_keeps_its_protection() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let bucket = format!("skreg-packages-{}", aws.id());
        let inputs = [
            ("name", json!("skreg")),
            ("bucket_name", json!(bucket)),
            (
                "access_logs_bucket",
                json!("${aws_s3_bucket_ownership_controls.logs.id}"),
            ),
            (
                "access_logs_bucket_domain_name",
                json!("${aws_s3_bucket_ownership_controls.logs.id}.s3.amazonaws.com"),
            ),
            ("kms_key_arn", json!(infrastructure.key)),
            ("tags", json!({ "team": "registry" })),
        ];
        let with = |more: &[(&str, bool)]| {
            let mut inputs = inputs.to_vec();
            inputs.extend(more.iter().map(|(name, value)| (*name, json!(value))));
            format!("{LOGS}{}", caller(&inputs))
        };
        let folder = repository()?.join("modules/skreg/modules/package-store");
        let package = Package::read(&folder)?;
        let stack = package.under(with(&[])).cli(cli).aws(aws).apply()?;
        aws.s3().put(&bucket, "a.tar", "a package")?;
        stack.write("main.tf", &with(&[("deletion_protection", false)]))?;
        let refused = refusal(&stack, |stack| stack.plan())?;
        ensure!(
            refused.contains(&format!("{bucket} contains packages")),
            "expected a different error, found {refused}"
        );
        let by_force = [("deletion_protection", false), ("force_destroy", true)];
        stack.write("main.tf", &with(&by_force))?;
        stack.apply()?;
        stack.destroy()?;
        infrastructure.delete(aws)?;
        aws.expect_empty()?;
        Ok(())
    })
}

#[test]
fn default_zones_remain_when_the_region_adds_a_zone() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let inputs = [
            ("name", json!("skreg")),
            ("account_id", json!(aws.id())),
            ("kms_key_arn", json!(infrastructure.key)),
            ("nat_gateway", json!("none")),
            ("flow_logs", json!(false)),
        ];
        let stack = part("network", &inputs, cli, aws)?;
        stack.apply()?;
        let zones = |stack: &Stack| -> Result<Value> {
            let package: Value = stack.output("package")?;
            Ok(package["availability_zones"].clone())
        };
        let before = zones(&stack)?;
        // Simulates a different zone order in the AWS response.
        let subnets = std::fs::read_to_string(stack.directory().join("package/subnets.tf"))?;
        let sorted = "sort(data.aws_availability_zones.available[0].names)";
        ensure!(
            subnets.matches(sorted).count() == 1,
            "the module selects zones differently:\n{subnets}"
        );
        let other = subnets.replace(sorted, &format!("reverse({sorted})"));
        stack.write("package/subnets.tf", &other)?;
        stack
            .expect_empty_plan()
            .context("with a different zone order")?;
        ensure!(
            before == json!(["us-east-1a", "us-east-1b"]) && zones(&stack)? == before,
            "expected the first two zones, found {before}"
        );
        stack.destroy()?;
        infrastructure.delete(aws)?;
        aws.expect_empty()?;
        Ok(())
    })
}

#[test]
fn authorities_can_be_recreated_after_a_forced_destroy() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let inputs = [("name", json!("skreg")), ("force_destroy", json!(true))];
        let stack = pki(&infrastructure, &inputs, cli, aws)?;
        for round in ["first", "second"] {
            stack.apply().with_context(|| format!("{round} apply"))?;
            stack
                .destroy()
                .with_context(|| format!("{round} destroy"))?;
        }
        infrastructure.delete(aws)?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// Follows the package README in order.
#[test]
fn documented_commands_restore_destroyed_authorities() -> Result<()> {
    with_one_cli(|cli, aws| {
        for backend in ["software", "hsm"] {
            restore(cli, aws, backend).with_context(|| backend.to_owned())?;
        }
        Ok(())
    })
}

fn restore(cli: &Cli, aws: &LocalAws, backend: &str) -> Result<()> {
    let infrastructure = Infrastructure::create(aws)?;
    let name = format!("skreg-{backend}");
    let inputs = [("name", json!(name)), ("hsm_backend", json!(backend))];
    let stack = pki(&infrastructure, &inputs, cli, aws)?;
    stack.apply()?;
    let given = |name: &str| -> Result<Value> {
        let package: Value = stack.output("package")?;
        Ok(package[name].clone())
    };
    let certificates = || -> Result<Value> {
        let names = ["root_ca_cert_pem", "intermediate_ca_cert_pem"];
        names.into_iter().map(given).collect()
    };
    let before = certificates()?;
    stack.destroy()?;
    let going = json!({ "KeyId": infrastructure.key, "PendingWindowInDays": 30 });
    aws.call("kms", "ScheduleKeyDeletion", going)?;

    let package = Package::named("skreg")?;
    let readme = &package.files()["README.md"];
    let mut shell = Shell {
        aws,
        stack: &stack,
        module: ["module.skreg.module.pki", "module.package"],
        values: [("<name>", name)].into(),
    };
    let prints =
        "The commands print `<kms_key_arn>`, `<root_secret_arn>`, and `<intermediate_secret_arn>`";
    let in_kms = "If `hsm_backend` is `hsm`, restore and import the KMS keys";
    let import = "Set the module input `kms_key_arn` to `<kms_key_arn>`";
    let ends = "If an earlier version of this module created the registry";
    let mut names = [
        "<kms_key_arn>",
        "<root_secret_arn>",
        "<intermediate_secret_arn>",
    ]
    .into_iter();
    for command in commands(readme, "To restore the keys", prints)? {
        if let Some(value) = shell.run(&command)? {
            let name = names.next().context("unexpected output")?;
            shell.values.insert(name, value);
        }
    }
    ensure!(
        shell.values.get("<kms_key_arn>") == Some(&infrastructure.key),
        "expected {}, found {:?}",
        infrastructure.key,
        shell.values
    );
    if backend == "hsm" {
        let mut names = ["<root_key_id>", "<intermediate_key_id>"].into_iter();
        for command in commands(readme, in_kms, import)? {
            if let Some(document) = shell.run(&command)? {
                let document: Value = serde_json::from_str(&document)?;
                let arn = text(&document, "/kms_key_arn")?;
                let (_, id) = arn.rsplit_once('/').context("the ARN has no key ID")?;
                let name = names.next().context("unexpected output")?;
                shell.values.insert(name, id.to_owned());
            }
        }
    }
    for command in commands(readme, import, ends)? {
        shell.run(&command)?;
    }
    ensure!(
        certificates()? == before,
        "the certificates of the authorities changed"
    );
    stack.destroy()?;
    infrastructure.delete(aws)
}

#[test]
fn other_partitions_are_rejected_during_planning() -> Result<()> {
    with_one_cli(|cli, aws| {
        let (account, tags) = (json!(aws.id()), json!({}));
        let key = json!(format!("arn:aws:kms:cn-north-1:{}:key/0123", aws.id()));
        for (name, inputs) in [
            (
                "access-logs",
                vec![
                    ("bucket_name", json!("logs")),
                    ("account_id", account.clone()),
                ],
            ),
            (
                "network",
                vec![
                    ("name", json!("skreg")),
                    ("account_id", account.clone()),
                    ("kms_key_arn", key.clone()),
                    ("availability_zones", json!(["cn-north-1a", "cn-north-1b"])),
                ],
            ),
            (
                "github-identity",
                vec![
                    ("name", json!("skreg")),
                    ("account_id", account.clone()),
                    ("github_repository", json!("acme/skreg")),
                    (
                        "ecr_repository_arns",
                        json!([format!(
                            "arn:aws:ecr:cn-north-1:{}:repository/skreg-api",
                            aws.id()
                        )]),
                    ),
                ],
            ),
            (
                "pki",
                vec![
                    ("name", json!("skreg")),
                    ("account_id", account.clone()),
                    ("kms_key_arn", key.clone()),
                    ("bucket_name", json!("packages")),
                    ("well_known_url", json!(URL)),
                ],
            ),
            (
                "package-store",
                vec![
                    ("name", json!("skreg")),
                    ("bucket_name", json!("packages")),
                    ("access_logs_bucket", json!("logs")),
                    (
                        "access_logs_bucket_domain_name",
                        json!("logs.s3.amazonaws.com"),
                    ),
                    ("kms_key_arn", key.clone()),
                ],
            ),
        ] {
            let mut inputs = inputs;
            inputs.push(("tags", tags.clone()));
            let folder = repository()?.join("modules/skreg/modules").join(name);
            // The provider does not request the caller's ARN, which contains the partition of the local AWS emulator.
            // Therefore, the region determines the partition.
            let region = "provider \"aws\" {\n  region = \"cn-north-1\"\n  skip_requesting_account_id = true\n  skip_credentials_validation = true\n}\n";
            let root = format!("{region}{}", caller(&inputs));
            let workspace = Package::read(&folder)?.under(root);
            let stack = workspace.cli(cli).aws(aws).init()?;
            let refused = refusal(&stack, |stack| stack.plan());
            let refused = refused.with_context(|| name.to_owned())?;
            ensure!(
                refused.contains("Use a region in the aws partition"),
                "{name}: expected a different error, found {refused}"
            );
        }
        Ok(())
    })
}
