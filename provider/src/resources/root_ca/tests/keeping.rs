//! Reading, tagging, importing and deleting an authority that exists.

use super::account::{Account, Death, Fault, Secret};
use super::*;

#[tokio::test]
async fn reading_errs_and_never_forgets() {
    type Spoil = fn(&mut BTreeMap<String, Secret>);
    let cases: [(&str, &str, Spoil); 6] = [
        ("The root key is missing", "tofu state rm", |secrets| {
            secrets.clear()
        }),
        ("scheduled for deletion", "restore-secret", |secrets| {
            secrets.get_mut(NAME).unwrap().pending_deletion = true
        }),
        ("not under our control", "cancel-rotate-secret", |secrets| {
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
        let state = RootCaPlan::from(made(&resource(&account), plan("ED25519")).await.state);
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
        let said = guard::protected_from_deletion(&state).expect("not protected");
        assert_eq!(said.path.to_string(), "deletion_protection");
        assert!(
            said.detail
                .contains("set deletion_protection = false, apply"),
            "{}",
            said.detail
        );
    }
    state.deletion_protection = false.into();
    assert!(guard::protected_from_deletion(&state).is_none());

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

/// What a replacement with `create_before_destroy` does: another object adopts the key, then the first one is deleted.
#[tokio::test]
async fn a_key_that_was_adopted_since_is_not_deleted() {
    let account = Account::default();
    let first = made(&resource(&account), plan("ED25519")).await;
    let second = made(&later_run(&account), plan("ED25519")).await;
    let (first_private, second_private) = (
        first.private.unwrap_or_default(),
        second.private.unwrap_or_default(),
    );
    let (first, second) = (
        RootCaPlan::from(first.state),
        RootCaPlan::from(second.state),
    );
    assert_settled(&account, &second).await;

    let said = removed(&account, &first, &first_private).await.unwrap_err();
    assert!(said.contains("belongs to a later creation"), "{said}");
    assert!(
        said.contains("tofu state rm ADDRESS") && said.contains("tofu import"),
        "{said}"
    );
    assert!(!secret(&account).pending_deletion);

    let arn = second.secret_arn.known().unwrap();
    let run = later_run(&account);
    let imported = run.find(arn, &call()).await;
    let imported = imported.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    assert_eq!(imported.private, second_private);
    removed(&account, &second, &second_private).await.unwrap();
    assert!(secret(&account).pending_deletion);
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

        async fn open(&self) -> Result<Account, Diagnostics> {
            std::future::pending().await
        }

        fn planned_default_tags(&self) -> PlannedTags {
            Planned::Unknown
        }
    }
    let roots = RootCas::new(Never, now, SystemEntropy);
    let interrupted = call();
    interrupted.cancel.cancel();
    let connecting = roots.make(plan("ED25519"), &interrupted);
    let connecting = tokio::time::timeout(Duration::from_secs(20), connecting);
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
    let Planned::Known(secret) = &mut expected.secrets_manager else {
        panic!()
    };
    secret.recovery_window_in_days = 30.into();
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
            text(&said).contains("tofu import skreg_pki_root_ca.NAME 'secretsmanager:arn:aws:"),
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
async fn a_key_without_a_certificate_is_not_imported() {
    let account = Account::default();
    account.fault_at(1, Fault::Die(Death::BeforeEffect));
    run_to_death(&account, &resource(&account), plan("ED25519")).await;
    let arn = secret(&account).arn;
    let said = text(&later_run(&account).find(&arn, &call()).await.err().unwrap());
    assert!(said.contains("Apply again"), "{said}");
}
