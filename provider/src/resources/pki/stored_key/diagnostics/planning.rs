//! Errors and warnings for a plan.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Planned};

use super::{at_secret, attributes, warning_at_secret};
use crate::aws::secrets::SecretDescription;
use crate::aws::tags::ROOT_KEY_TAG;
use crate::pki::ValidityStatus;
use crate::resources::pki::stored_key::intent::LockedAttribute;

use crate::resources::pki::stored_key::wording::{Wording, with_article};

impl Wording {
    /// The plan creates an authority with a secret that an object in the state already uses.
    pub(in super::super) fn replacement(&self, name: &str) -> Diagnostic {
        let holder = self.holder;
        let a_holder = with_article(self.holder);
        let a_object = with_article(self.object);
        let short = self.short;
        let replacement_remedy = self.replacement_remedy;
        at_secret(
            &self.key_summary("cannot be replaced"),
            format!(
                "The plan creates {a_object} with the secret {name}, which already belongs to a resource in this \
                 state. Secret names are unique, and a different key with the same name would be a different \
                 {holder}. Therefore, the provider never replaces {a_holder}.\n\n- Replacement with -replace or \
                 replace_triggered_by: remove the option or the argument.\n- Tainted object: run untaint ADDRESS.\n- \
                 Renamed resource: add a moved block.\n- Deposed object from an earlier provider version: run state \
                 rm ADDRESS, and then import the {short} with the ID secretsmanager:ARN, where ARN is the ARN of the \
                 secret.\n- Different {holder}: {replacement_remedy}\n- Deletion of this {holder}: set \
                 deletion_protection = false, apply, and then run destroy -target=ADDRESS -refresh=false. The name is \
                 available again after the recovery window."
            ),
        )
    }

    /// Returns the error detail for an attempt to delete a protected key.
    pub(in super::super) fn protected(
        &self,
        secret: Option<&str>,
        kms_key: Option<&str>,
    ) -> String {
        let holder = self.holder;
        let effect_of_deletion = self.effect_of_deletion;
        let secret = secret.unwrap_or("the secret");
        let lost = match kms_key {
            None => format!("the private key of this {holder}. {effect_of_deletion}"),
            Some(kms_key) => format!(
                "the certificates of this {holder}. The key {kms_key} remains in AWS KMS, but the provider can no longer use \
                 it for this {holder}."
            ),
        };
        format!(
            "Deleting {secret} deletes {lost}\n\nTo delete the \
             {holder}, set deletion_protection = false, apply, and then destroy the {holder}. If the block was \
             removed or renamed by mistake, restore it or add a moved block. If the plan shows a deposed object from \
             an earlier provider version, remove it from the state (state rm ADDRESS) and import the {holder} again \
             (import ADDRESS 'secretsmanager:{secret}')."
        )
    }

    /// A deleted key cannot be restored.
    pub(in super::super) fn no_recovery(&self, name: &str) -> Diagnostic {
        let key = self.key();
        let holder = self.holder;
        let detail = format!(
            "Because recovery_window_in_days is 0, destroying the {holder} deletes the secret {name} immediately, and \
             the {key} cannot be restored. Use 0 for test environments only. With a window of 7 to 30 days, you can \
             restore the key."
        );
        Diagnostic::warning(self.key_summary("has no recovery window"), detail)
            .at(attributes::recovery_window())
    }

    /// The certificate has expired or expires soon.
    pub(in super::super) fn validity_ends(
        &self,
        status: ValidityStatus,
        end: &str,
    ) -> Option<Diagnostic> {
        let certificate = self.certificate();
        let effect_of_expiry = self.effect_of_expiry;
        let expiry_remedy = self.expiry_remedy;
        let (summary, found) = match status {
            ValidityStatus::Valid => return None,
            ValidityStatus::Expiring => (
                self.certificate_summary("expires soon"),
                format!(
                    "The {certificate} is in the last tenth of its validity period, which ends at {end}."
                ),
            ),
            ValidityStatus::Expired => (
                self.certificate_summary("has expired"),
                format!("The {certificate} expired at {end}. {effect_of_expiry}"),
            ),
        };
        let detail = format!("{found}\n\n{expiry_remedy}");
        Some(Diagnostic::warning(summary, detail).at(attributes::attribute("not_after_actual")))
    }

