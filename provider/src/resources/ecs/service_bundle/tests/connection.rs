//! Tests of the provider's default tags, region, and account.

use super::*;
use crate::aws::tags::known_tags;

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn default_tags(bundles: &Bundles, tags: &[(&str, &str)]) {
    bundles.access.connected(|to| to.default_tags = texts(tags));
}

/// Returns the plan for an unchanged configuration.
async fn planned(bundles: &Bundles, prior: &ServiceBundlePlan) -> ServiceBundlePlan {
    let mut plan = prior.clone();
    plan_tags(
        Some(prior),
        &mut plan,
        &bundles.access.planned_default_tags(),
    );
    plan
}

fn tags_of(fake: &Fake<'static>, service: &str) -> BTreeMap<String, String> {
    let mut tags = fake.service(service).tags;
    tags.retain(|key, _| !key.starts_with("skreg:"));
    tags
}

async fn changed(
    bundles: &Bundles,
    prior: &ServiceBundlePlan,
    plan: &ServiceBundlePlan,
) -> ServiceBundlePlan {
    let stored = bundles.update_bundle(prior, plan, &call()).await;
    stored
        .unwrap_or_else(|failure| panic!("{:?}", failure.diagnostics))
        .state
        .into()
}

#[tokio::test]
async fn changed_default_tags_are_planned_and_applied_in_place() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    let all = texts(&[("cost", "registry"), ("team", "platform")]);
    assert_eq!(known_tags(&state.tags_all), all);
    assert!(planned(&bundles, &state).await == state, "an empty plan");

    default_tags(&bundles, &[("stage", "prod"), ("team", "other")]);
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(
        again.tags == state.tags,
        "`tags` must not contain default tags"
    );
    let plan = planned(&bundles, &again).await;
    let wanted = texts(&[("stage", "prod"), ("team", "platform")]);
    assert_eq!(known_tags(&plan.tags_all), wanted);
    assert!(
        plan.task_definition_arns == state.task_definition_arns
            && plan.deployments == state.deployments
    );

    let revisions = fake.revisions().len();
    let state = changed(&bundles, &again, &plan).await;
    assert_eq!(known_tags(&state.tags_all), wanted);
    for service in ["skreg-api", "skreg-worker"] {
        assert_eq!(tags_of(&fake, service), wanted, "{service}");
    }
    assert_eq!(
        fake.revisions().len(),
        revisions,
        "changed tags must not start a rollout"
    );
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    assert!(again == state && planned(&bundles, &again).await == again);

    let mut next = v2();
    next.tags_all = plan.tags_all;
    changed(&bundles, &again, &next).await;
    let newest = fake.revisions().pop().expect("a revision");
    assert_eq!(
        (&newest.tags["stage"], newest.tags.get("cost")),
        (&"prod".to_owned(), None)
    );
}

#[tokio::test]
async fn tags_changed_by_another_process_are_drift() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    let arn = fake.service("skreg-worker").arn;
    let (set, removed) = (
        texts(&[("by-hand", "1"), ("cost", "none")]),
        ["team".to_owned()],
    );
    crate::ecs::api::EcsApi::retag(&*fake, &arn, &set, &removed)
        .await
        .expect("tagged");
    let again = refreshed(&bundles, &state)
        .await
        .expect("the bundle exists");
    let found = texts(&[("by-hand", "1"), ("cost", "none")]);
    assert_eq!(known_tags(&again.tags_all), found);
    assert_eq!(known_tags(&again.tags), found);
    let configured = ServiceBundlePlan {
        tags: state.tags.clone(),
        ..again.clone()
    };
    let mut plan = configured;
    plan_tags(
        Some(&again),
        &mut plan,
        &bundles.access.planned_default_tags(),
    );
    assert!(plan.tags_all == state.tags_all);
    changed(&bundles, &again, &plan).await;
    for service in ["skreg-api", "skreg-worker"] {
        assert_eq!(
            tags_of(&fake, service),
            known_tags(&state.tags_all),
            "{service}"
        );
    }
}

#[tokio::test]
async fn state_without_tags_all_has_an_empty_plan() {
    let (_, bundles) = account();
    let state = created(&bundles).await;
    let older = ServiceBundlePlan {
        tags_all: Planned::Null,
        ..state.clone()
    };
    assert!(
        planned(&bundles, &older).await == older,
        "without a refresh"
    );
    let again = refreshed(&bundles, &older)
        .await
        .expect("the bundle exists");
    assert!(
        again == state && planned(&bundles, &again).await == again,
        "with a refresh"
    );
}

