//! Refresh, update, deletion, and import of an existing authority.

use super::*;
use crate::resources::pki::stored_key::account::{Account, Crash, Fault, Secret};

#[tokio::test]
async fn refresh_fails_and_keeps_the_state_if_the_secret_changed() {
    type Change = fn(&mut BTreeMap<String, Secret>);
    let cases: [(&str, &str, Change); 6] = [
        ("Root key is missing", "state rm", |secrets| secrets.clear()),
        ("scheduled for deletion", "restore-secret", |secrets| {
            secrets.get_mut(NAME).unwrap().pending_deletion = true
        }),
        ("Secret is rotated", "cancel-rotate-secret", |secrets| {
            secrets.get_mut(NAME).unwrap().rotated = true
        }),
        (
            "Root key or its tag was changed",
            "tag-resource",
            |secrets| {
                secrets
                    .get_mut(NAME)
                    .unwrap()
                    .tags
                    .insert("spki_sha256".to_owned(), "00".to_owned());
            },
        ),
        (
            "Root key or its tag was changed",
            "tag-resource",
            |secrets| secrets.get_mut(NAME).unwrap().tags.clear(),
        ),
        (
            "key or certificate was changed",
            "update-secret-version-stage",
            |secrets| {
                let secret = secrets.get_mut(NAME).unwrap();
                secret.previous =
                    Some(std::mem::replace(&mut secret.current, "by-hand".to_owned()));
            },
        ),
    ];
    for (summary, remedy, change) in cases {
        let account = Account::default();
        let mut state = RootCaPlan::from(create(&resource(&account), plan("ED25519")).await.state);
        state.deletion_protection = true.into();
        account.with(|contents| change(&mut contents.secrets));
        let message = refreshed(&later_run(&account), &state)
            .await
            .err()
            .expect("the refresh must fail");
        assert!(
            message.contains(summary) && message.contains(remedy),
            "{message}"
        );
        assert!(message.starts_with("secrets_manager.name"), "{message}");
    }
}

#[tokio::test]
async fn tags_follow_the_configuration_and_other_tags_are_retained() {
    let account = Account::default();
    account.with(|contents| {
        contents.default_tags = BTreeMap::from([("team".to_owned(), "pki".to_owned())])
    });
    let tags = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned().into()));
        Planned::Known(pairs.collect::<BTreeMap<String, Planned<String>>>())
    };
    let mut first = plan("ED25519");
    first.tags = tags(&[("a", "1"), ("b", "2")]);
    let prior = RootCaPlan::from(create(&resource(&account), first).await.state);
    assert_settled(&account, &prior).await;

    let mut next = prior.clone();
    next.tags = tags(&[("b", "3"), ("team", "other")]);
    let Ok(state) = resource(&account)
        .retag(&prior, next.clone(), &call())
        .await
    else {
        panic!("the update failed")
    };
    let expected = [
        ("b", "3"),
        ("spki_sha256", state.spki_sha256.as_str()),
        ("team", "other"),
    ];
    assert_eq!(
        secret(&account).tags,
        expected
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    );
    assert_settled(&account, &RootCaPlan::from(state)).await;

    // A tag that was added manually appears as drift.
    account.with(|contents| {
        contents
            .secrets
            .get_mut(NAME)
            .unwrap()
            .tags
            .insert("c".to_owned(), "4".to_owned())
    });
    let read = refreshed(&later_run(&account), &next).await.unwrap();
    assert_eq!(known_tags(&read.tags)["c"], "4");
}

#[tokio::test]
async fn deletion_fails_while_protected_and_completes_after_a_crash() {
    let account = Account::default();
    let mut state = RootCaPlan::from(create(&resource(&account), plan("ED25519")).await.state);
    for protection in [Planned::Known(true), Planned::Null, Planned::Unknown] {
        state.deletion_protection = protection;
        let message = deletion_error(&state).expect("the deletion must fail");
        assert_eq!(message.path.to_string(), "deletion_protection");
        assert!(
            message
                .detail
                .contains("set deletion_protection = false, apply"),
            "{}",
            message.detail
        );
    }
    state.deletion_protection = false.into();
    assert!(deletion_error(&state).is_none());

    account.fault_at(1, Fault::Crash(Crash::AfterEffect));
    let crashing = resource(&account);
    let (private, run) = (Private::default(), call());
    tokio::select! {
        () = account.crashed() => {}
        _ = crashing.remove(&state, &private, &run) => panic!("the run did not crash"),
    }
    assert!(secret(&account).pending_deletion);
    assert!(removed(&account, &state, &Private::default()).await.is_ok());
    account.with(|contents| contents.secrets.clear());
    assert!(removed(&account, &state, &Private::default()).await.is_ok());
}

