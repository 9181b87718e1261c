//! Errors for a secret that exists and cannot be adopted.

use tfplugin::Diagnostic;

use super::{at_secret, date_of, list_of, restore_command, sentence};
use crate::aws::secrets::SecretDescription;
use crate::aws::tags::UNFINISHED_TAG;
use crate::pki::{CertificateKind, DocumentError};
use crate::resources::commands;
use crate::resources::pki::stored_key::intent::Difference;
use crate::resources::pki::stored_key::wording::{Wording, capitalized, with_article};

impl Wording {
    /// A secret with this name is pending deletion.
    pub(in super::super) fn name_pending_deletion(&self, secret: &SecretDescription) -> Diagnostic {
        self.pending_name(&secret.name, &date_of(secret))
    }

    /// Like [`name_pending_deletion`], but without a secret description because only `CreateSecret` failed.
    pub(in super::super) fn name_not_free(&self, name: &str) -> Diagnostic {
        self.pending_name(name, "")
    }

    fn pending_name(&self, name: &str, date: &str) -> Diagnostic {
        let holder = self.holder;
        at_secret(
            "Secret name is pending deletion",
            format!(
                "A secret named {name} is scheduled for deletion{date}. Its name is not available until it is \
                 deleted. No key was created.\n\nTo keep the {holder}, restore the secret:\n\n{}\n\nThen import \
                 it:\n\n{}\n\nTo create a different {holder}, specify a different secrets_manager.name. To continue a destroy \
                 operation that deleted the secret and then failed, run:\n\n{}",
                restore_command(name),
                self.import_command("ARN"),
                commands::listing(&[commands::destroy_without_refresh()]),
            ),
        )
    }

    /// The secret is rotated or managed by another service.
    pub(in super::super) fn managed_elsewhere(
        &self,
        description: &SecretDescription,
    ) -> Diagnostic {
        let a_key = with_article(&self.key());
        let by = match &description.owning_service {
            Some(service) => format!("is managed by the AWS service {service}"),
            None => "is rotated by Secrets Manager".to_owned(),
        };
        let detail = format!(
            "The secret {} {by}, so its value can change at any time. The value of {a_key} must not change. If the \
             rotation was configured by mistake, cancel it (aws secretsmanager cancel-rotate-secret --secret-id {}). \
             Otherwise, specify a different secrets_manager.name.",
            description.arn, description.arn
        );
        at_secret("Secret is rotated or managed by another service", detail)
    }

    /// A complete authority already uses the secret with this name.
    pub(in super::super) fn authority_exists(&self, arn: &str) -> Diagnostic {
        let object = self.object;
        let short = self.short;
        let detail = format!(
            "The secret {arn} contains the key of an existing {object}. A create operation adopts a secret only if an \
             interrupted create operation left it without a certificate, so this secret was not changed.\n\nIf the \
             {short} belongs to this configuration (the state was lost, or an apply was interrupted after it stored \
             the certificate), import it:\n\n{}\n\nTo create a different {short}, specify a different \
             secrets_manager.name.",
            self.import_command(arn)
        );
        at_secret(&self.object_summary("already exists"), detail)
    }

    /// A create was interrupted after it stored the certificate.
    pub(in super::super) fn creation_interrupted(&self, arn: &str) -> Diagnostic {
        let object = self.object;
        let short = self.short;
        let detail = format!(
            "The secret {arn} contains the key and the certificate of this {object}. It has the tag {UNFINISHED_TAG} because a \
             create operation was interrupted. A create operation adopts only a key without a certificate, so \
             this secret was not changed.\n\nIf no other run is creating the {short}, import it. The next apply removes the \
             tag:\n\n{}\n\nTo create a different {short}, specify a different secrets_manager.name.",
            self.import_command(arn)
        );
        at_secret(
            &self.object_summary("is complete but not in the state"),
            detail,
        )
    }

