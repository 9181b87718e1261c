//! Elastic Container Service: service deployments, draining, client tokens, task definition validation, and placement.
//!
//! Follows the API Reference, pages CreateService, UpdateService, DeleteService, DescribeServices,
//! ListServiceDeployments, DescribeServiceDeployments, DescribeServiceRevisions, ListTasks, and DescribeTasks, and the
//! data types Service, Deployment, ServiceDeployment, and Task. Must not depend on another service.

mod capacity;
mod placement;
pub(crate) mod script;
mod show;
mod state;

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};

pub use script::StoppedTask;
pub(crate) use state::Ecs;

type Responded = Result<ApiResponse, UpstreamError>;

/// UpdateService fields that start a deployment on AWS, but not in the emulator.
const TRIGGERS: [&str; 4] = [
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceConnectConfiguration",
];

impl Ecs {
    pub(crate) async fn respond(&self, request: &Request, upstream: &Upstream) -> Responded {
        let body = request.json();
        match request.action.as_str() {
            "CreateService" => self.create(request, &body, upstream).await,
            "UpdateService" => self.update(request, body, upstream).await,
            "DeleteService" => self.delete(request, upstream).await,
            "DescribeServices" => self.describe(request, upstream).await,
            "ListServiceDeployments" => Ok(self.list_deployments(request, &body)),
            "DescribeServiceDeployments" => {
                self.describe_deployments(request, &body, upstream).await
            }
            "DescribeServiceRevisions" => self.revisions(request, &body, upstream).await,
            "ListTasks" => self.list_tasks(request, &body, upstream).await,
            "DescribeTasks" => self.describe_tasks(request, body, upstream).await,
            "CreateCapacityProvider" | "DeleteCapacityProvider" | "PutClusterCapacityProviders" => {
                capacity::respond(request, &body, upstream).await
            }
            _ => upstream.forward(request).await,
        }
    }

    /// CreateService: the same `clientToken` returns the same service. The name of a draining service is not available.
    async fn create(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let token = body["clientToken"].as_str().unwrap_or_default();
        if let Some((cluster, service)) = self.of_token(&request.account, token) {
            let parameters = json!({ "cluster": cluster, "services": [service] });
            let described = upstream
                .forward(&request.follow_up("DescribeServices", &parameters))
                .await?
                .value();
            if described["services"][0]["status"] == "ACTIVE" {
                let mut service = described["services"][0].clone();
                self.complete(request, &mut service);
                return Ok(ApiResponse::json(&json!({ "service": service })));
            }
        }
        if self.is_draining(request, body) {
            let message = "Unable to Start a service that is still Draining.";
            return Ok(refuse(request, "InvalidParameterException", message));
        }
        if let Some(refused) = missing_definition(request, body, upstream).await? {
            return Ok(refused);
        }
        if let Some(refused) = bad_rebalancing(request, body, &Value::Null) {
            return Ok(refused);
        }
        if let Some(refused) = placement::refused(request, body, &Value::Null, upstream).await? {
            return Ok(refused);
        }
        let body = with_namespace(request, body.clone(), upstream).await?;
        let response = upstream.forward(request).await?;
        Ok(self.changed(request, &body, response))
    }

    /// UpdateService: requires an active service and an existing task definition. Starts a deployment in the same cases
    /// as AWS.
    async fn update(&self, request: &Request, mut body: Value, upstream: &Upstream) -> Responded {
        let parameters = json!({ "cluster": body["cluster"], "services": [body["service"]] });
        let prior = upstream
            .forward(&request.follow_up("DescribeServices", &parameters))
            .await?
            .value();
        let prior = &prior["services"][0];
        if prior["status"]
            .as_str()
            .is_some_and(|status| status != "ACTIVE")
        {
            return Ok(refuse(
                request,
                "ServiceNotActiveException",
                "Service was not ACTIVE.",
            ));
        }
        if let Some(refused) = missing_definition(request, &body, upstream).await? {
            return Ok(refused);
        }
        if let Some(refused) = bad_rebalancing(request, &body, prior) {
            return Ok(refused);
        }
        if let Some(refused) = placement::refused(request, &body, prior, upstream).await? {
            return Ok(refused);
        }
        body = with_namespace(request, body, upstream).await?;
        if TRIGGERS
            .iter()
            .any(|field| !body[field].is_null() && body[field] != prior[field])
        {
            body["forceNewDeployment"] = Value::Bool(true);
        }
        let response = upstream
            .forward(&request.follow_up("UpdateService", &body))
            .await?;
        Ok(self.changed(request, &body, response))
    }