/// `hashicorp/aws` plans to remove tags that are on an object but not in the configuration. `ignore_changes = [tags]`
/// keeps these tags. Source: provider guide "Resource Tagging".
#[tokio::test]
async fn refresh_adds_tags_from_other_tools_to_tags() {
    let (fake, bundles) = account();
    let state = created(&bundles).await;
    for name in ["skreg-api", "skreg-worker"] {
        let (arn, set) = (fake.service(name).arn, texts(&[("audit", "1")]));
        let tagged = crate::ecs::api::EcsApi::retag(&*fake, &arn, &set, &[]).await;
        tagged.expect("tagged");
    }
    for before in [Planned::Null, state.tags_all.clone()] {
        let older = ServiceBundlePlan {
            tags_all: before,
            ..state.clone()
        };
        let again = refreshed(&bundles, &older)
            .await
            .expect("the bundle exists");
        let own = texts(&[("audit", "1"), ("team", "platform")]);
        assert_eq!(known_tags(&again.tags), own);
        // With ignore_changes = [tags], the plan contains the tags of the state.
        assert!(planned(&bundles, &again).await == again, "an empty plan");
    }
}

#[tokio::test]
async fn unknown_default_tags_make_tags_all_unknown() {
    let (_, bundles) = account();
    let state = created(&bundles).await;
    let mut plan = state.clone();
    plan_tags(Some(&state), &mut plan, &Planned::Unknown);
    assert!(plan.tags_all.is_unknown());
    let state = changed(&bundles, &state, &plan).await;
    assert!(state.tags_all.known().is_some());
}

#[tokio::test]
async fn read_update_and_delete_fail_in_another_region_or_account() {
    let places = [
        (
            "us-east-1",
            Some("123456789012"),
            ["eu-central-1", "us-east-1"],
        ),
        (
            "eu-central-1",
            Some("999999999999"),
            ["123456789012", "999999999999"],
        ),
    ];
    for (region, account_id, names) in places {
        let (_, bundles) = account();
        let mut state = created(&bundles).await;
        state.deletion_protection = false.into();
        // The services do not exist in this region and account.
        let (fake, elsewhere) = account();
        elsewhere
            .access
            .connected(|to| (to.region, to.account) = (region, account_id));
        let read = elsewhere.refresh(state.clone(), &call()).await;
        let update = failed(elsewhere.update_bundle(&state, &v2(), &call()).await);
        let delete = elsewhere.delete_bundle(&state, &call()).await;
        for refused in [
            read.err().expect("the services do not count as deleted"),
            update.diagnostics,
            delete.expect_err("the services do not count as deleted"),
        ] {
            let refused = refused.iter().next().expect("an error");
            for name in names {
                assert!(refused.detail.contains(name), "{name}: {}", refused.detail);
            }
        }
        assert!(
            fake.active_services().is_empty(),
            "no service must be created"
        );
    }
}

#[tokio::test]
async fn only_the_region_is_compared_if_sts_fails() {
    let (_, bundles) = account();
    let mut state = created(&bundles).await;
    state.deletion_protection = false.into();
    let (_, empty) = account();
    empty.access.connected(|to| to.account = None);
    assert!(
        refreshed(&empty, &state).await.is_none(),
        "the services must count as deleted"
    );
    empty
        .delete_bundle(&state, &call())
        .await
        .expect("the delete succeeds");
}

#[tokio::test]
async fn cluster_in_another_region_or_account_is_rejected_by_plan_and_apply() {
    for (cluster, summary, places) in [
        (
            "arn:aws:ecs:us-east-1:123456789012:cluster/main",
            "Cluster is in another region",
            ["us-east-1", "eu-central-1"],
        ),
        (
            "arn:aws:ecs:eu-central-1:999999999999:cluster/main",
            "Cluster is in another account",
            ["999999999999", "123456789012"],
        ),
    ] {
        let (fake, bundles) = account();
        let plan = plan_of(|model| model.cluster = cluster.into());
        let at_plan = bundles.refuse_existing(None, &plan).await;
        let at_apply = failed(bundles.create_bundle(&plan, &call()).await).diagnostics;
        for refused in [at_plan.expect_err("the plan is rejected"), at_apply] {
            let [refused] = &refused.into_iter().collect::<Vec<_>>()[..] else {
                panic!("expected one error")
            };
            assert_eq!(
                (refused.path.to_string().as_str(), refused.summary.as_str()),
                ("cluster", summary)
            );
            for place in places {
                assert!(refused.detail.contains(place), "{}", refused.detail);
            }
        }
        assert_eq!(fake.calls(), [""; 0]);
    }

    // Unknown values are not compared, and a cluster name has no region.
    let (_, bundles) = account();
    bundles.access.connected(|to| to.account = None);
    for cluster in [
        "main",
        fake::CLUSTER_ARN,
        "arn:aws:ecs:eu-central-1:999999999999:cluster/main",
    ] {
        let plan = plan_of(|model| model.cluster = cluster.into());
        assert!(bundles.refuse_existing(None, &plan).await.is_ok());
    }
    let unknown = ServiceBundlePlan {
        cluster: Planned::Unknown,
        ..plan_of(|_| ())
    };
    assert!(bundles.refuse_existing(None, &unknown).await.is_ok());
}
