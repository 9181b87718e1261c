//! The certificates of a certificate authority and of the authorities above it.

use super::certificate::Certificate;
use super::certificate_error::CertificateError;
use super::description::CertificateKind;

/// Reason why a list of certificates is not the chain of an authority. Positions start at 1.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// A certificate is unusable, or its signature does not verify with the key of the next certificate.
    #[error("certificate {position} is unusable")]
    Certificate {
        /// Position of the certificate.
        position: usize,
        /// Error that the certificate causes.
        #[source]
        source: CertificateError,
    },
    /// The issuer of a certificate is not the subject of the next certificate.
    #[error("the next certificate did not issue certificate {position}")]
    NotIssuedByNext {
        /// Position of the certificate.
        position: usize,
    },
}

/// Reads the DER certificates of an authority and of the authorities above it, each before its issuer and the root last.
///
/// # Errors
/// Returns an error if a certificate is unusable or was not issued by the next one, or if the last one is not a root.
pub fn read_authorities(certificates: &[Vec<u8>]) -> Result<Vec<Certificate>, ChainError> {
    let mut read: Vec<Certificate> = Vec::new();
    for (index, der) in certificates.iter().enumerate().rev() {
        let position = index + 1;
        let certificate = match read.last() {
            None => Certificate::read_root(der),
            Some(issuer) => {
                Certificate::read_issued(der, CertificateKind::Intermediate, issuer.public_key())
            }
        };
        let certificate =
            certificate.map_err(|source| ChainError::Certificate { position, source })?;
        if read
            .last()
            .is_some_and(|issuer| !certificate.is_issued_by(issuer))
        {
            return Err(ChainError::NotIssuedByNext { position });
        }
        read.push(certificate);
    }
    read.reverse();
    Ok(read)
}
