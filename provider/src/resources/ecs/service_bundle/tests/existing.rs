//! Tests of bundles and services that already exist, and of changes that keep services.

use super::*;
use crate::aws::AwsError;
use crate::ecs::api::ServiceStatus;
use crate::ecs::bundle::{BUNDLE_TAG, UNFINISHED_TAG};
use crate::resources::identities::PlannedAction;

const IMPORT: &str = "    import ADDRESS 'main/skreg'\n";

fn refusal(refused: Result<(), Diagnostics>) -> Vec<Diagnostic> {
    match refused {
        Err(diagnostics) => diagnostics.into_iter().collect(),
        Ok(()) => panic!("expected an error"),
    }
}

fn only(refused: Result<(), Diagnostics>) -> Diagnostic {
    let mut all = refusal(refused);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn assert_names(refused: &Diagnostic, parts: &[&str]) {
    for part in parts {
        assert!(refused.detail.contains(part), "{}", refused.detail);
    }
}

/// Changes the keys of the services and keeps their names, which identify the services.
fn under_other_keys(plan: &mut ServiceBundlePlan) {
    let services = plan.services.clone().into_known().expect("known");
    let renamed = services
        .into_iter()
        .map(|(key, service)| (format!("{key}-renamed"), service));
    plan.services = Planned::Known(renamed.collect());
}

async fn refused_to_create(bundles: &Bundles, plan: &ServiceBundlePlan) -> Vec<Diagnostic> {
    match bundles.refuse_existing(None, plan).await {
        Err(refused) => refused.into_iter().collect(),
        Ok(()) => Vec::new(),
    }
}

#[tokio::test]
async fn plan_that_creates_existing_services_is_rejected_with_the_import_command() {
    let (fake, bundles) = account();
    assert_eq!(refused_to_create(&bundles, &plan_of(|_| ())).await, []);
    drop(created(&bundles).await);
    let refused = refused_to_create(&bundles, &plan_of(|_| ())).await;
    let paths: Vec<String> = refused.iter().map(|it| it.path.to_string()).collect();
    assert_eq!(paths, ["services[\"api\"]", "services[\"worker\"]"]);
    for refused in &refused {
        assert_eq!(refused.summary, "Service already exists");
        assert_names(refused, &[IMPORT, "is in another state"]);
        assert!(!refused.detail.contains("state rm"), "{}", refused.detail);
    }

    // The import ID contains service names that do not have the form `<name>-<key>`.
    let mut renamed = plan_of(|_| ());
    under_other_keys(&mut renamed);
    let refused = refused_to_create(&bundles, &renamed).await;
    let id = "'main/skreg?api-renamed=skreg-api,worker-renamed=skreg-worker'";
    assert_names(&refused[0], &[id]);

    // A service of another bundle is rejected. An incomplete or draining service is not rejected.
    fake.change_service("skreg-api", |service| {
        service.tags.insert(BUNDLE_TAG.into(), "shop".into());
        service.tags.insert(UNFINISHED_TAG.into(), "x".into());
    });
    fake.change_service("skreg-worker", |service| {
        drop(service.tags.insert(UNFINISHED_TAG.into(), "x".into()));
    });
    let refused = only(bundles.refuse_existing(None, &plan_of(|_| ())).await);
    assert_names(&refused, &["the service belongs to the bundle shop."]);
    fake.change_service("skreg-api", |service| {
        service.status = ServiceStatus::Draining;
    });
    assert_eq!(refused_to_create(&bundles, &plan_of(|_| ())).await, []);
}

#[tokio::test]
async fn apply_checks_services_that_the_plan_cannot_look_up() {
    let (fake, bundles) = account();
    drop(created(&bundles).await);
    fake.calls();
    let unknown: [fn(&mut ServiceBundlePlan); 4] = [
        |plan| plan.cluster = Planned::Unknown,
        |plan| plan.name = Planned::Unknown,
        |plan| plan.services = Planned::Unknown,
        |plan| {
            let services = plan.services.clone().into_known().expect("known");
            let unknown = services.into_keys().map(|key| (key, Planned::Unknown));
            plan.services = Planned::Known(unknown.collect());
        },
    ];
    for forget in unknown {
        let mut plan = plan_of(|_| ());
        forget(&mut plan);
        assert_eq!(refused_to_create(&bundles, &plan).await, []);
    }
    assert_eq!(fake.calls(), Vec::<&str>::new());

    let denied = AwsError::service("ecs:DescribeServices", "AccessDeniedException", "no");
    fake.with(|state| state.errors.insert("ecs:DescribeServices", [denied].into()));
    assert_eq!(refused_to_create(&bundles, &plan_of(|_| ())).await, []);
    let failure = failed(bundles.create_bundle(&plan_of(|_| ()), &call()).await);
    assert!(matches!(failure.remains, Remains::Nothing));
    let error = failure.diagnostics.iter().next().expect("an error");
    assert_eq!(error.summary, "Service already exists");
    assert_eq!(fake.active_services().len(), 2);
}

#[tokio::test]
async fn replacement_under_the_same_name_is_rejected_without_a_lookup() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    let identity = identity_of(&state).expect("known");
    fake.calls();
    bundles.identities.remember(identity.clone());
    // The cluster can be a name or an ARN.
    let arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/main";
    for cluster in ["main", arn] {
        let again = plan_of(|model| model.cluster = cluster.into());
        let refused = only(bundles.refuse_existing(None, &again).await);
        assert_eq!(
            refused.summary,
            "Bundle cannot be replaced under the same name"
        );
        assert!(refused.summary.len() <= 60);
        let remedies = [
            "deployment.force_new_deployment_trigger",
            "untaint ADDRESS",
            "add a moved block",
            "destroy -target=ADDRESS",
        ];
        assert_names(&refused, &remedies);
    }
    assert_eq!(
        fake.calls(),
        Vec::<&str>::new(),
        "the plan must not make any calls"
    );
    let renamed = plan_of(|model| model.name = "other".into());
    let refused = refused_to_create(&bundles, &renamed).await;
    assert_eq!(
        refused[0].summary, "Service already exists",
        "the lookup must find the services"
    );
    // An update keeps the name.
    let kept = bundles.refuse_existing(Some(&state), &v2()).await;
    assert!(kept.is_ok());

    bundles.identities.forget(&identity);
    let refused = refused_to_create(&bundles, &plan_of(|_| ())).await;
    assert_eq!(refused[0].summary, "Service already exists");
}