async fn removed(account: &Account, state: &RootCaPlan, private: &Private) -> Result<(), String> {
    let run = later_run(account);
    let removed = run.remove(state, private, &call()).await;
    removed.map_err(|diagnostics| text(&diagnostics))
}

#[tokio::test]
async fn a_lost_response_to_delete_secret_is_not_an_error() {
    for window in [0, 7] {
        let (account, state) = disposable(window).await;
        account.fault_at(1, Fault::LoseResponse);
        let run = resource(&account);
        let removed = run.remove(&state, &Private::default(), &call()).await;
        assert!(removed.is_ok(), "{window}");
    }
    let (account, state) = disposable(7).await;
    account.fault_at(1, Fault::Refuse("InternalServiceError", "no"));
    let run = resource(&account);
    let removed = run.remove(&state, &Private::default(), &call()).await;
    let message = text(&removed.unwrap_err());
    assert!(
        message.contains("Root key could not be deleted"),
        "{message}"
    );
    assert!(!secret(&account).pending_deletion);
}

/// Returns an unprotected authority with a recovery window of `window` days.
async fn disposable(window: i64) -> (Account, RootCaPlan) {
    let account = Account::default();
    let mut configured = plan("ED25519");
    change_secret(&mut configured, |secret| {
        secret.recovery_window_in_days = window.into()
    });
    let state = create(&resource(&account), configured).await.state;
    account.recover();
    (account, state.into())
}

#[tokio::test]
async fn without_a_recovery_window_the_secret_is_deleted_immediately() {
    let (account, state) = disposable(0).await;
    removed(&account, &state, &Private::default())
        .await
        .unwrap();
    account.with(|contents| assert!(contents.secrets.is_empty()));
    let (account, state) = disposable(7).await;
    removed(&account, &state, &Private::default())
        .await
        .unwrap();
    assert!(secret(&account).pending_deletion);
}

/// Asserts that a refresh removes an authority from the state. Returns its warnings.
async fn dropped(resource: &RootCas<Account>, state: &RootCaPlan) -> String {
    let call = call();
    let read = resource.refresh(state.clone(), &call).await;
    let read = read.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert!(read.is_none(), "the authority is still in the state");
    text(&call.warnings.collected())
}

#[tokio::test]
async fn an_unprotected_secret_pending_deletion_is_treated_as_deleted() {
    for window in [0, 7] {
        let (account, state) = disposable(window).await;
        account.with(|contents| contents.secrets.get_mut(NAME).unwrap().pending_deletion = true);
        let arn = secret(&account).arn;
        let process = later_run(&account);
        let message = dropped(&process, &state).await;
        assert!(
            message.contains("DeletedDate 2026-11-27T12:00:00Z")
                && message.contains(&format!("restore-secret --secret-id {arn}")),
            "{message}"
        );
        // A destroy also plans the configuration in the same process, so this plan must succeed.
        let mut again = plan("ED25519");
        assert!(planned(&process, None, Some(&again)).await.is_ok());
        // An apply must not create another secret with this name.
        let message = create_error(&process, again.clone()).await;
        assert!(message.contains("restore-secret"), "{message}");
        again.validity_days = 3.into();
        let message = planned(&later_run(&account), None, Some(&again)).await;
        assert!(message.unwrap_err().contains("restore-secret"));

        for protection in [Planned::Known(true), Planned::Null, Planned::Unknown] {
            let mut protected = state.clone();
            protected.deletion_protection = protection;
            let message = refreshed(&later_run(&account), &protected)
                .await
                .err()
                .unwrap();
            assert!(
                message.contains("scheduled for deletion")
                    && message.contains("DeletedDate")
                    && message.contains("restore-secret"),
                "{message}"
            );
        }
    }
}

#[tokio::test]
async fn a_missing_secret_is_treated_as_deleted_only_without_protection_and_recovery_window() {
    let (account, state) = disposable(0).await;
    account.with(|contents| contents.secrets.clear());
    let message = dropped(&later_run(&account), &state).await;
    assert!(
        message.contains("recovery_window_in_days is 0"),
        "{message}"
    );
    let mut protected = state.clone();
    protected.deletion_protection = true.into();
    let (other, with_window) = disposable(7).await;
    other.with(|contents| contents.secrets.clear());
    for (account, state) in [(&account, &protected), (&other, &with_window)] {
        let message = refreshed(&later_run(account), state).await.err().unwrap();
        assert!(message.contains("Root key is missing"), "{message}");
    }
}

