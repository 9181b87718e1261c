//! Conversion of ECS and Elastic Load Balancing responses to the types of the interface.

use aws_sdk_ecs::types as ecs;
use aws_sdk_elasticloadbalancingv2::types as elbv2;
use jiff::Timestamp;

use super::tags::from_tags;
use crate::ecs::api::{
    BreakerCount, Deployment, Event, ListedDeployment, Rollout, Service, ServiceDeployment,
    ServiceRevision, ServiceStatus, StoppedContainer, StoppedTask, TargetGroup, TargetHealth,
};
use crate::ecs::number::count;

pub(super) fn service(found: &ecs::Service) -> Service {
    let events = found
        .events
        .as_deref()
        .unwrap_or_default()
        .iter()
        .filter_map(event);
    let deployments = found
        .deployments
        .as_deref()
        .unwrap_or_default()
        .iter()
        .map(deployment);
    Service {
        arn: found.service_arn.clone().unwrap_or_default(),
        name: found.service_name.clone().unwrap_or_default(),
        cluster_arn: found.cluster_arn.clone().unwrap_or_default(),
        status: match found.status.as_deref() {
            Some("DRAINING") => ServiceStatus::Draining,
            Some("INACTIVE") => ServiceStatus::Inactive,
            _ => ServiceStatus::Active,
        },
        settings: super::service::settings(found),
        task_definition: found.task_definition.clone().unwrap_or_default(),
        running_count: count(found.running_count),
        deployments: deployments.collect(),
        events: events.collect(),
        current_deployment: found.current_service_deployment.clone(),
        current_revision: found
            .current_service_revisions
            .as_deref()
            .unwrap_or_default()
            .iter()
            .max_by_key(|revision| revision.running_task_count)
            .and_then(|revision| revision.arn.clone()),
        created_at: found.created_at.and_then(moment),
        tags: from_tags(found.tags.as_deref().unwrap_or_default()),
    }
}

fn deployment(found: &ecs::Deployment) -> Deployment {
    Deployment {
        id: found.id.clone().unwrap_or_default(),
        is_primary: found.status.as_deref() == Some("PRIMARY"),
        task_definition: found.task_definition.clone().unwrap_or_default(),
        rollout: match found.rollout_state {
            Some(ecs::DeploymentRolloutState::Completed) => Some(Rollout::Completed),
            Some(ecs::DeploymentRolloutState::Failed) => Some(Rollout::Failed),
            Some(_) => Some(Rollout::InProgress),
            None => None,
        },
        reason: found.rollout_state_reason.clone(),
        platform_version: found
            .platform_version
            .clone()
            .filter(|version| !version.is_empty()),
        failed_tasks: count(found.failed_tasks),
        created_at: found.created_at.and_then(moment),
    }
}

fn event(found: &ecs::ServiceEvent) -> Option<Event> {
    Some(Event {
        id: found.id.clone().unwrap_or_default(),
        at: found.created_at.and_then(moment)?,
        message: found.message.clone()?,
    })
}

pub(super) fn listed_deployment(found: &ecs::ServiceDeploymentBrief) -> ListedDeployment {
    ListedDeployment {
        arn: found.service_deployment_arn.clone().unwrap_or_default(),
        status: found
            .status
            .as_ref()
            .map(|status| status.as_str().to_owned())
            .unwrap_or_default(),
        created_at: found.created_at.and_then(moment),
    }
}

pub(super) fn service_deployment(found: &ecs::ServiceDeployment) -> ServiceDeployment {
    let breaker = found.deployment_circuit_breaker.as_ref();
    ServiceDeployment {
        arn: found.service_deployment_arn.clone().unwrap_or_default(),
        status: found
            .status
            .as_ref()
            .map(|status| status.as_str().to_owned())
            .unwrap_or_default(),
        reason: found.status_reason.clone(),
        rollback_reason: found
            .rollback
            .as_ref()
            .and_then(|rollback| rollback.reason.clone()),
        circuit_breaker: breaker.map(|breaker| BreakerCount {
            status: breaker
                .status
                .as_ref()
                .map(|status| status.as_str().to_owned())
                .unwrap_or_default(),
            failures: count(breaker.failure_count),
            threshold: count(breaker.threshold),
        }),
        revision: found
            .target_service_revision
            .as_ref()
            .and_then(|revision| revision.arn.clone()),
    }
}

pub(super) fn service_revision(found: &ecs::ServiceRevision) -> ServiceRevision {
    let images = found.container_images.as_deref().unwrap_or_default().iter();
    let digests = images.filter_map(|image| {
        let digest = image.image_digest.clone()?;
        Some((image.container_name.clone()?, digest))
    });
    ServiceRevision {
        arn: found.service_revision_arn.clone().unwrap_or_default(),
        digests: digests.collect(),
    }
}

pub(super) fn stopped_task(found: &ecs::Task) -> StoppedTask {
    let containers = found.containers.as_deref().unwrap_or_default().iter();
    StoppedTask {
        arn: found.task_arn.clone().unwrap_or_default(),
        started_by: found.started_by.clone(),
        task_definition: found.task_definition_arn.clone().unwrap_or_default(),
        stop_code: found
            .stop_code
            .as_ref()
            .map(|code| code.as_str().to_owned()),
        reason: found.stopped_reason.clone(),
        containers: containers
            .map(|container| StoppedContainer {
                name: container.name.clone().unwrap_or_default(),
                exit_code: container.exit_code,
                reason: container.reason.clone(),
            })
            .collect(),
    }
}

pub(super) fn target_group(found: &elbv2::TargetGroup) -> TargetGroup {
    TargetGroup {
        arn: found.target_group_arn.clone().unwrap_or_default(),
        load_balancers: found.load_balancer_arns.clone().unwrap_or_default(),
        target_type: found
            .target_type
            .as_ref()
            .map(|target| target.as_str().to_owned()),
    }
}

pub(super) fn target_health(found: &elbv2::TargetHealthDescription) -> TargetHealth {
    let target = found.target.as_ref();
    let address = target
        .and_then(|target| target.id.clone())
        .unwrap_or_default();
    let port = target
        .and_then(|target| target.port)
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let health = found.target_health.as_ref();
    let reason = health
        .and_then(|health| health.reason.as_ref())
        .map(|reason| reason.as_str().to_owned());
    let description = health.and_then(|health| health.description.clone());
    let said: Vec<String> = reason.into_iter().chain(description).collect();
    TargetHealth {
        target: format!("{address}{port}"),
        state: health
            .and_then(|health| health.state.as_ref())
            .map_or_else(|| "unknown".to_owned(), |state| state.as_str().to_owned()),
        reason: (!said.is_empty()).then(|| said.join(": ")),
    }
}

fn moment(time: aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}