    /// A secret with this name exists and does not have the tags of a stored key.
    pub(in super::super) fn name_taken(&self, arn: &str) -> Diagnostic {
        let key = self.key();
        let a_key = with_article(&self.key());
        let short = self.short;
        let detail = format!(
            "The secret {arn} exists but does not have the tags that this provider sets for {key}s, so the secret was \
             not changed.\n\nSpecify a different secrets_manager.name. If the secret contains {a_key} that this \
             provider created and its tags were removed, restore the tag spki_sha256 (use the value of the \
             spki_sha256 field in the secret) and import the {short}:\n\n{}",
            self.import_command(arn)
        );
        at_secret("Secret name is taken", detail)
    }

    /// The value of the secret is not a usable key document.
    pub(in super::super) fn not_a_key_document(
        &self,
        arn: &str,
        error: &DocumentError,
    ) -> Diagnostic {
        let detail = format!(
            "The value of the secret {arn} is unusable: {}. The secret was not changed.\n\nSpecify a different \
             secrets_manager.name. If the value was changed manually, make the previous version current again (aws \
             secretsmanager update-secret-version-stage), and then apply again.",
            sentence(error)
        );
        at_secret(
            &format!("Secret does not contain a usable {}", self.key()),
            detail,
        )
    }

    /// The secret contains the key of a certificate of another kind.
    pub(in super::super) fn another_kind(&self, arn: &str, kind: CertificateKind) -> Diagnostic {
        let a_key = with_article(&self.key());
        let certificate = self.certificate();
        let resource_type = self.resource_type;
        let detail = format!(
            "The secret {arn} contains the key for a certificate of kind {}, but {resource_type} manages only \
             {certificate}s. The secret was not changed.\n\nSpecify a secret that contains {a_key}, or a different \
             secrets_manager.name.",
            kind.name()
        );
        at_secret(
            &format!("Secret does not contain {}", with_article(&self.key())),
            detail,
        )
    }

    /// The key from an interrupted create does not match the configuration.
    pub(in super::super) fn another_authority(
        &self,
        arn: &str,
        differences: &[Difference],
    ) -> Diagnostic {
        let short = self.short;
        let list = list_of(differences);
        let detail = format!(
            "The secret {arn} contains a key from an interrupted create operation that differs from this \
             configuration:\n\n{list}\nThe secret was not changed. To complete that {short}, change the configuration \
             to match it, and then apply again. To create a different {short}, specify a different \
             secrets_manager.name, or delete the unfinished key, which has no certificate:\n\n    aws secretsmanager \
             delete-secret --secret-id {arn} --force-delete-without-recovery"
        );
        at_secret(&format!("Unfinished {} differs", self.short), detail)
    }

    /// Another run issued the certificate, or wrote its own marker in the meantime.
    pub(in super::super) fn created_by_another_run(&self, arn: &str) -> Diagnostic {
        let object = self.object;
        let short = self.short;
        let owned = capitalized(&with_article(self.short));
        let detail = format!(
            "Another run is creating the {object} in {arn}, so this run stopped. {owned} can belong to only one \
             state.\n\nWait until the other run has ended. If it belongs to a different state, specify a different \
             secrets_manager.name. If neither run succeeded, import the {short}:\n\n{}",
            self.import_command(arn)
        );
        at_secret(
            &format!("Another run is creating this {}", self.short),
            detail,
        )
    }

    /// A later create adopted the key that is to be deleted.
    pub(in super::super) fn adopted_since(&self, arn: &str) -> Diagnostic {
        at_secret(
            &self.key_summary("belongs to another resource instance"),
            format!(
                "After this resource instance was created, another resource instance adopted the secret {arn}. \
                 Earlier provider versions allowed this in a replacement with create_before_destroy. Deleting the \
                 secret would delete the other resource instance's key, so the secret was not changed.\n\nTo manage \
                 the key with a single resource instance, remove the resource from this state (state rm ADDRESS), and \
                 then import it:\n\n{}",
                self.import_command(arn)
            ),
        )
    }
}
