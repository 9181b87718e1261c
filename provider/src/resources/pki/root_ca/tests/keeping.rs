//! Reading, tagging, importing and deleting an authority that exists.

use super::account::{Account, Death, Fault, Secret};
use super::*;

#[tokio::test]
async fn reading_errs_and_never_forgets() {
    type Spoil = fn(&mut BTreeMap<String, Secret>);
    let cases: [(&str, &str, Spoil); 6] = [
        ("The root key is missing", "state rm", |secrets| {
            secrets.clear()
        }),
        ("scheduled for deletion", "restore-secret", |secrets| {
            secrets.get_mut(NAME).unwrap().pending_deletion = true
        }),
        ("managed elsewhere", "cancel-rotate-secret", |secrets| {
            secrets.get_mut(NAME).unwrap().rotated = true
        }),
        ("The root key was changed", "tag-resource", |secrets| {
            secrets
                .get_mut(NAME)
                .unwrap()
                .tags
                .insert("spki_sha256".to_owned(), "00".to_owned());
        }),
        ("The root key was changed", "tag-resource", |secrets| {
            secrets.get_mut(NAME).unwrap().tags.clear()
        }),
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
    for (summary, remedy, spoil) in cases {
        let account = Account::default();
        let mut state = RootCaPlan::from(made(&resource(&account), plan("ED25519")).await.state);
        state.deletion_protection = true.into();
        account.with(|inside| spoil(&mut inside.secrets));
        let said = refreshed(&later_run(&account), &state)
            .await
            .err()
            .expect("the change was not noticed");
        assert!(said.contains(summary) && said.contains(remedy), "{said}");
        assert!(said.starts_with("secrets_manager.name"), "{said}");
    }
}

#[tokio::test]
async fn tags_follow_the_configuration_and_leave_the_others_alone() {
    let account = Account::default();
    account.with(|inside| {
        inside.default_tags = BTreeMap::from([("team".to_owned(), "pki".to_owned())])
    });
    let tags = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned().into()));
        Planned::Known(pairs.collect::<BTreeMap<String, Planned<String>>>())
    };
    let mut first = plan("ED25519");
    first.tags = tags(&[("a", "1"), ("b", "2")]);
    let prior = RootCaPlan::from(made(&resource(&account), first).await.state);
    assert_settled(&account, &prior).await;

    let mut next = prior.clone();
    next.tags = tags(&[("b", "3"), ("team", "other")]);
    let Ok(state) = resource(&account)
        .retag(&prior, next.clone(), &call())
        .await
    else {
        panic!("refused")
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

    // A tag set by hand is shown as a difference.
    account.with(|inside| {
        inside
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
async fn deletion_is_refused_while_protected_and_survives_a_lost_answer() {
    let account = Account::default();
    let mut state = RootCaPlan::from(made(&resource(&account), plan("ED25519")).await.state);
    for protection in [Planned::Known(true), Planned::Null, Planned::Unknown] {
        state.deletion_protection = protection;
        let said = refusal_of_deletion(&state).expect("not protected");
        assert_eq!(said.path.to_string(), "deletion_protection");
        assert!(
            said.detail
                .contains("set deletion_protection = false, apply"),
            "{}",
            said.detail
        );
    }
    state.deletion_protection = false.into();
    assert!(refusal_of_deletion(&state).is_none());

    account.fault_at(1, Fault::Die(Death::AfterEffect));
    let dying = resource(&account);
    let (private, run) = (Private::default(), call());
    tokio::select! {
        () = account.died() => {}
        _ = dying.remove(&state, &private, &run) => panic!("it did not die"),
    }
    assert!(secret(&account).pending_deletion);
    assert!(removed(&account, &state, &Private::default()).await.is_ok());
    account.with(|inside| inside.secrets.clear());
    assert!(removed(&account, &state, &Private::default()).await.is_ok());
}

async fn removed(account: &Account, state: &RootCaPlan, private: &Private) -> Result<(), String> {
    let run = later_run(account);
    let removed = run.remove(state, private, &call()).await;
    removed.map_err(|diagnostics| text(&diagnostics))
}

#[tokio::test]
async fn a_lost_answer_of_the_deletion_is_looked_up() {
    for window in [0, 7] {
        let (account, state) = disposable(window).await;
        account.fault_at(1, Fault::LoseAnswer);
        let run = resource(&account);
        let removed = run.remove(&state, &Private::default(), &call()).await;
        assert!(removed.is_ok(), "{window}");
    }
    let (account, state) = disposable(7).await;
    account.fault_at(1, Fault::Refuse("InternalServiceError", "no"));
    let run = resource(&account);
    let removed = run.remove(&state, &Private::default(), &call()).await;
    let said = text(&removed.unwrap_err());
    assert!(said.contains("Root key could not be deleted"), "{said}");
    assert!(!secret(&account).pending_deletion);
}

/// An authority without protection, with a recovery window of so many days.
async fn disposable(window: i64) -> (Account, RootCaPlan) {
    let account = Account::default();
    let mut configured = plan("ED25519");
    change_secret(&mut configured, |secret| {
        secret.recovery_window_in_days = window.into()
    });
    let state = made(&resource(&account), configured).await.state;
    account.recover();
    (account, state.into())
}

#[tokio::test]
async fn without_a_recovery_window_the_secret_is_deleted_at_once() {
    let (account, state) = disposable(0).await;
    removed(&account, &state, &Private::default())
        .await
        .unwrap();
    account.with(|inside| assert!(inside.secrets.is_empty()));
    let (account, state) = disposable(7).await;
    removed(&account, &state, &Private::default())
        .await
        .unwrap();
    assert!(secret(&account).pending_deletion);
}

/// What a refresh says of an authority that leaves the state.
async fn dropped(resource: &RootCas<Account>, state: &RootCaPlan) -> String {
    let call = call();
    let read = resource.refresh(state.clone(), &call).await;
    let read = read.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert!(read.is_none(), "the authority stayed in the state");
    text(&call.warnings.collected())
}

#[tokio::test]
async fn a_secret_pending_deletion_counts_as_deleted_where_protection_is_off() {
    for window in [0, 7] {
        let (account, state) = disposable(window).await;
        account.with(|inside| inside.secrets.get_mut(NAME).unwrap().pending_deletion = true);
        let arn = secret(&account).arn;
        let process = later_run(&account);
        let said = dropped(&process, &state).await;
        assert!(
            said.contains("DeletedDate 2026-11-27T12:00:00Z")
                && said.contains(&format!("restore-secret --secret-id {arn}")),
            "{said}"
        );
        // A destroy plans the configuration too, in the same process: that must not stop it.
        let mut again = plan("ED25519");
        assert!(planned(&process, None, Some(&again)).await.is_ok());
        // Nor is a secret created in the place of that one.
        let said = refused(&process, again.clone()).await;
        assert!(said.contains("restore-secret"), "{said}");
        again.validity_days = 3.into();
        let said = planned(&later_run(&account), None, Some(&again)).await;
        assert!(said.unwrap_err().contains("restore-secret"));

        for protection in [Planned::Known(true), Planned::Null, Planned::Unknown] {
            let mut protected = state.clone();
            protected.deletion_protection = protection;
            let said = refreshed(&later_run(&account), &protected)
                .await
                .err()
                .unwrap();
            assert!(
                said.contains("scheduled for deletion")
                    && said.contains("DeletedDate")
                    && said.contains("restore-secret"),
                "{said}"
            );
        }
    }
}

#[tokio::test]
async fn a_secret_that_is_gone_counts_as_deleted_only_where_it_may_be_deleted_without_recovery() {
    let (account, state) = disposable(0).await;
    account.with(|inside| inside.secrets.clear());
    let said = dropped(&later_run(&account), &state).await;
    assert!(said.contains("recovery_window_in_days is 0"), "{said}");
    let mut protected = state.clone();
    protected.deletion_protection = true.into();
    let (other, with_window) = disposable(7).await;
    other.with(|inside| inside.secrets.clear());
    for (account, state) in [(&account, &protected), (&other, &with_window)] {
        let said = refreshed(&later_run(account), state).await.err().unwrap();
        assert!(said.contains("The root key is missing"), "{said}");
    }
}

#[tokio::test]
async fn a_recovery_window_of_0_days_is_warned_of_where_it_is_new() {
    let (account, disposable) = disposable(0).await;
    let kept = {
        let mut kept = disposable.clone();
        change_secret(&mut kept, |secret| {
            secret.recovery_window_in_days = 7.into()
        });
        kept
    };
    let warning = "Root key has no recovery window";
    let said = async |prior: Option<&RootCaPlan>, plan: &RootCaPlan| {
        account.with(|inside| inside.unknown = true);
        let said = planned(&resource(&account), prior, Some(plan))
            .await
            .unwrap();
        account.with(|inside| inside.unknown = false);
        said
    };
    for (prior, plan, warned) in [
        (None, &disposable, true),
        (Some(&kept), &disposable, true),
        (Some(&disposable), &disposable, false),
        (Some(&disposable), &kept, false),
        (None, &kept, false),
    ] {
        let said = said(prior, plan).await;
        assert_eq!(said.contains(warning), warned, "{said}");
        if warned {
            assert!(
                said.starts_with("secrets_manager.recovery_window_in_days\n"),
                "{said}"
            );
        }
    }
}

#[tokio::test]
async fn a_changed_kms_key_is_reported_by_the_refresh_and_changes_nothing() {
    let arn = "arn:aws:kms:eu-central-1:123456789012:key/1234-abcd";
    for (configured, found, reported) in [
        (None, None, false),
        (None, Some(arn), true),
        (Some("1234-abcd"), Some(arn), false),
        (Some("9999"), Some(arn), true),
        (Some("9999"), None, true),
        // Only KMS knows which key an alias names.
        (Some("alias/ca"), Some(arn), false),
    ] {
        let account = Account::default();
        let mut state = RootCaPlan::from(made(&resource(&account), plan("ED25519")).await.state);
        change_secret(&mut state, |secret| {
            secret.kms_key_id = configured.map(str::to_owned).into()
        });
        account.with(|inside| {
            inside.secrets.get_mut(NAME).unwrap().kms_key_id = found.map(str::to_owned)
        });
        let call = call();
        let read = later_run(&account).refresh(state.clone(), &call).await;
        let read = read.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
        assert!(same(&read.unwrap().into(), &state));
        let said = text(&call.warnings.collected());
        assert_eq!(
            !said.is_empty(),
            reported,
            "{configured:?} {found:?}: {said}"
        );
        if reported {
            let name = |key: Option<&str>| key.unwrap_or("alias/aws/secretsmanager").to_owned();
            let command = format!("--kms-key-id {}", name(configured));
            assert!(
                said.contains(&command) && said.contains(&name(found)),
                "{said}"
            );
            assert!(said.starts_with("secrets_manager.kms_key_id\n"), "{said}");
        }
    }
}

#[tokio::test]
async fn an_end_of_validity_that_comes_near_is_a_status_and_a_warning() {
    let account = Account::default();
    let state = RootCaPlan::from(made(&resource(&account), plan("ED25519")).await.state);
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
        assert!(same(&unchanged, &state), "more than the status has changed");
        let said = planned(&run, Some(&read), Some(&read)).await.unwrap();
        assert_eq!(said.is_empty(), warning.is_empty(), "{said}");
        assert!(said.contains(warning), "{said}");
        if !warning.is_empty() {
            assert!(
                said.starts_with("not_after_actual\n")
                    && said.contains("2036-11-17T12:00:00Z")
                    && said.contains("new generation"),
                "{said}"
            );
        }
        // An update returns what was planned.
        let mut next = read.clone();
        let tag = ("a".to_owned(), "1".to_owned().into());
        next.tags = Planned::Known(BTreeMap::from([tag]));
        next.tags_all = next.tags.clone();
        let Ok(updated) = run.retag(&read, next.clone(), &call()).await else {
            panic!("refused")
        };
        assert!(same(&updated.into(), &next));
        assert!(run.retag(&next, read.clone(), &call()).await.is_ok());
    }
}

/// State of an earlier version has no status and no margin of its own.
#[tokio::test]
async fn state_without_a_status_gets_one_by_the_refresh() {
    let account = Account::default();
    let state = RootCaPlan::from(made(&resource(&account), plan("ED25519")).await.state);
    let mut older = state.clone();
    older.validity_status = Planned::Null;
    let read = refreshed(&later_run(&account), &older).await.unwrap();
    assert!(same(&read, &state));
    // Without a refresh it stays null.
    let retagged = resource(&account)
        .retag(&older, older.clone(), &call())
        .await;
    let retagged = retagged.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert_eq!(retagged.validity_status, None);
}

/// A replacement with `create_before_destroy` under an earlier version has left a deposed object for an adopted key.
#[tokio::test]
async fn a_deposed_object_of_an_earlier_version_does_not_take_the_key_with_it() {
    let account = Account::default();
    let state = RootCaPlan::from(made(&resource(&account), plan("ED25519")).await.state);
    let mark = (
        "skreg:adoption".to_owned(),
        "of the later object".to_owned(),
    );
    account.with(|inside| {
        inside
            .secrets
            .get_mut(NAME)
            .unwrap()
            .tags
            .extend([mark.clone()]);
    });
    let said = removed(&account, &state, &Private::default())
        .await
        .unwrap_err();
    assert!(
        said.contains("belongs to a later object")
            && said.contains("state rm ADDRESS")
            && said.contains(&import_command(&account)),
        "{said}"
    );
    assert!(!secret(&account).pending_deletion);

    // The later object has the mark in its private state, and an import remembers it.
    let arn = secret(&account).arn;
    let found = later_run(&account).find(&arn, &call()).await;
    let found = found.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert!(known_tags(&found.state.tags).is_empty());
    removed(&account, &state, &found.private).await.unwrap();
    assert!(secret(&account).pending_deletion);
}

#[test]
fn protection_names_the_way_out_for_a_deposed_object() {
    let mut state = plan("ED25519");
    state.deletion_protection = true.into();
    state.secret_arn = "arn:x".to_owned().into();
    let said = refusal_of_deletion(&state).unwrap().detail;
    assert!(
        said.contains("deposed")
            && said.contains("state rm ADDRESS")
            && said.contains("import ADDRESS 'secretsmanager:arn:x'"),
        "{said}"
    );
}

#[tokio::test]
async fn a_default_tag_never_takes_the_place_of_the_key_tag() {
    let account = Account::default();
    account.with(|inside| {
        inside.default_tags = BTreeMap::from([("spki_sha256".to_owned(), "mine".to_owned())])
    });
    let prior = RootCaPlan::from(made(&resource(&account), plan("ED25519")).await.state);
    let mut next = prior.clone();
    let tag = ("a".to_owned(), "1".to_owned().into());
    next.tags = Planned::Known(BTreeMap::from([tag]));
    let run = resource(&account);
    let retagged = run.retag(&prior, next, &call()).await;
    let state = retagged.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert_settled(&account, &RootCaPlan::from(state)).await;
}

/// Credentials may come from a program that hangs: an interrupt ends that too.
#[tokio::test]
async fn connecting_ends_with_an_interrupt() {
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
    let roots = roots(Never, now);
    let interrupted = call();
    interrupted.cancel.cancel();
    let connecting = roots.make(plan("ED25519"), &interrupted);
    let connecting = tokio::time::timeout(Duration::from_secs(120), connecting);
    let said = connecting.await.expect("it ends").err().expect("refused");
    assert!(
        text(&said).contains("the run was interrupted"),
        "{}",
        text(&said)
    );
}

#[tokio::test]
async fn import_needs_nothing_but_the_secret() {
    let account = Account::default();
    let mut configured = plan("ECDSA_P256");
    configured.deletion_protection = true.into();
    let state = made(&resource(&account), configured).await.state;
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
            "the imported state differs from the created one"
        );
        assert_settled(&account, &found).await;
    }
    for wrong in ["", NAME, "kms:arn:aws:kms:x", "arn:aws:s3:::bucket"] {
        let said = later_run(&account)
            .find(wrong, &call())
            .await
            .err()
            .expect("accepted");
        assert!(
            text(&said).contains("import skreg_pki_root_ca.NAME 'secretsmanager:arn:aws:"),
            "{wrong}"
        );
    }
    account.with(|inside| inside.secrets.get_mut(NAME).unwrap().pending_deletion = true);
    assert!(
        text(&later_run(&account).find(&arn, &call()).await.err().unwrap())
            .contains("restore-secret")
    );
}

