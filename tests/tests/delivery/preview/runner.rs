//! Runs workflows like GitHub: jobs in their order, conditions, contexts, outputs, environments, and permissions. Commands
//! run in a shell with doubles of the programs that reach a cluster; actions are replaced. Must not contain expectations.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use serde_json::{Map, Value, json};

use super::events;
use super::expression::{evaluate, interpolate, is_true, text_of};
use super::fake_github::{FakeGitHub, Model};
use super::interpreter::{self, violations};
use crate::read::{repository, run, yaml};

/// The doubles, which a script represents under several names.
const DOUBLE: &str = include_str!("double.sh");
const DOUBLES: [&str; 4] = ["tofu", "kubectl", "skopeo", "aws"];
/// The start of a command that runs the program under test.
const PROGRAM: &str = "python3 .github/preview/preview.py ";
/// Secrets by environment. The values must not reach the API or the log.
pub(super) const SECRETS: [(&str, &str); 4] = [
    ("STATE_ACCESS_KEY_ID", "secret-state-id"),
    ("STATE_SECRET_ACCESS_KEY", "secret-state-key"),
    (
        "ENVIRONMENT_KEY",
        "secret-key-of-all-environments-of-previews",
    ),
    (
        "REGISTRY_CREDENTIALS",
        "{\"auths\":{\"secret-registry\":{}}}",
    ),
];

/// A decision of a test while a workflow runs.
pub(super) type Hook<'a> = Box<dyn Fn(&str, &Stage) -> Result<()> + 'a>;

/// The repository, its API, and its cluster.
pub(super) struct Stage {
    folder: tempfile::TempDir,
    /// The API.
    pub(super) github: FakeGitHub,
    variables: Value,
    branch: String,
    /// A command of the program that is killed with its job.
    killed: RefCell<String>,
    /// Schemas of the events that were delivered, and the events.
    events: RefCell<Vec<(Value, Value)>>,
}

/// The result of a workflow run.
#[derive(Debug)]
pub(super) struct Finished {
    /// Results by job. A job of a called workflow has the name `caller/job`.
    pub(super) results: BTreeMap<String, String>,
    /// Output of all commands.
    pub(super) log: String,
    outputs: Map<String, Value>,
}

impl Finished {
    /// Returns the result of a job.
    pub(super) fn result(&self, job: &str) -> &str {
        self.results.get(job).map_or("missing", String::as_str)
    }
}

/// A run in progress: the contexts that all its jobs share.
struct Contexts<'a> {
    github: Value,
    inputs: Value,
    /// Environments whose reviewers reject the deployment.
    rejected: &'a [&'a str],
    before: &'a Hook<'a>,
    prefix: String,
}

