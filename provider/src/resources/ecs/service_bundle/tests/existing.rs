//! What is refused because a bundle or a service exists already, and what changes while services stay.

use super::*;
use crate::aws::AwsError;
use crate::ecs::api::ServiceStatus;
use crate::ecs::bundle::{BUNDLE_TAG, UNFINISHED_TAG};
use crate::resources::identities::Fate;

const IMPORT: &str = "    import ADDRESS 'main/skreg'\n";

fn refusal(refused: Result<(), Diagnostics>) -> Vec<Diagnostic> {
    match refused {
        Err(diagnostics) => diagnostics.into_iter().collect(),
        Ok(()) => panic!("expected a refusal"),
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

/// The services of the bundle under other keys: the name is what makes a service the same.
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
async fn a_create_whose_services_exist_is_refused_at_plan_with_the_import_command() {
    let (fake, bundles) = account();
    assert_eq!(refused_to_create(&bundles, &plan_of(|_| ())).await, []);
    drop(created(&bundles).await);
    let refused = refused_to_create(&bundles, &plan_of(|_| ())).await;
    let paths: Vec<String> = refused.iter().map(|it| it.path.to_string()).collect();
    assert_eq!(paths, ["services[\"api\"]", "services[\"worker\"]"]);
    for refused in &refused {
        assert_eq!(refused.summary, "Service exists already");
        assert_names(refused, &[IMPORT, "another state holds it"]);
        assert!(!refused.detail.contains("state rm"), "{}", refused.detail);
    }

    // Names that are not `<name>-<key>` are part of the id.
    let mut renamed = plan_of(|_| ());
    under_other_keys(&mut renamed);
    let refused = refused_to_create(&bundles, &renamed).await;
    let id = "'main/skreg?api-renamed=skreg-api,worker-renamed=skreg-worker'";
    assert_names(&refused[0], &[id]);

    // One that another bundle has, or that is unfinished, or on its way out.
    fake.change_service("skreg-api", |service| {
        service.tags.insert(BUNDLE_TAG.into(), "shop".into());
        service.tags.insert(UNFINISHED_TAG.into(), "x".into());
    });
    fake.change_service("skreg-worker", |service| {
        drop(service.tags.insert(UNFINISHED_TAG.into(), "x".into()));
    });
    let refused = only(bundles.refuse_existing(None, &plan_of(|_| ())).await);
    assert_names(&refused, &["it belongs to the bundle shop."]);
    fake.change_service("skreg-api", |service| {
        service.status = ServiceStatus::Draining;
    });
    assert_eq!(refused_to_create(&bundles, &plan_of(|_| ())).await, []);
}

#[tokio::test]
async fn what_cannot_be_looked_up_at_plan_is_left_to_the_apply() {
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
    let failure = failed(bundles.make(&plan_of(|_| ()), &call()).await);
    assert!(matches!(failure.remains, Remains::Nothing));
    let error = failure.diagnostics.iter().next().expect("an error");
    assert_eq!(error.summary, "Service exists already");
    assert_eq!(fake.active_services().len(), 2);
}

#[tokio::test]
async fn a_replacement_under_the_same_name_is_refused_also_where_the_look_up_is_denied() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    let identity = identity_of(&state).expect("known");
    fake.calls();
    bundles.identities.remember(identity.clone());
    // The cluster may be written in another notation.
    let arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/main";
    for cluster in ["main", arn] {
        let again = plan_of(|model| model.cluster = cluster.into());
        let refused = only(bundles.refuse_existing(None, &again).await);
        assert_eq!(refused.summary, "Bundle cannot be replaced under its name");
        assert!(refused.summary.len() <= 60);
        let ways = [
            "deployment.force_new_deployment_trigger",
            "untaint ADDRESS",
            "add a moved block",
            "destroy -target=ADDRESS",
        ];
        assert_names(&refused, &ways);
    }
    assert_eq!(fake.calls(), Vec::<&str>::new(), "nothing is looked up");
    let renamed = plan_of(|model| model.name = "other".into());
    let refused = refused_to_create(&bundles, &renamed).await;
    assert_eq!(refused[0].summary, "Service exists already", "looked up");
    // An update keeps the name.
    let kept = bundles.refuse_existing(Some(&state), &v2()).await;
    assert!(kept.is_ok());

    bundles.identities.forget(&identity);
    let refused = refused_to_create(&bundles, &plan_of(|_| ())).await;
    assert_eq!(refused[0].summary, "Service exists already");
}

#[tokio::test]
async fn a_bundle_that_is_gone_or_deleted_may_be_created_again() {
    let (fake, bundles) = account();
    let mut state = created(&bundles).await;
    let identity = identity_of(&state).expect("known");
    bundles.identities.remember(identity.clone());
    state.deletion_protection = Planned::Known(false);
    assert!(bundles.remove(&state, &call()).await.is_ok());
    assert!(!bundles.identities.contains(&identity));
    assert!(fake.active_services().is_empty());
    assert_eq!(refused_to_create(&bundles, &plan_of(|_| ())).await, []);
}

#[tokio::test]
async fn a_key_that_is_added_is_looked_up_at_plan() {
    let (fake, bundles) = account();
    drop(created(&bundles).await);
    let prior = plan_of(|model| drop(model.services.remove("worker")));
    fake.calls();
    let refused = only(bundles.refuse_existing(Some(&prior), &v2()).await);
    assert_eq!(refused.path.to_string(), "services[\"worker\"]");
    let leave = format!("    state rm ADDRESS\n{IMPORT}");
    assert_names(&refused, &[&leave]);
    assert_eq!(fake.calls(), ["ecs:DescribeServices"]);

    // Without an addition nothing is looked up, nor where only keys change.
    let state = plan_of(|_| ());
    let mut renamed = v2();
    under_other_keys(&mut renamed);
    for plan in [v2(), prior, renamed] {
        assert!(bundles.refuse_existing(Some(&state), &plan).await.is_ok());
    }
    assert_eq!(fake.calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn of_two_objects_for_one_bundle_none_is_deleted_while_the_other_stays() {
    for (first, second) in [(Fate::Stays, Fate::Deleted), (Fate::Deleted, Fate::Stays)] {
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
async fn a_protected_deposed_object_is_told_the_way_out() {
    let refused = only(refuse_protected(&plan_of(|_| ())));
    assert_eq!(refused.summary, "Resource is protected from deletion");
    let way_out = [
        "cannot be applied to a deposed object",
        "    state rm ADDRESS\n",
        IMPORT.trim_end(),
    ];
    assert_names(&refused, &way_out);
}

#[tokio::test]
async fn a_service_stays_when_its_key_changes_also_after_an_import() {
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
        let stored = bundles.make(&only_api("api"), &call()).await;
        let mut state = ServiceBundlePlan::from(stored.ok().expect("it is created").state);
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
            state = refreshed(&bundles, &id).await.expect("it is there");
        }
        fake.calls();
        let plan = only_api("web");
        assert!(refuse_renamed(&state, &plan).is_ok());
        let stored = bundles.change(&state, &plan, &call()).await;
        let stored = stored.ok().expect("it is updated");
        assert_eq!(stored.state.deployments.keys().collect::<Vec<_>>(), ["web"]);
        let calls = fake.calls();
        for call in ["ecs:DeleteService", "ecs:CreateService"] {
            assert!(!calls.contains(&call), "{calls:?}");
        }
        let service = fake.service("skreg-api");
        assert_eq!(service.status, ServiceStatus::Active);
        assert_eq!(service.created_at, created_at);
        let state = ServiceBundlePlan::from(stored.state);
        let again = refreshed(&bundles, &state).await.expect("it is there");
        assert!(!plans_an_update(&again));
    }
}

#[tokio::test]
async fn a_key_change_whose_rollout_fails_leaves_the_service_under_its_new_key() {
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
    let failure = failed(bundles.change(&state, &plan, &call()).await);
    let Remains::Partial(left, None) = failure.remains else {
        panic!("stored as far as it went")
    };
    let services = left.services.known().expect("known");
    assert_eq!(services.keys().collect::<Vec<_>>(), ["api", "jobs"]);
    assert_eq!(fake.active_services().len(), 2);
}

/// Plans as the command line asks for it.
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
async fn the_second_plan_of_a_replacement_is_refused_and_that_of_a_tainted_bundle_too() {
    let (fake, bundles) = account();
    assert!(
        planned(&bundles, None, Some(plan_of(unprotected)))
            .await
            .is_ok()
    );
    let stored = bundles.make(&plan_of(unprotected), &call()).await;
    let state = ServiceBundlePlan::from(stored.ok().expect("it is created").state);
    let refused = |refused: Result<(), Diagnostics>| only(refused).summary;
    // Nothing was seen yet, so the look-up finds the services.
    let found = refusal(planned(&bundles, None, Some(state.clone())).await);
    assert_eq!(found[0].summary, "Service exists already");

    assert!(
        planned(&bundles, Some(&state), Some(state.clone()))
            .await
            .is_ok()
    );
    let again = planned(&bundles, None, Some(state.clone())).await;
    assert_eq!(refused(again), "Bundle cannot be replaced under its name");

    bundles.identities.clear();
    assert!(bundles.read(Read::for_test(state.clone())).await.is_ok());
    let again = planned(&bundles, None, Some(state.clone())).await;
    assert_eq!(refused(again), "Bundle cannot be replaced under its name");

    // What a read does not find is created again.
    for name in ["skreg-api", "skreg-worker"] {
        fake.change_service(name, |service| service.status = ServiceStatus::Inactive);
    }
    let read = bundles.read(Read::for_test(state.clone())).await;
    assert!(read.is_ok_and(|read| read.is_none()));
    assert!(planned(&bundles, None, Some(state)).await.is_ok());
}

#[tokio::test]
async fn plans_of_a_deposed_object_and_of_the_object_that_replaced_it_are_refused() {
    let (_, bundles) = account();
    let stored = bundles.make(&plan_of(unprotected), &call()).await;
    let state = ServiceBundlePlan::from(stored.ok().expect("it is created").state);
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

    // A bundle of another name takes the place of one that is deleted.
    bundles.identities.clear();
    let mut request = Plan::for_test(Some(state.clone()), Some(plan_of(unprotected)));
    request.requires_replace.push(ServiceBundle::paths().name());
    assert!(bundles.plan(&mut request).await.is_ok());
    assert!(planned(&bundles, Some(&state), None).await.is_ok());
}

#[tokio::test]
async fn the_plan_of_an_update_looks_up_services_that_are_added() {
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
async fn a_configured_name_that_is_not_known_yet_is_neither_planned_nor_looked_up() {
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

    // What nobody configures is known.
    for planned in [Planned::Null, Planned::Unknown] {
        let mut request = Plan::for_test(None, Some(with(planned)));
        request.config = Some(with(Planned::Null));
        assert!(bundles.plan(&mut request).await.is_err(), "it exists");
        let plan = request.plan.as_ref().expect("planned");
        assert!(name_of(plan) == Planned::Known("skreg-api".into()));
    }
}
