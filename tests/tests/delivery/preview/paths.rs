//! Each path of the life cycle, from a recorded event to the comment, the deployment statuses, and the cluster.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::events::{self, BUILD_RUN, MAINTAINER, NUMBER, OUTSIDER, commit};
use super::fake_github::Model;
use super::runner::{Finished, Hook, SECRETS, Stage};

const ENVIRONMENT: &str = "preview-pr-12";
const DESTROY: &str = "preview-destroy.yml";

/// Returns a hook that does nothing.
fn nothing() -> Hook<'static> {
    Box::new(|_, _| Ok(()))
}

/// Returns a repository with a maintainer and with protected environments for approvals.
fn stage() -> Result<Stage> {
    let mut model = Model::default();
    model.roles.insert(MAINTAINER.into(), "maintain".into());
    for name in ["preview-approval", "production-approval"] {
        let reviewers = json!([{ "type": "User", "reviewer": { "login": MAINTAINER } }]);
        model.environments.insert(name.into(), json!({
            "name": name,
            "protection_rules": [{ "type": "required_reviewers", "reviewers": reviewers }, { "type": "branch_policy" }],
            "deployment_branch_policy": { "protected_branches": false, "custom_branch_policies": true },
        }));
    }
    Stage::new(model)
}

/// Delivers an event of the pull request, and the completion of its build. Returns the inputs of the deployment.
fn deliver(stage: &Stage, action: &str, author: &str, pusher: &str, commit: &str) -> Result<Value> {
    let event = events::pull_request(action, author, commit)?;
    stage
        .github
        .model()
        .pulls
        .insert(NUMBER, event["pull_request"].clone());
    let build = stage.run("preview-build.yml", "pull_request", &event, &[], &nothing())?;
    ensure!(build.result("build/image") == "success", "{build:?}");
    let built = events::built(&event, pusher, "success")?;
    stage
        .github
        .model()
        .runs
        .insert(BUILD_RUN, built["workflow_run"].clone());
    let finished = stage.run("preview.yml", "workflow_run", &built, &[], &nothing())?;
    ensure!(finished.result("dispatch") == "success", "{}", finished.log);
    let (workflow, inputs) = stage
        .github
        .model()
        .dispatches
        .pop()
        .context("no dispatch")?;
    ensure!(workflow == "preview-deploy.yml", "{workflow}");
    Ok(inputs)
}

/// Runs the deployment that a dispatch starts.
fn deploy(stage: &Stage, inputs: &Value, rejected: &[&str], hook: &Hook<'_>) -> Result<Finished> {
    let event = events::dispatched("preview-deploy.yml", inputs)?;
    stage.run(
        "preview-deploy.yml",
        "workflow_dispatch",
        &event,
        rejected,
        hook,
    )
}

/// Deploys a commit of the maintainer.
fn deployed(stage: &Stage, action: &str, commit: &str) -> Result<Finished> {
    let inputs = deliver(stage, action, MAINTAINER, MAINTAINER, commit)?;
    deploy(stage, &inputs, &[], &nothing())
}

/// Delivers the event `closed`, and returns the inputs of the clean-up.
fn close(stage: &Stage, merged: bool) -> Result<Value> {
    let mut event = events::pull_request("closed", MAINTAINER, &commit('c'))?;
    event["pull_request"]["merged"] = json!(merged);
    if merged {
        event["pull_request"]["merged_at"] = json!("2026-01-02T03:04:05Z");
    }
    stage
        .github
        .model()
        .pulls
        .insert(NUMBER, event["pull_request"].clone());
    let finished = stage.run(
        "preview-close.yml",
        "pull_request_target",
        &event,
        &[],
        &nothing(),
    )?;
    ensure!(finished.result("dispatch") == "success", "{}", finished.log);
    let (workflow, inputs) = stage
        .github
        .model()
        .dispatches
        .pop()
        .context("no dispatch")?;
    ensure!(
        workflow == DESTROY && inputs == json!({ "pull_request": "12" }),
        "{workflow} {inputs}"
    );
    Ok(inputs)
}

/// Runs the clean-up.
fn destroy(stage: &Stage, inputs: &Value, hook: &Hook<'_>) -> Result<Finished> {
    stage.run(
        DESTROY,
        "workflow_dispatch",
        &events::dispatched(DESTROY, inputs)?,
        &[],
        hook,
    )
}