    /// Records the deployment and completes the response.
    fn changed(&self, request: &Request, body: &Value, response: ApiResponse) -> ApiResponse {
        let mut value = response.value();
        if !response.status.is_success() || !value["service"].is_object() {
            return response;
        }
        self.record(request, body, &value["service"]);
        self.complete(request, &mut value["service"]);
        response.with_body(value.to_string())
    }

    /// DescribeServiceRevisions: returns the images for each deployment, with the digests that their tags resolve to.
    async fn revisions(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let response = self.describe_revisions(request, body);
        let mut value = response.value();
        let arns = value["serviceRevisions"].as_array().into_iter().flatten();
        let arns: Value = arns
            .map(|revision| revision["taskDefinition"].clone())
            .collect();
        let definitions = placement::definitions(request, &arns, upstream).await?;
        let revisions = value["serviceRevisions"].as_array_mut();
        for (revision, definition) in revisions.into_iter().flatten().zip(definitions) {
            revision["containerImages"] = placement::container_images(&definition);
        }
        Ok(response.with_body(value.to_string()))
    }

    /// DeleteService: the service drains before it becomes inactive.
    async fn delete(&self, request: &Request, upstream: &Upstream) -> Responded {
        let response = upstream.forward(request).await?;
        let mut value = response.value();
        if !response.status.is_success() || !value["service"].is_object() {
            return Ok(response);
        }
        self.drain(request, &value["service"]);
        value["service"]["status"] = json!("DRAINING");
        Ok(response.with_body(value.to_string()))
    }

    async fn describe(&self, request: &Request, upstream: &Upstream) -> Responded {
        let mut response = upstream.forward(request).await?;
        let mut value = response.value();
        let arns: Vec<String> = services(&mut value)
            .map(|service| text(&service["serviceArn"]))
            .collect();
        let mut rolled_back = false;
        for arn in &arns {
            rolled_back |= self.step(request, arn, upstream, false).await?;
        }
        if rolled_back {
            response = upstream.forward(request).await?;
            value = response.value();
        }
        for service in services(&mut value) {
            self.complete(request, service);
            self.drained(request, service);
        }
        Ok(response.with_body(value.to_string()))
    }

    async fn describe_deployments(
        &self,
        request: &Request,
        body: &Value,
        upstream: &Upstream,
    ) -> Responded {
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        for arn in strings(&body["serviceDeploymentArns"]) {
            match self.service_of_deployment(&request.account, arn) {
                Some(service) => {
                    self.step(request, &service, upstream, true).await?;
                    found.extend(self.deployment(&request.account, arn));
                }
                None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
            }
        }
        Ok(ApiResponse::json(
            &json!({ "serviceDeployments": found, "failures": failures }),
        ))
    }

    /// Advances a rollout by one poll. Returns `true` if the poll rolled the service back.
    async fn step(
        &self,
        request: &Request,
        service: &str,
        upstream: &Upstream,
        deployments: bool,
    ) -> Result<bool, UpstreamError> {
        let Some(back) = self.count_poll(&request.account, service, deployments) else {
            return Ok(false);
        };
        let body = json!({ "cluster": back.cluster, "service": service, "taskDefinition": back.task_definition });
        let response = upstream
            .forward(&request.follow_up("UpdateService", &body))
            .await?
            .value();
        self.rolled_back(&request.account, service, &response["service"]);
        Ok(true)
    }

