//! Distinguished names of issuers and subjects, and the rules for their attributes.
//!
//! The limits are the upper bounds of RFC 5280 appendix A.1 (from X.520). A [`DistinguishedName`] always complies with
//! the rules because all its constructors check them. The name of an issuer or a subject has a common name or is empty.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Attribute type in a distinguished name. The order of the variants is the order in the encoded name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameAttribute {
    /// `countryName`, a two-letter ISO 3166-1 code.
    Country,
    /// `stateOrProvinceName`.
    Province,
    /// `localityName`.
    Locality,
    /// `organizationName`.
    Organization,
    /// `organizationalUnitName`.
    OrganizationalUnit,
    /// `commonName`.
    CommonName,
}

impl NameAttribute {
    /// All attributes in encoding order.
    pub const ALL: [Self; 6] = [
        Self::Country,
        Self::Province,
        Self::Locality,
        Self::Organization,
        Self::OrganizationalUnit,
        Self::CommonName,
    ];

    /// Returns the name in the configuration, the state, and the key document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Province => "province",
            Self::Locality => "locality",
            Self::Organization => "organization",
            Self::OrganizationalUnit => "organizational_unit",
            Self::CommonName => "common_name",
        }
    }

    /// Returns the object identifier of the attribute type (RFC 5280 appendix A.1).
    pub(super) const fn oid(self) -> &'static [u64] {
        match self {
            Self::Country => &[2, 5, 4, 6],
            Self::Province => &[2, 5, 4, 8],
            Self::Locality => &[2, 5, 4, 7],
            Self::Organization => &[2, 5, 4, 10],
            Self::OrganizationalUnit => &[2, 5, 4, 11],
            Self::CommonName => &[2, 5, 4, 3],
        }
    }

    /// Returns the maximum number of characters and the name of the upper bound in RFC 5280 appendix A.1.
    const fn upper_bound(self) -> (usize, &'static str) {
        match self {
            Self::Country => (2, "ub-country-name-alpha-length"),
            Self::Province => (128, "ub-state-name"),
            Self::Locality => (128, "ub-locality-name"),
            Self::Organization => (64, "ub-organization-name"),
            Self::OrganizationalUnit => (64, "ub-organizational-unit-name"),
            Self::CommonName => (64, "ub-common-name"),
        }
    }
}

impl fmt::Display for NameAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Rule that an attribute violates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameRule {
    /// The value is empty.
    #[error("it must not be empty; omit the attribute instead")]
    Empty,
    /// The value is too long.
    #[error("it must have at most {limit} characters (RFC 5280 {bound}), but has {length}")]
    TooLong {
        /// Number of characters in the value.
        length: usize,
        /// Maximum number of characters.
        limit: usize,
        /// Name of the upper bound in RFC 5280 appendix A.1.
        bound: &'static str,
    },
    /// The value begins or ends with whitespace, which name comparison ignores.
    #[error(
        "it must not begin or end with white space, which name comparison ignores (RFC 5280 section 7.1)"
    )]
    SurroundingSpace,
    /// The value contains an invisible character.
    #[error("it must not contain the invisible character {}", code_point(*.0))]
    InvisibleCharacter(char),
    /// The country does not consist of two uppercase letters.
    #[error("it must be an ISO 3166-1 country code with two uppercase letters, such as \"DE\"")]
    InvalidCountry,
}

fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// An attribute and the rule that it violates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name attribute {attribute} is not valid: {rule}")]
pub struct NameRuleViolation {
    /// Attribute that violates the rule.
    pub attribute: NameAttribute,
    /// Violated rule.
    pub rule: NameRule,
}

/// Checks an attribute value.
///
/// # Errors
/// Returns an error if the value violates a rule. The error contains the first violated rule.
pub fn check_name_attribute(
    attribute: NameAttribute,
    value: &str,
) -> Result<(), NameRuleViolation> {
    match first_violated_rule(attribute, value) {
        Some(rule) => Err(NameRuleViolation { attribute, rule }),
        None => Ok(()),
    }
}

