//! A root whose private key is in AWS KMS.

use super::*;
use crate::aws::kms::KeyState;
use crate::pki::KeyAlgorithm;
use crate::resources::pki::stored_key::KmsPlan;
use crate::resources::pki::stored_key::account::keys::Key;
use crate::resources::pki::stored_key::account::{Account, Crash, Fault};

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn account_with(algorithm: KeyAlgorithm) -> Account {
    let account = Account::default();
    let key = Key::new(algorithm);
    account.with(|contents| contents.keys.insert(KEY.to_owned(), key));
    account
}

fn kms_plan(algorithm: &str) -> RootCaPlan {
    RootCaPlan {
        kms: Planned::Known(KmsPlan {
            key_arn: KEY.to_owned().into(),
        }),
        ..plan(algorithm)
    }
}

#[tokio::test]
async fn the_certificate_is_signed_in_kms_and_the_secret_contains_no_private_key() {
    for algorithm in [
        KeyAlgorithm::Rsa3072,
        KeyAlgorithm::EcdsaP521,
        KeyAlgorithm::Ed25519,
    ] {
        let account = account_with(algorithm);
        let run = resource(&account);
        let configured = kms_plan(algorithm.name());
        assert_eq!(
            planned(&run, None, Some(&configured)).await,
            Ok(String::new())
        );
        account.recover();
        let state = create(&run, configured).await.state;
        account.with(|contents| {
            let signed = contents.calls.iter().filter(|call| **call == "kms:Sign");
            assert_eq!(signed.count(), 1);
        });
        let stored = secret(&account).versions.into_values().collect::<String>();
        assert!(!stored.contains("PRIVATE KEY") && stored.contains(KEY));
        let public = openssl(&["x509", "-noout", "-pubkey"], &state.certificate_pem);
        assert_eq!(public, state.public_key_pem);
        let issuer = state.issuer.as_ref().unwrap();
        assert_eq!(issuer.kms_key_arn.as_deref(), Some(KEY));
        let state = RootCaPlan::from(state);
        let read = refreshed(&later_run(&account), &state).await.unwrap();
        assert!(same(&read, &state));
        let imported = imported(&account, &secret(&account).arn).await;
        assert!(imported.kms == state.kms);
    }
}

#[tokio::test]
async fn an_interruption_at_every_call_leaves_one_certificate() {
    for number in 0..9 {
        for crash in [Crash::BeforeEffect, Crash::AfterEffect] {
            let account = account_with(KeyAlgorithm::EcdsaP256);
            account.fault_at(number, Fault::Crash(crash));
            let run = resource(&account);
            let done = run_until_crash(&account, &run, kms_plan("ECDSA_P256")).await;
            let later = later_run(&account);
            let state = match done {
                Some(done) => done.state.into(),
                None => match try_create(&later, kms_plan("ECDSA_P256")).await {
                    Ok(created) => created.state.into(),
                    Err(message) => {
                        assert!(
                            message.contains(&import_command(&account)),
                            "{number}: {message}"
                        );
                        imported(&account, &secret(&account).arn).await
                    }
                },
            };
            let certificates: std::collections::BTreeSet<String> = documents(&secret(&account))
                .iter()
                .flat_map(|document| document["certificates"].as_array().unwrap().clone())
                .map(|certificate| certificate.to_string())
                .collect();
            assert_eq!(certificates.len(), 1, "call {number}");
            assert!(refreshed(&later_run(&account), &state).await.is_ok());
        }
    }
}

#[tokio::test]
async fn a_key_that_cannot_sign_is_rejected_during_planning() {
    type Change = fn(&mut Key);
    let cases: [(&str, Change); 4] = [
        ("KMS key is disabled", |key| key.state = KeyState::Disabled),
        ("KMS key is pending deletion", |key| {
            key.state = KeyState::PendingDeletion
        }),
        ("KMS key cannot sign", |key| key.usage = "ENCRYPT_DECRYPT"),
        ("KMS key spec does not match", |key| {
            *key = Key::new(KeyAlgorithm::EcdsaP384)
        }),
    ];
    for (summary, change) in cases {
        let account = account_with(KeyAlgorithm::EcdsaP256);
        account.with(|contents| change(contents.keys.get_mut(KEY).unwrap()));
        let message = planned(&resource(&account), None, Some(&kms_plan("ECDSA_P256"))).await;
        let message = message.unwrap_err();
        assert!(
            message.contains(&format!("kms.key_arn\n{summary}\n")),
            "{message}"
        );
    }
    let account = Account::default();
    let message = planned(&resource(&account), None, Some(&kms_plan("ECDSA_P256"))).await;
    assert!(
        message
            .unwrap_err()
            .starts_with("kms.key_arn\nKMS key cannot be used\n")
    );
    // The apply requires the same permissions and reports the error.
    for denied in ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"] {
        let account = account_with(KeyAlgorithm::EcdsaP256);
        account.with(|contents| contents.keys.get_mut(KEY).unwrap().denied = Some(denied));
        let run = resource(&account);
        assert!(
            planned(&run, None, Some(&kms_plan("ECDSA_P256")))
                .await
                .is_ok(),
            "{denied}"
        );
    }
}