/// Checks the only comment of the program, the requests, and that no secret left a job.
fn expect(stage: &Stage, finished: &Finished, parts: &[&str]) -> Result<String> {
    stage.check()?;
    let model = stage.github.model();
    let comments = model.own_comments();
    let [comment] = comments.as_slice() else {
        anyhow::bail!("expected one comment, found {comments:?}\n{}", finished.log);
    };
    for part in parts {
        ensure!(
            comment.contains(part),
            "expected {part:?} in\n{comment}\n{}",
            finished.log
        );
    }
    let sent = format!("{:?}", model.writes);
    for secret in SECRETS
        .iter()
        .map(|(_, value)| *value)
        .chain(["secret-kubeconfig", "secret-registry"])
    {
        ensure!(!sent.contains(secret), "a request contains {secret}");
        ensure!(!finished.log.contains(secret), "the log contains {secret}");
        ensure!(
            !stage.calls()?.contains(secret),
            "an argument contains {secret}"
        );
    }
    ensure!(stage.fact("leaks")?.is_none(), "{:?}", stage.fact("leaks")?);
    Ok((*comment).to_owned())
}

/// Checks the states of the deployments of an environment.
fn expect_states(stage: &Stage, environment: &str, expected: &[&[&str]]) -> Result<()> {
    let model = stage.github.model();
    let found = model.states(environment);
    ensure!(found == expected, "expected {expected:?}, found {found:?}");
    Ok(())
}

fn digest(sign: char) -> String {
    format!("sha256:{}", sign.to_string().repeat(64))
}

#[test]
fn pull_request_of_a_maintainer_is_deployed_without_approval() -> Result<()> {
    let stage = stage()?;
    let inputs = deliver(&stage, "opened", MAINTAINER, MAINTAINER, &commit('c'))?;
    let image = format!("ghcr.io/acme/shop/web@{}", digest('a'));
    ensure!(
        inputs
            == json!({
                "pull_request": "12", "commit": commit('c'), "build_run": BUILD_RUN.to_string(),
                "web_image": image, "api_image": image.replace("web@", "api@"),
            }),
        "{inputs}"
    );
    // The plan is in the comment before the environment changes.
    let hook: Hook<'_> = Box::new(|job, stage| {
        if job == "deploy/apply" {
            let model = stage.github.model();
            let comment = model.own_comments().concat();
            ensure!(
                comment.contains("deploying") && comment.contains("Plan: 1 to create"),
                "{comment}"
            );
            ensure!(stage.fact("namespace")?.is_none());
        }
        Ok(())
    });
    let finished = deploy(&stage, &inputs, &[], &hook)?;
    for (job, result) in [
        ("admit", "success"),
        ("plan", "success"),
        ("gate", "skipped"),
        ("apply", "success"),
        ("report", "success"),
    ] {
        ensure!(
            finished.result(&format!("deploy/{job}")) == result,
            "{job}: {:?}\n{}",
            finished.results,
            finished.log
        );
    }
    let url = stage.github.url();
    let comment = expect(
        &stage,
        &finished,
        &[
            "### Preview environment: ready",
            &format!("| Web | {url}/environment/web |"),
            &format!("| API | {url}/environment/api |"),
            &format!("| Commit | `{}` |", commit('c')),
            &format!("| Web image | `{image}` |"),
            "| Timings | build 61 s, ",
            "https://github.com/Codertocat/Hello-World/actions/runs/43",
            "<details><summary>Plan: 1 to create, 0 to update, 0 to delete</summary>",
        ],
    )?;
    let timings = comment.lines().find(|line| line.starts_with("| Timings |"));
    let durations = timings.unwrap_or_default().trim_end_matches(" |");
    let mut words = durations.rsplit(", ");
    for step in ["health checks", "pods", "apply", "plan"] {
        // The durations depend on the machine.
        let duration = words.next().and_then(|word| word.strip_prefix(step));
        let seconds = duration.and_then(|text| text.trim().strip_suffix(" s"));
        let seconds = seconds.and_then(|text| text.parse::<u32>().ok());
        ensure!(seconds.is_some(), "no duration of {step} in {durations}");
    }
    // The plan contains a fence of three backticks, so the fence of the comment is longer.
    ensure!(
        comment.contains("\n````\n# kubernetes_namespace.this"),
        "{comment}"
    );
    expect_states(&stage, ENVIRONMENT, &[&["in_progress", "success"]])?;
    let status = stage.github.model().statuses[1].1.clone();
    ensure!(
        status["environment_url"] == format!("{url}/environment/web"),
        "{status}"
    );
    let deployment = stage.github.model().deployments[0].clone();
    ensure!(
        deployment["ref"] == commit('c') && deployment["payload"]["web_image"] == image,
        "{deployment}"
    );
    ensure!(
        deployment["transient_environment"] == true
            && deployment["production_environment"] == false,
        "{deployment}"
    );
    ensure!(
        stage
            .fact("backend")?
            .context("backend")?
            .contains("key=preview/pr-12.tfstate"),
        "{:?}",
        stage.fact("backend")?
    );
    let variables = stage.fact("variables")?.context("variables")?;
    for line in [
        "TF_VAR_app=shop",
        "TF_VAR_domain=example.com",
        "TF_VAR_profile=preview",
        "TF_VAR_pull_request=12",
        &format!("TF_VAR_web_image={image}"),
    ] {
        ensure!(
            variables.lines().any(|found| found == line),
            "{line} in\n{variables}"
        );
    }
    let backend = stage.fact("backend")?.context("backend")?;
    for setting in [
        "bucket=states",
        "key=preview/pr-12.tfstate",
        "use_lockfile=true",
        "skip_region_validation=true",
    ] {
        ensure!(
            backend.contains(&format!("-backend-config={setting}\n")),
            "{setting} in\n{backend}"
        );
    }
    let base: Value = serde_json::from_str(&stage.fact("base_state")?.context("base_state")?)?;
    ensure!(
        base["backend"] == "s3" && base["config"]["key"] == "preview/base.tfstate",
        "{base}"
    );
    // Each apply has the same secrets, and another environment has others.
    let secret = |name: &str| {
        variables
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(ToOwned::to_owned)
    };
    let password = secret("TF_VAR_database_password=").context("database_password")?;
    ensure!(
        password.len() == 64 && secret("TF_VAR_app_key=base64:").is_some(),
        "{variables}"
    );
    ensure!(
        !finished.log.contains(&password),
        "the log contains the password of the database"
    );
    deployed(&stage, "synchronize", &commit('d'))?;
    let again = stage.fact("variables")?.context("variables")?;
    ensure!(again.contains(&password), "the password changed");
    let waited: Vec<_> = [
        "rollout status deployment.apps/web",
        "rollout status deployment.apps/api",
    ]
    .map(|call| stage.calls().is_ok_and(|calls| calls.contains(call)))
    .into();
    ensure!(waited == [true, true], "{}", stage.calls()?);
    Ok(())
}

