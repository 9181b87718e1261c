//! Interrupted creates and renewals that are continued later, with another configuration, or by another run.

use std::sync::Mutex;

use super::*;
use crate::resources::pki::stored_key::account::{Crash, Fault};

/// Index of the call of a create that stores the key.
const CREATE_SECRET: usize = 2;
/// Index of the call of a renewal that stores the description of the next certificate.
const PUT_PENDING: usize = 3;
/// Index of the call of a renewal that stores the next certificate.
const PUT_CERTIFICATE: usize = 4;

/// After the validity period of the certificate from [`config`].
fn expired() -> Timestamp {
    start() + SignedDuration::from_hours(48)
}

/// Runs a create that crashes after it has stored the key.
async fn interrupted_create(stores: &Stores, config: &LeafCertificatePlan) {
    let first = run(stores, start);
    let plan = planned(&first, None, Some(new(config))).await.unwrap().0;
    stores
        .account
        .fault_at(CREATE_SECRET, Fault::Crash(Crash::AfterEffect));
    tokio::select! {
        biased;
        () = stores.account.crashed() => {}
        _ = first.create(Create::for_test(plan.unwrap())) => panic!("the process did not crash"),
    }
}

/// Refreshes, plans, and applies a change in the renewal window. Returns the state and the warnings of the plan.
async fn applied(
    stores: &Stores,
    config: &LeafCertificatePlan,
    state: &LeafCertificatePlan,
    now: fn() -> Timestamp,
) -> Result<(LeafCertificatePlan, String), String> {
    let due = run(stores, now);
    let read = refreshed(&due, state).await;
    let (plan, warnings) = planned(&due, Some(&read), Some(proposed(config, &read))).await?;
    let plan = plan.unwrap();
    stores.account.recover();
    let (done, _) = update(&due, &read, plan.clone()).await?;
    assert_consistent(&plan, &done);
    Ok((done, warnings))
}

/// Asserts that an apply returned all known planned outputs.
fn assert_consistent(plan: &LeafCertificatePlan, done: &LeafCertificatePlan) {
    for (planned, found) in [
        (&plan.spki_sha256, &done.spki_sha256),
        (&plan.public_key_pem, &done.public_key_pem),
        (&plan.certificate_pem, &done.certificate_pem),
        (&plan.secret_version_id, &done.secret_version_id),
        (&plan.chain_pem, &done.chain_pem),
    ] {
        assert!(planned.is_unknown() || planned == found, "{planned:?}");
    }
}

/// Asserts that the state describes the current version of the secret, and that the next plan is empty.
async fn assert_settled(
    stores: &Stores,
    config: &LeafCertificatePlan,
    state: &LeafCertificatePlan,
    now: fn() -> Timestamp,
) {
    let secret = secret(stores);
    assert_eq!(known(&state.secret_version_id), secret.current);
    let current = document(&secret, &secret.current);
    assert_eq!(current["certificate_pem"], known(&state.certificate_pem));
    assert_eq!(current["spki_sha256"], known(&state.spki_sha256));
    assert_eq!(secret.tags["spki_sha256"], known(&state.spki_sha256));
    let later = run(stores, now);
    let read = refreshed(&later, state).await;
    assert!(same(&read, state));
    let (plan, warnings) = planned(&later, Some(&read), Some(proposed(config, &read)))
        .await
        .unwrap();
    assert!(same(&plan.unwrap(), state), "{warnings}");
}

