//! Tests of pre-flight checks and of how failed checks are handled.

use std::collections::{BTreeMap, BTreeSet};

use skreg::aws::AwsError;
use skreg::ecs::api::LogGroup;
use skreg::ecs::bundle::{Bundle, Verify};
use skreg::ecs::service::{Capacity, Share};

use super::texts;
use crate::fake::{Fake, FakeClock};
use crate::{bundle, bundle_of, create, delete, error_of, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

/// Returns an account in which every check fails.
fn failing_account<'c>(clock: &'c FakeClock) -> Fake<'c> {
    let fake = Fake::new(clock);
    fake.with(|state| {
        state.target_groups[0].load_balancers.clear();
        state.log_groups.clear();
    });
    fake
}

fn on_spot(mut bundle: Bundle) -> Bundle {
    let share = |weight, base| Share { weight, base };
    let shares = [("FARGATE", share(1, 1)), ("FARGATE_SPOT", share(3, 0))];
    let shares = shares.map(|(name, share)| (name.to_owned(), share));
    for spec in bundle.services.values_mut() {
        spec.settings.capacity = Some(Capacity::Providers(BTreeMap::from(shares.clone())));
    }
    bundle
}

#[tokio::test]
async fn failed_checks_are_errors_or_warnings_or_are_skipped() {
    let clock = FakeClock::new();
    let applied = create(&failing_account(&clock), &clock, &bundle()).await;
    assert!(applied.untouched && applied.made.revisions.is_empty());
    assert_eq!(error_of(applied).summary(), "Target group has no listener");

    let warned = Bundle {
        verify: Verify::Warn,
        ..bundle()
    };
    let applied = create(&failing_account(&clock), &clock, &warned).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    for (notice, says) in
        texts(&applied.notices)
            .iter()
            .zip(["no listener", "/ecs/skreg-api", "/ecs/skreg-worker"])
    {
        assert!(notice.contains(says), "{notice}");
    }
    assert_eq!(applied.notices.len(), 3, "{:?}", texts(&applied.notices));

    let blind = Bundle {
        verify: Verify::Off,
        ..bundle()
    };
    let fake = failing_account(&clock);
    let applied = create(&fake, &clock, &blind).await;
    assert!(applied.result.is_ok() && applied.notices.is_empty());
    let looks = [
        "ecs:DescribeClusters",
        "elasticloadbalancing:DescribeTargetGroups",
        "logs:DescribeLogGroups",
    ];
    assert!(!fake.calls().iter().any(|call| looks.contains(call)));
}

#[tokio::test]
async fn denied_check_of_a_log_group_is_a_warning() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let action = "logs:DescribeLogGroups";
    let denied = || AwsError::service(action, "AccessDeniedException", "not authorized");
    fake.with(|state| state.errors.insert(action, vec![denied(), denied()].into()));
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert!(
        texts(&applied.notices)
            .iter()
            .all(|notice| notice.contains("Allow logs:DescribeLogGroups"))
    );
    assert_eq!(applied.notices.len(), 2);
}

#[tokio::test]
async fn log_group_is_created_once_and_then_not_changed() {
    let clock = FakeClock::new();
    let fake = failing_account(&clock);
    fake.with(|state| state.target_groups[0].load_balancers.push("arn:lb".into()));
    let groups = ["/ecs/skreg-api", "/ecs/skreg-worker"].map(|name| LogGroup {
        name: name.into(),
        region: "eu-central-1".into(),
    });
    let wanted = Bundle {
        log_groups: BTreeSet::from(groups),
        ..bundle()
    };
    for _ in 0..2 {
        let applied = update(&fake, &clock, &wanted).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
    }
    let made = fake.with(|state| state.made_log_groups.clone());
    assert_eq!(
        made.keys().collect::<Vec<_>>(),
        ["/ecs/skreg-api", "/ecs/skreg-worker"]
    );
    assert_eq!(made["/ecs/skreg-api"], wanted.tags);

    // If access to the create call is denied, the attempt makes no other changes.
    let clock = FakeClock::new();
    let fake = failing_account(&clock);
    fake.with(|state| state.target_groups[0].load_balancers.push("arn:lb".into()));
    let action = "logs:CreateLogGroup";
    let denied = AwsError::service(action, "AccessDeniedException", "not authorized");
    fake.with(|state| state.errors.insert(action, vec![denied].into()));
    let applied = create(&fake, &clock, &wanted).await;
    assert!(applied.untouched && fake.active_services().is_empty());
    assert!(
        error_of(applied)
            .summary()
            .contains("create the log group /ecs/skreg-api")
    );
}

#[tokio::test]
async fn capacity_providers_of_every_service_are_checked() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.with(|state| state.capacity_providers = vec!["FARGATE".into(), "FARGATE_SPOT".into()]);
    let mut wanted = on_spot(bundle());
    let worker = wanted.services.get_mut("worker").expect("the worker");
    let Some(Capacity::Providers(shares)) = &mut worker.settings.capacity else {
        panic!("expected capacity providers")
    };
    let only = Share { weight: 1, base: 0 };
    *shares = BTreeMap::from([("on-premises".to_owned(), only)]);
    let applied = create(&fake, &clock, &wanted).await;
    assert!(applied.untouched && fake.active_services().is_empty());
    let error = error_of(applied).to_string();
    assert!(error.contains("on-premises"), "{error}");
}