#[tokio::test]
async fn deleted_bundle_can_be_created_again() {
    let (fake, bundles) = account();
    let mut state = created(&bundles).await;
    let identity = identity_of(&state).expect("known");
    bundles.identities.remember(identity.clone());
    state.deletion_protection = Planned::Known(false);
    assert!(bundles.delete_bundle(&state, &call()).await.is_ok());
    assert!(!bundles.identities.contains(&identity));
    assert!(fake.active_services().is_empty());
    assert_eq!(refused_to_create(&bundles, &plan_of(|_| ())).await, []);
}

#[tokio::test]
async fn added_service_is_looked_up() {
    let (fake, bundles) = account();
    drop(created(&bundles).await);
    let prior = plan_of(|model| drop(model.services.remove("worker")));
    fake.calls();
    let refused = only(bundles.refuse_existing(Some(&prior), &v2()).await);
    assert_eq!(refused.path.to_string(), "services[\"worker\"]");
    let leave = format!("    state rm ADDRESS\n{IMPORT}");
    assert_names(&refused, &[&leave]);
    assert_eq!(fake.calls(), ["ecs:DescribeServices"]);

    // A plan that adds no service, or that only changes keys, makes no calls.
    let state = plan_of(|_| ());
    let mut renamed = v2();
    under_other_keys(&mut renamed);
    for plan in [v2(), prior, renamed] {
        assert!(bundles.refuse_existing(Some(&state), &plan).await.is_ok());
    }
    assert_eq!(fake.calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn deleting_one_of_two_objects_for_one_bundle_is_rejected() {
    for (first, second) in [
        (PlannedAction::Keep, PlannedAction::Delete),
        (PlannedAction::Delete, PlannedAction::Keep),
    ] {
        let (_, bundles) = account();
        let state = plan_of(|_| ());
        assert!(bundles.refuse_contradiction(&state, first).is_ok());
        let refused = only(bundles.refuse_contradiction(&state, second));
        assert_eq!(refused.summary, "Bundle is in the state twice");
        assert_names(&refused, &["    state rm ADDRESS\n", IMPORT.trim_end()]);
        assert!(!refused.detail.contains("deletion_protection"));
        let other = plan_of(|model| model.name = "other".into());
        assert!(bundles.refuse_contradiction(&other, second).is_ok());
    }
}

#[tokio::test]
async fn protection_error_explains_how_to_remove_a_deposed_object() {
    let refused = only(refuse_protected(&plan_of(|_| ())));
    assert_eq!(refused.summary, "Resource is protected from deletion");
    let instructions = [
        "does not work for a deposed object",
        "    state rm ADDRESS\n",
        IMPORT.trim_end(),
    ];
    assert_names(&refused, &instructions);
}

#[tokio::test]
async fn service_is_kept_if_its_key_changes() {
    let only_api = |key: &'static str| {
        plan_of(move |model| {
            let mut service = model.services.remove("api").expect("the API");
            service.load_balancer = None;
            model.services = BTreeMap::from([(key.to_owned(), service)]);
            model.deletion_protection = false;
        })
    };
    for import in [false, true] {
        let (fake, bundles) = account();
        let stored = bundles.create_bundle(&only_api("api"), &call()).await;
        let mut state = ServiceBundlePlan::from(stored.ok().expect("the create succeeds").state);
        let created_at = fake.service("skreg-api").created_at;
        if import {
            let service = ServicePlan {
                service_name: Planned::Known("skreg-api".into()),
                ..ServicePlan::default()
            };
            let id = ServiceBundlePlan {
                name: Planned::Known("skreg".into()),
                cluster: Planned::Known("main".into()),
                services: Planned::Known([("api".into(), Planned::Known(service))].into()),
                ..ServiceBundlePlan::default()
            };
            state = refreshed(&bundles, &id).await.expect("the bundle exists");
        }
        fake.calls();
        let plan = only_api("web");
        assert!(refuse_renamed(&state, &plan).is_ok());
        let stored = bundles.update_bundle(&state, &plan, &call()).await;
        let stored = stored.ok().expect("the update succeeds");
        assert_eq!(stored.state.deployments.keys().collect::<Vec<_>>(), ["web"]);
        let calls = fake.calls();
        for call in ["ecs:DeleteService", "ecs:CreateService"] {
            assert!(!calls.contains(&call), "{calls:?}");
        }
        let service = fake.service("skreg-api");
        assert_eq!(service.status, ServiceStatus::Active);
        assert_eq!(service.created_at, created_at);
        let state = ServiceBundlePlan::from(stored.state);
        let again = refreshed(&bundles, &state)
            .await
            .expect("the bundle exists");
        assert!(!plans_an_update(&again));
    }
}

#[tokio::test]
async fn failed_rollout_after_a_key_change_stores_the_new_key() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    fake.script(
        "skreg-worker",
        Script {
            end: End::RollsBack,
            ..Script::default()
        },
    );
    let plan = plan_of(|model| {
        let worker = model.services.remove("worker").expect("the worker");
        model.services.insert("jobs".into(), worker);
    });
    let failure = failed(bundles.update_bundle(&state, &plan, &call()).await);
    let Remains::Partial(left, None) = failure.remains else {
        panic!("expected a partial state")
    };
    let services = left.services.known().expect("known");
    assert_eq!(services.keys().collect::<Vec<_>>(), ["api", "jobs"]);
    assert_eq!(fake.active_services().len(), 2);
}

