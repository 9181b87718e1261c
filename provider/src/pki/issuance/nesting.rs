//! Validity periods within the validity period of an issuer.

use jiff::Timestamp;

use crate::pki::validity::{End, Term, Validity, ValidityError};

/// Treatment of a certificate that would expire after its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAfterBehavior {
    /// The certificate is not issued.
    Error,
    /// The certificate expires with its issuer.
    Truncate,
}

impl NotAfterBehavior {
    /// Names of the behaviors in the configuration.
    pub const NAMES: [&str; 2] = ["error", "truncate"];

    /// Returns the behavior with the specified name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "error" => Some(Self::Error),
            "truncate" => Some(Self::Truncate),
            _ => None,
        }
    }
}

impl Term {
    /// Returns the validity period of a certificate that is issued at `now` below an issuer. The margin before the
    /// issuance never precedes the start of the issuer. With [`NotAfterBehavior::Error`], the end can exceed the end of
    /// the issuer, which [`super::violations`] reports.
    ///
    /// # Errors
    /// Returns an error if the term is out of range, its end has passed, or the issuer has expired.
    pub fn within(
        self,
        now: Timestamp,
        issuer: &Validity,
        behavior: NotAfterBehavior,
    ) -> Result<Validity, ValidityError> {
        let own = self.from(now)?;
        let not_before = own.not_before().max(issuer.not_before());
        let not_after = match behavior {
            NotAfterBehavior::Error => own.not_after(),
            NotAfterBehavior::Truncate => own.not_after().min(issuer.not_after()),
        };
        match not_after <= now {
            true => Err(ValidityError::Ends {
                start: now,
                end: not_after,
            }),
            false => Validity::new(not_before, not_after),
        }
    }

    /// Returns whether a validity period matches the configured term below an issuer, regardless of the time of
    /// issuance.
    #[must_use]
    pub fn is_met_within(
        self,
        validity: &Validity,
        issuer: &Validity,
        behavior: NotAfterBehavior,
    ) -> bool {
        if self.is_met_by(validity) {
            return true;
        }
        let truncated =
            behavior == NotAfterBehavior::Truncate && validity.not_after() == issuer.not_after();
        let shortened = validity.not_before() == issuer.not_before();
        match self.end {
            End::At(end) => truncated && end >= validity.not_after(),
            End::Days(_) | End::Hours(_) => {
                let term = self.end.seconds_after_issuance().unwrap_or(i64::MAX);
                let longest = term.saturating_add(self.margin_seconds());
                let length = validity.seconds();
                match (truncated, shortened) {
                    (true, _) => length <= longest,
                    (false, true) => (term..=longest).contains(&length),
                    (false, false) => false,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn between(not_before: &str, not_after: &str) -> Validity {
        Validity::new(at(not_before), at(not_after)).unwrap()
    }

    const NOW: &str = "2026-11-20T12:00:00Z";

    fn term(days: i64) -> Term {
        Term {
            end: End::Days(days),
            not_before_margin_minutes: 60,
        }
    }

    #[test]
    fn behaviors_have_names() {
        for (name, behavior) in NotAfterBehavior::NAMES
            .into_iter()
            .zip([NotAfterBehavior::Error, NotAfterBehavior::Truncate])
        {
            assert_eq!(NotAfterBehavior::named(name), Some(behavior));
        }
        assert_eq!(NotAfterBehavior::named("Error"), None);
    }

    #[test]
    fn the_margin_does_not_precede_the_issuer() {
        let issuer = between("2026-11-20T11:30:00Z", "2027-11-20T12:00:00Z");
        let error = NotAfterBehavior::Error;
        let found = term(30).within(at(NOW), &issuer, error).unwrap();
        assert_eq!(
            found,
            between("2026-11-20T11:30:00Z", "2026-12-20T12:00:00Z")
        );
        assert!(term(30).is_met_within(&found, &issuer, error));
        assert!(!term(29).is_met_within(&found, &issuer, error));
        assert!(!term(31).is_met_within(&found, &issuer, error));
    }

    #[test]
    fn the_end_is_truncated_only_on_request() {
        let issuer = between("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
        let error = term(30).within(at(NOW), &issuer, NotAfterBehavior::Error);
        assert_eq!(
            error.unwrap(),
            between("2026-11-20T11:00:00Z", "2026-12-20T12:00:00Z")
        );
        let truncate = NotAfterBehavior::Truncate;
        let found = term(30).within(at(NOW), &issuer, truncate).unwrap();
        assert_eq!(
            found,
            between("2026-11-20T11:00:00Z", "2026-12-01T00:00:00Z")
        );
        assert!(term(30).is_met_within(&found, &issuer, truncate));
        assert!(!term(5).is_met_within(&found, &issuer, truncate));
        assert!(!term(30).is_met_within(&found, &issuer, NotAfterBehavior::Error));
        let end = Term {
            end: End::At(at("2027-01-01T00:00:00Z")),
            not_before_margin_minutes: 60,
        };
        assert!(end.is_met_within(&found, &issuer, truncate));
    }

    #[test]
    fn a_term_out_of_range_matches_only_a_truncated_period() {
        let issuer = between("2026-11-20T11:00:00Z", "2026-12-01T00:00:00Z");
        let found = between("2026-11-20T11:00:00Z", "2026-11-30T00:00:00Z");
        for end in [i64::MAX, i64::MAX / 24, 1 << 47] {
            for end in [End::Days(end), End::Hours(end)] {
                let term = Term {
                    end,
                    not_before_margin_minutes: i64::MAX,
                };
                let truncate = NotAfterBehavior::Truncate;
                assert!(!term.is_met_within(&found, &issuer, truncate));
                assert!(term.is_met_within(&issuer, &issuer, truncate));
            }
        }
    }

    #[test]
    fn a_term_in_hours_is_truncated_like_a_term_in_days() {
        let issuer = between("2026-11-20T11:30:00Z", "2026-11-20T20:00:00Z");
        let hours = |hours| Term {
            end: End::Hours(hours),
            not_before_margin_minutes: 60,
        };
        let truncate = NotAfterBehavior::Truncate;
        let found = hours(2).within(at(NOW), &issuer, truncate).unwrap();
        assert_eq!(
            found,
            between("2026-11-20T11:30:00Z", "2026-11-20T14:00:00Z")
        );
        assert!(hours(2).is_met_within(&found, &issuer, truncate));
        assert!(!hours(3).is_met_within(&found, &issuer, truncate));
        let found = hours(9).within(at(NOW), &issuer, truncate).unwrap();
        assert_eq!(found, issuer);
    }

    #[test]
    fn an_expired_issuer_is_an_error() {
        let issuer = between("2026-01-01T00:00:00Z", "2026-11-01T00:00:00Z");
        let truncated = term(30).within(at(NOW), &issuer, NotAfterBehavior::Truncate);
        assert!(matches!(truncated, Err(ValidityError::Ends { .. })));
    }
}
