//! Certificates for a request: interruptions between the signature and the end of the apply.

use rcgen::{CertificateParams, KeyPair};

use super::*;

const BUCKET: &str = "example-pki";

fn request() -> String {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let parameters = CertificateParams::new(Vec::new()).unwrap();
    let request = parameters.serialize_request(&key).unwrap();
    request.pem().unwrap()
}

async fn recorded() -> (Stores, LeafCertificatePlan) {
    let stores = Stores::default();
    stores.objects.create_bucket(BUCKET);
    let mut config = config(&root(&stores, 30).await);
    config.ledger_uri = format!("s3://{BUCKET}/pki").into();
    config.csr_pem = request().into();
    config.secrets_manager = Planned::Null;
    (stores, config)
}

fn revocation(stores: &Stores, state: &LeafCertificatePlan) -> Option<serde_json::Value> {
    let issuer = state.issuer.known().unwrap();
    let (issuer, serial) = (known(&issuer.spki_sha256), known(&state.serial_number));
    let key = format!("pki/{issuer}/revocations/{serial}.json");
    let content = stores.objects.content(BUCKET, &key);
    content.map(|content| serde_json::from_slice(&content).unwrap())
}

#[tokio::test]
async fn a_certificate_that_is_not_in_the_state_is_adopted_by_the_next_apply() {
    let (stores, config) = recorded().await;
    // The state of the first run is lost.
    let (lost, warnings) = create(&run(&stores, start), &config).await;
    assert_eq!(warnings, "");
    let (state, warnings) = create(&run(&stores, before_window), &config).await;
    assert!(
        warnings.contains("Certificate of an interrupted run is used")
            && warnings.contains(known(&lost.serial_number)),
        "{warnings}"
    );
    assert_eq!(known(&state.certificate_pem), known(&lost.certificate_pem));

    // The same holds for the next certificate.
    let due = run(&stores, in_window);
    let next = || async {
        let proposal = Some(proposed(&config, &state));
        let (plan, _) = planned(&due, Some(&state), proposal).await.unwrap();
        update(&due, &state, plan.unwrap()).await.unwrap()
    };
    let (lost, _) = next().await;
    let (renewed, _) = next().await;
    assert_eq!(known(&renewed.serial_number), known(&lost.serial_number));
    assert_ne!(known(&renewed.serial_number), known(&state.serial_number));
    assert!(revocation(&stores, &state).is_none());
}

#[tokio::test]
async fn a_certificate_of_another_configuration_is_revoked_before_the_next_one_is_issued() {
    let (stores, config) = recorded().await;
    let (lost, _) = create(&run(&stores, start), &config).await;
    let mut changed = config.clone();
    let name: Planned<String> = "www.example.com".to_owned().into();
    changed.dns_names = Planned::Known([name].into_iter().collect());
    let later = run(&stores, before_window);
    let (state, warnings) = create(&later, &changed).await;
    assert!(
        warnings.contains("Certificate of an interrupted run is revoked")
            && warnings.contains(known(&lost.serial_number)),
        "{warnings}"
    );
    assert_ne!(known(&state.serial_number), known(&lost.serial_number));
    assert_eq!(revocation(&stores, &lost).unwrap()["status"], "revoked");
    assert!(revocation(&stores, &state).is_none());

    // After a destroy, the same configuration issues another certificate, because the previous one is revoked.
    delete(&later, &state).await.unwrap();
    let (again, warnings) = create(&later, &changed).await;
    assert_eq!(warnings, "");
    assert_ne!(known(&again.serial_number), known(&state.serial_number));
}

#[tokio::test]
async fn nothing_is_issued_if_the_ledger_cannot_be_read() {
    let (stores, config) = recorded().await;
    stores.objects.deny(BUCKET, true);
    let resource = run(&stores, start);
    let (plan, _) = planned(&resource, None, Some(new(&config))).await.unwrap();
    let created = resource.create(Create::for_test(plan.unwrap())).await;
    let failed = created.err().expect("the create must fail");
    let message = text(&failed.diagnostics);
    assert!(message.contains("Ledger could not be read"), "{message}");
}
