//! Effect of the provider configuration on an authority: default tags, region, and account.

use super::*;
use crate::resources::pki::stored_key::account::Account;

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn default_tags(account: &Account, tags: &[(&str, &str)]) {
    account.with(|contents| contents.default_tags = texts(tags));
}

/// Returns the plan for an unchanged configuration after the plan hook.
fn planned(account: &Account, prior: &RootCaPlan) -> RootCaPlan {
    let mut plan = prior.clone();
    plan_tags(Some(prior), &mut plan, &account.planned_default_tags());
    plan
}

fn tags_of(account: &Account) -> BTreeMap<String, String> {
    let mut tags = secret(account).tags;
    assert!(
        tags.remove(KEY_TAG).is_some(),
        "the secret must have the tag with the key hash"
    );
    tags
}

async fn retagged(account: &Account, prior: &RootCaPlan, plan: RootCaPlan) -> RootCaPlan {
    let state = resource(account).retag(prior, plan, &call()).await;
    state
        .unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)))
        .into()
}

#[tokio::test]
async fn changed_default_tags_are_planned_and_applied_in_place() {
    let account = Account::default();
    default_tags(&account, &[("team", "pki"), ("cost", "1")]);
    let mut first = plan("ED25519");
    first.tags = planned_tags(texts(&[("a", "1")]));
    let state = RootCaPlan::from(create(&resource(&account), first).await.state);
    assert_eq!(
        known_tags(&state.tags_all),
        texts(&[("a", "1"), ("cost", "1"), ("team", "pki")])
    );
    assert!(
        same(&planned(&account, &state), &state),
        "the plan must be empty"
    );

    default_tags(&account, &[("team", "ops"), ("stage", "prod")]);
    let read = refreshed(&later_run(&account), &state).await.unwrap();
    assert!(
        read.tags == state.tags,
        "default tags must not become resource tags"
    );
    let next = planned(&account, &read);
    let wanted = texts(&[("a", "1"), ("stage", "prod"), ("team", "ops")]);
    assert_eq!(known_tags(&next.tags_all), wanted);
    let state = retagged(&account, &read, next).await;
    assert_eq!(known_tags(&state.tags_all), wanted);
    assert_eq!(tags_of(&account), wanted);
    assert_settled(&account, &state).await;
    assert!(same(&planned(&account, &state), &state));
}

#[tokio::test]
async fn tags_all_does_not_contain_reserved_tags() {
    let account = Account::default();
    let state = RootCaPlan::from(create(&resource(&account), plan("ED25519")).await.state);
    account.with(|contents| {
        let tags = &mut contents.secrets.get_mut(NAME).unwrap().tags;
        tags.extend(texts(&[("skreg:adoption", "x"), ("by-hand", "1")]));
    });
    let read = refreshed(&later_run(&account), &state).await.unwrap();
    assert_eq!(known_tags(&read.tags_all), texts(&[("by-hand", "1")]));
}

#[tokio::test]
async fn a_state_without_tags_all_has_an_empty_plan() {
    let account = Account::default();
    default_tags(&account, &[("team", "pki")]);
    let state = RootCaPlan::from(create(&resource(&account), plan("ED25519")).await.state);
    let older = RootCaPlan {
        tags_all: Planned::Null,
        ..state.clone()
    };
    assert!(
        same(&planned(&account, &older), &older),
        "the plan without a refresh must be empty"
    );
    let read = refreshed(&later_run(&account), &older).await.unwrap();
    assert!(
        same(&read, &state) && same(&planned(&account, &read), &read),
        "the plan after a refresh must be empty"
    );
}

#[tokio::test]
async fn refresh_update_and_delete_fail_in_another_region_or_account() {
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
    let state = RootCaPlan::from(
        create(&resource(&Account::default()), plan("ED25519"))
            .await
            .state,
    );
    for (region, account_id, names) in places {
        let elsewhere = Account::default();
        elsewhere.with(|contents| contents.connected_to = (region, account_id));
        let roots = resource(&elsewhere);
        let mut tagged = state.clone();
        tagged.tags = planned_tags(texts(&[("a", "1")]));
        let read = roots.refresh(state.clone(), &call()).await.err();
        let update = roots.retag(&state, tagged, &call()).await.err();
        let delete = roots
            .remove(&state, &Private::default(), &call())
            .await
            .err();
        for refused in [read, update, delete] {
            let refused = text(&refused.expect("the operation must fail"));
            assert!(names.iter().all(|name| refused.contains(name)), "{refused}");
        }
    }
}

#[tokio::test]
async fn only_the_region_is_compared_if_sts_does_not_respond() {
    let state = RootCaPlan::from(
        create(&resource(&Account::default()), plan("ED25519"))
            .await
            .state,
    );
    let empty = Account::default();
    empty.with(|contents| contents.connected_to = ("eu-central-1", None));
    let roots = resource(&empty);
    let read = roots
        .refresh(state.clone(), &call())
        .await
        .err()
        .expect("the refresh must fail");
    assert!(
        text(&read).contains("Root key is missing"),
        "{}",
        text(&read)
    );
    assert!(
        roots
            .remove(&state, &Private::default(), &call())
            .await
            .is_ok()
    );
}
