//! `nameConstraints` (RFC 5280 section 4.2.1.10): the names that an authority and all authorities below it can certify.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use yasna::{DERWriter, DERWriterSeq, Tag};

use super::typed::{TypedExtension, write_oid};
use crate::pki::alternative_name::{
    AlternativeNameRule, AlternativeNameViolation, check_host_name, check_mailbox,
};
use crate::pki::decoded::{self, Extensions, GeneralName};
use crate::pki::name::{DistinguishedName, NameAttribute};
use crate::pki::name_encoding::read_base;

/// Names that an authority can certify.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameConstraints {
    permitted: Subtrees,
    excluded: Subtrees,
}

/// Bases of subtrees. In `permitted`, a list that is not empty restricts the names of its form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subtrees {
    /// Domains. Each one includes itself and its subdomains.
    pub dns_domains: Vec<String>,
    /// Mailboxes (`user@example.com`), hosts (`example.com`), or domains (`.example.com`, which includes only subdomains).
    pub email_domains: Vec<String>,
    /// IP address ranges.
    pub ip_ranges: Vec<IpRange>,
    /// Names. Each one includes all names that start with its attributes.
    pub directory_names: Vec<DistinguishedName>,
}

/// Range of IP addresses in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3) without host bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpRange {
    network: IpAddr,
    prefix: u8,
}

/// Reason why a text is not an [`IpRange`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIpRange {
    /// The text is not in CIDR notation.
    #[error("must be an IP address range in CIDR notation, such as 10.0.0.0/8")]
    Notation,
    /// The prefix is longer than the address.
    #[error("the prefix length must be at most {limit}")]
    Prefix {
        /// Number of bits in the address.
        limit: u8,
    },
    /// Bits after the prefix are set.
    #[error("bits after the prefix must be zero; specify {0}")]
    HostBits(IpRange),
}

/// Reason why name constraints are not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameConstraintsError {
    /// A domain or mailbox is not valid.
    #[error(transparent)]
    Name(#[from] AlternativeNameViolation),
    /// A base is both permitted and excluded.
    #[error("{0} is both permitted and excluded; remove it from one of the lists")]
    Contradiction(String),
    /// A directory name has no attributes and thus includes every name.
    #[error("a directory name has no attributes; specify at least one")]
    EmptyName,
}

impl NameConstraints {
    /// Creates the extension.
    ///
    /// # Errors
    /// Returns an error if a base is malformed or is both permitted and excluded.
    pub fn new(permitted: Subtrees, excluded: Subtrees) -> Result<Self, NameConstraintsError> {
        permitted.check()?;
        excluded.check()?;
        let other = excluded.bases();
        if let Some(both) = permitted
            .bases()
            .into_iter()
            .find(|base| other.contains(base))
        {
            return Err(NameConstraintsError::Contradiction(both));
        }
        Ok(Self {
            permitted,
            excluded,
        })
    }

    /// Returns the permitted subtrees.
    #[must_use]
    pub fn permitted(&self) -> &Subtrees {
        &self.permitted
    }

    /// Returns the excluded subtrees.
    #[must_use]
    pub fn excluded(&self) -> &Subtrees {
        &self.excluded
    }
}

impl Subtrees {
    fn is_empty(&self) -> bool {
        self.bases().is_empty()
    }

    fn check(&self) -> Result<(), NameConstraintsError> {
        let violation = |form, value: &String| {
            let value = value.clone();
            move |rule| AlternativeNameViolation { form, value, rule }
        };
        for domain in &self.dns_domains {
            check_host_name(domain).map_err(violation("DNS domain", domain))?;
        }
        for domain in &self.email_domains {
            check_email_base(domain).map_err(violation("email domain", domain))?;
        }
        match self.directory_names.iter().any(DistinguishedName::is_empty) {
            true => Err(NameConstraintsError::EmptyName),
            false => Ok(()),
        }
    }

    /// Returns a description of each base. Equal bases have equal descriptions.
    fn bases(&self) -> Vec<String> {
        let lowercase = |form: &'static str| {
            move |domain: &String| format!("the {form} {}", domain.to_ascii_lowercase())
        };
        let domains = self.dns_domains.iter().map(lowercase("DNS domain"));
        let mailboxes = self.email_domains.iter().map(lowercase("email domain"));
        let ranges = self.ip_ranges.iter();
        let ranges = ranges.map(|range| format!("the IP address range {range}"));
        let names = self.directory_names.iter();
        let names = names.map(|name| format!("the directory name {name}"));
        domains
            .chain(mailboxes)
            .chain(ranges)
            .chain(names)
            .collect()
    }

    fn write(&self, subtrees: &mut DERWriterSeq<'_>) {
        for domain in &self.dns_domains {
            write_base(subtrees, 2, |base| base.write_ia5_string(domain));
        }
        for domain in &self.email_domains {
            write_base(subtrees, 1, |base| base.write_ia5_string(domain));
        }
        for range in &self.ip_ranges {
            write_base(subtrees, 7, |base| base.write_bytes(&range.octets()));
        }
        for name in &self.directory_names {
            subtrees.next().write_sequence(|subtree| {
                // Name is a CHOICE, so its tag is explicit.
                let base = subtree.next();
                base.write_tagged(Tag::context(4), |base| write_name(base, name));
            });
        }
    }

    fn decoded(bases: &[GeneralName]) -> Option<Self> {
        let mut subtrees = Self::default();
        for base in bases {
            match base {
                GeneralName::Dns(domain) => subtrees.dns_domains.push(domain.clone()),
                GeneralName::Email(domain) => subtrees.email_domains.push(domain.clone()),
                GeneralName::Ip(octets) => {
                    let range = GeneralName::range(octets)?.parse();
                    subtrees.ip_ranges.push(range.ok()?);
                }
                GeneralName::Directory(name) => {
                    let name = read_base(name.der()).ok()?;
                    subtrees.directory_names.push(name);
                }
                GeneralName::Uri(_) | GeneralName::Other(_) => return None,
            }
        }
        Some(subtrees)
    }
}

