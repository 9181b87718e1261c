//! The end-entity certificate that a configuration specifies.
//!
//! These functions are pure.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::model::{LeafCertificate, LeafCertificatePlan};
use super::names;
use super::term::LeafTerm;
use crate::pki::{
    AlternativeName, AuthorityInformationAccess, CertificateKind, CrlDistributionPoints,
    Description, DistinguishedName, Issuance, KeyAlgorithm, KeyPurpose, PublicKey, SerialNumber,
    Violation, Wildcard, violations,
};
use crate::resources::pki::issuer::{IssuingAuthority, Usage};
use crate::resources::pki::key_source;
use crate::resources::pki::stored_key::{CertificateIntent, Difference, key_algorithm};

/// An end-entity certificate.
pub struct LeafIntent {
    pub(super) issuer: IssuingAuthority,
    subject: DistinguishedName,
    names: Vec<AlternativeName>,
    purposes: Vec<KeyPurpose>,
    key: KeyAlgorithm,
    term: LeafTerm,
    wildcard: Wildcard,
    distribution_points: CrlDistributionPoints,
    access: AuthorityInformationAccess,
}

impl LeafIntent {
    /// Converts a plan. All values that the certificate contains must be known.
    ///
    /// # Errors
    /// Returns an error if a value is unknown or invalid, or if the issuer is not allowed to issue the certificate.
    pub(super) fn of(plan: &LeafCertificatePlan) -> Result<Self, Diagnostics> {
        let issuer = issuer(plan)?;
        let root_allowed = plan.allow_root_issuance == Planned::Known(true);
        if issuer.certificate.description().kind() == CertificateKind::Root && !root_allowed {
            return Err(diagnostics::root_issuance(&issuer).into());
        }
        let paths = LeafCertificate::paths();
        let invalid = |path: AttributePath| {
            move |error: crate::pki::AlternativeNameViolation| {
                Diagnostics::from(Diagnostic::error("Invalid URL", format!("{error}.")).at(path))
            }
        };
        let (points, issuers) = (
            urls(
                &plan.crl_distribution_points,
                paths.crl_distribution_points().into(),
            )?,
            urls(&plan.ca_issuers_urls, paths.ca_issuers_urls().into())?,
        );
        let ocsp = urls(&plan.ocsp_urls, paths.ocsp_urls().into())?;
        Ok(Self {
            subject: names::subject(plan)?,
            names: names::alternative_names(plan)?,
            purposes: purposes(plan)?,
            key: match request_key(plan)? {
                Some(key) => key.algorithm(),
                None => key_algorithm(plan)?,
            },
            term: LeafTerm::of(plan)?,
            wildcard: names::wildcard(plan),
            distribution_points: CrlDistributionPoints::new(points)
                .map_err(invalid(paths.crl_distribution_points().into()))?,
            access: AuthorityInformationAccess::new(issuers, ocsp)
                .map_err(invalid(paths.ca_issuers_urls().into()))?,
            issuer,
        })
    }

    /// Describes a certificate that is issued at `now`, and checks it against the issuer. If `key` is `None`, the key does not
    /// exist yet.
    pub(super) fn checked(
        &self,
        serial_number: SerialNumber,
        now: Timestamp,
        key: Option<&PublicKey>,
    ) -> Result<Description, Diagnostics> {
        self.issuer.require(Usage::SignLeaf)?;
        let authority = &self.issuer.certificate;
        let limit = &authority.description().validity;
        let issuance = Issuance {
            issuer: authority.description().subject.clone(),
            serial_number,
            validity: self.term.validity(now, limit)?,
            signature_algorithm: self.issuer.signature_algorithm,
        };
        let description = Description::leaf(
            self.subject.clone(),
            self.names.clone(),
            self.purposes.clone(),
            self.key,
            issuance,
        )
        .with(&self.distribution_points)
        .with(&self.access);
        self.check_rules(&description, key)?;
        self.issuer
            .check_size(&description, key.unwrap_or(authority.public_key()))?;
        Ok(description)
    }

    /// Checks a description against the issuer and the certificates above it.
    fn check_rules(
        &self,
        description: &Description,
        key: Option<&PublicKey>,
    ) -> Result<(), Diagnostics> {
        let (authority, above) = (&self.issuer.certificate, &self.issuer.chain);
        // The names do not depend on the key, so the key of the issuer represents a key that does not exist yet.
        let subject_key = key.unwrap_or(authority.public_key());
        let found = violations(description, subject_key, authority, above, self.wildcard);
        let found = found
            .iter()
            .filter(|found| key.is_some() || !matches!(found, Violation::IssuerKey { .. }));
        let found: Diagnostics = found.map(diagnostics::violation).collect();
        found.into_result().map(drop)
    }

