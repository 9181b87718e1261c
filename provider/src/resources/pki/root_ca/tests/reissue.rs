//! The next certificate of an existing key: `certificate_revision`.

use tfplugin::Plan;

use super::*;
use crate::resources::pki::stored_key::account::{Account, Crash, Fault};

/// Returns the plan that issues the next certificate with a validity period of 1000 days.
async fn next(resource: &RootCas<Account>, prior: &RootCaPlan) -> RootCaPlan {
    let mut plan = prior.clone();
    plan.certificate_revision = 2.into();
    plan.validity_days = 1000.into();
    let mut request = Plan::for_test(Some(prior.clone()), Some(plan));
    let reviewed = resource.review(&mut request).await;
    reviewed.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert_eq!(text(&request.warnings.collected()), "");
    request.plan.unwrap()
}

async fn reissued(
    resource: &RootCas<Account>,
    prior: &RootCaPlan,
    plan: RootCaPlan,
) -> Result<(RootCaPlan, String), String> {
    let call = call();
    let changed = resource.change(prior, plan, &call).await;
    let state = changed.map_err(|diagnostics| text(&diagnostics))?;
    Ok((state.into(), text(&call.warnings.collected())))
}

async fn first(account: &Account, algorithm: &str) -> RootCaPlan {
    create(&resource(account), plan(algorithm))
        .await
        .state
        .into()
}

