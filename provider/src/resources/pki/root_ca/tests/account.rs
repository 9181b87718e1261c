//! An AWS account in memory: Secrets Manager with the semantics of its API reference, able to die at any call.
//!
//! It must not use the code under test to decide an answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tfplugin::Diagnostics;
use tokio::sync::Notify;

use crate::aws::secrets::{
    CurrentValue, NewSecret, SecretDescription, SecretStore, SecretStores, WrittenVersion,
};
use crate::aws::tags::{PlannedTags, planned_tags};
use crate::aws::{AwsError, AwsErrorKind, Identity};
use crate::secret_text::SecretText;

/// When, in the life of a call, the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    /// The call has no effect.
    BeforeEffect,
    /// The call has its effect, but nobody learns of it.
    AfterEffect,
}

/// What happens at one call.
#[derive(Clone)]
pub(super) enum Fault {
    /// The process dies.
    Die(Death),
    /// The call is refused with this code.
    Refuse(&'static str, &'static str),
    /// The call has its effect, and its answer is lost.
    LoseAnswer,
    /// Another run does this before the call.
    Meanwhile(fn(&mut Inside)),
}

#[derive(Default, Clone)]
pub(super) struct Secret {
    pub(super) arn: String,
    pub(super) kms_key_id: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) versions: BTreeMap<String, String>,
    pub(super) current: String,
    pub(super) previous: Option<String>,
    pub(super) pending_deletion: bool,
    pub(super) rotated: bool,
    pub(super) binary: bool,
    /// Calls that do not find the secret yet.
    pub(super) hidden: usize,
}

/// The date that `DescribeSecret` reports for a secret that is scheduled for deletion.
pub(super) const DELETION_DATE: &str = "2026-11-27T12:00:00Z";

pub(super) struct Inside {
    pub(super) secrets: BTreeMap<String, Secret>,
    /// Every call, in order.
    pub(super) calls: Vec<&'static str>,
    /// The call, counted from zero, at which something happens.
    pub(super) fault: Option<(usize, Fault)>,
    pub(super) default_tags: BTreeMap<String, String>,
    /// Region and account of the connection; STS may not name the account.
    pub(super) connected_to: (&'static str, Option<&'static str>),
    /// `Date` of every answer.
    pub(super) date: Option<Timestamp>,
    /// Whether the provider's configuration is not known yet.
    pub(super) unknown: bool,
    /// How often a call does not find a secret after it was created.
    pub(super) lag: usize,
    /// How often a description shows the secret as it was before its last version.
    pub(super) stale: usize,
    /// How often `CreateSecret` is refused after a deletion without recovery.
    pub(super) releasing: usize,
    /// Every pause between attempts.
    pub(super) pauses: Vec<Duration>,
    /// What happens during a pause.
    pub(super) on_pause: Option<Box<dyn Fn() + Send>>,
    made: usize,
}

impl Default for Inside {
    fn default() -> Self {
        Self {
            secrets: BTreeMap::new(),
            calls: Vec::new(),
            fault: None,
            default_tags: BTreeMap::new(),
            connected_to: ("eu-central-1", Some("123456789012")),
            date: None,
            unknown: false,
            lag: 0,
            stale: 0,
            releasing: 0,
            pauses: Vec::new(),
            on_pause: None,
            made: 0,
        }
    }
}

/// The account; clones are the same account.
#[derive(Clone, Default)]
pub(super) struct Account {
    inside: Arc<Mutex<Inside>>,
    died: Arc<Notify>,
}

