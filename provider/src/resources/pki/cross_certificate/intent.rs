//! The cross-certificate that a configuration specifies.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::{Codec, Diagnostics, Planned};

use super::diagnostics;
use super::model::CrossCertificatePlan;
use crate::pki::{
    Certificate, Description, Issuance, NotAfterBehavior, SerialNumber, Term, Wildcard, violations,
};
use crate::resources::pki::authority_extensions::AuthorityExtensions;
use crate::resources::pki::issuer::{IssuingAuthority, Usage};
use crate::resources::pki::{path_length, term, violation};

/// Names of the arguments that contain the authorities.
const SUBJECT_CA: &str = "subject_ca";
const SIGNED_BY: &str = "signed_by";

/// A certificate for the key and the subject of an authority.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Crossing {
    /// Authority that is certified.
    pub(super) subject: IssuingAuthority,
    /// Authority that signs.
    pub(super) authority: IssuingAuthority,
    term: Term,
    behavior: NotAfterBehavior,
    path_length: Option<u8>,
    urls: AuthorityExtensions,
}

/// Reads `subject_ca`. Returns `None` if a part of it is unknown.
pub(super) fn subject_of(
    plan: &CrossCertificatePlan,
) -> Result<Option<IssuingAuthority>, Diagnostics> {
    IssuingAuthority::of_argument(SUBJECT_CA, &plan.subject_ca)
}

/// Reads `signed_by`. Returns `None` if a part of it is unknown.
pub(super) fn authority_of(
    plan: &CrossCertificatePlan,
) -> Result<Option<IssuingAuthority>, Diagnostics> {
    IssuingAuthority::of_argument(SIGNED_BY, &plan.signed_by)
}

impl Crossing {
    /// Converts a plan, or returns `None` if a value that the certificate depends on is unknown.
    pub(super) fn of(plan: &CrossCertificatePlan) -> Result<Option<Self>, Diagnostics> {
        let known = [
            plan.validity_days.encode(),
            plan.not_after.clone().encode(),
            plan.not_after_behavior.clone().encode(),
            plan.not_before_margin_minutes.encode(),
            plan.path_length.encode(),
            plan.crl_distribution_points.clone().encode(),
            plan.ca_issuers_urls.clone().encode(),
            plan.ocsp_urls.clone().encode(),
        ];
        let (subject, authority) = (subject_of(plan)?, authority_of(plan)?);
        let (Some(subject), Some(authority)) = (subject, authority) else {
            return Ok(None);
        };
        if !known.iter().all(|value| value.is_wholly_known()) {
            return Ok(None);
        }
        let behavior = plan.not_after_behavior.known();
        let behavior = behavior.and_then(|name| NotAfterBehavior::named(name));
        Ok(Some(Self {
            term: plan.term().term()?,
            urls: plan.urls().extensions()?,
            behavior: behavior.unwrap_or(NotAfterBehavior::Error),
            path_length: match plan.path_length {
                Planned::Null => subject.certificate.description().path_length(),
                configured => path_length::of_attribute(configured)?,
            },
            subject,
            authority,
        }))
    }

    /// Describes a certificate that is issued at `now`.
    pub(super) fn describe(
        &self,
        serial_number: SerialNumber,
        now: Timestamp,
    ) -> Result<Description, Diagnostics> {
        let limit = self.authority.validity();
        let validity = self.term.within(now, &limit, self.behavior);
        let validity =
            validity.map_err(|error| term::out_of_range(&error).at(term::end_path(self.term)))?;
        let issuance = Issuance {
            issuer: self.authority.certificate.description().subject.clone(),
            serial_number,
            validity,
            signature_algorithm: self.authority.signature_algorithm,
        };
        let certified = self.subject.certificate.description();
        let description = Description::cross(certified, self.path_length, issuance);
        Ok(self.urls.add_urls_to(description))
    }

    /// Returns the errors in a description.
    pub(super) fn invalid(&self, description: &Description) -> Diagnostics {
        let (issuer, above) = (&self.authority.certificate, &self.authority.chain);
        let key = self.subject.certificate.public_key();
        let name = issuer.description().subject.to_string();
        let found = violations(description, key, issuer, above, Wildcard::Refused);
        let mut errors: Diagnostics = found
            .iter()
            .map(|found| {
                let path = diagnostics::path_of(found).unwrap_or_else(|| term::end_path(self.term));
                violation::diagnostic(found, &name).at(path)
            })
            .collect();
        errors.extend(self.authority.require(Usage::SignCa).err());
        errors.extend(self.authority.check_size(description, key).err());
        errors
    }

    /// Returns the errors in the issuance at `now`. The plan reports them.
    pub(super) fn invalid_issuance(&self, now: Timestamp) -> Diagnostics {
        let serial_number = SerialNumber::from_magnitude(&[1]).expect("1 is a serial number");
        match self.describe(serial_number, now) {
            Ok(description) => self.invalid(&description),
            Err(errors) => errors,
        }
    }
}

/// Returns `direction`: the authority whose validity period begins later is newer.
pub(super) fn direction(subject: &Certificate, authority: &Certificate) -> &'static str {
    let start = |authority: &Certificate| authority.description().validity.not_before();
    match start(subject) >= start(authority) {
        true => "forward",
        false => "backward",
    }
}
