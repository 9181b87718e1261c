//! Making an authority: interruptions, adoption, refusals.

use super::account::{Account, Death, Fault};
use std::sync::Arc;

use super::*;
use crate::aws::Identity;

#[tokio::test]
async fn the_key_is_stored_before_anything_is_signed() {
    let account = Account::default();
    let stored = made(&resource(&account), plan("RSA_3072")).await;
    assert!(stored.warnings.is_empty());
    account.with(|inside| {
        assert_eq!(
            inside.calls,
            [
                "secretsmanager:CreateSecret",
                "secretsmanager:PutSecretValue"
            ]
        )
    });
    let secret = secret(&account);
    let first: serde_json::Value =
        serde_json::from_str(&secret.versions[secret.previous.as_ref().unwrap()]).unwrap();
    assert_eq!(first["certificates"], serde_json::json!([]));
    assert_eq!(
        first["issuance"]["serial_number"],
        stored.state.serial_number
    );
    assert_eq!(secret.tags["spki_sha256"], stored.state.spki_sha256);
    assert_settled(&account, &stored.state.into()).await;
}

#[tokio::test]
async fn dying_at_any_call_of_any_run_ends_with_one_key_and_one_certificate() {
    for algorithm in ["ECDSA_P256", "ED25519"] {
        for death in [Death::BeforeEffect, Death::AfterEffect] {
            for first in 0..2 {
                // The run after the first death dies too, at each of its calls in turn, until it lives through.
                for second in 0.. {
                    let account = Account::default();
                    account.fault_at(first, Fault::Die(death));
                    let lived = run_to_death(&account, &resource(&account), plan(algorithm)).await;
                    assert!(lived.is_none(), "call {first} was never made");
                    let decided = account.with(|inside| {
                        inside
                            .secrets
                            .values()
                            .next()
                            .map(|secret| documents(secret)[0]["spki_sha256"].clone())
                    });

                    account.fault_at(second, Fault::Die(death));
                    let again = RootCas::new(account.clone(), later, SystemEntropy);
                    let lived = run_to_death(&account, &again, plan(algorithm)).await;
                    let was_last = lived.is_some();
                    let stored = match lived {
                        Some(stored) => stored,
                        None => made(&later_run(&account), plan(algorithm)).await,
                    };
                    if let Some(decided) = decided {
                        assert_eq!(decided, stored.state.spki_sha256, "another key was made");
                        assert!(text(&stored.warnings).contains(&stored.state.serial_number));
                        assert!(text(&stored.warnings).contains(&stored.state.certificate_sha256));
                        assert_eq!(
                            stored.state.not_before,
                            now().to_string(),
                            "the decision was not kept"
                        );
                    }
                    assert_settled(&account, &stored.state.into()).await;
                    if was_last {
                        break;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_lost_answer_in_the_same_run_is_not_worth_a_warning() {
    // An emulator without idempotent tokens refuses the repetition of the first call that the SDK makes.
    let account = Account::default();
    let twice = Twice(account.clone());
    let resource = RootCas::new(twice, now, SystemEntropy);
    let Ok(stored) = resource.make(plan("ED25519"), &call()).await else {
        panic!("refused")
    };
    assert!(stored.warnings.is_empty(), "{}", text(&stored.warnings));
    assert_settled(&account, &stored.state.into()).await;
}

#[derive(Clone)]
struct Twice(Account);

impl SecretStores for Twice {
    type Store = Twice;

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
    ) -> Result<WrittenVersion, crate::aws::AwsError> {
        self.0.create(secret).await?;
        Err(crate::aws::AwsError::service(
            "secretsmanager:CreateSecret",
            "ResourceExistsException",
            "it exists",
        ))
    }

    async fn describe(&self, id: &str) -> Result<SecretDescription, crate::aws::AwsError> {
        self.0.describe(id).await
    }

    async fn value(
        &self,
        id: &str,
    ) -> Result<crate::aws::secrets::CurrentValue, crate::aws::AwsError> {
        self.0.value(id).await
    }

    async fn put(
        &self,
        id: &str,
        token: &str,
        value: &crate::pki::SecretText,
    ) -> Result<WrittenVersion, crate::aws::AwsError> {
        self.0.put(id, token, value).await
    }

    async fn tag(
        &self,
        id: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), crate::aws::AwsError> {
        self.0.tag(id, tags).await
    }

    async fn untag(&self, id: &str, keys: &[String]) -> Result<(), crate::aws::AwsError> {
        self.0.untag(id, keys).await
    }

    async fn delete(&self, id: &str, days: i64) -> Result<(), crate::aws::AwsError> {
        self.0.delete(id, days).await
    }

    fn default_tags(&self) -> BTreeMap<String, String> {
        self.0.default_tags()
    }

    fn identity(&self) -> Arc<Identity> {
        self.0.identity()
    }
}

#[tokio::test]
async fn two_runs_at_once_agree_on_one_certificate() {
    for _ in 0..20 {
        let account = Account::default();
        // Both find the same unsigned ECDSA key and sign it differently.
        account.fault_at(1, Fault::Die(Death::BeforeEffect));
        assert!(
            run_to_death(&account, &resource(&account), plan("ECDSA_P256"))
                .await
                .is_none()
        );
        account.recover();
        let (one, other) = (resource(&account), resource(&account));
        let (one, other) = tokio::join!(
            made(&one, plan("ECDSA_P256")),
            made(&other, plan("ECDSA_P256"))
        );
        assert_eq!(one.state.certificate_pem, other.state.certificate_pem);
        assert_settled(&account, &one.state.into()).await;
    }
}

#[tokio::test]
async fn a_refused_call_leaves_no_state_and_the_next_apply_goes_on() {
    let account = Account::default();
    account.fault_at(
        1,
        Fault::Refuse(
            "AccessDeniedException",
            "not authorized to perform secretsmanager:PutSecretValue",
        ),
    );
    let said = refused(&resource(&account), plan("ED25519")).await;
    assert!(
        said.contains("The private key is stored in arn:aws:"),
        "{said}"
    );
    assert!(
        said.contains("secretsmanager:PutSecretValue") && said.contains("Apply again"),
        "{said}"
    );
    let stored = made(&later_run(&account), plan("ED25519")).await;
    assert_settled(&account, &stored.state.into()).await;
}

#[tokio::test]
async fn what_another_configuration_asked_for_is_not_adopted() {
    type Change = fn(&mut RootCaPlan);
    let changes: [(&str, Change); 6] = [
        ("key_algorithm", |plan| {
            plan.key_algorithm = "ECDSA_P384".to_owned().into()
        }),
        ("path_length", |plan| plan.path_length = 0.into()),
        ("validity_days", |plan| plan.validity_days = 30.into()),
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
            let Planned::Known(secret) = &mut plan.secrets_manager else {
                panic!()
            };
            secret.kms_key_id = "alias/ca".to_owned().into();
        }),
    ];
    // Both a finished authority and one whose certificate is still to be signed.
    for die in [None, Some((1, Fault::Die(Death::BeforeEffect)))] {
        for (path, change) in changes {
            let account = Account::default();
            if let Some((at, fault)) = die.clone() {
                account.fault_at(at, fault);
            }
            run_to_death(&account, &resource(&account), plan("ED25519")).await;
            let before = secret(&account);
            let mut other = plan("ED25519");
            change(&mut other);
            let said = refused(&later_run(&account), other).await;
            assert!(said.contains(&format!("- {path}: configured")), "{said}");
            assert!(
                said.contains(&format!(
                    "tofu import skreg_pki_root_ca.NAME 'secretsmanager:{}'",
                    before.arn
                )),
                "{said}"
            );
            assert_eq!(
                secret(&account).versions,
                before.versions,
                "the stored key was touched"
            );
        }
    }
}

#[tokio::test]
async fn a_name_that_is_taken_or_pending_deletion_is_refused() {
    let account = Account::default();
    let state = made(&resource(&account), plan("ED25519")).await.state;
    account.with(|inside| inside.secrets.get_mut(NAME).unwrap().pending_deletion = true);
    let said = refused(&later_run(&account), plan("ED25519")).await;
    assert!(
        said.contains(&format!(
            "aws secretsmanager restore-secret --secret-id {NAME}"
        )),
        "{said}"
    );
    assert!(said.starts_with("secrets_manager.name"), "{said}");

    // Restored, it is the same authority again.
    account.with(|inside| inside.secrets.get_mut(NAME).unwrap().pending_deletion = false);
    assert_eq!(
        made(&later_run(&account), plan("ED25519"))
            .await
            .state
            .serial_number,
        state.serial_number
    );

    for value in ["hunter2", "{\"password\":\"hunter2\"}"] {
        account.with(|inside| {
            let secret = inside.secrets.get_mut(NAME).unwrap();
            let current = secret.current.clone();
            secret.versions.insert(current, value.to_owned());
        });
        let said = refused(&later_run(&account), plan("ED25519")).await;
        assert!(
            said.contains("name is taken") && !said.contains("hunter2"),
            "{said}"
        );
    }
    account.with(|inside| inside.secrets.get_mut(NAME).unwrap().binary = true);
    assert!(
        refused(&later_run(&account), plan("ED25519"))
            .await
            .contains("name is taken")
    );
    account.with(|inside| inside.secrets.get_mut(NAME).unwrap().rotated = true);
    assert!(
        refused(&later_run(&account), plan("ED25519"))
            .await
            .contains("cancel-rotate-secret")
    );
}

#[tokio::test]
async fn emulators_that_report_a_deleted_name_as_taken_are_understood() {
    let account = Account::default();
    made(&resource(&account), plan("ED25519")).await;
    account.with(|inside| inside.secrets.get_mut(NAME).unwrap().pending_deletion = true);
    account.fault_at(0, Fault::Refuse("ResourceExistsException", "it exists"));
    let said = refused(&resource(&account), plan("ED25519")).await;
    assert!(said.contains("restore-secret"), "{said}");
}

#[tokio::test]
async fn a_key_or_certificate_edited_in_the_store_is_not_adopted() {
    let account = Account::default();
    made(&resource(&account), plan("ED25519")).await;
    let other = Account::default();
    made(&resource(&other), plan("ED25519")).await;
    let foreign: serde_json::Value = {
        let secret = secret(&other);
        serde_json::from_str(&secret.versions[&secret.current]).unwrap()
    };
    for field in ["private_key_pem", "certificates", "spki_sha256"] {
        let original = secret(&account);
        let mut document: serde_json::Value =
            serde_json::from_str(&original.versions[&original.current]).unwrap();
        document[field] = foreign[field].clone();
        account.with(|inside| {
            let secret = inside.secrets.get_mut(NAME).unwrap();
            secret
                .versions
                .insert(original.current.clone(), document.to_string());
        });
        let said = refused(&later_run(&account), plan("ED25519")).await;
        assert!(
            said.contains("secrets_manager.name") && !said.contains("PRIVATE KEY"),
            "{said}"
        );
        account.with(|inside| inside.secrets.insert(NAME.to_owned(), original));
    }
    // Key, hash and certificate exchanged together: only the tag still tells.
    account.with(|inside| {
        let secret = inside.secrets.get_mut(NAME).unwrap();
        let current = secret.current.clone();
        secret.versions.insert(current, foreign.to_string());
    });
    let said = refused(&later_run(&account), plan("ED25519")).await;
    assert!(said.contains("The root key was changed"), "{said}");
}

#[tokio::test]
async fn errors_of_aws_say_what_to_do() {
    let cases = [
        (
            Fault::Refuse("AccessDeniedException", "no"),
            "may not call secretsmanager:CreateSecret",
        ),
        (Fault::Refuse("EncryptionFailure", "no"), "KMS key"),
        (Fault::Refuse("LimitExceededException", "no"), "quota"),
        (
            Fault::Refuse("UnrecognizedClientException", "no"),
            "access key",
        ),
    ];
    for (fault, remedy) in cases {
        let account = Account::default();
        account.fault_at(0, fault);
        let said = refused(&resource(&account), plan("ED25519")).await;
        assert!(
            said.contains("could not be stored") && said.contains(remedy),
            "{said}"
        );
    }
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
        let stored = made(&later_run(&account), plan(algorithm)).await;
        let said = text(&stored.warnings);
        let shown = format!("{:?}{said}", RootCaPlan::from(stored.state).encode());
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
