//! The structure of the workflows: linters, triggers, order, permissions, concurrency, limits, environments, and the rule
//! that no text of an event reaches a shell.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::toolchain::{actionlint, shellcheck};

use super::runner::{names, workflows};
use crate::read::{repository, run};

/// The events that start each workflow.
const TRIGGERS: [(&str, &[&str]); 9] = [
    ("build.yml", &["workflow_call"]),
    ("deploy.yml", &["workflow_call"]),
    ("preview-build.yml", &["pull_request"]),
    ("preview-close.yml", &["pull_request_target"]),
    ("preview-deploy.yml", &["workflow_dispatch"]),
    ("preview-destroy.yml", &["workflow_dispatch"]),
    ("preview-sweep.yml", &["schedule", "workflow_dispatch"]),
    ("preview.yml", &["workflow_run"]),
    ("production.yml", &["push", "workflow_dispatch"]),
];

/// Permissions by job. A dry run of each path shows that they suffice.
const PERMISSIONS: [(&str, &str, &[&str]); 19] = [
    ("build.yml", "image", &["contents:read"]),
    (
        "deploy.yml",
        "admit",
        &["actions:read", "contents:read", "pull-requests:read"],
    ),
    (
        "deploy.yml",
        "plan",
        &["contents:read", "pull-requests:write"],
    ),
    ("deploy.yml", "gate", &[]),
    (
        "deploy.yml",
        "apply",
        &["contents:read", "deployments:write", "pull-requests:write"],
    ),
    (
        "deploy.yml",
        "report",
        &[
            "actions:write",
            "contents:read",
            "deployments:write",
            "pull-requests:write",
        ],
    ),
    ("preview-build.yml", "build", &["contents:read"]),
    (
        "preview-close.yml",
        "dispatch",
        &["actions:write", "contents:read"],
    ),
    (
        "preview-deploy.yml",
        "deploy",
        &[
            "actions:write",
            "contents:read",
            "deployments:write",
            "pull-requests:write",
        ],
    ),
    (
        "preview-destroy.yml",
        "destroy",
        &["contents:read", "pull-requests:read"],
    ),
    (
        "preview-destroy.yml",
        "report",
        &["contents:read", "deployments:write", "pull-requests:write"],
    ),
    (
        "preview-sweep.yml",
        "sweep",
        &[
            "actions:write",
            "contents:read",
            "deployments:read",
            "pull-requests:read",
        ],
    ),
    (
        "preview.yml",
        "resolve",
        &["contents:read", "pull-requests:write"],
    ),
    (
        "preview.yml",
        "publish",
        &["actions:read", "contents:read", "packages:write"],
    ),
    (
        "preview.yml",
        "dispatch",
        &["actions:write", "contents:read"],
    ),
    ("production.yml", "build", &["contents:read"]),
    (
        "production.yml",
        "promote",
        &["contents:read", "deployments:read", "pull-requests:read"],
    ),
    (
        "production.yml",
        "publish",
        &["actions:read", "contents:read", "packages:write"],
    ),
    (
        "production.yml",
        "deploy",
        &[
            "actions:write",
            "contents:read",
            "deployments:write",
            "pull-requests:write",
        ],
    ),
];

/// Returns all jobs with their workflow and name.
fn jobs() -> Result<Vec<(&'static str, &'static str, &'static Value)>> {
    let mut found = Vec::new();
    for (file, workflow) in workflows()? {
        for (id, job) in workflow["jobs"].as_object().context("jobs")? {
            found.push((file.as_str(), id.as_str(), job));
        }
    }
    Ok(found)
}

fn job(file: &str, id: &str) -> Result<&'static Value> {
    let found = jobs()?
        .into_iter()
        .find(|(of, name, _)| *of == file && *name == id);
    Ok(found.with_context(|| format!("{file} has no job {id}"))?.2)
}

fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().into_iter().flatten()
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<()> {
    ensure!(
        found == expected,
        "{what}: expected {expected}, found {found}"
    );
    Ok(())
}