#[test]
fn pull_request_of_an_outsider_waits_with_its_plan() -> Result<()> {
    let stage = stage()?;
    let inputs = deliver(&stage, "opened", OUTSIDER, OUTSIDER, &commit('c'))?;
    let hook: Hook<'_> = Box::new(|job, stage| {
        if job == "deploy/gate" {
            let model = stage.github.model();
            let comment = model.own_comments().concat();
            ensure!(
                comment.contains("waiting for approval")
                    && comment.contains("<details><summary>Plan:"),
                "{comment}"
            );
            ensure!(
                model.deployments.is_empty() && !stage.calls()?.contains("tofu preview-env apply")
            );
        }
        Ok(())
    });
    let rejected = deploy(&stage, &inputs, &["preview-approval"], &hook)?;
    ensure!(
        rejected.result("deploy/apply") == "skipped",
        "{:?}",
        rejected.results
    );
    expect(
        &stage,
        &rejected,
        &["rejected", "A reviewer rejected the deployment."],
    )?;
    ensure!(
        !stage.calls()?.contains("tofu preview-env apply"),
        "{}",
        stage.calls()?
    );
    let approved = deploy(&stage, &inputs, &[], &hook)?;
    ensure!(
        approved.result("deploy/gate") == "success",
        "{:?}",
        approved.results
    );
    expect(&stage, &approved, &["### Preview environment: ready"])?;
    expect_states(&stage, ENVIRONMENT, &[&["in_progress", "success"]])
}

#[test]
fn push_of_another_person_to_a_pull_request_of_a_maintainer_waits() -> Result<()> {
    let stage = stage()?;
    stage
        .github
        .model()
        .roles
        .insert("writer".into(), "write".into());
    let inputs = deliver(&stage, "synchronize", MAINTAINER, "writer", &commit('c'))?;
    let finished = deploy(&stage, &inputs, &["preview-approval"], &nothing())?;
    ensure!(
        finished.result("deploy/gate") == "failure",
        "{:?}",
        finished.results
    );
    // A push of a maintainer does not approve the pull request of another person.
    let other = deliver(&stage, "synchronize", OUTSIDER, MAINTAINER, &commit('d'))?;
    let finished = deploy(&stage, &other, &["preview-approval"], &nothing())?;
    ensure!(
        finished.result("deploy/gate") == "failure",
        "{:?}",
        finished.results
    );
    let inputs = deliver(&stage, "synchronize", MAINTAINER, "writer", &commit('c'))?;
    // A run that did not build this commit cannot state its author.
    stage.github.model().runs.insert(7, json!({ "id": 7, "event": "pull_request", "head_sha": commit('b'), "actor": { "login": MAINTAINER } }));
    let mut forged = inputs;
    forged["build_run"] = json!("7");
    let finished = deploy(&stage, &forged, &[], &nothing())?;
    ensure!(
        finished.result("deploy/admit") == "failure" && finished.log.contains("did not build"),
        "{}",
        finished.log
    );
    Ok(())
}