    /// Returns when a certificate that is issued at `now` would end.
    pub(super) fn next_end(&self, now: Timestamp) -> Result<Timestamp, Diagnostics> {
        let limit = &self.issuer.certificate.description().validity;
        let validity = self.term.validity(now, limit)?;
        Ok(validity.not_after())
    }
}

impl CertificateIntent for LeafIntent {
    fn describe(
        &self,
        serial_number: SerialNumber,
        now: Timestamp,
    ) -> Result<Description, Diagnostics> {
        self.checked(serial_number, now, None)
    }

    fn issuer(&self) -> Option<&IssuingAuthority> {
        Some(&self.issuer)
    }

    fn check(&self, description: &Description, key: &PublicKey) -> Result<(), Diagnostics> {
        self.issuer.require(Usage::SignLeaf)?;
        self.check_rules(description, Some(key))
    }

    fn differences(&self, stored: &Description) -> Vec<Difference> {
        let authority = self.issuer.certificate.description();
        let paths = LeafCertificate::paths();
        let text = |path: AttributePath, configured: String, stored: String| {
            (configured != stored).then_some(Difference {
                path,
                configured,
                stored,
            })
        };
        let list = |urls: &[String]| urls.join(", ");
        let points = stored
            .extension::<CrlDistributionPoints>()
            .unwrap_or_default();
        let access = stored
            .extension::<AuthorityInformationAccess>()
            .unwrap_or_default();
        let purposes = |purposes: &[KeyPurpose]| {
            let names = purposes.iter().map(KeyPurpose::name);
            names
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .join(", ")
        };
        let found = [
            text(
                AttributePath::root().attribute("issuer"),
                authority.subject.to_string(),
                stored.issuer.to_string(),
            ),
            text(
                AttributePath::root().attribute("subject"),
                self.subject.to_string(),
                stored.subject.to_string(),
            ),
            text(
                paths.dns_names(),
                names_of(&self.names),
                names_of(&stored.subject_alternative_names),
            ),
            text(
                paths.extended_key_usage(),
                purposes(&self.purposes),
                purposes(&stored.extended_key_usage),
            ),
            text(
                paths.crl_distribution_points().into(),
                list(self.distribution_points.urls()),
                list(points.urls()),
            ),
            text(
                paths.ca_issuers_urls().into(),
                list(self.access.ca_issuers()),
                list(access.ca_issuers()),
            ),
            text(
                paths.ocsp_urls().into(),
                list(self.access.ocsp()),
                list(access.ocsp()),
            ),
            self.term.difference(&stored.validity, &authority.validity),
        ];
        found.into_iter().flatten().collect()
    }
}

/// Returns the issuer of a plan, all of whose values must be known.
pub(super) fn issuer(plan: &LeafCertificatePlan) -> Result<IssuingAuthority, Diagnostics> {
    IssuingAuthority::of(&plan.issuer)?.ok_or_else(|| {
        Diagnostic::bug("The issuer is unknown", "issuer")
            .at(AttributePath::root().attribute("issuer"))
            .into()
    })
}

/// Returns the key in the request of a plan, or `None` if there is no request. The value must be known.
pub(super) fn request_key(plan: &LeafCertificatePlan) -> Result<Option<PublicKey>, Diagnostics> {
    key_source::request_key(&plan.csr_pem, CertificateKind::Leaf)
}

fn purposes(plan: &LeafCertificatePlan) -> Result<Vec<KeyPurpose>, Diagnostics> {
    let path = LeafCertificate::paths().extended_key_usage();
    let texts: BTreeSet<String> = plan.extended_key_usage.clone().settle(path.clone())?;
    let mut purposes: Vec<KeyPurpose> = Vec::new();
    for text in texts {
        let purpose = KeyPurpose::named(&text).map_err(|error| {
            Diagnostic::error("Invalid purpose", format!("{text:?}: {error}.")).at(path.clone())
        })?;
        if !purposes.contains(&purpose) {
            purposes.push(purpose);
        }
    }
    Ok(purposes)
}

fn urls(
    plan: &Planned<Vec<Planned<String>>>,
    path: AttributePath,
) -> Result<Vec<String>, Diagnostics> {
    Ok(plan.clone().settle(path)?)
}

/// Returns alternative names as one text.
fn names_of(names: &[AlternativeName]) -> String {
    let text = names.iter().map(|name| match name {
        AlternativeName::Dns(name) => name.clone(),
        AlternativeName::Email(address) => address.clone(),
        AlternativeName::Uri(uri) => uri.clone(),
        AlternativeName::Ip(address) => address.to_string(),
    });
    text.collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
        .join(", ")
}
