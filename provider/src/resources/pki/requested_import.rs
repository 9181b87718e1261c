//! Import ID of a certificate for the key in a certificate signing request. The state is the only location of such a
//! certificate, so the ID contains the request, the certificate, and the certificates above it.
//!
//! These functions are pure.

use tfplugin::{Diagnostic, Diagnostics};

use super::calls::sentence;
use super::certificate_revision;
use crate::pki::{
    Certificate, CertificateError, CertificateKind, ChainError, PemError, PemLabel, PublicKey,
    RequestError, certified_key, pem_blocks, read_authorities,
};
use crate::resources::commands;

/// End of the first line of a request in PEM format, without its optional first word.
const REQUEST_BOUNDARY: &str = "CERTIFICATE REQUEST-----";

/// First line of a certificate in PEM format.
const CERTIFICATE_BOUNDARY: &str = "-----BEGIN CERTIFICATE-----";

/// Content of an import ID.
pub struct RequestedImport {
    /// The request, as the ID contains it.
    pub csr_pem: String,
    /// Value of `certificate_revision`.
    pub revision: i64,
    /// Certificate for the key in the request.
    pub certificate: Certificate,
    /// Authority that issued the certificate.
    pub issuer: Certificate,
    /// Certificates above the issuer, each before its own issuer and the root last.
    pub above: Vec<Certificate>,
}

impl RequestedImport {
    /// Returns whether an import ID is meant for a certificate for a request.
    #[must_use]
    pub fn is_meant(id: &str) -> bool {
        id.contains(REQUEST_BOUNDARY) || id.contains(CERTIFICATE_BOUNDARY)
    }

    /// Reads an import ID.
    ///
    /// # Errors
    /// Returns an error if the ID does not contain a request, a certificate of this kind for its key, and the certificates
    /// above it up to a root.
    pub fn read(id: &str, kind: CertificateKind, resource_type: &str) -> Result<Self, Diagnostics> {
        let (revision, text) = certificate_revision::of_import_id(id)?;
        let content = Content::read(text, kind);
        let content = content.map_err(|error| not_importable(&error, resource_type))?;
        Ok(Self {
            csr_pem: content.csr_pem,
            revision,
            certificate: content.certificate,
            issuer: content.issuer,
            above: content.above,
        })
    }

    /// Returns the certificates above the certificate.
    #[must_use]
    pub fn chain(&self) -> Vec<Certificate> {
        let issuer = std::iter::once(&self.issuer);
        issuer.chain(&self.above).cloned().collect()
    }
}

/// Content of an import ID without the revision.
struct Content {
    csr_pem: String,
    certificate: Certificate,
    issuer: Certificate,
    above: Vec<Certificate>,
}

impl Content {
    fn read(text: &str, kind: CertificateKind) -> Result<Self, ImportError> {
        let end = text.find(CERTIFICATE_BOUNDARY);
        let (csr_pem, certificates) = text.split_at(end.unwrap_or(text.len()));
        let key = certified_key(csr_pem, kind)?;
        let blocks = pem_blocks(PemLabel::Certificate, certificates)?;
        let mut blocks = blocks.into_iter().map(|block| block.der);
        let own = blocks.next().ok_or(ImportError::MissingIssuer)?;
        let above: Vec<Vec<u8>> = blocks.collect();
        let mut above = read_authorities(&above)?.into_iter();
        let issuer = above.next().ok_or(ImportError::MissingIssuer)?;
        let certificate = Certificate::read_issued(&own, kind, issuer.public_key())?;
        if !certificate.is_issued_by(&issuer) {
            return Err(ImportError::AnotherIssuer);
        }
        if *certificate.public_key() != key {
            return Err(other_key(certificate.public_key(), &key));
        }
        Ok(Self {
            csr_pem: csr_pem.to_owned(),
            certificate,
            issuer,
            above: above.collect(),
        })
    }
}

/// The content of an import ID is not usable.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("the text after the request {0}")]
    Certificates(#[from] PemError),
    #[error("it does not contain the certificate and the certificate of its issuer")]
    MissingIssuer,
    #[error("the certificate could not be read")]
    Certificate(#[from] CertificateError),
    #[error("the certificates above the certificate are not usable")]
    Chain(#[from] ChainError),
    #[error("the certificate after the request was not issued by the next one")]
    AnotherIssuer,
    #[error(
        "the certificate is for the key {certified}, and the request contains the key {requested}"
    )]
    AnotherKey {
        certified: String,
        requested: String,
    },
}

fn other_key(certified: &PublicKey, requested: &PublicKey) -> ImportError {
    ImportError::AnotherKey {
        certified: certified.sha256().to_string(),
        requested: requested.sha256().to_string(),
    }
}

/// The import ID does not contain a certificate for a request.
fn not_importable(error: &ImportError, resource_type: &str) -> Diagnostic {
    let command = commands::import_expression(
        &format!("{resource_type}.NAME"),
        "$(cat request.pem certificate.pem issuer.pem root-ca.pem)",
    );
    let detail = format!(
        "The import ID is not a certificate signing request with its certificate: {}. Specify the PEM text of csr_pem, the \
         certificate, and the certificates above it, each before its issuer and the root last:\n\n{}\n\nTo import a \
         certificate in a secret, specify the ARN of the secret.",
        sentence(error),
        commands::listing(&[command])
    );
    Diagnostic::error("Invalid import ID", detail)
}
