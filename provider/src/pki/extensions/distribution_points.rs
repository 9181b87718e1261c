//! `cRLDistributionPoints` (RFC 5280 section 4.2.1.13): one distribution point with the URLs of the revocation list.

use super::typed::{TypedExtension, check_urls, write_uri};
use crate::pki::alternative_name::AlternativeNameViolation;
use crate::pki::decoded::Extensions;

/// HTTP URLs from which the same DER-encoded revocation list can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CrlDistributionPoints(Vec<String>);

impl CrlDistributionPoints {
    /// Creates the extension.
    ///
    /// # Errors
    /// Returns an error if a value is not an HTTP URL.
    pub fn new(urls: Vec<String>) -> Result<Self, AlternativeNameViolation> {
        check_urls(&urls).map(|()| Self(urls))
    }

    /// Returns the URLs in order.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.0
    }
}

impl TypedExtension for CrlDistributionPoints {
    const OID: &'static str = "2.5.29.31";
    const CRITICAL: bool = false;

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn to_der(&self) -> Vec<u8> {
        let context = yasna::Tag::context;
        yasna::construct_der(|writer| {
            writer.write_sequence_of(|points| {
                points.next().write_sequence(|point| {
                    // DistributionPointName is a CHOICE, so its tag is explicit.
                    point.next().write_tagged(context(0), |name| {
                        name.write_tagged_implicit(context(0), |name| {
                            name.write_sequence_of(|names| {
                                for url in &self.0 {
                                    write_uri(names.next(), url);
                                }
                            });
                        });
                    });
                });
            });
        })
    }

    fn decoded(extensions: &Extensions) -> Option<Self> {
        Self::new(extensions.crl_distribution_points.clone()).ok()
    }
}
