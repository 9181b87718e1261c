//! The words with which an apply or a refresh stops: what happened, to which secret, and what to do.
//!
//! No text here may hold anything out of a secret but serial numbers and fingerprints.

use std::error::Error;

use tfplugin::Diagnostic;

use super::intent::Difference;
use super::model::RootCa;
use crate::aws::AwsError;
use crate::aws::identity::Elsewhere;
use crate::aws::secrets::SecretDescription;
use crate::pki::{DocumentError, RootCertificate};

fn at_secret(summary: &str, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(RootCa::paths().secrets_manager().name())
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
    format!("    tofu import skreg_pki_root_ca.NAME 'secretsmanager:{arn}'")
}

/// A call to Secrets Manager failed.
pub(super) fn call_failed(what: &str, error: &AwsError) -> Diagnostic {
    let hint = match error.code.as_deref() {
        Some("EncryptionFailure" | "DecryptionFailure") => {
            "Secrets Manager could not use the KMS key. Check that secrets_manager.kms_key_id exists in this region, is \
             enabled, and that its policy lets the caller use it (kms:GenerateDataKey, kms:Decrypt)."
        }
        Some("LimitExceededException") => {
            "A quota of Secrets Manager is used up. Have it raised in Service Quotas."
        }
        Some("ResourceNotFoundException") => {
            "Check region and account: the secret is not where it was looked for."
        }
        _ => {
            "Correct what the message names and apply again. What was stored so far is found and used."
        }
    };
    at_secret(what, error.detail(hint))
}

/// The name belongs to a secret that is pending deletion.
pub(super) fn name_pending_deletion(name: &str) -> Diagnostic {
    at_secret(
        "The secret is scheduled for deletion",
        format!(
            "Secrets Manager still holds a secret named {name}, which is scheduled for deletion, and no key is made in \
             its place.\n\nTo get the key back, restore it and apply again (it is adopted if it fits):\n\n    aws \
             secretsmanager restore-secret --secret-id {name}\n\nFor a new root, choose another secrets_manager.name."
        ),
    )
}

/// The name belongs to a secret that something else manages.
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
    at_secret("The secret is not under our control", detail)
}

/// The name is taken by a secret that holds something else.
pub(super) fn not_a_key_document(arn: &str, error: &DocumentError) -> Diagnostic {
    let detail = format!(
        "The secret {arn} exists already, and what it holds cannot be used: {}. It was left as it is.\n\nChoose \
         another secrets_manager.name. If the value was changed by hand, make the earlier version current again (aws \
         secretsmanager update-secret-version-stage) and apply again.",
        sentence(error)
    );
    at_secret("The secret's name is taken", detail)
}

/// The stored authority is another one than the configuration asks for.
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
        "The secret {arn} holds the key of another certificate authority than this configuration asks for:\n\n{list}\n\
         It was left as it is. To manage that authority, make the configuration agree with it and import it:\n\n{}\n\n\
         For a new authority, choose another secrets_manager.name.",
        import_command(arn)
    );
    at_secret("The secret holds another certificate authority", detail)
}

/// A key that was found stored is used.
pub(super) fn adopted(arn: &str, certificate: &RootCertificate) -> Diagnostic {
    let detail = format!(
        "The secret {arn} already holds the key that this configuration asks for, so it was adopted and no key was \
         made. That is what happens after an interrupted apply; otherwise make sure that nobody else manages it.\n\n\
         Serial number: {}\nSHA-256 fingerprint: {}",
        certificate.issuance().serial_number,
        certificate.sha256(),
    );
    Diagnostic::warning("An existing root key was adopted", detail)
        .at(RootCa::paths().secrets_manager().name())
}

/// The key is stored, but something after it failed.
pub(super) fn stored_but_not_certified(arn: &str, reason: &str) -> Diagnostic {
    let detail = format!(
        "The private key is stored in {arn}, but its certificate is not: {reason}.\n\nApply again: the stored key is \
         found and used, and no other is made."
    );
    at_secret("The root certificate is not finished", detail)
}

/// As [`stored_but_not_certified`], from an error of the domain.
pub(super) fn certification_failed(arn: &str, error: &(dyn Error + 'static)) -> Diagnostic {
    stored_but_not_certified(arn, &sentence(error))
}

/// A later creation took over the key that is to be deleted.
pub(super) fn adopted_since(arn: &str) -> Diagnostic {
    at_secret(
        "The root key belongs to a later creation",
        format!(
            "The secret {arn} was adopted by a creation of the same root after this object was made, as a replacement \
             with create_before_destroy does. Deleting it now would take the key away from the object that uses it, so \
             it was left as it is.\n\nTo have one object for one key again, remove the resource from this state (tofu \
             state rm ADDRESS) and, where the root is to be managed here, import it:\n\n{}\n\nA root is never made \
             anew by replacing it: add a resource for the next generation under another secrets_manager.name.",
            import_command(arn)
        ),
    )
}

/// There is no way to the store before the run ends.
pub(super) fn not_connected(stopped: &str) -> Diagnostic {
    let detail = format!(
        "While AWS was being connected to, {stopped}. Nothing was done. Apply again; if it hangs, check that region, \
         credentials and endpoints in the provider block can be reached."
    );
    Diagnostic::error("AWS connection was not established", detail)
}

/// The secret of an authority in the state is gone.
pub(super) fn missing(arn: &str) -> Diagnostic {
    at_secret(
        "The root key is missing",
        format!(
            "The secret {arn}, which holds the private key of this root, does not exist. The resource stays in the state \
             and no other key is made, because that would be another root.\n\nCheck region and account first: with other \
             credentials the secret is not visible. If the key is really lost, this root can sign nothing any more: \
             remove it deliberately (tofu state rm ADDRESS) and create a new generation under another name."
        ),
    )
}

/// The secret of an authority in the state is pending deletion.
pub(super) fn pending_deletion(arn: &str) -> Diagnostic {
    at_secret(
        "The root key is scheduled for deletion",
        format!(
            "The secret {arn}, which holds the private key of this root, is scheduled for deletion.\n\nTo keep the root, \
             restore it:\n\n    aws secretsmanager restore-secret --secret-id {arn}\n\nIf the deletion was meant and only \
             its end was lost, finish it with: tofu destroy -refresh=false"
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
