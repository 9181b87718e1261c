//! Errors and warnings of plan, apply and refresh: what was found, why it matters, and what to do next.
//!
//! No text here may hold anything out of a secret but serial numbers and fingerprints.

use std::error::Error;

use jiff::Timestamp;
use tfplugin::{Diagnostic, Diagnostics};

use super::intent::Difference;
use super::model::RootCa;
use crate::aws::AwsError;
use crate::aws::diagnostics::secret_detail;
use crate::aws::identity::Elsewhere;
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

/// An error with everything that caused it, as one sentence.
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
    commands::import("skreg_pki_root_ca.NAME", &format!("secretsmanager:{arn}"))
}

fn restore_command(id: &str) -> String {
    format!("    aws secretsmanager restore-secret --secret-id {id}")
}

/// A call to Secrets Manager failed. `kms_key` is the key that encrypts the secret, where one is configured.
pub(super) fn call_failed(what: &str, error: &AwsError, kms_key: Option<&str>) -> Diagnostic {
    at_secret(what, secret_detail(error, kms_key))
}

/// The name belongs to a secret that is pending deletion.
pub(super) fn name_pending_deletion(secret: &SecretDescription) -> Diagnostic {
    pending_name(&secret.name, &date_of(secret))
}

/// As [`name_pending_deletion`], where only the refusal of `CreateSecret` is known.
pub(super) fn name_not_free(name: &str) -> Diagnostic {
    pending_name(name, "")
}

fn pending_name(name: &str, date: &str) -> Diagnostic {
    at_secret(
        "Secret name is pending deletion",
        format!(
            "A secret named {name} is scheduled for deletion{date}, and until it is deleted no other secret can have its \
             name. No key was created.\n\nTo keep the root, restore the secret:\n\n{}\n\nThen import it:\n\n{}\n\nFor a new \
             root, choose another secrets_manager.name.",
            restore_command(name),
            import_command("ARN"),
        ),
    )
}

/// ` (DeletedDate 2026-12-04T…)`, for a sentence that says that a secret is scheduled for deletion.
fn date_of(secret: &SecretDescription) -> String {
    secret
        .deletion_date
        .map(|date| format!(" (DeletedDate {date})"))
        .unwrap_or_default()
}

/// The secret is managed by another service or rotated.
pub(super) fn managed_elsewhere(description: &SecretDescription) -> Diagnostic {
    let by = match &description.owning_service {
        Some(service) => format!("is managed by the AWS service {service}"),
        None => "is rotated by Secrets Manager".to_owned(),
    };
    let detail = format!(
        "The secret {} {by}, so its value may be replaced at any time. A root key must stay. Cancel the rotation (aws \
         secretsmanager cancel-rotate-secret --secret-id {}) if it was set up by mistake, or choose another \
         secrets_manager.name.",
        description.arn, description.arn
    );
    at_secret("Secret is managed elsewhere", detail)
}

/// An authority that is finished, or that another create has made, has the name.
pub(super) fn authority_exists(arn: &str) -> Diagnostic {
    let detail = format!(
        "The secret {arn} holds the key of a certificate authority that exists already. A create goes on only with the \
         secret of an interrupted create for which no certificate was issued, so this one was left as it is.\n\nIf it is \
         the authority of this configuration (a lost state, or an apply that was interrupted after the certificate was \
         stored), import it:\n\n{}\n\nFor a new authority, choose another secrets_manager.name.",
        import_command(arn)
    );
    at_secret("Certificate authority already exists", detail)
}

/// A secret without the tags of an authority has the name.
pub(super) fn name_taken(arn: &str) -> Diagnostic {
    let detail = format!(
        "The secret {arn} exists and does not have the tags of a root key that this provider has created, so it was left \
         as it is.\n\nChoose another secrets_manager.name. If the secret holds a root key of this provider whose tags were \
         removed, put back the tag spki_sha256 (the value is in the secret, field spki_sha256) and import it:\n\n{}",
        import_command(arn)
    );
    at_secret("Secret name is taken", detail)
}

/// What the secret holds is not a usable key document.
pub(super) fn not_a_key_document(arn: &str, error: &DocumentError) -> Diagnostic {
    let detail = format!(
        "The secret {arn} holds a value that cannot be used: {}. It was left as it is.\n\nChoose another \
         secrets_manager.name. If the value was changed by hand, make the earlier version current again (aws \
         secretsmanager update-secret-version-stage) and apply again.",
        sentence(error)
    );
    at_secret("Secret does not hold a usable root key", detail)
}

