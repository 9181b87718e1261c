//! The attributes for the extensions of a certificate authority: `extended_key_usage`, `name_constraints`, `policy_oids`,
//! and the URLs of revocation lists, issuer certificates, and OCSP responders.
//!
//! These functions are pure.

use std::collections::BTreeSet;

use tfplugin::schema::AttributePath;
use tfplugin::{Codec, Diagnostic, Diagnostics, Planned, PlannedSet};

use super::name_constraints::{NameConstraints, NameConstraintsPlan};
use super::stored_key::Difference;
use crate::pki::{
    self, AuthorityInformationAccess, CertificatePolicies, CrlDistributionPoints, Description,
    KeyPurpose, ObjectIdentifier, check_http_url,
};

/// Rule for an element of `extended_key_usage`.
pub const PURPOSE_RULE: &str = "be server_auth, client_auth, code_signing, email_protection, time_stamping, ocsp_signing, \
    or a dotted object identifier";

/// Rule for an element of `policy_oids`.
pub const OID_RULE: &str = "be a dotted object identifier, such as 1.3.6.1.4.1.99999.1";

/// Rule for a URL in a certificate.
pub const URL_RULE: &str =
    "be an http URL without a fragment, such as http://pki.example.com/root-ca.crl";

/// Returns whether a text is the name or the object identifier of a purpose.
#[must_use]
pub fn is_purpose(text: &str) -> bool {
    KeyPurpose::named(text).is_ok()
}

/// Returns whether a text is an object identifier.
#[must_use]
pub fn is_oid(text: &str) -> bool {
    text.parse::<ObjectIdentifier>().is_ok()
}

/// Returns whether a text is a URL that a certificate can contain.
#[must_use]
pub fn is_url(text: &str) -> bool {
    check_http_url(text).is_ok()
}

type Texts = Planned<Vec<Planned<String>>>;

/// Values of the attributes in a configuration, a plan, or a state.
#[derive(Clone, Copy)]
pub struct ExtensionAttributes<'a> {
    /// `extended_key_usage`.
    pub extended_key_usage: &'a Planned<PlannedSet<Planned<String>>>,
    /// `name_constraints`.
    pub name_constraints: &'a Planned<NameConstraintsPlan>,
    /// `policy_oids`.
    pub policy_oids: &'a Texts,
    /// `crl_distribution_points`.
    pub crl_distribution_points: &'a Texts,
    /// `ca_issuers_urls`.
    pub ca_issuers_urls: &'a Texts,
    /// `ocsp_urls`.
    pub ocsp_urls: &'a Texts,
}

/// Extensions that a configuration specifies.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorityExtensions {
    purposes: Vec<KeyPurpose>,
    name_constraints: pki::NameConstraints,
    policies: CertificatePolicies,
    revocation: CrlDistributionPoints,
    access: AuthorityInformationAccess,
}

