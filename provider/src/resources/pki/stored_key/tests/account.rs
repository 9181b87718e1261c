//! In-memory AWS account: Secrets Manager with the documented API semantics, and a crash at any call.
//!
//! The responses must not depend on the code under test.

pub(in crate::resources::pki) mod keys;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tfplugin::Diagnostics;
use tokio::sync::Notify;

use crate::aws::secrets::{
    CURRENT, CurrentValue, NewSecret, Replica, ReplicaRegion, ReplicationStatus, SecretDescription,
    SecretStore, SecretStores, VersionSelector, VersionValue, WrittenVersion,
};
use crate::aws::tags::{PlannedTags, planned_tags};
use crate::aws::{AwsError, AwsErrorKind, Identity};
use crate::secret_text::SecretText;

/// Time of a crash relative to the effect of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::resources::pki) enum Crash {
    /// The call does not take effect.
    BeforeEffect,
    /// The call takes effect, but the process does not receive the response.
    AfterEffect,
}

/// Event during a call.
#[derive(Clone)]
pub(in crate::resources::pki) enum Fault {
    /// The process crashes.
    Crash(Crash),
    /// The call fails with this error code and message.
    Refuse(&'static str, &'static str),
    /// The call takes effect, but its response is lost.
    LoseResponse,
    /// Another run changes the account before the call.
    Meanwhile(fn(&mut Contents)),
}

#[derive(Default, Clone)]
pub(in crate::resources::pki) struct Secret {
    pub(in crate::resources::pki) arn: String,
    pub(in crate::resources::pki) kms_key_id: Option<String>,
    pub(in crate::resources::pki) tags: BTreeMap<String, String>,
    pub(in crate::resources::pki) versions: BTreeMap<String, String>,
    pub(in crate::resources::pki) current: String,
    pub(in crate::resources::pki) previous: Option<String>,
    /// Versions by staging label, excluding `AWSCURRENT` and `AWSPREVIOUS`.
    pub(in crate::resources::pki) labels: BTreeMap<String, String>,
    pub(in crate::resources::pki) replicas: Vec<ReplicaRegion>,
    pub(in crate::resources::pki) pending_deletion: bool,
    pub(in crate::resources::pki) rotated: bool,
    pub(in crate::resources::pki) binary: bool,
    /// Regions whose replica has the status `Failed`.
    pub(in crate::resources::pki) failed_replicas: BTreeSet<String>,
    /// Number of calls that do not find the secret yet.
    pub(in crate::resources::pki) hidden: usize,
}

/// Date that `DescribeSecret` reports for a secret that is scheduled for deletion.
pub(in crate::resources::pki) const DELETION_DATE: &str = "2026-11-27T12:00:00Z";

/// Date that `DescribeSecret` reports for the creation of a secret.
pub(in crate::resources::pki) const CREATED: &str = "2026-11-01T08:00:00Z";

pub(in crate::resources::pki) struct Contents {
    pub(in crate::resources::pki) secrets: BTreeMap<String, Secret>,
    /// KMS keys by ARN.
    pub(in crate::resources::pki) keys: BTreeMap<String, keys::Key>,
    /// All calls in order.
    pub(in crate::resources::pki) calls: Vec<&'static str>,
    /// Event and the index of the affected call, starting at 0.
    pub(in crate::resources::pki) fault: Option<(usize, Fault)>,
    pub(in crate::resources::pki) default_tags: BTreeMap<String, String>,
    /// Region and account of the connection. The account is `None` if STS does not report it.
    pub(in crate::resources::pki) connected_to: (&'static str, Option<&'static str>),
    /// `Date` header of all responses.
    pub(in crate::resources::pki) date: Option<Timestamp>,
    /// Whether the provider configuration is unknown.
    pub(in crate::resources::pki) unknown: bool,
    /// Number of calls that do not find a created secret.
    pub(in crate::resources::pki) lag: usize,
    /// Number of descriptions that do not contain the last version.
    pub(in crate::resources::pki) stale: usize,
    /// Number of `CreateSecret` calls that fail after a deletion without recovery.
    pub(in crate::resources::pki) releasing: usize,
    /// All pauses between attempts.
    pub(in crate::resources::pki) pauses: Vec<Duration>,
    /// Event during a pause.
    pub(in crate::resources::pki) on_pause: Option<Box<dyn Fn() + Send>>,
    created: usize,
}

