//! States from an earlier provider version must have an empty plan.
//!
//! `tests/fixtures/upgrade` contains configurations, their states from earlier versions, and the calls that created their
//! objects. The tests repeat the calls in a new account. Account-specific values are in double braces. The folders `root`
//! and `bundle` are from commit 17f9dac, `validity_status` is from the last version without `certificate_revision`, and
//! `revision` is from the version that added it. `pki_family` and `crl` are from the version that introduced the other PKI
//! resources, and `kms_intermediate` is from the version that added the import of certificates for a request.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, Kind, LocalAws, Workspace};

use crate::infrastructure::{CLUSTER, Infrastructure, text};
use crate::scenario::with_one_cli;

/// Values for the placeholders in double braces.
type Known = BTreeMap<String, String>;

#[test]
fn earlier_root_state_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/root/main.tf"),
            state: include_str!("../../fixtures/upgrade/root/state.json"),
            calls: include_str!("../../fixtures/upgrade/root/calls.json"),
        };
        files.expect_empty_plan(cli, aws, Known::new(), &[])
    })
}

#[test]
fn root_state_without_revisions_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/validity_status/main.tf"),
            state: include_str!("../../fixtures/upgrade/validity_status/state.json"),
            calls: include_str!("../../fixtures/upgrade/validity_status/calls.json"),
        };
        files.expect_empty_plan(cli, aws, Known::new(), &[])
    })
}

#[test]
fn root_state_without_extensions_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let parameters = json!({ "KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY" });
        let key = text(
            &aws.call("kms", "CreateKey", parameters)?,
            "/KeyMetadata/Arn",
        )?;
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/revision/main.tf"),
            state: include_str!("../../fixtures/upgrade/revision/state.json"),
            calls: include_str!("../../fixtures/upgrade/revision/calls.json"),
        };
        let known = Known::from([("key".to_owned(), key.clone())]);
        files.expect_empty_plan(cli, aws, known, &[("key_arn", key.into())])
    })
}

#[test]
fn intermediate_state_with_kms_keys_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let key = || -> Result<String> {
            let parameters = json!({ "KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY" });
            text(
                &aws.call("kms", "CreateKey", parameters)?,
                "/KeyMetadata/Arn",
            )
        };
        let keys = json!({ "root": key()?, "issuing": key()? });
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/kms_intermediate/main.tf"),
            state: include_str!("../../fixtures/upgrade/kms_intermediate/state.json"),
            calls: include_str!("../../fixtures/upgrade/kms_intermediate/calls.json"),
        };
        let known = ["root", "issuing"]
            .map(|name| Ok((format!("{name}_key"), text(&keys, &format!("/{name}"))?)));
        let known = known.into_iter().collect::<Result<Known>>()?;
        files.expect_empty_plan(cli, aws, known, &[("keys", keys)])
    })
}

#[test]
fn earlier_pki_states_have_an_empty_plan() -> Result<()> {
    let objects = [
        (
            "json",
            include_str!("../../fixtures/upgrade/pki_family/trust-bundle.json"),
        ),
        (
            "pem",
            include_str!("../../fixtures/upgrade/pki_family/trust-bundle.pem"),
        ),
        (
            "sha256",
            include_str!("../../fixtures/upgrade/pki_family/trust-bundle.sha256"),
        ),
    ];
    with_one_cli(|cli, aws| {
        let bucket = create_bucket(aws)?;
        for (extension, content) in objects {
            let key = format!(".well-known/trust-bundle.{extension}");
            aws.s3().put(&bucket, &key, content)?;
        }
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/pki_family/main.tf"),
            state: include_str!("../../fixtures/upgrade/pki_family/state.json"),
            calls: include_str!("../../fixtures/upgrade/pki_family/calls.json"),
        };
        let known = Known::from([("bucket".to_owned(), bucket.clone())]);
        files.expect_empty_plan(cli, aws, known, &[("bucket", bucket.into())])
    })
}

/// A root that issues a revocation list.
const ISSUER: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    resource "skreg_pki_root_ca" "this" {
      subject         = { common_name = "Root" }
      key_algorithm   = "ECDSA_P256"
      not_after       = "2051-01-01T00:00:00Z"
      secrets_manager = { name = "upgrade/root" }
    }
    output "issuer" { value = skreg_pki_root_ca.this.issuer }
"#;

