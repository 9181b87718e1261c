//! A GitHub API on a loopback address, and the URLs of an environment. Refuses requests that the API description does not
//! contain, and requests that the permissions of a job do not allow. Must not depend on the program under test.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::interpreter::violations;

const DESCRIPTION: &str = include_str!("../../../fixtures/github/requests.json");
/// The account of `GITHUB_TOKEN`.
pub(super) const BOT: &str = "github-actions[bot]";

/// The permission that each operation requires, as "Permissions required for GitHub Apps" lists them.
const PERMISSIONS: [(&str, &str, &str); 16] = [
    ("GET", "/pulls", "pull-requests:read"),
    ("GET", "/pulls/{pull_number}", "pull-requests:read"),
    (
        "GET",
        "/collaborators/{username}/permission",
        "metadata:read",
    ),
    ("GET", "/environments/{environment_name}", "actions:read"),
    (
        "GET",
        "/issues/{issue_number}/comments",
        "pull-requests:read",
    ),
    (
        "POST",
        "/issues/{issue_number}/comments",
        "pull-requests:write",
    ),
    (
        "PATCH",
        "/issues/comments/{comment_id}",
        "pull-requests:write",
    ),
    ("GET", "/deployments", "deployments:read"),
    ("POST", "/deployments", "deployments:write"),
    (
        "GET",
        "/deployments/{deployment_id}/statuses",
        "deployments:read",
    ),
    (
        "POST",
        "/deployments/{deployment_id}/statuses",
        "deployments:write",
    ),
    (
        "POST",
        "/actions/workflows/{workflow_id}/dispatches",
        "actions:write",
    ),
    ("GET", "/actions/runs/{run_id}", "actions:read"),
    ("GET", "/commits/{commit_sha}/pulls", "pull-requests:read"),
    ("GET", "/git/commits/{commit_sha}", "contents:read"),
    ("GET", "/up", ""),
];

/// The contents of the repository.
#[derive(Default)]
pub(super) struct Model {
    pub(super) pulls: BTreeMap<u64, Value>,
    pub(super) runs: BTreeMap<u64, Value>,
    pub(super) roles: BTreeMap<String, String>,
    pub(super) environments: BTreeMap<String, Value>,
    /// Trees by commit.
    pub(super) trees: BTreeMap<String, String>,
    /// Pull requests by the commit that merged them.
    pub(super) merged: BTreeMap<String, Vec<Value>>,
    pub(super) comments: Vec<Value>,
    pub(super) deployments: Vec<Value>,
    /// Deployments and states, in the order of their creation.
    pub(super) statuses: Vec<(u64, Value)>,
    pub(super) dispatches: Vec<(String, Value)>,
    /// Status codes that the URLs of an environment return one after the other. The last one remains.
    pub(super) health: Vec<u16>,
    /// Requests that change something: method, path, and body.
    pub(super) writes: Vec<(String, String, Value)>,
    /// Requests that violate the API description or the permissions.
    pub(super) refused: Vec<String>,
    bodies: Vec<(usize, Value)>,
}

impl Model {
    /// Returns the states of the deployments of an environment, in order, by deployment.
    pub(super) fn states(&self, environment: &str) -> Vec<Vec<&str>> {
        let of = |id: &Value| {
            let own = self
                .statuses
                .iter()
                .filter(|(deployment, _)| json!(deployment) == *id);
            own.filter_map(|(_, status)| status["state"].as_str())
                .collect()
        };
        let own = self
            .deployments
            .iter()
            .filter(|found| found["environment"] == environment);
        own.map(|found| of(&found["id"])).collect()
    }

    /// Returns the bodies of the comments of the program.
    pub(super) fn own_comments(&self) -> Vec<&str> {
        let own = self
            .comments
            .iter()
            .filter(|found| found["user"]["login"] == BOT);
        own.filter_map(|found| found["body"].as_str()).collect()
    }
}

/// The running server.
pub(super) struct FakeGitHub {
    model: Arc<Mutex<Model>>,
    address: SocketAddr,
}

struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    token: String,
    body: Value,
}

impl FakeGitHub {
    /// Starts the server. It ends with the process.
    pub(super) fn start(model: Model) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let model = Arc::new(Mutex::new(model));
        let shared = Arc::clone(&model);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Err(error) = answer(stream, &shared, address) {
                    locked(&shared).refused.push(format!("{error:#}"));
                }
            }
        });
        Ok(Self { model, address })
    }

    /// Returns the address of the API.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the contents.
    pub(super) fn model(&self) -> MutexGuard<'_, Model> {
        locked(&self.model)
    }

    /// Returns the schemas of the bodies of all requests, and the bodies.
    pub(super) fn bodies(&self) -> Result<(Vec<Value>, Vec<Value>)> {
        let description: Value = serde_json::from_str(DESCRIPTION)?;
        let schema = |operation: usize| {
            let mut schema = description["operations"][operation]["body"].clone();
            schema["additionalProperties"] = json!(false);
            schema
        };
        let model = self.model();
        Ok(model
            .bodies
            .iter()
            .map(|(operation, body)| (schema(*operation), body.clone()))
            .unzip())
    }
}

fn locked(model: &Mutex<Model>) -> MutexGuard<'_, Model> {
    model.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(stream: TcpStream, model: &Mutex<Model>, address: SocketAddr) -> Result<()> {
    let request = read(&stream)?;
    let mut model = locked(model);
    let (status, body, link) = match respond(&request, &mut model, address) {
        Ok(found) => found,
        Err(error) => {
            model
                .refused
                .push(format!("{} {}: {error:#}", request.method, request.path));
            (403, json!({ "message": error.to_string() }), String::new())
        }
    };
    let text = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let link = if link.is_empty() {
        link
    } else {
        format!("Link: {link}\r\n")
    };
    let mut stream = &stream;
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nConnection: close\r\n{link}\r\n{text}",
        text.len()
    )?;
    Ok(stream.flush()?)
}

fn read(stream: &TcpStream) -> Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let method = words.next().context("method")?.to_owned();
    let (path, query) = {
        let target = words.next().context("target")?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let decoded = |text: &str| text.replace("%3A", ":").replace('+', " ");
        (
            path.to_owned(),
            pairs
                .map(|(name, value)| (name.to_owned(), decoded(value)))
                .collect(),
        )
    };
    let (mut token, mut length) = (String::new(), 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => value.trim_start_matches("Bearer ").clone_into(&mut token),
            "content-length" => length = value.parse()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body)?
    };
    Ok(Request {
        method,
        path,
        query,
        token,
        body,
    })
}

/// Returns the values of the placeholders if a path matches a template.
fn matched<'a>(template: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let (mut values, mut parts) = (Vec::new(), path.split('/'));
    for expected in template.split('/') {
        let found = parts.next()?;
        if expected.starts_with('{') {
            values.push(found);
        } else if expected != found {
            return None;
        }
    }
    parts.next().is_none().then_some(values)
}

fn respond(
    request: &Request,
    model: &mut Model,
    address: SocketAddr,
) -> Result<(u16, Value, String)> {
    if request.path.starts_with("/environment/") {
        let code = if model.health.len() > 1 {
            model.health.remove(0)
        } else {
            *model.health.first().unwrap_or(&200)
        };
        return Ok((code, json!("body"), String::new()));
    }
    let description: Value = serde_json::from_str(DESCRIPTION)?;
    let operations = description["operations"].as_array().context("operations")?;
    let (index, operation, template, values) = operations
        .iter()
        .enumerate()
        .find_map(|(index, operation)| {
            let template = operation["path"]
                .as_str()?
                .strip_prefix("/repos/{owner}/{repo}")?;
            let path = request.path.strip_prefix("/repos/Codertocat/Hello-World")?;
            let values = matched(template, path)?;
            (operation["method"] == request.method.as_str())
                .then_some((index, operation, template, values))
        })
        .context("the API description does not contain the operation")?;
    for name in request.query.keys() {
        ensure!(
            operation["query"].get(name).is_some(),
            "the operation has no parameter {name}"
        );
    }
    ensure!(
        operation["body"].is_null() == request.body.is_null(),
        "the body is {}",
        request.body
    );
    let (.., needed) = PERMISSIONS
        .iter()
        .find(|(method, path, _)| *method == request.method && *path == template)
        .context("the operation has no permission")?;
    ensure!(
        allows(&request.token, needed),
        "the job has {:?} and requires {needed}",
        request.token
    );
    if request.method != "GET" {
        model.bodies.push((index, request.body.clone()));
        model.writes.push((
            request.method.clone(),
            request.path.clone(),
            request.body.clone(),
        ));
    }
    let (status, body) = operate(&request.method, template, &values, request, model)?;
    if !body.is_array() {
        return Ok((status, body, String::new()));
    }
    Ok(page(status, &body, request, address))
}