impl Default for Contents {
    fn default() -> Self {
        Self {
            secrets: BTreeMap::new(),
            keys: BTreeMap::new(),
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
            created: 0,
        }
    }
}

/// The account. All clones share the same content.
#[derive(Clone, Default)]
pub(in crate::resources::pki) struct Account {
    contents: Arc<Mutex<Contents>>,
    crashed: Arc<Notify>,
}

impl Account {
    pub(in crate::resources::pki) fn with<T>(&self, look: impl FnOnce(&mut Contents) -> T) -> T {
        look(&mut self.contents.lock().unwrap())
    }

    /// Sets the event for a call in the next run.
    pub(in crate::resources::pki) fn fault_at(&self, call: usize, fault: Fault) {
        self.with(|contents| {
            contents.calls.clear();
            contents.fault = Some((call, fault));
        });
    }

    /// Removes the event and clears the recorded calls and pauses.
    pub(in crate::resources::pki) fn recover(&self) {
        self.with(|contents| {
            contents.calls.clear();
            contents.pauses.clear();
            contents.fault = None;
        });
    }

    /// Resolves when the process has crashed.
    pub(in crate::resources::pki) async fn crashed(&self) {
        self.crashed.notified().await;
    }

    async fn call<T>(
        &self,
        action: &'static str,
        effect: impl FnOnce(&mut Contents) -> Result<T, (&'static str, &'static str)> + Send,
    ) -> Result<T, AwsError> {
        let (fault, answer) = self.with(|contents| {
            let number = contents.calls.len();
            contents.calls.push(action);
            let fault = contents
                .fault
                .clone()
                .filter(|(at, _)| *at == number)
                .map(|(_, fault)| fault);
            let answer = match fault {
                Some(Fault::Crash(Crash::BeforeEffect)) => None,
                Some(Fault::Refuse(code, message)) => Some(Err((code, message))),
                Some(Fault::Meanwhile(act)) => {
                    act(contents);
                    Some(effect(contents))
                }
                _ => Some(effect(contents)),
            };
            (fault, answer)
        });
        if matches!(fault, Some(Fault::LoseResponse)) {
            return Err(AwsError {
                action,
                kind: AwsErrorKind::TimedOut,
                code: None,
                message: "the response was lost".to_owned(),
            });
        }
        if let (Some(Fault::Crash(_)), _) | (_, None) = (&fault, &answer) {
            self.crashed.notify_one();
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

const REPLICATED: (&str, &str) = (
    "InvalidParameterException",
    "The secret is already replicated to the region.",
);
const HAS_REPLICAS: (&str, &str) = (
    "InvalidRequestException",
    "You can't delete a secret that still has replica regions.",
);
/// `StatusMessage` of a replica in a region that contains another secret with the same name.
pub(in crate::resources::pki) const CONFLICT: &str =
    "Replication failed: Secret name simple already exists in this region.";

impl Contents {
    /// Hides all secrets from the next calls.
    pub(in crate::resources::pki) fn hide(&mut self, calls: usize) {
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
    /// Writes a version with the semantics of `ClientRequestToken`: the same token with the same value is a retry, and
    /// the same token with a different value causes an error.
    fn write(
        &mut self,
        token: &str,
        value: &str,
        stages: &[&str],
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
                for stage in stages {
                    if *stage == CURRENT {
                        let replaced = std::mem::replace(&mut self.current, token.to_owned());
                        self.previous = Some(replaced);
                    } else {
                        self.labels.insert((*stage).to_owned(), token.to_owned());
                    }
                }
            }
        }
        Ok(WrittenVersion {
            arn: self.arn.clone(),
            version_id: token.to_owned(),
        })
    }

    /// Returns the staging labels of each version that has one.
    fn stages(&self) -> BTreeMap<String, BTreeSet<String>> {
        let current = Some((CURRENT, self.current.as_str()));
        let previous = self.previous.as_deref().map(|id| ("AWSPREVIOUS", id));
        let others = self
            .labels
            .iter()
            .map(|(stage, id)| (stage.as_str(), id.as_str()));
        let mut stages = BTreeMap::<String, BTreeSet<String>>::new();
        for (stage, id) in current.into_iter().chain(previous).chain(others) {
            if !id.is_empty() {
                stages
                    .entry(id.to_owned())
                    .or_default()
                    .insert(stage.to_owned());
            }
        }
        stages
    }
}

impl SecretStores for Account {
    type Store = Account;

    async fn open_if_known(&self) -> Result<Option<Account>, Diagnostics> {
        let unknown = self.with(|contents| contents.unknown);
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
        self.call("secretsmanager:CreateSecret", |contents| {
            if contents.releasing > 0 {
                contents.releasing -= 1;
                return Err(SCHEDULED);
            }
            if let Some(existing) = contents.secrets.get_mut(secret.name) {
                if existing.pending_deletion {
                    return Err(SCHEDULED);
                }
                let repeated = existing.versions.contains_key(secret.token);
                return if repeated {
                    existing.write(secret.token, secret.value.expose(), &[CURRENT])
                } else {
                    Err(TAKEN)
                };
            }
            contents.created += 1;
            let mut created = Secret {
                arn: format!(
                    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:{}-{:06}",
                    secret.name, contents.created
                ),
                kms_key_id: secret.kms_key_id.map(str::to_owned),
                tags: secret.tags.clone(),
                replicas: secret.replica_regions.to_vec(),
                hidden: contents.lag,
                ..Secret::default()
            };
            let written = created.write(secret.token, secret.value.expose(), &[CURRENT])?;
            contents.secrets.insert(secret.name.to_owned(), created);
            Ok(written)
        })
        .await
    }

    async fn describe(&self, id: &str) -> Result<SecretDescription, AwsError> {
        self.call("secretsmanager:DescribeSecret", |contents| {
            let mut secret = contents.find(id)?.clone();
            let named = contents
                .secrets
                .iter()
                .find(|(_, other)| other.arn == secret.arn);
            let name = named.unwrap().0.clone();
            if contents.stale > 0 {
                contents.stale -= 1;
                secret.current = secret.previous.take().unwrap_or(secret.current);
            }
            let stages = secret.stages();
            let failed = secret.failed_replicas.clone();
            let replica = |region: ReplicaRegion| match failed.contains(&region.region) {
                true => Replica {
                    region,
                    status: ReplicationStatus::Failed,
                    message: Some(CONFLICT.to_owned()),
                },
                false => Replica {
                    region,
                    status: ReplicationStatus::InSync,
                    message: None,
                },
            };
            Ok(SecretDescription {
                name,
                arn: secret.arn,
                kms_key_id: secret.kms_key_id,
                tags: secret.tags,
                deletion_date: secret
                    .pending_deletion
                    .then(|| DELETION_DATE.parse().unwrap()),
                created: CREATED.parse().ok(),
                rotated: secret.rotated,
                owning_service: None,
                version_ids: stages.keys().cloned().collect(),
                stages,
                primary_region: None,
                replicas: secret.replicas.into_iter().map(replica).collect(),
                current_version_id: Some(secret.current),
            })
        })
        .await
    }

    async fn value(&self, id: &str) -> Result<CurrentValue, AwsError> {
        self.call("secretsmanager:GetSecretValue", |contents| {
            let secret = contents.live(id)?;
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
        self.call("secretsmanager:PutSecretValue", |contents| {
            contents.live(id)?.write(token, value.expose(), &[CURRENT])
        })
        .await
    }

    async fn put_staged(
        &self,
        id: &str,
        token: &str,
        value: &SecretText,
        stages: &[&str],
    ) -> Result<WrittenVersion, AwsError> {
        self.call("secretsmanager:PutSecretValue", |contents| {
            contents.live(id)?.write(token, value.expose(), stages)
        })
        .await
    }

    async fn value_of(
        &self,
        id: &str,
        version: VersionSelector<'_>,
    ) -> Result<VersionValue, AwsError> {
        self.call("secretsmanager:GetSecretValue", |contents| {
            let secret = contents.live(id)?;
            let all = secret.stages();
            let version_id = match version {
                VersionSelector::Id(id) => Some(id.to_owned()),
                VersionSelector::Stage(stage) => all
                    .iter()
                    .find(|(_, stages)| stages.contains(stage))
                    .map(|(id, _)| id.clone()),
            };
            let version_id = version_id.ok_or(MISSING)?;
            let text = secret.versions.get(&version_id).ok_or(MISSING)?.clone();
            Ok(VersionValue {
                text: (!secret.binary).then_some(SecretText::from(text)),
                stages: all.get(&version_id).cloned().unwrap_or_default(),
                version_id,
            })
        })
        .await
    }

    async fn replicate(&self, id: &str, regions: &[ReplicaRegion]) -> Result<(), AwsError> {
        self.call("secretsmanager:ReplicateSecretToRegions", |contents| {
            let replicas = &mut contents.live(id)?.replicas;
            if regions.iter().any(|region| replicas.contains(region)) {
                return Err(REPLICATED);
            }
            replicas.extend_from_slice(regions);
            Ok(())
        })
        .await
    }

    async fn remove_replicas(&self, id: &str, regions: &[String]) -> Result<(), AwsError> {
        self.call("secretsmanager:RemoveRegionsFromReplication", |contents| {
            let replicas = &mut contents.live(id)?.replicas;
            replicas.retain(|replica| !regions.contains(&replica.region));
            Ok(())
        })
        .await
    }

    async fn tag(&self, id: &str, tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
        self.call("secretsmanager:TagResource", |contents| {
            contents.live(id)?.tags.extend(tags.clone());
            Ok(())
        })
        .await
    }

    async fn untag(&self, id: &str, keys: &[String]) -> Result<(), AwsError> {
        self.call("secretsmanager:UntagResource", |contents| {
            contents.live(id)?.tags.retain(|key, _| !keys.contains(key));
            Ok(())
        })
        .await
    }

    async fn delete(&self, id: &str, recovery_window_in_days: i64) -> Result<(), AwsError> {
        self.call("secretsmanager:DeleteSecret", |contents| {
            let secret = contents.live(id)?;
            if !secret.replicas.is_empty() {
                return Err(HAS_REPLICAS);
            }
            match recovery_window_in_days {
                0 => {
                    let arn = secret.arn.clone();
                    contents.secrets.retain(|_, secret| secret.arn != arn);
                }
                7..=30 => secret.pending_deletion = true,
                days => panic!("invalid recovery window of {days} days"),
            }
            Ok(())
        })
        .await
    }

    fn default_tags(&self) -> BTreeMap<String, String> {
        self.with(|contents| contents.default_tags.clone())
    }

    fn identity(&self) -> Arc<Identity> {
        let (region, account) = self.with(|contents| contents.connected_to);
        Arc::new(Identity::known(region, account))
    }

    fn answered_at(&self) -> Option<Timestamp> {
        self.with(|contents| contents.date)
    }

    async fn pause(&self, duration: Duration) {
        self.with(|contents| {
            contents.pauses.push(duration);
            if let Some(act) = &contents.on_pause {
                act();
            }
        });
    }
}
