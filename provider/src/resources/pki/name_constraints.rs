//! The `name_constraints` object of certificate authorities (`nameConstraints`, RFC 5280 section 4.2.1.10).
//!
//! These functions are pure.

use std::collections::BTreeSet;

use tfplugin::Schema;
use tfplugin::validate::{each, text};

use crate::pki::{
    self, DistinguishedName, InvalidIpRange, IpRange, NameAttribute, NameConstraintsError,
    NameError,
};

/// Names that an authority and all authorities below it can certify.
#[derive(Schema)]
pub struct NameConstraints {
    /// Permitted names. If names of a type are specified, all other names of that type are rejected. Names of other types are
    /// not restricted.
    #[attr(optional)]
    pub permitted: Option<Subtrees>,
    /// Excluded names. An excluded name is rejected even if it is also permitted.
    #[attr(optional)]
    pub excluded: Option<Subtrees>,
}

/// Names by form. Each element includes all names below it.
#[derive(Schema)]
pub struct Subtrees {
    /// Domains, such as `example.com`. Each one includes itself and its subdomains.
    #[attr(optional)]
    pub dns_domains: Option<BTreeSet<String>>,
    /// Mailboxes (`user@example.com`), hosts (`example.com`), or domains (`.example.com`, which includes only subdomains).
    #[attr(optional)]
    pub email_domains: Option<BTreeSet<String>>,
    /// IP address ranges, such as `10.0.0.0/8`.
    #[attr(optional, validate = each(text(RANGE_RULE, is_range)))]
    pub ip_ranges: Option<BTreeSet<String>>,
    /// Distinguished names. Each one includes the names that start with its attributes.
    #[attr(optional)]
    pub directory_names: Option<Vec<DirectoryName>>,
}

/// Attributes at the start of a distinguished name. At least one must be set.
#[derive(Schema)]
pub struct DirectoryName {
    /// ISO 3166-1 country code: two uppercase letters.
    #[attr(optional)]
    pub country: Option<String>,
    /// State or province, at most 128 characters.
    #[attr(optional)]
    pub province: Option<String>,
    /// Locality, at most 128 characters.
    #[attr(optional)]
    pub locality: Option<String>,
    /// Organization, at most 64 characters.
    #[attr(optional)]
    pub organization: Option<String>,
    /// Organizational unit, at most 64 characters.
    #[attr(optional)]
    pub organizational_unit: Option<String>,
    /// Common name, at most 64 characters.
    #[attr(optional)]
    pub common_name: Option<String>,
}

const RANGE_RULE: &str = "be an IP address range in CIDR notation without host bits";

fn is_range(text: &str) -> bool {
    text.parse::<IpRange>().is_ok()
}

/// Reason why name constraints are not valid.
#[derive(Debug, thiserror::Error)]
pub enum InvalidNameConstraints {
    /// An IP address range is not valid.
    #[error("{range:?}: {cause}")]
    Range {
        /// The configured range.
        range: String,
        /// The violated rule.
        cause: InvalidIpRange,
    },
    /// A directory name violates a rule.
    #[error(transparent)]
    Directory(#[from] NameError),
    /// The subtrees violate a rule.
    #[error(transparent)]
    Subtrees(#[from] NameConstraintsError),
}

impl NameConstraints {
    /// Converts the object to an extension.
    ///
    /// # Errors
    /// Returns an error if a name or a range is not valid.
    pub fn checked(self) -> Result<pki::NameConstraints, InvalidNameConstraints> {
        let subtrees =
            |subtrees: Option<Subtrees>| subtrees.map(Subtrees::checked).unwrap_or_else(empty);
        let (permitted, excluded) = (subtrees(self.permitted)?, subtrees(self.excluded)?);
        Ok(pki::NameConstraints::new(permitted, excluded)?)
    }
}

fn empty() -> Result<pki::Subtrees, InvalidNameConstraints> {
    Ok(pki::Subtrees::default())
}

impl Subtrees {
    fn checked(self) -> Result<pki::Subtrees, InvalidNameConstraints> {
        let texts = |texts: Option<BTreeSet<String>>| texts.into_iter().flatten();
        let range = |range: String| {
            let parsed = range.parse();
            parsed.map_err(|cause| InvalidNameConstraints::Range { range, cause })
        };
        let ranges = texts(self.ip_ranges).map(range);
        let names = self.directory_names.into_iter().flatten();
        Ok(pki::Subtrees {
            dns_domains: texts(self.dns_domains).collect(),
            email_domains: texts(self.email_domains).collect(),
            ip_ranges: ranges.collect::<Result<_, _>>()?,
            directory_names: names
                .map(DirectoryName::checked)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl DirectoryName {
    fn checked(self) -> Result<DistinguishedName, NameError> {
        let values = [
            (NameAttribute::Country, self.country),
            (NameAttribute::Province, self.province),
            (NameAttribute::Locality, self.locality),
            (NameAttribute::Organization, self.organization),
            (NameAttribute::OrganizationalUnit, self.organizational_unit),
            (NameAttribute::CommonName, self.common_name),
        ];
        let values = values.into_iter();
        DistinguishedName::base(values.filter_map(|(attribute, value)| Some((attribute, value?))))
    }
}

impl From<&pki::NameConstraints> for NameConstraints {
    fn from(constraints: &pki::NameConstraints) -> Self {
        let subtrees = |subtrees: &pki::Subtrees| {
            (*subtrees != pki::Subtrees::default()).then(|| Subtrees::from(subtrees))
        };
        Self {
            permitted: subtrees(constraints.permitted()),
            excluded: subtrees(constraints.excluded()),
        }
    }
}

impl From<&pki::Subtrees> for Subtrees {
    fn from(subtrees: &pki::Subtrees) -> Self {
        fn some<C>(elements: &[impl Sized], all: C) -> Option<C> {
            (!elements.is_empty()).then_some(all)
        }
        let ranges = subtrees.ip_ranges.iter().map(ToString::to_string);
        let names = subtrees.directory_names.iter().map(DirectoryName::from);
        let (dns, email) = (&subtrees.dns_domains, &subtrees.email_domains);
        Self {
            dns_domains: some(dns, dns.iter().cloned().collect()),
            email_domains: some(email, email.iter().cloned().collect()),
            ip_ranges: some(&subtrees.ip_ranges, ranges.collect()),
            directory_names: some(&subtrees.directory_names, names.collect()),
        }
    }
}

impl From<&DistinguishedName> for DirectoryName {
    fn from(name: &DistinguishedName) -> Self {
        let value = |attribute| name.get(attribute).map(str::to_owned);
        Self {
            country: value(NameAttribute::Country),
            province: value(NameAttribute::Province),
            locality: value(NameAttribute::Locality),
            organization: value(NameAttribute::Organization),
            organizational_unit: value(NameAttribute::OrganizationalUnit),
            common_name: value(NameAttribute::CommonName),
        }
    }
}
