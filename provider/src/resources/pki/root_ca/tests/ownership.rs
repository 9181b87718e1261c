//! Which secrets a create goes on with, at plan and at apply; concurrent runs; replacement.

use super::account::{Account, Death, Fault, Inside, Secret};
use super::*;

/// An account in which a create was interrupted after it had stored the key.
async fn unfinished(algorithm: &str) -> Account {
    let account = Account::default();
    account.fault_at(1, Fault::Die(Death::AfterEffect));
    run_to_death(&account, &resource(&account), plan(algorithm)).await;
    account.recover();
    account
}

/// An account in which a create has ended, and the state.
async fn finished(algorithm: &str) -> (Account, RootCaPlan) {
    let account = Account::default();
    let state = made(&resource(&account), plan(algorithm)).await.state;
    account.recover();
    (account, state.into())
}

fn the_secret(inside: &mut Inside) -> &mut Secret {
    inside.secrets.get_mut(NAME).unwrap()
}

/// Plan and apply refuse, in the same words, and leave the secret as it is.
async fn refused_twice(account: &Account) -> String {
    let before = secret(account);
    let at_plan = planned(&later_run(account), None, Some(&plan("ED25519"))).await;
    let at_plan = at_plan.expect_err("the plan was accepted");
    let at_apply = refused(&later_run(account), plan("ED25519")).await;
    assert_eq!(at_plan, at_apply);
    assert!(at_plan.starts_with("secrets_manager.name\n"), "{at_plan}");
    let after = secret(account);
    assert_eq!(before.versions, after.versions, "the value was changed");
    assert_eq!(before.tags, after.tags, "the tags were changed");
    at_plan
}

#[tokio::test]
async fn a_plan_for_a_free_name_or_an_unfinished_create_is_accepted() {
    let account = Account::default();
    let planned_free = planned(&resource(&account), None, Some(&plan("ED25519"))).await;
    assert_eq!(planned_free, Ok(String::new()));
    let account = unfinished("ED25519").await;
    let planned = planned(&resource(&account), None, Some(&plan("ED25519"))).await;
    assert_eq!(planned, Ok(String::new()));
    account.with(|inside| assert_eq!(inside.calls, ["secretsmanager:DescribeSecret"]));
}

#[tokio::test]
async fn an_unfinished_key_is_adopted_and_reported() {
    let account = unfinished("ED25519").await;
    let key = documents(&secret(&account))[0]["spki_sha256"].clone();
    let created = made(&later_run(&account), plan("ED25519")).await;
    account.with(|inside| {
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
            inside.calls,
            expected.map(|name| format!("secretsmanager:{name}"))
        );
    });
    assert_eq!(key, created.state.spki_sha256);
    let said = text(&created.warnings);
    assert!(
        said.contains(&created.state.serial_number)
            && said.contains(&created.state.certificate_sha256)
            && said.contains(&created.state.secret_arn),
        "{said}"
    );
    assert!(!secret(&account).tags.contains_key("skreg:unfinished"));
    assert_settled(&account, &created.state.into()).await;
}

#[tokio::test]
async fn an_authority_that_exists_is_refused_at_plan_with_the_import_command() {
    let (account, _) = finished("ED25519").await;
    let said = refused_twice(&account).await;
    assert!(
        said.contains("Certificate authority already exists")
            && said.contains(&import_command(&account))
            && said.contains("choose another secrets_manager.name"),
        "{said}"
    );
}

