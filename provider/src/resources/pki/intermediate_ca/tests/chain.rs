//! Another certificate of the same issuer, and another issuer.

use super::*;
use crate::resources::pki::stored_key::account::{Crash, Fault};

/// A root and an authority below it, and the next certificate of the root.
async fn rotated(account: &Account) -> (IntermediateCaPlan, RootCaPlan) {
    let first = root(account, "Root").await;
    let state = create(account, &first).await;
    (state, reissued(account, &first).await)
}

fn with_issuer(state: &IntermediateCaPlan, root: &RootCaPlan) -> IntermediateCaPlan {
    IntermediateCaPlan {
        signed_by: issuer(root),
        ..state.clone()
    }
}

#[tokio::test]
async fn a_reissued_issuer_replaces_only_the_chain() {
    let account = Account::default();
    let (state, next) = rotated(&account).await;
    let run = resource(&account);
    let plan = reviewed(&run, Some(&state), with_issuer(&state, &next))
        .await
        .unwrap();
    assert_eq!(plan.chain_pem, next.certificate_pem);
    assert!(plan.secret_version_id.is_unknown() && plan.chains_pem.is_unknown());
    assert_eq!(plan.certificate_pem, state.certificate_pem);
    account.recover();
    let changed = changed(&run, &state, plan).await.unwrap();
    account.with(|contents| {
        assert_eq!(
            contents.calls,
            [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:DescribeSecret",
            ]
        );
    });
    assert_eq!(changed.certificate_pem, state.certificate_pem);
    let root = next.certificate_pem.known().unwrap().as_str();
    assert_eq!(current(&account)["chain"], serde_json::json!([root]));
    assert_eq!(
        changed.issuer.known().unwrap().chain_pem,
        next.certificate_pem
    );
    assert!(same(&refreshed(&account, &changed).await, &changed));
}

#[tokio::test]
async fn an_interrupted_replacement_of_the_chain_is_completed() {
    let faults = [
        Fault::Crash(Crash::BeforeEffect),
        Fault::Crash(Crash::AfterEffect),
        Fault::LoseResponse,
        Fault::Refuse("ThrottlingException", "Rate exceeded"),
    ];
    for number in 0..4 {
        for fault in &faults {
            let account = Account::default();
            let (state, next) = rotated(&account).await;
            let run = resource(&account);
            let plan = with_issuer(&state, &next);
            account.fault_at(number, fault.clone());
            let interrupted = tokio::select! {
                biased;
                () = account.crashed() => None,
                changed = changed(&run, &state, plan.clone()) => changed.ok(),
            };
            let done = match interrupted {
                Some(done) => done,
                None => {
                    let read = refreshed(&account, &state).await;
                    assert!(same(&read, &state), "the refresh must keep the state");
                    let later = resource(&account);
                    let plan = reviewed(&later, Some(&read), plan).await.unwrap();
                    changed(&later, &read, plan).await.unwrap()
                }
            };
            assert_eq!(done.chain_pem, next.certificate_pem, "call {number}");
            assert_eq!(
                done.secret_version_id.known(),
                Some(&secret(&account).current)
            );
            assert!(same(&refreshed(&account, &done).await, &done));
        }
    }
}

#[tokio::test]
async fn the_next_certificate_follows_an_interrupted_replacement_of_the_chain() {
    let account = Account::default();
    let (state, next) = rotated(&account).await;
    let rechained = with_issuer(&state, &next);
    changed(&resource(&account), &state, rechained.clone())
        .await
        .unwrap();
    // The state of the first change is lost.
    let mut plan = rechained;
    plan.certificate_revision = 2.into();
    let run = resource(&account);
    let plan = reviewed(&run, Some(&state), plan).await.unwrap();
    let done = changed(&run, &state, plan).await.unwrap();
    assert_ne!(done.certificate_pem, state.certificate_pem);
    assert_eq!(
        current(&account)["certificates"].as_array().unwrap().len(),
        2
    );
    assert!(same(&refreshed(&account, &done).await, &done));
}

#[tokio::test]
async fn another_issuer_requires_the_next_revision_and_keeps_the_earlier_chain() {
    let account = Account::default();
    let first = root(&account, "Root").await;
    let state = create(&account, &first).await;
    let other = root(&account, "Other").await;
    let run = resource(&account);
    let mut plan = with_issuer(&state, &other);
    let message = reviewed(&run, Some(&state), plan.clone())
        .await
        .err()
        .unwrap();
    assert!(
        message.contains("Another issuer requires a new certificate"),
        "{message}"
    );
    plan.certificate_revision = 2.into();
    let plan = reviewed(&run, Some(&state), plan).await.unwrap();
    let done = changed(&run, &state, plan).await.unwrap();
    assert_eq!(done.chain_pem, other.certificate_pem);
    let chains = done.chains_pem.known().unwrap();
    for (root, own) in [(&first, &state), (&other, &done)] {
        let own = own.certificate_pem.known().unwrap();
        let above = root.certificate_pem.known().unwrap();
        let chain = &chains[root.spki_sha256.known().unwrap()];
        assert_eq!(chain.known(), Some(&format!("{own}{above}")));
    }

    // The issuer of the first certificate is reissued, but it is not the issuer of the current one.
    let again = reissued(&account, &other).await;
    let run = resource(&account);
    let plan = with_issuer(&done, &again);
    let plan = reviewed(&run, Some(&done), plan).await.unwrap();
    let last = changed(&run, &done, plan).await.unwrap();
    assert_eq!(last.chains_pem.known().unwrap().len(), 2);
    assert_eq!(last.chain_pem, again.certificate_pem);
    assert!(same(&refreshed(&account, &last).await, &last));
}
