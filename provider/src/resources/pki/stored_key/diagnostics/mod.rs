//! Errors and warnings for plan, apply, and refresh. Each message states the finding, its consequence, and the next
//! step.
//!
//! Serial numbers and fingerprints are the only values from a secret that a message can contain. A message that names
//! the object is a method of [`Wording`], which contains the terms for the resource type.

mod creation;
mod existing;
mod planning;
mod refresh;
mod reissue;
mod replicas;
mod supplied_key;

pub(super) use self::replicas::{
    adopted_not_replicated, not_replicated, primary_region, replica_failed,
};
pub(super) use self::supplied_key::{
    invalid_private_key, key_without_version, kms_and_private_key, missing_private_key,
};
use tfplugin::{Diagnostic, Diagnostics};

use super::attributes;
use super::intent::Difference;
use super::wording::{Wording, capitalized, with_article};
use crate::aws::AwsError;
use crate::aws::diagnostics::secret_detail;
use crate::aws::identity::IdentityMismatch;
use crate::aws::secrets::SecretDescription;
use crate::resources::commands;
pub(super) use crate::resources::pki::calls::sentence;

impl Wording {
    /// Returns a summary that begins with the term for the key.
    fn key_summary(&self, rest: &str) -> String {
        format!("{} {rest}", capitalized(&self.key()))
    }

    /// Returns a summary that begins with the term for the certificate.
    fn certificate_summary(&self, rest: &str) -> String {
        format!("{} {rest}", capitalized(&self.certificate()))
    }

    /// Returns a summary that begins with the term for the object.
    fn object_summary(&self, rest: &str) -> String {
        format!("{} {rest}", capitalized(self.object))
    }

    /// Returns the summary of a failed `DescribeSecret`.
    pub(super) fn summary_of_not_described(&self) -> String {
        format!("Secret of the {} could not be described", self.key())
    }

    /// `DescribeSecret` failed.
    pub(super) fn not_described(&self, error: &AwsError) -> Diagnostics {
        call_failed(&self.summary_of_not_described(), error, None).into()
    }

    /// Returns the summary of a failed `GetSecretValue`.
    pub(super) fn not_read(&self) -> String {
        format!("Stored {} could not be read", self.key())
    }

    /// Returns the summary of a failed key generation.
    pub(super) fn not_generated(&self) -> String {
        self.key_summary("could not be generated")
    }

    /// Returns the summary of a failed `CreateSecret`.
    pub(super) fn not_stored(&self) -> String {
        self.key_summary("could not be stored")
    }

    /// Returns the summary of a failed `DeleteSecret`.
    pub(super) fn not_deleted(&self) -> String {
        self.key_summary("could not be deleted")
    }

    /// Returns the description of the secret, which the AWS console displays.
    pub(super) fn secret_description(&self, in_kms: bool) -> String {
        let key = match in_kms {
            true => "KMS key ARN",
            false => "Private key",
        };
        format!(
            "{key} and certificate of {}. Managed by terraform-provider-skreg; do not edit or rotate.",
            with_article(self.long)
        )
    }

    fn import_command(&self, arn: &str) -> String {
        commands::listing(&[commands::import(
            &format!("{}.NAME", self.resource_type),
            &format!("secretsmanager:{arn}"),
        )])
    }
}

fn at_secret(summary: &str, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(attributes::secret_name())
}

fn warning_at_secret(summary: &str, detail: String) -> Diagnostic {
    Diagnostic::warning(summary, detail).at(attributes::secret_name())
}

/// Returns differences as a list.
fn list_of(differences: &[Difference]) -> String {
    let line = |Difference {
                    path,
                    configured,
                    stored,
                }: &Difference| {
        format!("  - {path}: configured {configured}, stored {stored}\n")
    };
    differences.iter().map(line).collect()
}

fn restore_command(id: &str) -> String {
    format!("    aws secretsmanager restore-secret --secret-id {id}")
}

/// Returns the deletion date for insertion into a sentence, such as ` (DeletedDate 2026-12-04T…)`.
fn date_of(secret: &SecretDescription) -> String {
    secret
        .deletion_date
        .map(|date| format!(" (DeletedDate {date})"))
        .unwrap_or_default()
}

/// A call to Secrets Manager failed. `kms_key` is the KMS key that is configured for the secret, if any.
pub(super) fn call_failed(summary: &str, error: &AwsError, kms_key: Option<&str>) -> Diagnostic {
    at_secret(summary, secret_detail(error, kms_key))
}

/// The secret's region or account differs from the region or account that the provider uses.
pub(super) fn identity_mismatch(error: IdentityMismatch) -> Diagnostic {
    Diagnostic::from(error).at(attributes::secret_arn())
}