#[tokio::test]
async fn a_new_recovery_window_of_0_days_is_a_warning() {
    let (account, disposable) = disposable(0).await;
    let kept = {
        let mut kept = disposable.clone();
        change_secret(&mut kept, |secret| {
            secret.recovery_window_in_days = 7.into()
        });
        kept
    };
    let warning = "Root key has no recovery window";
    let message = async |prior: Option<&RootCaPlan>, plan: &RootCaPlan| {
        account.with(|contents| contents.unknown = true);
        let message = planned(&resource(&account), prior, Some(plan))
            .await
            .unwrap();
        account.with(|contents| contents.unknown = false);
        message
    };
    for (prior, plan, warned) in [
        (None, &disposable, true),
        (Some(&kept), &disposable, true),
        (Some(&disposable), &disposable, false),
        (Some(&disposable), &kept, false),
        (None, &kept, false),
    ] {
        let message = message(prior, plan).await;
        assert_eq!(message.contains(warning), warned, "{message}");
        if warned {
            assert!(
                message.starts_with("secrets_manager.recovery_window_in_days\n"),
                "{message}"
            );
        }
    }
}

#[tokio::test]
async fn a_changed_kms_key_causes_a_warning_during_refresh() {
    let arn = "arn:aws:kms:eu-central-1:123456789012:key/1234-abcd";
    for (configured, found, reported) in [
        (None, None, false),
        (None, Some(arn), true),
        (Some("1234-abcd"), Some(arn), false),
        (Some("9999"), Some(arn), true),
        (Some("9999"), None, true),
        // Only KMS can resolve an alias.
        (Some("alias/ca"), Some(arn), false),
    ] {
        let account = Account::default();
        let mut state = RootCaPlan::from(create(&resource(&account), plan("ED25519")).await.state);
        change_secret(&mut state, |secret| {
            secret.kms_key_id = configured.map(str::to_owned).into()
        });
        account.with(|contents| {
            contents.secrets.get_mut(NAME).unwrap().kms_key_id = found.map(str::to_owned)
        });
        let call = call();
        let read = later_run(&account).refresh(state.clone(), &call).await;
        let read = read.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
        assert!(same(&read.unwrap().into(), &state));
        let message = text(&call.warnings.collected());
        assert_eq!(
            !message.is_empty(),
            reported,
            "{configured:?} {found:?}: {message}"
        );
        if reported {
            let name = |key: Option<&str>| key.unwrap_or("alias/aws/secretsmanager").to_owned();
            let command = format!("--kms-key-id {}", name(configured));
            assert!(
                message.contains(&command) && message.contains(&name(found)),
                "{message}"
            );
            assert!(
                message.starts_with("secrets_manager.kms_key_id\n"),
                "{message}"
            );
        }
    }
}

#[tokio::test]
async fn an_approaching_expiration_changes_the_status_and_causes_a_warning() {
    let account = Account::default();
    let state = RootCaPlan::from(create(&resource(&account), plan("ED25519")).await.state);
    assert_eq!(state.validity_status, "valid".to_owned().into());
    assert_eq!(
        state.not_after_actual.known().unwrap(),
        "2036-11-17T12:00:00Z"
    );
    type Clock = fn() -> Timestamp;
    let cases: [(Clock, &str, &str); 4] = [
        (|| "2035-11-18T11:00:00Z".parse().unwrap(), "valid", ""),
        (
            || "2035-11-18T12:00:00Z".parse().unwrap(),
            "expiring",
            "expires soon",
        ),
        (
            || "2036-11-17T12:00:00Z".parse().unwrap(),
            "expiring",
            "expires soon",
        ),
        (
            || "2036-11-17T12:00:01Z".parse().unwrap(),
            "expired",
            "has expired",
        ),
    ];
    for (clock, status, warning) in cases {
        let run = roots(account.clone(), clock);
        let read = refreshed(&run, &state).await.unwrap();
        assert_eq!(read.validity_status, status.to_owned().into());
        let mut unchanged = read.clone();
        unchanged.validity_status = state.validity_status.clone();
        assert!(same(&unchanged, &state), "only the status must change");
        let message = planned(&run, Some(&read), Some(&read)).await.unwrap();
        assert_eq!(message.is_empty(), warning.is_empty(), "{message}");
        assert!(message.contains(warning), "{message}");
        if !warning.is_empty() {
            assert!(
                message.starts_with("not_after_actual\n")
                    && message.contains("2036-11-17T12:00:00Z")
                    && message.contains("new generation"),
                "{message}"
            );
        }
        // An update returns the planned state.
        let mut next = read.clone();
        let tag = ("a".to_owned(), "1".to_owned().into());
        next.tags = Planned::Known(BTreeMap::from([tag]));
        next.tags_all = next.tags.clone();
        let Ok(updated) = run.retag(&read, next.clone(), &call()).await else {
            panic!("the update failed")
        };
        assert!(same(&updated.into(), &next));
        assert!(run.retag(&next, read.clone(), &call()).await.is_ok());
    }
}

