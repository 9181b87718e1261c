//! `authorityInfoAccess` (RFC 5280 section 4.2.2.1): where the issuer's certificate and its OCSP responder are.

use yasna::DERWriterSeq;

use super::typed::{TypedExtension, check_urls, write_oid, write_uri};
use crate::pki::alternative_name::AlternativeNameViolation;
use crate::pki::decoded::Extensions;

/// `id-ad-ocsp` (RFC 5280 section 4.2.2.1).
const OCSP: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 1];
/// `id-ad-caIssuers` (RFC 5280 section 4.2.2.1).
const CA_ISSUERS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 2];

/// HTTP URLs with information about the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorityInformationAccess {
    ca_issuers: Vec<String>,
    ocsp: Vec<String>,
}

impl AuthorityInformationAccess {
    /// Creates the extension with the URLs of the issuer's certificate and of its OCSP responders (RFC 6960).
    ///
    /// # Errors
    /// Returns an error if a value is not an HTTP URL.
    pub fn new(
        ca_issuers: Vec<String>,
        ocsp: Vec<String>,
    ) -> Result<Self, AlternativeNameViolation> {
        check_urls(&ca_issuers)?;
        check_urls(&ocsp)?;
        Ok(Self { ca_issuers, ocsp })
    }

    /// Returns the URLs of the issuer's certificate.
    #[must_use]
    pub fn ca_issuers(&self) -> &[String] {
        &self.ca_issuers
    }

    /// Returns the URLs of the OCSP responders.
    #[must_use]
    pub fn ocsp(&self) -> &[String] {
        &self.ocsp
    }
}

impl TypedExtension for AuthorityInformationAccess {
    const OID: &'static str = "1.3.6.1.5.5.7.1.1";
    const CRITICAL: bool = false;

    fn is_empty(&self) -> bool {
        self.ca_issuers.is_empty() && self.ocsp.is_empty()
    }

    fn to_der(&self) -> Vec<u8> {
        yasna::construct_der(|writer| {
            writer.write_sequence_of(|descriptions| {
                for url in &self.ca_issuers {
                    descriptions
                        .next()
                        .write_sequence(|access| write_access(access, CA_ISSUERS, url));
                }
                for url in &self.ocsp {
                    descriptions
                        .next()
                        .write_sequence(|access| write_access(access, OCSP, url));
                }
            });
        })
    }

    fn decoded(extensions: &Extensions) -> Option<Self> {
        let (issuers, ocsp) = (&extensions.ca_issuers_urls, &extensions.ocsp_urls);
        Self::new(issuers.clone(), ocsp.clone()).ok()
    }
}

fn write_access(access: &mut DERWriterSeq<'_>, method: &[u64], url: &str) {
    write_oid(access.next(), method);
    write_uri(access.next(), url);
}
