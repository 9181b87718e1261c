//! Decodes certificate revocation lists from any issuer (RFC 5280 section 5) without verification.

use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::der::{self, NotDer};
use super::error::DecodeError;
use super::extensions::{Extensions, named};
use super::name::Name;
use super::serial::serial_number;
use super::signature::Signature;
use super::time::Time;

const CRL_NUMBER: &str = "2.5.29.20";
const REASON_CODE: &str = "2.5.29.21";
const INVALIDITY_DATE: &str = "2.5.29.24";
const DELTA_CRL_INDICATOR: &str = "2.5.29.27";
const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";
const CERTIFICATE_ISSUER: &str = "2.5.29.29";
const AUTHORITY_KEY_ID: &str = "2.5.29.35";

/// Unverified certificate revocation list from any issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedCrl {
    /// Version, 1 or 2.
    pub version: u32,
    /// Name of the issuer.
    pub issuer: Name,
    /// Time when the list was issued.
    pub this_update: Time,
    /// Time by which the next list will be issued.
    pub next_update: Option<Time>,
    /// CRL number of the list, in decimal.
    pub number: Option<String>,
    /// Certificates that the list covers.
    pub scope: CrlScope,
    /// CRL number of the complete list that this delta CRL updates, in decimal. `None` for a complete list.
    pub base_number: Option<String>,
    /// Entries in encoding order.
    pub revoked: Vec<RevokedEntry>,
    /// Whether the list has the optional field for entries, which must be absent without entries (RFC 5280 section 5.1.2.6).
    pub has_entry_list: bool,
    /// Extensions.
    pub extensions: Extensions,
    /// Signature by the issuer.
    pub signature: Signature,
}

/// Certificates that a list covers (RFC 5280 section 5.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrlScope {
    /// All certificates of the issuer.
    All,
    /// Only certificates of certificate authorities.
    CaOnly,
    /// Only certificates of end entities.
    UserOnly,
    /// Only certificates that refer to the distribution point of the list.
    DistributionPoint,
    /// Only attribute certificates, only some revocation reasons, or also certificates of other issuers.
    Other,
}

/// Entry in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Serial number in lowercase hexadecimal, two digits per octet.
    pub serial_number: String,
    /// Time of the revocation.
    pub revoked_at: Time,
    /// Reason code.
    pub reason: Option<u8>,
    /// Time when the key is known or suspected to have been compromised.
    pub invalidity_date: Option<Time>,
    /// Extension that changes the meaning of the entry and is not processed.
    unprocessed: Option<String>,
}

impl DecodedCrl {
    /// Decodes a DER certificate revocation list.
    ///
    /// # Errors
    /// Returns an error if the octets are not a list, or if a part of the list is malformed.
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        let parsed = match CertificateRevocationList::from_der(octets) {
            Ok(([], parsed)) if der::is_signed_object(octets) => parsed,
            _ => {
                return Err(DecodeError::Structure {
                    object: "certificate revocation list",
                    section: "RFC 5280 section 5.1",
                });
            }
        };
        let list = &parsed.tbs_cert_list;
        let signature = Signature::new(
            &parsed.signature_algorithm,
            Some(&list.signature),
            &parsed.signature_value,
            list.as_ref(),
        )?;
        let fields = Fields::of(list.as_ref())?;
        let extensions = fields.extensions.unwrap_or_default();
        let numbered = |oid| {
            let number = extensions.value(oid).map(number).transpose();
            number.map_err(|NotDer| DecodeError::Part("number"))
        };
        let scope = extensions
            .value(ISSUING_DISTRIBUTION_POINT)
            .map(scope)
            .transpose();
        Ok(Self {
            version: fields.version,
            issuer: Name::from_der(parsed.issuer().as_raw())
                .map_err(|NotDer| DecodeError::Part("issuer"))?,
            this_update: fields.this_update,
            next_update: fields.next_update,
            number: numbered(CRL_NUMBER)?,
            base_number: numbered(DELTA_CRL_INDICATOR)?,
            scope: scope
                .map_err(|NotDer| DecodeError::Part("issuing distribution point"))?
                .unwrap_or(CrlScope::All),
            revoked: fields.revoked,
            has_entry_list: fields.has_entry_list,
            extensions,
            signature,
        })
    }

    /// Returns the first extension of the list or of an entry that is not processed although it is critical or assigns an entry
    /// to another issuer. Such a list does not state which certificates are revoked (RFC 5280 sections 5.2 and 5.3).
    #[must_use]
    pub fn unprocessed_extension(&self) -> Option<String> {
        let mut critical = self.extensions.critical();
        let unknown = critical.find(|extension| !PROCESSED.contains(&&*extension.oid));
        let mut entries = self.revoked.iter();
        unknown
            .map(|extension| named(&extension.oid))
            .or_else(|| entries.find_map(|entry| entry.unprocessed.clone()))
    }
}

