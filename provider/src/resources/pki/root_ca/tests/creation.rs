//! Creation of an authority: order of calls, interruptions, consistency, refusals of AWS.

use std::sync::Arc;

use super::account::{Account, Death, Fault};
use super::*;

const DESCRIBE: &str = "secretsmanager:DescribeSecret";

#[tokio::test]
async fn the_key_is_stored_before_anything_is_signed_and_the_mark_is_removed_last() {
    let account = Account::default();
    let created = made(&resource(&account), plan("RSA_3072")).await;
    assert!(created.warnings.is_empty(), "{}", text(&created.warnings));
    account.with(|inside| {
        assert_eq!(
            inside.calls,
            [
                DESCRIBE,
                "secretsmanager:CreateSecret",
                "secretsmanager:PutSecretValue",
                DESCRIBE,
                "secretsmanager:UntagResource"
            ]
        );
        assert!(inside.pauses.is_empty());
    });
    let secret = secret(&account);
    let first: serde_json::Value =
        serde_json::from_str(&secret.versions[secret.previous.as_ref().unwrap()]).unwrap();
    assert_eq!(first["certificates"], serde_json::json!([]));
    let state = created.state;
    assert_eq!(first["issuance"]["serial_number"], state.serial_number);
    assert_eq!(
        secret.tags,
        BTreeMap::from([("spki_sha256".to_owned(), state.spki_sha256.clone())])
    );
    assert_settled(&account, &state.into()).await;
}

#[tokio::test]
async fn the_secret_is_created_with_the_mark_and_the_tags() {
    let account = Account::default();
    account.with(|inside| {
        inside.default_tags = BTreeMap::from([("team".to_owned(), "pki".to_owned())])
    });
    account.fault_at(1, Fault::Die(Death::AfterEffect));
    run_to_death(&account, &resource(&account), plan("ED25519")).await;
    let secret = secret(&account);
    let names: Vec<&str> = secret.tags.keys().map(String::as_str).collect();
    assert_eq!(names, ["skreg:unfinished", "spki_sha256", "team"]);
    let document = documents(&secret)[0].clone();
    assert_eq!(
        document["issuance"]["serial_number"],
        secret.tags["skreg:unfinished"]
    );
}

#[tokio::test]
async fn validity_begins_a_margin_before_the_moment_of_issue_and_its_end_does_not_move() {
    for (margin, begins) in [
        (0, "Nov 20 12:00:00 2026"),
        (60, "Nov 20 11:00:00 2026"),
        (1440, "Nov 19 12:00:00 2026"),
    ] {
        let account = Account::default();
        let mut configured = plan("ED25519");
        configured.not_before_margin_minutes = margin.into();
        let state = made(&resource(&account), configured).await.state;
        assert_eq!(state.not_before, minutes_before(now(), margin));
        assert_eq!(state.not_after_actual, "2036-11-17T12:00:00Z");
        let found = openssl(&["x509", "-noout", "-startdate"], &state.certificate_pem);
        assert!(found.contains(begins), "{margin}: {found}");
    }
}

/// Applies until the authority is in the state: the plan accepts, or names the import.
async fn converged(account: &Account, algorithm: &str) -> (RootCaPlan, Diagnostics) {
    let run = later_run(account);
    match planned(&run, None, Some(&plan(algorithm))).await {
        Ok(_) => {
            let created = made(&later_run(account), plan(algorithm)).await;
            (created.state.into(), created.warnings)
        }
        Err(said) => {
            assert!(said.contains(&import_command(account)), "{said}");
            let state = imported(account, &secret(account).arn).await;
            (state, Diagnostics::new())
        }
    }
}

fn key_in(account: &Account) -> Option<String> {
    account.with(|inside| {
        let secret = inside.secrets.values().next()?;
        Some(documents(secret)[0]["spki_sha256"].to_string())
    })
}

