//! Issuance of a checked certificate revocation list from a description, the issuer's certificate, and a signer.
//!
//! The list is encoded, the signer signs the encoded octets, and the signature is appended, so that a key in a service can
//! sign asynchronously. A list is returned only after a second parser has read it, its signature is verified, it passes the
//! lint, and it matches the description exactly. Time and memory are linear in the number of entries.

use jiff::Timestamp;

use super::crl::{Crl, CrlError};
use super::encode::{self, NotRepresentable};
use super::list::RevocationList;
use crate::pki::algorithm::KeyAlgorithm;
use crate::pki::alternative_name::check_http_url;
use crate::pki::certificate::Certificate;
use crate::pki::decoded::DecodedCertificate;
use crate::pki::description::KeyUsage;
use crate::pki::signature_algorithm::SignatureAlgorithm;
use crate::pki::signer::{SignError, Signer};

/// Reason why a list could not be issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueListError {
    /// The issuer's certificate does not allow the key to sign lists (RFC 5280 section 4.2.1.3).
    #[error(
        "the issuer's certificate does not have the key usage cRLSign (RFC 5280 section 4.2.1.3)"
    )]
    KeyUsage,
    /// The description names another issuer.
    #[error("the description names an issuer other than the subject of the issuer's certificate")]
    Issuer,
    /// The signer has another key than the issuer's certificate.
    #[error("the signer's key is not the key in the issuer's certificate")]
    Key,
    /// The issuer's key does not support the signature algorithm.
    #[error("a key with the algorithm {} cannot sign with {}", key.name(), signature.name())]
    SignatureAlgorithm {
        /// Algorithm of the issuer's key.
        key: KeyAlgorithm,
        /// Described signature algorithm.
        signature: SignatureAlgorithm,
    },
    /// The certificate of the issuer is not valid for the whole time in which the list is current.
    #[error(
        "the list is current from {this_update} to {next_update}, but the certificate of the issuer is valid from {not_before} to \
         {not_after}, and verifiers cannot verify the list at other times"
    )]
    Validity {
        /// `thisUpdate` of the list.
        this_update: Timestamp,
        /// `nextUpdate` of the list.
        next_update: Timestamp,
        /// `notBefore` of the issuer's certificate.
        not_before: Timestamp,
        /// `notAfter` of the issuer's certificate.
        not_after: Timestamp,
    },
    /// A list cannot represent an instant.
    #[error("{0} cannot be represented in a revocation list, which requires whole seconds")]
    Time(Timestamp),
    /// A URL is not an HTTP URL. The URLs in `cRLDistributionPoints` follow the same rule.
    #[error("the distribution point {0:?} is not an HTTP URL (RFC 5280 section 4.2.1.13)")]
    DistributionPoint(String),
    /// The list is larger than the largest message that the key can sign.
    #[error(
        "the revocation list with {entries} entries has {octets} octets to sign, but the issuer's key can sign at most \
         {limit} octets"
    )]
    TooLarge {
        /// Length of the TBSCertList in octets.
        octets: usize,
        /// Largest message that the key can sign, in octets.
        limit: usize,
        /// Number of entries.
        entries: usize,
    },
    /// The issuer's key could not sign the list.
    #[error("the revocation list could not be signed")]
    Sign(#[from] SignError),
    /// The signed list does not pass the checks.
    #[error("the signed revocation list did not pass the checks and was discarded")]
    Rejected(#[from] CrlError),
    /// The signed list differs from the description.
    #[error("the signed revocation list differs from its description and was discarded")]
    Differs,
}

impl From<NotRepresentable> for IssueListError {
    fn from(NotRepresentable(instant): NotRepresentable) -> Self {
        Self::Time(instant)
    }
}

/// Issues a list, signs it with the issuer's key, and checks the result.
///
/// # Errors
/// Returns an error if the issuer cannot issue the list, the list cannot be encoded or is too large for the key, the key cannot
/// sign, or the list does not pass all checks.
pub async fn issue_list(
    list: &RevocationList,
    issuer: &Certificate,
    signer: &impl Signer,
) -> Result<Crl, IssueListError> {
    if signer.public_key() != issuer.public_key() {
        return Err(IssueListError::Key);
    }
    let message = to_be_signed(list, issuer)?;
    check_length(message.len(), list.entries.len(), signer.message_limit())?;
    let signature = signer.sign(list.signature_algorithm, &message).await?;
    let der = encode::signed(&message, list.signature_algorithm, &signature);
    let crl = Crl::read(&der, issuer)?;
    match crl.list() == list {
        true => Ok(crl),
        false => Err(IssueListError::Differs),
    }
}

/// Returns the DER TBSCertList that the issuer signs (RFC 5280 section 5.1.1.3).
fn to_be_signed(list: &RevocationList, issuer: &Certificate) -> Result<Vec<u8>, IssueListError> {
    let description = issuer.description();
    if !description.key_usage.contains(&KeyUsage::CrlSign) {
        return Err(IssueListError::KeyUsage);
    }
    if list.issuer != description.subject {
        return Err(IssueListError::Issuer);
    }
    let (key, signature) = (issuer.public_key().algorithm(), list.signature_algorithm);
    if !key.signature_algorithms().contains(&signature) {
        return Err(IssueListError::SignatureAlgorithm { key, signature });
    }
    let (not_before, not_after) = (
        description.validity.not_before(),
        description.validity.not_after(),
    );
    if list.this_update < not_before || list.next_update > not_after {
        return Err(IssueListError::Validity {
            this_update: list.this_update,
            next_update: list.next_update,
            not_before,
            not_after,
        });
    }
    let mut urls = list.distribution_points.iter();
    if let Some(url) = urls.find(|url| check_http_url(url).is_err()) {
        return Err(IssueListError::DistributionPoint(url.clone()));
    }
    let authority = DecodedCertificate::from_der(issuer.der()).map_err(CrlError::from)?;
    let identifier = issuer.public_key().identifier();
    Ok(encode::to_be_signed(
        list,
        authority.subject.der(),
        identifier,
    )?)
}

/// Checks that a key can sign the list, without signing it. `limit` is the largest message that the key can sign, in octets.
///
/// # Errors
/// Returns an error if the issuer cannot issue the list, the list cannot be encoded, or the list is too large for the key.
pub fn check_message_limit(
    list: &RevocationList,
    issuer: &Certificate,
    limit: Option<usize>,
) -> Result<(), IssueListError> {
    let octets = to_be_signed(list, issuer)?.len();
    check_length(octets, list.entries.len(), limit)
}

fn check_length(octets: usize, entries: usize, limit: Option<usize>) -> Result<(), IssueListError> {
    match limit {
        Some(limit) if octets > limit => Err(IssueListError::TooLarge {
            octets,
            limit,
            entries,
        }),
        _ => Ok(()),
    }
}
