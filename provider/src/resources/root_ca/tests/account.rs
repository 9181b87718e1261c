//! An AWS account in memory: Secrets Manager with the semantics of its API reference, able to die at any call.
//!
//! It must not use the code under test to decide an answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tfplugin::Diagnostics;
use tokio::sync::Notify;

use crate::aws::secrets::{
    CurrentValue, NewSecret, SecretDescription, SecretStore, SecretStores, WrittenVersion,
};
use crate::aws::tags::{PlannedTags, planned_tags};
use crate::aws::{AwsError, Identity};
use crate::pki::SecretText;

/// When, in the life of a call, the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    /// The call has no effect.
    BeforeEffect,
    /// The call has its effect, but nobody learns of it.
    AfterEffect,
}

/// What happens at one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The process dies.
    Die(Death),
    /// The call is refused with this code.
    Refuse(&'static str, &'static str),
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
}

pub(super) struct Inside {
    pub(super) secrets: BTreeMap<String, Secret>,
    /// Every call, in order.
    pub(super) calls: Vec<&'static str>,
    /// The call, counted from zero, at which something happens.
    pub(super) fault: Option<(usize, Fault)>,
    pub(super) default_tags: BTreeMap<String, String>,
    /// Region and account of the connection; STS may not name the account.
    pub(super) connected_to: (&'static str, Option<&'static str>),
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
                _ => Some(effect(inside)),
            };
            (fault, answer)
        });
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
const MISSING: (&str, &str) = (
    "ResourceNotFoundException",
    "Secrets Manager can't find the specified secret.",
);
const TAKEN: (&str, &str) = (
    "ResourceExistsException",
    "The operation failed because the secret already exists.",
);

impl Inside {
    fn find(&mut self, id: &str) -> Result<&mut Secret, (&'static str, &'static str)> {
        let named = self
            .secrets
            .iter_mut()
            .find(|(name, secret)| *name == id || secret.arn == id);
        named.map(|(_, secret)| secret).ok_or(MISSING)
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
            if let Some(existing) = inside.secrets.get_mut(secret.name) {
                if existing.pending_deletion {
                    return Err((
                        "InvalidRequestException",
                        "You can't create this secret because a secret with this name is already scheduled for deletion.",
                    ));
                }
                let repeated = existing.versions.contains_key(secret.token);
                return if repeated { existing.write(secret.token, secret.value.expose()) } else { Err(TAKEN) };
            }
            inside.made += 1;
            let mut made = Secret {
                arn: format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:{}-{:06}", secret.name, inside.made),
                kms_key_id: secret.kms_key_id.map(str::to_owned),
                tags: secret.tags.clone(),
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
            let secret = inside.find(id)?.clone();
            let names = inside
                .secrets
                .iter()
                .find(|(_, other)| other.arn == secret.arn);
            Ok(SecretDescription {
                name: names.unwrap().0.clone(),
                arn: secret.arn,
                kms_key_id: secret.kms_key_id,
                tags: secret.tags,
                pending_deletion: secret.pending_deletion,
                rotated: secret.rotated,
                owning_service: None,
                version_ids: [Some(secret.current.clone()), secret.previous]
                    .into_iter()
                    .flatten()
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
        assert!((7..=30).contains(&recovery_window_in_days));
        self.call("secretsmanager:DeleteSecret", |inside| {
            inside.live(id)?.pending_deletion = true;
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
}