#[tokio::test]
async fn dying_at_any_call_of_any_run_ends_with_one_key_and_one_certificate() {
    for algorithm in ["ECDSA_P256", "ED25519"] {
        for death in [Death::BeforeEffect, Death::AfterEffect] {
            for first in 0..5 {
                // The run after the first death dies too, at each of its calls in turn, until it lives through.
                for second in 0.. {
                    let account = Account::default();
                    account.fault_at(first, Fault::Die(death));
                    let lived = run_to_death(&account, &resource(&account), plan(algorithm)).await;
                    assert!(lived.is_none(), "call {first} was never made");
                    let key = key_in(&account);

                    let adoptable = planned(&later_run(&account), None, Some(&plan(algorithm)))
                        .await
                        .is_ok();
                    let mut lived = None;
                    if adoptable {
                        account.fault_at(second, Fault::Die(death));
                        let again = roots(account.clone(), later);
                        lived = run_to_death(&account, &again, plan(algorithm)).await;
                    }
                    let was_last = lived.is_some() || !adoptable;
                    let (state, warnings) = match lived {
                        Some(created) => (created.state.into(), created.warnings),
                        None => converged(&account, algorithm).await,
                    };
                    if let Some(key) = key {
                        assert_eq!(Some(key), key_in(&account), "another key was made");
                        let begins = state.not_before.known().unwrap();
                        assert_eq!(begins, &minutes_before(now(), 60), "another decision");
                        if was_last && adoptable {
                            let said = text(&warnings);
                            assert!(said.contains("unfinished root key was adopted"), "{said}");
                            let serial = state.serial_number.known().unwrap();
                            let fingerprint = state.certificate_sha256.known().unwrap();
                            assert!(
                                said.contains(serial) && said.contains(fingerprint),
                                "{said}"
                            );
                        }
                    }
                    assert_settled(&account, &state).await;
                    if was_last {
                        break;
                    }
                }
            }
        }
    }
}

/// The mark stays where a run dies after the certificate is stored; an authority that is imported loses it with the next
/// change of its tags.
#[tokio::test]
async fn the_mark_of_an_imported_authority_is_removed_by_the_next_update() {
    let account = Account::default();
    account.fault_at(2, Fault::Die(Death::AfterEffect));
    run_to_death(&account, &resource(&account), plan("ED25519")).await;
    let prior = imported(&account, &secret(&account).arn).await;
    assert!(known_tags(&prior.tags).is_empty());
    assert!(secret(&account).tags.contains_key("skreg:unfinished"));
    let mut next = prior.clone();
    let tag = ("a".to_owned(), "1".to_owned().into());
    next.tags = Planned::Known(BTreeMap::from([tag]));
    let retagged = resource(&account).retag(&prior, next, &call()).await;
    assert!(retagged.is_ok());
    let tags = secret(&account).tags;
    assert!(!tags.contains_key("skreg:unfinished") && tags["a"] == "1");
}

#[tokio::test]
async fn lost_answers_are_looked_up() {
    for algorithm in ["ECDSA_P256", "ED25519"] {
        // PutSecretValue, and the look at what it has done.
        for call in [2, 3] {
            let account = Account::default();
            account.fault_at(call, Fault::LoseAnswer);
            let created = made(&resource(&account), plan(algorithm)).await;
            assert!(created.warnings.is_empty(), "{}", text(&created.warnings));
            assert!(!secret(&account).tags.contains_key("skreg:unfinished"));
            assert_settled(&account, &created.state.into()).await;
        }
    }
    let account = Account::default();
    account.fault_at(4, Fault::LoseAnswer);
    let created = made(&resource(&account), plan("ED25519")).await;
    let said = text(&created.warnings);
    assert!(
        said.contains("The next apply removes it") && said.contains("skreg:unfinished"),
        "{said}"
    );
    assert_settled(&account, &created.state.into()).await;
}

#[tokio::test]
async fn a_write_that_had_no_effect_is_an_error_that_says_how_to_go_on() {
    for fault in [
        Fault::Refuse("InternalServiceError", "try again"),
        Fault::Refuse("AccessDeniedException", "secretsmanager:PutSecretValue"),
    ] {
        let account = Account::default();
        account.fault_at(2, fault);
        let said = refused(&resource(&account), plan("ED25519")).await;
        assert!(
            said.contains("The private key is stored in arn:aws:")
                && said.contains("secretsmanager:PutSecretValue")
                && said.contains("Apply again")
                && said.contains(&import_command(&account)),
            "{said}"
        );
        let (state, _) = converged(&account, "ED25519").await;
        assert_settled(&account, &state).await;
    }
}

#[tokio::test]
async fn a_repeated_create_of_the_same_run_is_no_adoption() {
    // An emulator without idempotent tokens refuses the repetition of a call that the SDK makes. Here the repetition is
    // the second call: the first one is made before it, with everything that it writes.
    let account = Account::default();
    let resource = roots(Twice(account.clone()), now);
    let call = call();
    let made = resource.make(plan("ED25519"), &call).await;
    let state = made.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    let warnings = call.warnings.collected();
    assert!(warnings.is_empty(), "{}", text(&warnings));
    assert_settled(&account, &state.into()).await;
}

/// An account that refuses every `CreateSecret` after it had its effect.
#[derive(Clone)]
struct Twice(Account);

impl SecretStores for Twice {
    type Store = Twice;

    async fn open_if_known(&self) -> Result<Option<Twice>, Diagnostics> {
        Ok(Some(self.clone()))
    }

