//! Implementation of the AWS interface with the SDK. This module converts types and handles pagination. It contains no
//! business logic.

mod log_configuration;
mod logs;
mod observed;
pub mod overrides;
mod service;
mod tags;
mod task_definition;

use aws_sdk_ecs::config::retry::RetryConfig;
use aws_sdk_ecs::types::{
    DesiredStatus, ServiceField, SortOrder, TaskDefinitionField, TaskDefinitionStatus,
};

use self::tags::{from_tags, to_tags};
use super::api::{
    Answer, Cluster, CreateService, EcsApi, ListedDeployment, LogGroup, Revision, Service,
    ServiceDeployment, ServiceRevision, StoppedTask, Tags, TargetGroup, TargetHealth,
    UpdateService,
};
use super::definition::{TaskDefinition, hex};
use crate::aws::{AwsError, AwsErrorKind, Clients};
use crate::pki::{Entropy, SystemEntropy};
use logs::Logs;

/// Maximum number of services in a `DescribeServices` call.
const SERVICES_PER_CALL: usize = 10;
/// Maximum number of ARNs in a `ListTaskDefinitions` response.
const REVISIONS_PER_PAGE: usize = 100;
/// Maximum number of revisions in a `DescribeServiceRevisions` call.
const REVISIONS_PER_CALL: usize = 20;
/// Maximum number of tasks in a `DescribeTasks` call.
const TASKS_PER_CALL: usize = 100;

/// Clients for ECS, Elastic Load Balancing v2, and CloudWatch Logs.
#[derive(Clone)]
pub struct Aws {
    ecs: aws_sdk_ecs::Client,
    elbv2: aws_sdk_elasticloadbalancingv2::Client,
    logs: Logs,
}

impl Aws {
    /// Creates the interface from the provider clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            ecs: clients.ecs.clone(),
            elbv2: clients.elbv2.clone(),
            logs: Logs {
                client: clients.logs.clone(),
                region: clients.region.clone(),
            },
        }
    }
}

/// Returns the configuration for a call without SDK retries. If the response was lost, a retry would register a second
/// revision or start a second deployment, because RegisterTaskDefinition and UpdateService have no idempotency token.
/// Source: API reference of both actions.
fn once() -> aws_sdk_ecs::config::Builder {
    aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled())
}

/// Converts an SDK error to an [`AwsError`] that includes the action.
macro_rules! called {
    ($action:literal, $answer:expr) => {
        $answer.map_err(|error| AwsError::new($action, &error))
    };
}

impl EcsApi for Aws {
    async fn cluster(&self, cluster: &str) -> Answer<Option<Cluster>> {
        let answer = called!(
            "ecs:DescribeClusters",
            self.ecs.describe_clusters().clusters(cluster).send().await
        )?;
        let found = answer.clusters.unwrap_or_default().into_iter().next();
        Ok(found.map(|found| Cluster {
            arn: found.cluster_arn.unwrap_or_default(),
            status: found.status.unwrap_or_default(),
            capacity_providers: found.capacity_providers.unwrap_or_default(),
        }))
    }

    async fn register(&self, definition: &TaskDefinition, tags: &Tags) -> Answer<String> {
        let request = task_definition::register(self.ecs.register_task_definition(), definition)
            .map_err(|error| incomplete("ecs:RegisterTaskDefinition", &error.to_string()))?;
        let request = request.set_tags(Some(to_tags(tags))).customize();
        let answer = request.config_override(once()).send().await;
        let answer = called!("ecs:RegisterTaskDefinition", answer)?;
        let arn = answer
            .task_definition
            .and_then(|definition| definition.task_definition_arn);
        arn.ok_or_else(|| incomplete("ecs:RegisterTaskDefinition", "no ARN"))
    }

    async fn revision(&self, id: &str) -> Answer<Option<Revision>> {
        let request = self
            .ecs
            .describe_task_definition()
            .task_definition(id)
            .include(TaskDefinitionField::Tags);
        let answer = called!("ecs:DescribeTaskDefinition", request.send().await);
        let answer = match answer {
            Err(error) if error.message.contains("Unable to describe task definition") => {
                return Ok(None);
            }
            other => other?,
        };
        let tags = from_tags(answer.tags.as_deref().unwrap_or_default());
        Ok(answer.task_definition.map(|found| Revision {
            arn: found.task_definition_arn.clone().unwrap_or_default(),
            definition: task_definition::canonical(&found),
            active: is_active(found.status.as_ref()),
            tags,
        }))
    }

