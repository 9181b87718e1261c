//! Errors and warnings for a refresh.

use tfplugin::Diagnostic;

use super::{at_secret, attributes, date_of, restore_command, warning_at_secret};
use crate::aws::secrets::SecretDescription;
use crate::resources::pki::stored_key::wording::{Wording, with_article};

impl Wording {
    /// The secret for an authority in the state does not exist.
    pub(in super::super) fn missing(&self, arn: &str) -> Diagnostic {
        let holder = self.holder;
        let a_holder = with_article(self.holder);
        let effect_of_loss = self.effect_of_loss;
        at_secret(
            &self.key_summary("is missing"),
            format!(
                "The secret {arn}, which contains the key document of this {holder}, does not exist. The resource \
                 remains in the state, and the provider does not create another key because {a_holder} with a \
                 different key is a different {holder}.\n\nFirst, check the region and the account: the secret is not \
                 visible with the credentials of another account. If the key is lost, {effect_of_loss}. In this case, \
                 remove the resource from the state (state rm ADDRESS) and create a new generation with a different \
                 secrets_manager.name."
            ),
        )
    }

    /// The secret for a protected authority in the state is pending deletion.
    pub(in super::super) fn pending_deletion(&self, secret: &SecretDescription) -> Diagnostic {
        let holder = self.holder;
        let arn = &secret.arn;
        at_secret(
            &self.key_summary("is scheduled for deletion"),
            format!(
                "The secret {arn}, which contains the key document of this {holder}, is scheduled for \
                 deletion{}.\n\nTo keep the {holder}, restore the secret:\n\n{}\n\nIf the deletion is intended, \
                 remove the resource from the state: state rm ADDRESS",
                date_of(secret),
                restore_command(arn),
            ),
        )
    }

    /// The secret for an unprotected authority is pending deletion, so the authority is treated as deleted.
    pub(in super::super) fn counted_as_deleted(&self, secret: &SecretDescription) -> Diagnostic {
        let holder = self.holder;
        let arn = &secret.arn;
        warning_at_secret(
            &self.key_summary("is scheduled for deletion"),
            format!(
                "The secret {arn}, which contains the key document of this {holder}, is scheduled for deletion{}. \
                 Because deletion_protection is false, the provider treats the {holder} as deleted and removes it \
                 from the state.\n\nTo keep the {holder}, restore the secret:\n\n{}\n\nIf the {holder} is no longer in \
                 the state, also import it:\n\n{}",
                date_of(secret),
                restore_command(arn),
                self.import_command(arn),
            ),
        )
    }

    /// The secret for an unprotected authority without a recovery window does not exist.
    pub(in super::super) fn deleted_without_recovery(&self, arn: &str) -> Diagnostic {
        let holder = self.holder;
        warning_at_secret(
            &self.key_summary("was deleted"),
            format!(
                "The secret {arn}, which contained the key document of this {holder}, does not exist. Because \
                 deletion_protection is false and recovery_window_in_days is 0, the provider treats the {holder} as \
                 deleted and removes it from the state.\n\nIf the secret should exist, check the provider's region \
                 and account before you apply."
            ),
        )
    }

    /// The tag does not match the key in the state.
    pub(in super::super) fn tag_changed(
        &self,
        arn: &str,
        expected: &str,
        found: Option<&str>,
    ) -> Diagnostic {
        let holder = self.holder;
        let found = found.map_or("is missing".to_owned(), |value| format!("is {value:?}"));
        let detail = format!(
            "The tag spki_sha256 on {arn} {found}, but the key hash of this {holder} is {expected}. Either the key or \
             the tag was changed.\n\nIf only the tag was changed, restore it:\n\n    aws secretsmanager tag-resource \
             --secret-id {arn} --tags Key=spki_sha256,Value={expected}\n\nOtherwise, restore the previous version of \
             the secret."
        );
        at_secret(&self.key_summary("or its tag was changed"), detail)
    }

    /// The current version of the secret is not the version in the state.
    pub(in super::super) fn version_changed(
        &self,
        description: &SecretDescription,
        expected: &str,
    ) -> Diagnostic {
        let arn = &description.arn;
        let found = description.current_version_id.as_deref();
        let remedy = match found {
            Some(found) if description.version_ids.iter().any(|id| id == expected) => format!(
                "Make the expected version current again:\n\n    aws secretsmanager update-secret-version-stage \
                 --secret-id {arn} --version-stage AWSCURRENT --move-to-version-id {expected} \
                 --remove-from-version-id {found}"
            ),
            _ => "The expected version no longer has a staging label. Restore the value from a backup, and then \
                import the resource again."
                .to_owned(),
        };
        let detail = format!(
            "The value of {arn} was changed outside of this configuration: version {} is current, but the state \
             contains version {expected}. The key or the certificate might have changed, so the provider uses neither \
             of them.\n\n{remedy}",
            found.unwrap_or("none"),
        );
        at_secret(
            &format!("Stored {} or certificate was changed", self.key()),
            detail,
        )
    }

    /// The secret's KMS key differs from the KMS key in the state.
    pub(in super::super) fn kms_key_changed(
        &self,
        arn: &str,
        expected: Option<&str>,
        found: Option<&str>,
    ) -> Diagnostic {
        let key = self.key();
        let name = |key: Option<&str>| key.unwrap_or("alias/aws/secretsmanager").to_owned();
        let (expected, found) = (name(expected), name(found));
        let detail = format!(
            "The secret {arn} is encrypted with the KMS key {found}, but the configured key is {expected}. The {key} \
             did not change, but additional principals might be able to read it.\n\nTo encrypt the secret with the \
             configured key again:\n\n    aws secretsmanager update-secret --secret-id {arn} --kms-key-id \
             {expected}\n\nTo keep the new KMS key, set secrets_manager.kms_key_id to its ID, remove the resource \
             from the state (state rm ADDRESS), and import it:\n\n{}",
            self.import_command(arn)
        );
        Diagnostic::warning(format!("KMS key of the {} was changed", self.key()), detail)
            .at(attributes::secret_kms_key())
    }
}