    /// An immutable attribute of an existing object is changed.
    pub(in super::super) fn locked_change(&self, locked: &LockedAttribute) -> Diagnostic {
        let show = |value: &Planned<String>| {
            value
                .known()
                .map_or("unset".to_owned(), |text| format!("{text:?}"))
        };
        let (path, before, after) = (&locked.path, show(&locked.before), show(&locked.after));
        let Self {
            long,
            identity_reason,
            identity_remedy,
            ..
        } = self;
        let detail = format!(
            "{path} of an existing {long} cannot be changed from {before} to {after} because {identity_reason}. Set \
             the attribute back to {before}.\n\n{identity_remedy}"
        );
        let summary = format!(
            "Identity of {} cannot be changed",
            with_article(self.holder)
        );
        Diagnostic::error(summary, detail).at(path.clone())
    }

    /// The planned ARN of a KMS key of a protected object is unknown.
    pub(in super::super) fn key_might_be_replaced(
        &self,
        path: AttributePath,
        before: &str,
    ) -> Diagnostic {
        let Self {
            holder,
            effect_of_loss,
            ..
        } = self;
        let detail = format!(
            "{path} of this {holder} is {before}, but its planned value is not known until the apply. A plan that replaces \
             the KMS key has this effect: the apply schedules the deletion of the current KMS key first, and without it, \
             {effect_of_loss}. Because deletion_protection is true, the plan was rejected and nothing was changed.\n\n- \
             Replacement with -replace or replace_triggered_by: remove the option or the argument for the KMS key.\n- \
             Tainted KMS key: run untaint ADDRESS.\n- Changed argument that requires replacement of the KMS key: set it \
             back.\n- KMS key from a data source that is read during the apply: specify the ARN, or remove depends_on \
             from the data source."
        );
        Diagnostic::error("KMS key might be replaced", detail).at(path)
    }

    /// The apply adopts an existing key.
    pub(in super::super) fn adoption_planned(&self, secret: &SecretDescription) -> Diagnostic {
        let Self { short, .. } = self;
        let key = self.key();
        let arn = &secret.arn;
        let created = secret
            .created
            .map(|date| format!(", which was created at {date}"))
            .unwrap_or_default();
        let hash = secret.tags.get(ROOT_KEY_TAG).map_or("", String::as_str);
        let detail = format!(
            "The secret {arn}{created}, contains a {key} without a certificate and the tags of an interrupted create \
             operation. The apply certifies this key if it matches the configuration, and does not create another \
             one.\n\nSHA-256 hash of the public key: {hash}\n\nApply only if an earlier apply of this configuration was \
             interrupted. Otherwise, another process might know the key: delete the secret, which contains no {short} yet, or \
             specify a different secrets_manager.name."
        );
        warning_at_secret(&format!("Existing {key} will be adopted"), detail)
    }

    /// A KMS key is configured for an existing key in Secrets Manager.
    pub(in super::super) fn moved_to_kms(&self) -> Diagnostic {
        let Self { long, .. } = self;
        self.moved(
            "Private key cannot be moved to AWS KMS",
            format!(
                "The private key of this {long} is in Secrets Manager, but the configuration specifies a KMS key."
            ),
            "Remove the kms attribute. In the modules skreg and pki, set hsm_backend = \"software\".",
        )
    }

    /// An existing key in KMS is configured without `kms`.
    pub(in super::super) fn moved_from_kms(&self, arn: &Planned<String>) -> Diagnostic {
        let Self { long, .. } = self;
        let arn = arn.known().map_or("a KMS key", String::as_str);
        self.moved(
            "Private key cannot be moved out of AWS KMS",
            format!(
                "The private key of this {long} is in AWS KMS ({arn}), but the configuration does not specify a KMS key."
            ),
            &format!(
                "Set kms.key_arn to {arn:?}. In the modules skreg and pki, set hsm_backend = \"hsm\"."
            ),
        )
    }

    fn moved(&self, summary: &str, found: String, remedy: &str) -> Diagnostic {
        let Self {
            identity_reason,
            identity_remedy,
            ..
        } = self;
        let detail = format!(
            "{found} This would require another key, and the key cannot be changed because {identity_reason}.\n\n\
             {remedy}\n\n{identity_remedy}"
        );
        Diagnostic::error(summary, detail).at(attributes::attribute("kms"))
    }
}