/// A list is valid for at most a year, so the values in the earlier state are those of a new list.
#[test]
fn earlier_revocation_list_state_has_an_empty_plan() -> Result<()> {
    let configuration = include_str!("../../fixtures/upgrade/crl/main.tf");
    with_one_cli(|cli, aws| {
        let bucket = create_bucket(aws)?;
        let issuer = Workspace::inline(ISSUER).cli(cli).aws(aws).apply()?;
        let issuer: Value = issuer.output("issuer")?;
        let current = Workspace::inline(configuration)
            .cli(cli)
            .aws(aws)
            .var("issuer", issuer.clone())
            .var("bucket", bucket.as_str())
            .apply()?;
        let state = current.show()?;
        let list = state.resources.get("skreg_pki_crl.this");
        let list = &list.context("the list is not in the state")?.values;
        let mut known = Known::from([("bucket".to_owned(), bucket.clone())]);
        for (name, value) in [
            ("certificate_pem", &issuer),
            ("secret_arn", &issuer),
            ("spki_sha256", &issuer),
        ]
        .into_iter()
        .chain(
            [
                "crl_pem",
                "etag",
                "pem_etag",
                "this_update",
                "next_update",
                "refresh_at",
            ]
            .map(|name| (name, list)),
        ) {
            let quoted = value[name].to_string();
            let escaped = quoted
                .strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'));
            let escaped = escaped.with_context(|| format!("{name} is not a string"))?;
            known.insert(name.to_owned(), escaped.to_owned());
        }
        let files = Files {
            configuration,
            state: include_str!("../../fixtures/upgrade/crl/state.json"),
            calls: "[]",
        };
        let variables = [("issuer", issuer), ("bucket", bucket.into())];
        files.expect_empty_plan(cli, aws, known, &variables)
    })
}

fn create_bucket(aws: &LocalAws) -> Result<String> {
    let bucket = format!("upgrade-{}", aws.id());
    aws.s3().create_bucket(&bucket)?;
    Ok(bucket)
}

#[test]
fn earlier_bundle_state_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let parameters = json!({
            "cluster": CLUSTER, "capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": [],
        });
        aws.call("ecs", "PutClusterCapacityProviders", parameters)?;
        let variable = json!({
            "cluster": infrastructure.cluster,
            "execution_role": infrastructure.execution_role,
            "subnets": infrastructure.subnets,
            "security_group": infrastructure.security_group,
            "log_group": infrastructure.log_group,
            "target_group": infrastructure.target_group,
            "secret": infrastructure.secret,
        });
        let known = [
            ("subnet_0", &infrastructure.subnets[0]),
            ("subnet_1", &infrastructure.subnets[1]),
            ("security_group", &infrastructure.security_group),
            ("target_group", &infrastructure.target_group),
            ("secret", &infrastructure.secret),
        ];
        let known = known.map(|(name, value)| (name.to_owned(), value.clone()));
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/bundle/main.tf"),
            state: include_str!("../../fixtures/upgrade/bundle/state.json"),
            calls: include_str!("../../fixtures/upgrade/bundle/calls.json"),
        };
        files.expect_empty_plan(cli, aws, known.into(), &[("infrastructure", variable)])
    })
}

/// Files from an earlier version.
struct Files {
    configuration: &'static str,
    state: &'static str,
    calls: &'static str,
}

impl Files {
    /// Creates the objects, writes the state, and plans.
    fn expect_empty_plan(
        &self,
        cli: &Cli,
        aws: &LocalAws,
        mut known: Known,
        variables: &[(&str, Value)],
    ) -> Result<()> {
        let registry = match cli.kind() {
            Kind::Tofu => "registry.opentofu.org",
            Kind::Terraform => "registry.terraform.io",
        };
        known.insert("account".to_owned(), aws.id().to_owned());
        known.insert("registry".to_owned(), registry.to_owned());
        repeat(aws, self.calls, &mut known)?;
        let mut workspace = Workspace::inline(self.configuration).cli(cli).aws(aws);
        for (name, value) in variables {
            workspace = workspace.var(name, value.clone());
        }
        let stack = workspace
            .file("terraform.tfstate", filled(self.state, &known)?)
            .init()?;
        let before = stack.show()?;
        ensure!(
            before.managed().count() > 0,
            "the state of {} has no resources",
            stack.directory()
        );
        let calls = aws.journal().len();
        stack.expect_empty_plan()?;
        ensure!(aws.journal().len() > calls, "expected the plan to call AWS");
        Ok(())
    }
}

/// Repeats the calls, and records values from their responses.
fn repeat(aws: &LocalAws, calls: &str, known: &mut Known) -> Result<()> {
    let calls: Vec<Value> = serde_json::from_str(calls).context("the calls are not a list")?;
    for call in calls {
        let (service, action) = (text(&call, "/service")?, text(&call, "/action")?);
        let parameters = filled(&call["parameters"].to_string(), known)?;
        let answer = aws.call(&service, &action, serde_json::from_str(&parameters)?)?;
        for (name, pointer) in call["learn"].as_object().into_iter().flatten() {
            let pointer = pointer.as_str().context("expected a JSON pointer")?;
            let found = text(&answer, pointer)?;
            // The deployment ID is the last part of the service deployment ARN and of the revision ARN.
            let found = found.strip_prefix("ecs-svc/").unwrap_or(&found);
            known.insert(name.clone(), found.to_owned());
        }
    }
    Ok(())
}

/// Returns the text with values instead of placeholders.
fn filled(text: &str, known: &Known) -> Result<String> {
    let mut filled = text.to_owned();
    for (name, value) in known {
        filled = filled.replace(&format!("{{{{{name}}}}}"), value);
    }
    let left = filled.split_once("{{").map(|(_, rest)| rest);
    let left = left.and_then(|rest| rest.split_once("}}"));
    ensure!(
        left.is_none(),
        "unknown placeholder {:?}",
        left.map(|(name, _)| name)
    );
    Ok(filled)
}
