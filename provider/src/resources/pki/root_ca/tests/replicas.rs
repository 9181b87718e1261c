//! Replicas of the secret: `secrets_manager.replica_regions`.

use std::collections::BTreeSet;

use super::*;
use crate::resources::pki::stored_key::account::{Account, CONFLICT};

fn regions(codes: &[&str]) -> Planned<tfplugin::PlannedSet<Planned<String>>> {
    let codes = codes.iter().map(|code| Planned::Known((*code).to_owned()));
    Planned::Known(codes.collect())
}

fn plan_with(codes: &[&str]) -> RootCaPlan {
    let mut plan = plan("ED25519");
    change_secret(&mut plan, |secret| secret.replica_regions = regions(codes));
    plan
}

fn stored(account: &Account) -> BTreeSet<String> {
    let replicas = secret(account).replicas.into_iter();
    replicas.map(|replica| replica.region).collect()
}

fn codes(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

async fn changed(
    run: &RootCas<Account>,
    prior: &RootCaPlan,
    plan: RootCaPlan,
) -> Result<(RootCaPlan, String), String> {
    let call = call();
    let state = run.change(prior, plan, &call).await;
    let state = state.map_err(|diagnostics| text(&diagnostics))?;
    Ok((state.into(), text(&call.warnings.collected())))
}

#[tokio::test]
async fn replicas_are_created_with_the_secret_and_changed_in_place() {
    let account = Account::default();
    let run = resource(&account);
    let configured = plan_with(&["eu-west-1", "us-east-1"]);
    let prior = RootCaPlan::from(create(&run, configured).await.state);
    assert_eq!(stored(&account), codes(&["eu-west-1", "us-east-1"]));
    account.with(|contents| {
        let replicates = |call: &&&str| call.contains("Replicat");
        assert_eq!(contents.calls.iter().find(replicates), None);
    });
    assert_settled(&account, &prior).await;

    let mut next = prior.clone();
    change_secret(&mut next, |secret| {
        secret.replica_regions = regions(&["ap-south-1", "us-east-1"])
    });
    account.recover();
    let (state, warnings) = changed(&run, &prior, next.clone()).await.unwrap();
    assert_eq!(warnings, "");
    assert_eq!(stored(&account), codes(&["ap-south-1", "us-east-1"]));
    assert_settled(&account, &state).await;
    // The result of the first run is not in the state, so the next run changes nothing.
    let (again, _) = changed(&run, &prior, next).await.unwrap();
    assert!(same(&again, &state));
    assert_eq!(stored(&account), codes(&["ap-south-1", "us-east-1"]));

    // A replica that another process removed or added is drift.
    account.with(|contents| {
        let replicas = &mut contents.secrets.get_mut(NAME).unwrap().replicas;
        replicas.retain(|replica| replica.region == "us-east-1");
    });
    let mut read = refreshed(&later_run(&account), &state).await.unwrap();
    change_secret(&mut read, |secret| {
        assert!(secret.replica_regions == regions(&["us-east-1"]));
    });
}

#[tokio::test]
async fn replicas_that_the_configuration_does_not_manage_remain_until_the_destroy() {
    let account = Account::default();
    let run = resource(&account);
    let prior = RootCaPlan::from(create(&run, plan_with(&["eu-west-1"])).await.state);
    let mut next = prior.clone();
    change_secret(&mut next, |secret| secret.replica_regions = Planned::Null);
    let (state, _) = changed(&run, &prior, next).await.unwrap();
    assert_eq!(stored(&account), codes(&["eu-west-1"]));
    assert_settled(&account, &state).await;

    account.recover();
    let removed = run.remove(&state, &Private::default(), &call()).await;
    assert!(
        removed.is_ok(),
        "the secret must not be deleted before its replicas"
    );
    assert!(secret(&account).pending_deletion && stored(&account).is_empty());
}

#[tokio::test]
async fn failed_replication_is_a_warning_with_the_reason() {
    let account = Account::default();
    let run = resource(&account);
    let prior = RootCaPlan::from(create(&run, plan_with(&[])).await.state);
    account.with(|contents| {
        let secret = contents.secrets.get_mut(NAME).unwrap();
        secret.failed_replicas.insert("eu-west-1".to_owned());
    });
    let mut next = prior.clone();
    change_secret(&mut next, |secret| {
        secret.replica_regions = regions(&["eu-west-1"])
    });
    let (state, warning) = changed(&run, &prior, next).await.unwrap();
    let expected = |warning: &str| {
        warning.starts_with("secrets_manager.replica_regions\nReplication of the secret failed\n")
            && warning.contains(CONFLICT)
            && warning.contains("remove-regions-from-replication")
    };
    assert!(expected(&warning), "{warning}");
    let call = call();
    let read = later_run(&account).refresh(state.clone(), &call).await;
    assert!(read.is_ok_and(|read| same(&read.unwrap().into(), &state)));
    let warning = text(&call.warnings.collected());
    assert!(expected(&warning), "{warning}");
}

#[tokio::test]
async fn primary_region_is_rejected_during_planning() {
    let account = Account::default();
    let run = resource(&account);
    let message = planned(&run, None, Some(&plan_with(&["eu-central-1"]))).await;
    let message = message.unwrap_err();
    assert!(
        message
            .starts_with("secrets_manager.replica_regions\nReplica region is the primary region\n"),
        "{message}"
    );
    let prior = RootCaPlan::from(create(&run, plan_with(&["eu-west-1"])).await.state);
    let mut next = prior.clone();
    change_secret(&mut next, |secret| {
        secret.replica_regions = regions(&["eu-central-1"])
    });
    assert!(planned(&run, Some(&prior), Some(&next)).await.is_err());
}

#[tokio::test]
async fn import_reads_the_replicas() {
    let account = Account::default();
    let state = create(&resource(&account), plan_with(&["eu-west-1"]))
        .await
        .state;
    let mut imported = imported(&account, &state.secret_arn).await;
    change_secret(&mut imported, |secret| {
        assert!(secret.replica_regions == regions(&["eu-west-1"]));
    });
}
