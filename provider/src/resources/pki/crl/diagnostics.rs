//! Errors and warnings. Each message states the finding, its consequence, and the next step.

use std::error::Error;

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{Crl, CrlPlan, PublishPlan};
use crate::aws::objects::ObjectLocation;
use crate::pki::SerialNumberError;
use crate::pki::revocation::ledger::LedgerError;
use crate::pki::revocation::{
    CrlNumberError, IssueListError, PublishedListError, RevocationConflict, RevocationList,
    ScheduleError, SuccessionError,
};
use crate::resources::commands;
use crate::resources::pki::calls::sentence;
use crate::resources::pki::issuer::IssuingAuthority;
use crate::resources::pki::publication::{self, capitalized};

fn revoked_at(serial_number: &impl ToString) -> AttributePath {
    Crl::paths().revoked().key(serial_number.to_string()).into()
}

/// A schedule is out of range.
pub(super) fn schedule(error: &ScheduleError) -> Diagnostic {
    let path = match error {
        ScheduleError::RefreshBefore { .. } => Crl::paths().refresh_before_hours(),
        ScheduleError::Validity(_) | ScheduleError::Calendar(_) => Crl::paths().validity_hours(),
        ScheduleError::IssuerExpired(not_after) => return issuer_expired(*not_after),
    };
    let detail = format!("The update times of the list are not allowed: {error}.");
    Diagnostic::error("Update time is out of range", detail).at(path)
}

/// Both objects have the same key.
pub(super) fn same_key(key: &str) -> Diagnostic {
    let detail = format!(
        "key_der and key_pem are both {key:?}, so one object would overwrite the other. Specify different keys."
    );
    Diagnostic::error("Object keys are not unique", detail).at(Crl::paths().publish().key_pem())
}

/// `Cache-Control` allows caches to keep a list for too long.
pub(super) fn cache_control(text: &str, quarter: i64) -> Diagnostic {
    let detail = format!(
        "{text:?} must contain no-cache, no-store, or a max-age, and each max-age and s-maxage must be less than {quarter} \
         seconds, which is a quarter of validity_hours. Otherwise, caches return a list after its successor was published, or \
         after it has expired.\n\nLower the value, such as to max-age={}, or omit cache_control.",
        quarter / 2
    );
    Diagnostic::error("Cache-Control is not allowed", detail)
        .at(Crl::paths().publish().cache_control())
}

/// The location of the ledger is not valid.
pub(super) fn ledger_uri(uri: &str) -> Diagnostic {
    let detail = format!(
        "{uri:?} is not the location of a ledger. Specify a bucket and an optional prefix in the form s3://BUCKET/PREFIX, such \
         as s3://example-ca/ledger."
    );
    Diagnostic::error("Invalid ledger location", detail).at(Crl::paths().ledger_uri())
}

/// A key of `revoked` is not a serial number. The caller sets the path.
pub(super) fn serial_number(text: &str, error: &SerialNumberError) -> Diagnostic {
    Diagnostic::error("Invalid serial number", format!("{text:?}: {error}."))
}

/// A value is not a time. The caller sets the path of the revocation.
pub(super) fn instant(member: &str, text: &str) -> Diagnostic {
    let detail = format!(
        "{member} is {text:?}, which is not an RFC 3339 time with whole seconds between the years 1950 and 9999, such as \
         2026-01-31T12:00:00Z."
    );
    Diagnostic::error("Invalid time", detail)
}

/// The configuration and the ledger differ.
pub(super) fn conflict(conflict: &RevocationConflict) -> Diagnostic {
    let detail = format!(
        "The configuration and the ledger disagree: {conflict}.\n\nRemove the certificate from revoked. The ledger already \
         records its revocation."
    );
    Diagnostic::error("Revocation differs from the ledger", detail)
        .at(revoked_at(&conflict.serial_number))
}