fn first_violated_rule(attribute: NameAttribute, value: &str) -> Option<NameRule> {
    if value.is_empty() {
        return Some(NameRule::Empty);
    }
    if let Some(character) = value.chars().find(|character| is_invisible(*character)) {
        return Some(NameRule::InvisibleCharacter(character));
    }
    if attribute == NameAttribute::Country {
        let two_capitals = value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase());
        return (!two_capitals).then_some(NameRule::InvalidCountry);
    }
    if value.trim() != value {
        return Some(NameRule::SurroundingSpace);
    }
    let (limit, bound) = attribute.upper_bound();
    let length = value.chars().count();
    (length > limit).then_some(NameRule::TooLong {
        length,
        limit,
        bound,
    })
}

/// Returns whether a character is a control character, a line or paragraph separator, or a formatting character that
/// can make two names look identical.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// A distinguished name that complies with all rules and contains each attribute at most once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "BTreeMap<NameAttribute, String>",
    into = "BTreeMap<NameAttribute, String>"
)]
pub struct DistinguishedName(BTreeMap<NameAttribute, String>);

/// Reason why a list of attributes is not a distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// An attribute violates a rule.
    #[error(transparent)]
    Attribute(#[from] NameRuleViolation),
    /// An attribute is specified more than once.
    #[error("the name attribute {0} is specified more than once")]
    Duplicate(NameAttribute),
    /// The common name is missing.
    #[error("the name must have a common_name")]
    NoCommonName,
}

impl DistinguishedName {
    /// Creates a name with the specified attributes.
    ///
    /// # Errors
    /// Returns an error if an attribute violates a rule or is specified more than once, or if the common name is
    /// missing.
    pub fn new(
        attributes: impl IntoIterator<Item = (NameAttribute, String)>,
    ) -> Result<Self, NameError> {
        let name = Self::base(attributes)?;
        match name.0.contains_key(&NameAttribute::CommonName) {
            true => Ok(name),
            false => Err(NameError::NoCommonName),
        }
    }

    /// Returns the name without attributes. The subject of an end entity is empty if its alternative names identify it
    /// (RFC 5280 section 4.1.2.6).
    #[must_use]
    pub const fn empty() -> Self {
        Self(BTreeMap::new())
    }

    /// Creates the base of a subtree (RFC 5280 section 4.2.1.10), which does not need a common name.
    ///
    /// # Errors
    /// Returns an error if an attribute violates a rule or is specified more than once.
    pub fn base(
        attributes: impl IntoIterator<Item = (NameAttribute, String)>,
    ) -> Result<Self, NameError> {
        let mut values = BTreeMap::new();
        for (attribute, value) in attributes {
            check_name_attribute(attribute, &value)?;
            if values.insert(attribute, value).is_some() {
                return Err(NameError::Duplicate(attribute));
            }
        }
        Ok(Self(values))
    }

    /// Returns whether the name has no attributes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the value of an attribute.
    pub fn get(&self, attribute: NameAttribute) -> Option<&str> {
        self.0.get(&attribute).map(String::as_str)
    }

    /// Returns whether two names match according to RFC 5280 section 7.1. The values can differ in case and white space.
    /// Verifiers find issuers with this comparison.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        let compared = |name: &Self| -> Vec<_> {
            name.iter()
                .map(|(attribute, value)| (attribute, prepared(value)))
                .collect()
        };
        compared(self) == compared(other)
    }

    /// Returns attributes and values in encoding order.
    pub fn iter(&self) -> impl Iterator<Item = (NameAttribute, &str)> {
        self.0
            .iter()
            .map(|(attribute, value)| (*attribute, value.as_str()))
    }
}