/// Runs the plan of the resource.
async fn planned(
    bundles: &Bundles,
    prior: Option<&ServiceBundlePlan>,
    plan: Option<ServiceBundlePlan>,
) -> Result<(), Diagnostics> {
    let mut request = Plan::for_test(prior.cloned(), plan);
    bundles.plan(&mut request).await
}

fn unprotected(model: &mut ServiceBundle) {
    model.deletion_protection = false;
}

#[tokio::test]
async fn second_plan_of_a_replacement_is_rejected_also_for_a_tainted_bundle() {
    let (fake, bundles) = account();
    assert!(
        planned(&bundles, None, Some(plan_of(unprotected)))
            .await
            .is_ok()
    );
    let stored = bundles.create_bundle(&plan_of(unprotected), &call()).await;
    let state = ServiceBundlePlan::from(stored.ok().expect("the create succeeds").state);
    let refused = |refused: Result<(), Diagnostics>| only(refused).summary;
    // The process has not seen the bundle, so the lookup finds the services.
    let found = refusal(planned(&bundles, None, Some(state.clone())).await);
    assert_eq!(found[0].summary, "Service already exists");

    assert!(
        planned(&bundles, Some(&state), Some(state.clone()))
            .await
            .is_ok()
    );
    let again = planned(&bundles, None, Some(state.clone())).await;
    assert_eq!(
        refused(again),
        "Bundle cannot be replaced under the same name"
    );

    bundles.identities.clear();
    assert!(bundles.read(Read::for_test(state.clone())).await.is_ok());
    let again = planned(&bundles, None, Some(state.clone())).await;
    assert_eq!(
        refused(again),
        "Bundle cannot be replaced under the same name"
    );

    // A bundle that a read does not find can be created again.
    for name in ["skreg-api", "skreg-worker"] {
        fake.change_service(name, |service| service.status = ServiceStatus::Inactive);
    }
    let read = bundles.read(Read::for_test(state.clone())).await;
    assert!(read.is_ok_and(|read| read.is_none()));
    assert!(planned(&bundles, None, Some(state)).await.is_ok());
}