/// Extensions of a list that [`DecodedCrl`] represents.
const PROCESSED: [&str; 4] = [
    AUTHORITY_KEY_ID,
    CRL_NUMBER,
    DELTA_CRL_INDICATOR,
    ISSUING_DISTRIBUTION_POINT,
];

/// Fields of a `TBSCertList` that `x509-parser` does not check completely.
struct Fields {
    version: u32,
    this_update: Time,
    next_update: Option<Time>,
    revoked: Vec<RevokedEntry>,
    has_entry_list: bool,
    extensions: Option<Extensions>,
}

impl Fields {
    fn of(signed: &[u8]) -> Result<Self, DecodeError> {
        let malformed = |part| move |NotDer| DecodeError::Part(part);
        let fields = der::sequence(signed).map_err(malformed("list"))?;
        let mut fields = fields.iter().peekable();
        let version = fields.next_if(|field| field.tag() == Tag::Integer);
        let version = version.map(der::unsigned).transpose();
        let is_version_2 = match version {
            Ok(None) => false,
            Ok(Some([1])) => true,
            _ => return Err(DecodeError::Part("version")),
        };
        // After the signature algorithm and the issuer.
        let this_update = fields.nth(2).ok_or(NotDer).and_then(Time::of);
        let is_time = |field: &&Any<'_>| matches!(field.tag(), Tag::UtcTime | Tag::GeneralizedTime);
        let next_update = fields.next_if(is_time).map(Time::of).transpose();
        let entries = fields.next_if(|field| der::context(field).is_none());
        let entries = entries.map(der::elements).transpose();
        let entries = entries.map_err(malformed("list of entries"))?;
        let extensions = fields.next_if(|field| der::context(field) == Some(0));
        let extensions = extensions.map(|extensions| Extensions::from_der(extensions.data));
        if fields.next().is_some() {
            return Err(DecodeError::Part("list"));
        }
        let has_entry_list = entries.is_some();
        let entries = entries.iter().flatten();
        let fields = Self {
            version: if is_version_2 { 2 } else { 1 },
            this_update: this_update.map_err(malformed("time of the update"))?,
            next_update: next_update.map_err(malformed("time of the next update"))?,
            revoked: entries
                .map(|entry| RevokedEntry::of(entry, is_version_2))
                .collect::<Result<_, _>>()?,
            has_entry_list,
            extensions: extensions.transpose()?,
        };
        // Extensions require version 2 (RFC 5280 section 5.1.2.1).
        match is_version_2 || fields.extensions.is_none() {
            true => Ok(fields),
            false => Err(DecodeError::Part("version")),
        }
    }
}

impl RevokedEntry {
    fn of(element: &Any<'_>, is_version_2: bool) -> Result<Self, DecodeError> {
        let malformed = |NotDer| DecodeError::Part("entry");
        let parts = der::elements(element).map_err(malformed)?;
        let (serial, time, extensions) = match &parts[..] {
            [serial, time] => (serial, time, Extensions::default()),
            [serial, time, extensions] if is_version_2 => {
                (serial, time, Extensions::of(extensions)?)
            }
            _ => return Err(DecodeError::Part("entry")),
        };
        let reason = extensions.value(REASON_CODE).map(reason).transpose();
        let invalidity_date = extensions
            .value(INVALIDITY_DATE)
            .map(Time::from_der)
            .transpose();
        let unprocessed = extensions.all.iter().find(|extension| {
            let is_processed = [REASON_CODE, INVALIDITY_DATE].contains(&&*extension.oid);
            extension.critical && !is_processed || extension.oid == CERTIFICATE_ISSUER
        });
        Ok(Self {
            serial_number: serial_number(der::integer(serial).map_err(malformed)?),
            revoked_at: Time::of(time).map_err(malformed)?,
            reason: reason.map_err(malformed)?,
            invalidity_date: invalidity_date.map_err(malformed)?,
            unprocessed: unprocessed.map(|extension| named(&extension.oid)),
        })
    }
}