    /// ListTasks: returns the stopped tasks from a scripted rollout first.
    async fn list_tasks(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let response = upstream.forward(request).await?;
        let mut value = response.value();
        if body["desiredStatus"] != "STOPPED" || !response.status.is_success() {
            return Ok(response);
        }
        let mut arns: Vec<Value> = self
            .stopped_tasks(request, body)
            .iter()
            .map(|task| task["taskArn"].clone())
            .collect();
        arns.extend(value["taskArns"].as_array().cloned().unwrap_or_default());
        value["taskArns"] = Value::Array(arns);
        Ok(response.with_body(value.to_string()))
    }

    /// DescribeTasks: returns scripted tasks. The emulator returns all other tasks.
    async fn describe_tasks(
        &self,
        request: &Request,
        mut body: Value,
        upstream: &Upstream,
    ) -> Responded {
        let requested: Vec<String> = strings(&body["tasks"]).map(str::to_owned).collect();
        let scripted = self.tasks(&request.account, &requested);
        let known = |arn: &String| scripted.iter().any(|task| task["taskArn"] == **arn);
        let others: Vec<&String> = requested.iter().filter(|arn| !known(arn)).collect();
        if scripted.is_empty() {
            return upstream.forward(request).await;
        }
        if others.is_empty() {
            return Ok(ApiResponse::json(
                &json!({ "tasks": scripted, "failures": [] }),
            ));
        }
        body["tasks"] = json!(others);
        let response = upstream
            .forward(&request.follow_up("DescribeTasks", &body))
            .await?;
        let mut value = response.value();
        if let Some(tasks) = value["tasks"].as_array_mut() {
            tasks.splice(0..0, scripted);
        }
        Ok(response.with_body(value.to_string()))
    }
}

/// Adds the default namespace of the cluster to a Service Connect configuration without a namespace.
async fn with_namespace(
    request: &Request,
    mut body: Value,
    upstream: &Upstream,
) -> Result<Value, UpstreamError> {
    if body["serviceConnectConfiguration"]["enabled"] == true {
        let namespace = placement::namespace(request, &body, upstream).await?;
        body["serviceConnectConfiguration"]["namespace"] = namespace;
    }
    Ok(body)
}

/// Returns the error for a task definition that does not exist or is inactive.
async fn missing_definition(
    request: &Request,
    body: &Value,
    upstream: &Upstream,
) -> Result<Option<ApiResponse>, UpstreamError> {
    let Some(name) = body["taskDefinition"].as_str() else {
        return Ok(None);
    };
    let parameters = json!({ "taskDefinition": name });
    let response = upstream
        .forward(&request.follow_up("DescribeTaskDefinition", &parameters))
        .await?;
    if !response.status.is_success() {
        return Ok(Some(refuse(
            request,
            "ClientException",
            "TaskDefinition not found.",
        )));
    }
    let inactive = response.value()["taskDefinition"]["status"] != "ACTIVE";
    Ok(inactive.then(|| refuse(request, "ClientException", "TaskDefinition is inactive")))
}

/// Rebalancing starts a task in the other zone before it stops one, so the service must allow an additional task.
fn bad_rebalancing(request: &Request, body: &Value, prior: &Value) -> Option<ApiResponse> {
    let value = body["availabilityZoneRebalancing"].as_str()?;
    let maximum = [body, prior]
        .into_iter()
        .find_map(|service| service["deploymentConfiguration"]["maximumPercent"].as_i64());
    let message = match value {
        "ENABLED" if maximum.is_some_and(|percent| percent <= 100) => {
            "availabilityZoneRebalancing needs a maximumPercent greater than 100."
        }
        "ENABLED" | "DISABLED" => return None,
        _ => "availabilityZoneRebalancing must be ENABLED or DISABLED.",
    };
    Some(refuse(request, "InvalidParameterException", message))
}

fn services(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value["services"].as_array_mut().into_iter().flatten()
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Returns the last part of a name or ARN.
fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn refuse(request: &Request, code: &str, message: &str) -> ApiResponse {
    ApiResponse::error(request, StatusCode::BAD_REQUEST, code, message)
}