/// The secret holds the key of a certificate that is not a root.
pub(super) fn not_a_root(arn: &str, kind: CertificateKind) -> Diagnostic {
    let detail = format!(
        "The secret {arn} contains the key of a certificate of the kind {}, and skreg_pki_root_ca manages root certificates \
         only. The secret was left as it is.\n\nSpecify the secret of a root, or another secrets_manager.name.",
        kind.name()
    );
    at_secret("Secret does not contain a root key", detail)
}

/// The key of an interrupted create is for another authority than the configuration specifies.
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
        "The secret {arn} holds the key of an interrupted create of another certificate authority than this \
         configuration specifies:\n\n{list}\nIt was left as it is. To finish that authority, make the configuration agree \
         with it and apply again. For a new authority, choose another secrets_manager.name, or delete the unfinished key, \
         for which no certificate was issued:\n\n    aws secretsmanager delete-secret --secret-id {arn} \
         --force-delete-without-recovery"
    );
    at_secret("Unfinished authority differs", detail)
}

/// Another run has issued the certificate, or has written its own mark since.
pub(super) fn created_by_another_run(arn: &str) -> Diagnostic {
    let detail = format!(
        "Another run creates the certificate authority in {arn} at the same time, so this one stopped. An authority \
         belongs to one state.\n\nWait until the other run has ended. If it belongs to another state, choose another \
         secrets_manager.name. If no run has succeeded, import the authority:\n\n{}",
        import_command(arn)
    );
    at_secret("Another run creates this authority", detail)
}

/// The key of an interrupted create is used.
pub(super) fn adopted(arn: &str, certificate: &Certificate) -> Diagnostic {
    let detail = format!(
        "The secret {arn} held the key of an interrupted create, without a certificate. It is the key that this \
         configuration specifies, so the certificate was issued for it and no other key was created. Compare the \
         fingerprint before you distribute the certificate.\n\nSerial number: {}\nSHA-256 fingerprint: {}",
        certificate.description().serial_number,
        certificate.sha256(),
    );
    warning_at_secret("An unfinished root key was adopted", detail)
}

/// The mark of an unfinished create could not be removed.
pub(super) fn mark_not_removed(arn: &str, error: &AwsError) -> Diagnostic {
    let detail = format!(
        "The certificate authority is complete, but the tag {UNFINISHED_TAG} of {arn} could not be removed: {error}. \
         The tag has no effect on an authority that has its certificate. The next apply removes it."
    );
    warning_at_secret("Tag could not be removed", detail)
}

/// The clocks of this machine and of AWS differ too much.
pub(super) fn clock_differs(ours: Timestamp, theirs: Timestamp) -> Diagnostic {
    let detail = format!(
        "The clock of this machine shows {ours:.0}, AWS answered at {theirs:.0}. They differ by more than five minutes, \
         and the times in a certificate cannot be corrected later. Nothing was created.\n\nSet the clock (NTP), then apply \
         again."
    );
    Diagnostic::error("Clock of this machine is wrong", detail)
}

/// The run ended during work that is not a call.
pub(super) fn stopped(why: &str) -> Diagnostic {
    let detail = format!("While the root was created, {why}. Apply again.");
    Diagnostic::error("Creation of the root was stopped", detail)
}

