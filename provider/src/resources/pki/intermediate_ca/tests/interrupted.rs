//! Interrupted creates and reissues that are continued with another configuration.

use std::sync::Mutex;

use super::*;
use crate::resources::pki::stored_key::account::{Crash, Fault};

/// Index of the call that stores the description of the next certificate, after `DescribeSecret` and two
/// `GetSecretValue`.
const PUT_PENDING: usize = 3;

fn with_issuer(state: &IntermediateCaPlan, root: &RootCaPlan, revision: i64) -> IntermediateCaPlan {
    IntermediateCaPlan {
        signed_by: issuer(root),
        certificate_revision: revision.into(),
        ..state.clone()
    }
}

/// Runs a change that crashes after a call.
async fn crashed_at(
    account: &Account,
    call: usize,
    prior: &IntermediateCaPlan,
    plan: IntermediateCaPlan,
) {
    let run = resource(account);
    let plan = reviewed(&run, Some(prior), plan).await.unwrap();
    account.fault_at(call, Fault::Crash(Crash::AfterEffect));
    tokio::select! {
        biased;
        () = account.crashed() => {}
        _ = changed(&run, prior, plan) => panic!("the process did not crash"),
    }
}

#[tokio::test]
async fn a_certificate_of_another_issuer_is_not_adopted() {
    let account = Account::default();
    let (first, other) = (root(&account, "Root").await, root(&account, "Other").await);
    let state = create(&account, &first).await;
    // The certificate of the first issuer is stored, but the state does not contain it.
    let run = resource(&account);
    let plan = reviewed(&run, Some(&state), with_issuer(&state, &first, 2)).await;
    changed(&run, &state, plan.unwrap()).await.unwrap();
    let before = current(&account);
    let run = resource(&account);
    let plan = reviewed(&run, Some(&state), with_issuer(&state, &other, 2)).await;
    let message = changed(&run, &state, plan.unwrap()).await.err().unwrap();
    assert!(
        message.contains("Issued certificate differs")
            && message.contains("- signed_by.certificate_pem: configured common_name=Other"),
        "{message}"
    );
    assert_eq!(current(&account), before);
    // The named remedy: the first issuer, and then the next revision of the other one.
    let plan = with_issuer(&state, &first, 2);
    let plan = reviewed(&run, Some(&state), plan).await.unwrap();
    let second = changed(&run, &state, plan).await.unwrap();
    let plan = with_issuer(&second, &other, 3);
    let plan = reviewed(&run, Some(&second), plan).await.unwrap();
    let third = changed(&run, &second, plan).await.unwrap();
    assert_eq!(third.chain_pem, other.certificate_pem);
}

#[tokio::test]
async fn a_description_for_another_issuer_is_replaced() {
    let account = Account::default();
    let (first, other) = (root(&account, "Root").await, root(&account, "Other").await);
    let state = create(&account, &first).await;
    crashed_at(
        &account,
        PUT_PENDING,
        &state,
        with_issuer(&state, &first, 2),
    )
    .await;
    let run = resource(&account);
    let plan = reviewed(&run, Some(&state), with_issuer(&state, &other, 2)).await;
    let done = changed(&run, &state, plan.unwrap()).await.unwrap();
    assert_eq!(done.chain_pem, other.certificate_pem);
    assert!(same(&refreshed(&account, &done).await, &done));
}