#[tokio::test]
async fn capacity_changes_in_place_with_a_forced_deployment() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.with(|state| state.capacity_providers = vec!["FARGATE".into(), "FARGATE_SPOT".into()]);
    let plain = |mut bundle: Bundle| {
        for spec in bundle.services.values_mut() {
            spec.settings.capacity = Some(Capacity::LaunchType("FARGATE".into()));
        }
        bundle
    };
    assert!(create(&fake, &clock, &plain(bundle())).await.result.is_ok());
    for wanted in [on_spot(bundle()), plain(bundle())] {
        fake.with(|state| state.updates.clear());
        let applied = update(&fake, &clock, &wanted).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        let capacity = wanted.services["api"].settings.capacity.clone();
        assert_eq!(fake.service("skreg-api").settings.capacity, capacity);
        let updates = fake.with(|state| state.updates.clone());
        assert!(updates.len() == 2 && updates.iter().all(|update| update.force_new_deployment));
        fake.calls();
        assert!(update(&fake, &clock, &wanted).await.result.is_ok());
        assert!(
            !fake.calls().contains(&"ecs:UpdateService"),
            "a second update must not change anything"
        );
    }
}

#[tokio::test]
async fn error_names_the_missing_capacity_provider() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    fake.with(|state| state.capacity_providers = vec!["FARGATE".into()]);
    let error = error_of(create(&fake, &clock, &on_spot(bundle())).await);
    assert_eq!(
        error.summary(),
        "Capacity provider is not associated with the cluster"
    );
    let detail = error.detail();
    assert!(
        detail.contains("FARGATE_SPOT") && detail.contains("aws_ecs_cluster_capacity_providers"),
        "{detail}"
    );
    assert!(!fake.calls().contains(&"ecs:RegisterTaskDefinition"));
}

#[tokio::test]
async fn checks_of_new_objects_are_repeated() {
    let clock = FakeClock::new();
    let fake = failing_account(&clock);
    let (balancers, groups) = (
        "elasticloadbalancing:DescribeTargetGroups",
        "logs:DescribeLogGroups",
    );
    let clusters = "ecs:DescribeClusters";
    fake.meanwhile(groups, |state| {
        state.log_groups.insert("/ecs/skreg-api".into());
        state.log_groups.insert("/ecs/skreg-worker".into());
    });
    fake.meanwhile(balancers, |state| {
        state.target_groups[0].load_balancers.push("arn:lb".into());
    });
    fake.meanwhile(clusters, |state| {
        state.capacity_providers = vec!["FARGATE".into(), "FARGATE_SPOT".into()];
    });
    let applied = create(&fake, &clock, &on_spot(bundle())).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);

    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let group = fake.with(|state| state.target_groups.remove(0));
    fake.meanwhile(balancers, |state| state.target_groups.push(group));
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
}

#[tokio::test]
async fn checks_of_missing_objects_are_repeated_for_a_limited_time() {
    let (clock, slept) = (FakeClock::new(), |clock: &FakeClock| {
        clock.slept().as_secs()
    });
    let error = error_of(create(&failing_account(&clock), &clock, &bundle()).await);
    assert_eq!(error.summary(), "Target group has no listener");
    assert!((15..40).contains(&slept(&clock)), "{}", slept(&clock));

    // A target group with a different target type never passes the check.
    let clock = FakeClock::new();
    let fake = failing_account(&clock);
    fake.with(|state| state.target_groups[0].target_type = Some("instance".into()));
    assert!(create(&fake, &clock, &bundle()).await.result.is_err());
    assert_eq!(slept(&clock), 0);

    // Warnings are not repeated.
    let clock = FakeClock::new();
    let warned = Bundle {
        verify: Verify::Warn,
        ..bundle()
    };
    let fake = failing_account(&clock);
    fake.calls();
    assert!(create(&fake, &clock, &warned).await.result.is_ok());
    let looks = fake
        .calls()
        .into_iter()
        .filter(|call| *call == "ecs:DescribeClusters");
    assert_eq!(looks.count(), 1);
}

#[tokio::test]
async fn service_with_a_short_arn_is_rejected_before_any_change() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    assert!(create(&fake, &clock, &bundle()).await.result.is_ok());
    let old = "arn:aws:ecs:eu-central-1:123456789012:service/skreg-api";
    fake.change_service("skreg-api", |service| service.arn = old.into());
    fake.calls();
    let applied = update(&fake, &clock, &bundle_of("registry/skreg:v2")).await;
    assert!(applied.untouched);
    let error = error_of(applied);
    assert_eq!(error.summary(), "Service cannot be tagged");
    let account = "aws ecs put-account-setting --region eu-central-1 --name serviceLongArnFormat --value enabled\n";
    let tag = "aws ecs tag-resource --region eu-central-1 --resource-arn \
               arn:aws:ecs:eu-central-1:123456789012:service/main/skreg-api --tags key=skreg:bundle,value=skreg";
    for part in [old, account, tag] {
        assert!(error.detail().contains(part), "{}", error.detail());
    }
    let calls = fake.calls();
    assert!(!calls.contains(&"ecs:RegisterTaskDefinition"), "{calls:?}");
    // A destroy operation succeeds although the deletion tag cannot be written.
    assert!(delete(&fake, &clock).await.is_ok());
}