impl ExtensionAttributes<'_> {
    /// Returns the error in `name_constraints`. Unknown values are accepted, and the schema checks the other attributes.
    #[must_use]
    pub fn invalid_configuration(self) -> Option<Diagnostic> {
        let known = self.name_constraints.clone().encode().is_wholly_known();
        let constraints = self.name_constraints_of().err();
        constraints.filter(|_| known)
    }

    /// Converts the attributes. All values must be known.
    ///
    /// # Errors
    /// Returns an error if a value is unknown or not valid.
    pub fn extensions(self) -> Result<AuthorityExtensions, Diagnostics> {
        let names: Option<BTreeSet<String>> =
            read(self.extended_key_usage.clone(), "extended_key_usage")?;
        let mut purposes: Vec<KeyPurpose> = Vec::new();
        for name in names.unwrap_or_default() {
            let purpose = KeyPurpose::named(&name);
            let purpose = purpose.map_err(|error| invalid("extended_key_usage", &error))?;
            if !purposes.contains(&purpose) {
                purposes.push(purpose);
            }
        }
        let policies = texts(self.policy_oids, "policy_oids")?.into_iter();
        let policies =
            policies.map(|oid| oid.parse().map_err(|error| invalid("policy_oids", &error)));
        let policies: Vec<ObjectIdentifier> = policies.collect::<Result<_, _>>()?;
        let revocation = texts(self.crl_distribution_points, "crl_distribution_points")?;
        let revocation = CrlDistributionPoints::new(revocation)
            .map_err(|error| invalid("crl_distribution_points", &error))?;
        let issuers = texts(self.ca_issuers_urls, "ca_issuers_urls")?;
        let ocsp = texts(self.ocsp_urls, "ocsp_urls")?;
        let access = AuthorityInformationAccess::new(issuers, ocsp)
            .map_err(|error| invalid("ca_issuers_urls", &error))?;
        Ok(AuthorityExtensions {
            purposes,
            name_constraints: self.name_constraints_of()?,
            policies: CertificatePolicies::new(policies),
            revocation,
            access,
        })
    }

    /// Returns the paths of the attributes that differ from `before`. Unknown values are not compared.
    #[must_use]
    pub fn changed_since(self, before: ExtensionAttributes<'_>) -> Vec<AttributePath> {
        fn differs<T: Codec + Clone + PartialEq>(before: &Planned<T>, after: &Planned<T>) -> bool {
            before != after && after.clone().encode().is_wholly_known()
        }
        let compared = [
            (
                "extended_key_usage",
                differs(before.extended_key_usage, self.extended_key_usage),
            ),
            (
                "name_constraints",
                differs(before.name_constraints, self.name_constraints),
            ),
            ("policy_oids", differs(before.policy_oids, self.policy_oids)),
            (
                "crl_distribution_points",
                differs(before.crl_distribution_points, self.crl_distribution_points),
            ),
            (
                "ca_issuers_urls",
                differs(before.ca_issuers_urls, self.ca_issuers_urls),
            ),
            ("ocsp_urls", differs(before.ocsp_urls, self.ocsp_urls)),
        ];
        let changed = compared.into_iter().filter(|(_, differs)| *differs);
        changed.map(|(name, _)| attribute(name)).collect()
    }

    fn name_constraints_of(self) -> Result<pki::NameConstraints, Diagnostic> {
        let constraints: Option<NameConstraints> =
            read(self.name_constraints.clone(), "name_constraints")?;
        let checked = constraints.map(NameConstraints::checked).transpose();
        let checked = checked.map_err(|error| invalid("name_constraints", &error))?;
        Ok(checked.unwrap_or_default())
    }
}

impl AuthorityExtensions {
    /// Adds the extensions to a description.
    #[must_use]
    pub fn add_to(&self, description: Description) -> Description {
        description
            .with_extended_key_usage(self.purposes.clone())
            .with(&self.name_constraints)
            .with(&self.policies)
            .with(&self.revocation)
            .with(&self.access)
    }

    /// Adds only the extensions with URLs to a description.
    #[must_use]
    pub fn add_urls_to(&self, description: Description) -> Description {
        description.with(&self.revocation).with(&self.access)
    }

    /// Returns the names of the attributes with URLs that differ from those in a certificate.
    #[must_use]
    pub fn other_urls(&self, stored: &Description) -> Vec<AttributePath> {
        let found = Self::of(stored);
        let pairs = [
            (
                "crl_distribution_points",
                self.revocation == found.revocation,
            ),
            (
                "ca_issuers_urls",
                self.access.ca_issuers() == found.access.ca_issuers(),
            ),
            ("ocsp_urls", self.access.ocsp() == found.access.ocsp()),
        ];
        let changed = pairs.into_iter().filter(|(_, same)| !same);
        changed.map(|(name, _)| attribute(name)).collect()
    }

