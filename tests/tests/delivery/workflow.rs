//! `ci-cd.yml`: the order of its stages, its triggers, and its permissions, as the product requirements state them.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::toolchain::{actionlint, shellcheck};

use crate::read::{repository, run, yaml};

/// The jobs in their order, with their stages.
const STAGES: [(&str, &str); 5] = [
    ("source", "Source"),
    ("build", "Build"),
    ("test", "Test"),
    ("security-scan", "SecurityScan"),
    ("deploy", "Deploy"),
];

/// Returns the text and the content of the workflow.
fn workflow() -> Result<(String, Value)> {
    let path = repository()?.join(".github/workflows/ci-cd.yml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let content = yaml(&text)?;
    Ok((text, content))
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<()> {
    ensure!(
        found == expected,
        "{what}: expected {expected}, found {found}"
    );
    Ok(())
}

/// Returns the steps of a job.
fn steps<'a>(workflow: &'a Value, job: &str) -> Result<&'a Vec<Value>> {
    workflow["jobs"][job]["steps"]
        .as_array()
        .with_context(|| format!("{job} has no steps"))
}

/// Returns the commands of a job.
fn commands(workflow: &Value, job: &str) -> Result<String> {
    let runs = steps(workflow, job)?
        .iter()
        .filter_map(|step| step["run"].as_str());
    Ok(runs.collect::<Vec<_>>().join("\n"))
}

/// Returns the inputs of the only step in a job that uses an action.
fn inputs<'a>(workflow: &'a Value, job: &str, action: &str) -> Result<&'a Value> {
    let prefix = format!("{action}@");
    let mut used = steps(workflow, job)?.iter().filter(|step| {
        step["uses"]
            .as_str()
            .is_some_and(|uses| uses.starts_with(&prefix))
    });
    let step = used.next();
    ensure!(used.next().is_none(), "{job} uses {action} more than once");
    Ok(&step.with_context(|| format!("{job} does not use {action}"))?["with"])
}

#[test]
fn only_pushes_to_main_and_release_branches_start_the_workflow() -> Result<()> {
    let (_, workflow) = workflow()?;
    let expected = json!({ "push": { "branches": ["main", "release/*"] } });
    same("triggers", &workflow["on"], &expected)
}

#[test]
fn five_stages_run_in_order() -> Result<()> {
    let (_, workflow) = workflow()?;
    let jobs = workflow["jobs"].as_object().context("jobs")?;
    let found: Vec<_> = jobs
        .iter()
        .map(|(id, job)| (id.as_str(), job["name"].as_str().unwrap_or_default()))
        .collect();
    ensure!(found == STAGES, "expected {STAGES:?}, found {found:?}");
    same("needs of source", &jobs["source"]["needs"], &Value::Null)?;
    for pair in STAGES.windows(2) {
        let (before, job) = (pair[0].0, pair[1].0);
        same(
            &format!("needs of {job}"),
            &jobs[job]["needs"],
            &json!(before),
        )?;
    }
    for (job, _) in STAGES {
        for name in ["if", "continue-on-error"] {
            same(&format!("{name} of {job}"), &jobs[job][name], &Value::Null)?;
        }
    }
    Ok(())
}

#[test]
fn only_build_and_deploy_receive_a_token() -> Result<()> {
    let (text, workflow) = workflow()?;
    same("permissions", &workflow["permissions"], &json!({}))?;
    let read = json!({ "contents": "read" });
    let token = json!({ "contents": "read", "id-token": "write" });
    for (job, _) in STAGES {
        let expected = match job {
            "build" | "deploy" => &token,
            _ => &read,
        };
        let found = &workflow["jobs"][job]["permissions"];
        same(&format!("permissions of {job}"), found, expected)?;
    }
    for (job, role) in [
        ("build", "${{ vars.AWS_PLAN_ROLE_ARN }}"),
        ("deploy", "${{ vars.AWS_DEPLOY_ROLE_ARN }}"),
    ] {
        let expected = json!({ "role-to-assume": role, "aws-region": "${{ vars.AWS_REGION }}" });
        let found = inputs(&workflow, job, "aws-actions/configure-aws-credentials")?;
        same(&format!("credentials of {job}"), found, &expected)?;
    }
    for word in [
        "secrets.",
        "AWS_SECRET_ACCESS_KEY",
        "aws-access-key-id",
        "AKIA",
    ] {
        ensure!(!text.contains(word), "the workflow contains {word}");
    }
    Ok(())
}

#[test]
fn production_receives_the_plan_of_the_build_stage() -> Result<()> {
    let (_, workflow) = workflow()?;
    for (job, _) in STAGES {
        let expected = match job {
            "deploy" => json!("production"),
            _ => Value::Null,
        };
        let found = &workflow["jobs"][job]["environment"];
        same(&format!("environment of {job}"), found, &expected)?;
    }
    let saved = inputs(&workflow, "build", "actions/upload-artifact")?;
    let loaded = inputs(&workflow, "deploy", "actions/download-artifact")?;
    same("artifact", &saved["name"], &loaded["name"])?;
    let paths = saved["path"].as_str().context("path")?;
    ensure!(
        paths.lines().any(|path| path.ends_with("/plan.tfplan")),
        "the artifact contains {paths}"
    );
    let build = commands(&workflow, "build")?;
    ensure!(
        build.contains("terraform plan -out=plan.tfplan"),
        "Build runs {build}"
    );
    let deploy = commands(&workflow, "deploy")?;
    ensure!(
        deploy.contains("terraform apply plan.tfplan") && !deploy.contains("terraform plan"),
        "Deploy runs {deploy}"
    );
    for (job, _) in STAGES.iter().filter(|(job, _)| *job != "deploy") {
        ensure!(
            !commands(&workflow, job)?.contains(" apply "),
            "{job} applies a plan"
        );
    }
    Ok(())
}

#[test]
fn security_scan_checks_dependencies_and_modules() -> Result<()> {
    let (_, workflow) = workflow()?;
    let commands = commands(&workflow, "security-scan")?;
    for command in ["cargo deny check", "cargo audit", "checkov.main"] {
        ensure!(commands.contains(command), "SecurityScan runs {commands}");
    }
    Ok(())
}

#[test]
fn workflows_pass_actionlint() -> Result<()> {
    let folder = repository()?.join(".github/workflows");
    let mut lint = Command::new(actionlint()?);
    lint.args(["-no-color", "-pyflakes=", "-shellcheck"])
        .arg(shellcheck()?);
    let mut count = 0;
    for file in folder.read_dir_utf8()? {
        lint.arg(file?.path());
        count += 1;
    }
    ensure!(count >= 2, "{folder} contains {count} workflows");
    let output = run(&mut lint, "")?;
    ensure!(
        output.status.success(),
        "actionlint reports:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

#[test]
fn actionlint_reports_a_job_that_needs_a_missing_job() -> Result<()> {
    let (text, _) = workflow()?;
    let broken = text.replace("needs: test", "needs: tests");
    ensure!(broken != text, "no job needs the job test");
    let mut lint = Command::new(actionlint()?);
    lint.args(["-no-color", "-pyflakes=", "-shellcheck="])
        .arg("-");
    let output = run(&mut lint, &broken)?;
    let printed = String::from_utf8_lossy(&output.stdout);
    ensure!(
        !output.status.success() && printed.contains("tests"),
        "actionlint reports: {printed}"
    );
    Ok(())
}