impl Stage {
    /// Creates the repository, whose cluster has no environment.
    pub(super) fn new(model: Model) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let stage = Self {
            folder,
            github: FakeGitHub::start(model)?,
            variables: json!({
                "IMAGE_REPOSITORY": "ghcr.io/acme/shop", "PREVIEW_APP": "shop", "PREVIEW_DOMAIN": "example.com",
                "STATE_BUCKET": "states", "STATE_REGION": "fra1", "STATE_ENDPOINT": "https://fra1.example.com",
            }),
            branch: "refs/heads/main".into(),
            killed: RefCell::default(),
            events: RefCell::default(),
        };
        let root = stage.root()?;
        for name in [
            "checkout/examples/preview-env",
            "bin",
            "cluster",
            "temp",
            "home/.kube",
        ] {
            std::fs::create_dir_all(root.join(name))?;
        }
        for name in DOUBLES {
            let path = root.join("bin").join(name);
            std::fs::write(&path, DOUBLE)?;
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        }
        std::fs::write(root.join("home/.kube/config"), "another cluster")?;
        let url = stage.github.url();
        stage.set("web_url", &format!("{url}/environment/web"))?;
        stage.set("api_url", &format!("{url}/environment/api"))?;
        Ok(stage)
    }

    fn root(&self) -> Result<&Utf8Path> {
        Utf8Path::from_path(self.folder.path()).context("the folder is not UTF-8")
    }

    /// Sets a fact about the cluster.
    pub(super) fn set(&self, name: &str, value: &str) -> Result<()> {
        Ok(std::fs::write(
            self.root()?.join("cluster").join(name),
            value,
        )?)
    }

    /// Removes a fact about the cluster.
    pub(super) fn remove(&self, name: &str) -> Result<()> {
        Ok(std::fs::remove_file(
            self.root()?.join("cluster").join(name),
        )?)
    }

    /// Runs the deployment of a preview. Its job is killed when a command of the program starts, so it has no outputs.
    pub(super) fn run_killed(&self, command: &str, inputs: &Value) -> Result<Finished> {
        self.killed.replace(command.to_owned());
        let event = events::dispatched("preview-deploy.yml", inputs)?;
        let nothing: Hook<'_> = Box::new(|_, _| Ok(()));
        self.run(
            "preview-deploy.yml",
            "workflow_dispatch",
            &event,
            &[],
            &nothing,
        )
    }

    /// Starts workflows on another branch.
    pub(super) fn on(&mut self, branch: &str) {
        branch.clone_into(&mut self.branch);
    }

    /// Returns a fact about the cluster, or nothing.
    pub(super) fn fact(&self, name: &str) -> Result<Option<String>> {
        let path = self.root()?.join("cluster").join(name);
        Ok(path
            .exists()
            .then(|| std::fs::read_to_string(path))
            .transpose()?)
    }

    /// Returns the calls of the doubles, one for each line.
    pub(super) fn calls(&self) -> Result<String> {
        Ok(self.fact("calls")?.unwrap_or_default())
    }

    /// Runs a workflow for an event.
    pub(super) fn run(
        &self,
        file: &str,
        name: &str,
        event: &Value,
        rejected: &[&str],
        before: &Hook<'_>,
    ) -> Result<Finished> {
        self.events
            .borrow_mut()
            .push((events::schema(name, event), event.clone()));
        let root = self.root()?;
        std::fs::write(root.join("event.json"), event.to_string())?;
        let merge = format!("refs/pull/{}/merge", event["number"]);
        let contexts = Contexts {
            github: json!({
                "event": event,
                "event_name": name,
                "ref": if name == "pull_request" { merge.as_str() } else { self.branch.as_str() },
                "sha": event["after"].as_str().unwrap_or("f".repeat(40).as_str()),
                "actor": event["sender"]["login"],
                "repository": "Codertocat/Hello-World",
            }),
            inputs: event["inputs"].clone(),
            rejected,
            before,
            prefix: String::new(),
        };
        let workflow = workflow(file)?;
        ensure!(
            workflow["on"].get(name).is_some(),
            "{file} does not run for {name}"
        );
        self.workflow_run(workflow, &contexts)
    }

    /// Checks that the webhook schema allows all events, and the API description all requests. One process validates them
    /// all.
    pub(super) fn check(&self) -> Result<()> {
        let refused = self.github.model().refused.join("\n");
        ensure!(refused.is_empty(), "refused requests:\n{refused}");
        let (requests, bodies) = self.github.bodies()?;
        let (schemas, events): (Vec<_>, Vec<_>) = self.events.borrow().iter().cloned().unzip();
        let all = |schemas: Vec<Value>| json!({ "prefixItems": schemas, "items": false });
        let schema = json!({
            "definitions": events::definitions()?,
            "properties": { "requests": all(requests), "events": all(schemas) },
        });
        let found = violations(&schema, &json!({ "requests": bodies, "events": events }))?;
        ensure!(found.is_empty(), "{found}");
        Ok(())
    }

    fn workflow_run(&self, workflow: &Value, contexts: &Contexts<'_>) -> Result<Finished> {
        let jobs = workflow["jobs"].as_object().context("jobs")?;
        let mut finished = Finished {
            results: BTreeMap::new(),
            log: String::new(),
            outputs: Map::new(),
        };
        let mut needs = Map::new();
        while needs.len() < jobs.len() {
            let ready = jobs.iter().find(|(id, job)| {
                !needs.contains_key(*id)
                    && names(&job["needs"])
                        .iter()
                        .all(|name| needs.contains_key(name))
            });
            let (id, job) = ready.context("the jobs need each other")?;
            let own: Map<_, _> = names(&job["needs"])
                .iter()
                .map(|name| (name.clone(), needs[name].clone()))
                .collect();
            let label = format!("{}{id}", contexts.prefix);
            let (result, outputs) = self.job(
                workflow,
                job,
                &label,
                &Value::Object(own),
                contexts,
                &mut finished,
            )?;
            finished.results.insert(label, result.clone());
            needs.insert(id.clone(), json!({ "result": result, "outputs": outputs }));
        }
        finished.outputs = needs;
        Ok(finished)
    }

    fn job(
        &self,
        workflow: &Value,
        job: &Value,
        label: &str,
        needs: &Value,
        contexts: &Contexts<'_>,
        finished: &mut Finished,
    ) -> Result<(String, Value)> {
        let before: Vec<_> = needs
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, need)| need["result"].as_str().unwrap_or_default())
            .collect();
        let failed = before
            .iter()
            .any(|result| *result == "failure" || *result == "cancelled");
        // A job without a status function runs if all jobs that it needs succeeded.
        let success = before.iter().all(|result| *result == "success");
        let mut all = json!({
            "github": contexts.github, "inputs": contexts.inputs, "needs": needs, "vars": self.variables,
            "status": { "always": true, "cancelled": false, "success": success, "failure": failed },
        });
        if !condition(&job["if"], &all)? {
            return Ok(("skipped".into(), json!({})));
        }
        (contexts.before)(label, self)?;
        if let Some(called) = job["uses"].as_str() {
            return self.call(called, job, label, &all, contexts, finished);
        }
        let environment = text_of(&interpolate(
            job["environment"].as_str().unwrap_or_default(),
            &all,
        )?);
        if contexts.rejected.contains(&environment.as_str()) {
            return Ok(("failure".into(), json!({})));
        }
        let has_secrets = environment == "preview" || environment == "production";
        all["secrets"] = if has_secrets {
            SECRETS
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect::<Map<_, _>>()
                .into()
        } else {
            json!({})
        };
        all["github"]["token"] = json!(token(&job["permissions"]));
        all["runner"] = json!({ "temp": self.root()?.join("temp") });
        all["matrix"] = json!({ "image": "web" });
        all["steps"] = json!({});
        let mut variables = Map::new();
        for level in [&workflow["env"], &job["env"]] {
            extend(&mut variables, level, &all)?;
        }
        let mut result = "success";
        for step in job["steps"].as_array().context("steps")? {
            all["status"]["success"] = json!(result == "success");
            let skipped = !condition(&step["if"], &all)?;
            if skipped {
                continue;
            }
            let killed = self.killed.borrow();
            if !killed.is_empty() && step["run"] == format!("{PROGRAM}{killed}") {
                return Ok(("cancelled".into(), json!({})));
            }
            drop(killed);
            let (succeeded, outputs) = self.step(step, label, &variables, &all, finished)?;
            if !succeeded {
                result = "failure";
            }
            if let Some(id) = step["id"].as_str() {
                all["steps"][id] = json!({ "outputs": outputs });
            }
        }
        let mut outputs = Map::new();
        extend(&mut outputs, &job["outputs"], &all)?;
        Ok((result.into(), Value::Object(outputs)))
    }

    fn call(
        &self,
        called: &str,
        job: &Value,
        label: &str,
        all: &Value,
        contexts: &Contexts<'_>,
        finished: &mut Finished,
    ) -> Result<(String, Value)> {
        let workflow = workflow(called.rsplit('/').next().unwrap_or_default())?;
        let mut inputs = Map::new();
        for (name, declared) in workflow["on"]["workflow_call"]["inputs"]
            .as_object()
            .context("inputs")?
        {
            let value = match job["with"].get(name) {
                Some(value) => interpolate(value.as_str().unwrap_or_default(), all)?,
                None => declared
                    .get("default")
                    .cloned()
                    .with_context(|| format!("{called} requires {name}"))?,
            };
            inputs.insert(name.clone(), value);
        }
        let inner = self.workflow_run(
            workflow,
            &Contexts {
                github: contexts.github.clone(),
                inputs: Value::Object(inputs),
                rejected: contexts.rejected,
                before: contexts.before,
                prefix: format!("{label}/"),
            },
        )?;
        let failed = inner.results.values().any(|result| result == "failure");
        finished.results.extend(inner.results);
        finished.log.push_str(&inner.log);
        Ok((if failed { "failure" } else { "success" }.into(), json!({})))
    }

    fn step(
        &self,
        step: &Value,
        label: &str,
        variables: &Map<String, Value>,
        all: &Value,
        finished: &mut Finished,
    ) -> Result<(bool, Value)> {
        let root = self.root()?;
        if let Some(action) = step["uses"].as_str() {
            if action.starts_with("actions/download-artifact@") {
                for name in ["web", "api"] {
                    let folder = root.join("temp/archives").join(format!("image-{name}"));
                    std::fs::create_dir_all(&folder)?;
                    std::fs::write(folder.join("image.tar"), "an archive")?;
                }
            }
            return Ok((true, json!({})));
        }
        let mut variables = variables.clone();
        extend(&mut variables, &step["env"], all)?;
        let command = step["run"].as_str().context("a step has no command")?;
        let file = root.join("output");
        std::fs::write(&file, "")?;
        let at = |name: &str| root.join(name).into_string();
        let fixed = [
            ("PATH", format!("{}:/usr/bin:/bin", at("bin"))),
            ("HOME", at("home")),
            ("KUBECONFIG", at("home/.kube/config")),
            ("KUBE_CONFIG_PATH", at("home/.kube/config")),
            ("CLUSTER", at("cluster")),
            ("RUNNER_TEMP", at("temp")),
            ("GITHUB_OUTPUT", file.to_string()),
            ("GITHUB_STEP_SUMMARY", at("summary")),
            ("GITHUB_EVENT_PATH", at("event.json")),
            ("GITHUB_API_URL", self.github.url()),
            ("GITHUB_SERVER_URL", "https://github.com".into()),
            ("GITHUB_REPOSITORY", "Codertocat/Hello-World".into()),
            ("GITHUB_REF", text_of(&all["github"]["ref"])),
            (
                "GITHUB_RUN_ID",
                (40 + self.events.borrow().len()).to_string(),
            ),
            ("GITHUB_RUN_ATTEMPT", "1".into()),
            ("GITHUB_TRIGGERING_ACTOR", "github-actions[bot]".into()),
        ];
        // Short limits and pauses, so that tests do not wait.
        let short = [
            "APPLY_PAUSES=0.01 0.02",
            "DESTROY_PAUSES=0.01 0.02",
            "HEALTH_PAUSE=0.01",
        ];
        let limits = self.fact("limits")?.unwrap_or_default();
        let short = short.into_iter().chain(limits.split_whitespace());
        let mut environment: Map<String, Value> = short
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.into(), json!(value)))
            .collect();
        environment.extend(fixed.map(|(name, value)| (name.to_owned(), json!(value))));
        environment.extend(variables);
        let (succeeded, printed) = self.command(command, environment)?;
        finished
            .log
            .push_str(&format!("== {label}: {command}\n{printed}"));
        let mut outputs = Map::new();
        for line in std::fs::read_to_string(&file)?.lines() {
            let (name, value) = line
                .split_once('=')
                .with_context(|| format!("the output {line:?}"))?;
            outputs.insert(name.into(), json!(value));
        }
        Ok((succeeded, Value::Object(outputs)))
    }

    /// Runs a command, and returns whether it succeeded and what it printed. Only a shell runs other commands than those of
    /// the program.
    fn command(&self, command: &str, environment: Map<String, Value>) -> Result<(bool, String)> {
        let root = self.root()?;
        let folder = root.join("checkout");
        if let Some(name) = command.strip_prefix(PROGRAM) {
            let log = root.join("log");
            std::fs::write(&log, "")?;
            let succeeded = interpreter::run(
                &[name],
                &Value::Object(environment),
                folder.as_str(),
                log.as_str(),
            )?;
            return Ok((succeeded, std::fs::read_to_string(&log)?));
        }
        // The function `run` clears the environment, so the program `env` sets it.
        let mut env = Command::new("env");
        env.arg("-i").current_dir(folder);
        env.args(
            environment
                .iter()
                .map(|(name, value)| format!("{name}={}", text_of(value))),
        );
        let output = run(env.args(["bash", "-e", "-c", command]), "")?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        Ok((output.status.success(), printed))
    }
}

