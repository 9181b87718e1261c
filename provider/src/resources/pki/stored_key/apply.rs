//! Create, update, and delete operations for a stored key.

use tfplugin::{Call, Diagnostics, Private};

use super::calls::{bounded, connected, refuse_other_account, refuse_other_region};
use super::certification::{Certification, Issued};
use super::diagnostics;
use super::intent::KeyIntent;
use super::key_store::KeyStores;
use super::replicas;
use super::resource_type::{StoredKeyType, StoredKeys};
use super::state::{KeyState, LONGEST_RECOVERY_WINDOW, identity, secret_name, stored_arn};
use super::succession::StoredVersion;
use super::supplied_key::PrivateKey;
use super::tags::{ADOPTION_TAG, all_tags, write_tags};
use super::wording::Wording;
use crate::aws::AwsError;
use crate::aws::secrets::{NOT_FOUND, SecretDescription, SecretStore};
use crate::aws::tags::{UNFINISHED_TAG, dropped_tags, known_tags, planned_tags};
use crate::resources::settled::settled;
use crate::resources::tagged::Tagged;

impl<T: StoredKeyType, S: KeyStores> StoredKeys<T, S> {
    /// Changes the replicas, issues the next certificate or stores another chain if the change requires it, and writes the
    /// planned tags.
    ///
    /// # Errors
    /// Returns an error if the secret does not match the state, or if a call fails. The state remains valid, and the next
    /// apply completes the change.
    pub async fn change(
        &self,
        prior: &T::Plan,
        mut plan: T::Plan,
        call: &Call,
    ) -> Result<T, Diagnostics> {
        self.change_replicas(prior, &plan, call).await?;
        if T::is_reissue(prior, &plan) || T::replaces_chain(prior, &plan) {
            let issued = self.reissue(prior, &plan, call).await?;
            plan.set_outputs(issued.certificate(), &issued.location, (self.now)());
            T::set_outputs(&mut plan, &issued);
        }
        self.retag(prior, plan, call).await
    }

    async fn reissue(
        &self,
        prior: &T::Plan,
        plan: &T::Plan,
        call: &Call,
    ) -> Result<Issued, Diagnostics> {
        let certificate = T::certificate(plan)?;
        let key = KeyIntent::of(plan)?;
        let store = connected(&self.stores, call).await?;
        let stored = StoredVersion::of(prior)?;
        refuse_other_region(&store, &stored.arn)?;
        let mut certification = self.certification(&store, call, &key, &certificate);
        certification.rotates_key = T::rotates_key(plan);
        certification.accepts_key = plan.spki_sha256().is_unknown();
        match T::is_reissue(prior, plan) {
            true => Box::pin(certification.reissue(&stored)).await,
            false => Box::pin(certification.replace_chain(&stored)).await,
        }
    }

