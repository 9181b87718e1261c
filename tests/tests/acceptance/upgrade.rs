//! State that an earlier version of the provider wrote must be read with an empty plan.
//!
//! `tests/fixtures/upgrade` holds a configuration, the state that commit 17f9dac wrote for it, and the calls with which
//! that commit made its objects. The calls are repeated in a fresh account by direct calls. What differs between accounts
//! stands in double braces.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, Kind, LocalAws, Workspace};

use crate::ground::{CLUSTER, Ground, text};
use crate::scenario::under_every_cli;

/// What the double braces stand for.
type Known = BTreeMap<String, String>;

#[test]
fn state_of_an_earlier_version_of_roots_has_an_empty_plan() -> Result<()> {
    under_every_cli(|cli, aws| {
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/root/main.tf"),
            state: include_str!("../../fixtures/upgrade/root/state.json"),
            calls: include_str!("../../fixtures/upgrade/root/calls.json"),
        };
        files.expect_empty_plan(cli, aws, Known::new(), Value::Null)
    })
}

#[test]
fn state_of_an_earlier_version_of_a_bundle_has_an_empty_plan() -> Result<()> {
    under_every_cli(|cli, aws| {
        let ground = Ground::lay(aws)?;
        let parameters = json!({
            "cluster": CLUSTER, "capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": [],
        });
        aws.call("ecs", "PutClusterCapacityProviders", parameters)?;
        let variable = json!({
            "cluster": ground.cluster,
            "execution_role": ground.execution_role,
            "subnets": ground.subnets,
            "security_group": ground.security_group,
            "log_group": ground.log_group,
            "target_group": ground.target_group,
            "secret": ground.secret,
        });
        let known = [
            ("subnet_0", &ground.subnets[0]),
            ("subnet_1", &ground.subnets[1]),
            ("security_group", &ground.security_group),
            ("target_group", &ground.target_group),
            ("secret", &ground.secret),
        ];
        let known = known.map(|(name, value)| (name.to_owned(), value.clone()));
        let files = Files {
            configuration: include_str!("../../fixtures/upgrade/bundle/main.tf"),
            state: include_str!("../../fixtures/upgrade/bundle/state.json"),
            calls: include_str!("../../fixtures/upgrade/bundle/calls.json"),
        };
        files.expect_empty_plan(cli, aws, known.into(), variable)
    })
}

/// What an earlier version left.
struct Files {
    configuration: &'static str,
    state: &'static str,
    calls: &'static str,
}

impl Files {
    /// Makes the objects, puts the state in place and plans.
    fn expect_empty_plan(
        &self,
        cli: &Cli,
        aws: &LocalAws,
        mut known: Known,
        ground: Value,
    ) -> Result<()> {
        let registry = match cli.kind() {
            Kind::Tofu => "registry.opentofu.org",
            Kind::Terraform => "registry.terraform.io",
        };
        known.insert("account".to_owned(), aws.id().to_owned());
        known.insert("registry".to_owned(), registry.to_owned());
        repeat(aws, self.calls, &mut known)?;
        let mut workspace = Workspace::inline(self.configuration).cli(cli).aws(aws);
        if !ground.is_null() {
            workspace = workspace.var("ground", ground);
        }
        let stack = workspace
            .file("terraform.tfstate", filled(self.state, &known)?)
            .init()?;
        let before = stack.show()?;
        ensure!(
            before.managed().count() > 0,
            "the state of {} holds no resource",
            stack.directory()
        );
        let calls = aws.journal().len();
        stack.expect_settled()?;
        ensure!(
            aws.journal().len() > calls,
            "the plan looked at nothing on AWS"
        );
        Ok(())
    }
}

/// Repeats calls, and learns from their answers.
fn repeat(aws: &LocalAws, calls: &str, known: &mut Known) -> Result<()> {
    let calls: Vec<Value> = serde_json::from_str(calls).context("calls are a list")?;
    for call in calls {
        let (service, action) = (text(&call, "/service")?, text(&call, "/action")?);
        let parameters = filled(&call["parameters"].to_string(), known)?;
        let answer = aws.call(&service, &action, serde_json::from_str(&parameters)?)?;
        for (name, pointer) in call["learn"].as_object().into_iter().flatten() {
            let pointer = pointer.as_str().context("a JSON pointer")?;
            let found = text(&answer, pointer)?;
            // The id of a deployment is the last part of the ARNs of its service deployment and revision.
            let found = found.strip_prefix("ecs-svc/").unwrap_or(&found);
            known.insert(name.clone(), found.to_owned());
        }
    }
    Ok(())
}

/// The text with everything in double braces replaced.
fn filled(text: &str, known: &Known) -> Result<String> {
    let mut filled = text.to_owned();
    for (name, value) in known {
        filled = filled.replace(&format!("{{{{{name}}}}}"), value);
    }
    let left = filled.split_once("{{").map(|(_, rest)| rest);
    let left = left.and_then(|rest| rest.split_once("}}"));
    ensure!(
        left.is_none(),
        "nothing is known of {:?}",
        left.map(|(name, _)| name)
    );
    Ok(filled)
}