/// Returns one object of a list and a link to the next one, so that the client follows the links.
fn page(status: u16, body: &Value, request: &Request, address: SocketAddr) -> (u16, Value, String) {
    let page: usize = request
        .query
        .get("page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(1);
    let all = body.as_array().map(Vec::as_slice).unwrap_or_default();
    let link = if page < all.len() {
        let query: Vec<_> = request
            .query
            .iter()
            .filter(|(name, _)| *name != "page")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!(
            "<http://{address}{}?{}&page={}>; rel=\"next\"",
            request.path,
            query.join("&"),
            page + 1
        )
    } else {
        String::new()
    };
    (
        status,
        all.get(page - 1).map_or(json!([]), |one| json!([one])),
        link,
    )
}

/// Returns whether a token, which lists the permissions of its job, includes a permission.
fn allows(token: &str, needed: &str) -> bool {
    let writable = needed.replace(":read", ":write");
    needed.starts_with("metadata:")
        || token
            .split(',')
            .any(|found| found == needed || found == writable)
}

fn operate(
    method: &str,
    template: &str,
    values: &[&str],
    request: &Request,
    model: &mut Model,
) -> Result<(u16, Value)> {
    let first = values.first().copied().unwrap_or_default();
    let missing = (404, json!({ "message": "Not Found" }));
    let found = |value: Option<Value>| value.map_or(missing.clone(), |value| (200, value));
    Ok(match (method, template) {
        ("GET", "/pulls") => {
            let wanted = |name: &str| request.query.get(name).map(String::as_str);
            let open = model.pulls.values().filter(|pull| {
                let head = format!(
                    "{}:{}",
                    pull["head"]["user"]["login"].as_str().unwrap_or_default(),
                    pull["head"]["ref"].as_str().unwrap_or_default()
                );
                Some(head.as_str()) == wanted("head")
                    && pull["state"].as_str() == wanted("state")
                    && pull["base"]["ref"].as_str() == wanted("base")
            });
            (200, open.cloned().collect())
        }
        ("GET", "/pulls/{pull_number}") => found(model.pulls.get(&first.parse()?).cloned()),
        ("GET", "/actions/runs/{run_id}") => found(model.runs.get(&first.parse()?).cloned()),
        ("GET", "/collaborators/{username}/permission") => {
            found(model.roles.get(first).map(|role| {
                let permission = if role == "maintain" { "write" } else { role };
                json!({ "permission": permission, "role_name": role })
            }))
        }
        ("GET", "/environments/{environment_name}") => {
            found(model.environments.get(first).cloned())
        }
        ("GET", "/git/commits/{commit_sha}") => found(
            model
                .trees
                .get(first)
                .map(|tree| json!({ "tree": { "sha": tree } })),
        ),
        ("GET", "/commits/{commit_sha}/pulls") => (
            200,
            json!(model.merged.get(first).cloned().unwrap_or_default()),
        ),
        ("GET", "/issues/{issue_number}/comments") => (200, json!(model.comments)),
        ("POST", "/issues/{issue_number}/comments") => {
            let comment = json!({ "id": model.comments.len() + 1, "user": { "login": BOT }, "body": request.body["body"] });
            model.comments.push(comment.clone());
            (201, comment)
        }
        ("PATCH", "/issues/comments/{comment_id}") => {
            let comment = model
                .comments
                .iter_mut()
                .find(|comment| first.parse::<u64>().is_ok_and(|id| comment["id"] == id))
                .context("comment")?;
            ensure!(
                comment["user"]["login"] == BOT,
                "the comment of another account is edited"
            );
            comment["body"] = request.body["body"].clone();
            (200, comment.clone())
        }
        ("GET", "/deployments") => {
            let same = |found: &Value| {
                ["sha", "task", "environment"].iter().all(|name| {
                    request
                        .query
                        .get(*name)
                        .is_none_or(|value| found[name] == value.as_str())
                })
            };
            (
                200,
                model
                    .deployments
                    .iter()
                    .rev()
                    .filter(|found| same(found))
                    .cloned()
                    .collect(),
            )
        }
        ("POST", "/deployments") => {
            let mut deployment = request.body.clone();
            deployment["id"] = json!(model.deployments.len() + 1);
            deployment["sha"] = request.body["ref"].clone();
            deployment["created_at"] = json!("2026-01-02T03:04:05Z");
            model.deployments.push(deployment.clone());
            (201, deployment)
        }
        ("GET", "/deployments/{deployment_id}/statuses") => {
            let id: u64 = first.parse()?;
            (
                200,
                model
                    .statuses
                    .iter()
                    .rev()
                    .filter(|(of, _)| *of == id)
                    .map(|(_, status)| status.clone())
                    .collect(),
            )
        }
        ("POST", "/deployments/{deployment_id}/statuses") => {
            model.statuses.push((first.parse()?, request.body.clone()));
            (201, request.body.clone())
        }
        ("POST", "/actions/workflows/{workflow_id}/dispatches") => {
            let on = request.body["ref"].as_str().unwrap_or_default();
            // GitHub has no branch with the name of a merge ref.
            ensure!(on == "main", "No ref found for: {on}");
            model
                .dispatches
                .push((first.to_owned(), request.body["inputs"].clone()));
            (204, Value::Null)
        }
        _ => bail!("the operation is not implemented"),
    })
}

#[test]
fn requests_outside_the_description_or_the_permissions_are_refused() -> Result<()> {
    let server = FakeGitHub::start(Model::default())?;
    let send = |head: &str, body: &str| -> Result<String> {
        let mut stream = TcpStream::connect(server.address)?;
        write!(
            stream,
            "{head} HTTP/1.1\r\nAuthorization: Bearer actions:write,deployments:read\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        Ok(response)
    };
    for (head, body, part) in [
        (
            "DELETE /repos/Codertocat/Hello-World/deployments",
            "",
            "does not contain",
        ),
        (
            "GET /repos/Codertocat/Hello-World/deployments?state=all",
            "",
            "no parameter state",
        ),
        (
            "POST /repos/Codertocat/Hello-World/deployments",
            "{\"ref\":\"main\"}",
            "requires deployments:write",
        ),
        (
            "POST /repos/Codertocat/Hello-World/actions/workflows/a.yml/dispatches",
            "{\"ref\":\"refs/pull/12/merge\"}",
            "No ref found",
        ),
    ] {
        let response = send(head, body)?;
        ensure!(
            response.starts_with("HTTP/1.1 403") && response.contains(part),
            "{head}: {response}"
        );
    }
    server.model().refused.clear();
    send(
        "POST /repos/Codertocat/Hello-World/actions/workflows/a.yml/dispatches",
        "{\"ref\":\"main\",\"inputs\":[]}",
    )?;
    let (schemas, bodies) = server.bodies()?;
    let found = violations(&json!({ "prefixItems": schemas }), &json!(bodies))?;
    ensure!(found.contains("$[1].inputs"), "found {found:?}");
    Ok(())
}
