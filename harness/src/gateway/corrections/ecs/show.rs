//! Adds the stored state to API responses: Service, ServiceDeployment, ServiceRevision, and Task.

use serde_json::{Value, json};

use super::super::super::request::Request;
use super::super::super::response::ApiResponse;
use super::script::{Failed, Outcome};
use super::state::{Deployment, Ecs, Service, Stage, cluster_name};
use super::{refuse, short, strings, text};

/// Minimum number of failed tasks that triggers the circuit breaker ("How the Amazon ECS deployment circuit breaker
/// detects failures").
const THRESHOLD: u32 = 3;
const BREAKER: &str = "ECS deployment circuit breaker: tasks failed to start.";

impl Ecs {
    /// Completes a service in the responses to DescribeServices, CreateService, and UpdateService.
    pub(super) fn complete(&self, request: &Request, service: &mut Value) {
        let arn = text(&service["serviceArn"]);
        without_empty_network(service);
        self.with(&request.account, |account| {
            let Some(entry) = account.services.get(&arn) else { return };
            service["availabilityZoneRebalancing"] = json!(entry.rebalancing.as_deref().unwrap_or("DISABLED"));
            let Some(newest) = entry.deployments.last() else { return };
            if let Some(events) = service["events"].as_array_mut() {
                let scripted = entry.events.iter().enumerate().rev();
                let scripted = scripted.map(|(index, (at, message))| {
                    json!({ "id": format!("00000000-0000-4000-8000-{index:012}"), "createdAt": at, "message": message })
                });
                events.splice(0..0, scripted);
            }
            place(entry, service);
            progress(entry, newest, service);
            service["currentServiceRevisions"] = current_revisions(entry, newest, service);
        });
    }

    pub(super) fn list_deployments(&self, request: &Request, body: &Value) -> ApiResponse {
        let (name, cluster) = (text(&body["service"]), text(&body["cluster"]));
        let wanted: Vec<&str> = strings(&body["status"]).collect();
        let listed = self.with(&request.account, |account| {
            let services = account.services.iter();
            let mut named = services.filter(|(arn, entry)| {
                **arn == name
                    || (short(arn) == short(&name)
                        && short(&entry.cluster) == cluster_name(&cluster))
            });
            let (arn, entry) = named.next()?;
            let newest_first = entry.deployments.iter().rev();
            let descriptions = newest_first.map(|deployment| brief(entry, deployment, arn));
            let kept = descriptions.filter(|description| {
                wanted.is_empty()
                    || description["status"]
                        .as_str()
                        .is_some_and(|status| wanted.contains(&status))
            });
            Some(kept.collect::<Vec<_>>())
        });
        match listed {
            Some(deployments) => ApiResponse::json(&json!({ "serviceDeployments": deployments })),
            None => refuse(request, "ServiceNotFoundException", "Service not found."),
        }
    }

    pub(super) fn deployment(&self, account: &str, arn: &str) -> Option<Value> {
        self.with(account, |account| {
            account.services.iter().find_map(|(service, entry)| {
                let deployment = entry
                    .deployments
                    .iter()
                    .find(|deployment| deployment.arn == arn)?;
                Some(full(entry, deployment, service))
            })
        })
    }

    pub(super) fn describe_revisions(&self, request: &Request, body: &Value) -> ApiResponse {
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        for arn in strings(&body["serviceRevisionArns"]) {
            let revision = self.with(&request.account, |account| {
                account.services.iter().find_map(|(service, entry)| {
                    let owner = entry.deployments.iter().find(|deployment| deployment.revision == arn)?;
                    Some(json!({
                        "serviceRevisionArn": arn, "serviceArn": service, "clusterArn": entry.cluster,
                        "taskDefinition": owner.task_definition, "createdAt": owner.created,
                    }))
                })
            });
            match revision {
                Some(revision) => found.push(revision),
                None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
            }
        }
        ApiResponse::json(&json!({ "serviceRevisions": found, "failures": failures }))
    }

