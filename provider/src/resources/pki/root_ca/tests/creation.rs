//! Creation of an authority: order of calls, interruptions, eventual consistency, and AWS errors.

use std::sync::Arc;

use super::*;
use crate::resources::pki::stored_key::account::{Account, Crash, Fault};

const DESCRIBE: &str = "secretsmanager:DescribeSecret";

#[tokio::test]
async fn the_key_is_stored_before_signing_and_the_marker_is_removed_last() {
    let account = Account::default();
    let created = create(&resource(&account), plan("RSA_3072")).await;
    assert!(created.warnings.is_empty(), "{}", text(&created.warnings));
    account.with(|contents| {
        assert_eq!(
            contents.calls,
            [
                DESCRIBE,
                "secretsmanager:CreateSecret",
                "secretsmanager:PutSecretValue",
                DESCRIBE,
                "secretsmanager:UntagResource"
            ]
        );
        assert!(contents.pauses.is_empty());
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
async fn the_secret_is_created_with_the_marker_and_the_tags() {
    let account = Account::default();
    account.with(|contents| {
        contents.default_tags = BTreeMap::from([("team".to_owned(), "pki".to_owned())])
    });
    account.fault_at(1, Fault::Crash(Crash::AfterEffect));
    run_until_crash(&account, &resource(&account), plan("ED25519")).await;
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
async fn the_margin_moves_the_beginning_of_the_validity_but_not_its_end() {
    for (margin, begins) in [
        (0, "Nov 20 12:00:00 2026"),
        (60, "Nov 20 11:00:00 2026"),
        (1440, "Nov 19 12:00:00 2026"),
    ] {
        let account = Account::default();
        let mut configured = plan("ED25519");
        configured.not_before_margin_minutes = margin.into();
        let state = create(&resource(&account), configured).await.state;
        assert_eq!(state.not_before, minutes_before(now(), margin));
        assert_eq!(state.not_after_actual, "2036-11-17T12:00:00Z");
        let found = openssl(&["x509", "-noout", "-startdate"], &state.certificate_pem);
        assert!(found.contains(begins), "{margin}: {found}");
    }
}

/// Completes the authority: applies if the plan succeeds, and otherwise runs the import command from the plan error.
async fn converged(account: &Account, algorithm: &str) -> (RootCaPlan, Diagnostics) {
    let run = later_run(account);
    match planned(&run, None, Some(&plan(algorithm))).await {
        Ok(_) => {
            let created = create(&later_run(account), plan(algorithm)).await;
            (created.state.into(), created.warnings)
        }
        Err(message) => {
            assert!(message.contains(&import_command(account)), "{message}");
            let state = imported(account, &secret(account).arn).await;
            (state, Diagnostics::new())
        }
    }
}

fn key_in(account: &Account) -> Option<String> {
    account.with(|contents| {
        let secret = contents.secrets.values().next()?;
        Some(documents(secret)[0]["spki_sha256"].to_string())
    })
}

#[tokio::test]
async fn crashes_at_any_call_of_two_runs_lead_to_one_key_and_one_certificate() {
    for algorithm in ["ECDSA_P256", "ED25519"] {
        for crash in [Crash::BeforeEffect, Crash::AfterEffect] {
            for first in 0..5 {
                // The second run also crashes at each of its calls until it completes.
                for second in 0.. {
                    let account = Account::default();
                    account.fault_at(first, Fault::Crash(crash));
                    let completed =
                        run_until_crash(&account, &resource(&account), plan(algorithm)).await;
                    assert!(completed.is_none(), "the run ended before call {first}");
                    let key = key_in(&account);

                    let adoptable = planned(&later_run(&account), None, Some(&plan(algorithm)))
                        .await
                        .is_ok();
                    let mut completed = None;
                    if adoptable {
                        account.fault_at(second, Fault::Crash(crash));
                        let again = roots(account.clone(), later);
                        completed = run_until_crash(&account, &again, plan(algorithm)).await;
                    }
                    let was_last = completed.is_some() || !adoptable;
                    let (state, warnings) = match completed {
                        Some(created) => (created.state.into(), created.warnings),
                        None => converged(&account, algorithm).await,
                    };
                    if let Some(key) = key {
                        assert_eq!(Some(key), key_in(&account), "another key was created");
                        let begins = state.not_before.known().unwrap();
                        assert_eq!(
                            begins,
                            &minutes_before(now(), 60),
                            "a different description was signed"
                        );
                        if was_last && adoptable {
                            let message = text(&warnings);
                            assert!(
                                message.contains("Unfinished root key was adopted"),
                                "{message}"
                            );
                            let serial = state.serial_number.known().unwrap();
                            let fingerprint = state.certificate_sha256.known().unwrap();
                            assert!(
                                message.contains(serial) && message.contains(fingerprint),
                                "{message}"
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

/// The marker remains if a run crashes after it stored the certificate.
#[tokio::test]
async fn the_marker_of_an_imported_authority_is_removed_by_the_next_update() {
    let account = Account::default();
    account.fault_at(2, Fault::Crash(Crash::AfterEffect));
    run_until_crash(&account, &resource(&account), plan("ED25519")).await;
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
async fn lost_responses_do_not_fail_the_create() {
    for algorithm in ["ECDSA_P256", "ED25519"] {
        // PutSecretValue and the DescribeSecret call that checks its effect.
        for call in [2, 3] {
            let account = Account::default();
            account.fault_at(call, Fault::LoseResponse);
            let created = create(&resource(&account), plan(algorithm)).await;
            assert!(created.warnings.is_empty(), "{}", text(&created.warnings));
            assert!(!secret(&account).tags.contains_key("skreg:unfinished"));
            assert_settled(&account, &created.state.into()).await;
        }
    }
    let account = Account::default();
    account.fault_at(4, Fault::LoseResponse);
    let created = create(&resource(&account), plan("ED25519")).await;
    let message = text(&created.warnings);
    assert!(
        message.contains("The next apply removes it") && message.contains("skreg:unfinished"),
        "{message}"
    );
    assert_settled(&account, &created.state.into()).await;
}

#[tokio::test]
async fn a_failure_to_store_the_certificate_is_reported_with_the_next_step() {
    for fault in [
        Fault::Refuse("InternalServiceError", "try again"),
        Fault::Refuse("AccessDeniedException", "secretsmanager:PutSecretValue"),
    ] {
        let account = Account::default();
        account.fault_at(2, fault);
        let message = create_error(&resource(&account), plan("ED25519")).await;
        assert!(
            message.contains("The key document is stored in arn:aws:")
                && message.contains("secretsmanager:PutSecretValue")
                && message.contains("Apply again")
                && message.contains(&import_command(&account)),
            "{message}"
        );
        let (state, _) = converged(&account, "ED25519").await;
        assert_settled(&account, &state).await;
    }
}

#[tokio::test]
async fn a_rejected_retry_of_create_secret_is_not_an_adoption() {
    // An emulator without idempotency tokens rejects an SDK retry although the first attempt took effect.
    let account = Account::default();
    let resource = roots(CreateFailsAfterEffect(account.clone()), now);
    let call = call();
    let created = resource.create_key(plan("ED25519"), &call).await;
    let state = created.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    let warnings = call.warnings.collected();
    assert!(warnings.is_empty(), "{}", text(&warnings));
    assert_settled(&account, &state.into()).await;
}

/// An account where each `CreateSecret` call takes effect and then fails.
#[derive(Clone)]
struct CreateFailsAfterEffect(Account);

impl SecretStores for CreateFailsAfterEffect {
    type Store = CreateFailsAfterEffect;

    async fn open_if_known(&self) -> Result<Option<CreateFailsAfterEffect>, Diagnostics> {
        Ok(Some(self.clone()))
    }

    async fn open(&self) -> Result<CreateFailsAfterEffect, Diagnostics> {
        Ok(self.clone())
    }

    fn planned_default_tags(&self) -> PlannedTags {
        self.0.planned_default_tags()
    }
}

impl KmsKeySource for CreateFailsAfterEffect {
    type Keys = <Account as KmsKeySource>::Keys;

    async fn open_keys_if_known(&self) -> Result<Option<Self::Keys>, Diagnostics> {
        self.0.open_keys_if_known().await
    }

    async fn open_keys(&self) -> Result<Self::Keys, Diagnostics> {
        self.0.open_keys().await
    }
}

impl SecretStore for CreateFailsAfterEffect {
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

    async fn put_staged(
        &self,
        id: &str,
        token: &str,
        value: &crate::secret_text::SecretText,
        stages: &[&str],
    ) -> Result<WrittenVersion, AwsError> {
        self.0.put_staged(id, token, value, stages).await
    }

    async fn value_of(
        &self,
        id: &str,
        version: crate::aws::secrets::VersionSelector<'_>,
    ) -> Result<crate::aws::secrets::VersionValue, AwsError> {
        self.0.value_of(id, version).await
    }

    async fn replicate(
        &self,
        id: &str,
        regions: &[crate::aws::secrets::ReplicaRegion],
    ) -> Result<(), AwsError> {
        self.0.replicate(id, regions).await
    }

    async fn remove_replicas(&self, id: &str, regions: &[String]) -> Result<(), AwsError> {
        self.0.remove_replicas(id, regions).await
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
async fn calls_are_retried_until_the_created_secret_is_visible() {
    // Two calls do not find the secret, and two descriptions are outdated.
    let account = Account::default();
    account.with(|contents| (contents.lag, contents.stale) = (2, 2));
    let created = create(&resource(&account), plan("ED25519")).await;
    assert!(created.warnings.is_empty());
    account.with(|contents| {
        let pauses = [250, 500, 250, 500].map(Duration::from_millis);
        assert_eq!(contents.pauses, pauses);
    });
    assert_settled(&account, &created.state.into()).await;

    // The calls in an adoption are also retried: DescribeSecret, GetSecretValue, and TagResource.
    let account = Account::default();
    account.fault_at(1, Fault::Crash(Crash::AfterEffect));
    run_until_crash(&account, &resource(&account), plan("ED25519")).await;
    account.recover();
    let hide = |contents: &mut account::Contents| contents.hide(3);
    account.fault_at(1, Fault::Meanwhile(hide));
    let created = create(&resource(&account), plan("ED25519")).await;
    assert_settled(&account, &created.state.into()).await;
}

#[tokio::test]
async fn retries_for_an_invisible_secret_are_limited() {
    let account = Account::default();
    account.with(|contents| contents.lag = usize::MAX);
    let message = create_error(&resource(&account), plan("ED25519")).await;
    assert!(message.contains("ResourceNotFoundException"), "{message}");
    let waited: Duration = account.with(|contents| contents.pauses.iter().sum());
    assert_eq!(waited, Duration::from_millis(30_750));

    // The retries also stop when the run ends.
    let account = Account::default();
    account.with(|contents| contents.lag = usize::MAX);
    let interrupted = call();
    let cancel = interrupted.cancel.clone();
    account.with(|contents| contents.on_pause = Some(Box::new(move || cancel.cancel())));
    let created = resource(&account)
        .create_key(plan("ED25519"), &interrupted)
        .await;
    assert!(created.is_err());
    assert_eq!(account.with(|contents| contents.pauses.len()), 1);
}

#[tokio::test]
async fn create_waits_for_a_name_that_was_deleted_without_recovery() {
    let without_recovery = || {
        let mut plan = plan("ED25519");
        change_secret(&mut plan, |secret| {
            secret.recovery_window_in_days = 0.into()
        });
        plan
    };
    let account = Account::default();
    account.with(|contents| contents.releasing = 3);
    let created = create(&resource(&account), without_recovery()).await;
    account.with(|contents| assert_eq!(contents.pauses, [1, 2, 4].map(Duration::from_secs)));
    assert_settled(&account, &created.state.into()).await;

    let account = Account::default();
    account.with(|contents| contents.releasing = usize::MAX);
    let message = create_error(&resource(&account), without_recovery()).await;
    assert!(message.contains("restore-secret"), "{message}");
    let waited: Duration = account.with(|contents| contents.pauses.iter().sum());
    assert_eq!(waited, Duration::from_secs(120));

    // With a recovery window, the name remains unavailable for days, so the create does not wait.
    account.with(|contents| contents.releasing = usize::MAX);
    let message = create_error(&later_run(&account), plan("ED25519")).await;
    assert!(message.contains("restore-secret"), "{message}");
    account.with(|contents| assert!(contents.pauses.is_empty()));
}

#[tokio::test]
async fn a_clock_difference_of_more_than_five_minutes_fails_before_anything_is_stored() {
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
        account.with(|contents| contents.date = Some(date));
        let attempt = try_create(&resource(&account), plan("ED25519")).await;
        assert_eq!(attempt.is_err(), wrong, "{date}");
        let Err(message) = attempt else { continue };
        assert!(
            message.contains("System clock is not accurate")
                && message.contains("2026-11-20T12:00:00Z")
                && message.contains(&date.to_string())
                && message.contains("NTP"),
            "{message}"
        );
        account.with(|contents| {
            assert!(contents.secrets.is_empty());
            assert_eq!(contents.calls, [DESCRIBE]);
        });
    }
}

#[tokio::test]
async fn aws_errors_are_reported_with_a_remedy() {
    let kms = "Access to KMS is not allowed";
    let cases = [
        (
            0,
            "AccessDeniedException",
            "no",
            "is not authorized to call secretsmanager:DescribeSecret",
        ),
        (
            1,
            "AccessDeniedException",
            "no",
            "is not authorized to call secretsmanager:CreateSecret",
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
        let message = create_error(&resource(&account), configured).await;
        assert!(message.starts_with("secrets_manager.name\n"), "{message}");
        assert!(message.contains(remedy), "{message}");
        assert_eq!(
            message.contains("is not authorized to call"),
            remedy.contains("is not authorized to call"),
            "{message}"
        );
    }
    // A read requires only kms:Decrypt. Without a configured key, the error refers to the account's key.
    let account = Account::default();
    account.fault_at(1, Fault::Crash(Crash::AfterEffect));
    run_until_crash(&account, &resource(&account), plan("ED25519")).await;
    account.fault_at(1, Fault::Refuse("AccessDeniedException", kms));
    let message = create_error(&resource(&account), plan("ED25519")).await;
    assert!(
        message.contains("Allow kms:Decrypt on the AWS managed key for Secrets Manager"),
        "{message}"
    );
}

#[tokio::test]
async fn an_interrupted_run_stops_immediately() {
    let account = Account::default();
    let stopped = call();
    stopped.cancel.cancel();
    let Err(diagnostics) = resource(&account)
        .create_key(plan("RSA_4096"), &stopped)
        .await
    else {
        panic!("the create did not stop")
    };
    assert!(text(&diagnostics).contains("interrupted"));
    account.with(|contents| assert!(contents.secrets.is_empty()));
}

#[tokio::test]
async fn state_and_warnings_do_not_contain_the_private_key() {
    for algorithm in ["RSA_3072", "ECDSA_P384", "ED25519"] {
        let account = Account::default();
        account.fault_at(1, Fault::Crash(Crash::AfterEffect));
        run_until_crash(&account, &resource(&account), plan(algorithm)).await;
        let created = create(&later_run(&account), plan(algorithm)).await;
        let message = text(&created.warnings);
        let shown = format!("{:?}{message}", RootCaPlan::from(created.state).encode());
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
                "the output contains a line of the {algorithm} key"
            );
        }
    }
}
