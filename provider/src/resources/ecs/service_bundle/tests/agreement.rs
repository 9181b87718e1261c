//! What was planned is what is done and stored: nothing is rolled out that was not announced.

use super::*;

/// The plan of a change of what was found.
fn planned(
    state: &ServiceBundlePlan,
    change: impl FnOnce(&mut ServiceBundlePlan),
) -> ServiceBundlePlan {
    let mut plan = state.clone();
    change(&mut plan);
    predict_outputs(state, &mut plan);
    plan
}

fn unprotected(plan: &mut ServiceBundlePlan) {
    plan.deletion_protection = Planned::Known(false);
}

async fn applied(
    bundles: &Bundles,
    state: &ServiceBundlePlan,
    plan: &ServiceBundlePlan,
) -> ServiceBundlePlan {
    let stored = bundles.change(state, plan, &call()).await;
    stored.ok().expect("it goes through").state.into()
}

#[tokio::test]
async fn an_imported_bundle_of_others_is_not_rolled_out_for_a_flag() {
    let (fake, bundles) = account();
    created(&bundles).await;
    fake.with(|state| state.revisions.iter_mut().for_each(|it| it.tags.clear()));
    for name in ["skreg-api", "skreg-worker"] {
        fake.change_service(name, |service| service.tags.clear());
    }
    let id = ServiceBundlePlan {
        name: Planned::Known("skreg".into()),
        cluster: Planned::Known("main".into()),
        ..ServiceBundlePlan::default()
    };
    let imported = refreshed(&bundles, &id).await.expect("it is there");
    let plan = planned(&imported, |plan| {
        unprotected(plan);
        plan_tags(
            Some(&imported),
            plan,
            &bundles.access.planned_default_tags(),
        );
    });
    assert!(!is_announced(&plan));
    fake.calls();
    let after = applied(&bundles, &imported, &plan).await;
    assert!(after == plan, "what was planned");
    let calls = fake.calls();
    assert!(
        !calls.contains(&"ecs:RegisterTaskDefinition") && !calls.contains(&"ecs:UpdateService"),
        "{calls:?}"
    );
}

#[tokio::test]
async fn a_revision_that_cannot_be_run_again_plans_an_update_that_settles() {
    use crate::ecs::api::Revision;
    let spoilt: [fn(&mut Revision); 2] = [
        |revision| revision.active = false,
        |revision| revision.definition.family = "other".into(),
    ];
    for spoil in spoilt {
        let (fake, bundles) = account();
        let state = created(&bundles).await;
        fake.with(|state| state.revisions.iter_mut().for_each(spoil));
        let found = refreshed(&bundles, &state).await.expect("it is there");
        let plan = planned(&found, |_| ());
        assert!(is_announced(&plan), "it is announced");
        let after = applied(&bundles, &found, &plan).await;
        let settled = refreshed(&bundles, &after).await.expect("it is there");
        assert!(!plans_an_update(&settled));
        assert!(settled.task_definition_arns != state.task_definition_arns);
    }
}

#[tokio::test]
async fn a_rollout_that_nobody_waits_for_does_not_break_the_promise_of_a_plan() {
    let (fake, bundles) = account();
    let looks = 4;
    fake.script(
        "skreg-api",
        Script {
            looks,
            ..Script::default()
        },
    );
    let unwatched = plan_of(|model| {
        model.deployment = Some(model::Deployment {
            wait: false,
            ..model::Deployment::default()
        });
    });
    let stored = bundles.make(&unwatched, &call()).await;
    let state = ServiceBundlePlan::from(stored.ok().expect("it is made").state);
    let status =
        |state: &ServiceBundlePlan| known_deployment(state, "api").expect("the API").status;
    assert_eq!(status(&state), "IN_PROGRESS");
    let plan = planned(&state, unprotected);
    for _ in 0..looks {
        refreshed(&bundles, &state).await.expect("it is there");
    }
    let after = applied(&bundles, &state, &plan).await;
    assert!(after == plan, "found {:?}", after.encode());
    let later = refreshed(&bundles, &after).await.expect("it is there");
    assert_eq!(status(&later), "SUCCESSFUL");
}
