//! Adoption of existing secrets during plan and apply, concurrent runs, and replacement.

use super::*;
use crate::resources::pki::stored_key::account::{Account, Contents, Crash, Fault, Secret};

/// Returns an account where a create was interrupted after it stored the key.
async fn unfinished(algorithm: &str) -> Account {
    let account = Account::default();
    account.fault_at(1, Fault::Crash(Crash::AfterEffect));
    run_until_crash(&account, &resource(&account), plan(algorithm)).await;
    account.recover();
    account
}

/// Returns an account where a create has completed, and the state.
async fn finished(algorithm: &str) -> (Account, RootCaPlan) {
    let account = Account::default();
    let state = create(&resource(&account), plan(algorithm)).await.state;
    account.recover();
    (account, state.into())
}

fn the_secret(contents: &mut Contents) -> &mut Secret {
    contents.secrets.get_mut(NAME).unwrap()
}

/// Asserts that plan and apply fail with the same error and do not change the secret. Returns the error.
async fn plan_and_apply_error(account: &Account) -> String {
    let before = secret(account);
    let at_plan = planned(&later_run(account), None, Some(&plan("ED25519"))).await;
    let at_plan = at_plan.expect_err("the plan was accepted");
    let at_apply = create_error(&later_run(account), plan("ED25519")).await;
    assert_eq!(at_plan, at_apply);
    assert!(at_plan.starts_with("secrets_manager.name\n"), "{at_plan}");
    let after = secret(account);
    assert_eq!(before.versions, after.versions, "the value was changed");
    assert_eq!(before.tags, after.tags, "the tags were changed");
    at_plan
}

#[tokio::test]
async fn plans_for_an_available_name_or_an_unfinished_create_succeed() {
    let account = Account::default();
    let planned_free = planned(&resource(&account), None, Some(&plan("ED25519"))).await;
    assert_eq!(planned_free, Ok(String::new()));
    let account = unfinished("ED25519").await;
    let secret = secret(&account);
    let warning = planned(&resource(&account), None, Some(&plan("ED25519"))).await;
    let warning = warning.unwrap();
    // The reviewer of the plan learns which key the apply certifies.
    for says in [
        "Existing root key will be adopted",
        secret.arn.as_str(),
        secret.tags["spki_sha256"].as_str(),
        "2026-11-01T08:00:00Z",
    ] {
        assert!(warning.contains(says), "{says}: {warning}");
    }
    account.with(|contents| assert_eq!(contents.calls, ["secretsmanager:DescribeSecret"]));
}

#[tokio::test]
async fn an_unfinished_key_is_adopted_and_reported() {
    let account = unfinished("ED25519").await;
    let key = documents(&secret(&account))[0]["spki_sha256"].clone();
    let created = create(&later_run(&account), plan("ED25519")).await;
    account.with(|contents| {
        let expected = [
            "DescribeSecret",
            "GetSecretValue",
            "TagResource",
            "DescribeSecret",
            "PutSecretValue",
            "DescribeSecret",
            "UntagResource",
        ];
        assert_eq!(
            contents.calls,
            expected.map(|name| format!("secretsmanager:{name}"))
        );
    });
    assert_eq!(key, created.state.spki_sha256);
    let message = text(&created.warnings);
    assert!(
        message.contains(&created.state.serial_number)
            && message.contains(&created.state.certificate_sha256)
            && message.contains(&created.state.secret_arn),
        "{message}"
    );
    assert!(!secret(&account).tags.contains_key("skreg:unfinished"));
    assert_settled(&account, &created.state.into()).await;
}

#[tokio::test]
async fn an_existing_authority_fails_the_plan_with_the_import_command() {
    let (account, _) = finished("ED25519").await;
    let message = plan_and_apply_error(&account).await;
    assert!(
        message.contains("Certificate authority already exists")
            && message.contains(&import_command(&account))
            && message.contains("specify a different secrets_manager.name"),
        "{message}"
    );
}

