//! The parsers of the provider and their properties.
//!
//! The provider's modules are included instead of its library, which depends on the AWS SDK: a build with a sanitizer
//! compiles all dependencies again. The library has the same name, so the properties refer to both in the same way.

extern crate self as skreg;

#[path = "../../provider/src/pki/mod.rs"]
pub mod pki;
#[path = "../../provider/tests/parsers/properties.rs"]
mod properties;
#[path = "../../provider/src/secret_text.rs"]
pub mod secret_text;
#[path = "../../provider/tests/parsers/seeds.rs"]
mod seeds;

/// A parser, or several parsers of the same kind of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parser {
    /// PEM blocks, and single objects in PEM format.
    Pem,
    /// DER certificates.
    Certificate,
    /// DER certificate signing requests.
    Request,
    /// DER revocation lists.
    Crl,
    /// Key documents.
    KeyDocument,
    /// Ledger records and trust bundles.
    Ledger,
}

impl Parser {
    /// All parsers.
    pub const ALL: [Self; 6] = [
        Self::Pem,
        Self::Certificate,
        Self::Request,
        Self::Crl,
        Self::KeyDocument,
        Self::Ledger,
    ];

    /// Returns the name of the fuzz target.
    #[must_use]
    pub const fn target(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Certificate => "certificate",
            Self::Request => "request",
            Self::Crl => "crl",
            Self::KeyDocument => "key_document",
            Self::Ledger => "ledger",
        }
    }

    /// Checks the properties with an input.
    ///
    /// # Panics
    /// Panics if a property does not hold.
    pub fn check(self, octets: &[u8]) {
        match self {
            Self::Pem => properties::pem(octets),
            Self::Certificate => properties::certificate(octets),
            Self::Request => properties::request(octets),
            Self::Crl => properties::crl(octets),
            Self::KeyDocument => properties::key_document(octets),
            Self::Ledger => properties::ledger(octets),
        }
    }

    /// Returns valid inputs.
    #[must_use]
    pub fn seeds(self) -> Vec<Vec<u8>> {
        match self {
            Self::Pem => seeds::texts(),
            Self::Certificate => seeds::certificates(),
            Self::Request => seeds::requests(),
            Self::Crl => seeds::crls(),
            Self::KeyDocument => seeds::key_documents(),
            Self::Ledger => seeds::records(),
        }
    }
}