    /// Returns the stopped tasks from the scripts for a service.
    pub(super) fn stopped_tasks(&self, request: &Request, body: &Value) -> Vec<Value> {
        let (name, cluster) = (text(&body["serviceName"]), text(&body["cluster"]));
        self.with(&request.account, |account| {
            let services = account.services.iter();
            let named = services.filter(|(arn, entry)| {
                short(&entry.cluster) == cluster_name(&cluster)
                    && (name.is_empty() || short(arn) == short(&name))
            });
            named
                .flat_map(|(arn, entry)| tasks_of(entry, short(arn)))
                .collect()
        })
    }

    /// Returns the requested scripted tasks.
    pub(super) fn tasks(&self, account: &str, requested: &[String]) -> Vec<Value> {
        self.with(account, |account| {
            let all = account
                .services
                .iter()
                .flat_map(|(arn, entry)| tasks_of(entry, short(arn)));
            all.filter(|task| requested.iter().any(|arn| task["taskArn"] == **arn))
                .collect()
        })
    }
}

/// Adds the placement and the deployments, which the emulator does not store.
fn place(entry: &Service, service: &mut Value) {
    // CreateService: "If a platform version isn't specified, the LATEST platform version is used."
    if service["platformVersion"]
        .as_str()
        .is_none_or(str::is_empty)
    {
        service["platformVersion"] = json!("LATEST");
    }
    // UpdateService: an empty strategy restores the launch type.
    let strategy = service["capacityProviderStrategy"].as_array();
    let by_provider = strategy.is_some_and(|items| !items.is_empty());
    if let (Some(launch_type), false) = (&entry.launch_type, by_provider) {
        service["launchType"] = json!(launch_type);
    }
    let deployments = service["deployments"].as_array_mut().into_iter().flatten();
    for description in deployments {
        let known = entry
            .deployments
            .iter()
            .find(|own| description["id"] == own.id.as_str());
        let Some(own) = known else { continue };
        description["platformVersion"] = json!(own.platform);
        if own.connect.is_object() {
            description["serviceConnectConfiguration"] = own.connect.clone();
        }
    }
}

/// Returns the ServiceCurrentRevisionSummary for the running revision.
fn current_revisions(entry: &Service, newest: &Deployment, service: &Value) -> Value {
    let source = newest
        .source
        .and_then(|source| entry.deployments.get(source));
    let running = &service["runningCount"];
    let description = |deployment: &Deployment, running: Value| {
        json!({ "arn": deployment.revision, "requestedTaskCount": service["desiredCount"],
            "runningTaskCount": running, "pendingTaskCount": 0 })
    };
    match (newest.stage(), source) {
        (Stage::Successful, _) | (_, None) => json!([description(newest, running.clone())]),
        (Stage::InProgress, Some(source)) => {
            json!([
                description(newest, json!(0)),
                description(source, running.clone())
            ])
        }
        (_, Some(source)) => json!([description(source, running.clone())]),
    }
}

/// Adds a rollout that is in progress or rolling back to the deployments of a service.
fn progress(entry: &Service, newest: &Deployment, service: &mut Value) {
    let stage = newest.stage();
    if stage == Stage::InProgress {
        service["currentServiceDeployment"] = json!(newest.arn);
    }
    let Some(deployments) = service["deployments"].as_array_mut() else {
        return;
    };
    if (stage == Stage::InProgress || stage == Stage::RollbackFailed)
        && let Some(own) = deployments
            .iter_mut()
            .find(|deployment| deployment["id"] == newest.id.as_str())
    {
        let failed = stage == Stage::RollbackFailed;
        own["rolloutState"] = json!(if failed { "FAILED" } else { "IN_PROGRESS" });
        let going = format!("ECS deployment {} in progress.", newest.id);
        own["rolloutStateReason"] = json!(if failed { BREAKER.to_owned() } else { going });
        own["failedTasks"] = json!(if failed { THRESHOLD } else { 0 });
        if failed || !matches!(newest.outcome, Outcome::Succeeds) {
            own["runningCount"] = json!(0);
        }
    }
    if stage == Stage::RollbackInProgress {
        // On AWS, tasks from the old deployment continue to run while tasks from the new deployment stop.
        let mut failed = deployments.first().cloned().unwrap_or_else(|| json!({}));
        failed["id"] = json!(newest.id);
        failed["status"] = json!("ACTIVE");
        failed["taskDefinition"] = json!(newest.task_definition);
        failed["rolloutState"] = json!("FAILED");
        failed["rolloutStateReason"] = json!(BREAKER);
        failed["failedTasks"] = json!(THRESHOLD);
        failed["runningCount"] = json!(0);
        deployments.retain(|deployment| deployment["id"] != newest.id.as_str());
        deployments.push(failed);
    } else if let Some(source) = newest.source.filter(|_| stage == Stage::RollbackSuccessful) {
        let back = &entry.deployments[source].id;
        deployments.retain(|deployment| deployment["id"] == back.as_str());
    }
}