#[tokio::test]
async fn a_key_with_a_certificate_is_never_adopted() {
    // The secret has the marker, as it would after an interruption between the last two calls.
    let (account, _) = finished("ED25519").await;
    account.with(|contents| {
        let tags = &mut the_secret(contents).tags;
        tags.insert("skreg:unfinished".to_owned(), "planted".to_owned());
    });
    let message = plan_and_apply_error(&account).await;
    assert!(message.contains(&import_command(&account)), "{message}");

    // Another process stored a complete authority in the first version of a secret, with all tags.
    account.with(|contents| {
        let secret = the_secret(contents);
        let current = secret.current.clone();
        secret.versions.retain(|id, _| *id == current);
        secret.previous = None;
    });
    let before = secret(&account);
    assert!(
        planned(&later_run(&account), None, Some(&plan("ED25519")))
            .await
            .is_ok()
    );
    let message = create_error(&later_run(&account), plan("ED25519")).await;
    assert!(message.contains(&import_command(&account)), "{message}");
    assert_eq!(before.tags, secret(&account).tags);
    assert_eq!(before.versions, secret(&account).versions);
}

#[tokio::test]
async fn a_secret_without_the_tags_of_the_provider_is_never_adopted() {
    for (missing, summary) in [
        (&["skreg:unfinished"][..], "already exists"),
        (&["spki_sha256"], "name is taken"),
        (&["skreg:unfinished", "spki_sha256"], "name is taken"),
    ] {
        let account = unfinished("ED25519").await;
        account.with(|contents| {
            let tags = &mut the_secret(contents).tags;
            tags.retain(|name, _| !missing.contains(&name.as_str()));
        });
        let message = plan_and_apply_error(&account).await;
        assert!(message.contains(summary), "{missing:?}: {message}");
        assert!(message.contains(&import_command(&account)), "{message}");
        assert!(
            message
                .to_lowercase()
                .contains("specify a different secrets_manager.name"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_secret_with_rotation_or_pending_deletion_is_rejected() {
    let account = unfinished("ED25519").await;
    account.with(|contents| the_secret(contents).rotated = true);
    let message = plan_and_apply_error(&account).await;
    assert!(message.contains("cancel-rotate-secret"), "{message}");

    account.with(|contents| the_secret(contents).pending_deletion = true);
    let message = plan_and_apply_error(&account).await;
    assert!(
        message.contains("Secret name is pending deletion")
            && message.contains("DeletedDate 2026-11-27T12:00:00Z")
            && message.contains(&format!(
                "aws secretsmanager restore-secret --secret-id {NAME}"
            ))
            && message.contains("specify a different secrets_manager.name"),
        "{message}"
    );

    // The name of a secret that was deleted without recovery becomes available soon, so the plan succeeds and the apply
    // waits.
    let mut without_recovery = plan("ED25519");
    change_secret(&mut without_recovery, |secret| {
        secret.recovery_window_in_days = 0.into()
    });
    assert!(
        planned(&later_run(&account), None, Some(&without_recovery))
            .await
            .is_ok()
    );
    let message = create_error(&later_run(&account), without_recovery).await;
    assert!(message.contains("restore-secret"), "{message}");
    account.with(|contents| assert!(!contents.pauses.is_empty()));
}

#[tokio::test]
async fn a_resource_exists_error_for_a_deleted_name_is_handled() {
    let (account, _) = finished("ED25519").await;
    account.with(|contents| the_secret(contents).pending_deletion = true);
    // The first DescribeSecret call does not find the secret, and CreateSecret returns a different error than AWS.
    account.fault_at(0, Fault::Refuse("ResourceNotFoundException", "not yet"));
    let message = create_error(&resource(&account), plan("ED25519")).await;
    assert!(message.contains("restore-secret"), "{message}");
    let account = Account::default();
    account.fault_at(1, Fault::Meanwhile(foreign_secret));
    let message = create_error(&resource(&account), plan("ED25519")).await;
    assert!(message.contains("name is taken"), "{message}");
}

/// Adds a secret with the same name that another program created.
fn foreign_secret(contents: &mut Contents) {
    let secret = Secret {
        arn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:other".to_owned(),
        versions: BTreeMap::from([("v".to_owned(), "hunter2".to_owned())]),
        current: "v".to_owned(),
        ..Secret::default()
    };
    contents.secrets.insert(NAME.to_owned(), secret);
}

#[tokio::test]
async fn the_lookup_during_planning_is_skipped_without_permission_or_known_values() {
    let (account, _) = finished("ED25519").await;
    // Without the permission, the plan succeeds and the apply fails.
    account.fault_at(0, Fault::Refuse("AccessDeniedException", "no"));
    assert!(
        planned(&resource(&account), None, Some(&plan("ED25519")))
            .await
            .is_ok()
    );
    account.fault_at(0, Fault::Refuse("AccessDeniedException", "no"));
    let message = create_error(&resource(&account), plan("ED25519")).await;
    assert!(
        message.contains("is not authorized to call secretsmanager:DescribeSecret"),
        "{message}"
    );
    // For all other errors, the plan fails.
    account.fault_at(0, Fault::Refuse("UnrecognizedClientException", "no"));
    let message = planned(&resource(&account), None, Some(&plan("ED25519"))).await;
    assert!(message.unwrap_err().contains("access key"));

    // With an unknown name, secret, or provider configuration, the plan makes no calls.
    account.recover();
    let mut unknown_name = plan("ED25519");
    change_secret(&mut unknown_name, |secret| secret.name = Planned::Unknown);
    let mut unknown_secret = plan("ED25519");
    unknown_secret.secrets_manager = Planned::Unknown;
    for unknown in [&unknown_name, &unknown_secret] {
        assert!(
            planned(&resource(&account), None, Some(unknown))
                .await
                .is_ok()
        );
    }
    account.with(|contents| contents.unknown = true);
    assert!(
        planned(&resource(&account), None, Some(&plan("ED25519")))
            .await
            .is_ok()
    );
    account.with(|contents| assert!(contents.calls.is_empty()));
}

#[tokio::test]
async fn an_unfinished_key_that_differs_from_the_configuration_is_not_adopted() {
    type Change = fn(&mut RootCaPlan);
    let changes: [(&str, Change); 8] = [
        ("key_algorithm", |plan| {
            plan.key_algorithm = "ECDSA_P384".to_owned().into()
        }),
        ("path_length", |plan| plan.path_length = 0.into()),
        ("path_length", |plan| plan.path_length = (-1).into()),
        ("validity_days", |plan| plan.validity_days = 30.into()),
        ("validity_days", |plan| {
            plan.not_before_margin_minutes = 0.into()
        }),
        ("not_after", |plan| {
            plan.validity_days = Planned::Null;
            plan.not_after = "2030-01-01T00:00:00Z".to_owned().into();
        }),
        ("subject", |plan| {
            let Planned::Known(subject) = &mut plan.subject else {
                panic!()
            };
            subject.organization = "other".to_owned().into();
        }),
        ("secrets_manager.kms_key_id", |plan| {
            change_secret(plan, |secret| {
                secret.kms_key_id = "alias/ca".to_owned().into()
            });
        }),
    ];
    for (path, change) in changes {
        let account = unfinished("ED25519").await;
        let before = secret(&account);
        let mut other = plan("ED25519");
        change(&mut other);
        let message = create_error(&later_run(&account), other).await;
        assert!(
            message.contains(&format!("- {path}: configured")),
            "{message}"
        );
        assert_eq!(message.matches("  - ").count(), 1, "{message}");
        let delete = format!("delete-secret --secret-id {}", before.arn);
        assert!(message.contains(&delete), "{message}");
        assert_eq!(before.versions, secret(&account).versions);
        assert_eq!(before.tags, secret(&account).tags);
    }
}

#[tokio::test]
async fn the_key_for_a_certificate_other_than_a_root_is_neither_adopted_nor_imported() {
    let account = unfinished("ED25519").await;
    account.with(|contents| {
        let secret = the_secret(contents);
        let mut document: serde_json::Value =
            serde_json::from_str(&secret.versions[&secret.current]).unwrap();
        document["kind"] = "leaf".into();
        document.as_object_mut().unwrap().remove("issuance");
        let current = secret.current.clone();
        secret.versions.insert(current, document.to_string());
    });
    let arn = secret(&account).arn;
    let imported = later_run(&account).find(&arn, &call()).await;
    let imported = text(&imported.err().unwrap());
    let adopted = create_error(&later_run(&account), plan("ED25519")).await;
    for message in [imported, adopted] {
        assert!(message.contains("certificate of kind leaf"), "{message}");
    }
}

#[tokio::test]
async fn an_edited_unfinished_document_is_not_adopted() {
    let foreign = {
        let other = unfinished("ED25519").await;
        documents(&secret(&other))[0].clone()
    };
    for field in ["private_key_pem", "spki_sha256", "type", "issuance"] {
        let account = unfinished("ED25519").await;
        account.with(|contents| {
            let secret = the_secret(contents);
            let mut document: serde_json::Value =
                serde_json::from_str(&secret.versions[&secret.current]).unwrap();
            document[field] = match field {
                "issuance" | "type" => "other".into(),
                _ => foreign[field].clone(),
            };
            let current = secret.current.clone();
            secret.versions.insert(current, document.to_string());
        });
        let message = create_error(&later_run(&account), plan("ED25519")).await;
        assert!(
            message.contains("is unusable")
                && message.contains("update-secret-version-stage")
                && !message.contains("PRIVATE KEY"),
            "{field}: {message}"
        );
    }
    // Both the key and the hash were replaced, so only the tag shows the change.
    let account = unfinished("ED25519").await;
    account.with(|contents| {
        let secret = the_secret(contents);
        let current = secret.current.clone();
        secret.versions.insert(current, foreign.to_string());
    });
    let message = create_error(&later_run(&account), plan("ED25519")).await;
    assert!(
        message.contains("Root key or its tag was changed"),
        "{message}"
    );
    account.with(|contents| the_secret(contents).binary = true);
    let message = create_error(&later_run(&account), plan("ED25519")).await;
    assert!(message.contains("is unusable"), "{message}");
}

#[tokio::test]
async fn exactly_one_of_two_concurrent_runs_succeeds() {
    for algorithm in ["ECDSA_P256", "ED25519"] {
        for start in [true, false] {
            // Either both runs create the secret, or both find the key from an interrupted create.
            let account = match start {
                true => Account::default(),
                false => unfinished(algorithm).await,
            };
            let (one, other) = (resource(&account), resource(&account));
            let (one, other) = tokio::join!(
                try_create(&one, plan(algorithm)),
                try_create(&other, plan(algorithm))
            );
            let (created, message) = match (one, other) {
                (Ok(created), Err(message)) | (Err(message), Ok(created)) => (created, message),
                (Ok(_), Ok(_)) => panic!("both runs succeeded"),
                (Err(one), Err(other)) => panic!("no run succeeded: {one}{other}"),
            };
            assert!(message.contains(&import_command(&account)), "{message}");
            assert!(!secret(&account).tags.contains_key("skreg:unfinished"));
            assert_settled(&account, &created.state.into()).await;
        }
    }
}

#[tokio::test]
async fn a_run_stops_if_another_run_changes_the_marker_or_the_version() {
    let overtaken: fn(&mut Contents) = |contents| {
        let tags = &mut the_secret(contents).tags;
        tags.insert("skreg:unfinished".to_owned(), "another run".to_owned());
    };
    // The marker changes after the certificate is stored, or after this run claims an existing key.
    for (account, call) in [(Account::default(), 3), (unfinished("ED25519").await, 3)] {
        account.fault_at(call, Fault::Meanwhile(overtaken));
        let message = create_error(&resource(&account), plan("ED25519")).await;
        assert!(
            message.contains("Another run is creating this authority"),
            "{message}"
        );
        let marker = secret(&account).tags["skreg:unfinished"].clone();
        assert_eq!(
            marker, "another run",
            "the marker of the other run was removed"
        );
    }
    // The other run stored its certificate before the claim, so this run removes its own marker.
    let account = unfinished("ED25519").await;
    let issued: fn(&mut Contents) = |contents| {
        let secret = the_secret(contents);
        let current = secret.current.clone();
        let value = secret.versions[&current].clone();
        secret.versions.insert("later".to_owned(), value);
        secret.previous = Some(std::mem::replace(&mut secret.current, "later".to_owned()));
    };
    account.fault_at(2, Fault::Meanwhile(issued));
    let message = create_error(&resource(&account), plan("ED25519")).await;
    assert!(
        message.contains("is complete but not in the state"),
        "{message}"
    );
    assert!(!secret(&account).tags.contains_key("skreg:unfinished"));
    account.with(|contents| {
        assert!(!contents.calls.contains(&"secretsmanager:PutSecretValue"));
    });
    // The current version is not the version that this run wrote.
    let account = Account::default();
    account.fault_at(3, Fault::Meanwhile(issued));
    let message = create_error(&resource(&account), plan("ED25519")).await;
    assert!(
        message.contains("Another run is creating this authority"),
        "{message}"
    );
}

#[tokio::test]
async fn a_replacement_fails_the_plan() {
    let (account, state) = finished("ED25519").await;
    let replacement = "Root key cannot be replaced";
    // -replace and replace_triggered_by: the CLI plans an update and then a create, without a refresh in between.
    let one_process = later_run(&account);
    let next = plan("ED25519");
    assert!(
        planned(&one_process, Some(&state), Some(&state))
            .await
            .is_ok()
    );
    account.recover();
    let message = planned(&one_process, None, Some(&next)).await.unwrap_err();
    assert!(
        message.contains(replacement) && message.contains(NAME),
        "{message}"
    );
    for way in [
        "-replace",
        "untaint ADDRESS",
        "moved block",
        "new generation",
        "destroy -target=ADDRESS",
        "state rm",
    ] {
        assert!(message.contains(way), "{way}: {message}");
    }
    account.with(|contents| assert!(contents.calls.is_empty(), "no lookup is required"));

    // Taint: the CLI refreshes the object and then plans a create.
    let one_process = later_run(&account);
    refreshed(&one_process, &state).await.unwrap();
    let message = planned(&one_process, None, Some(&next)).await.unwrap_err();
    assert!(message.contains(replacement), "{message}");

    // Renamed block: the CLI plans the deletion of the old address and then a create.
    let one_process = later_run(&account);
    assert!(planned(&one_process, Some(&state), None).await.is_ok());
    let message = planned(&one_process, None, Some(&next)).await.unwrap_err();
    assert!(message.contains(replacement), "{message}");

    // A secret with a different name is a different authority.
    let mut other = plan("ED25519");
    change_secret(&mut other, |secret| secret.name = "other".to_owned().into());
    assert!(planned(&one_process, None, Some(&other)).await.is_ok());

    // In a process that has not observed the authority, the lookup finds the existing secret.
    let message = planned(&later_run(&account), None, Some(&next))
        .await
        .unwrap_err();
    assert!(message.contains("already exists"), "{message}");
}

#[tokio::test]
async fn a_deleted_authority_can_be_created_again_in_the_same_process() {
    let account = Account::default();
    let mut configured = plan("ED25519");
    change_secret(&mut configured, |secret| {
        secret.recovery_window_in_days = 0.into()
    });
    let process = resource(&account);
    for _ in 0..2 {
        assert!(planned(&process, None, Some(&configured)).await.is_ok());
        let state = RootCaPlan::from(create(&process, configured.clone()).await.state);
        refreshed(&process, &state).await.unwrap();
        assert!(planned(&process, Some(&state), None).await.is_ok());
        let removed = process.remove(&state, &Private::default(), &call()).await;
        assert!(removed.is_ok());
        account.with(|contents| assert!(contents.secrets.is_empty()));
    }
}

#[tokio::test]
async fn a_remaining_marker_appears_in_the_plan_and_is_removed_by_the_apply() {
    let account = Account::default();
    account.fault_at(2, Fault::Crash(Crash::AfterEffect));
    run_until_crash(&account, &resource(&account), plan("ED25519")).await;
    account.recover();
    let shown = |state: &RootCaPlan| {
        let tags = state.tags_all.known().expect("tags_all is known");
        tags.contains_key(UNFINISHED_TAG)
    };
    assert!(secret(&account).tags.contains_key(UNFINISHED_TAG));
    let prior = imported(&account, &secret(&account).arn).await;
    assert!(shown(&prior), "the state must contain the marker");

    let mut next = prior.clone();
    plan_tags(Some(&prior), &mut next, &Planned::Null);
    assert!(!shown(&next), "the plan must remove the marker");
    account.fault_at(0, Fault::Refuse("AccessDeniedException", "denied"));
    let run = resource(&account);
    let refused = run.retag(&prior, next.clone(), &call()).await;
    assert!(refused.is_err());
    assert!(secret(&account).tags.contains_key(UNFINISHED_TAG));

    account.recover();
    let Ok(state) = resource(&account).retag(&prior, next, &call()).await else {
        panic!("the update failed")
    };
    assert!(!secret(&account).tags.contains_key(UNFINISHED_TAG));
    let read = refreshed(&resource(&account), &state.into()).await;
    assert!(!shown(&read.expect("the authority exists")));
}

/// Document from an interrupted create with an earlier provider version.
const VERSION_1: &str =
    include_str!("../../../../../tests/golden/key_document_v1_ecdsa_p256_pending.json");

#[tokio::test]
async fn an_unfinished_key_from_an_earlier_version_is_completed_in_the_new_format() {
    let older: serde_json::Value = serde_json::from_str(VERSION_1).unwrap();
    let hash = older["spki_sha256"].as_str().unwrap().to_owned();
    let account = Account::default();
    account.with(|contents| {
        let secret = Secret {
            arn: format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:{NAME}-AbCdEf"),
            tags: BTreeMap::from([
                (KEY_TAG.to_owned(), hash.clone()),
                (UNFINISHED_TAG.to_owned(), "earlier".to_owned()),
            ]),
            versions: BTreeMap::from([("first".to_owned(), VERSION_1.to_owned())]),
            current: "first".to_owned(),
            ..Secret::default()
        };
        contents.secrets.insert(NAME.to_owned(), secret);
    });
    let mut plan = plan("ECDSA_P256");
    plan.path_length = (-1).into();
    if let Planned::Known(subject) = &mut plan.subject {
        subject.country = "DE".to_owned().into();
    }
    let state = create(&later_run(&account), plan).await.state;
    assert_eq!(state.spki_sha256, hash);
    let decided = older["issuance"]["serial_number"].as_str().unwrap();
    assert_eq!(state.serial_number, decided);
    let secret = secret(&account);
    let newer: serde_json::Value = serde_json::from_str(&secret.versions[&secret.current]).unwrap();
    assert_eq!(newer["v"], 3);
    assert_eq!(newer["private_key_pem"], older["private_key_pem"]);
    assert_eq!(newer["certificate_pem"], state.certificate_pem.as_str());
    assert_settled(&account, &state.into()).await;
}
