//! The attributes that determine the validity period of a certificate: `validity_days`, `not_after`, and
//! `not_before_margin_minutes`.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::stored_key::Difference;
use crate::pki::{End, Term, Validity, ValidityError};

/// Default number of minutes between the beginning of the validity period and the issuance.
pub const NOT_BEFORE_MARGIN_MINUTES: i64 = 60;

/// Values of the attributes in a configuration, a plan, or a state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TermAttributes<'a> {
    /// `validity_days`.
    pub validity_days: &'a Planned<i64>,
    /// `not_after`.
    pub not_after: &'a Planned<String>,
    /// `not_before_margin_minutes`.
    pub not_before_margin_minutes: &'a Planned<i64>,
}

impl TermAttributes<'_> {
    /// Returns the errors in a configuration. Unknown values are accepted.
    #[must_use]
    pub fn invalid_configuration(self) -> Diagnostics {
        let mut found = Diagnostics::new();
        found.extend(self.one_end());
        if let Some(text) = self.not_after.known() {
            found.extend(end_of_validity(text).err());
        }
        found
    }

    fn one_end(self) -> Option<Diagnostic> {
        let (days, end) = (self.validity_days, self.not_after);
        if days.is_null() && end.is_null() {
            let detail =
                "Set validity_days, such as 3650, or not_after, such as \"2036-01-01T00:00:00Z\".";
            return Some(
                Diagnostic::error("End of validity is missing", detail).at(validity_days()),
            );
        }
        // An unknown value can become null.
        if days.known().is_some() && end.known().is_some() {
            let detail = "Set either validity_days or not_after, not both.";
            return Some(Diagnostic::error("Conflicting ends of validity", detail).at(not_after()));
        }
        None
    }

    /// Returns the validity period that a plan specifies. Exactly one of the two attributes for the end must be set.
    ///
    /// # Errors
    /// Returns an error if the end is unknown, is not a time, or is set twice.
    pub fn term(self) -> Result<Term, Diagnostics> {
        let end = match (self.validity_days.known(), self.not_after.known()) {
            (Some(days), None) => End::Days(*days),
            (None, Some(end)) => End::At(end_of_validity(end)?),
            _ => {
                return Err(Diagnostic::error(
                    "Exactly one end of validity is required",
                    "Set exactly one of validity_days and not_after.",
                )
                .at(validity_days())
                .into());
            }
        };
        let margin = self.not_before_margin_minutes.known().copied();
        Ok(Term {
            end,
            not_before_margin_minutes: margin.unwrap_or(NOT_BEFORE_MARGIN_MINUTES),
        })
    }

    /// Returns the validity errors for a certificate that is issued at `now`. Unknown values are accepted.
    #[must_use]
    pub fn errors(self, now: Timestamp) -> Diagnostics {
        let parts = [
            self.validity_days.is_unknown(),
            self.not_after.is_unknown(),
            self.not_before_margin_minutes.is_unknown(),
        ];
        if parts.contains(&true) {
            return Diagnostics::new();
        }
        let path = if self.not_after.is_null() {
            validity_days()
        } else {
            not_after()
        };
        match self.term().map(|term| term.from(now)) {
            Err(diagnostics) => diagnostics,
            Ok(Ok(_)) => Diagnostics::new(),
            Ok(Err(error)) => out_of_range(&error).at(path).into(),
        }
    }

    /// Returns the path of the first attribute that differs from `before`.
    #[must_use]
    pub fn changed_since(self, before: TermAttributes<'_>) -> Option<AttributePath> {
        if before.validity_days != self.validity_days {
            Some(validity_days())
        } else if before.not_after != self.not_after {
            Some(not_after())
        } else if before.not_before_margin_minutes != self.not_before_margin_minutes {
            Some(attribute("not_before_margin_minutes"))
        } else {
            None
        }
    }
}

/// Returns the validity period of a certificate that is issued at `now`.
///
/// # Errors
/// Returns an error if the period is not allowed.
pub fn validity(term: Term, now: Timestamp) -> Result<Validity, Diagnostics> {
    let validity = term.from(now);
    validity.map_err(|error| out_of_range(&error).at(validity_days()).into())
}

/// Returns the difference between the configured term and a stored validity period, if any.
#[must_use]
pub fn difference(term: Term, stored: &Validity) -> Option<Difference> {
    if term.is_met_by(stored) {
        return None;
    }
    let (path, configured) = match term.end {
        End::Days(days) => (
            validity_days(),
            format!(
                "{days} days from issuance, starting {} minutes before issuance",
                term.not_before_margin_minutes
            ),
        ),
        End::Hours(hours) => (
            attribute("validity_hours"),
            format!(
                "{hours} hours from issuance, starting {} minutes before issuance",
                term.not_before_margin_minutes
            ),
        ),
        End::At(end) => (not_after(), format!("until {end}")),
    };
    let (from, to) = (stored.not_before(), stored.not_after());
    Some(Difference {
        path,
        configured,
        stored: format!("from {from} to {to}"),
    })
}

/// Returns the error for a validity period that is not allowed. The caller adds the path.
#[must_use]
pub fn out_of_range(error: &ValidityError) -> Diagnostic {
    let detail = format!(
        "The validity period is not allowed: {error}. Change the end of the validity period."
    );
    Diagnostic::error("Validity period is out of range", detail)
}

/// Parses the attribute `not_after`.
fn end_of_validity(text: &str) -> Result<Timestamp, Diagnostic> {
    let whole = |instant: &Timestamp| instant.subsec_nanosecond() == 0;
    text.parse().ok().filter(whole).ok_or_else(|| {
        let detail = format!(
            "{text:?} is not an RFC 3339 time with whole seconds, such as 2036-01-01T00:00:00Z."
        );
        Diagnostic::error("Invalid end of validity", detail).at(not_after())
    })
}

/// Returns the path of the attribute that specifies the end of the validity period.
#[must_use]
pub fn end_path(term: Term) -> AttributePath {
    match term.end {
        End::Days(_) => validity_days(),
        End::Hours(_) => attribute("validity_hours"),
        End::At(_) => not_after(),
    }
}

fn validity_days() -> AttributePath {
    attribute("validity_days")
}

fn not_after() -> AttributePath {
    attribute("not_after")
}

fn attribute(name: &str) -> AttributePath {
    AttributePath::root().attribute(name)
}
