//! Extensions of certificates and certificate signing requests (RFC 5280 section 4.2).

use std::collections::BTreeSet;

use x509_parser::asn1_rs::Any;

use super::der::{self, NotDer};
use super::error::DecodeError;
use super::general_name::GeneralName;
use crate::pki::description::{BasicConstraints, KeyUsage};

/// Decoded extensions. If an extension is absent, its list is empty or its option is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extensions {
    /// All extensions in encoding order.
    pub all: Vec<RawExtension>,
    /// `basicConstraints`. A larger `pathLenConstraint` than 255 is 255.
    pub basic_constraints: Option<BasicConstraints>,
    /// `pathLenConstraint` in `basicConstraints`, in decimal.
    pub path_length_constraint: Option<String>,
    /// `keyUsage` in bit order.
    pub key_usage: Option<Vec<KeyUsage>>,
    /// Object identifiers of the purposes in `extKeyUsage`.
    pub extended_key_usage: Vec<String>,
    /// `subjectAltName`.
    pub subject_alternative_names: Vec<GeneralName>,
    /// `nameConstraints`.
    pub name_constraints: Option<NameConstraints>,
    /// `subjectKeyIdentifier`.
    pub subject_key_id: Option<Vec<u8>>,
    /// Key identifier in `authorityKeyIdentifier`.
    pub authority_key_id: Option<Vec<u8>>,
    /// Object identifiers in `certificatePolicies`.
    pub policy_oids: Vec<String>,
    /// URLs in `cRLDistributionPoints`.
    pub crl_distribution_points: Vec<String>,
    /// `caIssuers` URLs in `authorityInfoAccess`.
    pub ca_issuers_urls: Vec<String>,
    /// `ocsp` URLs in `authorityInfoAccess`.
    pub ocsp_urls: Vec<String>,
}

/// Extension in encoded form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawExtension {
    /// Object identifier of the extension in dotted notation.
    pub oid: String,
    /// Whether the extension is critical.
    pub critical: bool,
    /// Value in DER format.
    pub value: Vec<u8>,
}

/// Content of `nameConstraints` (RFC 5280 section 4.2.1.10).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameConstraints {
    /// Bases of the permitted subtrees.
    pub permitted: Vec<GeneralName>,
    /// Bases of the excluded subtrees.
    pub excluded: Vec<GeneralName>,
}

