//! The root certificate that a configuration specifies.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::Diagnostics;

use super::model::RootCaPlan;
use crate::pki::{Description, DistinguishedName, SerialNumber, Term};
use crate::resources::pki::stored_key::{CertificateIntent, Difference};
use crate::resources::pki::{path_length, subject, term};

/// The certificate of a root.
#[derive(Debug, Clone, PartialEq)]
pub struct RootCertificate {
    subject: DistinguishedName,
    term: Term,
    path_length: Option<u8>,
}

impl RootCertificate {
    /// Converts a plan. All configured values must be known.
    pub(super) fn of(plan: &RootCaPlan) -> Result<Self, Diagnostics> {
        Ok(Self {
            subject: subject::distinguished_name(&plan.subject)?,
            term: plan.term().term()?,
            path_length: path_length::of_attribute(plan.path_length)?,
        })
    }
}

impl CertificateIntent for RootCertificate {
    fn describe(
        &self,
        serial_number: SerialNumber,
        now: Timestamp,
    ) -> Result<Description, Diagnostics> {
        Ok(Description::root(
            self.subject.clone(),
            serial_number,
            term::validity(self.term, now)?,
            self.path_length,
        ))
    }

    fn differences(&self, stored: &Description) -> Vec<Difference> {
        let found = [
            subject::difference(&self.subject, &stored.subject),
            path_length::difference(self.path_length, stored.path_length()),
            term::difference(self.term, &stored.validity),
        ];
        found.into_iter().flatten().collect()
    }
}