/// An entry of the published list would be removed or weakened.
pub(super) fn succession(error: &SuccessionError) -> Diagnostic {
    let (summary, serial_number, remedy) = match error {
        SuccessionError::Unrevoked {
            serial_number,
            not_after,
        } => {
            let remedy = match not_after {
                Some(end) => format!(
                    "Add the certificate to revoked again. You can remove it after a list is issued after {end}, when the \
                     certificate expires."
                ),
                None => "Add the certificate to revoked again. If it has expired, set certificate_not_after to the end of its \
                         validity period, and apply. After the next list is issued, you can remove it."
                    .to_owned(),
            };
            ("Certificate cannot be released", serial_number, remedy)
        }
        SuccessionError::Weakened(serial_number) => (
            "Permanent revocation cannot become a hold",
            serial_number,
            "Restore the previous reason of the certificate.".to_owned(),
        ),
        SuccessionError::Changed { serial_number, .. } => (
            "Permanent revocation cannot be weakened",
            serial_number,
            "Restore the previous value.".to_owned(),
        ),
        SuccessionError::Future { serial_number, .. } => (
            "Revocation is in the future",
            serial_number,
            "Correct revoked_at, or the clock of this machine.".to_owned(),
        ),
    };
    let detail = format!("{}.\n\n{remedy}", capitalized(&error.to_string()));
    Diagnostic::error(summary, detail).at(revoked_at(serial_number))
}

/// The number cannot rise.
pub(super) fn number(error: &CrlNumberError) -> Diagnostic {
    let detail = format!(
        "{}. The issuer cannot issue another list with a higher number. Use another authority as the issuer of new \
         certificates.",
        capitalized(&error.to_string())
    );
    Diagnostic::error("CRL number cannot be increased", detail).at(Crl::paths().crl_number())
}

/// The list exceeds the largest message that the key in KMS can sign.
pub(super) fn too_large(
    octets: usize,
    limit: usize,
    entries: usize,
    without_entries: usize,
) -> Diagnostic {
    let of_entries = octets.saturating_sub(without_entries);
    let each = of_entries.div_ceil(entries.max(1));
    let fitting = limit.saturating_sub(without_entries) / each.max(1);
    let detail = format!(
        "The list has {entries} entries and {octets} octets to sign: {without_entries} octets without entries, and about {each} \
         octets for each entry. AWS KMS signs at most {limit} octets with an Ed25519 key, so the list can have about {fitting} \
         entries of this size. Nothing was signed.\n\nUse an authority with an ECDSA or RSA key, which has no such limit, as the \
         issuer of new certificates. Set certificate_not_after, so that expired certificates are omitted."
    );
    Diagnostic::error("Revocation list is too large for the KMS key", detail)
        .at(Crl::paths().revoked())
}