#[tokio::test]
async fn a_changed_signature_algorithm_applies_to_an_interrupted_create_and_reissue() {
    let signing = |plan: &IntermediateCaPlan, name: &str| IntermediateCaPlan {
        signature_algorithm: name.to_owned().into(),
        ..plan.clone()
    };
    let assert_signs = |account: &Account, state: &IntermediateCaPlan, name: &str| {
        assert_eq!(state.signature_algorithm.known().unwrap(), name);
        let issuer = state.issuer.known().unwrap();
        assert_eq!(issuer.signature_algorithm.known().unwrap(), name);
        assert_eq!(current(account)["signature_algorithm"], name);
    };
    let account = Account::default();
    let root = root(&account, "Root").await;
    let rsa = IntermediateCaPlan {
        key_algorithm: "RSA_3072".to_owned().into(),
        ..plan(&account, &root).await
    };
    // The create crashes after CreateSecret.
    let run = resource(&account);
    account.fault_at(2, Fault::Crash(Crash::AfterEffect));
    let call = call();
    tokio::select! {
        biased;
        () = account.crashed() => {}
        _ = run.create_key(signing(&rsa, "SHA256WITHRSA"), &call) => panic!("no crash"),
    }
    let (later, call) = (resource(&account), super::call());
    let created = later
        .create_key(signing(&rsa, "SHA384WITHRSA"), &call)
        .await;
    let created = created.map_err(|errors| text(&errors)).unwrap();
    let state = IntermediateCaPlan::from(created);
    assert_signs(&account, &state, "SHA384WITHRSA");

    let next = IntermediateCaPlan {
        certificate_revision: 2.into(),
        ..state.clone()
    };
    crashed_at(
        &account,
        PUT_PENDING,
        &state,
        signing(&next, "SHA256WITHRSA"),
    )
    .await;
    let run = resource(&account);
    let plan = reviewed(&run, Some(&state), signing(&next, "SHA512WITHRSA")).await;
    let done = changed(&run, &state, plan.unwrap()).await.unwrap();
    assert_signs(&account, &done, "SHA512WITHRSA");

    // The certificate is complete, so its document has the earlier algorithm.
    let run = resource(&account);
    let plan = reviewed(&run, Some(&state), signing(&next, "SHA256WITHRSA")).await;
    let message = changed(&run, &state, plan.unwrap()).await.err().unwrap();
    assert!(
        message.contains("- signature_algorithm: configured SHA256WITHRSA, stored SHA512WITHRSA"),
        "{message}"
    );
}

/// The secret after a run that completed between two calls of another run.
static FASTER: Mutex<Option<Secret>> = Mutex::new(None);

#[tokio::test]
async fn the_slower_of_two_replacements_of_the_chain_does_not_report_its_own_chain() {
    let account = Account::default();
    let first = root(&account, "Root").await;
    let state = create(&account, &first).await;
    let second = reissued(&account, &first).await;
    let third = reissued(&account, &second).await;
    let before = secret(&account);
    let faster = changed(&resource(&account), &state, with_issuer(&state, &second, 1)).await;
    let faster = faster.unwrap();
    *FASTER.lock().unwrap() = Some(secret(&account));
    account.with(|contents| contents.secrets.insert(NAME.to_owned(), before));
    let run = resource(&account);
    account.fault_at(
        2,
        Fault::Meanwhile(|contents| {
            let secret = FASTER.lock().unwrap().take().unwrap();
            contents.secrets.insert(NAME.to_owned(), secret);
        }),
    );
    let message = changed(&run, &state, with_issuer(&state, &third, 1)).await;
    let message = message.err().expect("the chain of this run is not stored");
    assert!(message.contains("Another run"), "{message}");
    // The next apply continues.
    let run = resource(&account);
    let plan = reviewed(&run, Some(&state), with_issuer(&state, &third, 1)).await;
    let done = changed(&run, &state, plan.unwrap()).await.unwrap();
    assert_eq!(done.chain_pem, third.certificate_pem);
    assert_ne!(done.secret_version_id, faster.secret_version_id);
    assert!(same(&refreshed(&account, &done).await, &done));
    // Without the state of both changes, the current version is still recognized.
    assert!(same(&refreshed(&account, &state).await, &state));
}

#[tokio::test]
async fn a_long_history_or_chain_fails_during_planning() {
    let account = Account::default();
    let root = root(&account, "Root").await;
    let mut state = create(&account, &root).await;
    let revision = state.certificate_history.known().unwrap()[0].clone();
    state.certificate_history = Planned::Known(vec![revision; 100]);
    let plan = with_issuer(&state, &root, 2);
    let message = reviewed(&resource(&account), Some(&state), plan).await;
    let message = message.err().unwrap();
    assert!(
        message.starts_with("certificate_revision\nSecret has no room"),
        "{message}"
    );
}
