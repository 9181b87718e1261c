//! Values of the configuration as domain types.
//!
//! These functions are pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::model::{Crl, CrlPlan, PublishPlan, Revoked, RevokedPlan};
use crate::aws::objects::ObjectLocation;
use crate::pki::revocation::{Reason, Revocation, RevokedCertificate, Schedule, Scope};

/// Default of the maximum age in `Cache-Control`, in seconds.
const DEFAULT_MAX_AGE: i64 = 3600;

/// First instant that a list can represent (RFC 5280 section 5.1.2.4).
const FIRST_YEAR: i16 = 1950;

/// Settings of a list whose values are all known.
pub(super) struct Settings {
    /// Configured revocations.
    pub(super) revoked: Vec<RevokedCertificate>,
    /// Location of the ledger. The key is the prefix of its objects.
    pub(super) ledger: Option<ObjectLocation>,
    pub(super) scope: Scope,
    /// URLs in the issuing distribution point.
    pub(super) distribution_points: Vec<String>,
    pub(super) schedule: Schedule,
    pub(super) publication: Publication,
}

/// Locations and properties of the published objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Publication {
    pub(super) der: ObjectLocation,
    pub(super) pem: ObjectLocation,
    pub(super) cache_control: String,
}

impl Settings {
    /// Reads the settings of a plan or a state. Returns `None` if a value is unknown.
    pub(super) fn of(plan: &CrlPlan) -> Result<Option<Self>, Diagnostics> {
        let (Some(validity_hours), Some(revoked), Some(distribution_points)) = (
            plan.validity_hours.known(),
            revoked_certificates(&plan.revoked)?,
            urls(&plan.issuing_distribution_points),
        ) else {
            return Ok(None);
        };
        let unknown = plan.refresh_before_hours.is_unknown()
            || plan.ledger_uri.is_unknown()
            || plan.scope.is_unknown();
        let publication = Publication::of(&plan.publish, *validity_hours)?;
        let Some(publication) = publication.filter(|_| !unknown) else {
            return Ok(None);
        };
        let refresh_before = plan.refresh_before_hours.known().copied();
        let schedule = Schedule::new(*validity_hours, refresh_before);
        let schedule = schedule.map_err(|error| diagnostics::schedule(&error))?;
        let ledger = plan.ledger_uri.known().map(|uri| ledger(uri, &publication));
        let scope = plan.scope.known().and_then(|name| Scope::named(name));
        Ok(Some(Self {
            revoked,
            ledger: ledger.transpose()?,
            scope: scope.unwrap_or(Scope::All),
            distribution_points,
            schedule,
            publication,
        }))
    }
}

impl Publication {
    /// Reads the locations of a plan or a state. Returns `None` if a value is unknown.
    pub(super) fn of(
        publish: &Planned<PublishPlan>,
        validity_hours: i64,
    ) -> Result<Option<Self>, Diagnostics> {
        let Some(publish) = publish.known() else {
            return Ok(None);
        };
        let unknown =
            publish.cache_control.is_unknown() || publish.expected_bucket_owner.is_unknown();
        let (Some(bucket), Some(der), Some(pem), false) = (
            publish.bucket.known(),
            publish.key_der.known(),
            publish.key_pem.known(),
            unknown,
        ) else {
            return Ok(None);
        };
        if der == pem {
            return Err(diagnostics::same_key(der).into());
        }
        let cache_control = match publish.cache_control.known() {
            Some(text) => checked_cache_control(text, validity_hours)?,
            None => default_cache_control(validity_hours),
        };
        let location = |key: &String| ObjectLocation {
            bucket: bucket.clone(),
            key: key.clone(),
            expected_bucket_owner: publish.expected_bucket_owner.known().cloned(),
        };
        Ok(Some(Self {
            der: location(der),
            pem: location(pem),
            cache_control,
        }))
    }
}

/// Returns the default of `cache_control`.
pub(super) fn default_cache_control(validity_hours: i64) -> String {
    let eighth = validity_hours * 3600 / 8;
    format!("max-age={}", eighth.min(DEFAULT_MAX_AGE))
}

/// Reads a list of URLs. Returns `None` if a value is unknown.
fn urls(urls: &Planned<Vec<Planned<String>>>) -> Option<Vec<String>> {
    match urls {
        Planned::Known(urls) => urls.iter().map(|url| url.known().cloned()).collect(),
        Planned::Null => Some(Vec::new()),
        Planned::Unknown => None,
    }
}