    fn certification<'a>(
        &'a self,
        store: &'a S::Store,
        call: &'a Call,
        key: &'a KeyIntent,
        certificate: &'a T::Certificate,
    ) -> Certification<'a, S, T::Certificate> {
        Certification {
            stores: &self.stores,
            store,
            call,
            entropy: self.entropy.as_ref(),
            now: self.now,
            wording: &T::WORDING,
            key,
            certificate,
            rotates_key: false,
            accepts_key: false,
            private_key: None,
            issuer: None,
        }
    }

    /// Creates the key and its certificate, or completes an interrupted create.
    ///
    /// # Errors
    /// Returns an error if the secret exists and cannot be adopted, or if a call fails.
    pub async fn create_key(&self, plan: T::Plan, call: &Call) -> Result<T, Diagnostics> {
        self.create_with(plan, None, call).await
    }

    /// Like [`StoredKeys::create_key`], but stores the supplied private key, if any, instead of a generated key.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`StoredKeys::create_key`].
    pub async fn create_with(
        &self,
        mut plan: T::Plan,
        private_key: Option<PrivateKey>,
        call: &Call,
    ) -> Result<T, Diagnostics> {
        let certificate = T::certificate(&plan)?;
        let key = KeyIntent::of(&plan)?;
        let store = connected(&self.stores, call).await?;
        let mut certification = self.certification(&store, call, &key, &certificate);
        certification.private_key = private_key;
        // Nested calls of AWS have large futures, which would accumulate on the stack.
        let issued = Box::pin(certification.create()).await?;
        plan.set_outputs(issued.certificate(), &issued.location, (self.now)());
        T::set_outputs(&mut plan, &issued);
        plan.set_tags_all(planned_tags(all_tags(&store.default_tags(), &key.tags)));
        settled(plan)
    }

    /// Writes the planned tags.
    ///
    /// # Errors
    /// Returns an error if the secret is in another region or account, or if a call fails.
    pub async fn retag(
        &self,
        prior: &T::Plan,
        mut plan: T::Plan,
        call: &Call,
    ) -> Result<T, Diagnostics> {
        let store = connected(&self.stores, call).await?;
        let wanted = all_tags(&store.default_tags(), &known_tags(plan.tags()));
        let tags_all = planned_tags(wanted.clone());
        plan.set_tags_all(tags_all.clone());
        let arn = stored_arn(&plan)?;
        let state = settled(plan)?;
        refuse_other_region(&store, &arn)?;
        if *prior.tags_all() == tags_all {
            return Ok(state);
        }
        let mut removed = dropped_tags([prior.tags(), prior.tags_all()], &wanted);
        // The marker is a reserved tag, so `dropped_tags` never returns it. Remove the marker even if the state does
        // not contain it.
        removed.push(UNFINISHED_TAG.to_owned());
        match write_tags(&store, call, &arn, &removed, &wanted).await {
            Ok(()) => Ok(state),
            Err(error) => {
                refuse_other_account(&store, &arn, &error).await?;
                Err(diagnostics::call_failed("Secret could not be tagged", &error, None).into())
            }
        }
    }

    /// Deletes the secret.
    ///
    /// # Errors
    /// Returns an error if another resource instance adopted the key, or if a call fails.
    pub async fn remove(
        &self,
        prior: &T::Plan,
        private: &Private,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        self.delete_secret(prior, private, call).await?;
        if let Some(name) = secret_name(prior) {
            self.identities.forget(&identity(name));
        }
        Ok(())
    }

    async fn delete_secret(
        &self,
        prior: &T::Plan,
        private: &Private,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        const DESCRIBE: &str = "secretsmanager:DescribeSecret";
        let store = connected(&self.stores, call).await?;
        let arn = stored_arn(prior)?;
        refuse_other_region(&store, &arn)?;
        let before = bounded(call, DESCRIBE, store.describe(&arn)).await;
        if let Err(error) = &before {
            refuse_other_account(&store, &arn, error).await?;
        }
        if is_deleted(&before) {
            // The response to an earlier call was lost.
            return Ok(());
        }
        let before = before.map_err(|error| not_deleted(&T::WORDING, &error))?;
        let marker = before.tags.get(ADOPTION_TAG).map(String::as_str);
        if marker != private.get(ADOPTION_TAG).and_then(|marker| marker.as_str()) {
            return Err(T::WORDING.adopted_since(&arn).into());
        }
        let replicas = replicas::remove_all(&store, call, &before).await;
        replicas.map_err(|error| not_deleted(&T::WORDING, &error))?;
        let secret = prior.secrets_manager().known();
        let window = secret.and_then(|secret| secret.recovery_window_in_days.known().copied());
        let delete = store.delete(&arn, window.unwrap_or(LONGEST_RECOVERY_WINDOW));
        let Err(error) = bounded(call, "secretsmanager:DeleteSecret", delete).await else {
            return Ok(());
        };
        // The call can take effect even if it returns an error.
        match is_deleted(&bounded(call, DESCRIBE, store.describe(&arn)).await) {
            true => Ok(()),
            false => Err(not_deleted(&T::WORDING, &error)),
        }
    }
}

fn is_deleted(described: &Result<SecretDescription, AwsError>) -> bool {
    match described {
        Ok(description) => description.pending_deletion(),
        Err(error) => error.is(NOT_FOUND),
    }
}

fn not_deleted(wording: &Wording, error: &AwsError) -> Diagnostics {
    diagnostics::call_failed(&wording.not_deleted(), error, None).into()
}