    async fn active_revisions(&self, family: &str, newest: Option<usize>) -> Answer<Vec<String>> {
        let request = self.ecs.list_task_definitions().family_prefix(family);
        let request = request
            .status(TaskDefinitionStatus::Active)
            .sort(SortOrder::Desc);
        let page = newest.map_or(REVISIONS_PER_PAGE, |newest| newest.min(REVISIONS_PER_PAGE));
        let pages = request.into_paginator().page_size(number(page));
        let mut items = pages.items().send();
        let mut all = Vec::new();
        while newest.is_none_or(|newest| all.len() < newest)
            && let Some(item) = items.next().await
        {
            all.push(called!("ecs:ListTaskDefinitions", item)?);
        }
        Ok(all)
    }

    async fn deregister(&self, arn: &str) -> Answer<()> {
        let answer = self
            .ecs
            .deregister_task_definition()
            .task_definition(arn)
            .send()
            .await;
        match called!("ecs:DeregisterTaskDefinition", answer) {
            Err(error)
                if error.message.contains("does not exist")
                    || error.message.contains("inactive") =>
            {
                Ok(())
            }
            other => other.map(drop),
        }
    }

    fn client_token(&self) -> Answer<String> {
        let mut octets = [0; 16];
        let drawn = SystemEntropy.fill(&mut octets);
        drawn.map_err(|error| AwsError {
            action: "ecs:CreateService",
            kind: AwsErrorKind::Service,
            code: None,
            message: error.to_string(),
        })?;
        Ok(hex(&octets))
    }

    async fn create_service(&self, request: &CreateService) -> Answer<Service> {
        let tags = to_tags(&request.tags);
        let call = service::create(self.ecs.create_service(), request).set_tags(Some(tags));
        let answer = called!("ecs:CreateService", call.send().await)?;
        let created = answer
            .service
            .ok_or_else(|| incomplete("ecs:CreateService", "no service"))?;
        Ok(observed::service(&created))
    }

    async fn update_service(&self, request: &UpdateService) -> Answer<Service> {
        let mut call = service::update(self.ecs.update_service(), request).customize();
        if request.starts_deployment() {
            call = call.config_override(once());
        }
        let answer = called!("ecs:UpdateService", call.send().await)?;
        let updated = answer
            .service
            .ok_or_else(|| incomplete("ecs:UpdateService", "no service"))?;
        Ok(observed::service(&updated))
    }

    async fn delete_service(&self, cluster: &str, service: &str) -> Answer<()> {
        let request = self
            .ecs
            .delete_service()
            .cluster(cluster)
            .service(service)
            .force(true);
        called!("ecs:DeleteService", request.send().await).map(drop)
    }

    async fn services(&self, cluster: &str, names: &[String]) -> Answer<Vec<Service>> {
        let mut all = Vec::with_capacity(names.len());
        for some in names.chunks(SERVICES_PER_CALL) {
            let request = self
                .ecs
                .describe_services()
                .cluster(cluster)
                .set_services(Some(some.to_vec()));
            let answer = called!(
                "ecs:DescribeServices",
                request.include(ServiceField::Tags).send().await
            )?;
            all.extend(
                answer
                    .services
                    .unwrap_or_default()
                    .iter()
                    .map(observed::service),
            );
        }
        Ok(all)
    }

    async fn service_arns(&self, cluster: &str) -> Answer<Vec<String>> {
        let request = self.ecs.list_services().cluster(cluster);
        called!(
            "ecs:ListServices",
            request.into_paginator().items().send().try_collect().await
        )
    }

    async fn retag(&self, arn: &str, set: &Tags, remove: &[String]) -> Answer<()> {
        if !set.is_empty() {
            let request = self
                .ecs
                .tag_resource()
                .resource_arn(arn)
                .set_tags(Some(to_tags(set)));
            called!("ecs:TagResource", request.send().await)?;
        }
        if !remove.is_empty() {
            let request = self
                .ecs
                .untag_resource()
                .resource_arn(arn)
                .set_tag_keys(Some(remove.to_vec()));
            called!("ecs:UntagResource", request.send().await)?;
        }
        Ok(())
    }

    async fn service_deployments(
        &self,
        cluster: &str,
        service: &str,
    ) -> Answer<Vec<ListedDeployment>> {
        let request = self
            .ecs
            .list_service_deployments()
            .cluster(cluster)
            .service(service);
        let answer = called!("ecs:ListServiceDeployments", request.send().await)?;
        let all = answer.service_deployments.unwrap_or_default();
        let mut all: Vec<ListedDeployment> = all.iter().map(observed::listed_deployment).collect();
        all.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
        Ok(all)
    }