    /// Returns the differences between the configured and the stored extensions.
    #[must_use]
    pub fn differences(&self, stored: &Description) -> Vec<Difference> {
        let purposes = |purposes: &[KeyPurpose]| {
            let mut names: Vec<String> = purposes.iter().map(KeyPurpose::name).collect();
            names.sort();
            list(&names)
        };
        let oids = |policies: &CertificatePolicies| {
            let oids: Vec<String> = policies.oids().iter().map(ToString::to_string).collect();
            list(&oids)
        };
        let found = Self::of(stored);
        let pairs = [
            (
                "extended_key_usage",
                purposes(&self.purposes),
                purposes(&found.purposes),
            ),
            ("policy_oids", oids(&self.policies), oids(&found.policies)),
            (
                "crl_distribution_points",
                list(self.revocation.urls()),
                list(found.revocation.urls()),
            ),
            (
                "ca_issuers_urls",
                list(self.access.ca_issuers()),
                list(found.access.ca_issuers()),
            ),
            (
                "ocsp_urls",
                list(self.access.ocsp()),
                list(found.access.ocsp()),
            ),
        ];
        let mut differences: Vec<Difference> = pairs
            .into_iter()
            .filter(|(_, configured, stored)| configured != stored)
            .map(|(name, configured, stored)| Difference {
                path: attribute(name),
                configured,
                stored,
            })
            .collect();
        if self.name_constraints != found.name_constraints {
            differences.push(Difference {
                path: attribute("name_constraints"),
                configured: "other constraints".to_owned(),
                stored: "the constraints in the certificate".to_owned(),
            });
        }
        differences
    }

    /// Returns the extensions of a certificate.
    #[must_use]
    pub fn of(description: &Description) -> Self {
        Self {
            purposes: description.extended_key_usage.clone(),
            name_constraints: description.extension().unwrap_or_default(),
            policies: description.extension().unwrap_or_default(),
            revocation: description.extension().unwrap_or_default(),
            access: description.extension().unwrap_or_default(),
        }
    }

    /// Returns `extended_key_usage`.
    #[must_use]
    pub fn extended_key_usage(&self) -> Planned<PlannedSet<Planned<String>>> {
        let names: BTreeSet<String> = self.purposes.iter().map(KeyPurpose::name).collect();
        Planned::Known(names.into_iter().map(Planned::Known).collect())
    }

    /// Returns `name_constraints`, or null without constraints.
    #[must_use]
    pub fn name_constraints(&self) -> Planned<NameConstraintsPlan> {
        let constraints = &self.name_constraints;
        (*constraints != pki::NameConstraints::default())
            .then(|| NameConstraints::from(constraints).into())
            .into()
    }

    /// Returns `policy_oids`.
    #[must_use]
    pub fn policy_oids(&self) -> Texts {
        planned(self.policies.oids().iter().map(ToString::to_string))
    }

    /// Returns `crl_distribution_points`.
    #[must_use]
    pub fn crl_distribution_points(&self) -> Texts {
        planned(self.revocation.urls().iter().cloned())
    }

    /// Returns `ca_issuers_urls`.
    #[must_use]
    pub fn ca_issuers_urls(&self) -> Texts {
        planned(self.access.ca_issuers().iter().cloned())
    }

    /// Returns `ocsp_urls`.
    #[must_use]
    pub fn ocsp_urls(&self) -> Texts {
        planned(self.access.ocsp().iter().cloned())
    }
}

fn planned(texts: impl Iterator<Item = String>) -> Texts {
    Planned::Known(texts.map(Planned::Known).collect())
}

fn texts(value: &Texts, name: &str) -> Result<Vec<String>, Diagnostic> {
    let texts: Option<Vec<String>> = read(value.clone(), name)?;
    Ok(texts.unwrap_or_default())
}

fn read<T: Codec, P: Codec>(value: Planned<T>, name: &str) -> Result<P, Diagnostic> {
    value.settle(attribute(name)).map_err(Diagnostic::from)
}

fn invalid(name: &str, error: &dyn std::error::Error) -> Diagnostic {
    let detail = format!("The certificate cannot contain the value of {name}: {error}.");
    Diagnostic::error("Invalid certificate extension", detail).at(attribute(name))
}

fn list(texts: &[String]) -> String {
    match texts.is_empty() {
        true => "none".to_owned(),
        false => texts.join(", "),
    }
}

fn attribute(name: &str) -> AttributePath {
    AttributePath::root().attribute(name)
}
