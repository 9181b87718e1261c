//! Errors and warnings for plan, apply, and refresh. Each message states the finding, its consequence, and the next
//! step.
//!
//! Serial numbers and fingerprints are the only values from a secret that a message can contain.

use std::error::Error;

use jiff::Timestamp;
use tfplugin::{Diagnostic, Diagnostics};

use super::intent::Difference;
use super::model::RootCa;
use crate::aws::AwsError;
use crate::aws::diagnostics::secret_detail;
use crate::aws::identity::IdentityMismatch;
use crate::aws::secrets::SecretDescription;
use crate::aws::tags::UNFINISHED_TAG;
use crate::pki::{Certificate, CertificateKind, DocumentError, ValidityStatus};
use crate::resources::commands;

/// Summary of a failed `DescribeSecret`.
pub(super) const NOT_DESCRIBED: &str = "Secret of the root key could not be described";

pub(super) fn not_described(error: &AwsError) -> Diagnostics {
    call_failed(NOT_DESCRIBED, error, None).into()
}

fn at_secret(summary: &str, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(RootCa::paths().secrets_manager().name())
}

fn warning_at_secret(summary: &str, detail: String) -> Diagnostic {
    Diagnostic::warning(summary, detail).at(RootCa::paths().secrets_manager().name())
}

