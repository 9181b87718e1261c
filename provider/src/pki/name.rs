//! Distinguished names of issuers and subjects: which attributes they may have and what each may contain.
//!
//! Limits are the upper bounds of RFC 5280 appendix A.1 (from X.520). A name that exists has passed every
//! rule; nothing here may build one around them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An attribute type of a distinguished name. The order is the order in which the name is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameAttribute {
    /// `countryName`, two letters of ISO 3166-1.
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
    /// Every attribute, in encoding order.
    pub const ALL: [Self; 6] = [
        Self::Country,
        Self::Province,
        Self::Locality,
        Self::Organization,
        Self::OrganizationalUnit,
        Self::CommonName,
    ];

    /// The name in configuration, state and the secret document.
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

    /// The largest number of characters, with the name RFC 5280 appendix A.1 gives the bound.
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

/// A rule that an attribute violates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameRule {
    /// The value is empty.
    #[error("it must not be empty; leave the attribute out instead")]
    Empty,
    /// The value has more characters than allowed.
    #[error("it has {length} characters and may have at most {limit} (RFC 5280 {bound})")]
    TooLong {
        /// Characters the value has.
        length: usize,
        /// Characters it may have.
        limit: usize,
        /// The name of the limit in RFC 5280 appendix A.1.
        bound: &'static str,
    },
    /// The value begins or ends with white space, which name comparison ignores.
    #[error(
        "it must not begin or end with white space, which RFC 5280 section 7.1 ignores when names are compared"
    )]
    SurroundingSpace,
    /// The value holds a character that cannot be seen.
    #[error("it contains {}, which cannot be seen and must not be in a name", code_point(*.0))]
    InvisibleCharacter(char),
    /// The country is not two capital letters.
    #[error(
        "it must be two capital letters of ISO 3166-1, such as \"DE\", because RFC 5280 encodes it as a PrintableString"
    )]
    NotACountry,
}

fn code_point(character: char) -> String {
    format!("the character U+{:04X}", u32::from(character))
}

/// One attribute and the rule that it violates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("name attribute {attribute} is not allowed: {rule}")]
pub struct NameRuleBroken {
    /// The attribute that broke the rule.
    pub attribute: NameAttribute,
    /// The rule.
    pub rule: NameRule,
}

/// Checks one attribute's value.
///
/// # Errors
/// The first rule that is broken.
pub fn check_name_attribute(attribute: NameAttribute, value: &str) -> Result<(), NameRuleBroken> {
    match first_broken_rule(attribute, value) {
        Some(rule) => Err(NameRuleBroken { attribute, rule }),
        None => Ok(()),
    }
}

fn first_broken_rule(attribute: NameAttribute, value: &str) -> Option<NameRule> {
    if value.is_empty() {
        return Some(NameRule::Empty);
    }
    if let Some(character) = value.chars().find(|character| is_invisible(*character)) {
        return Some(NameRule::InvisibleCharacter(character));
    }
    if attribute == NameAttribute::Country {
        let two_capitals = value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase());
        return (!two_capitals).then_some(NameRule::NotACountry);
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

/// Control characters, line and paragraph separators, and the formatting characters with which one name can be
/// made to look like another.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// A distinguished name that has passed every rule, with each attribute at most once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "BTreeMap<NameAttribute, String>",
    into = "BTreeMap<NameAttribute, String>"
)]
pub struct DistinguishedName(BTreeMap<NameAttribute, String>);

/// A list of attributes that is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// One attribute violates a rule.
    #[error(transparent)]
    Attribute(#[from] NameRuleBroken),
    /// An attribute is specified twice.
    #[error("name attribute {0} is specified more than once")]
    Duplicate(NameAttribute),
    /// There is no common name.
    #[error("the name has no common_name")]
    NoCommonName,
}

impl DistinguishedName {
    /// Returns the name with these attributes.
    ///
    /// # Errors
    /// An attribute violates a rule or is specified twice, or there is no common name.
    pub fn new(
        attributes: impl IntoIterator<Item = (NameAttribute, String)>,
    ) -> Result<Self, NameError> {
        let mut values = BTreeMap::new();
        for (attribute, value) in attributes {
            check_name_attribute(attribute, &value)?;
            if values.insert(attribute, value).is_some() {
                return Err(NameError::Duplicate(attribute));
            }
        }
        if !values.contains_key(&NameAttribute::CommonName) {
            return Err(NameError::NoCommonName);
        }
        Ok(Self(values))
    }

    /// The value of one attribute.
    pub fn get(&self, attribute: NameAttribute) -> Option<&str> {
        self.0.get(&attribute).map(String::as_str)
    }

    /// Attributes and values, in encoding order.
    pub fn iter(&self) -> impl Iterator<Item = (NameAttribute, &str)> {
        self.0
            .iter()
            .map(|(attribute, value)| (*attribute, value.as_str()))
    }
}

impl TryFrom<BTreeMap<NameAttribute, String>> for DistinguishedName {
    type Error = NameError;

    fn try_from(attributes: BTreeMap<NameAttribute, String>) -> Result<Self, Self::Error> {
        Self::new(attributes)
    }
}

impl From<DistinguishedName> for BTreeMap<NameAttribute, String> {
    fn from(subject: DistinguishedName) -> Self {
        subject.0
    }
}

impl fmt::Display for DistinguishedName {
    /// Prints for people: `country=DE, common_name=Example Root`.
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
            .map(|broken| broken.rule)
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
    fn a_country_is_two_capital_letters() {
        assert_eq!(rule(Country, "DE"), None);
        for wrong in ["de", "DEU", "D", "D1", "ÄÖ", "D "] {
            assert_eq!(rule(Country, wrong), Some(NameRule::NotACountry), "{wrong}");
        }
    }

    #[test]
    fn names_that_deceive_or_vanish_are_refused() {
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
    fn the_message_names_attribute_and_rule() {
        let broken = check_name_attribute(CommonName, "a\u{7}").unwrap_err();
        let text = broken.to_string();
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
    fn duplicates_and_a_missing_common_name_are_refused() {
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
        fn whatever_is_accepted_survives_json(name in "\\PC{1,64}", country in "[A-Z]{2}") {
            let attributes = [(CommonName, name), (Country, country)];
            let Ok(subject) = DistinguishedName::new(attributes) else { return Ok(()) };
            let text = serde_json::to_string(&subject).unwrap();
            prop_assert_eq!(serde_json::from_str::<DistinguishedName>(&text).unwrap(), subject);
        }

        #[test]
        fn a_control_character_anywhere_is_refused(before in "[a-z]{0,5}", control in "\\p{Cc}", after in "[a-z]{0,5}") {
            let value = [before, control, after].concat();
            prop_assert!(check_name_attribute(CommonName, &value).is_err());
        }
    }
}
