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

    account.fault_at(0, Fault::Die(Death::AfterEffect));
    let dying = resource(&account);
    let run = call();
    tokio::select! {
        () = account.died() => {}
        _ = dying.remove(&state, &run) => panic!("it did not die"),
    }
    assert!(secret(&account).pending_deletion);
    assert!(later_run(&account).remove(&state, &call()).await.is_ok());
    account.with(|inside| inside.secrets.clear());
    assert!(later_run(&account).remove(&state, &call()).await.is_ok());
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