impl TypedExtension for NameConstraints {
    const OID: &'static str = "2.5.29.30";
    const CRITICAL: bool = true;

    fn is_empty(&self) -> bool {
        self.permitted.is_empty() && self.excluded.is_empty()
    }

    fn to_der(&self) -> Vec<u8> {
        yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                for (tag, subtrees) in [(0, &self.permitted), (1, &self.excluded)] {
                    if !subtrees.is_empty() {
                        writer
                            .next()
                            .write_tagged_implicit(Tag::context(tag), |writer| {
                                writer.write_sequence(|writer| subtrees.write(writer));
                            });
                    }
                }
            });
        })
    }

    fn decoded(extensions: &Extensions) -> Option<Self> {
        let decoded::NameConstraints {
            permitted,
            excluded,
        } = extensions.name_constraints.as_ref()?;
        let (permitted, excluded) = (Subtrees::decoded(permitted)?, Subtrees::decoded(excluded)?);
        Self::new(permitted, excluded).ok()
    }
}

impl IpRange {
    /// Creates a range.
    ///
    /// # Errors
    /// Returns an error if the prefix is longer than the address, or if bits after the prefix are set.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, InvalidIpRange> {
        let limit: u8 = if address.is_ipv4() { 32 } else { 128 };
        if prefix > limit {
            return Err(InvalidIpRange::Prefix { limit });
        }
        let network = match address {
            IpAddr::V4(address) => {
                IpAddr::from((address.to_bits() & mask_v4(prefix)).to_be_bytes())
            }
            IpAddr::V6(address) => {
                IpAddr::from((address.to_bits() & mask_v6(prefix)).to_be_bytes())
            }
        };
        let range = Self { network, prefix };
        match network == address {
            true => Ok(range),
            false => Err(InvalidIpRange::HostBits(range)),
        }
    }

    /// Returns the network address and the mask (RFC 5280 section 4.2.1.10).
    fn octets(&self) -> Vec<u8> {
        match self.network {
            IpAddr::V4(network) => [network.octets(), mask_v4(self.prefix).to_be_bytes()].concat(),
            IpAddr::V6(network) => [network.octets(), mask_v6(self.prefix).to_be_bytes()].concat(),
        }
    }
}

fn mask_v4(prefix: u8) -> u32 {
    u32::MAX
        .checked_shl(32 - u32::from(prefix))
        .unwrap_or_default()
}

fn mask_v6(prefix: u8) -> u128 {
    u128::MAX
        .checked_shl(128 - u32::from(prefix))
        .unwrap_or_default()
}

impl FromStr for IpRange {
    type Err = InvalidIpRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = text.split_once('/').ok_or(InvalidIpRange::Notation)?;
        let digits = prefix.bytes().all(|octet| octet.is_ascii_digit());
        let address = address.parse().map_err(|_| InvalidIpRange::Notation)?;
        match prefix.parse() {
            Ok(prefix) if digits => Self::new(address, prefix),
            _ => Err(InvalidIpRange::Notation),
        }
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

/// Checks a mailbox, a host, or, with a leading dot, a domain.
fn check_email_base(base: &str) -> Result<(), AlternativeNameRule> {
    match base.strip_prefix('.') {
        Some(domain) => check_host_name(domain),
        None if base.contains('@') => check_mailbox(base),
        None => check_host_name(base),
    }
}

fn write_base(subtrees: &mut DERWriterSeq<'_>, tag: u64, write: impl FnOnce(DERWriter<'_>)) {
    subtrees.next().write_sequence(|subtree| {
        subtree
            .next()
            .write_tagged_implicit(Tag::context(tag), write);
    });
}

/// Writes a name in the same encoding as the subject of a certificate.
fn write_name(writer: DERWriter<'_>, name: &DistinguishedName) {
    writer.write_sequence_of(|rdns| {
        for (attribute, value) in name.iter() {
            rdns.next().write_set_of(|rdn| {
                rdn.next().write_sequence(|part| {
                    write_oid(part.next(), attribute.oid());
                    match attribute {
                        NameAttribute::Country => part.next().write_printable_string(value),
                        _ => part.next().write_utf8_string(value),
                    }
                });
            });
        }
    });
}