#[test]
fn workflows_pass_actionlint_and_shellcheck() -> Result<()> {
    // actionlint finds called workflows in the repository that contains the file.
    let copy = tempfile::tempdir()?;
    let folder = copy.path().join(".github/workflows");
    std::fs::create_dir_all(&folder)?;
    std::fs::create_dir(copy.path().join(".git"))?;
    let source = repository()?.join("examples/preview-workflows/.github/workflows");
    for (file, _) in workflows()? {
        std::fs::copy(source.join(file), folder.join(file))?;
    }
    let lint = || -> Result<String> {
        let mut lint = Command::new(actionlint()?);
        lint.current_dir(copy.path())
            .args(["-no-color", "-pyflakes=", "-shellcheck"])
            .arg(shellcheck()?);
        let output = run(&mut lint, "")?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success() == printed.is_empty(), "{printed}");
        Ok(printed)
    };
    let found = lint()?;
    ensure!(found.is_empty(), "{found}");
    let called = std::fs::read_to_string(folder.join("deploy.yml"))?;
    for (good, bad, part) in [
        ("needs: [admit, plan]", "needs: [admit, plans]", "plans"),
        (
            "timeout-minutes: 1\n",
            "timeout-minutes: one\n",
            "timeout-minutes",
        ),
        (
            "cat \"$RUNNER_TEMP/plan.txt\"",
            "cat $RUNNER_TEMP/plan.txt",
            "SC2086",
        ),
    ] {
        let broken = called.replace(good, bad);
        ensure!(broken != called, "deploy.yml does not contain {good:?}");
        std::fs::write(folder.join("deploy.yml"), broken)?;
        let found = lint()?;
        ensure!(found.contains(part), "{bad:?}: found {found:?}");
    }
    Ok(())
}

#[test]
fn double_of_the_programs_passes_shellcheck() -> Result<()> {
    let mut command = Command::new(shellcheck()?);
    command.args(["--shell", "bash", "--norc", "-"]);
    let output = run(&mut command, include_str!("double.sh"))?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    Ok(())
}

#[test]
fn events_start_the_workflows() -> Result<()> {
    let mut found: Vec<_> = workflows()?
        .iter()
        .map(|(file, workflow)| (file.as_str(), keys(&workflow["on"])))
        .collect();
    found.sort_unstable();
    let expected: Vec<_> = TRIGGERS
        .iter()
        .map(|(file, events)| (*file, events.to_vec()))
        .collect();
    ensure!(found == expected, "expected {expected:?}, found {found:?}");
    let on = |file: &str, event: &str| workflows().map(|all| all[file]["on"][event].clone());
    same(
        "preview-build",
        &on("preview-build.yml", "pull_request")?,
        &json!({ "types": ["opened", "synchronize", "reopened"] }),
    )?;
    same(
        "preview-close",
        &on("preview-close.yml", "pull_request_target")?,
        &json!({ "types": ["closed"] }),
    )?;
    same(
        "preview",
        &on("preview.yml", "workflow_run")?,
        &json!({ "workflows": [workflows()?["preview-build.yml"]["name"]], "types": ["completed"] }),
    )?;
    same(
        "production",
        &on("production.yml", "push")?,
        &json!({ "branches": ["main"] }),
    )?;
    // Each input of a dispatch has a type.
    for (file, _) in TRIGGERS {
        for event in ["workflow_dispatch", "workflow_call"] {
            for (name, input) in on(file, event)?["inputs"].as_object().into_iter().flatten() {
                let expected = if ["pull_request", "build_run"].contains(&name.as_str()) {
                    "number"
                } else {
                    "string"
                };
                same(
                    &format!("type of {name} in {file}"),
                    &input["type"],
                    &json!(expected),
                )?;
            }
        }
    }
    Ok(())
}

