//! The root certificate that a configuration specifies.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::Diagnostics;

use super::model::{RootCa, RootCaPlan};
use crate::pki::{
    Description, DistinguishedName, KeyAlgorithm, SerialNumber, SignatureAlgorithm, Term,
};
use crate::resources::pki::authority_extensions::AuthorityExtensions;
use crate::resources::pki::stored_key::{CertificateIntent, Difference, key_algorithm};
use crate::resources::pki::{path_length, signature_algorithm, subject, term};

/// The certificate of a root.
#[derive(Debug, Clone, PartialEq)]
pub struct RootCertificate {
    subject: DistinguishedName,
    term: Term,
    path_length: Option<u8>,
    extensions: AuthorityExtensions,
    key_algorithm: KeyAlgorithm,
    signature_algorithm: SignatureAlgorithm,
}

impl RootCertificate {
    /// Converts a plan. All configured values must be known.
    pub(super) fn of(plan: &RootCaPlan) -> Result<Self, Diagnostics> {
        Ok(Self {
            subject: subject::distinguished_name(&plan.subject)?,
            term: plan.term().term()?,
            path_length: path_length::of_attribute(plan.path_length)?,
            extensions: plan.extensions().extensions()?,
            key_algorithm: key_algorithm(plan)?,
            signature_algorithm: signature_algorithm(plan)?,
        })
    }
}

impl RootCertificate {
    /// Returns the difference between the configured and the stored signature algorithm. An algorithm of another key type
    /// is a difference between the keys.
    fn signature_difference(&self, stored: SignatureAlgorithm) -> Option<Difference> {
        let fits = self.key_algorithm.signature_algorithms().contains(&stored);
        (fits && stored != self.signature_algorithm).then(|| Difference {
            path: RootCa::paths().signature_algorithm(),
            configured: self.signature_algorithm.name().to_owned(),
            stored: stored.name().to_owned(),
        })
    }
}

/// Returns the configured signature algorithm, or the default of the key algorithm.
pub(super) fn signature_algorithm(plan: &RootCaPlan) -> Result<SignatureAlgorithm, Diagnostics> {
    signature_algorithm::of_attribute(key_algorithm(plan)?, &plan.signature_algorithm)
}

impl CertificateIntent for RootCertificate {
    fn describe(
        &self,
        serial_number: SerialNumber,
        now: Timestamp,
    ) -> Result<Description, Diagnostics> {
        Ok(self.extensions.add_to(Description::root(
            self.subject.clone(),
            serial_number,
            term::validity(self.term, now)?,
            self.path_length,
            self.signature_algorithm,
        )))
    }

    fn differences(&self, stored: &Description) -> Vec<Difference> {
        let found = [
            subject::difference(&self.subject, &stored.subject),
            path_length::difference(self.path_length, stored.path_length()),
            term::difference(self.term, &stored.validity),
            self.signature_difference(stored.signature_algorithm),
        ];
        let mut found: Vec<Difference> = found.into_iter().flatten().collect();
        found.extend(self.extensions.differences(stored));
        found
    }
}