#[tokio::test]
async fn a_certificate_that_is_issued_is_never_adopted() {
    // The marks are there, as after an interruption between the last two calls.
    let (account, _) = finished("ED25519").await;
    account.with(|inside| {
        let tags = &mut the_secret(inside).tags;
        tags.insert("skreg:unfinished".to_owned(), "planted".to_owned());
    });
    let said = refused_twice(&account).await;
    assert!(said.contains(&import_command(&account)), "{said}");

    // Somebody has planted a whole authority in the first version of a secret, with every tag.
    account.with(|inside| {
        let secret = the_secret(inside);
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
    let said = refused(&later_run(&account), plan("ED25519")).await;
    assert!(said.contains(&import_command(&account)), "{said}");
    assert_eq!(before.tags, secret(&account).tags);
    assert_eq!(before.versions, secret(&account).versions);
}

#[tokio::test]
async fn a_secret_without_our_tags_is_never_adopted() {
    for (missing, summary) in [
        (&["skreg:unfinished"][..], "already exists"),
        (&["spki_sha256"], "name is taken"),
        (&["skreg:unfinished", "spki_sha256"], "name is taken"),
    ] {
        let account = unfinished("ED25519").await;
        account.with(|inside| {
            let tags = &mut the_secret(inside).tags;
            tags.retain(|name, _| !missing.contains(&name.as_str()));
        });
        let said = refused_twice(&account).await;
        assert!(said.contains(summary), "{missing:?}: {said}");
        assert!(said.contains(&import_command(&account)), "{said}");
        assert!(
            said.to_lowercase()
                .contains("choose another secrets_manager.name"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_secret_that_is_rotated_or_pending_deletion_is_refused() {
    let account = unfinished("ED25519").await;
    account.with(|inside| the_secret(inside).rotated = true);
    let said = refused_twice(&account).await;
    assert!(said.contains("cancel-rotate-secret"), "{said}");

    account.with(|inside| the_secret(inside).pending_deletion = true);
    let said = refused_twice(&account).await;
    assert!(
        said.contains("Secret name is pending deletion")
            && said.contains("DeletedDate 2026-11-27T12:00:00Z")
            && said.contains(&format!(
                "aws secretsmanager restore-secret --secret-id {NAME}"
            ))
            && said.contains("choose another secrets_manager.name"),
        "{said}"
    );

    // A name that was deleted without recovery becomes free in a moment, so the apply decides.
    let mut without_recovery = plan("ED25519");
    change_secret(&mut without_recovery, |secret| {
        secret.recovery_window_in_days = 0.into()
    });
    assert!(
        planned(&later_run(&account), None, Some(&without_recovery))
            .await
            .is_ok()
    );
    let said = refused(&later_run(&account), without_recovery).await;
    assert!(said.contains("restore-secret"), "{said}");
    account.with(|inside| assert!(!inside.pauses.is_empty()));
}

#[tokio::test]
async fn emulators_that_report_a_deleted_name_as_taken_are_understood() {
    let (account, _) = finished("ED25519").await;
    account.with(|inside| the_secret(inside).pending_deletion = true);
    // The look-up comes too early, and CreateSecret gives another reason than AWS does.
    account.fault_at(0, Fault::Refuse("ResourceNotFoundException", "not yet"));
    let said = refused(&resource(&account), plan("ED25519")).await;
    assert!(said.contains("restore-secret"), "{said}");
    let account = Account::default();
    account.fault_at(1, Fault::Meanwhile(foreign_secret));
    let said = refused(&resource(&account), plan("ED25519")).await;
    assert!(said.contains("name is taken"), "{said}");
}

/// Another program creates a secret of the name.
fn foreign_secret(inside: &mut Inside) {
    let secret = Secret {
        arn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:other".to_owned(),
        versions: BTreeMap::from([("v".to_owned(), "hunter2".to_owned())]),
        current: "v".to_owned(),
        ..Secret::default()
    };
    inside.secrets.insert(NAME.to_owned(), secret);
}

#[tokio::test]
async fn the_look_up_at_plan_is_left_out_where_it_is_not_possible() {
    let (account, _) = finished("ED25519").await;
    // Without the permission the plan is accepted, and the apply refuses.
    account.fault_at(0, Fault::Refuse("AccessDeniedException", "no"));
    assert!(
        planned(&resource(&account), None, Some(&plan("ED25519")))
            .await
            .is_ok()
    );
    account.fault_at(0, Fault::Refuse("AccessDeniedException", "no"));
    let said = refused(&resource(&account), plan("ED25519")).await;
    assert!(
        said.contains("may not call secretsmanager:DescribeSecret"),
        "{said}"
    );
    // Every other failure is one.
    account.fault_at(0, Fault::Refuse("UnrecognizedClientException", "no"));
    let said = planned(&resource(&account), None, Some(&plan("ED25519"))).await;
    assert!(said.unwrap_err().contains("access key"));

    // Unknown name, unknown secret, unknown configuration of the provider: nothing is called.
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
    account.with(|inside| inside.unknown = true);
    assert!(
        planned(&resource(&account), None, Some(&plan("ED25519")))
            .await
            .is_ok()
    );
    account.with(|inside| assert!(inside.calls.is_empty()));
}

#[tokio::test]
async fn an_unfinished_key_of_another_configuration_is_not_adopted() {
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
        let said = refused(&later_run(&account), other).await;
        assert!(said.contains(&format!("- {path}: configured")), "{said}");
        assert_eq!(said.matches("  - ").count(), 1, "{said}");
        let delete = format!("delete-secret --secret-id {}", before.arn);
        assert!(said.contains(&delete), "{said}");
        assert_eq!(before.versions, secret(&account).versions);
        assert_eq!(before.tags, secret(&account).tags);
    }
}

#[tokio::test]
async fn the_key_of_a_certificate_that_is_not_a_root_is_neither_adopted_nor_imported() {
    let account = unfinished("ED25519").await;
    account.with(|inside| {
        let secret = the_secret(inside);
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
    let adopted = refused(&later_run(&account), plan("ED25519")).await;
    for said in [imported, adopted] {
        assert!(said.contains("certificate of the kind leaf"), "{said}");
    }
}

#[tokio::test]
async fn an_unfinished_document_that_was_edited_is_not_adopted() {
    let foreign = {
        let other = unfinished("ED25519").await;
        documents(&secret(&other))[0].clone()
    };
    for field in ["private_key_pem", "spki_sha256", "type", "issuance"] {
        let account = unfinished("ED25519").await;
        account.with(|inside| {
            let secret = the_secret(inside);
            let mut document: serde_json::Value =
                serde_json::from_str(&secret.versions[&secret.current]).unwrap();
            document[field] = match field {
                "issuance" | "type" => "other".into(),
                _ => foreign[field].clone(),
            };
            let current = secret.current.clone();
            secret.versions.insert(current, document.to_string());
        });
        let said = refused(&later_run(&account), plan("ED25519")).await;
        assert!(
            said.contains("cannot be used")
                && said.contains("update-secret-version-stage")
                && !said.contains("PRIVATE KEY"),
            "{field}: {said}"
        );
    }
    // Key and hash exchanged together: only the tag still tells.
    let account = unfinished("ED25519").await;
    account.with(|inside| {
        let secret = the_secret(inside);
        let current = secret.current.clone();
        secret.versions.insert(current, foreign.to_string());
    });
    let said = refused(&later_run(&account), plan("ED25519")).await;
    assert!(said.contains("The root key was changed"), "{said}");
    account.with(|inside| the_secret(inside).binary = true);
    let said = refused(&later_run(&account), plan("ED25519")).await;
    assert!(said.contains("cannot be used"), "{said}");
}

#[tokio::test]
async fn of_two_runs_at_once_exactly_one_succeeds() {
    for algorithm in ["ECDSA_P256", "ED25519"] {
        for start in [true, false] {
            // Both start from nothing, or both find the key of an interrupted create.
            let account = match start {
                true => Account::default(),
                false => unfinished(algorithm).await,
            };
            let (one, other) = (resource(&account), resource(&account));
            let (one, other) = tokio::join!(
                attempted(&one, plan(algorithm)),
                attempted(&other, plan(algorithm))
            );
            let (made, said) = match (one, other) {
                (Ok(made), Err(said)) | (Err(said), Ok(made)) => (made, said),
                (Ok(_), Ok(_)) => panic!("both have succeeded"),
                (Err(one), Err(other)) => panic!("none has succeeded: {one}{other}"),
            };
            assert!(said.contains(&import_command(&account)), "{said}");
            assert!(!secret(&account).tags.contains_key("skreg:unfinished"));
            assert_settled(&account, &made.state.into()).await;
        }
    }
}

#[tokio::test]
async fn a_run_that_was_overtaken_stops() {
    let overtaken: fn(&mut Inside) = |inside| {
        let tags = &mut the_secret(inside).tags;
        tags.insert("skreg:unfinished".to_owned(), "another run".to_owned());
    };
    // After the certificate is stored; and after the claim of a key that was found.
    for (account, call) in [(Account::default(), 3), (unfinished("ED25519").await, 3)] {
        account.fault_at(call, Fault::Meanwhile(overtaken));
        let said = refused(&resource(&account), plan("ED25519")).await;
        assert!(
            said.contains("Another run creates this authority"),
            "{said}"
        );
        let mark = secret(&account).tags["skreg:unfinished"].clone();
        assert_eq!(mark, "another run", "the mark of the other run was removed");
    }
    // The other run has stored its certificate before the claim: the mark of the claim goes again.
    let account = unfinished("ED25519").await;
    let issued: fn(&mut Inside) = |inside| {
        let secret = the_secret(inside);
        let current = secret.current.clone();
        let value = secret.versions[&current].clone();
        secret.versions.insert("later".to_owned(), value);
        secret.previous = Some(std::mem::replace(&mut secret.current, "later".to_owned()));
    };
    account.fault_at(2, Fault::Meanwhile(issued));
    let said = refused(&resource(&account), plan("ED25519")).await;
    assert!(said.contains("already exists"), "{said}");
    assert!(!secret(&account).tags.contains_key("skreg:unfinished"));
    account.with(|inside| {
        assert!(!inside.calls.contains(&"secretsmanager:PutSecretValue"));
    });
    // Another version than the one that this run has written is current.
    let account = Account::default();
    account.fault_at(3, Fault::Meanwhile(issued));
    let said = refused(&resource(&account), plan("ED25519")).await;
    assert!(
        said.contains("Another run creates this authority"),
        "{said}"
    );
}

#[tokio::test]
async fn a_replacement_is_refused_at_plan() {
    let (account, state) = finished("ED25519").await;
    let replacement = "Root key cannot be replaced";
    // -replace and replace_triggered_by: prior to planned, then nothing to planned, without a read of the object.
    let one_process = later_run(&account);
    let next = plan("ED25519");
    assert!(
        planned(&one_process, Some(&state), Some(&state))
            .await
            .is_ok()
    );
    account.recover();
    let said = planned(&one_process, None, Some(&next)).await.unwrap_err();
    assert!(said.contains(replacement) && said.contains(NAME), "{said}");
    for way in [
        "-replace",
        "untaint ADDRESS",
        "moved block",
        "new generation",
        "destroy -target=ADDRESS",
        "state rm",
    ] {
        assert!(said.contains(way), "{way}: {said}");
    }
    account.with(|inside| assert!(inside.calls.is_empty(), "no look-up is needed"));

    // Taint: only a read, then nothing to planned.
    let one_process = later_run(&account);
    refreshed(&one_process, &state).await.unwrap();
    let said = planned(&one_process, None, Some(&next)).await.unwrap_err();
    assert!(said.contains(replacement), "{said}");

    // A block that was renamed: the deletion of the old address, then nothing to planned.
    let one_process = later_run(&account);
    assert!(planned(&one_process, Some(&state), None).await.is_ok());
    let said = planned(&one_process, None, Some(&next)).await.unwrap_err();
    assert!(said.contains(replacement), "{said}");

    // Another name is another authority.
    let mut other = plan("ED25519");
    change_secret(&mut other, |secret| secret.name = "other".to_owned().into());
    assert!(planned(&one_process, None, Some(&other)).await.is_ok());

    // In a process that has not seen it, the look-up refuses.
    let said = planned(&later_run(&account), None, Some(&next))
        .await
        .unwrap_err();
    assert!(said.contains("already exists"), "{said}");
}

#[tokio::test]
async fn an_authority_that_was_deleted_can_be_created_again_in_the_same_process() {
    let account = Account::default();
    let mut configured = plan("ED25519");
    change_secret(&mut configured, |secret| {
        secret.recovery_window_in_days = 0.into()
    });
    let process = resource(&account);
    for _ in 0..2 {
        assert!(planned(&process, None, Some(&configured)).await.is_ok());
        let state = RootCaPlan::from(made(&process, configured.clone()).await.state);
        refreshed(&process, &state).await.unwrap();
        assert!(planned(&process, Some(&state), None).await.is_ok());
        let removed = process.remove(&state, &Private::default(), &call()).await;
        assert!(removed.is_ok());
        account.with(|inside| assert!(inside.secrets.is_empty()));
    }
}

#[tokio::test]
async fn a_mark_that_stayed_is_shown_and_removed_by_the_next_apply() {
    let account = Account::default();
    account.fault_at(2, Fault::Die(Death::AfterEffect));
    run_to_death(&account, &resource(&account), plan("ED25519")).await;
    account.recover();
    let shown = |state: &RootCaPlan| {
        let tags = state.tags_all.known().expect("tags_all is known");
        tags.contains_key(UNFINISHED_TAG)
    };
    assert!(secret(&account).tags.contains_key(UNFINISHED_TAG));
    let prior = imported(&account, &secret(&account).arn).await;
    assert!(shown(&prior), "a plan would not show the mark");

    let mut next = prior.clone();
    plan_tags(Some(&prior), &mut next, &Planned::Null);
    assert!(!shown(&next), "the mark would be planned to stay");
    account.fault_at(0, Fault::Refuse("AccessDeniedException", "denied"));
    let run = resource(&account);
    let refused = run.retag(&prior, next.clone(), &call()).await;
    assert!(refused.is_err());
    assert!(secret(&account).tags.contains_key(UNFINISHED_TAG));

    account.recover();
    let Ok(state) = resource(&account).retag(&prior, next, &call()).await else {
        panic!("refused")
    };
    assert!(!secret(&account).tags.contains_key(UNFINISHED_TAG));
    let read = refreshed(&resource(&account), &state.into()).await;
    assert!(!shown(&read.expect("the authority is there")));
}

/// The document of an interrupted create of an earlier version of the provider.
const VERSION_1: &str =
    include_str!("../../../../../tests/golden/key_document_v1_ecdsa_p256_pending.json");

#[tokio::test]
async fn a_key_that_an_earlier_version_stored_is_finished_and_stored_in_the_new_format() {
    let older: serde_json::Value = serde_json::from_str(VERSION_1).unwrap();
    let hash = older["spki_sha256"].as_str().unwrap().to_owned();
    let account = Account::default();
    account.with(|inside| {
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
        inside.secrets.insert(NAME.to_owned(), secret);
    });
    let mut plan = plan("ECDSA_P256");
    plan.path_length = (-1).into();
    if let Planned::Known(subject) = &mut plan.subject {
        subject.country = "DE".to_owned().into();
    }
    let state = made(&later_run(&account), plan).await.state;
    assert_eq!(state.spki_sha256, hash);
    let decided = older["issuance"]["serial_number"].as_str().unwrap();
    assert_eq!(state.serial_number, decided);
    let secret = secret(&account);
    let newer: serde_json::Value = serde_json::from_str(&secret.versions[&secret.current]).unwrap();
    assert_eq!(newer["v"], 2);
    assert_eq!(newer["private_key_pem"], older["private_key_pem"]);
    assert_eq!(newer["certificate_pem"], state.certificate_pem.as_str());
    assert_settled(&account, &state.into()).await;
}