/// The key is stored, and its certificate could not be issued.
pub(super) fn certification_failed(arn: &str, error: &(dyn Error + 'static)) -> Diagnostic {
    not_finished(arn, &format!("{}.", sentence(error)))
}

/// The key is stored, and the call that stores the certificate failed.
pub(super) fn certificate_not_stored(
    arn: &str,
    error: &AwsError,
    kms_key: Option<&str>,
) -> Diagnostic {
    not_finished(arn, &secret_detail(error, kms_key))
}

fn not_finished(arn: &str, reason: &str) -> Diagnostic {
    let detail = format!(
        "The private key is stored in {arn}, but its certificate is not: {reason}\n\nApply again: the stored key is found \
         and used, and no other is created. If the plan then reports that the certificate authority exists, the \
         certificate was stored after all; import it:\n\n{}",
        import_command(arn)
    );
    at_secret("Root certificate is not finished", detail)
}

/// An authority without a certificate is to be imported.
pub(super) fn not_importable(arn: &str) -> Diagnostic {
    let detail = format!(
        "The secret {arn} holds a key for which no certificate was issued yet, so no authority can be imported. Apply the \
         configuration that it was created for: the apply goes on with the key and issues the certificate.\n\nA key of an \
         earlier version of the provider does not have the mark of an unfinished create, which the apply requires. If the \
         apply reports that the authority exists, and you know the key, add the mark:\n\n    aws secretsmanager \
         tag-resource --secret-id {arn} --tags Key={UNFINISHED_TAG},Value=manual"
    );
    at_secret("Root certificate is not finished", detail)
}

/// A later creation has taken over the key that is to be deleted.
pub(super) fn adopted_since(arn: &str) -> Diagnostic {
    at_secret(
        "Root key belongs to a later object",
        format!(
            "The secret {arn} was adopted by another object of the same root after this one was created, which an earlier \
             version of the provider did in a replacement with create_before_destroy. Deleting it would delete the key of \
             the object that uses it, so it was left as it is.\n\nTo have one object for one key again, remove the resource \
             from this state (state rm ADDRESS) and import it:\n\n{}",
            import_command(arn)
        ),
    )
}

/// No connection to the store before the run ends.
pub(super) fn not_connected(stopped: &str) -> Diagnostic {
    let detail = format!(
        "While the connection to AWS was set up, {stopped}. Nothing was done. Apply again; if it hangs, check that region, \
         credentials and endpoints in the provider block can be reached."
    );
    Diagnostic::error("AWS connection was not established", detail)
}

/// A create is planned for a secret that an object of this state has.
pub(super) fn replacement(name: &str) -> Diagnostic {
    at_secret(
        "Root key cannot be replaced",
        format!(
            "The plan creates a certificate authority with the secret {name}, which an object of this state has already. \
             The name of a secret is unique, and another key under the same name would be another root, so a root is never \
             replaced.\n\n- Planned by -replace or replace_triggered_by: remove it.\n- Tainted object: untaint \
             ADDRESS\n- Renamed resource: add a moved block.\n- Deposed object of an earlier version: state rm \
             ADDRESS, then import the authority (the id is secretsmanager:ARN, with the ARN of the secret).\n- A new root: \
             create a new generation. Add another skreg_pki_root_ca with its own secrets_manager.name, distribute its \
             certificate, and remove this one last.\n- This root is to be deleted: set deletion_protection = false, apply, \
             then destroy -target=ADDRESS -refresh=false. Its name is free again when the recovery window has passed."
        ),
    )
}

/// What the deletion of a protected key would destroy, and how to delete it deliberately.
pub(super) fn protected(secret: Option<&str>) -> String {
    let secret = secret.unwrap_or("the secret");
    format!(
        "Deleting {secret} would delete the private key of this root: it could no longer sign or revoke anything.\n\nTo \
         delete it deliberately, set deletion_protection = false, apply, and then destroy it. If the block was removed or \
         renamed by accident, restore it, or add a moved block. An object that the plan shows as deposed, left by an earlier \
         version of the provider, has no configuration to change: remove it from the state (state rm ADDRESS) and \
         import the root again (import ADDRESS 'secretsmanager:{secret}')."
    )
}

/// A deletion would leave no time to restore the key.
pub(super) fn no_recovery(name: &str) -> Diagnostic {
    let detail = format!(
        "recovery_window_in_days is 0, so a destroy deletes the secret {name} at once and its root key cannot be restored. \
         Use it only for a root that nothing outside of a test trusts; 7 to 30 days leave time for a restore."
    );
    Diagnostic::warning("Root key has no recovery window", detail)
        .at(RootCa::paths().secrets_manager().recovery_window_in_days())
}

/// The certificate has expired, or expires soon.
pub(super) fn validity_ends(status: ValidityStatus, end: &str) -> Option<Diagnostic> {
    let (summary, found) = match status {
        ValidityStatus::Valid => return None,
        ValidityStatus::Expiring => (
            "Root certificate expires soon",
            format!(
                "The root certificate is in the last tenth of its validity, which ends at {end}."
            ),
        ),
        ValidityStatus::Expired => (
            "Root certificate has expired",
            format!(
                "The root certificate expired at {end}. Clients no longer accept certificates that it has issued."
            ),
        ),
    };
    let detail = format!(
        "{found}\n\nCreate a new generation: add another skreg_pki_root_ca with its own secrets_manager.name, distribute \
         its certificate beside this one, reissue the certificates that depend on it, and then remove this one."
    );
    Some(Diagnostic::warning(summary, detail).at(RootCa::paths().not_after_actual()))
}

/// The secret of an authority in the state is gone.
pub(super) fn missing(arn: &str) -> Diagnostic {
    at_secret(
        "The root key is missing",
        format!(
            "The secret {arn}, which holds the private key of this root, does not exist. The resource stays in the state \
             and the provider does not create another key, because that would be another root.\n\nFirst check the region and \
             the account: with other credentials the secret is not visible. If the key is lost, this root can no longer \
             sign: remove it from the state (state rm ADDRESS) and create a new generation with another \
             secrets_manager.name."
        ),
    )
}

/// The secret of an authority in the state is pending deletion, and the key is protected.
pub(super) fn pending_deletion(secret: &SecretDescription) -> Diagnostic {
    let arn = &secret.arn;
    at_secret(
        "The root key is scheduled for deletion",
        format!(
            "The secret {arn}, which holds the private key of this root, is scheduled for deletion{}.\n\nTo keep the root, \
             restore it:\n\n{}\n\nIf the deletion is meant, remove the resource from the state: state rm ADDRESS",
            date_of(secret),
            restore_command(arn),
        ),
    )
}

/// The secret of an authority without protection is pending deletion: it counts as deleted.
pub(super) fn counted_as_deleted(secret: &SecretDescription) -> Diagnostic {
    let arn = &secret.arn;
    warning_at_secret(
        "Root key is scheduled for deletion",
        format!(
            "The secret {arn}, which holds the private key of this root, is scheduled for deletion{}. Because \
             deletion_protection is false, the root counts as deleted and leaves the state.\n\nTo keep it, restore the \
             secret before that date, and import it if it has left the state:\n\n{}\n{}",
            date_of(secret),
            restore_command(arn),
            import_command(arn),
        ),
    )
}

/// The secret of an authority without protection and without a recovery window is gone.
pub(super) fn deleted_without_recovery(arn: &str) -> Diagnostic {
    warning_at_secret(
        "Root key was deleted",
        format!(
            "The secret {arn}, which held the private key of this root, does not exist. Because deletion_protection is \
             false and recovery_window_in_days is 0, the root counts as deleted and leaves the state.\n\nIf the secret \
             should exist, check the region and the account of the provider's configuration before you apply."
        ),
    )
}

/// The secret is in another region or account than the connection leads to.
pub(super) fn elsewhere(error: Elsewhere) -> Diagnostic {
    Diagnostic::from(error).at(RootCa::paths().secret_arn())
}

/// The tag does not name the key in the state.
pub(super) fn tag_changed(arn: &str, expected: &str, found: Option<&str>) -> Diagnostic {
    let found = found.map_or("is missing".to_owned(), |value| format!("says {value:?}"));
    let detail = format!(
        "The tag spki_sha256 of {arn} {found}, but the key of this root has {expected}. Either the key was exchanged or \
         the tag was edited.\n\nIf only the tag was edited, put it back:\n\n    aws secretsmanager tag-resource --secret-id \
         {arn} --tags Key=spki_sha256,Value={expected}\n\nOtherwise restore the secret's earlier version."
    );
    at_secret("The root key was changed", detail)
}

/// Another version of the secret is current than the one that holds this authority.
pub(super) fn version_changed(description: &SecretDescription, expected: &str) -> Diagnostic {
    let arn = &description.arn;
    let found = description.current_version_id.as_deref();
    let remedy = match found {
        Some(found) if description.version_ids.iter().any(|id| id == expected) => format!(
            "Make the right version current again:\n\n    aws secretsmanager update-secret-version-stage --secret-id {arn} \
             --version-stage AWSCURRENT --move-to-version-id {expected} --remove-from-version-id {found}"
        ),
        _ => "The right version has lost its labels. Restore the value from a backup, then import the resource again."
            .to_owned(),
    };
    let detail = format!(
        "The value of {arn} was changed outside of this configuration: version {} is current, this root is in version \
         {expected}. Key or certificate may have been exchanged or edited, so neither is used.\n\n{remedy}",
        found.unwrap_or("none"),
    );
    at_secret("The stored root key or certificate was changed", detail)
}

/// The secret is encrypted with another KMS key than the state has.
pub(super) fn kms_key_changed(
    arn: &str,
    expected: Option<&str>,
    found: Option<&str>,
) -> Diagnostic {
    let name = |key: Option<&str>| key.unwrap_or("alias/aws/secretsmanager").to_owned();
    let (expected, found) = (name(expected), name(found));
    let detail = format!(
        "The secret {arn} is encrypted with the KMS key {found}, configured is {expected}. The root key is the same, but \
         another set of callers may be able to read it.\n\nTo encrypt it with the configured key again:\n\n    aws \
         secretsmanager update-secret --secret-id {arn} --kms-key-id {expected}\n\nTo keep the new key, set \
         secrets_manager.kms_key_id to it, remove the resource from the state (state rm ADDRESS) and import \
         it:\n\n{}",
        import_command(arn)
    );
    Diagnostic::warning("KMS key of the root key was changed", detail)
        .at(RootCa::paths().secrets_manager().kms_key_id())
}
