//! The intermediate certificate that a configuration specifies.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::{Codec, Diagnostics};

use super::diagnostics;
use super::model::IntermediateCaPlan;
use crate::pki::{
    Certificate, Description, DistinguishedName, Issuance, NotAfterBehavior, PublicKey,
    SerialNumber, SignatureAlgorithm, Term, Violation, Wildcard, violations,
    violations_without_key,
};
use crate::resources::pki::authority_extensions::AuthorityExtensions;
use crate::resources::pki::issuer::{IssuingAuthority, Usage};
use crate::resources::pki::stored_key::{CertificateIntent, Difference, key_algorithm};
use crate::resources::pki::{path_length, signature_algorithm, subject, term, violation};

/// Name of the argument that contains the issuer.
pub(super) const SIGNED_BY: &str = "signed_by";

/// The certificate of an intermediate authority.
#[derive(Debug, Clone, PartialEq)]
pub struct IntermediateCertificate {
    subject: DistinguishedName,
    term: Term,
    behavior: NotAfterBehavior,
    path_length: Option<u8>,
    extensions: AuthorityExtensions,
    authority: IssuingAuthority,
    /// Algorithm with which the certified key signs.
    signature_algorithm: SignatureAlgorithm,
}

impl IntermediateCertificate {
    /// Converts a plan. All configured values must be known.
    pub(super) fn of(plan: &IntermediateCaPlan) -> Result<Self, Diagnostics> {
        let authority = IssuingAuthority::of_argument(SIGNED_BY, &plan.signed_by)?;
        let behavior = plan.not_after_behavior.known();
        let behavior = behavior.and_then(|name| NotAfterBehavior::named(name));
        Ok(Self {
            subject: subject::distinguished_name(&plan.subject)?,
            term: plan.term().term()?,
            behavior: behavior.unwrap_or(NotAfterBehavior::Error),
            path_length: path_length::of_attribute(plan.path_length)?,
            extensions: plan.extensions().extensions()?,
            authority: authority.ok_or_else(diagnostics::unknown_issuer)?,
            signature_algorithm: configured_signature_algorithm(plan)?,
        })
    }

    /// Converts a plan, or returns `None` if a value that the certificate depends on is unknown.
    pub(super) fn of_known(plan: &IntermediateCaPlan) -> Result<Option<Self>, Diagnostics> {
        let known = [
            plan.subject.clone().encode(),
            plan.signed_by.clone().encode(),
            plan.key_algorithm.clone().encode(),
            plan.validity_days.encode(),
            plan.not_after.clone().encode(),
            plan.not_after_behavior.clone().encode(),
            plan.not_before_margin_minutes.encode(),
            plan.path_length.encode(),
            plan.extended_key_usage.clone().encode(),
            plan.name_constraints.clone().encode(),
            plan.policy_oids.clone().encode(),
            plan.crl_distribution_points.clone().encode(),
            plan.ca_issuers_urls.clone().encode(),
            plan.ocsp_urls.clone().encode(),
        ];
        match known.iter().all(|value| value.is_wholly_known()) {
            true => Self::of(plan).map(Some),
            false => Ok(None),
        }
    }

    /// Returns the authority that signs.
    pub(super) fn authority(&self) -> &IssuingAuthority {
        &self.authority
    }

    /// Returns the errors in the issuance at `now`, regardless of the key. The plan reports them.
    pub(super) fn invalid_issuance(&self, now: Timestamp) -> Diagnostics {
        let mut found = Diagnostics::new();
        found.extend(self.authority.require(Usage::SignCa).err());
        let serial_number = SerialNumber::from_magnitude(&[1]).expect("1 is a serial number");
        match self.describe(serial_number, now) {
            Ok(description) => {
                let (issuer, above) = (&self.authority.certificate, &self.authority.chain);
                let violations =
                    violations_without_key(&description, issuer, above, Wildcard::Refused);
                found.extend(self.diagnostics(&violations));
                // The key of the issuer represents the key of the authority, which can be unknown.
                let size = self.authority.check_size(&description, issuer.public_key());
                found.extend(size.err());
            }
            Err(errors) => found.extend(errors),
        }
        found
    }

    fn diagnostics(&self, violations: &[Violation]) -> Diagnostics {
        let issuer = self.authority.certificate.description().subject.to_string();
        let convert = |violation| {
            let path = diagnostics::path_of(violation).unwrap_or_else(|| term::end_path(self.term));
            violation::diagnostic(violation, &issuer).at(path)
        };
        violations.iter().map(convert).collect()
    }
}

impl CertificateIntent for IntermediateCertificate {
    fn describe(
        &self,
        serial_number: SerialNumber,
        now: Timestamp,
    ) -> Result<Description, Diagnostics> {
        let validity = self
            .term
            .within(now, &self.authority.validity(), self.behavior);
        let validity =
            validity.map_err(|error| term::out_of_range(&error).at(term::end_path(self.term)))?;
        let issuance = Issuance {
            issuer: self.authority.certificate.description().subject.clone(),
            serial_number,
            validity,
            signature_algorithm: self.authority.signature_algorithm,
        };
        let subject = self.subject.clone();
        let description = Description::intermediate(subject, self.path_length, issuance);
        Ok(self.extensions.add_to(description))
    }

    fn issuer(&self) -> Option<&IssuingAuthority> {
        Some(&self.authority)
    }

    fn signs_with(&self) -> Option<SignatureAlgorithm> {
        Some(self.signature_algorithm)
    }

    fn check(&self, description: &Description, key: &PublicKey) -> Result<(), Diagnostics> {
        self.authority.require(Usage::SignCa)?;
        let (issuer, above) = (&self.authority.certificate, &self.authority.chain);
        let found = violations(description, key, issuer, above, Wildcard::Refused);
        self.diagnostics(&found).into_result().map(drop)
    }

    fn differences(&self, stored: &Description) -> Vec<Difference> {
        let met =
            self.term
                .is_met_within(&stored.validity, &self.authority.validity(), self.behavior);
        let validity = match met {
            true => None,
            false => term::difference(self.term, &stored.validity),
        };
        let found = [
            subject::difference(&self.subject, &stored.subject),
            path_length::difference(self.path_length, stored.path_length()),
            validity,
        ];
        let mut found: Vec<Difference> = found.into_iter().flatten().collect();
        found.extend(self.extensions.differences(stored));
        found
    }
}

/// Returns the configured algorithm with which the key signs, or the default of the key algorithm.
pub(super) fn configured_signature_algorithm(
    plan: &IntermediateCaPlan,
) -> Result<SignatureAlgorithm, Diagnostics> {
    signature_algorithm::of_attribute(key_algorithm(plan)?, &plan.signature_algorithm)
}

/// Returns the certificates of the issuer in PEM format, each before its own issuer: the value of `chain_pem`. Returns
/// `None` if the issuer is unknown or not valid.
pub(super) fn chain_of(plan: &IntermediateCaPlan) -> Option<String> {
    let authority = IssuingAuthority::of_argument(SIGNED_BY, &plan.signed_by).ok()??;
    let certificates = authority.certificates();
    Some(certificates.iter().map(Certificate::to_pem).collect())
}