impl Account {
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut Inside) -> T) -> T {
        look(&mut self.inside.lock().unwrap())
    }

    /// Lets something happen at a call of the next run.
    pub(super) fn fault_at(&self, call: usize, fault: Fault) {
        self.with(|inside| {
            inside.calls.clear();
            inside.fault = Some((call, fault));
        });
    }

    /// Ends all faults and forgets the calls.
    pub(super) fn recover(&self) {
        self.with(|inside| {
            inside.calls.clear();
            inside.pauses.clear();
            inside.fault = None;
        });
    }

    /// Resolves when the process has died.
    pub(super) async fn died(&self) {
        self.died.notified().await;
    }

    async fn call<T>(
        &self,
        action: &'static str,
        effect: impl FnOnce(&mut Inside) -> Result<T, (&'static str, &'static str)> + Send,
    ) -> Result<T, AwsError> {
        let (fault, answer) = self.with(|inside| {
            let number = inside.calls.len();
            inside.calls.push(action);
            let fault = inside
                .fault
                .clone()
                .filter(|(at, _)| *at == number)
                .map(|(_, fault)| fault);
            let answer = match fault {
                Some(Fault::Die(Death::BeforeEffect)) => None,
                Some(Fault::Refuse(code, message)) => Some(Err((code, message))),
                Some(Fault::Meanwhile(act)) => {
                    act(inside);
                    Some(effect(inside))
                }
                _ => Some(effect(inside)),
            };
            (fault, answer)
        });
        if matches!(fault, Some(Fault::LoseAnswer)) {
            return Err(AwsError {
                action,
                kind: AwsErrorKind::TimedOut,
                code: None,
                message: "the answer was lost".to_owned(),
            });
        }
        if let (Some(Fault::Die(_)), _) | (_, None) = (&fault, &answer) {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
        answer
            .unwrap()
            .map_err(|(code, message)| AwsError::service(action, code, message))
    }
}

const DELETED: (&str, &str) = (
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
);
const SCHEDULED: (&str, &str) = (
    "InvalidRequestException",
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
);
const MISSING: (&str, &str) = (
    "ResourceNotFoundException",
    "Secrets Manager can't find the specified secret.",
);
const TAKEN: (&str, &str) = (
    "ResourceExistsException",
    "The operation failed because the secret already exists.",
);

impl Inside {
    /// Hides all secrets from the next calls.
    pub(super) fn hide(&mut self, calls: usize) {
        for secret in self.secrets.values_mut() {
            secret.hidden = calls;
        }
    }

    fn find(&mut self, id: &str) -> Result<&mut Secret, (&'static str, &'static str)> {
        let named = self
            .secrets
            .iter_mut()
            .find(|(name, secret)| *name == id || secret.arn == id);
        let (_, secret) = named.ok_or(MISSING)?;
        if secret.hidden > 0 {
            secret.hidden -= 1;
            return Err(MISSING);
        }
        Ok(secret)
    }

    fn live(&mut self, id: &str) -> Result<&mut Secret, (&'static str, &'static str)> {
        let secret = self.find(id)?;
        if secret.pending_deletion {
            Err(DELETED)
        } else {
            Ok(secret)
        }
    }
}

impl Secret {
    /// The rule of `ClientRequestToken`: same token and value is a repetition, another value is refused.
    fn write(
        &mut self,
        token: &str,
        value: &str,
    ) -> Result<WrittenVersion, (&'static str, &'static str)> {
        assert!(
            (32..=64).contains(&token.len()),
            "ClientRequestToken has {} characters",
            token.len()
        );
        assert!(value.len() <= 65_536);
        match self.versions.get(token) {
            Some(stored) if stored != value => return Err(TAKEN),
            Some(_) => {}
            None => {
                self.versions.insert(token.to_owned(), value.to_owned());
                self.previous = Some(std::mem::replace(&mut self.current, token.to_owned()));
            }
        }
        Ok(WrittenVersion {
            arn: self.arn.clone(),
            version_id: token.to_owned(),
        })
    }
}

impl SecretStores for Account {
    type Store = Account;

    async fn open_if_known(&self) -> Result<Option<Account>, Diagnostics> {
        let unknown = self.with(|inside| inside.unknown);
        Ok((!unknown).then(|| self.clone()))
    }

    async fn open(&self) -> Result<Account, Diagnostics> {
        Ok(self.clone())
    }

    fn planned_default_tags(&self) -> PlannedTags {
        planned_tags(self.default_tags())
    }
}