#[test]
fn approval_environment_without_protection_stops_the_deployment() -> Result<()> {
    for (name, value, missing) in [
        ("protection_rules", json!([]), "required reviewers"),
        (
            "deployment_branch_policy",
            Value::Null,
            "a policy that allows only the default branch",
        ),
    ] {
        let stage = stage()?;
        stage
            .github
            .model()
            .environments
            .get_mut("preview-approval")
            .context("environment")?[name] = value;
        let inputs = deliver(&stage, "opened", OUTSIDER, OUTSIDER, &commit('c'))?;
        let finished = deploy(&stage, &inputs, &[], &nothing())?;
        ensure!(
            finished.result("deploy/admit") == "failure"
                && finished.result("deploy/plan") == "skipped",
            "{:?}",
            finished.results
        );
        ensure!(
            finished.log.contains(&format!("lacks {missing}")),
            "{}",
            finished.log
        );
        expect(&stage, &finished, &["failed", "was not admitted"])?;
        ensure!(!stage.calls()?.contains("tofu"), "{}", stage.calls()?);
    }
    Ok(())
}

#[test]
fn new_commit_edits_the_comment_and_ends_the_earlier_deployment() -> Result<()> {
    let stage = stage()?;
    let forged = json!({ "id": 1, "user": { "login": OUTSIDER }, "body": "<!-- preview-environment -->\n<!-- data {\"web_url\": \"https://attacker.example\"} -->" });
    stage.github.model().comments.push(forged.clone());
    deployed(&stage, "opened", &commit('c'))?;
    stage.set("digest", &"b".repeat(64))?;
    let finished = deployed(&stage, "synchronize", &commit('d'))?;
    let comment = expect(&stage, &finished, &["ready", &commit('d'), &digest('b')])?;
    ensure!(
        !comment.contains(&commit('c')) && !comment.contains("attacker"),
        "{comment}"
    );
    ensure!(
        stage.github.model().comments[0] == forged,
        "the comment of another account changed"
    );
    expect_states(
        &stage,
        ENVIRONMENT,
        &[
            &["in_progress", "success", "inactive"],
            &["in_progress", "success"],
        ],
    )
}

#[test]
fn commit_that_is_no_longer_the_latest_is_not_deployed() -> Result<()> {
    let stage = stage()?;
    let inputs = deliver(&stage, "opened", OUTSIDER, OUTSIDER, &commit('c'))?;
    // A commit arrives while the deployment waits for its approval.
    let hook: Hook<'_> = Box::new(|job, stage| {
        if job == "deploy/gate" {
            let event = events::pull_request("synchronize", OUTSIDER, &commit('d'))?;
            stage
                .github
                .model()
                .pulls
                .insert(NUMBER, event["pull_request"].clone());
        }
        Ok(())
    });
    let finished = deploy(&stage, &inputs, &[], &hook)?;
    ensure!(
        finished.result("deploy/apply") == "success",
        "{:?}",
        finished.results
    );
    expect(&stage, &finished, &["waiting for approval"])?;
    expect_states(&stage, ENVIRONMENT, &[])?;
    ensure!(
        !stage.calls()?.contains("tofu preview-env apply"),
        "{}",
        stage.calls()?
    );
    // The run of an earlier commit is not admitted.
    let finished = deploy(&stage, &inputs, &[], &nothing())?;
    ensure!(
        finished.result("deploy/plan") == "skipped"
            && finished.result("deploy/report") == "skipped",
        "{:?}",
        finished.results
    );
    Ok(())
}

#[test]
fn pull_request_that_is_closed_during_its_deployment_is_cleaned_up() -> Result<()> {
    for job in ["deploy/apply", "deploy/report"] {
        let stage = stage()?;
        let inputs = deliver(&stage, "opened", MAINTAINER, MAINTAINER, &commit('c'))?;
        let hook: Hook<'_> = Box::new(move |found, stage| {
            if found == job {
                let event = events::pull_request("closed", MAINTAINER, &commit('c'))?;
                stage
                    .github
                    .model()
                    .pulls
                    .insert(NUMBER, event["pull_request"].clone());
            }
            Ok(())
        });
        let finished = deploy(&stage, &inputs, &[], &hook)?;
        let (workflow, inputs) = stage
            .github
            .model()
            .dispatches
            .pop()
            .with_context(|| finished.log.clone())?;
        ensure!(
            workflow == DESTROY && inputs == json!({ "pull_request": "12" }),
            "{workflow} {inputs}"
        );
        let finished = destroy(&stage, &inputs, &nothing())?;
        expect(&stage, &finished, &["destroyed"])?;
        ensure!(stage.fact("namespace")?.is_none() && stage.fact("state")?.is_none());
    }
    Ok(())
}