/// Asserts that the account contains one key and two certificates, and that the state contains the second one.
async fn assert_reissued(account: &Account, prior: &RootCaPlan, state: &RootCaPlan) {
    let secret = secret(account);
    let documents = documents(&secret);
    let distinct = |member: &str| {
        let values = documents
            .iter()
            .map(|document| document[member].to_string());
        values.collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!(
        distinct("private_key_pem"),
        1,
        "there must be exactly one key"
    );
    let current: serde_json::Value =
        serde_json::from_str(&secret.versions[&secret.current]).unwrap();
    assert!(
        current["issuance"].is_null(),
        "the current version must be complete"
    );
    let history: Vec<&str> = current["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pem| pem.as_str().unwrap())
        .collect();
    let known = |value: &Planned<String>| value.known().unwrap().clone();
    assert_eq!(
        history,
        [known(&prior.certificate_pem), known(&state.certificate_pem)]
    );
    let all: std::collections::BTreeSet<String> = documents
        .iter()
        .flat_map(|document| document["certificates"].as_array().unwrap().clone())
        .map(|certificate| certificate.to_string())
        .collect();
    assert_eq!(all.len(), 2, "one certificate per revision");
    for (field, equal) in [
        ("-pubkey", true),
        ("-subject", true),
        ("-serial", false),
        ("-enddate", false),
    ] {
        let show = |pem: &str| openssl(&["x509", "-noout", field], pem);
        assert_eq!(show(history[0]) == show(history[1]), equal, "{field}");
    }
    assert_eq!(state.secret_version_id.known(), Some(&secret.current));
    let revisions = state.certificate_history.known().unwrap();
    let numbers: Vec<_> = revisions
        .iter()
        .map(|found| found.known().unwrap().revision)
        .collect();
    assert_eq!(numbers, [Planned::Known(1), Planned::Known(2)]);
    let issuer = state.issuer.known().unwrap();
    assert_eq!(issuer.certificate_pem, state.certificate_pem);
    let labelled = secret.labels.get("SKREGPENDING");
    assert_eq!(labelled, Some(&secret.current), "no description is pending");
    let read = refreshed(&later_run(account), state).await.unwrap();
    assert!(same(&read, state), "the refresh must not change the state");
}

#[tokio::test]
async fn a_new_revision_certifies_the_same_key_and_subject() {
    let account = Account::default();
    let prior = first(&account, "ECDSA_P256").await;
    let run = later_run(&account);
    let plan = next(&run, &prior).await;
    assert!(plan.certificate_pem.is_unknown() && plan.certificate_history.is_unknown());
    assert_eq!(plan.public_key_pem, prior.public_key_pem);
    account.recover();
    let (state, warnings) = reissued(&run, &prior, plan).await.unwrap();
    assert_eq!(warnings, "");
    account.with(|contents| {
        assert_eq!(
            contents.calls,
            [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:DescribeSecret",
            ]
        )
    });
    let end = later() + jiff::SignedDuration::from_hours(24 * 1000);
    assert_eq!(state.not_after_actual, end.to_string().into());
    assert_reissued(&account, &prior, &state).await;
    let arn = secret(&account).arn;
    let imported = imported(&account, &arn).await;
    assert_eq!(imported.certificate_revision, 2.into());
    assert!(imported.certificate_history == state.certificate_history);
}

#[tokio::test]
async fn an_interruption_at_every_call_is_completed_by_the_next_apply() {
    let faults = [
        Fault::Crash(Crash::BeforeEffect),
        Fault::Crash(Crash::AfterEffect),
        Fault::LoseResponse,
        Fault::Refuse("ThrottlingException", "Rate exceeded"),
        Fault::Refuse("InternalServiceError", "An error occurred"),
    ];
    for algorithm in ["ED25519", "ECDSA_P384"] {
        for number in 0..5 {
            for fault in &faults {
                let account = Account::default();
                let prior = first(&account, algorithm).await;
                let run = later_run(&account);
                let plan = next(&run, &prior).await;
                account.fault_at(number, fault.clone());
                let interrupted = tokio::select! {
                    biased;
                    () = account.crashed() => None,
                    changed = reissued(&run, &prior, plan.clone()) => changed.ok(),
                };
                let (state, _) = match interrupted {
                    Some(done) => done,
                    None => {
                        let later = later_run(&account);
                        let read = refreshed(&later, &prior).await.unwrap();
                        assert!(same(&read, &prior), "the refresh must keep the state");
                        account.recover();
                        let plan = next(&later, &read).await;
                        let completed = reissued(&later, &read, plan).await;
                        completed.unwrap_or_else(|message| panic!("call {number}: {message}"))
                    }
                };
                assert_reissued(&account, &prior, &state).await;
            }
        }
    }
}

#[tokio::test]
async fn a_certificate_that_the_state_does_not_contain_is_adopted_with_a_warning() {
    let account = Account::default();
    let prior = first(&account, "ECDSA_P256").await;
    let run = later_run(&account);
    let plan = next(&run, &prior).await;
    let (stored, _) = reissued(&run, &prior, plan.clone()).await.unwrap();
    let later = later_run(&account);
    let call = call();
    let read = later.refresh(prior.clone(), &call).await;
    assert!(read.is_ok_and(|read| same(&read.unwrap().into(), &prior)));
    let warning = text(&call.warnings.collected());
    assert!(warning.contains("Update was interrupted"), "{warning}");
    let (adopted, warning) = reissued(&later, &prior, plan.clone()).await.unwrap();
    assert!(same(&adopted, &stored));
    assert!(
        warning.contains("Interrupted update was completed"),
        "{warning}"
    );

    let mut other = plan;
    other.validity_days = 10.into();
    let message = reissued(&later, &prior, other).await.err().unwrap();
    assert!(
        message.contains("Issued certificate differs") && message.contains("validity_days"),
        "{message}"
    );
}

#[tokio::test]
async fn a_version_that_another_process_wrote_is_not_replaced() {
    let account = Account::default();
    let prior = first(&account, "ED25519").await;
    let run = later_run(&account);
    let plan = next(&run, &prior).await;
    account.with(|contents| {
        let secret = contents.secrets.get_mut(NAME).unwrap();
        let value = secret.versions[&secret.current].clone();
        secret.versions.insert("by-hand".to_owned(), value);
        secret.previous = Some(std::mem::replace(&mut secret.current, "by-hand".to_owned()));
    });
    account.recover();
    let message = reissued(&run, &prior, plan).await.err().unwrap();
    assert!(
        message.contains("was changed outside of this configuration"),
        "{message}"
    );
    account.with(|contents| assert_eq!(contents.calls, ["secretsmanager:DescribeSecret"]));
}

#[tokio::test]
async fn a_revision_rises_by_one_and_other_changes_are_rejected() {
    let account = Account::default();
    let mut prior = first(&account, "RSA_3072").await;
    prior.certificate_revision = 3.into();
    let run = later_run(&account);
    for revision in [1, 2, 5] {
        let mut plan = prior.clone();
        plan.certificate_revision = revision.into();
        let message = planned(&run, Some(&prior), Some(&plan)).await.unwrap_err();
        assert!(
            message.starts_with("certificate_revision\nCertificate revision must increase by 1\n"),
            "{message}"
        );
        assert!(
            message.contains("set certificate_revision to 4"),
            "{message}"
        );
    }
    let mut plan = prior.clone();
    plan.signature_algorithm = "SHA512WITHRSA".to_owned().into();
    let message = planned(&run, Some(&prior), Some(&plan)).await.unwrap_err();
    assert!(message.starts_with("signature_algorithm\n"), "{message}");
    plan.certificate_revision = 4.into();
    assert!(planned(&run, Some(&prior), Some(&plan)).await.is_ok());
    plan.signature_algorithm = "SHA256WITHECDSA".to_owned().into();
    let message = planned(&run, Some(&prior), Some(&plan)).await.unwrap_err();
    assert!(message.contains("does not fit the key"), "{message}");
}

#[tokio::test]
async fn the_signature_algorithm_is_configurable_for_rsa() {
    let account = Account::default();
    let mut configured = plan("RSA_3072");
    configured.signature_algorithm = "SHA384WITHRSA".to_owned().into();
    let state = create(&resource(&account), configured).await.state;
    let shown = openssl(&["x509", "-noout", "-text"], &state.certificate_pem);
    assert!(
        shown.contains("Signature Algorithm: sha384WithRSAEncryption"),
        "{shown}"
    );
    let issuer = state.issuer.as_ref().unwrap();
    assert_eq!(issuer.signature_algorithm, "SHA384WITHRSA");
    assert_settled(&account, &state.into()).await;
}

/// The attributes did not exist in earlier versions. A missing attribute has its default or is null.
#[tokio::test]
async fn a_refresh_completes_a_state_from_an_earlier_version() {
    let account = Account::default();
    let state = first(&account, "ED25519").await;
    let mut older = state.clone();
    older.signature_algorithm = Planned::Null;
    older.certificate_history = Planned::Null;
    older.issuer = Planned::Null;
    let read = refreshed(&later_run(&account), &older).await.unwrap();
    assert!(same(&read, &state));
    let mut request = Plan::for_test(Some(older.clone()), Some(older.clone()));
    assert!(later_run(&account).review(&mut request).await.is_ok());
    assert!(
        same(&request.plan.unwrap(), &older),
        "a plan without a refresh must be empty"
    );
}

#[tokio::test]
async fn a_change_of_usage_changes_the_issuer_object_only() {
    let account = Account::default();
    let prior = first(&account, "ED25519").await;
    let mut plan = prior.clone();
    plan.usage = Planned::Known(["sign_crl".to_owned().into()].into_iter().collect());
    let run = later_run(&account);
    let mut request = Plan::for_test(Some(prior.clone()), Some(plan));
    assert!(run.review(&mut request).await.is_ok());
    let plan = request.plan.unwrap();
    assert_eq!(plan.issuer.known().unwrap().usage, plan.usage);
    assert_eq!(plan.certificate_pem, prior.certificate_pem);
    account.recover();
    let (state, _) = reissued(&run, &prior, plan.clone()).await.unwrap();
    assert!(same(&state, &plan));
    account.with(|contents| assert!(contents.calls.is_empty()));
}

#[tokio::test]
async fn a_revision_for_which_the_secret_has_no_room_fails_during_planning() {
    let account = Account::default();
    let mut prior = first(&account, "RSA_4096").await;
    let revision = prior.certificate_history.known().unwrap()[0].clone();
    let run = later_run(&account);
    for (certificates, fits) in [(5, true), (40, false)] {
        prior.certificate_history = Planned::Known(vec![revision.clone(); certificates]);
        let mut plan = prior.clone();
        plan.certificate_revision = 2.into();
        let planned = planned(&run, Some(&prior), Some(&plan)).await;
        match planned {
            Ok(_) => assert!(fits, "{certificates}"),
            Err(message) => assert!(
                !fits
                    && message.starts_with("certificate_revision\nSecret has no room")
                    && message.contains("65536"),
                "{message}"
            ),
        }
    }
}
