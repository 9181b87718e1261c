//! Tests that an apply matches its plan and does not start unplanned rollouts.

use super::*;

/// Returns the plan for a changed state.
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
    let stored = bundles.update_bundle(state, plan, &call()).await;
    stored.ok().expect("the update succeeds").state.into()
}

#[tokio::test]
async fn changing_a_flag_of_an_imported_bundle_does_not_start_a_rollout() {
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
    let imported = refreshed(&bundles, &id).await.expect("the bundle exists");
    let plan = planned(&imported, |plan| {
        unprotected(plan);
        plan_tags(
            Some(&imported),
            plan,
            &bundles.access.planned_default_tags(),
        );
    });
    assert!(!has_unknown_outputs(&plan));
    fake.calls();
    let after = applied(&bundles, &imported, &plan).await;
    assert!(after == plan, "the state must match the plan");
    let calls = fake.calls();
    assert!(
        !calls.contains(&"ecs:RegisterTaskDefinition") && !calls.contains(&"ecs:UpdateService"),
        "{calls:?}"
    );
}

#[tokio::test]
async fn revision_that_cannot_run_again_plans_one_update() {
    use crate::ecs::api::Revision;
    let changes: [fn(&mut Revision); 2] = [
        |revision| revision.active = false,
        |revision| revision.definition.family = "other".into(),
    ];
    for change in changes {
        let (fake, bundles) = account();
        let state = created(&bundles).await;
        fake.with(|state| state.revisions.iter_mut().for_each(change));
        let found = refreshed(&bundles, &state)
            .await
            .expect("the bundle exists");
        let plan = planned(&found, |_| ());
        assert!(has_unknown_outputs(&plan), "the outputs must be unknown");
        let after = applied(&bundles, &found, &plan).await;
        let settled = refreshed(&bundles, &after)
            .await
            .expect("the bundle exists");
        assert!(!plans_an_update(&settled));
        assert!(settled.task_definition_arns != state.task_definition_arns);
    }
}

#[tokio::test]
async fn rollout_without_waiting_does_not_change_planned_values() {
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
    let stored = bundles.create_bundle(&unwatched, &call()).await;
    let state = ServiceBundlePlan::from(stored.ok().expect("the create succeeds").state);
    let status =
        |state: &ServiceBundlePlan| known_deployment(state, "api").expect("the API").status;
    assert_eq!(status(&state), "IN_PROGRESS");
    let plan = planned(&state, unprotected);
    for _ in 0..looks {
        refreshed(&bundles, &state)
            .await
            .expect("the bundle exists");
    }
    let after = applied(&bundles, &state, &plan).await;
    assert!(after == plan, "found {:?}", after.encode());
    let later = refreshed(&bundles, &after)
        .await
        .expect("the bundle exists");
    assert_eq!(status(&later), "SUCCESSFUL");
}
