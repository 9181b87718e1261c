//! The root certificate that a configuration specifies.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::Diagnostics;

use super::model::RootCaPlan;
use crate::pki::{Description, DistinguishedName, SerialNumber, SignatureAlgorithm, Term};
use crate::resources::pki::stored_key::{CertificateIntent, Difference, key_algorithm};
use crate::resources::pki::{path_length, subject, term};

/// The certificate of a root.
#[derive(Debug, Clone, PartialEq)]
pub struct RootCertificate {
    subject: DistinguishedName,
    term: Term,
    path_length: Option<u8>,
    signature_algorithm: SignatureAlgorithm,
}

impl RootCertificate {
    /// Converts a plan. All configured values must be known.
    pub(super) fn of(plan: &RootCaPlan) -> Result<Self, Diagnostics> {
        Ok(Self {
            subject: subject::distinguished_name(&plan.subject)?,
            term: plan.term().term()?,
            path_length: path_length::of_attribute(plan.path_length)?,
            signature_algorithm: key_algorithm(plan)?.default_signature_algorithm(),
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
            self.signature_algorithm,
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
