//! Implementation of the AWS interface on the in-memory state: the response and the effect of each call.

use skreg::ecs::api::*;
use skreg::ecs::definition::TaskDefinition;
use skreg::ecs::service::{Capacity, Platform};

use super::{CLUSTER_ARN, DeploymentsApi, Entry, Fake, State, refuse};

impl EcsApi for Fake<'_> {
    async fn cluster(&self, cluster: &str) -> Answer<Option<Cluster>> {
        let known = [CLUSTER_ARN, "main"].contains(&cluster);
        let found = |state: &mut State| {
            known.then(|| Cluster {
                arn: CLUSTER_ARN.into(),
                status: "ACTIVE".into(),
                capacity_providers: state.capacity_providers.clone(),
            })
        };
        self.call("ecs:DescribeClusters", |state| Ok(found(state)))
            .await
    }

    async fn register(&self, definition: &TaskDefinition, tags: &Tags) -> Answer<String> {
        self.call("ecs:RegisterTaskDefinition", |state| {
            Ok(state.register(definition, tags))
        })
        .await
    }

    async fn revision(&self, id: &str) -> Answer<Option<Revision>> {
        self.call("ecs:DescribeTaskDefinition", |state| {
            let newest_first = state.revisions.iter().rev();
            let mut fitting = newest_first.filter(|revision| {
                revision.arn.ends_with(&format!("/{id}"))
                    || revision.arn == id
                    || (revision.active && revision.definition.family == id)
            });
            Ok(fitting.next().cloned())
        })
        .await
    }

    async fn active_revisions(&self, family: &str, newest: Option<usize>) -> Answer<Vec<String>> {
        self.call("ecs:ListTaskDefinitions", |state| {
            let newest_first = state.revisions.iter().rev();
            let active = newest_first
                .filter(|revision| revision.active && revision.definition.family == family);
            let active = active.take(newest.unwrap_or(usize::MAX));
            Ok(active.map(|revision| revision.arn.clone()).collect())
        })
        .await
    }

    async fn deregister(&self, arn: &str) -> Answer<()> {
        self.call("ecs:DeregisterTaskDefinition", |state| {
            let found = state
                .revisions
                .iter_mut()
                .filter(|revision| revision.arn == arn);
            found.for_each(|revision| revision.active = false);
            Ok(())
        })
        .await
    }

    fn client_token(&self) -> Answer<String> {
        Ok(format!("token-{}", self.with(State::id)))
    }

    async fn create_service(&self, request: &CreateService) -> Answer<Service> {
        const ACTION: &str = "ecs:CreateService";
        self.call(ACTION, |state| {
            assert!(
                request.client_token.len() <= 36,
                "the API accepts at most 36 characters"
            );
            State::check_cluster(ACTION, &request.cluster)?;
            state.check_revision(ACTION, &request.task_definition)?;
            match state
                .services
                .get(&request.name)
                .map(|entry| (entry.service.status, &entry.token))
            {
                Some((ServiceStatus::Active, token)) if *token == request.client_token => {
                    return Ok(state.services[&request.name].service.clone());
                }
                Some((ServiceStatus::Active, _))
                    if state.answers_equal_creations
                        && state.services[&request.name].service.task_definition
                            == request.task_definition =>
                {
                    let mut service = state.services[&request.name].service.clone();
                    // The response contains tags only if the request includes them.
                    service.tags.clear();
                    return Ok(service);
                }
                Some((ServiceStatus::Active, _)) => {
                    return refuse(
                        ACTION,
                        "InvalidParameterException",
                        "Creation of service was not idempotent.",
                    );
                }
                // ECS keeps a token longer than the service.
                Some((ServiceStatus::Inactive, token)) if *token == request.client_token => {
                    return Ok(state.services[&request.name].service.clone());
                }
                Some((ServiceStatus::Draining, _)) => {
                    let text = "Unable to Start a service that is still Draining.";
                    return refuse(ACTION, "InvalidParameterException", text);
                }
                _ => {}
            }
            let script = state.script_of(&request.name);
            let mut settings = request.settings.clone();
            settings.desired_count.get_or_insert(1);
            settings.platform.get_or_insert_with(|| Platform {
                asked: Platform::LATEST.to_owned(),
                runs: None,
            });
            let service = Service {
                arn: format!(
                    "arn:aws:ecs:eu-central-1:123456789012:service/main/{}",
                    request.name
                ),
                name: request.name.clone(),
                cluster_arn: CLUSTER_ARN.into(),
                status: ServiceStatus::Active,
                settings,
                task_definition: request.task_definition.clone(),
                running_count: 0,
                deployments: Vec::new(),
                events: Vec::new(),
                current_deployment: None,
                current_revision: None,
                created_at: Some(state.now()),
                tags: request.tags.clone(),
            };
            let token = request.client_token.clone();
            let (missing, drains) = (script.missing, script.drains);
            state.services.insert(
                request.name.clone(),
                Entry {
                    service,
                    token,
                    going: None,
                    missing,
                    drains,
                },
            );
            state.deploy(&request.name);
            let mut created = state.services[&request.name].service.clone();
            if state.created_tags_behind > 0 {
                let untagged = (Tags::new(), state.created_tags_behind);
                state.stale_tags.insert(request.name.clone(), untagged);
                created.tags.clear();
            }
            Ok(created)
        })
        .await
    }

    async fn update_service(&self, request: &UpdateService) -> Answer<Service> {
        const ACTION: &str = "ecs:UpdateService";
        self.call(ACTION, |state| {
            State::check_cluster(ACTION, &request.cluster)?;
            if let Some(arn) = &request.task_definition {
                state.check_revision(ACTION, arn)?;
            }
            let Some(entry) = state.services.get_mut(&request.name) else {
                return refuse(ACTION, "ServiceNotFoundException", "Service not found.");
            };
            if entry.service.status != ServiceStatus::Active {
                return refuse(
                    ACTION,
                    "ServiceNotActiveException",
                    "Service was not ACTIVE.",
                );
            }
            state.updates.push(request.clone());
            if request.capacity.is_some() && !request.force_new_deployment {
                let text = "Changing the capacity provider strategy needs forceNewDeployment.";
                return refuse(ACTION, "InvalidParameterException", text);
            }
            let service = &mut entry.service;
            if let Some(options) = &request.options {
                service.settings.options = options.clone();
            }
            if let Some(deployment) = &request.deployment {
                service.settings.deployment = deployment.clone();
            }
            if let Some(capacity) = &request.capacity {
                service.settings.capacity = Some(match capacity {
                    Capacity::Providers(shares) => Capacity::Providers(shares.clone()),
                    Capacity::LaunchType(_) => Capacity::LaunchType("FARGATE".to_owned()),
                });
            }
            if let Some(asked) = &request.platform_version {
                let asked = asked.clone();
                service.settings.platform = Some(Platform { asked, runs: None });
            }
            if let Some(connect) = &request.service_connect {
                service.settings.service_connect = connect.clone();
            }
            if let Some(network) = &request.network {
                service.settings.network = network.clone();
            }
            if let Some(balancers) = &request.load_balancers {
                service.settings.load_balancers = balancers.clone();
            }
            if let Some(count) = request.desired_count {
                service.settings.desired_count = Some(count);
            }
            if let Some(arn) = &request.task_definition {
                service.task_definition.clone_from(arn);
            }
            if request.starts_deployment() {
                state.deploy(&request.name);
            }
            Ok(state.services[&request.name].service.clone())
        })
        .await
    }

    async fn delete_service(&self, cluster: &str, service: &str) -> Answer<()> {
        const ACTION: &str = "ecs:DeleteService";
        let cluster = State::check_cluster(ACTION, cluster);
        self.call(ACTION, |state| match state.services.get_mut(service) {
            _ if cluster.is_err() => cluster,
            None => refuse(ACTION, "ServiceNotFoundException", "Service not found."),
            Some(entry) if entry.service.status != ServiceStatus::Active => refuse(
                ACTION,
                "ServiceNotActiveException",
                "Service was not ACTIVE.",
            ),
            Some(entry) => {
                assert_eq!(
                    entry.service.settings.desired_count,
                    Some(0),
                    "a service must be scaled to zero before it is deleted"
                );
                entry.service.status = ServiceStatus::Draining;
                entry.going = None;
                Ok(())
            }
        })
        .await
    }

    async fn services(&self, cluster: &str, names: &[String]) -> Answer<Vec<Service>> {
        const ACTION: &str = "ecs:DescribeServices";
        self.call(ACTION, |state| {
            State::check_cluster(ACTION, cluster)?;
            let mut all = Vec::new();
            for name in names {
                state.tick(name);
                let Some(entry) = state.services.get_mut(name) else {
                    continue;
                };
                match entry.missing.checked_sub(1) {
                    Some(left) => entry.missing = left,
                    None => all.push(entry.service.clone()),
                }
            }
            for service in &mut all {
                if let Some((tags, looks)) = state.stale_tags.get_mut(&service.name)
                    && let Some(left) = looks.checked_sub(1)
                {
                    *looks = left;
                    service.tags.clone_from(tags);
                }
            }
            Ok(all)
        })
        .await
    }

    async fn service_arns(&self, _cluster: &str) -> Answer<Vec<String>> {
        let services = self.active_services();
        self.call("ecs:ListServices", |_| {
            Ok(services.into_iter().map(|service| service.arn).collect())
        })
        .await
    }

    async fn retag(&self, arn: &str, set: &Tags, remove: &[String]) -> Answer<()> {
        const ACTION: &str = "ecs:TagResource";
        self.call(ACTION, |state| {
            if !arn.contains(":service/main/") {
                let text = "Long arn format must be used for tagging operations";
                return refuse(ACTION, "InvalidParameterException", text);
            }
            let entries = state
                .services
                .values_mut()
                .filter(|entry| entry.service.arn == arn);
            for entry in entries {
                if state.tags_behind > 0 {
                    let before = (entry.service.tags.clone(), state.tags_behind);
                    state.stale_tags.insert(entry.service.name.clone(), before);
                }
                entry.service.tags.retain(|key, _| !remove.contains(key));
                entry.service.tags.extend(set.clone());
            }
            Ok(())
        })
        .await
    }

    async fn service_deployments(
        &self,
        _cluster: &str,
        service: &str,
    ) -> Answer<Vec<ListedDeployment>> {
        const ACTION: &str = "ecs:ListServiceDeployments";
        let refusal = self.deployments_error(ACTION);
        let empty = self.deployments_api == DeploymentsApi::Empty;
        let behind = self.deployments_api == DeploymentsApi::Behind;
        self.call(ACTION, |state| {
            refusal.map_or(Ok(()), Err)?;
            let going = state
                .services
                .get(service)
                .and_then(|entry| entry.going.as_ref());
            let hidden = going
                .filter(|going| behind && going.looks > 0)
                .map(|going| going.service_deployment.clone());
            let newest_first = state.service_deployments.iter().rev();
            let all = newest_first.filter(|(name, _)| name == service && !empty);
            let all = all.map(|(_, deployment)| ListedDeployment {
                arn: deployment.arn.clone(),
                status: deployment.status.clone(),
                created_at: None,
            });
            Ok(all
                .filter(|listed| hidden.as_ref() != Some(&listed.arn))
                .collect())
        })
        .await
    }

    async fn service_deployment(&self, arn: &str) -> Answer<Option<ServiceDeployment>> {
        let stale = self.deployments_api == DeploymentsApi::Stale;
        self.call("ecs:DescribeServiceDeployments", |state| {
            let mut all = state.service_deployments.iter();
            let found = all.find(|(_, deployment)| deployment.arn == arn);
            Ok(found.map(|(_, deployment)| ServiceDeployment {
                status: match stale {
                    true => "IN_PROGRESS".into(),
                    false => deployment.status.clone(),
                },
                ..deployment.clone()
            }))
        })
        .await
    }

    async fn service_revisions(&self, arns: &[String]) -> Answer<Vec<ServiceRevision>> {
        self.call("ecs:DescribeServiceRevisions", |state| {
            let all = state.service_revisions.iter();
            Ok(all
                .filter(|revision| arns.contains(&revision.arn))
                .cloned()
                .collect())
        })
        .await
    }

    async fn has_log_group(&self, group: &LogGroup) -> Answer<bool> {
        self.call("logs:DescribeLogGroups", |state| {
            Ok(state.log_groups.contains(&group.name))
        })
        .await
    }

    async fn create_log_group(&self, group: &LogGroup, tags: &Tags) -> Answer<()> {
        self.call("logs:CreateLogGroup", |state| {
            if state.log_groups.insert(group.name.clone()) {
                state
                    .made_log_groups
                    .insert(group.name.clone(), tags.clone());
            }
            Ok(())
        })
        .await
    }

    async fn log_tail(&self, group: &LogGroup, stream: &str, lines: u32) -> Answer<Vec<String>> {
        const ACTION: &str = "logs:GetLogEvents";
        self.call(ACTION, |state| {
            // The task IDs are not known in advance.
            let asked = format!("{}:{stream}", group.name);
            let mut streams = state.log_lines.iter();
            let Some((_, all)) = streams.find(|(name, _)| asked.starts_with(*name)) else {
                let text = "The specified log stream does not exist.";
                return refuse(ACTION, "ResourceNotFoundException", text);
            };
            let skipped = all.len().saturating_sub(lines as usize);
            Ok(all[skipped..].to_vec())
        })
        .await
    }

    async fn stopped_tasks(&self, _cluster: &str, service: &str) -> Answer<Vec<StoppedTask>> {
        self.call("ecs:ListTasks", |state| {
            Ok(state.tasks.remove(service).unwrap_or_default())
        })
        .await
    }

    async fn target_groups(&self, arns: &[String]) -> Answer<Vec<TargetGroup>> {
        self.call("elasticloadbalancing:DescribeTargetGroups", |state| {
            Ok(state
                .target_groups
                .iter()
                .filter(|group| arns.contains(&group.arn))
                .cloned()
                .collect())
        })
        .await
    }

    async fn target_health(&self, _target_group: &str) -> Answer<Vec<TargetHealth>> {
        let unhealthy = TargetHealth {
            target: "10.0.10.7:8080".into(),
            state: "unhealthy".into(),
            reason: Some(
                "Target.ResponseCodeMismatch: Health checks failed with these codes: [502]".into(),
            ),
        };
        self.call("elasticloadbalancing:DescribeTargetHealth", |_| {
            Ok(vec![unhealthy])
        })
        .await
    }
}