#[test]
fn closed_pull_request_leaves_no_namespace_database_or_state() -> Result<()> {
    for merged in [true, false] {
        let stage = stage()?;
        deployed(&stage, "opened", &commit('c'))?;
        let inputs = close(&stage, merged)?;
        let finished = destroy(&stage, &inputs, &nothing())?;
        let comment = expect(
            &stage,
            &finished,
            &[
                "### Preview environment: destroyed",
                "Namespace, database, and state no longer exist",
            ],
        )?;
        ensure!(
            !comment.contains("/environment/web") && !comment.contains("by force"),
            "{comment}"
        );
        expect_states(
            &stage,
            ENVIRONMENT,
            &[&["in_progress", "success", "inactive"]],
        )?;
        for name in ["namespace", "database", "state"] {
            ensure!(stage.fact(name)?.is_none(), "{name} exists");
        }
        let calls = stage.calls()?;
        ensure!(
            calls.contains("aws  s3api delete-object --bucket=states --key=preview/pr-12.tfstate"),
            "{calls}"
        );
        ensure!(!calls.contains("delete namespace"), "{calls}");
        // A second clean-up, for example from the schedule, changes nothing.
        let again = destroy(&stage, &inputs, &nothing())?;
        ensure!(again.result("destroy") == "success", "{}", again.log);
    }
    Ok(())
}

#[test]
fn parts_that_remain_after_destroy_are_deleted_by_force() -> Result<()> {
    let stage = stage()?;
    deployed(&stage, "opened", &commit('c'))?;
    for fact in ["lingers", "finalizers", "lock"] {
        stage.set(fact, "")?;
    }
    let inputs = close(&stage, false)?;
    let finished = destroy(&stage, &inputs, &nothing())?;
    expect(
        &stage,
        &finished,
        &["destroyed", "Deleted by force: namespace, database."],
    )?;
    expect_states(
        &stage,
        ENVIRONMENT,
        &[&["in_progress", "success", "inactive"]],
    )?;
    let calls = stage.calls()?;
    for call in [
        "force-unlock -force 0f2e1d3c-1111-2222-3333-444455556666",
        "replace --raw /api/v1/namespaces/preview-pr-12/finalize",
    ] {
        ensure!(calls.contains(call), "{call} in\n{calls}");
    }
    for name in ["namespace", "database", "state", "lock"] {
        ensure!(stage.fact(name)?.is_none(), "{name} exists");
    }
    Ok(())
}

#[test]
fn incomplete_clean_up_states_what_remains_and_the_command_that_continues() -> Result<()> {
    let stage = stage()?;
    deployed(&stage, "opened", &commit('c'))?;
    stage.set("stuck", "")?;
    let inputs = close(&stage, false)?;
    let finished = destroy(&stage, &inputs, &nothing())?;
    ensure!(
        finished.result("destroy") == "failure",
        "{:?}",
        finished.results
    );
    expect(
        &stage,
        &finished,
        &[
            "clean-up failed",
            "Remains: database, state.",
            "`gh workflow run preview-destroy.yml -f pull_request=12`",
        ],
    )?;
    expect_states(&stage, ENVIRONMENT, &[&["in_progress", "success"]])?;
    ensure!(
        !stage.calls()?.contains("delete-object"),
        "the state was deleted:\n{}",
        stage.calls()?
    );
    // The schedule finds the environment, and the next clean-up completes.
    let sweep = stage.run(
        "preview-sweep.yml",
        "workflow_dispatch",
        &events::dispatched("preview-sweep.yml", &json!({}))?,
        &[],
        &nothing(),
    )?;
    let (workflow, inputs) = stage
        .github
        .model()
        .dispatches
        .pop()
        .with_context(|| sweep.log.clone())?;
    ensure!(
        workflow == DESTROY && inputs["pull_request"] == "12",
        "{workflow} {inputs}"
    );
    stage.remove("stuck")?;
    let finished = destroy(&stage, &inputs, &nothing())?;
    expect(&stage, &finished, &["### Preview environment: destroyed"])?;
    stage.run(
        "preview-sweep.yml",
        "workflow_dispatch",
        &events::dispatched("preview-sweep.yml", &json!({}))?,
        &[],
        &nothing(),
    )?;
    ensure!(
        stage.github.model().dispatches.is_empty(),
        "the sweep starts a clean-up of a destroyed environment"
    );
    Ok(())
}