    async fn open(&self) -> Result<Twice, Diagnostics> {
        Ok(self.clone())
    }

    fn planned_default_tags(&self) -> PlannedTags {
        self.0.planned_default_tags()
    }
}

impl SecretStore for Twice {
    async fn create(
        &self,
        secret: crate::aws::secrets::NewSecret<'_>,
    ) -> Result<WrittenVersion, AwsError> {
        self.0.create(secret).await?;
        let (action, code) = ("secretsmanager:CreateSecret", "ResourceExistsException");
        Err(AwsError::service(action, code, "it exists"))
    }

    async fn describe(&self, id: &str) -> Result<SecretDescription, AwsError> {
        self.0.describe(id).await
    }

    async fn value(&self, id: &str) -> Result<crate::aws::secrets::CurrentValue, AwsError> {
        self.0.value(id).await
    }

    async fn put(
        &self,
        id: &str,
        token: &str,
        value: &crate::secret_text::SecretText,
    ) -> Result<WrittenVersion, AwsError> {
        self.0.put(id, token, value).await
    }

    async fn tag(&self, id: &str, tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
        self.0.tag(id, tags).await
    }

    async fn untag(&self, id: &str, keys: &[String]) -> Result<(), AwsError> {
        self.0.untag(id, keys).await
    }

    async fn delete(&self, id: &str, days: i64) -> Result<(), AwsError> {
        self.0.delete(id, days).await
    }

    fn default_tags(&self) -> BTreeMap<String, String> {
        self.0.default_tags()
    }

    fn identity(&self) -> Arc<crate::aws::Identity> {
        self.0.identity()
    }

    fn answered_at(&self) -> Option<Timestamp> {
        self.0.answered_at()
    }

    async fn pause(&self, duration: Duration) {
        self.0.pause(duration).await;
    }
}

#[tokio::test]
async fn calls_after_the_creation_wait_until_the_secret_is_visible() {
    // Two calls do not find the secret, and two descriptions are older than the last version.
    let account = Account::default();
    account.with(|inside| (inside.lag, inside.stale) = (2, 2));
    let created = made(&resource(&account), plan("ED25519")).await;
    assert!(created.warnings.is_empty());
    account.with(|inside| {
        let pauses = [250, 500, 250, 500].map(Duration::from_millis);
        assert_eq!(inside.pauses, pauses);
    });
    assert_settled(&account, &created.state.into()).await;

    // Also where the key is adopted: describing, reading and tagging.
    let account = Account::default();
    account.fault_at(1, Fault::Die(Death::AfterEffect));
    run_to_death(&account, &resource(&account), plan("ED25519")).await;
    account.recover();
    let hide = |inside: &mut account::Inside| inside.hide(3);
    account.fault_at(1, Fault::Meanwhile(hide));
    let created = made(&resource(&account), plan("ED25519")).await;
    assert_settled(&account, &created.state.into()).await;
}

#[tokio::test]
async fn waiting_for_a_secret_to_become_visible_is_bounded() {
    let account = Account::default();
    account.with(|inside| inside.lag = usize::MAX);
    let said = refused(&resource(&account), plan("ED25519")).await;
    assert!(said.contains("ResourceNotFoundException"), "{said}");
    let waited: Duration = account.with(|inside| inside.pauses.iter().sum());
    assert_eq!(waited, Duration::from_millis(30_750));

    // And it ends with the run.
    let account = Account::default();
    account.with(|inside| inside.lag = usize::MAX);
    let interrupted = call();
    let cancel = interrupted.cancel.clone();
    account.with(|inside| inside.on_pause = Some(Box::new(move || cancel.cancel())));
    let made = resource(&account).make(plan("ED25519"), &interrupted).await;
    assert!(made.is_err());
    assert_eq!(account.with(|inside| inside.pauses.len()), 1);
}

