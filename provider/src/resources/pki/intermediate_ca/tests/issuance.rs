//! Issuance below a root: interruptions, and the key of the issuer.

use super::*;
use crate::resources::pki::stored_key::account::{Crash, Fault};

#[tokio::test]
async fn the_issuer_signs_and_the_document_contains_the_chain() {
    let account = Account::default();
    let root = root(&account, "Root").await;
    let state = create(&account, &root).await;
    assert_eq!(state.chain_pem, root.certificate_pem);
    let document = current(&account);
    assert_eq!(document["kind"], "intermediate");
    let known = |value: &Planned<String>| value.known().unwrap().clone();
    assert_eq!(
        document["chain"],
        serde_json::json!([known(&root.certificate_pem)])
    );
    assert_eq!(
        document["certificates"][0],
        known(&state.certificate_pem).as_str()
    );
    let read = refreshed(&account, &state).await;
    assert!(same(&read, &state), "the refresh must not change the state");
    account.with(|contents| {
        assert_eq!(contents.calls, ["secretsmanager:DescribeSecret"]);
    });
}

#[tokio::test]
async fn an_interruption_at_every_call_creates_one_key_and_one_certificate() {
    let faults = [
        Fault::Crash(Crash::BeforeEffect),
        Fault::Crash(Crash::AfterEffect),
        Fault::LoseResponse,
        Fault::Refuse("ThrottlingException", "Rate exceeded"),
    ];
    for number in 0..7 {
        for fault in &faults {
            let account = Account::default();
            let root = root(&account, "Root").await;
            let plan = plan(&account, &root).await;
            let first = resource(&account);
            account.fault_at(number, fault.clone());
            let call = call();
            let finished = tokio::select! {
                biased;
                () = account.crashed() => None,
                created = first.create_key(plan.clone(), &call) => created.ok(),
            };
            if finished.is_none() {
                // After the certificate is stored, the remedy is an import, which the layer tests.
                let _ = resource(&account).create_key(plan, &super::call()).await;
            }
            let secret = secret(&account);
            let documents = secret.versions.values();
            let documents: Vec<serde_json::Value> = documents
                .map(|value| serde_json::from_str(value).unwrap())
                .collect();
            let distinct = |member: &str| {
                let values = documents
                    .iter()
                    .map(|document| document[member].to_string());
                values.collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(distinct("private_key_pem").len(), 1, "call {number}");
            let certificates = distinct("certificates").into_iter();
            assert_eq!(
                certificates.filter(|list| list != "[]").count(),
                1,
                "call {number}"
            );
        }
    }
}

#[tokio::test]
async fn a_plan_never_reads_the_key_of_the_issuer() {
    let account = Account::default();
    let root = root(&account, "Root").await;
    plan(&account, &root).await;
    account.with(|contents| {
        assert_eq!(contents.calls, ["secretsmanager:DescribeSecret"]);
    });
}

/// Returns the root of another generation: another key with the same name, in another secret.
async fn second_generation(account: &Account, first: &RootCaPlan) -> RootCaPlan {
    let plan = RootCaPlan {
        secrets_manager: secret_of("Root G2"),
        ..first.clone()
    };
    let roots: RootCas<Account> = run(account, now);
    let created = roots.create_key(plan, &call()).await;
    let created = created.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    RootCaPlan::from(created)
}

#[tokio::test]
async fn a_pending_reissue_of_another_issuer_with_the_same_name_is_replaced() {
    let account = Account::default();
    let first = root(&account, "Root").await;
    let state = create(&account, &first).await;
    let second = second_generation(&account, &first).await;
    assert!(first.subject == second.subject);

    // The run ends after the description of the next certificate is stored.
    let mut plan = state.clone();
    plan.certificate_revision = 2.into();
    let interrupted = resource(&account);
    account.fault_at(4, Fault::Crash(Crash::BeforeEffect));
    let finished = tokio::select! {
        biased;
        () = account.crashed() => None,
        done = changed(&interrupted, &state, plan.clone()) => Some(done),
    };
    assert!(finished.is_none(), "the run must be interrupted");
    let pending = secret(&account);
    assert_eq!(pending.versions.len(), 3, "{:?}", pending.versions.keys());

    plan.signed_by = issuer(&second);
    let done = changed(&resource(&account), &state, plan).await;
    let done = done.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(done.chain_pem, second.certificate_pem);
    let document = current(&account);
    assert_eq!(document["certificates"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_unfinished_create_is_completed_below_another_issuer_with_the_same_name() {
    let account = Account::default();
    let first = root(&account, "Root").await;
    let mut plan = plan(&account, &first).await;
    let interrupted = resource(&account);
    account.fault_at(3, Fault::Crash(Crash::BeforeEffect));
    let call = call();
    let finished = tokio::select! {
        biased;
        () = account.crashed() => None,
        created = interrupted.create_key(plan.clone(), &call) => Some(created),
    };
    assert!(finished.is_none(), "the run must be interrupted");
    assert_eq!(secret(&account).versions.len(), 1);

    let second = second_generation(&account, &first).await;
    plan.signed_by = issuer(&second);
    let created = resource(&account).create_key(plan, &super::call()).await;
    let created = created.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    let state = IntermediateCaPlan::from(created);
    assert_eq!(state.chain_pem, second.certificate_pem);
    let versions = secret(&account).versions;
    let keys = versions.values().map(|value| {
        let document: serde_json::Value = serde_json::from_str(value).unwrap();
        document["private_key_pem"].to_string()
    });
    let keys: std::collections::BTreeSet<String> = keys.collect();
    assert_eq!(keys.len(), 1, "the unfinished key is kept");
}