#[test]
fn pull_request_that_is_reopened_keeps_or_receives_an_environment() -> Result<()> {
    let stage = stage()?;
    deployed(&stage, "opened", &commit('c'))?;
    let reopen: Hook<'_> = Box::new(|_, stage| {
        let event = events::pull_request("reopened", MAINTAINER, &commit('c'))?;
        stage
            .github
            .model()
            .pulls
            .insert(NUMBER, event["pull_request"].clone());
        Ok(())
    });
    // Reopened before the clean-up starts: the environment remains.
    let inputs = close(&stage, false)?;
    let finished = destroy(&stage, &inputs, &reopen)?;
    ensure!(
        finished.result("destroy") == "success" && finished.result("report") == "skipped",
        "{:?}",
        finished.results
    );
    expect(&stage, &finished, &["### Preview environment: ready"])?;
    ensure!(
        stage.fact("namespace")?.is_some() && !stage.calls()?.contains("tofu preview-env destroy")
    );
    // Reopened during the clean-up: it completes, and the next deployment creates the environment again.
    let inputs = close(&stage, false)?;
    let during: Hook<'_> = Box::new(|job, stage| {
        if job == "report" {
            reopen(job, stage)
        } else {
            Ok(())
        }
    });
    let finished = destroy(&stage, &inputs, &during)?;
    expect(&stage, &finished, &["### Preview environment: ready"])?;
    ensure!(stage.fact("namespace")?.is_none());
    let finished = deployed(&stage, "reopened", &commit('c'))?;
    expect(&stage, &finished, &["### Preview environment: ready"])?;
    expect_states(
        &stage,
        ENVIRONMENT,
        &[
            &["in_progress", "success", "inactive"],
            &["in_progress", "success"],
        ],
    )
}

#[test]
fn apply_has_three_attempts_with_growing_pauses() -> Result<()> {
    let stage = stage()?;
    stage.set("apply_failures", "2")?;
    let finished = deployed(&stage, "opened", &commit('c'))?;
    expect(&stage, &finished, &["### Preview environment: ready"])?;
    for line in [
        "Attempt 1 of 3 failed",
        "starts in 0.01 s",
        "Attempt 2 of 3 failed",
        "starts in 0.02 s",
    ] {
        ensure!(finished.log.contains(line), "{line} in\n{}", finished.log);
    }
    stage.set("apply_failures", "3")?;
    let finished = deployed(&stage, "synchronize", &commit('d'))?;
    ensure!(
        finished.result("deploy/apply") == "failure",
        "{:?}",
        finished.results
    );
    ensure!(
        finished.log.contains("Attempt 3 of 3 failed")
            && finished.log.contains("connection refused"),
        "{}",
        finished.log
    );
    let comment = expect(
        &stage,
        &finished,
        &[
            "### Preview environment: failed",
            "The changes were not applied.",
        ],
    )?;
    // Errors of providers can contain values, so only the log contains them.
    ensure!(
        !comment.contains("connection refused") && !comment.contains("/environment/web"),
        "{comment}"
    );
    // The earlier deployment is not replaced by a deployment that failed.
    expect_states(
        &stage,
        ENVIRONMENT,
        &[&["in_progress", "success"], &["in_progress", "failure"]],
    )?;
    let finished = deployed(&stage, "synchronize", &commit('e'))?;
    expect(
        &stage,
        &finished,
        &["### Preview environment: ready", &commit('e')],
    )?;
    expect_states(
        &stage,
        ENVIRONMENT,
        &[
            &["in_progress", "success", "inactive"],
            &["in_progress", "failure", "inactive"],
            &["in_progress", "success"],
        ],
    )
}

#[test]
fn plan_that_fails_is_reported_without_a_deployment() -> Result<()> {
    let stage = stage()?;
    stage.set("plan_failures", "1")?;
    let finished = deployed(&stage, "opened", &commit('c'))?;
    expect(
        &stage,
        &finished,
        &["### Preview environment: failed", "The plan failed."],
    )?;
    expect_states(&stage, ENVIRONMENT, &[])
}

#[test]
fn plan_that_changes_after_the_approval_is_not_applied() -> Result<()> {
    let stage = stage()?;
    let inputs = deliver(&stage, "opened", OUTSIDER, OUTSIDER, &commit('c'))?;
    let hook: Hook<'_> = Box::new(|job, stage| {
        if job == "deploy/apply" {
            stage.set("drift", "kubernetes_namespace.other")
        } else {
            Ok(())
        }
    });
    let finished = deploy(&stage, &inputs, &[], &hook)?;
    expect(
        &stage,
        &finished,
        &["failed", "The plan changed after the approval."],
    )?;
    expect_states(&stage, ENVIRONMENT, &[&["in_progress", "failure"]])?;
    ensure!(
        !stage.calls()?.contains("tofu preview-env apply"),
        "{}",
        stage.calls()?
    );
    Ok(())
}

#[test]
fn health_checks_are_repeated_until_their_limit() -> Result<()> {
    let stage = stage()?;
    stage.github.model().health = vec![503, 502, 200];
    let finished = deployed(&stage, "opened", &commit('c'))?;
    expect(&stage, &finished, &["### Preview environment: ready"])?;
    ensure!(
        finished.log.contains("/environment/web/: 503")
            && finished.log.contains("starts in 0.02 s"),
        "{}",
        finished.log
    );
    stage.github.model().health = vec![503];
    stage.set("limits", "HEALTH_LIMIT=0.05")?;
    let finished = deployed(&stage, "synchronize", &commit('d'))?;
    let url = stage.github.url();
    expect(
        &stage,
        &finished,
        &[
            "### Preview environment: failed",
            &format!("The health check of {url}/environment/web/ failed."),
        ],
    )?;
    expect_states(
        &stage,
        ENVIRONMENT,
        &[&["in_progress", "success"], &["in_progress", "failure"]],
    )?;
    stage.set("pods_fail", "")?;
    let finished = deployed(&stage, "synchronize", &commit('e'))?;
    expect(
        &stage,
        &finished,
        &["failed", "The pods did not start in time."],
    )?;
    Ok(())
}

