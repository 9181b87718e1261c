//! General names (RFC 5280 section 4.2.1.6), which are names of a subject or bases of name constraints.

use std::net::IpAddr;

use x509_parser::asn1_rs::Any;

use super::der::{self, NotDer};
use super::name::Name;

/// A `GeneralName`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneralName {
    /// `rfc822Name`.
    Email(String),
    /// `dNSName`.
    Dns(String),
    /// `uniformResourceIdentifier`.
    Uri(String),
    /// `iPAddress`. An address or, in name constraints, an address and a mask.
    Ip(Vec<u8>),
    /// `directoryName`.
    Directory(Name),
    /// Tag number of a name in another form.
    Other(u32),
}

impl GeneralName {
    pub(super) fn of(element: &Any<'_>) -> Result<Self, NotDer> {
        let octets = element.data;
        // IA5String contains only ASCII characters (RFC 5280 section 4.2.1.6).
        let ascii = || match octets.is_ascii() {
            true => String::from_utf8(octets.to_vec()).map_err(|_| NotDer),
            false => Err(NotDer),
        };
        let tag = der::context(element).ok_or(NotDer)?;
        // In DER, only the forms that contain other elements are constructed.
        if element.header.constructed() != matches!(tag, 0 | 3..=5) {
            return Err(NotDer);
        }
        Ok(match tag {
            1 => Self::Email(ascii()?),
            2 => Self::Dns(ascii()?),
            4 => Self::Directory(Name::from_der(octets)?),
            6 => Self::Uri(ascii()?),
            7 => Self::Ip(octets.to_vec()),
            0 | 3 | 5 | 8 => Self::Other(tag),
            _ => return Err(NotDer),
        })
    }

    /// Converts octets to an IP address. Returns `None` if the length is not valid, which [`super::Extensions`] reports as an error.
    #[must_use]
    pub fn address(octets: &[u8]) -> Option<IpAddr> {
        let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
        four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
            .ok()
    }

    /// Returns the address range of a name constraint in CIDR notation, or `None` if the octets are not an address with a
    /// contiguous mask of the same length (RFC 5280 section 4.2.1.10).
    #[must_use]
    pub fn range(octets: &[u8]) -> Option<String> {
        if !matches!(octets.len(), 8 | 32) {
            return None;
        }
        let (address, mask) = octets.split_at(octets.len() / 2);
        let prefix: u32 = mask.iter().map(|octet| octet.leading_ones()).sum();
        let ones: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
        let bits = mask
            .iter()
            .flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1));
        let contiguous = bits
            .clone()
            .zip(bits.skip(1))
            .all(|(bit, next)| bit >= next);
        let address = Self::address(address).filter(|_| contiguous && prefix == ones)?;
        Some(format!("{address}/{prefix}"))
    }
}
