//! The `subject` object of certificates: schema, conversion, validation, and comparison.
//!
//! These functions are pure.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned, Schema};

use super::stored_key::{Difference, LockedAttribute};
use crate::pki::{self, DistinguishedName, NameAttribute, check_name_attribute};

/// Distinguished name. The length limits are the upper bounds in RFC 5280 appendix A.1.
#[derive(Schema)]
pub struct Subject {
    /// Common name, at most 64 characters.
    #[attr(required)]
    pub common_name: String,
    /// Organization, at most 64 characters.
    #[attr(optional)]
    pub organization: Option<String>,
    /// Organizational unit, at most 64 characters.
    #[attr(optional)]
    pub organizational_unit: Option<String>,
    /// ISO 3166-1 country code: two uppercase letters.
    #[attr(optional)]
    pub country: Option<String>,
    /// Locality, at most 128 characters.
    #[attr(optional)]
    pub locality: Option<String>,
    /// State or province, at most 128 characters.
    #[attr(optional)]
    pub province: Option<String>,
}

impl Subject {
    /// Converts the subject to a distinguished name.
    ///
    /// # Errors
    /// Returns an error if the subject violates a rule for distinguished names.
    pub fn checked(self) -> Result<DistinguishedName, pki::NameError> {
        let values = [
            (NameAttribute::Country, self.country),
            (NameAttribute::Province, self.province),
            (NameAttribute::Locality, self.locality),
            (NameAttribute::Organization, self.organization),
            (NameAttribute::OrganizationalUnit, self.organizational_unit),
            (NameAttribute::CommonName, Some(self.common_name)),
        ];
        DistinguishedName::new(
            values
                .into_iter()
                .filter_map(|(attribute, value)| Some((attribute, value?))),
        )
    }
}

impl From<&DistinguishedName> for Subject {
    fn from(subject: &DistinguishedName) -> Self {
        let value = |attribute| subject.get(attribute).map(str::to_owned);
        Self {
            common_name: value(NameAttribute::CommonName).unwrap_or_default(),
            organization: value(NameAttribute::Organization),
            organizational_unit: value(NameAttribute::OrganizationalUnit),
            country: value(NameAttribute::Country),
            locality: value(NameAttribute::Locality),
            province: value(NameAttribute::Province),
        }
    }
}

/// Converts the attribute `subject` of a plan.
///
/// # Errors
/// Returns an error if a value is unknown or violates a rule for distinguished names.
pub fn distinguished_name(plan: &Planned<SubjectPlan>) -> Result<DistinguishedName, Diagnostics> {
    let settled: Result<Subject, _> = plan.clone().settle(path());
    let subject = settled.map_err(Diagnostic::from)?;
    subject.checked().map_err(|error| {
        let detail = format!("The subject violates a rule: {error}.");
        Diagnostics::from(Diagnostic::error("Invalid subject", detail).at(path()))
    })
}

/// Returns an error for each attribute of a subject that violates a rule. Unknown values are accepted.
pub fn invalid_attributes(subject: &SubjectPlan) -> impl Iterator<Item = Diagnostic> {
    attributes(subject)
        .into_iter()
        .filter_map(|(attribute, path, value)| {
            let violation = check_name_attribute(attribute, value.known()?).err()?;
            Some(
                Diagnostic::error(
                    "Invalid subject",
                    format!("The value of {attribute} is not valid: {}.", violation.rule),
                )
                .at(path),
            )
        })
}

/// Returns the attributes of a subject that cannot be changed, with their values before and after the change.
pub fn locked_attributes(
    before: &Planned<SubjectPlan>,
    after: &Planned<SubjectPlan>,
) -> Vec<LockedAttribute> {
    let (Some(before), Some(after)) = (before.known(), after.known()) else {
        return Vec::new();
    };
    let pairs = attributes(before).into_iter().zip(attributes(after));
    let locked = pairs.map(|((_, path, before), (_, _, after))| LockedAttribute {
        path,
        before: before.clone(),
        after: after.clone(),
    });
    locked.collect()
}

/// Returns the difference between the configured and the stored subject, if any.
#[must_use]
pub fn difference(
    configured: &DistinguishedName,
    stored: &DistinguishedName,
) -> Option<Difference> {
    (stored != configured).then(|| Difference {
        path: path(),
        configured: configured.to_string(),
        stored: stored.to_string(),
    })
}

fn path() -> AttributePath {
    AttributePath::root().attribute("subject")
}

fn attributes(subject: &SubjectPlan) -> [(NameAttribute, AttributePath, &Planned<String>); 6] {
    let at = |name: &str| path().attribute(name);
    [
        (
            NameAttribute::CommonName,
            at("common_name"),
            &subject.common_name,
        ),
        (
            NameAttribute::Organization,
            at("organization"),
            &subject.organization,
        ),
        (
            NameAttribute::OrganizationalUnit,
            at("organizational_unit"),
            &subject.organizational_unit,
        ),
        (NameAttribute::Country, at("country"), &subject.country),
        (NameAttribute::Locality, at("locality"), &subject.locality),
        (NameAttribute::Province, at("province"), &subject.province),
    ]
}