/// Earlier provider versions did not store a status.
#[tokio::test]
async fn a_refresh_adds_the_status_to_a_state_without_one() {
    let account = Account::default();
    let state = RootCaPlan::from(create(&resource(&account), plan("ED25519")).await.state);
    let mut older = state.clone();
    older.validity_status = Planned::Null;
    let read = refreshed(&later_run(&account), &older).await.unwrap();
    assert!(same(&read, &state));
    // Without a refresh, the status remains null.
    let retagged = resource(&account)
        .retag(&older, older.clone(), &call())
        .await;
    let retagged = retagged.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert_eq!(retagged.validity_status, None);
}

/// In an earlier version, a replacement with `create_before_destroy` resulted in a deposed object for an adopted key.
#[tokio::test]
async fn deletion_of_a_deposed_object_retains_an_adopted_key() {
    let account = Account::default();
    let state = RootCaPlan::from(create(&resource(&account), plan("ED25519")).await.state);
    let marker = (
        "skreg:adoption".to_owned(),
        "of the later object".to_owned(),
    );
    account.with(|contents| {
        contents
            .secrets
            .get_mut(NAME)
            .unwrap()
            .tags
            .extend([marker.clone()]);
    });
    let message = removed(&account, &state, &Private::default())
        .await
        .unwrap_err();
    assert!(
        message.contains("belongs to another resource instance")
            && message.contains("state rm ADDRESS")
            && message.contains(&import_command(&account)),
        "{message}"
    );
    assert!(!secret(&account).pending_deletion);

    // The later object has the tag in its private state. An import also stores the tag there.
    let arn = secret(&account).arn;
    let found = later_run(&account).find(&arn, &call()).await;
    let found = found.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert!(known_tags(&found.state.tags).is_empty());
    removed(&account, &state, &found.private).await.unwrap();
    assert!(secret(&account).pending_deletion);
}

#[test]
fn the_protection_error_describes_how_to_remove_a_deposed_object() {
    let mut state = plan("ED25519");
    state.deletion_protection = true.into();
    state.secret_arn = "arn:x".to_owned().into();
    let message = deletion_error(&state).unwrap().detail;
    assert!(
        message.contains("deposed")
            && message.contains("state rm ADDRESS")
            && message.contains("import ADDRESS 'secretsmanager:arn:x'"),
        "{message}"
    );
}

#[tokio::test]
async fn a_default_tag_never_overwrites_the_key_tag() {
    let account = Account::default();
    account.with(|contents| {
        contents.default_tags = BTreeMap::from([("spki_sha256".to_owned(), "mine".to_owned())])
    });
    let prior = RootCaPlan::from(create(&resource(&account), plan("ED25519")).await.state);
    let mut next = prior.clone();
    let tag = ("a".to_owned(), "1".to_owned().into());
    next.tags = Planned::Known(BTreeMap::from([tag]));
    let run = resource(&account);
    let retagged = run.retag(&prior, next, &call()).await;
    let state = retagged.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert_settled(&account, &RootCaPlan::from(state)).await;
}

/// A credential process can hang. An interrupt must end the run even in this case.
#[tokio::test]
async fn an_interrupt_ends_a_hanging_connection() {
    struct Never;
    impl SecretStores for Never {
        type Store = Account;

        async fn open_if_known(&self) -> Result<Option<Account>, Diagnostics> {
            std::future::pending().await
        }

        async fn open(&self) -> Result<Account, Diagnostics> {
            std::future::pending().await
        }

        fn planned_default_tags(&self) -> PlannedTags {
            Planned::Unknown
        }
    }
    impl KmsKeySource for Never {
        type Keys = <Account as KmsKeySource>::Keys;

        async fn open_keys_if_known(&self) -> Result<Option<Self::Keys>, Diagnostics> {
            std::future::pending().await
        }

        async fn open_keys(&self) -> Result<Self::Keys, Diagnostics> {
            std::future::pending().await
        }
    }
    let roots = roots(Never, now);
    let interrupted = call();
    interrupted.cancel.cancel();
    let connecting = roots.create_key(plan("ED25519"), &interrupted);
    let connecting = tokio::time::timeout(Duration::from_secs(120), connecting);
    let message = connecting
        .await
        .expect("the run must end")
        .err()
        .expect("an error");
    assert!(
        text(&message).contains("the run was interrupted"),
        "{}",
        text(&message)
    );
}