/// Checks that caches keep a list for less than a quarter of its validity period (RFC 9111 section 5.2.2).
fn checked_cache_control(text: &str, validity_hours: i64) -> Result<String, Diagnostic> {
    let quarter = validity_hours * 3600 / 4;
    let directives = text.split(',').map(|part| part.trim().to_ascii_lowercase());
    let mut is_limited = false;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((&directive, ""));
        match name.trim() {
            "no-cache" | "no-store" => is_limited = true,
            "max-age" | "s-maxage" => {
                let seconds: Option<i64> = value.trim().trim_matches('"').parse().ok();
                let is_short = seconds.is_some_and(|seconds| (0..quarter).contains(&seconds));
                if !is_short {
                    return Err(diagnostics::cache_control(text, quarter));
                }
                is_limited |= name.trim() == "max-age";
            }
            _ => {}
        }
    }
    let is_printable = text
        .bytes()
        .all(|octet| octet == b' ' || octet.is_ascii_graphic());
    match is_limited && is_printable {
        true => Ok(text.to_owned()),
        false => Err(diagnostics::cache_control(text, quarter)),
    }
}

/// Reads the location of the ledger. An empty prefix is allowed.
pub(super) fn ledger(uri: &str, publication: &Publication) -> Result<ObjectLocation, Diagnostic> {
    let (bucket, prefix) = uri
        .strip_prefix("s3://")
        .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
        .ok_or_else(|| diagnostics::ledger_uri(uri))?;
    // The key only completes the location, so that the parser checks the bucket and the prefix.
    let checked = ObjectLocation::parse(&format!("s3://{bucket}/{}/x", prefix.trim_matches('/')));
    let is_valid = checked.is_some() && prefix.trim_start_matches('/') == prefix;
    let own_bucket = publication.der.bucket == bucket;
    match is_valid {
        true => Ok(ObjectLocation {
            bucket: bucket.to_owned(),
            key: prefix.trim_end_matches('/').to_owned(),
            expected_bucket_owner: publication
                .der
                .expected_bucket_owner
                .clone()
                .filter(|_| own_bucket),
        }),
        false => Err(diagnostics::ledger_uri(uri)),
    }
}

/// Configured revocations by serial number.
pub(super) type PlannedRevocations = Planned<BTreeMap<String, Planned<RevokedPlan>>>;

/// Reads the configured revocations. Returns `None` if a value is unknown.
pub(super) fn revoked_certificates(
    revoked: &PlannedRevocations,
) -> Result<Option<Vec<RevokedCertificate>>, Diagnostics> {
    let path = Crl::paths().revoked();
    let Some(revoked) = revoked.known() else {
        return Ok(revoked.is_null().then(Vec::new));
    };
    let mut all = Vec::with_capacity(revoked.len());
    let mut found = Diagnostics::new();
    let mut is_known = true;
    for (serial_number, revocation) in revoked {
        let revocation: Result<Revoked, _> = revocation.clone().settle(AttributePath::root());
        match revocation {
            Ok(revocation) => match revoked_certificate(serial_number, &revocation) {
                Ok(revoked) => all.push(revoked),
                Err(error) => found.push(error.at(path.key(serial_number.clone()))),
            },
            Err(error) if error.is_unknown() => is_known = false,
            Err(error) => return Err(Diagnostic::from(error).into()),
        }
    }
    found.into_result()?;
    Ok(is_known.then_some(all))
}

fn revoked_certificate(
    serial_number: &str,
    revoked: &Revoked,
) -> Result<RevokedCertificate, Diagnostic> {
    let serial_number = serial_number
        .parse()
        .map_err(|error| diagnostics::serial_number(serial_number, &error))?;
    let optional = |member: &str, text: &Option<String>| {
        let text = text.as_ref();
        text.map(|text| instant(member, text)).transpose()
    };
    Ok(RevokedCertificate {
        revocation: Revocation {
            serial_number,
            revoked_at: instant("revoked_at", &revoked.revoked_at)?,
            reason: revoked.reason.as_deref().and_then(Reason::named),
            invalidity_date: optional("invalidity_date", &revoked.invalidity_date)?,
        },
        not_after: optional("certificate_not_after", &revoked.certificate_not_after)?,
    })
}

/// Reads an instant that a list can represent.
fn instant(member: &str, text: &str) -> Result<Timestamp, Diagnostic> {
    let is_representable = |instant: &Timestamp| {
        let year = instant.to_zoned(jiff::tz::TimeZone::UTC).year();
        instant.subsec_nanosecond() == 0 && year >= FIRST_YEAR
    };
    let instant: Option<Timestamp> = text.parse().ok();
    let instant = instant.filter(is_representable);
    instant.ok_or_else(|| diagnostics::instant(member, text))
}