impl Extensions {
    /// Decodes DER `Extensions` (RFC 5280 appendix A.1).
    pub(super) fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        let element = der::only(octets).map_err(|NotDer| MALFORMED_LIST)?;
        Self::of(&element)
    }

    /// Decodes `Extensions`.
    pub(super) fn of(element: &Any<'_>) -> Result<Self, DecodeError> {
        let elements = der::elements(element).map_err(|NotDer| MALFORMED_LIST)?;
        let raw = elements.iter().map(RawExtension::of);
        let raw = raw.collect::<Result<_, _>>();
        Self::decoded(raw.map_err(|NotDer| MALFORMED_LIST)?)
    }

    /// Decodes the value of a single extension. Returns `None` if the value is malformed.
    pub(in crate::pki) fn only(oid: &str, value: &[u8]) -> Option<Self> {
        let mut decoded = Self::default();
        decoded.take(oid, value).ok().map(|()| decoded)
    }

    /// Decodes the values. Each extension can occur only once.
    fn decoded(all: Vec<RawExtension>) -> Result<Self, DecodeError> {
        let mut decoded = Self::default();
        let mut known = BTreeSet::new();
        for RawExtension { oid, value, .. } in &all {
            if !known.insert(oid) {
                return Err(DecodeError::DuplicateExtension(named(oid)));
            }
            decoded
                .take(oid, value)
                .map_err(|NotDer| DecodeError::Extension(named(oid)))?;
        }
        decoded.all = all;
        Ok(decoded)
    }

    /// Decodes the value of one extension.
    fn take(&mut self, oid: &str, value: &[u8]) -> Result<(), NotDer> {
        match oid {
            BASIC_CONSTRAINTS => self.take_basic_constraints(value)?,
            KEY_USAGE => {
                let flags = der::named_bits(&der::only(value)?)?;
                let set = |usage: &KeyUsage| flags & usage.flag() != 0;
                self.key_usage = Some(KeyUsage::ALL.into_iter().filter(set).collect());
            }
            EXTENDED_KEY_USAGE => {
                let purposes = der::sequence(value)?;
                let purposes = purposes.iter().map(der::object_identifier);
                self.extended_key_usage = purposes.collect::<Result<_, _>>()?;
            }
            SUBJECT_ALT_NAME => self.subject_alternative_names = alternative_names(value)?,
            NAME_CONSTRAINTS => self.name_constraints = Some(name_constraints(value)?),
            SUBJECT_KEY_ID => {
                self.subject_key_id = Some(der::octets(&der::only(value)?)?.to_vec());
            }
            AUTHORITY_KEY_ID => {
                let parts = der::sequence(value)?;
                let key = parts.iter().find(|part| der::context(part) == Some(0));
                self.authority_key_id = key.map(|key| key.data.to_vec());
            }
            CERTIFICATE_POLICIES => {
                for policy in &der::sequence(value)? {
                    let parts = der::elements(policy)?;
                    let oid = parts.first().ok_or(NotDer)?;
                    self.policy_oids.push(der::object_identifier(oid)?);
                }
            }
            CRL_DISTRIBUTION_POINTS => self.crl_distribution_points = distribution_points(value)?,
            AUTHORITY_INFO_ACCESS => self.take_access(value)?,
            _ => {}
        }
        Ok(())
    }

    fn take_basic_constraints(&mut self, value: &[u8]) -> Result<(), NotDer> {
        let parts = der::sequence(value)?;
        let (ca, length) = match &parts[..] {
            [] => (false, None),
            [ca] => (der::boolean(ca)?, None),
            [ca, length] => (der::boolean(ca)?, Some(der::decimal_integer(length)?)),
            _ => return Err(NotDer),
        };
        self.basic_constraints = Some(match (ca, &length) {
            // Paths have fewer than 255 certificates, so a larger limit has the same effect.
            (true, length) => BasicConstraints::Authority {
                path_length: length
                    .as_ref()
                    .map(|length| length.parse().unwrap_or(u8::MAX)),
            },
            (false, None) => BasicConstraints::EndEntity,
            (false, Some(_)) => return Err(NotDer),
        });
        self.path_length_constraint = length;
        Ok(())
    }

    fn take_access(&mut self, value: &[u8]) -> Result<(), NotDer> {
        for access in &der::sequence(value)? {
            let parts = der::elements(access)?;
            let [method, location] = &parts[..] else {
                return Err(NotDer);
            };
            let urls = match &*der::object_identifier(method)? {
                "1.3.6.1.5.5.7.48.1" => &mut self.ocsp_urls,
                "1.3.6.1.5.5.7.48.2" => &mut self.ca_issuers_urls,
                _ => continue,
            };
            urls.extend(url(GeneralName::of(location)?));
        }
        Ok(())
    }

    /// Returns the DER value of the extension with this object identifier.
    #[must_use]
    pub fn value(&self, oid: &str) -> Option<&[u8]> {
        let extension = self.all.iter().find(|extension| extension.oid == oid)?;
        Some(&extension.value)
    }

    /// Returns whether `basicConstraints` identifies the subject as a certificate authority.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        matches!(
            self.basic_constraints,
            Some(BasicConstraints::Authority { .. })
        )
    }

    /// Returns the `pathLenConstraint`, or 255 if it is larger.
    #[must_use]
    pub fn path_length(&self) -> Option<u8> {
        match self.basic_constraints {
            Some(BasicConstraints::Authority { path_length }) => path_length,
            _ => None,
        }
    }

    /// Returns the critical extensions.
    pub fn critical(&self) -> impl Iterator<Item = &RawExtension> {
        self.all.iter().filter(|extension| extension.critical)
    }
}

impl RawExtension {
    fn of(element: &Any<'_>) -> Result<Self, NotDer> {
        let parts = der::elements(element)?;
        let (oid, critical, value) = match &parts[..] {
            [oid, value] => (oid, false, value),
            [oid, critical, value] => (oid, der::boolean(critical)?, value),
            _ => return Err(NotDer),
        };
        Ok(Self {
            oid: der::object_identifier(oid)?,
            critical,
            value: der::octets(value)?.to_vec(),
        })
    }
}

const MALFORMED_LIST: DecodeError = DecodeError::Part("list of extensions");

const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const KEY_USAGE: &str = "2.5.29.15";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const SUBJECT_ALT_NAME: &str = "2.5.29.17";
const NAME_CONSTRAINTS: &str = "2.5.29.30";
const SUBJECT_KEY_ID: &str = "2.5.29.14";
const AUTHORITY_KEY_ID: &str = "2.5.29.35";
const CERTIFICATE_POLICIES: &str = "2.5.29.32";
const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";