#[tokio::test]
async fn import_restores_the_state_from_the_secret() {
    let account = Account::default();
    let mut configured = plan("ECDSA_P256");
    configured.deletion_protection = true.into();
    let state = create(&resource(&account), configured).await.state;
    let arn = state.secret_arn.clone();
    let mut expected = RootCaPlan::from(state);
    change_secret(&mut expected, |secret| {
        secret.recovery_window_in_days = 30.into()
    });
    for id in [arn.clone(), format!("secretsmanager:{arn}")] {
        let found = later_run(&account).find(&id, &call()).await;
        let found = found.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
        let found = found.state;
        assert!(
            same(&found, &expected),
            "the imported state differs from the created state"
        );
        assert_settled(&account, &found).await;
    }
    for wrong in ["", NAME, "kms:arn:aws:kms:x", "arn:aws:s3:::bucket"] {
        let message = later_run(&account)
            .find(wrong, &call())
            .await
            .err()
            .expect("the import must fail");
        assert!(
            text(&message).contains("import skreg_pki_root_ca.NAME 'secretsmanager:arn:aws:"),
            "{wrong}"
        );
    }
    account.with(|contents| contents.secrets.get_mut(NAME).unwrap().pending_deletion = true);
    assert!(
        text(&later_run(&account).find(&arn, &call()).await.err().unwrap())
            .contains("restore-secret")
    );
}

#[tokio::test]
async fn import_derives_days_and_margin_from_the_certificate() {
    for (days, margin, expected) in [
        (3650, 60, (3650, 60)),
        (3650, 90, (3650, 90)),
        // Earlier provider versions issued such certificates.
        (3650, 0, (3650, 60)),
        // The maximum margin is one day.
        (3650, 1440, (3651, 60)),
    ] {
        let account = Account::default();
        let mut configured = plan("ED25519");
        configured.validity_days = days.into();
        configured.not_before_margin_minutes = margin.into();
        configured.path_length = (-1).into();
        create(&resource(&account), configured).await;
        let found = imported(&account, &secret(&account).arn).await;
        assert_eq!(found.validity_days, expected.0.into());
        assert_eq!(found.not_before_margin_minutes, expected.1.into());
        assert_eq!(found.not_after, Planned::Null);
        assert_eq!(found.path_length, (-1).into());
    }
    let account = Account::default();
    let mut configured = plan("ED25519");
    configured.validity_days = Planned::Null;
    configured.not_after = "2030-01-01T00:00:01Z".to_owned().into();
    create(&resource(&account), configured).await;
    let found = imported(&account, &secret(&account).arn).await;
    assert_eq!(found.validity_days, Planned::Null);
    assert_eq!(found.not_after, "2030-01-01T00:00:01Z".to_owned().into());
}

#[tokio::test]
async fn a_key_without_a_certificate_cannot_be_imported_but_can_be_completed() {
    let account = Account::default();
    account.fault_at(2, Fault::Crash(Crash::BeforeEffect));
    run_until_crash(&account, &resource(&account), plan("ED25519")).await;
    let arn = secret(&account).arn;
    let message = text(&later_run(&account).find(&arn, &call()).await.err().unwrap());
    assert!(message.contains("The apply adopts the key"), "{message}");

    // Earlier versions did not write the marker. The error contains the command that adds it.
    account.with(|contents| {
        let tags = &mut contents.secrets.get_mut(NAME).unwrap().tags;
        tags.remove("skreg:unfinished");
    });
    assert!(
        create_error(&later_run(&account), plan("ED25519"))
            .await
            .contains("import skreg_pki_root_ca")
    );
    let command = format!("--secret-id {arn} --tags Key=skreg:unfinished,Value=manual");
    assert!(message.contains(&command), "{message}");
    account.with(|contents| {
        let tags = &mut contents.secrets.get_mut(NAME).unwrap().tags;
        tags.insert("skreg:unfinished".to_owned(), "manual".to_owned());
    });
    let state = create(&later_run(&account), plan("ED25519")).await.state;
    assert_settled(&account, &state.into()).await;
}