#[test]
fn missing_output_of_the_base_is_named() -> Result<()> {
    let stage = stage()?;
    stage.set("tls_secret_name", "")?;
    let finished = deployed(&stage, "opened", &commit('c'))?;
    ensure!(
        finished
            .log
            .contains("lacks the outputs tls_secret_name: apply it first"),
        "{}",
        finished.log
    );
    expect(&stage, &finished, &["The plan failed."])?;
    Ok(())
}

#[test]
fn build_that_fails_or_is_outdated_is_not_deployed() -> Result<()> {
    let stage = stage()?;
    let event = events::pull_request("opened", OUTSIDER, &commit('c'))?;
    let run = |event: &Value| stage.run("preview.yml", "workflow_run", event, &[], &nothing());
    // The pull request is not open.
    let finished = run(&events::built(&event, OUTSIDER, "success")?)?;
    ensure!(
        finished.result("publish") == "skipped",
        "{:?}",
        finished.results
    );
    stage
        .github
        .model()
        .pulls
        .insert(NUMBER, event["pull_request"].clone());
    let finished = run(&events::built(&event, OUTSIDER, "failure")?)?;
    ensure!(
        finished.result("publish") == "skipped",
        "{:?}",
        finished.results
    );
    expect(
        &stage,
        &finished,
        &["the images were not built", "actions/runs/289782451"],
    )?;
    // A fork with the same branch name has another pull request.
    let mut other = events::built(&event, OUTSIDER, "success")?;
    other["workflow_run"]["head_repository"]["id"] = json!(100);
    ensure!(run(&other)?.result("publish") == "skipped");
    ensure!(stage.github.model().dispatches.is_empty());
    Ok(())
}

#[test]
fn inputs_that_are_not_exact_are_refused_before_the_plan() -> Result<()> {
    let stage = stage()?;
    let inputs = deliver(&stage, "opened", MAINTAINER, MAINTAINER, &commit('c'))?;
    let short = format!("ghcr.io/acme/shop/web@sha256:{}", "a".repeat(63));
    for (name, value, part) in [
        (
            "web_image",
            short.as_str(),
            "must have the form registry/name@sha256:<64 hexadecimal digits>",
        ),
        (
            "web_image",
            "ghcr.io/acme/shop/web:latest",
            "must have the form",
        ),
        (
            "api_image",
            &format!("ghcr.io/other/shop/api@{}", digest('a')),
            "must be in ghcr.io/acme/shop/api",
        ),
        ("pull_request", "0", "must be between 1 and 9999999"),
        (
            "pull_request",
            "123456789012",
            "must be between 1 and 9999999",
        ),
        ("commit", "main", "must have 40 hexadecimal digits"),
        ("web_image", "$(touch owned)", "must have the form"),
    ] {
        let mut changed = inputs.clone();
        changed[name] = json!(value);
        let finished = deploy(&stage, &changed, &[], &nothing())?;
        ensure!(
            finished.result("deploy/admit") == "failure"
                && finished.result("deploy/plan") == "skipped",
            "{name}={value}: {:?}",
            finished.results
        );
        ensure!(
            finished.log.contains(part),
            "{name}={value}: expected {part:?} in\n{}",
            finished.log
        );
    }
    ensure!(!stage.calls()?.contains("tofu"), "{}", stage.calls()?);
    Ok(())
}

/// Merges the pull request as a commit, and delivers the push. `tree` is the content of the commit.
fn merge(stage: &Stage, tree: &str) -> Result<Finished> {
    let mut request =
        events::pull_request("closed", MAINTAINER, &commit('c'))?["pull_request"].clone();
    request["merged_at"] = json!("2026-01-02T03:04:05Z");
    request["merge_commit_sha"] = json!(commit('e'));
    {
        let mut model = stage.github.model();
        model.merged.insert(commit('e'), vec![request]);
        model.trees.insert(commit('c'), "1".repeat(40));
        model.trees.insert(commit('e'), tree.repeat(40));
    }
    stage.run(
        "production.yml",
        "push",
        &events::pushed(&commit('e'))?,
        &[],
        &nothing(),
    )
}