#[tokio::test]
async fn a_name_that_was_deleted_without_recovery_becomes_free() {
    let without_recovery = || {
        let mut plan = plan("ED25519");
        change_secret(&mut plan, |secret| {
            secret.recovery_window_in_days = 0.into()
        });
        plan
    };
    let account = Account::default();
    account.with(|inside| inside.releasing = 3);
    let created = made(&resource(&account), without_recovery()).await;
    account.with(|inside| assert_eq!(inside.pauses, [1, 2, 4].map(Duration::from_secs)));
    assert_settled(&account, &created.state.into()).await;

    let account = Account::default();
    account.with(|inside| inside.releasing = usize::MAX);
    let said = refused(&resource(&account), without_recovery()).await;
    assert!(said.contains("restore-secret"), "{said}");
    let waited: Duration = account.with(|inside| inside.pauses.iter().sum());
    assert_eq!(waited, Duration::from_secs(120));

    // With a recovery window the name stays blocked for days.
    account.with(|inside| inside.releasing = usize::MAX);
    let said = refused(&later_run(&account), plan("ED25519")).await;
    assert!(said.contains("restore-secret"), "{said}");
    account.with(|inside| assert!(inside.pauses.is_empty()));
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_more_than_five_minutes_is_an_error_before_anything_is_stored() {
    let five = jiff::SignedDuration::from_mins(5);
    let more = five + jiff::SignedDuration::from_secs(1);
    for (date, wrong) in [
        (now(), false),
        (now() + five, false),
        (now() - five, false),
        (now() + more, true),
        (now() - more, true),
    ] {
        let account = Account::default();
        account.with(|inside| inside.date = Some(date));
        let attempt = attempted(&resource(&account), plan("ED25519")).await;
        assert_eq!(attempt.is_err(), wrong, "{date}");
        let Err(said) = attempt else { continue };
        assert!(
            said.contains("Clock of this machine is wrong")
                && said.contains("2026-11-20T12:00:00Z")
                && said.contains(&date.to_string())
                && said.contains("NTP"),
            "{said}"
        );
        account.with(|inside| {
            assert!(inside.secrets.is_empty());
            assert_eq!(inside.calls, [DESCRIBE]);
        });
    }
}

#[tokio::test]
async fn errors_of_aws_say_what_to_do() {
    let kms = "Access to KMS is not allowed";
    let cases = [
        (
            0,
            "AccessDeniedException",
            "no",
            "may not call secretsmanager:DescribeSecret",
        ),
        (
            1,
            "AccessDeniedException",
            "no",
            "may not call secretsmanager:CreateSecret",
        ),
        (1, "EncryptionFailure", "no", "kms:GenerateDataKey"),
        (1, "LimitExceededException", "no", "quota"),
        (1, "UnrecognizedClientException", "no", "access key"),
        (
            1,
            "AccessDeniedException",
            kms,
            "Allow kms:GenerateDataKey and kms:Decrypt on the KMS key alias/ca",
        ),
        (
            2,
            "AccessDeniedException",
            kms,
            "Allow kms:GenerateDataKey and kms:Decrypt on the KMS key alias/ca",
        ),
    ];
    for (at, code, message, remedy) in cases {
        let account = Account::default();
        account.fault_at(at, Fault::Refuse(code, message));
        let mut configured = plan("ED25519");
        change_secret(&mut configured, |secret| {
            secret.kms_key_id = "alias/ca".to_owned().into()
        });
        let said = refused(&resource(&account), configured).await;
        assert!(said.starts_with("secrets_manager.name\n"), "{said}");
        assert!(said.contains(remedy), "{said}");
        assert_eq!(
            said.contains("may not call"),
            remedy.contains("may not call"),
            "{said}"
        );
    }
    // Reading needs one permission, and without a configured key it is that of the account.
    let account = Account::default();
    account.fault_at(1, Fault::Die(Death::AfterEffect));
    run_to_death(&account, &resource(&account), plan("ED25519")).await;
    account.fault_at(1, Fault::Refuse("AccessDeniedException", kms));
    let said = refused(&resource(&account), plan("ED25519")).await;
    assert!(
        said.contains("Allow kms:Decrypt on the KMS key of the account"),
        "{said}"
    );
}

#[tokio::test]
async fn an_interrupted_run_stops_at_once() {
    let account = Account::default();
    let stopped = call();
    stopped.cancel.cancel();
    let Err(diagnostics) = resource(&account).make(plan("RSA_4096"), &stopped).await else {
        panic!("it went on")
    };
    assert!(text(&diagnostics).contains("interrupted"));
    account.with(|inside| assert!(inside.secrets.is_empty()));
}

#[tokio::test]
async fn nothing_that_leaves_the_provider_contains_the_key() {
    for algorithm in ["RSA_3072", "ECDSA_P384", "ED25519"] {
        let account = Account::default();
        account.fault_at(1, Fault::Die(Death::AfterEffect));
        run_to_death(&account, &resource(&account), plan(algorithm)).await;
        let created = made(&later_run(&account), plan(algorithm)).await;
        let said = text(&created.warnings);
        let shown = format!("{:?}{said}", RootCaPlan::from(created.state).encode());
        let secret = secret(&account);
        let key = documents(&secret)[0]["private_key_pem"]
            .as_str()
            .unwrap()
            .to_owned();
        let lines: Vec<_> = key
            .lines()
            .filter(|line| !line.starts_with("-----") && line.len() > 16)
            .collect();
        assert!(!lines.is_empty());
        for line in lines {
            assert!(
                !shown.contains(line),
                "a line of the {algorithm} key is shown"
            );
        }
    }
}