#[test]
fn one_workflow_builds_and_one_deploys() -> Result<()> {
    let mut called: Vec<_> = jobs()?
        .into_iter()
        .filter_map(|(file, _, job)| Some((job["uses"].as_str()?, file)))
        .collect();
    called.sort_unstable();
    let expected = [
        ("./.github/workflows/build.yml", "preview-build.yml"),
        ("./.github/workflows/build.yml", "production.yml"),
        ("./.github/workflows/deploy.yml", "preview-deploy.yml"),
        ("./.github/workflows/deploy.yml", "production.yml"),
    ];
    ensure!(
        called == expected,
        "expected {expected:?}, found {called:?}"
    );
    for (text, file) in [
        ("docker/build-push-action@", "build.yml"),
        ("preview.py apply", "deploy.yml"),
        ("preview.py destroy", "preview-destroy.yml"),
    ] {
        let found: Vec<_> = jobs()?
            .into_iter()
            .filter(|(_, _, job)| {
                steps(job).any(|step| {
                    step["uses"]
                        .as_str()
                        .or(step["run"].as_str())
                        .is_some_and(|found| found.contains(text))
                })
            })
            .map(|(file, ..)| file)
            .collect();
        ensure!(found == [file], "{text}: expected {file}, found {found:?}");
    }
    Ok(())
}

#[test]
fn each_job_has_only_the_permissions_that_it_uses() -> Result<()> {
    for (file, workflow) in workflows()? {
        same(
            &format!("permissions of {file}"),
            &workflow["permissions"],
            &json!({}),
        )?;
    }
    let mut found = Vec::new();
    for (file, id, job) in jobs()? {
        let permissions = job["permissions"]
            .as_object()
            .with_context(|| format!("{file} {id} has no permissions"))?;
        let mut own: Vec<_> = permissions
            .iter()
            .map(|(name, access)| format!("{name}:{}", access.as_str().unwrap_or_default()))
            .collect();
        own.sort_unstable();
        found.push((file, id, own));
    }
    let expected: Vec<_> = PERMISSIONS
        .iter()
        .map(|(file, id, own)| {
            (
                *file,
                *id,
                own.iter().map(ToString::to_string).collect::<Vec<_>>(),
            )
        })
        .collect();
    for one in &found {
        ensure!(expected.contains(one), "not expected: {one:?}");
    }
    ensure!(
        found.len() == expected.len(),
        "expected {expected:?}, found {found:?}"
    );
    // Only jobs that cannot run code of a pull request receive secrets, and only through an environment.
    for (file, id, job) in jobs()? {
        let uses = job.to_string().contains("secrets.");
        let environment = job["environment"].as_str().unwrap_or_default();
        let expected = [
            ("deploy.yml", "plan"),
            ("deploy.yml", "apply"),
            ("preview-destroy.yml", "destroy"),
        ]
        .contains(&(file, id));
        ensure!(uses == expected, "{file} {id} uses secrets: {uses}");
        ensure!(
            !uses || !environment.is_empty(),
            "{file} {id} has no environment"
        );
    }
    Ok(())
}

#[test]
fn jobs_run_in_order_behind_the_gate() -> Result<()> {
    for (file, id, needs) in [
        ("preview.yml", "resolve", &[][..]),
        ("preview.yml", "publish", &["resolve"]),
        ("preview.yml", "dispatch", &["resolve", "publish"]),
        ("deploy.yml", "admit", &[]),
        ("deploy.yml", "plan", &["admit"]),
        ("deploy.yml", "gate", &["admit", "plan"]),
        ("deploy.yml", "apply", &["admit", "plan", "gate"]),
        ("deploy.yml", "report", &["admit", "plan", "gate", "apply"]),
        ("preview-destroy.yml", "report", &["destroy"]),
        ("production.yml", "publish", &["build", "promote"]),
        ("production.yml", "deploy", &["promote", "publish"]),
    ] {
        let found = names(&job(file, id)?["needs"]);
        ensure!(
            found == needs,
            "{file} {id}: expected {needs:?}, found {found:?}"
        );
    }
    for (file, id, environment) in [
        ("deploy.yml", "plan", "${{ inputs.environment }}"),
        ("deploy.yml", "gate", "${{ inputs.gate }}"),
        ("deploy.yml", "apply", "${{ inputs.environment }}"),
        ("preview-destroy.yml", "destroy", "preview"),
    ] {
        same(
            &format!("environment of {id}"),
            &job(file, id)?["environment"],
            &json!(environment),
        )?;
    }
    for (file, environment, gate) in [
        ("preview-deploy.yml", "preview", "preview-approval"),
        ("production.yml", "production", "production-approval"),
    ] {
        let with = &job(file, "deploy")?["with"];
        same(
            file,
            &json!([with["environment"], with["gate"]]),
            &json!([environment, gate]),
        )?;
    }
    Ok(())
}

