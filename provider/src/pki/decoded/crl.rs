//! Decodes certificate revocation lists from any issuer (RFC 5280 section 5) without verification.

use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::{CertificateRevocationList, RevokedCertificate};

use super::der::{self, NotDer};
use super::error::DecodeError;
use super::extensions::Extensions;
use super::name::Name;
use super::serial::serial_number;
use super::signature::Signature;
use super::time::Time;

const CRL_NUMBER: &str = "2.5.29.20";
const REASON_CODE: &str = "2.5.29.21";
const INVALIDITY_DATE: &str = "2.5.29.24";
const DELTA_CRL_INDICATOR: &str = "2.5.29.27";
const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";

/// Unverified certificate revocation list from any issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedCrl {
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
        let extensions = Extensions::of(parsed.extensions())?;
        let numbered = |oid| {
            let number = extensions.value(oid).map(number).transpose();
            number.map_err(|NotDer| DecodeError::Part("number"))
        };
        let scope = extensions
            .value(ISSUING_DISTRIBUTION_POINT)
            .map(scope)
            .transpose();
        let revoked = parsed.iter_revoked_certificates().map(entry);
        Ok(Self {
            issuer: Name::from_der(parsed.issuer().as_raw())
                .map_err(|NotDer| DecodeError::Part("issuer"))?,
            this_update: Time::new(parsed.last_update()),
            next_update: parsed.next_update().map(Time::new),
            number: numbered(CRL_NUMBER)?,
            base_number: numbered(DELTA_CRL_INDICATOR)?,
            scope: scope
                .map_err(|NotDer| DecodeError::Part("issuing distribution point"))?
                .unwrap_or(CrlScope::All),
            revoked: revoked.collect::<Result<_, _>>()?,
            extensions,
            signature,
        })
    }
}

fn entry(revoked: &RevokedCertificate<'_>) -> Result<RevokedEntry, DecodeError> {
    let extensions = Extensions::of(revoked.extensions())?;
    let malformed = |NotDer| DecodeError::Part("entry");
    let reason = extensions.value(REASON_CODE).map(reason).transpose();
    let invalidity_date = extensions
        .value(INVALIDITY_DATE)
        .map(Time::from_der)
        .transpose();
    Ok(RevokedEntry {
        serial_number: serial_number(revoked.raw_serial()),
        revoked_at: Time::new(revoked.revocation_date),
        reason: reason.map_err(malformed)?,
        invalidity_date: invalidity_date.map_err(malformed)?,
    })
}

/// Decodes an INTEGER of up to 20 octets (RFC 5280 section 5.2.3) and returns its decimal digits.
fn number(value: &[u8]) -> Result<String, NotDer> {
    let octets = der::only(value)?;
    let octets = der::unsigned(&octets)?;
    if octets.len() > 20 {
        return Err(NotDer);
    }
    // Decimal digits, least significant first.
    let mut digits = vec![0_u16];
    for octet in octets {
        let mut carry = u16::from(*octet);
        for digit in &mut digits {
            let sum = *digit * 256 + carry;
            (*digit, carry) = (sum % 10, sum / 10);
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    Ok(digits.iter().rev().map(ToString::to_string).collect())
}

fn reason(value: &[u8]) -> Result<u8, NotDer> {
    use x509_parser::asn1_rs::Tag;
    match der::content(&der::only(value)?, Tag::Enumerated)? {
        [code] if *code < 11 => Ok(*code),
        _ => Err(NotDer),
    }
}

fn scope(value: &[u8]) -> Result<CrlScope, NotDer> {
    let mut scope = CrlScope::All;
    for part in &der::sequence(value)? {
        scope = match (der::context(part).ok_or(NotDer)?, scope) {
            (0, scope) => scope,
            (1, CrlScope::All) => CrlScope::UserOnly,
            (2, CrlScope::All) => CrlScope::CaOnly,
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
}