#[tokio::test]
async fn the_chain_of_a_continued_certificate_is_the_configured_one() {
    // The issuer is reissued after a create was interrupted.
    let stores = Stores::default();
    let root = root_state(&stores, 30).await;
    interrupted_create(&stores, &config(&issuer_of(root.clone()))).await;
    stores.account.recover();
    let next = reissued(&stores, &root).await;
    let with_next = config(&issuer_of(next.clone()));
    let (state, _) = create(&run(&stores, start), &with_next).await;
    let chain = |stores: &Stores| {
        let secret = secret(stores);
        document(&secret, &secret.current)["chain"][0].clone()
    };
    assert_eq!(chain(&stores), known(&next.certificate_pem));
    assert_settled(&stores, &with_next, &state, start).await;

    // The issuer is reissued after a renewal was interrupted, before or after the certificate was stored.
    for call in [PUT_PENDING, PUT_CERTIFICATE] {
        let stores = Stores::default();
        let root = root_state(&stores, 30).await;
        let before = config(&issuer_of(root.clone()));
        let (state, _) = create(&run(&stores, start), &before).await;
        crashed_renewal(&stores, &before, &state, call).await;
        let next = reissued(&stores, &root).await;
        let after = config(&issuer_of(next.clone()));
        let (done, _) = applied(&stores, &after, &state, in_window).await.unwrap();
        assert_eq!(chain(&stores), known(&next.certificate_pem), "{call}");
        assert_settled(&stores, &after, &done, in_window).await;
    }
}

/// Runs a renewal that crashes after a call.
async fn crashed_renewal(
    stores: &Stores,
    config: &LeafCertificatePlan,
    state: &LeafCertificatePlan,
    call: usize,
) {
    let due = run(stores, in_window);
    let plan = planned(&due, Some(state), Some(proposed(config, state))).await;
    let plan = plan.unwrap().0.unwrap();
    stores
        .account
        .fault_at(call, Fault::Crash(Crash::AfterEffect));
    tokio::select! {
        biased;
        () = stores.account.crashed() => {}
        _ = update(&due, state, plan) => panic!("the process did not crash"),
    }
    stores.account.recover();
}

#[tokio::test]
async fn a_renewal_continues_below_another_issuer_with_the_same_name() {
    for call in [PUT_PENDING, PUT_CERTIFICATE] {
        let stores = Stores::default();
        let before = config(&root(&stores, 30).await);
        let (state, _) = create(&run(&stores, start), &before).await;
        crashed_renewal(&stores, &before, &state, call).await;
        stores
            .account
            .with(|contents| contents.secrets.remove("leaf/root"));
        let other = root(&stores, 30).await;
        let after = config(&other);
        let (done, _) = applied(&stores, &after, &state, in_window).await.unwrap();
        let certificate = crate::pki::Certificate::issued_from_pem(
            known(&done.certificate_pem),
            crate::pki::CertificateKind::Leaf,
            crate::pki::Certificate::root_from_pem(known(&other.certificate_pem))
                .unwrap()
                .public_key(),
        );
        assert!(certificate.is_ok(), "call {call}: another issuer signed");
        assert_settled(&stores, &after, &done, in_window).await;
    }
}

#[tokio::test]
async fn an_interrupted_create_is_not_completed_after_its_validity_period() {
    let stores = Stores::default();
    let config = config(&root(&stores, 30).await);
    interrupted_create(&stores, &config).await;
    let late = run(&stores, expired);
    let plan = planned(&late, None, Some(new(&config))).await.unwrap().0;
    let created = late.create(Create::for_test(plan.unwrap())).await;
    let message = text(
        &created
            .err()
            .expect("the certificate has expired")
            .diagnostics,
    );
    assert!(
        message.contains("- not_after_actual: configured")
            && message.contains("to 2026-11-21T12:00:00Z")
            && message.contains("delete-secret"),
        "{message}"
    );
    let secret = secret(&stores);
    assert_eq!(secret.versions.len(), 1, "nothing was signed");
    // The named remedy.
    stores
        .account
        .with(|contents| contents.secrets.remove(NAME));
    let (state, _) = create(&run(&stores, expired), &config).await;
    assert_settled(&stores, &config, &state, expired).await;
}

/// The secret after a run that completed between two calls of another run.
static FASTER: Mutex<Option<Secret>> = Mutex::new(None);