/// Folds case and white space before a comparison, as RFC 5280 section 7.1 requires.
pub(super) fn prepared(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

impl TryFrom<BTreeMap<NameAttribute, String>> for DistinguishedName {
    type Error = NameError;

    fn try_from(attributes: BTreeMap<NameAttribute, String>) -> Result<Self, Self::Error> {
        match attributes.is_empty() {
            true => Ok(Self::empty()),
            false => Self::new(attributes),
        }
    }
}

impl From<DistinguishedName> for BTreeMap<NameAttribute, String> {
    fn from(subject: DistinguishedName) -> Self {
        subject.0
    }
}

impl fmt::Display for DistinguishedName {
    /// Prints the name for messages: `country=DE, common_name=Example Root`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (attribute, value)) in self.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{attribute}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::NameAttribute::{CommonName, Country, Locality, Organization};
    use super::*;

    fn rule(attribute: NameAttribute, value: &str) -> Option<NameRule> {
        check_name_attribute(attribute, value)
            .err()
            .map(|violation| violation.rule)
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(rule(CommonName, &"ü".repeat(64)), None);
        assert_eq!(
            rule(CommonName, &"ü".repeat(65)),
            Some(NameRule::TooLong {
                length: 65,
                limit: 64,
                bound: "ub-common-name"
            })
        );
        assert_eq!(rule(Locality, &"x".repeat(128)), None);
        assert!(rule(Locality, &"x".repeat(129)).is_some());
    }

    #[test]
    fn a_country_must_have_two_uppercase_letters() {
        assert_eq!(rule(Country, "DE"), None);
        for wrong in ["de", "DEU", "D", "D1", "ÄÖ", "D "] {
            assert_eq!(
                rule(Country, wrong),
                Some(NameRule::InvalidCountry),
                "{wrong}"
            );
        }
    }

    #[test]
    fn empty_values_surrounding_space_and_invisible_characters_are_rejected() {
        assert_eq!(rule(CommonName, ""), Some(NameRule::Empty));
        assert_eq!(rule(CommonName, " Root"), Some(NameRule::SurroundingSpace));
        assert_eq!(
            rule(CommonName, "Ro\0ot"),
            Some(NameRule::InvisibleCharacter('\0'))
        );
        assert_eq!(
            rule(CommonName, "Ro\u{202E}ot"),
            Some(NameRule::InvisibleCharacter('\u{202E}'))
        );
        assert_eq!(
            rule(Organization, "a\nb"),
            Some(NameRule::InvisibleCharacter('\n'))
        );
    }

    #[test]
    fn the_message_specifies_the_attribute_and_the_rule() {
        let violation = check_name_attribute(CommonName, "a\u{7}").unwrap_err();
        let text = violation.to_string();
        assert!(
            text.contains("common_name") && text.contains("U+0007"),
            "{text}"
        );
    }

    #[test]
    fn a_subject_is_printed_in_encoding_order() {
        let country = (Country, "DE".to_owned());
        let name = (CommonName, "Example Root".to_owned());
        let subject = DistinguishedName::new([name.clone(), country]).unwrap();
        assert_eq!(subject.to_string(), "country=DE, common_name=Example Root");
        let subject = DistinguishedName::new([name]).unwrap();
        assert_eq!(subject.to_string(), "common_name=Example Root");
    }

    #[test]
    fn duplicates_and_a_missing_common_name_are_rejected() {
        let twice = [(CommonName, "a".to_owned()), (CommonName, "b".to_owned())];
        assert_eq!(
            DistinguishedName::new(twice),
            Err(NameError::Duplicate(CommonName))
        );
        assert_eq!(
            DistinguishedName::new([(Country, "DE".to_owned())]),
            Err(NameError::NoCommonName)
        );
    }

    proptest! {
        #[test]
        fn valid_names_round_trip_through_json(name in "\\PC{1,64}", country in "[A-Z]{2}") {
            let attributes = [(CommonName, name), (Country, country)];
            let Ok(subject) = DistinguishedName::new(attributes) else { return Ok(()) };
            let text = serde_json::to_string(&subject).unwrap();
            prop_assert_eq!(serde_json::from_str::<DistinguishedName>(&text).unwrap(), subject);
        }

        #[test]
        fn control_characters_are_rejected(before in "[a-z]{0,5}", control in "\\p{Cc}", after in "[a-z]{0,5}") {
            let value = [before, control, after].concat();
            prop_assert!(check_name_attribute(CommonName, &value).is_err());
        }
    }
}
