//! CodeBuild: projects by name and by ARN, and source credentials. No build runs.
//!
//! Follows the CodeBuild API Reference, pages CreateProject, UpdateProject, BatchGetProjects, DeleteProject,
//! ImportSourceCredentials, ListSourceCredentials, and DeleteSourceCredentials, and the CodeBuild User Guide, page
//! "Allow CodeBuild to interact with other AWS services" for the service role.

use serde_json::{Value, json};

use super::super::request::Request;
use super::stored::Stored;
use super::{Backend, Failure, Outcome, now, refuse, text, texts, trust, undefined};

/// Members of a project that CreateProject and UpdateProject set.
const MEMBERS: [&str; 19] = [
    "artifacts",
    "badgeEnabled",
    "buildBatchConfig",
    "cache",
    "concurrentBuildLimit",
    "description",
    "encryptionKey",
    "environment",
    "fileSystemLocations",
    "logsConfig",
    "queuedTimeoutInMinutes",
    "secondaryArtifacts",
    "secondarySources",
    "serviceRole",
    "source",
    "sourceVersion",
    "tags",
    "timeoutInMinutes",
    "vpcConfig",
];

/// Objects of the service.
#[derive(Default)]
pub(super) struct CodeBuild {
    /// Projects by name.
    projects: Stored,
    /// Source credentials by ARN.
    credentials: Stored,
}

impl CodeBuild {
    pub(super) async fn respond(&self, request: &Request, backend: &Backend<'_>) -> Outcome {
        let body = request.json();
        match request.action.as_str() {
            "CreateProject" => self.create(request, &body, backend).await,
            "UpdateProject" => self.update(request, &body, backend).await,
            "BatchGetProjects" => Ok(self.get(request, &body)),
            "ListProjects" => {
                let names = self.projects.all(request);
                let names: Vec<_> = names.iter().map(|one| one["name"].clone()).collect();
                Ok(json!({ "projects": names }))
            }
            "DeleteProject" => {
                // The call succeeds if the project does not exist.
                self.projects.remove(request, named(text(&body, "name")));
                Ok(json!({}))
            }
            "ImportSourceCredentials" => self.import(request, &body, backend).await,
            "ListSourceCredentials" => {
                Ok(json!({ "sourceCredentialsInfos": self.credentials.all(request) }))
            }
            "DeleteSourceCredentials" => {
                let arn = text(&body, "arn");
                match self.credentials.remove(request, arn) {
                    Some(_) => Ok(json!({ "arn": arn })),
                    None => refuse("ResourceNotFoundException", format!("{arn} not found")),
                }
            }
            _ => undefined(request),
        }
    }

    async fn create(&self, request: &Request, body: &Value, backend: &Backend<'_>) -> Outcome {
        let name = text(body, "name");
        if self.projects.get(request, name).is_some() {
            let message = format!("Project already exists: {}", arn(request, name));
            return refuse("ResourceAlreadyExistsException", message);
        }
        let (region, account) = (request.region(), &request.account);
        // Defaults of CreateProject: 60 minutes, 480 minutes, no cache, and the AWS managed key for S3.
        let mut project = json!({
            "name": name,
            "arn": arn(request, name),
            "description": "",
            "timeoutInMinutes": 60,
            "queuedTimeoutInMinutes": 480,
            "cache": { "type": "NO_CACHE" },
            "encryptionKey": format!("arn:aws:kms:{region}:{account}:alias/aws/s3"),
            "projectVisibility": "PRIVATE",
            "badge": { "badgeEnabled": false },
            "tags": [],
            "created": now(),
        });
        set(&mut project, body);
        check(request, &project, backend).await?;
        self.projects.insert(request, name, project.clone());
        Ok(json!({ "project": project }))
    }

    async fn update(&self, request: &Request, body: &Value, backend: &Backend<'_>) -> Outcome {
        let name = named(text(body, "name"));
        let Some(mut project) = self.projects.get(request, name) else {
            let message = format!("Project cannot be found: {}", arn(request, name));
            return refuse("ResourceNotFoundException", message);
        };
        set(&mut project, body);
        check(request, &project, backend).await?;
        self.projects.insert(request, name, project.clone());
        Ok(json!({ "project": project }))
    }