/// Returns an error and its causes as one sentence.
fn sentence(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn import_command(arn: &str) -> String {
    commands::listing(&[commands::import(
        "skreg_pki_root_ca.NAME",
        &format!("secretsmanager:{arn}"),
    )])
}

fn restore_command(id: &str) -> String {
    format!("    aws secretsmanager restore-secret --secret-id {id}")
}

/// A call to Secrets Manager failed. `kms_key` is the KMS key that is configured for the secret, if any.
pub(super) fn call_failed(summary: &str, error: &AwsError, kms_key: Option<&str>) -> Diagnostic {
    at_secret(summary, secret_detail(error, kms_key))
}

/// A secret with this name is pending deletion.
pub(super) fn name_pending_deletion(secret: &SecretDescription) -> Diagnostic {
    pending_name(&secret.name, &date_of(secret))
}

/// Like [`name_pending_deletion`], but without a secret description because only `CreateSecret` failed.
pub(super) fn name_not_free(name: &str) -> Diagnostic {
    pending_name(name, "")
}

fn pending_name(name: &str, date: &str) -> Diagnostic {
    at_secret(
        "Secret name is pending deletion",
        format!(
            "A secret named {name} is scheduled for deletion{date}. Its name is not available until it is deleted. No \
             key was created.\n\nTo keep the root, restore the secret:\n\n{}\n\nThen import it:\n\n{}\n\nTo create a \
             different root, specify a different secrets_manager.name.",
            restore_command(name),
            import_command("ARN"),
        ),
    )
}

/// Returns the deletion date for insertion into a sentence, such as ` (DeletedDate 2026-12-04T…)`.
fn date_of(secret: &SecretDescription) -> String {
    secret
        .deletion_date
        .map(|date| format!(" (DeletedDate {date})"))
        .unwrap_or_default()
}

/// The secret is rotated or managed by another service.
pub(super) fn managed_elsewhere(description: &SecretDescription) -> Diagnostic {
    let by = match &description.owning_service {
        Some(service) => format!("is managed by the AWS service {service}"),
        None => "is rotated by Secrets Manager".to_owned(),
    };
    let detail = format!(
        "The secret {} {by}, so its value can change at any time. The value of a root key must not change. If the \
         rotation was configured by mistake, cancel it (aws secretsmanager cancel-rotate-secret --secret-id {}). \
         Otherwise, specify a different secrets_manager.name.",
        description.arn, description.arn
    );
    at_secret("Secret is rotated or managed by another service", detail)
}

/// A complete authority already uses the secret with this name.
pub(super) fn authority_exists(arn: &str) -> Diagnostic {
    let detail = format!(
        "The secret {arn} contains the key of an existing certificate authority. A create operation adopts a secret \
         only if an interrupted create operation left it without a certificate, so this secret was not changed.\n\nIf \
         the authority belongs to this configuration (the state was lost, or an apply was interrupted after it stored \
         the certificate), import it:\n\n{}\n\nTo create a different authority, specify a different \
         secrets_manager.name.",
        import_command(arn)
    );
    at_secret("Certificate authority already exists", detail)
}

/// A secret with this name exists and does not have the tags of a root key.
pub(super) fn name_taken(arn: &str) -> Diagnostic {
    let detail = format!(
        "The secret {arn} exists but does not have the tags that this provider sets for root keys, so the secret was \
         not changed.\n\nSpecify a different secrets_manager.name. If the secret contains a root key that this \
         provider created and its tags were removed, restore the tag spki_sha256 (use the value of the spki_sha256 \
         field in the secret) and import the authority:\n\n{}",
        import_command(arn)
    );
    at_secret("Secret name is taken", detail)
}

/// The value of the secret is not a usable key document.
pub(super) fn not_a_key_document(arn: &str, error: &DocumentError) -> Diagnostic {
    let detail = format!(
        "The value of the secret {arn} is unusable: {}. The secret was not changed.\n\nSpecify a different \
         secrets_manager.name. If the value was changed manually, make the previous version current again (aws \
         secretsmanager update-secret-version-stage), and then apply again.",
        sentence(error)
    );
    at_secret("Secret does not contain a usable root key", detail)
}

/// The secret contains the key of a certificate that is not a root.
pub(super) fn not_a_root(arn: &str, kind: CertificateKind) -> Diagnostic {
    let detail = format!(
        "The secret {arn} contains the key for a certificate of kind {}, but skreg_pki_root_ca manages only root \
         certificates. The secret was not changed.\n\nSpecify a secret that contains a root key, or a different \
         secrets_manager.name.",
        kind.name()
    );
    at_secret("Secret does not contain a root key", detail)
}

/// The key from an interrupted create does not match the configuration.
pub(super) fn another_authority(arn: &str, differences: &[Difference]) -> Diagnostic {
    let list: String = differences
        .iter()
        .map(
            |Difference {
                 path,
                 configured,
                 stored,
             }| format!("  - {path}: configured {configured}, stored {stored}\n"),
        )
        .collect();
    let detail = format!(
        "The secret {arn} contains a key from an interrupted create operation that differs from this \
         configuration:\n\n{list}\nThe secret was not changed. To complete that authority, change the configuration to \
         match it, and then apply again. To create a different authority, specify a different secrets_manager.name, or \
         delete the unfinished key, which has no certificate:\n\n    aws secretsmanager delete-secret --secret-id \
         {arn} --force-delete-without-recovery"
    );
    at_secret("Unfinished authority differs", detail)
}

/// Another run issued the certificate, or wrote its own marker in the meantime.
pub(super) fn created_by_another_run(arn: &str) -> Diagnostic {
    let detail = format!(
        "Another run is creating the certificate authority in {arn}, so this run stopped. An authority can belong to \
         only one state.\n\nWait until the other run has ended. If it belongs to a different state, specify a \
         different secrets_manager.name. If neither run succeeded, import the authority:\n\n{}",
        import_command(arn)
    );
    at_secret("Another run is creating this authority", detail)
}

/// The key from an interrupted create was adopted.
pub(super) fn adopted(arn: &str, certificate: &Certificate) -> Diagnostic {
    let detail = format!(
        "The secret {arn} contained a key without a certificate from an interrupted create operation. The key matches \
         this configuration, so the provider issued a certificate for it and did not create another key. Compare the \
         fingerprint before you distribute the certificate.\n\nSerial number: {}\nSHA-256 fingerprint: {}",
        certificate.description().serial_number,
        certificate.sha256(),
    );
    warning_at_secret("Unfinished root key was adopted", detail)
}

/// The marker for an unfinished create could not be removed.
pub(super) fn marker_not_removed(arn: &str, error: &AwsError) -> Diagnostic {
    let detail = format!(
        "The certificate authority is complete, but the tag {UNFINISHED_TAG} on {arn} could not be removed: {error}. \
         The tag has no effect on a complete authority. The next apply removes it."
    );
    warning_at_secret("Tag could not be removed", detail)
}

/// The difference between the system clock and the AWS clock is too large.
pub(super) fn clock_differs(system_time: Timestamp, aws_time: Timestamp) -> Diagnostic {
    let detail = format!(
        "The system time is {system_time:.0}, but AWS reports {aws_time:.0}. The difference is more than five minutes, \
         and the times in a certificate cannot be corrected later. Nothing was created.\n\nSynchronize the system \
         clock with NTP, and then apply again."
    );
    Diagnostic::error("System clock is not accurate", detail)
}

/// The run was interrupted or timed out during work other than calls.
pub(super) fn stopped(why: &str) -> Diagnostic {
    let detail = format!("During root creation, {why}. Apply again.");
    Diagnostic::error("Root creation did not finish", detail)
}

/// The key is stored, but its certificate could not be issued.
pub(super) fn certification_failed(arn: &str, error: &(dyn Error + 'static)) -> Diagnostic {
    not_finished(arn, &format!("{}.", sentence(error)))
}

/// The key is stored, but the call that stores its certificate failed.
pub(super) fn certificate_not_stored(
    arn: &str,
    error: &AwsError,
    kms_key: Option<&str>,
) -> Diagnostic {
    not_finished(arn, &secret_detail(error, kms_key))
}

fn not_finished(arn: &str, reason: &str) -> Diagnostic {
    let detail = format!(
        "The private key is stored in {arn}, but its certificate is not: {reason}\n\nApply again. The provider adopts \
         the stored key and does not create another key. If the plan reports that the certificate authority already \
         exists, the certificate was stored. In this case, import the authority:\n\n{}",
        import_command(arn)
    );
    at_secret("Root certificate is not stored", detail)
}

/// An authority without a certificate cannot be imported.
pub(super) fn not_importable(arn: &str) -> Diagnostic {
    let detail = format!(
        "The secret {arn} contains a key without a certificate, so the authority cannot be imported. Apply the \
         configuration that created the key. The apply adopts the key and issues the certificate.\n\nThe apply \
         requires the tag {UNFINISHED_TAG}, which earlier provider versions did not write. If the apply reports that \
         the authority already exists, and you trust the key, add the tag:\n\n    aws secretsmanager tag-resource \
         --secret-id {arn} --tags Key={UNFINISHED_TAG},Value=manual"
    );
    at_secret("Root certificate was not issued", detail)
}

/// A later create adopted the key that is to be deleted.
pub(super) fn adopted_since(arn: &str) -> Diagnostic {
    at_secret(
        "Root key belongs to another resource instance",
        format!(
            "After this resource instance was created, another resource instance adopted the secret {arn}. Earlier \
             provider versions allowed this in a replacement with create_before_destroy. Deleting the secret would \
             delete the other resource instance's key, so the secret was not changed.\n\nTo manage the key with a \
             single resource instance, remove the resource from this state (state rm ADDRESS), and then import \
             it:\n\n{}",
            import_command(arn)
        ),
    )
}

/// The run was interrupted or timed out before the connection to the store was established.
pub(super) fn not_connected(stopped: &str) -> Diagnostic {
    let detail = format!(
        "While the provider connected to AWS, {stopped}. Nothing was changed. Apply again. If the apply hangs, check \
         the region, credentials, and endpoints in the provider block."
    );
    Diagnostic::error("AWS connection was not established", detail)
}

/// The plan creates an authority with a secret that an object in the state already uses.
pub(super) fn replacement(name: &str) -> Diagnostic {
    at_secret(
        "Root key cannot be replaced",
        format!(
            "The plan creates a certificate authority with the secret {name}, which already belongs to a resource in \
             this state. Secret names are unique, and a different key with the same name would be a different root. \
             Therefore, the provider never replaces a root.\n\n- Replacement with -replace or replace_triggered_by: \
             remove the option or the argument.\n- Tainted object: run untaint ADDRESS.\n- Renamed resource: add a \
             moved block.\n- Deposed object from an earlier provider version: run state rm ADDRESS, and then import \
             the authority with the ID secretsmanager:ARN, where ARN is the ARN of the secret.\n- Different root: \
             create a new generation. Add another skreg_pki_root_ca with a different secrets_manager.name, distribute \
             its certificate, and then remove this resource.\n- Deletion of this root: set deletion_protection = \
             false, apply, and then run destroy -target=ADDRESS -refresh=false. The name is available again after the \
             recovery window."
        ),
    )
}

/// Returns the error detail for an attempt to delete a protected key.
pub(super) fn protected(secret: Option<&str>) -> String {
    let secret = secret.unwrap_or("the secret");
    format!(
        "Deleting {secret} deletes the private key of this root. The root can then no longer sign or revoke \
         certificates.\n\nTo delete the root, set deletion_protection = false, apply, and then destroy the root. If \
         the block was removed or renamed by mistake, restore it or add a moved block. If the plan shows a deposed \
         object from an earlier provider version, remove it from the state (state rm ADDRESS) and import the root \
         again (import ADDRESS 'secretsmanager:{secret}')."
    )
}

/// A deleted key cannot be restored.
pub(super) fn no_recovery(name: &str) -> Diagnostic {
    let detail = format!(
        "Because recovery_window_in_days is 0, destroying the root deletes the secret {name} immediately, and the root \
         key cannot be restored. Use 0 for test environments only. With a window of 7 to 30 days, you can restore the \
         key."
    );
    Diagnostic::warning("Root key has no recovery window", detail)
        .at(RootCa::paths().secrets_manager().recovery_window_in_days())
}

/// The certificate has expired or expires soon.
pub(super) fn validity_ends(status: ValidityStatus, end: &str) -> Option<Diagnostic> {
    let (summary, found) = match status {
        ValidityStatus::Valid => return None,
        ValidityStatus::Expiring => (
            "Root certificate expires soon",
            format!(
                "The root certificate is in the last tenth of its validity period, which ends at {end}."
            ),
        ),
        ValidityStatus::Expired => (
            "Root certificate has expired",
            format!(
                "The root certificate expired at {end}. Clients no longer accept certificates that this root issued."
            ),
        ),
    };
    let detail = format!(
        "{found}\n\nCreate a new generation: add another skreg_pki_root_ca with a different secrets_manager.name, \
         distribute both root certificates, reissue the certificates that this root issued, and then remove this root."
    );
    Some(Diagnostic::warning(summary, detail).at(RootCa::paths().not_after_actual()))
}

/// The secret for an authority in the state does not exist.
pub(super) fn missing(arn: &str) -> Diagnostic {
    at_secret(
        "Root key is missing",
        format!(
            "The secret {arn}, which contains the private key of this root, does not exist. The resource remains in \
             the state, and the provider does not create another key because a root with a different key is a \
             different root.\n\nFirst, check the region and the account: the secret is not visible with the \
             credentials of another account. If the key is lost, this root can no longer sign certificates. In this \
             case, remove the resource from the state (state rm ADDRESS) and create a new generation with a different \
             secrets_manager.name."
        ),
    )
}

/// The secret for a protected authority in the state is pending deletion.
pub(super) fn pending_deletion(secret: &SecretDescription) -> Diagnostic {
    let arn = &secret.arn;
    at_secret(
        "Root key is scheduled for deletion",
        format!(
            "The secret {arn}, which contains the private key of this root, is scheduled for deletion{}.\n\nTo keep \
             the root, restore the secret:\n\n{}\n\nIf the deletion is intended, remove the resource from the state: \
             state rm ADDRESS",
            date_of(secret),
            restore_command(arn),
        ),
    )
}

/// The secret for an unprotected authority is pending deletion, so the authority is treated as deleted.
pub(super) fn counted_as_deleted(secret: &SecretDescription) -> Diagnostic {
    let arn = &secret.arn;
    warning_at_secret(
        "Root key is scheduled for deletion",
        format!(
            "The secret {arn}, which contains the private key of this root, is scheduled for deletion{}. Because \
             deletion_protection is false, the provider treats the root as deleted and removes it from the \
             state.\n\nTo keep the root, restore the secret before that date. If the root is no longer in the state, \
             import it:\n\n{}\n{}",
            date_of(secret),
            restore_command(arn),
            import_command(arn),
        ),
    )
}

/// The secret for an unprotected authority without a recovery window does not exist.
pub(super) fn deleted_without_recovery(arn: &str) -> Diagnostic {
    warning_at_secret(
        "Root key was deleted",
        format!(
            "The secret {arn}, which contained the private key of this root, does not exist. Because \
             deletion_protection is false and recovery_window_in_days is 0, the provider treats the root as deleted \
             and removes it from the state.\n\nIf the secret should exist, check the provider's region and account \
             before you apply."
        ),
    )
}

/// The secret's region or account differs from the region or account that the provider uses.
pub(super) fn identity_mismatch(error: IdentityMismatch) -> Diagnostic {
    Diagnostic::from(error).at(RootCa::paths().secret_arn())
}

/// The tag does not match the key in the state.
pub(super) fn tag_changed(arn: &str, expected: &str, found: Option<&str>) -> Diagnostic {
    let found = found.map_or("is missing".to_owned(), |value| format!("is {value:?}"));
    let detail = format!(
        "The tag spki_sha256 on {arn} {found}, but the key hash of this root is {expected}. Either the key or the tag \
         was changed.\n\nIf only the tag was changed, restore it:\n\n    aws secretsmanager tag-resource --secret-id \
         {arn} --tags Key=spki_sha256,Value={expected}\n\nOtherwise, restore the previous version of the secret."
    );
    at_secret("Root key or its tag was changed", detail)
}

/// The current version of the secret is not the version in the state.
pub(super) fn version_changed(description: &SecretDescription, expected: &str) -> Diagnostic {
    let arn = &description.arn;
    let found = description.current_version_id.as_deref();
    let remedy = match found {
        Some(found) if description.version_ids.iter().any(|id| id == expected) => format!(
            "Make the expected version current again:\n\n    aws secretsmanager update-secret-version-stage --secret-id {arn} \
             --version-stage AWSCURRENT --move-to-version-id {expected} --remove-from-version-id {found}"
        ),
        _ => "The expected version no longer has a staging label. Restore the value from a backup, and then import the \
              resource again."
            .to_owned(),
    };
    let detail = format!(
        "The value of {arn} was changed outside of this configuration: version {} is current, but the state contains \
         version {expected}. The key or the certificate might have changed, so the provider uses neither of \
         them.\n\n{remedy}",
        found.unwrap_or("none"),
    );
    at_secret("Stored root key or certificate was changed", detail)
}

/// The secret's KMS key differs from the KMS key in the state.
pub(super) fn kms_key_changed(
    arn: &str,
    expected: Option<&str>,
    found: Option<&str>,
) -> Diagnostic {
    let name = |key: Option<&str>| key.unwrap_or("alias/aws/secretsmanager").to_owned();
    let (expected, found) = (name(expected), name(found));
    let detail = format!(
        "The secret {arn} is encrypted with the KMS key {found}, but the configured key is {expected}. The root key \
         did not change, but additional principals might be able to read it.\n\nTo encrypt the secret with the \
         configured key again:\n\n    aws secretsmanager update-secret --secret-id {arn} --kms-key-id {expected}\n\nTo \
         keep the new KMS key, set secrets_manager.kms_key_id to its ID, remove the resource from the state (state rm \
         ADDRESS), and import it:\n\n{}",
        import_command(arn)
    );
    Diagnostic::warning("KMS key of the root key was changed", detail)
        .at(RootCa::paths().secrets_manager().kms_key_id())
}