#[tokio::test]
async fn import_tells_days_and_margin_apart() {
    for (days, margin, expected) in [
        (3650, 60, (3650, 60)),
        (3650, 90, (3650, 90)),
        // As certificates of an earlier version are.
        (3650, 0, (3650, 60)),
        // The longest margin is a day.
        (3650, 1440, (3651, 60)),
    ] {
        let account = Account::default();
        let mut configured = plan("ED25519");
        configured.validity_days = days.into();
        configured.not_before_margin_minutes = margin.into();
        configured.path_length = (-1).into();
        made(&resource(&account), configured).await;
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
    made(&resource(&account), configured).await;
    let found = imported(&account, &secret(&account).arn).await;
    assert_eq!(found.validity_days, Planned::Null);
    assert_eq!(found.not_after, "2030-01-01T00:00:01Z".to_owned().into());
}

#[tokio::test]
async fn a_key_without_a_certificate_is_not_imported_but_can_be_finished() {
    let account = Account::default();
    account.fault_at(2, Fault::Die(Death::BeforeEffect));
    run_to_death(&account, &resource(&account), plan("ED25519")).await;
    let arn = secret(&account).arn;
    let said = text(&later_run(&account).find(&arn, &call()).await.err().unwrap());
    assert!(said.contains("the apply goes on with the key"), "{said}");

    // An interrupted create of an earlier version has no mark: the command that adds it is in the text.
    account.with(|inside| {
        let tags = &mut inside.secrets.get_mut(NAME).unwrap().tags;
        tags.remove("skreg:unfinished");
    });
    assert!(
        refused(&later_run(&account), plan("ED25519"))
            .await
            .contains("import skreg_pki_root_ca")
    );
    let command = format!("--secret-id {arn} --tags Key=skreg:unfinished,Value=manual");
    assert!(said.contains(&command), "{said}");
    account.with(|inside| {
        let tags = &mut inside.secrets.get_mut(NAME).unwrap().tags;
        tags.insert("skreg:unfinished".to_owned(), "manual".to_owned());
    });
    let state = made(&later_run(&account), plan("ED25519")).await.state;
    assert_settled(&account, &state.into()).await;
}