#[test]
fn runs_for_one_pull_request_do_not_overlap() -> Result<()> {
    let group = "${{ inputs.profile == 'preview' && format('preview-{0}', inputs.pull_request) || 'production' }}";
    for (file, id, group, cancel) in [
        ("deploy.yml", "plan", group, "false"),
        ("deploy.yml", "apply", group, "false"),
        (
            "deploy.yml",
            "gate",
            &group
                .replace("preview-{0}", "preview-approval-{0}")
                .replace("'production'", "'production-approval'"),
            "true",
        ),
        (
            "preview-destroy.yml",
            "destroy",
            "preview-${{ inputs.pull_request }}",
            "false",
        ),
    ] {
        let expected = json!({ "group": group, "cancel-in-progress": cancel });
        same(
            &format!("concurrency of {id}"),
            &job(file, id)?["concurrency"],
            &expected,
        )?;
    }
    let build = &workflows()?["preview-build.yml"]["concurrency"];
    same(
        "builds",
        build,
        &json!({ "group": "preview-build-${{ github.event.pull_request.number }}", "cancel-in-progress": "true" }),
    )
}

#[test]
fn jobs_end_in_time() -> Result<()> {
    for (file, id, job) in jobs()? {
        if job["uses"].is_string() {
            continue;
        }
        let minutes: u32 = job["timeout-minutes"]
            .as_str()
            .with_context(|| format!("{file} {id} has no limit"))?
            .parse()?;
        ensure!(minutes <= 10, "{file} {id} can take {minutes} minutes");
        let exact = match (file, id) {
            ("deploy.yml", "apply") => 10,
            ("preview-destroy.yml", "destroy") => 5,
            _ => minutes,
        };
        ensure!(
            minutes == exact,
            "{file} {id}: expected {exact}, found {minutes}"
        );
    }
    Ok(())
}

/// Returns the violations of the rules that keep text and code of pull requests out of privileged steps.
fn unsafe_parts(file: &str, workflow: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let privileged = workflow["on"].get("pull_request").is_none() && file != "build.yml";
    for (id, job) in workflow["jobs"].as_object().into_iter().flatten() {
        for step in steps(job) {
            if step["run"]
                .as_str()
                .is_some_and(|command| command.contains("${{"))
            {
                found.push(format!("{file} {id}: an expression in a command"));
            }
            let Some(action) = step["uses"].as_str() else {
                continue;
            };
            let pin = action.split_once('@').map_or("", |(_, pin)| pin);
            if pin.len() != 40 || !pin.chars().all(|sign| sign.is_ascii_hexdigit()) {
                found.push(format!("{file} {id}: {action} is not pinned"));
            }
            if !action.starts_with("actions/checkout@") {
                continue;
            }
            if step["with"]["persist-credentials"] != "false" {
                found.push(format!("{file} {id}: the token remains in the checkout"));
            }
            let on = step["with"]["ref"].as_str().unwrap_or_default();
            let default = on == "${{ github.event.repository.default_branch }}";
            let dispatched = on.is_empty()
                && workflow["on"].get("pull_request_target").is_none()
                && workflow["on"].get("workflow_run").is_none();
            if privileged && !default && !dispatched {
                found.push(format!("{file} {id}: a checkout of {on:?}"));
            }
        }
        // Text that other people write, in any part of a job.
        for field in [
            "title",
            "body",
            "head.ref",
            "head_ref",
            "head_branch",
            "label",
            "message",
            "user.login",
            "display_title",
        ] {
            if job.to_string().split("${{").skip(1).any(|part| {
                part.split("}}")
                    .next()
                    .is_some_and(|inner| inner.contains(field))
            }) {
                found.push(format!("{file} {id}: uses {field}"));
            }
        }
        if workflow["on"].get("pull_request").is_some()
            && (job.to_string().contains("secrets") || job["environment"].is_string())
        {
            found.push(format!("{file} {id}: code of a pull request with secrets"));
        }
    }
    found
}

