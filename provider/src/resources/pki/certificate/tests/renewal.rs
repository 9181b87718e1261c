//! The renewal window, and the next certificate.

use super::*;
use crate::resources::pki::stored_key::account::{Crash, Fault};

#[tokio::test]
async fn a_plan_in_the_renewal_window_issues_a_certificate_for_a_new_key() {
    let stores = Stores::default();
    let config = config(&root(&stores, 30).await);
    let (state, warnings) = create(&run(&stores, start), &config).await;
    assert_eq!(warnings, "");
    assert_eq!(known(&state.renewal_time), "2026-11-21T04:00:00Z");
    assert_eq!(known(&state.key_algorithm), "ECDSA_P256");
    let first = secret(&stores);

    let early = run(&stores, before_window);
    let read = refreshed(&early, &state).await;
    assert!(same(&read, &state));
    let (plan, warnings) = planned(&early, Some(&read), Some(proposed(&config, &read)))
        .await
        .unwrap();
    assert!(same(&plan.unwrap(), &state), "{warnings}");
    assert_eq!(warnings, "");

    // The plan is due even without a refresh.
    let due = run(&stores, in_window);
    let (plan, warnings) = planned(&due, Some(&state), Some(proposed(&config, &state)))
        .await
        .unwrap();
    let plan = plan.unwrap();
    assert!(
        warnings.contains("began at 2026-11-21T04:00:00Z")
            && warnings.contains("expires at 2026-11-21T12:00:00Z")
            && warnings.contains("for a new key"),
        "{warnings}"
    );
    assert!(plan.serial_number.is_unknown() && plan.public_key_pem.is_unknown());
    assert_eq!(refreshed(&due, &state).await.ready_for_renewal, true.into());
    let (renewed, warnings) = update(&due, &state, plan).await.unwrap();
    assert_eq!(warnings, "");
    let second = secret(&stores);
    assert_eq!(second.previous.as_ref(), Some(&first.current));
    let keys = [&first.current, &second.current]
        .map(|version| document(&second, version)["private_key_pem"].to_string());
    assert_ne!(keys[0], keys[1]);
    assert_eq!(known(&renewed.secret_version_id), second.current);
    assert_eq!(known(&renewed.not_after_actual), "2026-11-22T04:00:00Z");
    let (plan, warnings) = planned(&due, Some(&renewed), Some(proposed(&config, &renewed)))
        .await
        .unwrap();
    assert!(same(&plan.unwrap(), &renewed), "{warnings}");
}

#[tokio::test]
async fn a_certificate_that_ends_with_its_issuer_is_not_renewed() {
    let stores = Stores::default();
    let mut config = config(&root(&stores, 1).await);
    config.not_after_behavior = "truncate".to_owned().into();
    let (state, _) = create(&run(&stores, start), &config).await;
    let due = run(&stores, in_window);
    let state = refreshed(&due, &state).await;
    let (plan, warnings) = planned(&due, Some(&state), Some(proposed(&config, &state)))
        .await
        .unwrap();
    assert!(same(&plan.unwrap(), &state));
    assert!(
        warnings.contains("Certificate cannot be renewed"),
        "{warnings}"
    );
}

#[tokio::test]
async fn an_interruption_of_a_renewal_at_every_call_is_completed_by_the_next_apply() {
    let faults = [
        Fault::Crash(Crash::BeforeEffect),
        Fault::Crash(Crash::AfterEffect),
        Fault::LoseResponse,
        Fault::Refuse("InternalServiceError", "An error occurred"),
    ];
    for number in 0..8 {
        for fault in &faults {
            let stores = Stores::default();
            let config = config(&root(&stores, 30).await);
            let (state, _) = create(&run(&stores, start), &config).await;
            let first = secret(&stores).current;
            let due = run(&stores, in_window);
            let plan = planned(&due, Some(&state), Some(proposed(&config, &state))).await;
            let plan = plan.unwrap().0.unwrap();
            stores.account.fault_at(number, fault.clone());
            let interrupted = tokio::select! {
                biased;
                () = stores.account.crashed() => None,
                updated = update(&due, &state, plan) => updated.ok(),
            };
            let renewed = match interrupted {
                Some((done, _)) => done,
                None => {
                    let later = run(&stores, in_window);
                    let read = refreshed(&later, &state).await;
                    let plan = planned(&later, Some(&read), Some(proposed(&config, &read))).await;
                    let plan = plan.unwrap().0.unwrap();
                    let completed = update(&later, &read, plan).await;
                    completed
                        .unwrap_or_else(|message| panic!("call {number}: {message}"))
                        .0
                }
            };
            let secret = secret(&stores);
            assert_eq!(
                known(&renewed.secret_version_id),
                secret.current,
                "call {number}"
            );
            let current = document(&secret, &secret.current);
            assert_eq!(current["certificate_pem"], known(&renewed.certificate_pem));
            assert_eq!(current["spki_sha256"], known(&renewed.spki_sha256));
            assert_eq!(secret.tags["spki_sha256"], known(&renewed.spki_sha256));
            assert_eq!(secret.previous.as_ref(), Some(&first), "one successor");
        }
    }
}

#[tokio::test]
async fn a_change_of_the_issuer_or_of_a_name_issues_another_certificate() {
    let stores = Stores::default();
    let config = config(&root(&stores, 30).await);
    let (state, _) = create(&run(&stores, start), &config).await;
    let later = run(&stores, before_window);
    type Change = fn(&mut LeafCertificatePlan);
    let changes: [(&str, Change, bool); 6] = [
        ("issuer", |plan| plan.issuer = Planned::Unknown, true),
        ("dns_names", |plan| plan.dns_names = Planned::Unknown, true),
        (
            "ocsp_urls",
            |plan| plan.ocsp_urls = Planned::Known(vec!["http://a.example".to_owned().into()]),
            true,
        ),
        (
            "validity_hours",
            |plan| plan.validity_hours = 20.into(),
            true,
        ),
        (
            "margin",
            |plan| plan.not_before_margin_minutes = 0.into(),
            false,
        ),
        (
            "renew_before_hours",
            |plan| plan.renew_before_hours = 7.into(),
            false,
        ),
    ];
    for (name, change, issues) in changes {
        let mut plan = proposed(&config, &state);
        change(&mut plan);
        let (plan, _) = planned(&later, Some(&state), Some(plan)).await.unwrap();
        assert_eq!(plan.unwrap().serial_number.is_unknown(), issues, "{name}");
    }
    let mut plan = proposed(&config, &state);
    plan.csr_pem = Planned::Unknown;
    let refused = planned(&later, Some(&state), Some(plan)).await;
    let message = refused.err().expect("the plan is refused");
    assert!(
        message.contains("Source of the key cannot be changed"),
        "{message}"
    );
}