/// Decodes an INTEGER of up to 20 octets (RFC 5280 section 5.2.3) and returns its decimal digits.
fn number(value: &[u8]) -> Result<String, NotDer> {
    let number = der::only(value)?;
    match der::unsigned(&number)?.len() > 20 {
        true => Err(NotDer),
        false => der::decimal_integer(&number),
    }
}

fn reason(value: &[u8]) -> Result<u8, NotDer> {
    match der::content(&der::only(value)?, Tag::Enumerated)? {
        [code] if *code < 11 => Ok(*code),
        _ => Err(NotDer),
    }
}

/// Decodes an `IssuingDistributionPoint`.
fn scope(value: &[u8]) -> Result<CrlScope, NotDer> {
    let mut scope = CrlScope::All;
    let mut last = None;
    for part in &der::sequence(value)? {
        let tag = der::context(part);
        if tag <= last {
            return Err(NotDer);
        }
        last = tag;
        let applies = match (tag, part.data) {
            (Some(0 | 3), _) | (Some(1 | 2 | 4 | 5), [0xff]) => true,
            // DER omits FALSE, but some software encodes it.
            (Some(1 | 2 | 4 | 5), [0]) => false,
            _ => return Err(NotDer),
        };
        scope = match (tag, scope) {
            _ if !applies => scope,
            (Some(0), _) => CrlScope::DistributionPoint,
            (Some(1 | 2), CrlScope::DistributionPoint) => CrlScope::DistributionPoint,
            (Some(1), CrlScope::All) => CrlScope::UserOnly,
            (Some(2), CrlScope::All) => CrlScope::CaOnly,
            _ => CrlScope::Other,
        };
    }
    Ok(scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_up_to_20_octets_are_converted_to_decimal() {
        let integer = |octets: &[u8]| {
            let length = u8::try_from(octets.len()).expect("short");
            number(&[&[2, length], octets].concat()).ok()
        };
        assert_eq!(integer(&[0]).as_deref(), Some("0"));
        assert_eq!(integer(&[1, 0]).as_deref(), Some("256"));
        // 2^152.
        let large = [&[1][..], &[0; 19]].concat();
        let decimal = "5708990770823839524233143877797980545530986496";
        assert_eq!(integer(&large).as_deref(), Some(decimal));
        assert_eq!(integer(&[0xff]), None);
        assert_eq!(integer(&[1; 21]), None);
    }

    #[test]
    fn scopes_are_read_from_the_issuing_distribution_point() {
        use CrlScope::{All, CaOnly, DistributionPoint, Other, UserOnly};
        // `[0] { [0] { [6] "u" } }`.
        const POINT: &[u8] = &[0xa0, 5, 0xa0, 3, 0x86, 1, b'u'];
        for (parts, expected) in [
            (&[][..], Some(All)),
            (&[&[0x81, 1, 0xff]], Some(UserOnly)),
            (&[&[0x82, 1, 0xff]], Some(CaOnly)),
            (&[&[0x81, 1, 0]], Some(All)),
            (&[&[0x81, 1, 0], &[0x82, 1, 0xff]], Some(CaOnly)),
            (&[POINT], Some(DistributionPoint)),
            (&[POINT, &[0x81, 1, 0xff]], Some(DistributionPoint)),
            (&[POINT, &[0x84, 1, 0xff]], Some(Other)),
            (&[&[0x83, 2, 1, 6]], Some(Other)),
            (&[&[0x84, 1, 0]], Some(All)),
            (&[&[0x85, 1, 0xff]], Some(Other)),
            (&[&[0x81, 1, 1]], None),
            (&[&[0x81, 0]], None),
            (&[&[0x86, 1, 0xff]], None),
            (&[&[0x82, 1, 0xff], &[0x81, 1, 0]], None),
        ] as [(&[&[u8]], Option<CrlScope>); 15]
        {
            let parts = parts.concat();
            let length = u8::try_from(parts.len()).expect("short");
            let found = scope(&[&[0x30, length], &parts[..]].concat());
            assert_eq!(found.ok(), expected, "{parts:?}");
        }
    }
}
