//! Create, update, and delete operations for an authority.

mod creation;

use tfplugin::{Call, Diagnostics, Private};

use self::creation::{Authority, Creation};
use super::calls::{bounded, connected, refuse_other_account, refuse_other_region};
use super::diagnostics;
use super::intent::Intent;
use super::model::{RootCa, RootCaPlan};
use super::resource_type::RootCas;
use super::state::{
    LONGEST_RECOVERY_WINDOW, identity, secret_name, settled, stored_arn, with_outputs,
};
use super::tags::{ADOPTION_TAG, all_tags, write_tags};
use crate::aws::AwsError;
use crate::aws::secrets::{NOT_FOUND, SecretDescription, SecretStore, SecretStores};
use crate::aws::tags::{UNFINISHED_TAG, dropped_tags, known_tags, planned_tags};

impl<S: SecretStores> RootCas<S> {
    pub(super) async fn create_authority(
        &self,
        plan: RootCaPlan,
        call: &Call,
    ) -> Result<RootCa, Diagnostics> {
        let intent = Intent::of(&plan)?;
        let store = connected(&self.stores, call).await?;
        let creation = Creation {
            store: &store,
            call,
            entropy: self.entropy.as_ref(),
            now: self.now,
            intent: &intent,
        };
        let Authority {
            certificate,
            location,
        } = creation.run().await?;
        let mut outputs = with_outputs(plan, &certificate, &location, (self.now)());
        outputs.tags_all = planned_tags(all_tags(&store.default_tags(), &intent.tags));
        settled(outputs)
    }

    pub(super) async fn retag(
        &self,
        prior: &RootCaPlan,
        plan: RootCaPlan,
        call: &Call,
    ) -> Result<RootCa, Diagnostics> {
        let store = connected(&self.stores, call).await?;
        let wanted = all_tags(&store.default_tags(), &known_tags(&plan.tags));
        let tags_all = planned_tags(wanted.clone());
        let state = settled(RootCaPlan {
            tags_all: tags_all.clone(),
            ..plan
        })?;
        refuse_other_region(&store, &state.secret_arn)?;
        if prior.tags_all == tags_all {
            return Ok(state);
        }
        let mut removed = dropped_tags([&prior.tags, &prior.tags_all], &wanted);
        // The marker is a reserved tag, so `dropped_tags` never returns it. Remove the marker even if the state does
        // not contain it.
        removed.push(UNFINISHED_TAG.to_owned());
        match write_tags(&store, call, &state.secret_arn, &removed, &wanted).await {
            Ok(()) => Ok(state),
            Err(error) => {
                refuse_other_account(&store, &state.secret_arn, &error).await?;
                Err(diagnostics::call_failed("Secret could not be tagged", &error, None).into())
            }
        }
    }

    pub(super) async fn remove(
        &self,
        prior: &RootCaPlan,
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
        prior: &RootCaPlan,
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
        let before = before.map_err(|error| not_deleted(&error))?;
        let marker = before.tags.get(ADOPTION_TAG).map(String::as_str);
        if marker != private.get(ADOPTION_TAG).and_then(|marker| marker.as_str()) {
            return Err(diagnostics::adopted_since(&arn).into());
        }
        let secret = prior.secrets_manager.known();
        let window = secret.and_then(|secret| secret.recovery_window_in_days.known().copied());
        let delete = store.delete(&arn, window.unwrap_or(LONGEST_RECOVERY_WINDOW));
        let Err(error) = bounded(call, "secretsmanager:DeleteSecret", delete).await else {
            return Ok(());
        };
        // The call can take effect even if it returns an error.
        match is_deleted(&bounded(call, DESCRIBE, store.describe(&arn)).await) {
            true => Ok(()),
            false => Err(not_deleted(&error)),
        }
    }
}

fn is_deleted(described: &Result<SecretDescription, AwsError>) -> bool {
    match described {
        Ok(description) => description.pending_deletion(),
        Err(error) => error.is(NOT_FOUND),
    }
}

fn not_deleted(error: &AwsError) -> Diagnostics {
    diagnostics::call_failed("Root key could not be deleted", error, None).into()
}