#[tokio::test]
async fn conflicting_plans_of_current_and_deposed_object_are_rejected() {
    let (_, bundles) = account();
    let stored = bundles.create_bundle(&plan_of(unprotected), &call()).await;
    let state = ServiceBundlePlan::from(stored.ok().expect("the create succeeds").state);
    for keep_first in [true, false] {
        bundles.identities.clear();
        let (keep, delete) = (Some(state.clone()), None);
        let (first, second) = match keep_first {
            true => (keep, delete),
            false => (delete, keep),
        };
        assert!(planned(&bundles, Some(&state), first).await.is_ok());
        let refused = only(planned(&bundles, Some(&state), second).await);
        assert_eq!(refused.summary, "Bundle is in the state twice");
    }

    // A replacement with another name is allowed.
    bundles.identities.clear();
    let mut request = Plan::for_test(Some(state.clone()), Some(plan_of(unprotected)));
    request.requires_replace.push(ServiceBundle::paths().name());
    assert!(bundles.plan(&mut request).await.is_ok());
    assert!(planned(&bundles, Some(&state), None).await.is_ok());
}

#[tokio::test]
async fn update_plan_looks_up_added_services() {
    let (fake, bundles) = account();
    drop(created(&bundles).await);
    let prior = plan_of(|model| drop(model.services.remove("worker")));
    let refused = only(planned(&bundles, Some(&prior), Some(v2())).await);
    assert_eq!(refused.path.to_string(), "services[\"worker\"]");
    fake.change_service("skreg-worker", |service| {
        drop(service.tags.insert(UNFINISHED_TAG.into(), "x".into()));
    });
    assert!(planned(&bundles, Some(&prior), Some(v2())).await.is_ok());
}

#[tokio::test]
async fn unknown_configured_name_stays_unknown_and_is_not_looked_up() {
    let (fake, bundles) = account();
    drop(created(&bundles).await);
    fake.calls();
    let with = |name: Planned<String>| {
        let mut plan = plan_of(unprotected);
        let Planned::Known(services) = &mut plan.services else {
            panic!("known")
        };
        services.retain(|key, _| key == "api");
        for service in services.values_mut() {
            if let Planned::Known(service) = service {
                service.service_name = name.clone();
            }
        }
        plan
    };
    let name_of = |plan: &ServiceBundlePlan| {
        let services = plan.services.known().expect("known");
        let service = services["api"].known().expect("known");
        service.service_name.clone()
    };
    let mut request = Plan::for_test(None, Some(with(Planned::Unknown)));
    assert!(bundles.plan(&mut request).await.is_ok());
    let plan = request.plan.as_ref().expect("planned");
    assert!(name_of(plan).is_unknown());
    assert_eq!(fake.calls(), Vec::<&str>::new());

    // A name that is not configured is known.
    for planned in [Planned::Null, Planned::Unknown] {
        let mut request = Plan::for_test(None, Some(with(planned)));
        request.config = Some(with(Planned::Null));
        assert!(
            bundles.plan(&mut request).await.is_err(),
            "expected the lookup to find the service"
        );
        let plan = request.plan.as_ref().expect("planned");
        assert!(name_of(plan) == Planned::Known("skreg-api".into()));
    }
}
