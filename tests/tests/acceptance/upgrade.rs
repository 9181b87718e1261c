//! States from an earlier provider version must have an empty plan.
//!
//! `tests/fixtures/upgrade` contains configurations, their states from earlier versions, and the calls that created their
//! objects. The tests repeat the calls in a new account. Account-specific values are in double braces. The folders `root`
//! and `bundle` are from commit 17f9dac, `validity_status` is from the last version without `certificate_revision`, and
//! `revision` is from the version that added it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, Kind, LocalAws, Workspace};

use crate::infrastructure::{CLUSTER, Infrastructure, text};
use crate::scenario::with_every_cli;

/// Values for the placeholders in double braces.
type Known = BTreeMap<String, String>;

#[test]
fn earlier_root_state_has_an_empty_plan() -> Result<()> {
    with_every_cli(|cli, aws| {
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/root/main.tf"),
            state: include_str!("../../fixtures/upgrade/root/state.json"),
            calls: include_str!("../../fixtures/upgrade/root/calls.json"),
        };
        files.expect_empty_plan(cli, aws, Known::new(), None)
    })
}

#[test]
fn root_state_without_revisions_has_an_empty_plan() -> Result<()> {
    with_every_cli(|cli, aws| {
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/validity_status/main.tf"),
            state: include_str!("../../fixtures/upgrade/validity_status/state.json"),
            calls: include_str!("../../fixtures/upgrade/validity_status/calls.json"),
        };
        files.expect_empty_plan(cli, aws, Known::new(), None)
    })
}

#[test]
fn root_state_without_extensions_has_an_empty_plan() -> Result<()> {
    with_every_cli(|cli, aws| {
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
        files.expect_empty_plan(cli, aws, known, Some(("key_arn", key.into())))
    })
}

#[test]
fn earlier_bundle_state_has_an_empty_plan() -> Result<()> {
    with_every_cli(|cli, aws| {
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
        files.expect_empty_plan(cli, aws, known.into(), Some(("infrastructure", variable)))
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
        variable: Option<(&str, Value)>,
    ) -> Result<()> {
        let registry = match cli.kind() {
            Kind::Tofu => "registry.opentofu.org",
            Kind::Terraform => "registry.terraform.io",
        };
        known.insert("account".to_owned(), aws.id().to_owned());
        known.insert("registry".to_owned(), registry.to_owned());
        repeat(aws, self.calls, &mut known)?;
        let mut workspace = Workspace::inline(self.configuration).cli(cli).aws(aws);
        if let Some((name, value)) = variable {
            workspace = workspace.var(name, value);
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