/// Returns all workflows by file name. They are read once, as one document.
pub(super) fn workflows() -> Result<&'static Map<String, Value>> {
    static ALL: OnceLock<Map<String, Value>> = OnceLock::new();
    if let Some(all) = ALL.get() {
        return Ok(all);
    }
    let mut document = String::new();
    for file in repository()?
        .join("examples/preview-workflows/.github/workflows")
        .read_dir_utf8()?
    {
        let file = file?;
        document.push_str(&format!("{}:\n", file.file_name()));
        for line in std::fs::read_to_string(file.path())?.lines() {
            document.push_str(&format!("  {line}\n"));
        }
    }
    let all = yaml(&document)?;
    Ok(ALL.get_or_init(|| all.as_object().cloned().unwrap_or_default()))
}

fn workflow(file: &str) -> Result<&'static Value> {
    workflows()?
        .get(file)
        .with_context(|| format!("{file} does not exist"))
}

/// Returns the names of a list or of a single name.
pub(super) fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .map(ToOwned::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns whether a job or a step runs. Without a status function, a condition also requires success.
fn condition(value: &Value, contexts: &Value) -> Result<bool> {
    let success = is_true(&contexts["status"]["success"]);
    let Some(text) = value.as_str() else {
        return Ok(success);
    };
    let has_function = ["always()", "cancelled()", "failure()", "success()"]
        .iter()
        .any(|name| text.contains(name));
    Ok((success || has_function) && is_true(&evaluate(text, contexts)?))
}

fn extend(variables: &mut Map<String, Value>, level: &Value, contexts: &Value) -> Result<()> {
    for (name, value) in level.as_object().into_iter().flatten() {
        let value = interpolate(value.as_str().unwrap_or_default(), contexts)
            .with_context(|| format!("the value of {name}"))?;
        variables.insert(name.clone(), json!(text_of(&value)));
    }
    Ok(())
}

/// Returns a token that lists the permissions of a job.
fn token(permissions: &Value) -> String {
    let each = permissions.as_object().into_iter().flatten();
    each.map(|(name, access)| format!("{name}:{}", text_of(access)))
        .collect::<Vec<_>>()
        .join(",")
}