impl SecretStore for Account {
    async fn create(&self, secret: NewSecret<'_>) -> Result<WrittenVersion, AwsError> {
        self.call("secretsmanager:CreateSecret", |inside| {
            if inside.releasing > 0 {
                inside.releasing -= 1;
                return Err(SCHEDULED);
            }
            if let Some(existing) = inside.secrets.get_mut(secret.name) {
                if existing.pending_deletion {
                    return Err(SCHEDULED);
                }
                let repeated = existing.versions.contains_key(secret.token);
                return if repeated {
                    existing.write(secret.token, secret.value.expose())
                } else {
                    Err(TAKEN)
                };
            }
            inside.made += 1;
            let mut made = Secret {
                arn: format!(
                    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:{}-{:06}",
                    secret.name, inside.made
                ),
                kms_key_id: secret.kms_key_id.map(str::to_owned),
                tags: secret.tags.clone(),
                hidden: inside.lag,
                ..Secret::default()
            };
            let written = made.write(secret.token, secret.value.expose())?;
            inside.secrets.insert(secret.name.to_owned(), made);
            Ok(written)
        })
        .await
    }

    async fn describe(&self, id: &str) -> Result<SecretDescription, AwsError> {
        self.call("secretsmanager:DescribeSecret", |inside| {
            let mut secret = inside.find(id)?.clone();
            let named = inside
                .secrets
                .iter()
                .find(|(_, other)| other.arn == secret.arn);
            let name = named.unwrap().0.clone();
            if inside.stale > 0 {
                inside.stale -= 1;
                secret.current = secret.previous.take().unwrap_or(secret.current);
            }
            let labelled = [Some(secret.current.clone()), secret.previous];
            Ok(SecretDescription {
                name,
                arn: secret.arn,
                kms_key_id: secret.kms_key_id,
                tags: secret.tags,
                deletion_date: secret
                    .pending_deletion
                    .then(|| DELETION_DATE.parse().unwrap()),
                rotated: secret.rotated,
                owning_service: None,
                version_ids: labelled
                    .into_iter()
                    .flatten()
                    .filter(|id| !id.is_empty())
                    .collect(),
                current_version_id: Some(secret.current),
            })
        })
        .await
    }

    async fn value(&self, id: &str) -> Result<CurrentValue, AwsError> {
        self.call("secretsmanager:GetSecretValue", |inside| {
            let secret = inside.live(id)?;
            let text = SecretText::from(secret.versions[&secret.current].clone());
            Ok(CurrentValue {
                text: (!secret.binary).then_some(text),
                version_id: secret.current.clone(),
            })
        })
        .await
    }

    async fn put(
        &self,
        id: &str,
        token: &str,
        value: &SecretText,
    ) -> Result<WrittenVersion, AwsError> {
        self.call("secretsmanager:PutSecretValue", |inside| {
            inside.live(id)?.write(token, value.expose())
        })
        .await
    }

    async fn tag(&self, id: &str, tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
        self.call("secretsmanager:TagResource", |inside| {
            inside.live(id)?.tags.extend(tags.clone());
            Ok(())
        })
        .await
    }

    async fn untag(&self, id: &str, keys: &[String]) -> Result<(), AwsError> {
        self.call("secretsmanager:UntagResource", |inside| {
            inside.live(id)?.tags.retain(|key, _| !keys.contains(key));
            Ok(())
        })
        .await
    }

    async fn delete(&self, id: &str, recovery_window_in_days: i64) -> Result<(), AwsError> {
        self.call("secretsmanager:DeleteSecret", |inside| {
            let secret = inside.live(id)?;
            match recovery_window_in_days {
                0 => {
                    let arn = secret.arn.clone();
                    inside.secrets.retain(|_, secret| secret.arn != arn);
                }
                7..=30 => secret.pending_deletion = true,
                days => panic!("a recovery window of {days} days"),
            }
            Ok(())
        })
        .await
    }

    fn default_tags(&self) -> BTreeMap<String, String> {
        self.with(|inside| inside.default_tags.clone())
    }

    fn identity(&self) -> Arc<Identity> {
        let (region, account) = self.with(|inside| inside.connected_to);
        Arc::new(Identity::known(region, account))
    }

    fn answered_at(&self) -> Option<Timestamp> {
        self.with(|inside| inside.date)
    }

    async fn pause(&self, duration: Duration) {
        self.with(|inside| {
            inside.pauses.push(duration);
            if let Some(act) = &inside.on_pause {
                act();
            }
        });
    }
}
