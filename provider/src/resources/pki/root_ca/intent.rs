//! What a configuration asks for, in the terms of certificate authorities.
//!
//! Pure: it maps a plan to domain values and compares them with what is stored. It decides nothing.

use std::collections::BTreeMap;

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics};

use super::model::{self, NO_PATH_LENGTH, NOT_BEFORE_MARGIN_MINUTES, RootCa, RootCaPlan};
use crate::aws::secrets::{KmsKeys, compare_kms_keys};
use crate::pki::{Description, DistinguishedName, End, KeyAlgorithm, KeyDocument, Stage, Term};

/// The authority a configuration asks for.
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

/// One respect in which a stored authority is not the one asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) path: AttributePath,
    pub(super) configured: String,
    pub(super) stored: String,
}

impl Intent {
    /// Reads a plan in which everything configured is known.
    pub(super) fn of(plan: &RootCaPlan) -> Result<Self, Diagnostics> {
        let paths = RootCa::paths();
        let misfit = |error| Diagnostics::from(Diagnostic::from(error));
        let subject: model::Subject = plan
            .subject
            .clone()
            .settle(paths.subject())
            .map_err(misfit)?;
        let secret: model::SecretsManager = plan
            .secrets_manager
            .clone()
            .settle(paths.secrets_manager())
            .map_err(misfit)?;
        let algorithm: String = plan
            .key_algorithm
            .clone()
            .settle(paths.key_algorithm())
            .map_err(misfit)?;
        let path_length: i64 = plan
            .path_length
            .settle(paths.path_length())
            .map_err(misfit)?;
        let tags: BTreeMap<String, String> =
            plan.tags.clone().settle(paths.tags()).map_err(misfit)?;
        Ok(Self {
            algorithm: KeyAlgorithm::named(&algorithm).ok_or_else(|| {
                Diagnostic::error(
                    "Unknown key algorithm",
                    format!("{algorithm} is not supported."),
                )
                .at(paths.key_algorithm())
            })?,
            subject: subject
                .checked()
                .map_err(|error| illegal_subject(&error.to_string()))?,
            term: term_of(plan)?,
            path_length: path_length_of(path_length)?,
            secret_name: secret.name,
            kms_key_id: secret.kms_key_id,
            recovery_window_in_days: secret.recovery_window_in_days,
            tags,
        })
    }

    /// In which respects a stored key, and what was decided for it, differs from the configuration.
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
            Stage::Issued(_) => document
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
                        "{days} days after the moment of issue, from {} minutes before it",
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

fn illegal_subject(rule: &str) -> Diagnostic {
    Diagnostic::error("Illegal subject", format!("{rule}.")).at(RootCa::paths().subject())
}

fn path_length_of(attribute: i64) -> Result<Option<u8>, Diagnostic> {
    match u8::try_from(attribute) {
        Ok(length) => Ok(Some(length)),
        Err(_) if attribute == NO_PATH_LENGTH => Ok(None),
        Err(_) => {
            let detail = "It must be between 0 and 255, or -1 for no limit.";
            Err(Diagnostic::error("Path length is out of range", detail)
                .at(RootCa::paths().path_length()))
        }
    }
}

/// The attribute's value for what a certificate says.
pub(super) fn path_length_attribute(path_length: Option<u8>) -> i64 {
    path_length.map_or(NO_PATH_LENGTH, i64::from)
}

/// The validity that a plan asks for. Exactly one of the two ways to say its end must be there.
pub(super) fn term_of(plan: &RootCaPlan) -> Result<Term, Diagnostics> {
    let end = match (plan.validity_days.known(), plan.not_after.known()) {
        (Some(days), None) => End::Days(*days),
        (None, Some(end)) => End::At(end_of_validity(end)?),
        _ => {
            return Err(Diagnostic::error(
                "One end of validity is needed",
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

/// Reads `not_after`.
pub(super) fn end_of_validity(text: &str) -> Result<jiff::Timestamp, Diagnostic> {
    let whole = |instant: &jiff::Timestamp| instant.subsec_nanosecond() == 0;
    text.parse().ok().filter(whole).ok_or_else(|| {
        let detail = format!(
            "{text:?} is not an RFC 3339 time with whole seconds, such as 2036-01-01T00:00:00Z."
        );
        Diagnostic::error("Illegal end of validity", detail).at(RootCa::paths().not_after())
    })
}