/// The list could not be issued.
pub(super) fn not_issued(error: &IssueListError, entries: usize) -> Diagnostic {
    let detail = format!(
        "The list with {entries} entries was not issued: {}. Nothing was published. Correct the cause, and then apply again.",
        sentence(error as &(dyn Error + 'static))
    );
    Diagnostic::error("Revocation list could not be issued", detail).at(Crl::paths().issuer())
}

/// The object at a location is not the last list of the issuer.
pub(super) fn not_the_published_list(
    location: &ObjectLocation,
    error: &PublishedListError,
) -> Diagnostic {
    let (summary, found, cause) = match error {
        PublishedListError::Older { .. } => (
            "Published revocation list is older than the state",
            error.to_string(),
            "Another process restored an old version of the object, so certificates that were revoked since then are accepted.",
        ),
        PublishedListError::Differs(_) => (
            "Published revocation list is not the list in the state",
            error.to_string(),
            "Two writers issued different lists with the same number, so neither contains all revocations.",
        ),
        PublishedListError::Invalid(invalid) => (
            "Object is not a revocation list of the issuer",
            invalid.to_string(),
            "Another process wrote the object, or it belongs to another authority. The provider does not overwrite it.",
        ),
    };
    let detail = format!(
        "{location} is not the current list: {found}. {cause}\n\nFind the other writer, or specify another key. To publish a new \
         list with a higher number at this location, delete the object, and then apply:\n\n{}",
        publication::delete_object(location)
    );
    Diagnostic::error(summary, detail).at(publication::path())
}

/// A record in the ledger is unusable.
pub(super) fn ledger_record(location: &ObjectLocation, error: &LedgerError) -> Diagnostic {
    let detail = format!(
        "{location} is unusable: {}. Without the record, a revoked certificate could be omitted, so no list was issued.\n\nIf \
         another process changed the object, restore its previous version.",
        sentence(error as &(dyn Error + 'static))
    );
    Diagnostic::error("Ledger record is unusable", detail).at(Crl::paths().ledger_uri())
}

/// The issuer is another authority than the issuer of the published list.
pub(super) fn another_issuer(before: &IssuingAuthority, after: &IssuingAuthority) -> Diagnostic {
    let name = |authority: &IssuingAuthority| {
        let certificate = &authority.certificate;
        let (subject, key) = (&certificate.description().subject, certificate.public_key());
        format!("{subject} with the key {}", key.sha256())
    };
    let detail = format!(
        "The list was issued by {}, but issuer is now {}. Certificates of the previous authority refer to this list.\n\nAdd \
         another skreg_pki_crl resource with different object keys for the new authority. Keep this resource until all certificates \
         of the previous authority have expired.",
        name(before),
        name(after)
    );
    Diagnostic::error("Issuer of the list cannot be changed", detail).at(Crl::paths().issuer())
}

/// A new resource continues an existing list.
pub(super) fn continued(list: &RevocationList, location: &ObjectLocation) -> Diagnostic {
    let detail = format!(
        "{location} contains list number {} of the issuer, with {} entries. The apply publishes its successor with the next \
         number. If another configuration or state manages the object, both must list the same certificates.",
        list.number,
        list.entries.len()
    );
    Diagnostic::warning("Existing revocation list is continued", detail).at(publication::path())
}

fn republish(summary: &str, cause: String) -> Diagnostic {
    let detail = format!("{cause} The apply issues and publishes the next list.");
    Diagnostic::warning(summary, detail)
}

/// The DER object does not exist.
pub(super) fn missing(location: &ObjectLocation) -> Diagnostic {
    let cause = format!(
        "{location} does not exist. Relying parties that require the list reject all certificates of the issuer."
    );
    republish("Revocation list is missing", cause).at(publication::path())
}

/// The PEM object does not exist or is outdated.
pub(super) fn incomplete(location: &ObjectLocation) -> Diagnostic {
    let cause = format!(
        "{location} does not exist, or does not contain the list in the DER object, for example because an apply was \
         interrupted between the two writes."
    );
    republish("Revocation list in PEM format is outdated", cause).at(publication::path())
}

/// The ledger or another writer changed the entries.
pub(super) fn other_entries() -> Diagnostic {
    let cause = "The entries of the published list differ from the revocations in the configuration and the ledger.";
    republish("Revocation list is incomplete", cause.to_owned()).at(Crl::paths().entry_count())
}

/// Another writer published a list that covers other certificates.
pub(super) fn other_scope() -> Diagnostic {
    let cause = "The published list covers other certificates than scope and issuing_distribution_points specify.";
    republish("Revocation list has another scope", cause.to_owned()).at(Crl::paths().scope())
}

/// The refresh time is reached.
pub(super) fn due(due_since: Timestamp, next_update: Timestamp) -> Diagnostic {
    let cause = format!(
        "The refresh of the list has been due since {due_since}. Relying parties reject the list after {next_update}."
    );
    republish("Refresh of the revocation list is due", cause).at(Crl::paths().next_update())
}

/// The list is from the future.
pub(super) fn premature(this_update: Timestamp, now: Timestamp) -> Diagnostic {
    let cause = format!(
        "The list was issued at {this_update} by a machine whose clock is ahead. Relying parties reject the list until that time. \
         The next list is issued at {now}. If this machine has a slow clock, synchronize it before you apply."
    );
    republish("Revocation list is from the future", cause).at(Crl::paths().crl_number())
}

/// The certificate of the issuer has expired before the first list was issued.
fn issuer_expired(not_after: Timestamp) -> Diagnostic {
    let detail = format!(
        "The certificate of the issuer expired at {not_after}, so relying parties reject all certificates and lists of the issuer.\n\n\
         To issue the next certificate for the same key, raise certificate_revision of the authority by 1."
    );
    Diagnostic::error("Issuer has expired", detail).at(Crl::paths().issuer())
}

/// The certificate of the issuer has expired, so the published list is the last one.
pub(super) fn last_list(not_after: Timestamp) -> Diagnostic {
    let detail = format!(
        "The certificate of the issuer expired at {not_after}, so relying parties reject all certificates and lists of the issuer. \
         The published list remains unchanged, and no further list is issued.\n\nIf the authority is no longer required, remove \
         this resource. To issue the next certificate for the same key, raise certificate_revision of the authority by 1."
    );
    Diagnostic::warning("Issuer has expired", detail).at(Crl::paths().issuer())
}

/// The list has expired.
pub(super) fn expired(next_update: Timestamp) -> Diagnostic {
    let cause = format!(
        "The list expired at {next_update}. Relying parties that require a current list reject all certificates of the issuer. \
         Schedule an apply, so that the next list is published in time."
    );
    republish("Revocation list has expired", cause).at(Crl::paths().next_update())
}

/// At least half of the validity period has passed.
pub(super) fn aging(refresh_at: Timestamp, next_update: Timestamp) -> Diagnostic {
    let detail = format!(
        "More than half of the validity period of the list has passed. It expires at {next_update}. The next list is issued by an \
         apply at or after {refresh_at}. Check that a scheduled apply runs between these times, or increase \
         refresh_before_hours."
    );
    Diagnostic::warning("Half of the validity period has passed", detail)
        .at(Crl::paths().next_update())
}

/// A destroy retains the objects.
pub(super) fn retained(prior: &CrlPlan) -> Option<Diagnostic> {
    if prior.on_destroy == Planned::Known("delete".to_owned()) {
        return None;
    }
    let text = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
    let publish = prior.publish.known()?;
    let detail = format!(
        "on_destroy is \"retain\", so the objects s3://{bucket}/{} and s3://{bucket}/{} remain. Relying parties reject the list \
         after {}, and the provider no longer issues a successor.\n\nTo delete the objects as well, set on_destroy to \"delete\", \
         apply, and then destroy:\n\n{}",
        text(&publish.key_der),
        text(&publish.key_pem),
        text(&prior.next_update),
        commands::listing(&[commands::apply(), commands::destroy("skreg_pki_crl.NAME")]),
        bucket = text(&publish.bucket),
    );
    Some(Diagnostic::warning(
        "Published revocation list is retained",
        detail,
    ))
}

/// A change of the location retains the previous objects.
pub(super) fn moved(prior: &CrlPlan, plan: &CrlPlan) -> Option<Diagnostic> {
    let (before, after) = (prior.publish.known()?, plan.publish.known()?);
    let locations = |publish: &PublishPlan| {
        (
            publish.bucket.clone(),
            publish.key_der.clone(),
            publish.key_pem.clone(),
        )
    };
    if locations(before) == locations(after) {
        return None;
    }
    let text = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
    let detail = format!(
        "Existing certificates refer to the previous objects s3://{bucket}/{} and s3://{bucket}/{}. They remain, but are no \
         longer updated, and expire at {}. Redirect their URLs to the new location.",
        text(&before.key_der),
        text(&before.key_pem),
        text(&prior.next_update),
        bucket = text(&before.bucket),
    );
    let warning = Diagnostic::warning("Previous revocation list is retained", detail);
    Some(warning.at(Crl::paths().publish()))
}

/// The next list does not cover all certificates that the last list covers.
pub(super) fn limited(prior: &CrlPlan, plan: &CrlPlan) -> Option<Diagnostic> {
    let covers_all = Planned::Known("all".to_owned());
    let limits = plan.scope != prior.scope && plan.scope != covers_all;
    let points = &plan.issuing_distribution_points;
    let divides = *points != prior.issuing_distribution_points
        && points.known().is_some_and(|points| !points.is_empty());
    if !(limits || divides) {
        return None;
    }
    let detail = "The next list no longer covers every certificate that the last list covers. Relying parties find no list for \
        the other certificates, and reject them or no longer check their revocation.\n\nBefore you apply, publish another list \
        that covers the other certificates, with another skreg_pki_crl resource and other keys.";
    let path = match limits {
        true => Crl::paths().scope(),
        false => Crl::paths().issuing_distribution_points().into(),
    };
    Some(Diagnostic::warning("Revocation list covers fewer certificates", detail).at(path))
}

/// The import ID is not valid.
pub(super) fn import_id(id: &str) -> Diagnostics {
    let command = commands::import(
        "skreg_pki_crl.NAME",
        "secretsmanager:arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX|s3://BUCKET/KEY",
    );
    let detail = format!(
        "{id:?} is not the ARN of the secret of the issuer and the location of the list in DER format. The list alone does not \
         contain the certificate of the issuer. Use the following command:\n\n{}",
        commands::listing(&[command])
    );
    Diagnostic::error("Invalid import ID", detail).into()
}

/// The object to import does not exist.
pub(super) fn nothing_to_import(location: &ObjectLocation) -> Diagnostics {
    let detail = format!(
        "{location} does not exist. To publish the first list, add the resource to the configuration and apply, without an \
         import."
    );
    Diagnostic::error("Revocation list does not exist", detail).into()
}