#[tokio::test]
async fn the_slower_of_two_renewals_does_not_report_its_own_key() {
    let stores = Stores::default();
    let config = config(&root(&stores, 30).await);
    let (state, _) = create(&run(&stores, start), &config).await;
    let before = secret(&stores);
    let (faster, _) = applied(&stores, &config, &state, in_window).await.unwrap();
    *FASTER.lock().unwrap() = Some(secret(&stores));
    stores
        .account
        .with(|contents| contents.secrets.insert(NAME.to_owned(), before));
    let slow = run(&stores, in_window);
    let plan = planned(&slow, Some(&state), Some(proposed(&config, &state))).await;
    let plan = plan.unwrap().0.unwrap();
    stores.account.fault_at(
        PUT_CERTIFICATE,
        Fault::Meanwhile(|contents| {
            let secret = FASTER.lock().unwrap().take().unwrap();
            contents.secrets.insert(NAME.to_owned(), secret);
        }),
    );
    let message = update(&slow, &state, plan).await.err();
    let message = message.expect("the key of this run is not stored");
    assert!(
        message.contains("Another run") && message.contains("apply again"),
        "{message}"
    );
    let hash = &secret(&stores).tags["spki_sha256"];
    assert_eq!(hash, known(&faster.spki_sha256), "the tag is not changed");
    // The next apply adopts the stored certificate.
    let (done, _) = applied(&stores, &config, &state, in_window).await.unwrap();
    assert_eq!(done.certificate_pem, faster.certificate_pem);
    assert_settled(&stores, &config, &done, in_window).await;
}

#[tokio::test]
async fn a_change_of_rotate_key_on_renewal_does_not_prevent_the_completion_of_a_renewal() {
    for (before, after) in [(true, false), (false, true)] {
        for call in [PUT_PENDING, PUT_CERTIFICATE] {
            let stores = Stores::default();
            let mut config = config(&root(&stores, 30).await);
            config.rotate_key_on_renewal = before.into();
            let (state, _) = create(&run(&stores, start), &config).await;
            crashed_renewal(&stores, &config, &state, call).await;
            config.rotate_key_on_renewal = after.into();
            let (done, _) = applied(&stores, &config, &state, in_window).await.unwrap();
            assert_settled(&stores, &config, &done, in_window).await;
            if call == PUT_CERTIFICATE {
                assert_eq!(
                    secret(&stores).previous.as_deref(),
                    state.secret_version_id.known().map(String::as_str),
                    "the certificate is adopted"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_reverted_change_does_not_leave_another_certificate_in_the_secret() {
    let stores = Stores::default();
    let reverted = config(&root(&stores, 30).await);
    let (state, _) = create(&run(&stores, start), &reverted).await;
    let mut changed = reverted.clone();
    changed.ocsp_urls = Planned::Known(vec!["http://ocsp.example".to_owned().into()]);
    let renewed = run(&stores, before_window);
    let plan = planned(&renewed, Some(&state), Some(proposed(&changed, &state))).await;
    let (lost, _) = update(&renewed, &state, plan.unwrap().0.unwrap())
        .await
        .unwrap();
    // The state of the change is lost.
    let (done, warnings) = applied(&stores, &reverted, &state, before_window)
        .await
        .unwrap();
    assert!(warnings.contains("interrupted"), "{warnings}");
    assert_settled(&stores, &reverted, &done, before_window).await;
    let secret = secret(&stores);
    assert_eq!(secret.versions.len(), 6, "two certificates were issued");
    assert_eq!(
        previous(&done),
        [known(&state.serial_number), known(&lost.serial_number)],
        "a destroy revokes both"
    );

    // The state of that apply is lost as well.
    let (again, _) = applied(&stores, &reverted, &state, before_window)
        .await
        .unwrap();
    assert_eq!(again.certificate_pem, done.certificate_pem);
    assert_eq!(previous(&again), [known(&state.serial_number)]);
    assert_settled(&stores, &reverted, &again, before_window).await;
}

/// Returns the serial numbers in `previous_certificates`.
fn previous(state: &LeafCertificatePlan) -> Vec<&str> {
    let all = state.previous_certificates.known().into_iter().flatten();
    let all = all.filter_map(Planned::known);
    all.map(|certificate| known(&certificate.serial_number))
        .collect()
}