#[tokio::test]
async fn the_kms_key_of_an_existing_root_cannot_be_changed() {
    let account = account_with(KeyAlgorithm::EcdsaP256);
    let run = resource(&account);
    let prior = RootCaPlan::from(create(&run, kms_plan("ECDSA_P256")).await.state);
    let other = KmsPlan {
        key_arn: format!("{KEY}-other").into(),
    };
    for (kms, says) in [
        (
            Planned::Known(other),
            "kms.key_arn\nIdentity of a root cannot be changed\n",
        ),
        (
            Planned::Null,
            "kms\nPrivate key cannot be moved out of AWS KMS\n",
        ),
    ] {
        let mut next = prior.clone();
        next.kms = kms;
        let message = planned(&run, Some(&prior), Some(&next)).await.unwrap_err();
        assert!(message.starts_with(says), "{message}");
    }
}

/// The key exists before the create, so an interruption leaves a document without a certificate, never another key.
#[tokio::test]
async fn create_that_kms_refused_is_completed_by_the_next_apply() {
    let account = account_with(KeyAlgorithm::EcdsaP256);
    account.with(|contents| contents.keys.get_mut(KEY).unwrap().denied = Some("kms:Sign"));
    let message = create_error(&resource(&account), kms_plan("ECDSA_P256")).await;
    assert!(
        message.contains("is not stored") && message.contains("Apply again"),
        "{message}"
    );
    account.with(|contents| contents.keys.get_mut(KEY).unwrap().denied = None);
    let later = later_run(&account);
    let configured = kms_plan("ECDSA_P256");
    let warning = planned(&later, None, Some(&configured)).await.unwrap();
    assert!(warning.contains("will be adopted"), "{warning}");
    let created = create(&later, configured).await;
    let warning = text(&created.warnings);
    assert!(
        warning.contains("Unfinished root key was adopted"),
        "{warning}"
    );
    assert!(refreshed(&later, &created.state.into()).await.is_ok());
}

#[tokio::test]
async fn interruption_after_issuance_is_explained_with_the_import_command() {
    let account = account_with(KeyAlgorithm::EcdsaP256);
    let run = resource(&account);
    let _ = create(&run, kms_plan("ECDSA_P256")).await;
    account.with(|contents| {
        let tags = &mut contents.secrets.get_mut(NAME).unwrap().tags;
        tags.insert(UNFINISHED_TAG.to_owned(), "marker".to_owned());
    });
    let later = later_run(&account);
    let message = planned(&later, None, Some(&kms_plan("ECDSA_P256"))).await;
    let message = message.unwrap_err();
    assert!(
        message.contains("is complete but not in the state")
            && message.contains(&import_command(&account))
            && !message.contains("already exists"),
        "{message}"
    );
}

#[tokio::test]
async fn deletion_error_names_the_kms_key_that_remains() {
    let account = account_with(KeyAlgorithm::EcdsaP256);
    let mut state = create(&resource(&account), kms_plan("ECDSA_P256"))
        .await
        .state;
    state.deletion_protection = true;
    let refused = deletion_error(&state.into()).unwrap();
    assert!(
        refused
            .detail
            .contains(&format!("The key {KEY} remains in AWS KMS"))
            && !refused.detail.contains("deletes the private key"),
        "{}",
        refused.detail
    );
}