#[test]
fn privileged_steps_use_neither_code_nor_text_of_pull_requests() -> Result<()> {
    for (file, workflow) in workflows()? {
        let found = unsafe_parts(file, workflow);
        ensure!(found.is_empty(), "{}", found.join("\n"));
    }
    let pinned = format!("actions/checkout@{}", "1".repeat(40));
    let checkout =
        |on: &str| json!({ "uses": pinned, "with": { "persist-credentials": "false", "ref": on } });
    for (on, job, part) in [
        (
            "push",
            json!({ "steps": [{ "run": "echo ${{ github.event.after }}" }] }),
            "an expression in a command",
        ),
        (
            "push",
            json!({ "steps": [{ "uses": "actions/checkout@v4" }] }),
            "is not pinned",
        ),
        (
            "push",
            json!({ "steps": [{ "uses": pinned }] }),
            "the token remains",
        ),
        (
            "pull_request_target",
            json!({ "steps": [checkout("${{ github.event.pull_request.head.sha }}")] }),
            "a checkout of",
        ),
        (
            "pull_request_target",
            json!({ "steps": [checkout("")] }),
            "a checkout of",
        ),
        (
            "workflow_run",
            json!({ "steps": [checkout("${{ github.event.workflow_run.head_sha }}")] }),
            "a checkout of",
        ),
        (
            "push",
            json!({ "env": { "A": "${{ github.event.head_commit.message }}" }, "steps": [] }),
            "uses message",
        ),
        (
            "pull_request",
            json!({ "environment": "preview", "steps": [] }),
            "with secrets",
        ),
    ] {
        let found = unsafe_parts(
            "planted.yml",
            &json!({ "on": { on: {} }, "jobs": { "a": job } }),
        );
        ensure!(
            found.iter().any(|found| found.contains(part)),
            "{job}: expected {part:?}, found {found:?}"
        );
    }
    Ok(())
}

#[test]
fn commands_name_files_of_the_example() -> Result<()> {
    let root = repository()?.join("examples/preview-workflows");
    let mut count = 0;
    for (file, id, job) in jobs()? {
        for command in steps(job).filter_map(|step| step["run"].as_str()) {
            let Some(arguments) = command.strip_prefix("python3 ") else {
                continue;
            };
            let (program, name) = arguments.split_once(' ').context("command")?;
            ensure!(
                root.join(program).is_file(),
                "{file} {id}: {program} does not exist"
            );
            ensure!(
                name.chars()
                    .all(|sign| sign.is_ascii_lowercase() || sign == '-'),
                "{file} {id}: {name}"
            );
            count += 1;
        }
    }
    ensure!(count >= 15, "found {count} commands");
    Ok(())
}

#[test]
fn builds_use_a_cache_and_upload_what_is_published() -> Result<()> {
    let image = job("build.yml", "image")?;
    let build = steps(image)
        .find(|step| {
            step["uses"]
                .as_str()
                .is_some_and(|uses| uses.starts_with("docker/build-push-action@"))
        })
        .context("build")?;
    let with = &build["with"];
    same(
        "cache",
        &json!([with["cache-from"], with["cache-to"]]),
        &json!([
            "type=gha,scope=${{ matrix.image }}",
            "type=gha,mode=max,scope=${{ matrix.image }}"
        ]),
    )?;
    same("push", &with["push"], &Value::Null)?;
    same(
        "images",
        &image["strategy"]["matrix"]["image"],
        &json!(["web", "api"]),
    )?;
    // The default branch is built on each push, so that its cache is warm.
    same(
        "warm cache",
        &job("production.yml", "build")?["with"],
        &json!({ "commit": "${{ github.sha }}" }),
    )
}
