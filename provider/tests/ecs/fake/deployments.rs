//! In-memory deployments: start, progress at each poll, and end.

use skreg::ecs::api::*;
use skreg::ecs::service::Platform;

use super::{End, Going, PLATFORM, State};

impl State {
    /// Starts a deployment of the current service configuration. If it fails, ECS rolls back to the last completed
    /// deployment.
    pub(super) fn deploy(&mut self, name: &str) {
        let (id, now, script) = (self.id(), self.now(), self.script_of(name));
        let arn =
            format!("arn:aws:ecs:eu-central-1:123456789012:service-deployment/main/{name}/{id}");
        let deployment_id = format!("ecs-svc/{id}");
        let revision = arn.replace("service-deployment", "service-revision");
        let running = &self.services[name].service.task_definition;
        let running = self
            .revisions
            .iter()
            .find(|revision| revision.arn == *running);
        let container = running.map(|revision| &revision.definition.container);
        let digest = container.map(|container| {
            let digest = format!("sha256:{:0>64}", container.image.len());
            (container.name.clone(), digest)
        });
        self.service_revisions.push(ServiceRevision {
            arn: revision.clone(),
            digests: digest.into_iter().collect(),
        });
        let entry = self.services.get_mut(name).expect("the service");
        let mut newest_first = entry.service.deployments.iter();
        let completed = newest_first.find(|it| it.rollout == Some(Rollout::Completed));
        let previous = completed.map(|deployment| deployment.task_definition.clone());
        for deployment in &mut entry.service.deployments {
            deployment.is_primary = false;
        }
        entry.service.deployments.insert(
            0,
            Deployment {
                id: deployment_id.clone(),
                is_primary: true,
                task_definition: entry.service.task_definition.clone(),
                rollout: Some(Rollout::InProgress),
                reason: None,
                platform_version: Some(PLATFORM.to_owned()),
                failed_tasks: 0,
                created_at: Some(now),
            },
        );
        let platform = &mut entry.service.settings.platform;
        if let Some(platform) = platform {
            platform.runs = match platform.asked == Platform::LATEST {
                true => Some(PLATFORM.to_owned()),
                false => Some(platform.asked.clone()),
            };
        }
        entry.service.current_deployment = Some(arn.clone());
        let previous_revision = entry.service.current_revision.replace(revision.clone());
        let replaced = entry.going.take();
        entry.going = Some(Going {
            looks: script.looks,
            end: script.end,
            previous,
            service_deployment: arn.clone(),
            previous_revision,
        });
        if let Some(replaced) = replaced {
            self.set_status(
                &replaced.service_deployment,
                "STOPPED",
                Some("superseded by a new deployment"),
            );
        }
        self.service_deployments.push((
            name.to_owned(),
            ServiceDeployment {
                arn,
                status: "IN_PROGRESS".into(),
                reason: None,
                rollback_reason: None,
                circuit_breaker: Some(BreakerCount {
                    status: "MONITORING".into(),
                    failures: 0,
                    threshold: 3,
                }),
                revision: Some(revision),
            },
        ));
        let tasks = script.tasks.into_iter().map(|task| StoppedTask {
            arn: format!("{}-{id}", task.arn),
            started_by: Some(deployment_id.clone()),
            ..task
        });
        let tasks = tasks.collect();
        self.tasks.insert(name.to_owned(), tasks);
        for text in script.events {
            self.event(name, text);
        }
    }

    fn event(&mut self, name: &str, text: &str) {
        let (id, at) = (self.id().to_string(), self.now());
        let entry = self.services.get_mut(name).expect("the service");
        let message = format!("(service {name}) {text}");
        entry.service.events.insert(0, Event { id, at, message });
    }

    fn set_status(&mut self, arn: &str, status: &str, reason: Option<&str>) {
        for (_, deployment) in &mut self.service_deployments {
            if deployment.arn == arn {
                deployment.status = status.into();
                deployment.reason = reason.map(Into::into);
                if let (Some(breaker), true) =
                    (&mut deployment.circuit_breaker, status != "SUCCESSFUL")
                {
                    *breaker = BreakerCount {
                        status: "TRIGGERED".into(),
                        failures: 3,
                        threshold: 3,
                    };
                }
            }
        }
    }

    /// Advances a deployment by one poll.
    pub(super) fn tick(&mut self, name: &str) {
        let Some(entry) = self.services.get_mut(name) else {
            return;
        };
        if entry.service.status == ServiceStatus::Draining {
            match entry.drains.checked_sub(1) {
                Some(left) => entry.drains = left,
                None => entry.service.status = ServiceStatus::Inactive,
            }
            return;
        }
        match &mut entry.going {
            None => return,
            Some(going) if going.looks > 0 || going.end == End::Hangs => {
                going.looks = going.looks.saturating_sub(1);
                return;
            }
            Some(_) => {}
        }
        let going = entry.going.take().expect("checked above");
        self.end(name, &going);
    }

    fn end(&mut self, name: &str, going: &Going) {
        const BREAKER: &str = "ECS deployment circuit breaker: tasks failed to start.";
        let id = self.id();
        let entry = self.services.get_mut(name).expect("the service");
        let service = &mut entry.service;
        service.current_deployment = None;
        let status = match (going.end, &going.previous) {
            (End::Succeeds, _) => {
                service.deployments.truncate(1);
                service.deployments[0].rollout = Some(Rollout::Completed);
                service.running_count = service.settings.desired_count.unwrap_or_default();
                "SUCCESSFUL"
            }
            (End::RollsBack, Some(previous)) => {
                // The service is in a steady state again, and the task counts do not indicate that the rollout failed.
                service.task_definition.clone_from(previous);
                service
                    .current_revision
                    .clone_from(&going.previous_revision);
                service.deployments = vec![Deployment {
                    id: format!("ecs-svc/{id}"),
                    task_definition: previous.clone(),
                    rollout: Some(Rollout::Completed),
                    reason: Some(format!("{BREAKER} rolled back")),
                    ..service.deployments[0].clone()
                }];
                "ROLLBACK_SUCCESSFUL"
            }
            _ => {
                service.deployments[0].rollout = Some(Rollout::Failed);
                service.deployments[0].reason = Some(BREAKER.into());
                "STOPPED"
            }
        };
        let reason = (status != "SUCCESSFUL").then_some(BREAKER);
        self.set_status(&going.service_deployment, status, reason);
        self.event(name, "has reached a steady state.");
    }
}