/// A replacement deletes the old key first, and the resource learns the new ARN only after that.
#[tokio::test]
async fn kms_keys_that_the_plan_might_replace_are_rejected_while_the_root_is_protected() {
    const PATHS: [&str; 2] = ["kms.key_arn", "secrets_manager.kms_key_id"];
    let account = account_with(KeyAlgorithm::EcdsaP256);
    let run = resource(&account);
    let mut configured = kms_plan("ECDSA_P256");
    change_secret(&mut configured, |secret| {
        secret.kms_key_id = "alias/data".to_owned().into()
    });
    configured.deletion_protection = true.into();
    let prior = RootCaPlan::from(create(&run, configured).await.state);
    assert!(planned(&run, Some(&prior), Some(&prior)).await.is_ok());
    type Change = fn(&mut RootCaPlan);
    let changes: [(&str, Change); 4] = [
        (PATHS[0], |plan| {
            let key_arn = Planned::Unknown;
            plan.kms = Planned::Known(KmsPlan { key_arn });
        }),
        (PATHS[0], |plan| plan.kms = Planned::Unknown),
        (PATHS[1], |plan| {
            change_secret(plan, |secret| secret.kms_key_id = Planned::Unknown)
        }),
        (PATHS[1], |plan| plan.secrets_manager = Planned::Unknown),
    ];
    for (path, change) in changes {
        let mut next = prior.clone();
        change(&mut next);
        let message = planned(&run, Some(&prior), Some(&next)).await.unwrap_err();
        assert!(
            message.starts_with(&format!("{path}\nKMS key might be replaced\n"))
                && message.contains("untaint"),
            "{message}"
        );
        // Turning the protection off in the same plan does not help: the state protects the key.
        next.deletion_protection = false.into();
        assert!(planned(&run, Some(&prior), Some(&next)).await.is_err());
        let mut unprotected = prior.clone();
        unprotected.deletion_protection = false.into();
        assert!(planned(&run, Some(&unprotected), Some(&next)).await.is_ok());
    }
    // A root in Secrets Manager without a KMS key of its own does not lose a key.
    let mut software = prior.clone();
    software.kms = Planned::Null;
    change_secret(&mut software, |secret| secret.kms_key_id = Planned::Null);
    let mut next = software.clone();
    change_secret(&mut next, |secret| secret.kms_key_id = Planned::Unknown);
    assert!(planned(&run, Some(&software), Some(&next)).await.is_ok());
}

#[tokio::test]
async fn refresh_reports_a_key_that_cannot_sign() {
    type Change = fn(&mut std::collections::BTreeMap<String, Key>);
    fn state(keys: &mut std::collections::BTreeMap<String, Key>, state: KeyState) {
        keys.get_mut(KEY).unwrap().state = state;
    }
    let cases: [(&str, bool, Change); 5] = [
        ("KMS key is pending deletion", true, |keys| {
            state(keys, KeyState::PendingDeletion)
        }),
        ("KMS key is pending deletion", true, |keys| {
            state(keys, KeyState::PendingReplicaDeletion)
        }),
        ("KMS key cannot be used", true, |keys| keys.clear()),
        ("KMS key is disabled", false, |keys| {
            state(keys, KeyState::Disabled)
        }),
        ("KMS key has no key material", false, |keys| {
            state(keys, KeyState::PendingImport)
        }),
    ];
    for (summary, is_lost, change) in cases {
        for protected in [true, false] {
            let account = account_with(KeyAlgorithm::EcdsaP256);
            let run = resource(&account);
            let mut configured = kms_plan("ECDSA_P256");
            configured.deletion_protection = protected.into();
            let state = RootCaPlan::from(create(&run, configured).await.state);
            account.with(|contents| change(&mut contents.keys));
            let call = call();
            let read = later_run(&account).refresh(state, &call).await;
            let message = match read {
                Err(errors) => {
                    assert!(is_lost && protected, "{summary}");
                    text(&errors)
                }
                Ok(read) => {
                    assert!(read.is_some() && !(is_lost && protected), "{summary}");
                    text(&call.warnings.collected())
                }
            };
            let says = format!("kms.key_arn\n{summary}\n");
            assert!(message.starts_with(&says), "{message}");
        }
    }
    // A role that only reads does not have the permission.
    let account = account_with(KeyAlgorithm::EcdsaP256);
    let state = RootCaPlan::from(
        create(&resource(&account), kms_plan("ECDSA_P256"))
            .await
            .state,
    );
    account.with(|contents| contents.keys.get_mut(KEY).unwrap().denied = Some("kms:DescribeKey"));
    let call = call();
    let read = later_run(&account).refresh(state, &call).await;
    assert!(read.is_ok() && text(&call.warnings.collected()).is_empty());
}
