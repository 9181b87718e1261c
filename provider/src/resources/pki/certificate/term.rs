//! The validity period of an end-entity certificate: `validity_hours`, `not_after`, `not_before_margin_minutes`,
//! `not_after_behavior`, and the renewal window before its end.
//!
//! These functions are pure.

use jiff::{SignedDuration, Timestamp};
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{LeafCertificate, LeafCertificatePlan};
use crate::pki::{End, NotAfterBehavior, Term, Validity};
use crate::resources::pki::stored_key::Difference;

/// Validity period that a configuration specifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LeafTerm {
    end: LeafEnd,
    not_before_margin_minutes: i64,
    behavior: NotAfterBehavior,
}

/// Configured end of a validity period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LeafEnd {
    /// Number of hours after the issuance.
    Hours(i64),
    /// A fixed instant.
    At(Timestamp),
}

impl LeafTerm {
    /// Converts a plan. All values must be known, and exactly one end must be set.
    pub(super) fn of(plan: &LeafCertificatePlan) -> Result<Self, Diagnostics> {
        let paths = LeafCertificate::paths();
        let hours: Option<i64> = plan.validity_hours.settle(paths.validity_hours())?;
        let end: Option<String> = plan.not_after.clone().settle(paths.not_after())?;
        let end = match (hours, end) {
            (Some(hours), None) => LeafEnd::Hours(hours),
            (None, Some(end)) => LeafEnd::At(end_of_validity(&end)?),
            (None, None) => return Err(no_end().into()),
            (Some(_), Some(_)) => return Err(two_ends().into()),
        };
        let margin = plan.not_before_margin_minutes;
        let behavior: String = plan
            .not_after_behavior
            .clone()
            .settle(paths.not_after_behavior())?;
        let behavior = NotAfterBehavior::named(&behavior)
            .ok_or_else(|| Diagnostic::bug("The behavior is not supported", &behavior))?;
        Ok(Self {
            end,
            not_before_margin_minutes: margin.settle(paths.not_before_margin_minutes())?,
            behavior,
        })
    }

    /// Returns the validity period of a certificate that is issued at `now` below an issuer.
    pub(super) fn validity(
        self,
        now: Timestamp,
        issuer: &Validity,
    ) -> Result<Validity, Diagnostics> {
        let after = |hours| {
            let issued = Timestamp::from_second(now.as_second());
            issued.and_then(|issued| issued.checked_add(SignedDuration::from_hours(hours)))
        };
        let end = match self.end {
            LeafEnd::At(end) => end,
            LeafEnd::Hours(hours) => after(hours).map_err(|error| out_of_range(&error))?,
        };
        let term = Term {
            end: End::At(end),
            not_before_margin_minutes: self.not_before_margin_minutes,
        };
        let validity = term.within(now, issuer, self.behavior);
        validity.map_err(|error| out_of_range(&error).at(self.path()).into())
    }

    /// Returns the difference between the configured term and a stored validity period, if any. The validity period can begin
    /// later than the margin requires because it never begins before that of the issuer.
    pub(super) fn difference(self, stored: &Validity, issuer: &Validity) -> Option<Difference> {
        let truncated =
            self.behavior == NotAfterBehavior::Truncate && stored.not_after() == issuer.not_after();
        let (met, configured) = match self.end {
            LeafEnd::At(end) => (
                stored.not_after() == end || (truncated && end > stored.not_after()),
                format!("until {end}"),
            ),
            LeafEnd::Hours(hours) => {
                let length = stored.not_after().duration_since(stored.not_before());
                let term = SignedDuration::from_hours(hours);
                let longest = term + SignedDuration::from_mins(self.not_before_margin_minutes);
                (
                    length <= longest && (length >= term || truncated),
                    format!("{hours} hours from issuance"),
                )
            }
        };
        (!met).then(|| Difference {
            path: self.path(),
            configured,
            stored: format!("from {} to {}", stored.not_before(), stored.not_after()),
        })
    }

    fn path(self) -> tfplugin::schema::AttributePath {
        match self.end {
            LeafEnd::Hours(_) => LeafCertificate::paths().validity_hours(),
            LeafEnd::At(_) => LeafCertificate::paths().not_after(),
        }
    }
}

/// Returns the errors in the attributes of the validity period. Unknown values are accepted.
pub(super) fn invalid_configuration(config: &LeafCertificatePlan) -> Diagnostics {
    let mut found = Diagnostics::new();
    if let Some(text) = config.not_after.known() {
        found.extend(end_of_validity(text).err());
    }
    if config.validity_hours.is_null() && config.not_after.is_null() {
        found.push(no_end());
    }
    if config.validity_hours.known().is_some() && config.not_after.known().is_some() {
        found.push(two_ends());
    }
    let path = LeafCertificate::paths().renew_before_hours();
    if let Some(before) = config.renew_before_hours.known() {
        match config.validity_hours {
            Planned::Known(hours) if *before >= hours => {
                let detail = format!(
                    "renew_before_hours is {before}, but the certificate is valid for {hours} hours, so every apply would \
                     issue another certificate. Set renew_before_hours to less than validity_hours, such as {}.",
                    (hours / 3).max(1)
                );
                found.push(Diagnostic::error("Renewal window is too long", detail).at(path));
            }
            Planned::Null => {
                let detail = "A renewed certificate would end at the same not_after, so a renewal would not extend the \
                    validity period. Set validity_hours instead of not_after, or remove renew_before_hours.";
                found.push(Diagnostic::error("Renewal requires validity_hours", detail).at(path));
            }
            Planned::Known(_) | Planned::Unknown => {}
        }
    }
    found
}

/// Returns the time at which the renewal window of a certificate begins.
pub(super) fn renewal_time(not_after: Timestamp, renew_before_hours: i64) -> Option<Timestamp> {
    not_after
        .checked_sub(SignedDuration::from_hours(renew_before_hours))
        .ok()
}

/// Parses the attribute `not_after`.
fn end_of_validity(text: &str) -> Result<Timestamp, Diagnostic> {
    let whole = |instant: &Timestamp| instant.subsec_nanosecond() == 0;
    text.parse().ok().filter(whole).ok_or_else(|| {
        let detail = format!(
            "{text:?} is not an RFC 3339 time with whole seconds, such as 2027-01-01T00:00:00Z."
        );
        Diagnostic::error("Invalid end of validity", detail)
            .at(LeafCertificate::paths().not_after())
    })
}

fn no_end() -> Diagnostic {
    let detail =
        "Set validity_hours, such as 2160, or not_after, such as \"2027-01-01T00:00:00Z\".";
    Diagnostic::error("End of validity is missing", detail)
        .at(LeafCertificate::paths().validity_hours())
}

fn two_ends() -> Diagnostic {
    let detail = "Set either validity_hours or not_after, not both.";
    Diagnostic::error("Conflicting ends of validity", detail)
        .at(LeafCertificate::paths().not_after())
}

fn out_of_range(error: &dyn std::fmt::Display) -> Diagnostic {
    let detail = format!(
        "The validity period is not allowed: {error}. Change the end of the validity period, or renew the issuer."
    );
    Diagnostic::error("Validity period is out of range", detail)
}