/// Names of extensions as defined in RFC 5280.
const NAMES: [(&str, &str); 14] = [
    (BASIC_CONSTRAINTS, "basicConstraints"),
    (KEY_USAGE, "keyUsage"),
    (EXTENDED_KEY_USAGE, "extKeyUsage"),
    (SUBJECT_ALT_NAME, "subjectAltName"),
    (NAME_CONSTRAINTS, "nameConstraints"),
    (SUBJECT_KEY_ID, "subjectKeyIdentifier"),
    (AUTHORITY_KEY_ID, "authorityKeyIdentifier"),
    (CERTIFICATE_POLICIES, "certificatePolicies"),
    (CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints"),
    (AUTHORITY_INFO_ACCESS, "authorityInfoAccess"),
    ("2.5.29.33", "policyMappings"),
    ("2.5.29.36", "policyConstraints"),
    ("2.5.29.54", "inhibitAnyPolicy"),
    ("2.5.29.20", "cRLNumber"),
];

/// Returns an object identifier with the RFC 5280 name of the extension, if it has one.
pub(in crate::pki) fn named(oid: &str) -> String {
    match NAMES.iter().find(|(known, _)| *known == oid) {
        Some((_, name)) => format!("{oid} ({name})"),
        None => oid.to_owned(),
    }
}

/// Returns whether path validation accepts this extension as critical because it processes the extension or does not need to.
/// Does not include `subjectKeyIdentifier`, `authorityKeyIdentifier`, and `authorityInfoAccess`, which must not be critical
/// (RFC 5280 sections 4.2.1.1, 4.2.1.2, and 4.2.2.1).
pub(in crate::pki) fn is_processed(oid: &str) -> bool {
    [
        BASIC_CONSTRAINTS,
        KEY_USAGE,
        EXTENDED_KEY_USAGE,
        SUBJECT_ALT_NAME,
        NAME_CONSTRAINTS,
        CERTIFICATE_POLICIES,
        CRL_DISTRIBUTION_POINTS,
    ]
    .contains(&oid)
}

fn alternative_names(value: &[u8]) -> Result<Vec<GeneralName>, NotDer> {
    let names = general_names(&der::sequence(value)?)?;
    let is_address = |name: &GeneralName| match name {
        GeneralName::Ip(octets) => GeneralName::address(octets).is_some(),
        _ => true,
    };
    match names.iter().all(is_address) {
        true => Ok(names),
        false => Err(NotDer),
    }
}

pub(super) fn general_names(elements: &[Any<'_>]) -> Result<Vec<GeneralName>, NotDer> {
    elements.iter().map(GeneralName::of).collect()
}

fn name_constraints(value: &[u8]) -> Result<NameConstraints, NotDer> {
    let mut constraints = NameConstraints::default();
    let mut last = None;
    for subtrees in &der::sequence(value)? {
        let tag = der::context(subtrees);
        if tag <= last {
            return Err(NotDer);
        }
        last = tag;
        let bases = match tag {
            Some(0) => &mut constraints.permitted,
            Some(1) => &mut constraints.excluded,
            _ => return Err(NotDer),
        };
        for subtree in &der::all(subtrees.data)? {
            let parts = der::elements(subtree)?;
            let base = match &parts[..] {
                [base] => base,
                // DER omits a `minimum` of 0, but some software encodes it.
                [base, minimum] if der::context(minimum) == Some(0) && minimum.data == [0] => base,
                // `maximum` must be absent, and `minimum` must be 0 (RFC 5280 section 4.2.1.10).
                _ => return Err(NotDer),
            };
            bases.push(base_of(base)?);
        }
    }
    Ok(constraints)
}

fn base_of(element: &Any<'_>) -> Result<GeneralName, NotDer> {
    let base = GeneralName::of(element)?;
    match &base {
        GeneralName::Ip(octets) if GeneralName::range(octets).is_none() => Err(NotDer),
        _ => Ok(base),
    }
}

/// Returns the URLs of all distribution points that have a full name.
fn distribution_points(value: &[u8]) -> Result<Vec<String>, NotDer> {
    let mut urls = Vec::new();
    for point in &der::sequence(value)? {
        for part in &der::elements(point)? {
            if der::context(part) == Some(0) {
                urls.extend(full_name(part.data)?);
            }
        }
    }
    Ok(urls)
}

/// Returns the URLs in a `DistributionPointName`.
pub(super) fn full_name(choice: &[u8]) -> Result<Vec<String>, NotDer> {
    let choice = der::only(choice)?;
    match der::context(&choice) {
        Some(0) => {
            let names = general_names(&der::all(choice.data)?)?;
            Ok(names.into_iter().filter_map(url).collect())
        }
        Some(1) => Ok(Vec::new()),
        _ => Err(NotDer),
    }
}

fn url(name: GeneralName) -> Option<String> {
    match name {
        GeneralName::Uri(url) => Some(url),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_that_must_not_be_critical_are_not_processed_as_critical() {
        // `openssl verify` reports error 34 (unhandled critical extension) for the first three.
        for (oid, expected) in [
            (AUTHORITY_INFO_ACCESS, false),
            (SUBJECT_KEY_ID, false),
            (AUTHORITY_KEY_ID, false),
            (CERTIFICATE_POLICIES, true),
            (CRL_DISTRIBUTION_POINTS, true),
            (BASIC_CONSTRAINTS, true),
        ] {
            assert_eq!(is_processed(oid), expected, "{}", named(oid));
        }
    }
}