    /// BatchGetProjects: "The names or ARNs of the build projects".
    fn get(&self, request: &Request, body: &Value) -> Value {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for name in texts(body, "names") {
            match self.projects.get(request, named(name)) {
                Some(project) => found.push(project),
                None => missing.push(name),
            }
        }
        json!({ "projects": found, "projectsNotFound": missing })
    }

    /// ImportSourceCredentials: an account has one credential per server type. A secret must exist.
    async fn import(&self, request: &Request, body: &Value, backend: &Backend<'_>) -> Outcome {
        let (server, auth) = (text(body, "serverType"), text(body, "authType"));
        let (region, account) = (request.region(), &request.account);
        let arn = format!(
            "arn:aws:codebuild:{region}:{account}:token/{}",
            server.to_lowercase().replace('_', "-")
        );
        let replaces = body["shouldOverwrite"] != false;
        if self.credentials.get(request, &arn).is_some() && !replaces {
            let message = format!("Access token with server type {server} already exists");
            return refuse("ResourceAlreadyExistsException", message);
        }
        let mut credential = json!({ "arn": arn, "serverType": server, "authType": auth });
        if auth == "SECRETS_MANAGER" {
            let secret = text(body, "token");
            let target = "secretsmanager.GetSecretValue";
            let call =
                request.for_service("secretsmanager", target, &json!({ "SecretId": secret }));
            if !backend.send(&call).await?.status.is_success() {
                return invalid(format!(
                    "The secret {secret} does not exist or has no value"
                ));
            }
            credential["resource"] = secret.into();
        }
        self.credentials.insert(request, &arn, credential);
        Ok(json!({ "arn": arn }))
    }
}

/// Copies the members that a call specifies, with their defaults.
fn set(project: &mut Value, body: &Value) {
    for name in MEMBERS.iter().filter(|name| !body[**name].is_null()) {
        project[*name] = body[*name].clone();
    }
    let environment = &mut project["environment"];
    for (name, default) in [
        ("imagePullCredentialsType", json!("CODEBUILD")),
        ("privilegedMode", json!(false)),
        ("environmentVariables", json!([])),
    ] {
        if environment[name].is_null() {
            environment[name] = default;
        }
    }
    project["lastModified"] = now();
}

/// CreateProject: CodeBuild must be able to assume the service role, and a project whose source is CODEPIPELINE has
/// CODEPIPELINE artifacts.
async fn check(request: &Request, project: &Value, backend: &Backend<'_>) -> Result<(), Failure> {
    let (source, artifacts) = (&project["source"]["type"], &project["artifacts"]["type"]);
    if (source == "CODEPIPELINE") != (artifacts == "CODEPIPELINE") {
        return invalid(format!(
            "Invalid artifacts: artifact type {artifacts} must be CODEPIPELINE if and only if the source type is"
        ));
    }
    let role = text(project, "serviceRole");
    if !trust::is_assumable(request, role, "codebuild.amazonaws.com", backend).await? {
        return invalid(format!(
            "CodeBuild is not authorized to perform: sts:AssumeRole on service role. Role: {role}"
        ));
    }
    let group = text(&project["logsConfig"]["cloudWatchLogs"], "status");
    if !["", "ENABLED", "DISABLED"].contains(&group) {
        return invalid(format!("Invalid logs configuration: status {group}"));
    }
    Ok(())
}

fn invalid<T>(message: impl Into<String>) -> Result<T, Failure> {
    refuse("InvalidInputException", message)
}

fn arn(request: &Request, name: &str) -> String {
    let (region, account) = (request.region(), &request.account);
    format!("arn:aws:codebuild:{region}:{account}:project/{name}")
}

/// Returns the name of a project that a name or an ARN identifies.
fn named(identifier: &str) -> &str {
    match identifier.split_once(":project/") {
        Some((_, name)) => name,
        None => identifier,
    }
}