#[test]
fn digests_of_the_preview_are_promoted_to_production() -> Result<()> {
    let stage = stage()?;
    deployed(&stage, "opened", &commit('c'))?;
    // A clean-up before the promotion does not remove the digests.
    let inputs = close(&stage, true)?;
    destroy(&stage, &inputs, &nothing())?;
    stage.set("digest", &"b".repeat(64))?;
    let finished = merge(&stage, "1")?;
    ensure!(
        finished.result("publish") == "skipped" && finished.result("deploy/gate") == "success",
        "{:?}\n{}",
        finished.results,
        finished.log
    );
    expect_states(&stage, "production", &[&["in_progress", "success"]])?;
    let model = stage.github.model();
    let (preview, production) = (&model.deployments[0], &model.deployments[1]);
    for name in ["web_image", "api_image"] {
        ensure!(
            preview["payload"][name] == production["payload"][name],
            "{preview}\n{production}"
        );
    }
    ensure!(
        production["production_environment"] == true && production["ref"] == commit('e'),
        "{production}"
    );
    drop(model);
    ensure!(
        stage
            .fact("deployed")?
            .context("deployed")?
            .contains(&digest('a'))
    );
    ensure!(
        stage
            .fact("backend")?
            .context("backend")?
            .contains("key=preview/production.tfstate")
    );
    // The base has the same profile as the environment.
    let base = stage.fact("base_state")?.context("base_state")?;
    ensure!(base.contains("production/base.tfstate"), "{base}");
    let variables = stage.fact("variables")?.context("variables")?;
    ensure!(
        variables.contains("TF_VAR_profile=production")
            && !variables.contains("TF_VAR_pull_request"),
        "{variables}"
    );
    stage.check()
}

#[test]
fn content_without_a_preview_is_published_from_the_default_branch() -> Result<()> {
    let stage = stage()?;
    deployed(&stage, "opened", &commit('c'))?;
    stage.set("digest", &"b".repeat(64))?;
    let finished = merge(&stage, "2")?;
    ensure!(
        finished.result("publish") == "success",
        "{:?}\n{}",
        finished.results,
        finished.log
    );
    ensure!(
        finished.log.contains("the branch was not up to date"),
        "{}",
        finished.log
    );
    ensure!(
        stage
            .fact("deployed")?
            .context("deployed")?
            .contains(&digest('b'))
    );
    expect_states(&stage, "production", &[&["in_progress", "success"]])?;
    // A rollback deploys the digests of its inputs.
    let inputs = json!({
        "commit": commit('c'),
        "web_image": format!("ghcr.io/acme/shop/web@{}", digest('a')),
        "api_image": format!("ghcr.io/acme/shop/api@{}", digest('a')),
    });
    let event = events::dispatched("production.yml", &inputs)?;
    let finished = stage.run(
        "production.yml",
        "workflow_dispatch",
        &event,
        &[],
        &nothing(),
    )?;
    ensure!(
        finished.result("build/image") == "missing" && finished.result("publish") == "skipped",
        "{:?}",
        finished.results
    );
    ensure!(
        stage
            .fact("deployed")?
            .context("deployed")?
            .contains(&digest('a'))
    );
    expect_states(
        &stage,
        "production",
        &[
            &["in_progress", "success", "inactive"],
            &["in_progress", "success"],
        ],
    )?;
    let rejected = stage.run(
        "production.yml",
        "workflow_dispatch",
        &event,
        &["production-approval"],
        &nothing(),
    )?;
    ensure!(
        rejected.result("deploy/apply") == "skipped",
        "{:?}",
        rejected.results
    );
    stage.check()
}

#[test]
fn privileged_steps_refuse_another_branch() -> Result<()> {
    let mut stage = stage()?;
    let event = events::pull_request("closed", MAINTAINER, &commit('c'))?;
    stage
        .github
        .model()
        .pulls
        .insert(NUMBER, event["pull_request"].clone());
    let event = events::dispatched(DESTROY, &json!({ "pull_request": "12" }))?;
    stage.on("refs/heads/changes");
    let finished = stage.run(DESTROY, "workflow_dispatch", &event, &[], &nothing())?;
    ensure!(
        finished.result("destroy") == "failure",
        "{:?}",
        finished.results
    );
    ensure!(
        finished
            .log
            .contains("this step runs only on main, not on refs/heads/changes"),
        "{}",
        finished.log
    );
    ensure!(!stage.calls()?.contains("tofu"), "{}", stage.calls()?);
    Ok(())
}

#[test]
fn deployment_of_a_job_that_was_killed_fails() -> Result<()> {
    let stage = stage()?;
    let inputs = deliver(&stage, "opened", MAINTAINER, MAINTAINER, &commit('c'))?;
    let finished = stage.run_killed("apply", &inputs)?;
    expect(
        &stage,
        &finished,
        &["### Preview environment: failed", "exceeded ten minutes"],
    )?;
    expect_states(&stage, ENVIRONMENT, &[&["in_progress", "failure"]])
}
