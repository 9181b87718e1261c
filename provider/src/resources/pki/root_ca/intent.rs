//! Conversion of a plan to domain values, and comparison of these values with the stored key document.
//!
//! These functions are pure. They do not choose an action.

use std::collections::BTreeMap;

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics};

use super::model::{self, NO_PATH_LENGTH, NOT_BEFORE_MARGIN_MINUTES, RootCa, RootCaPlan};
use crate::aws::secrets::{KmsKeys, compare_kms_keys};
use crate::pki::{Description, DistinguishedName, End, KeyAlgorithm, KeyDocument, Stage, Term};

/// The authority that a configuration specifies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Intent {
    pub(super) algorithm: KeyAlgorithm,
    pub(super) subject: DistinguishedName,
    pub(super) term: Term,
    pub(super) path_length: Option<u8>,
    pub(super) secret_name: String,
    pub(super) kms_key_id: Option<String>,
    pub(super) recovery_window_in_days: i64,
    pub(super) tags: BTreeMap<String, String>,
}

/// A difference between the stored authority and the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) path: AttributePath,
    pub(super) configured: String,
    pub(super) stored: String,
}

impl Intent {
    /// Converts a plan. All configured values must be known.
    pub(super) fn of(plan: &RootCaPlan) -> Result<Self, Diagnostics> {
        let paths = RootCa::paths();
        let invalid = |error| Diagnostics::from(Diagnostic::from(error));
        let subject: model::Subject = plan
            .subject
            .clone()
            .settle(paths.subject())
            .map_err(invalid)?;
        let secret: model::SecretsManager = plan
            .secrets_manager
            .clone()
            .settle(paths.secrets_manager())
            .map_err(invalid)?;
        let algorithm: String = plan
            .key_algorithm
            .clone()
            .settle(paths.key_algorithm())
            .map_err(invalid)?;
        let path_length: i64 = plan
            .path_length
            .settle(paths.path_length())
            .map_err(invalid)?;
        let tags: BTreeMap<String, String> =
            plan.tags.clone().settle(paths.tags()).map_err(invalid)?;
        Ok(Self {
            algorithm: KeyAlgorithm::named(&algorithm).ok_or_else(|| {
                Diagnostic::error(
                    "Key algorithm is not supported",
                    format!("The provider does not support the key algorithm {algorithm}."),
                )
                .at(paths.key_algorithm())
            })?,
            subject: subject
                .checked()
                .map_err(|error| invalid_subject(&error.to_string()))?,
            term: term_of(plan)?,
            path_length: path_length_of(path_length)?,
            secret_name: secret.name,
            kms_key_id: secret.kms_key_id,
            recovery_window_in_days: secret.recovery_window_in_days,
            tags,
        })
    }

    /// Returns the differences between a stored key document and the configuration.
    pub(super) fn differences(
        &self,
        document: &KeyDocument,
        kms_key_id: Option<&str>,
    ) -> Vec<Difference> {
        let paths = RootCa::paths();
        let mut found = Vec::new();
        let stored = document.key().public().algorithm();
        if stored != self.algorithm {
            found.push(Difference {
                path: paths.key_algorithm(),
                configured: self.algorithm.name().to_owned(),
                stored: stored.name().to_owned(),
            });
        }
        if compare_kms_keys(self.kms_key_id.as_deref(), kms_key_id) == KmsKeys::Different {
            let name = |key: Option<&str>| key.unwrap_or("aws/secretsmanager").to_owned();
            found.push(Difference {
                path: paths.secrets_manager().kms_key_id(),
                configured: name(self.kms_key_id.as_deref()),
                stored: name(kms_key_id),
            });
        }
        let issuance = match document.stage() {
            Stage::KeyOnly => None,
            Stage::Pending(issuance) => Some(issuance),
            Stage::Issued(_) | Stage::Reissuing { .. } => document
                .certificate()
                .map(|certificate| certificate.description()),
        };
        found.extend(
            issuance
                .map(|issuance| self.differs_from(issuance))
                .unwrap_or_default(),
        );
        found
    }

    fn differs_from(&self, description: &Description) -> Vec<Difference> {
        let paths = RootCa::paths();
        let mut found = Vec::new();
        if description.subject != self.subject {
            found.push(Difference {
                path: paths.subject().into(),
                configured: self.subject.to_string(),
                stored: description.subject.to_string(),
            });
        }
        if description.path_length() != self.path_length {
            found.push(Difference {
                path: paths.path_length(),
                configured: path_length_attribute(self.path_length).to_string(),
                stored: path_length_attribute(description.path_length()).to_string(),
            });
        }
        if !self.term.is_met_by(&description.validity) {
            let (path, configured) = match self.term.end {
                End::Days(days) => (
                    paths.validity_days(),
                    format!(
                        "{days} days from issuance, starting {} minutes before issuance",
                        self.term.not_before_margin_minutes
                    ),
                ),
                End::At(end) => (paths.not_after(), format!("until {end}")),
            };
            let (from, to) = (
                description.validity.not_before(),
                description.validity.not_after(),
            );
            found.push(Difference {
                path,
                configured,
                stored: format!("from {from} to {to}"),
            });
        }
        found
    }
}

fn invalid_subject(rule: &str) -> Diagnostic {
    Diagnostic::error(
        "Invalid subject",
        format!("The subject violates a rule: {rule}."),
    )
    .at(RootCa::paths().subject())
}

fn path_length_of(attribute: i64) -> Result<Option<u8>, Diagnostic> {
    match u8::try_from(attribute) {
        Ok(length) => Ok(Some(length)),
        Err(_) if attribute == NO_PATH_LENGTH => Ok(None),
        Err(_) => {
            let detail = "path_length must be between 0 and 255, or -1 for no limit.";
            Err(Diagnostic::error("Path length is out of range", detail)
                .at(RootCa::paths().path_length()))
        }
    }
}

/// Returns the `path_length` attribute value for the path length in a certificate.
pub(super) fn path_length_attribute(path_length: Option<u8>) -> i64 {
    path_length.map_or(NO_PATH_LENGTH, i64::from)
}

/// Returns the validity period that a plan specifies. Exactly one of the two attributes for the end must be set.
pub(super) fn term_of(plan: &RootCaPlan) -> Result<Term, Diagnostics> {
    let end = match (plan.validity_days.known(), plan.not_after.known()) {
        (Some(days), None) => End::Days(*days),
        (None, Some(end)) => End::At(end_of_validity(end)?),
        _ => {
            return Err(Diagnostic::error(
                "Exactly one end of validity is required",
                "Set exactly one of validity_days and not_after.",
            )
            .at(RootCa::paths().validity_days())
            .into());
        }
    };
    let margin = plan.not_before_margin_minutes.known().copied();
    Ok(Term {
        end,
        not_before_margin_minutes: margin.unwrap_or(NOT_BEFORE_MARGIN_MINUTES),
    })
}

/// Parses the attribute `not_after`.
pub(super) fn end_of_validity(text: &str) -> Result<jiff::Timestamp, Diagnostic> {
    let whole = |instant: &jiff::Timestamp| instant.subsec_nanosecond() == 0;
    text.parse().ok().filter(whole).ok_or_else(|| {
        let detail = format!(
            "{text:?} is not an RFC 3339 time with whole seconds, such as 2036-01-01T00:00:00Z."
        );
        Diagnostic::error("Invalid end of validity", detail).at(RootCa::paths().not_after())
    })
}