/// Returns a ServiceDeploymentBrief.
fn brief(entry: &Service, deployment: &Deployment, service: &str) -> Value {
    let stage = deployment.stage();
    let mut description = json!({
        "serviceDeploymentArn": deployment.arn, "serviceArn": service, "clusterArn": entry.cluster,
        "createdAt": deployment.created, "startedAt": deployment.created,
        "targetServiceRevisionArn": deployment.revision, "status": stage.status(),
    });
    if stage.ended() {
        description["finishedAt"] = json!(deployment.created + 1);
    }
    description
}

/// Returns a ServiceDeployment.
fn full(entry: &Service, deployment: &Deployment, service: &str) -> Value {
    let stage = deployment.stage();
    let source = deployment
        .source
        .and_then(|source| entry.deployments.get(source));
    let mut description = brief(entry, deployment, service);
    if let Some(object) = description.as_object_mut() {
        object.shift_remove("targetServiceRevisionArn");
    }
    description["updatedAt"] = json!(deployment.created);
    description["targetServiceRevision"] = json!({ "arn": deployment.revision });
    description["sourceServiceRevisions"] =
        source.map_or_else(|| json!([]), |source| json!([{ "arn": source.revision }]));
    let breaker = match stage {
        Stage::InProgress => "MONITORING",
        Stage::Successful => "MONITORING_COMPLETE",
        _ => "TRIGGERED",
    };
    let failures = if breaker == "TRIGGERED" { THRESHOLD } else { 0 };
    description["deploymentCircuitBreaker"] =
        json!({ "status": breaker, "failureCount": failures, "threshold": THRESHOLD });
    if let (Outcome::Fails(Failed { reason, .. }), true) =
        (&deployment.outcome, breaker == "TRIGGERED")
    {
        description["statusReason"] = json!(reason);
        if let Some(source) = source {
            description["rollback"] = json!({ "reason": reason, "startedAt": deployment.created, "serviceRevisionArn": source.revision });
        }
    }
    description
}

fn tasks_of(entry: &Service, name: &str) -> Vec<Value> {
    let failed = entry
        .deployments
        .iter()
        .filter_map(|deployment| match &deployment.outcome {
            Outcome::Fails(failed) if deployment.stage() != Stage::InProgress => {
                Some((deployment, failed))
            }
            _ => None,
        });
    failed
        .flat_map(|(deployment, failed)| {
            failed.tasks.iter().enumerate().map(move |(index, task)| {
                let prefix = entry.cluster.replacen(":cluster/", ":task/", 1);
                let arn = format!("{prefix}/{}{index:04}", short(&deployment.id));
                task.json(
                    &arn,
                    &entry.cluster,
                    &deployment.task_definition,
                    &deployment.id,
                    name,
                )
            })
        })
        .collect()
}

impl Stage {
    fn status(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    fn ended(self) -> bool {
        !matches!(self, Self::InProgress | Self::RollbackInProgress)
    }
}

/// A service whose tasks do not use the `awsvpc` network mode has no network configuration (data type Service).
fn without_empty_network(service: &mut Value) {
    let is_empty = |of: &Value| of["networkConfiguration"]["awsvpcConfiguration"].is_null();
    let deployments = service["deployments"].as_array_mut().into_iter().flatten();
    for deployment in deployments.filter(|deployment| is_empty(deployment)) {
        remove_network(deployment);
    }
    if is_empty(service) {
        remove_network(service);
    }
}

fn remove_network(of: &mut Value) {
    if let Some(of) = of.as_object_mut() {
        of.shift_remove("networkConfiguration");
    }
}
