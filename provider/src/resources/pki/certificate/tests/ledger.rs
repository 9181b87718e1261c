//! The ledger: records of issuance and revocation.

use super::*;

const BUCKET: &str = "example-pki";

async fn recorded() -> (Stores, LeafCertificatePlan) {
    let stores = Stores::default();
    stores.objects.create_bucket(BUCKET);
    let mut config = config(&root(&stores, 30).await);
    config.ledger_uri = format!("s3://{BUCKET}/pki").into();
    (stores, config)
}

fn object(stores: &Stores, kind: &str, state: &LeafCertificatePlan) -> Option<serde_json::Value> {
    let issuer = state.issuer.known().unwrap();
    let (issuer, serial) = (known(&issuer.spki_sha256), known(&state.serial_number));
    let content = stores
        .objects
        .content(BUCKET, &format!("pki/{issuer}/{kind}/{serial}.json"));
    content.map(|content| serde_json::from_slice(&content).unwrap())
}

#[tokio::test]
async fn an_issuance_is_recorded_once_and_a_failed_write_is_repeated_by_the_next_apply() {
    let (stores, config) = recorded().await;
    stores.objects.deny(BUCKET, true);
    let first = run(&stores, start);
    let (state, warnings) = create(&first, &config).await;
    assert!(
        warnings.contains("not recorded in the ledger"),
        "{warnings}"
    );
    assert!(state.issuance_record_uri.is_null());
    stores.objects.deny(BUCKET, false);

    let later = run(&stores, before_window);
    let (plan, _) = planned(&later, Some(&state), Some(proposed(&config, &state)))
        .await
        .unwrap();
    let plan = plan.unwrap();
    assert!(plan.issuance_record_uri.is_unknown() && !plan.serial_number.is_unknown());
    let (state, warnings) = update(&later, &state, plan.clone()).await.unwrap();
    assert_eq!(warnings, "");
    let record = object(&stores, "issued", &state).unwrap();
    assert_eq!(
        record["certificate_sha256"],
        known(&state.certificate_sha256)
    );
    let uri = known(&state.issuance_record_uri);
    assert!(
        uri.starts_with("s3://example-pki/pki/") && uri.ends_with(".json"),
        "{uri}"
    );

    // A repeated write finds the record of the same certificate.
    let mut unrecorded = state.clone();
    unrecorded.issuance_record_uri = Planned::Null;
    let (again, warnings) = update(&later, &unrecorded, plan.clone()).await.unwrap();
    assert!(same(&again, &state) && warnings.is_empty(), "{warnings}");
    assert_eq!(object(&stores, "issued", &state).unwrap(), record);

    // A record of another certificate is not replaced.
    let mut foreign = record;
    foreign["certificate_sha256"] = "00".repeat(32).into();
    let key = uri.strip_prefix("s3://example-pki/").unwrap();
    stores
        .objects
        .overwrite(BUCKET, key, foreign.to_string().as_bytes());
    let (state, warnings) = update(&later, &unrecorded, plan).await.unwrap();
    assert!(
        warnings.contains("records a different certificate"),
        "{warnings}"
    );
    assert_eq!(object(&stores, "issued", &state).unwrap(), foreign);
}

#[tokio::test]
async fn a_destroyed_certificate_is_revoked_before_its_secret_is_deleted() {
    let (stores, config) = recorded().await;
    let (state, _) = create(&run(&stores, start), &config).await;
    let later = run(&stores, before_window);
    let (_, warnings) = planned(&later, Some(&state), None).await.unwrap();
    assert_eq!(warnings, "");
    stores.objects.deny(BUCKET, true);
    let message = delete(&later, &state).await.unwrap_err();
    assert!(
        message.contains("Revocation could not be recorded"),
        "{message}"
    );
    assert!(!secret(&stores).pending_deletion);
    stores.objects.deny(BUCKET, false);

    delete(&later, &state).await.unwrap();
    let revocation = object(&stores, "revocations", &state).unwrap();
    assert_eq!(revocation["status"], "revoked");
    assert_eq!(revocation["reason"], "cessation_of_operation");
    assert_eq!(revocation["revoked_at"], before_window().to_string());
    assert_eq!(
        revocation["certificate_not_after"],
        known(&state.not_after_actual)
    );
    assert!(secret(&stores).pending_deletion);
    // A repeated destroy keeps the revocation.
    delete(&run(&stores, in_window), &state).await.unwrap();
    assert_eq!(object(&stores, "revocations", &state).unwrap(), revocation);
}

#[tokio::test]
async fn a_destroy_without_a_revocation_reports_a_warning_unless_it_is_intended() {
    let stores = Stores::default();
    let config = config(&root(&stores, 30).await);
    let (mut state, _) = create(&run(&stores, start), &config).await;
    let (_, warnings) = planned(&run(&stores, before_window), Some(&state), None)
        .await
        .unwrap();
    assert!(
        warnings.contains("will not be revoked") && warnings.contains(known(&state.serial_number)),
        "{warnings}"
    );
    state.revoke_on_destroy = false.into();
    let (_, warnings) = planned(&run(&stores, before_window), Some(&state), None)
        .await
        .unwrap();
    assert_eq!(warnings, "");
}

#[tokio::test]
async fn a_destroy_revokes_every_certificate_that_has_not_expired() {
    let (stores, config) = recorded().await;
    let (first, _) = create(&run(&stores, start), &config).await;
    let due = run(&stores, in_window);
    let proposal = Some(proposed(&config, &first));
    let (plan, _) = planned(&due, Some(&first), proposal).await.unwrap();
    let (second, _) = update(&due, &first, plan.unwrap()).await.unwrap();
    assert_ne!(known(&first.serial_number), known(&second.serial_number));

    delete(&due, &second).await.unwrap();
    for state in [&first, &second] {
        let revocation = object(&stores, "revocations", state).unwrap();
        assert_eq!(revocation["status"], "revoked");
        assert_eq!(
            revocation["certificate_not_after"],
            known(&state.not_after_actual)
        );
    }
}

#[tokio::test]
async fn an_expired_certificate_is_not_revoked() {
    let (stores, config) = recorded().await;
    let (first, _) = create(&run(&stores, start), &config).await;
    let due = run(&stores, in_window);
    let proposal = Some(proposed(&config, &first));
    let (plan, _) = planned(&due, Some(&first), proposal).await.unwrap();
    let (second, _) = update(&due, &first, plan.unwrap()).await.unwrap();

    let expired = run(&stores, || start() + SignedDuration::from_hours(25));
    delete(&expired, &second).await.unwrap();
    assert!(object(&stores, "revocations", &first).is_none());
    assert!(object(&stores, "revocations", &second).is_some());
}

#[tokio::test]
async fn the_certificate_of_an_interrupted_renewal_is_revoked_as_well() {
    let (stores, config) = recorded().await;
    let (state, _) = create(&run(&stores, start), &config).await;
    let due = run(&stores, in_window);
    let plan = planned(&due, Some(&state), Some(proposed(&config, &state))).await;
    let (renewed, _) = update(&due, &state, plan.unwrap().0.unwrap())
        .await
        .unwrap();
    // The state of the renewal is lost.
    delete(&run(&stores, in_window), &state).await.unwrap();
    for destroyed in [&state, &renewed] {
        let revocation = object(&stores, "revocations", destroyed).unwrap();
        assert_eq!(revocation["status"], "revoked");
    }
    assert!(secret(&stores).pending_deletion);
}