    async fn service_deployment(&self, arn: &str) -> Answer<Option<ServiceDeployment>> {
        let request = self
            .ecs
            .describe_service_deployments()
            .service_deployment_arns(arn);
        let answer = called!("ecs:DescribeServiceDeployments", request.send().await)?;
        let found = answer.service_deployments.unwrap_or_default();
        Ok(found.first().map(observed::service_deployment))
    }

    async fn service_revisions(&self, arns: &[String]) -> Answer<Vec<ServiceRevision>> {
        let mut all = Vec::with_capacity(arns.len());
        for some in arns.chunks(REVISIONS_PER_CALL) {
            let request = self.ecs.describe_service_revisions();
            let request = request.set_service_revision_arns(Some(some.to_vec()));
            let answer = called!("ecs:DescribeServiceRevisions", request.send().await)?;
            let found = answer.service_revisions.unwrap_or_default();
            all.extend(found.iter().map(observed::service_revision));
        }
        Ok(all)
    }

    async fn stopped_tasks(&self, cluster: &str, service: &str) -> Answer<Vec<StoppedTask>> {
        let request = self.ecs.list_tasks().cluster(cluster).service_name(service);
        let request = request
            .desired_status(DesiredStatus::Stopped)
            .max_results(100);
        let arns = called!("ecs:ListTasks", request.send().await)?
            .task_arns
            .unwrap_or_default();
        let mut all = Vec::with_capacity(arns.len());
        for some in arns.chunks(TASKS_PER_CALL) {
            let request = self
                .ecs
                .describe_tasks()
                .cluster(cluster)
                .set_tasks(Some(some.to_vec()));
            let answer = called!("ecs:DescribeTasks", request.send().await)?;
            all.extend(
                answer
                    .tasks
                    .unwrap_or_default()
                    .iter()
                    .map(observed::stopped_task),
            );
        }
        Ok(all)
    }

    async fn target_groups(&self, arns: &[String]) -> Answer<Vec<TargetGroup>> {
        let mut all = Vec::with_capacity(arns.len());
        for arn in arns {
            // One call per ARN, because a single unknown ARN fails the whole call.
            let request = self.elbv2.describe_target_groups().target_group_arns(arn);
            match called!(
                "elasticloadbalancing:DescribeTargetGroups",
                request.send().await
            ) {
                Err(error)
                    if error.is("TargetGroupNotFound")
                        || error.is("TargetGroupNotFoundException") => {}
                other => all.extend(
                    other?
                        .target_groups
                        .unwrap_or_default()
                        .iter()
                        .map(observed::target_group),
                ),
            }
        }
        Ok(all)
    }

    async fn target_health(&self, target_group: &str) -> Answer<Vec<TargetHealth>> {
        let request = self
            .elbv2
            .describe_target_health()
            .target_group_arn(target_group);
        let answer = called!(
            "elasticloadbalancing:DescribeTargetHealth",
            request.send().await
        )?;
        Ok(answer
            .target_health_descriptions
            .unwrap_or_default()
            .iter()
            .map(observed::target_health)
            .collect())
    }

    async fn has_log_group(&self, group: &LogGroup) -> Answer<bool> {
        self.logs.exists(group).await
    }

    async fn create_log_group(&self, group: &LogGroup, tags: &Tags) -> Answer<()> {
        self.logs.create(group, tags).await
    }

    async fn log_tail(&self, group: &LogGroup, stream: &str, lines: u32) -> Answer<Vec<String>> {
        self.logs.tail(group, stream, lines).await
    }
}

/// Returns whether services can use a task definition with this status. Services cannot use a task definition that is
/// `INACTIVE` or is being deleted. Source: TaskDefinition, API reference.
fn is_active(status: Option<&TaskDefinitionStatus>) -> bool {
    status.is_none_or(|status| *status == TaskDefinitionStatus::Active)
}

/// Converts a page size, which is far below the limit of the API type.
fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Creates the error for a response without a required field, or for a request that cannot be built.
fn incomplete(action: &'static str, what: &str) -> AwsError {
    AwsError {
        action,
        kind: AwsErrorKind::NotAws,
        code: None,
        message: format!("invalid response or request: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn task_definition_that_is_being_deleted_is_not_active() {
        assert!(is_active(None));
        assert!(is_active(Some(&TaskDefinitionStatus::Active)));
        assert!(!is_active(Some(&TaskDefinitionStatus::Inactive)));
        assert!(!is_active(Some(&TaskDefinitionStatus::DeleteInProgress)));
    }
}
