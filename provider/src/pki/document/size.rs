//! The size of a key document, which is limited by the size of a secret.

use super::{KeyDocument, MAX_OCTETS};
use crate::pki::certificate::Certificate;
use crate::pki::document_error::DocumentError;
use crate::pki::issue::unsigned;

/// Size of the members other than certificates: an RSA key with 4096 bits, its public key, and a description.
const OTHER_MEMBERS: usize = 6144;

/// Size of a signature with an RSA key of 4096 bits, and of its algorithm.
const SIGNATURE: usize = 544;

/// Checks that a document has room for another certificate. `chain` contains the issuers. The size is an upper limit for
/// certificates that are not larger than the largest certificate in `history`, so that the check is possible without the
/// key.
///
/// # Errors
/// Returns an error with the sizes if there is no room.
pub fn check_room(history: &[Certificate], chain: &[Certificate]) -> Result<(), DocumentError> {
    let size = |certificates: &[Certificate]| -> usize {
        let sizes = certificates.iter();
        sizes
            .map(|certificate| member_size(certificate.der().len()))
            .sum()
    };
    // The current certificate and the intermediate certificates are in two members.
    let current = history.last().map(std::slice::from_ref).unwrap_or_default();
    let octets = OTHER_MEMBERS + size(history) + size(current) + 2 * size(chain);
    let largest = history.iter().map(|certificate| certificate.der().len());
    let next = largest.max().unwrap_or_default();
    check(octets, history.len(), next)
}

impl KeyDocument {
    /// Checks that a document of this size has room for its pending certificate. Otherwise, the certificate would be signed
    /// but could not be stored.
    pub(super) fn check_room_for_pending(&self, octets: usize) -> Result<(), DocumentError> {
        let Some(pending) = self.pending_issuance() else {
            return Ok(());
        };
        let own = self.key().public();
        let issuers = self.chain.iter();
        let issuer = issuers.map(Certificate::public_key).find(|key| {
            let algorithms = key.algorithm().signature_algorithms();
            algorithms.contains(&pending.signature_algorithm)
        });
        let unsigned = unsigned(pending, own, issuer.unwrap_or(own));
        let next = unsigned.map_or(0, |der| der.len() + SIGNATURE);
        check(octets, self.history().len(), next)
    }
}

/// `next` is the size of the next certificate. The current certificate is in two members, and the next one replaces it in one
/// of them.
fn check(octets: usize, certificates: usize, next: usize) -> Result<(), DocumentError> {
    let needed = match certificates {
        0 => 2 * member_size(next),
        _ => member_size(next),
    };
    match octets + needed > MAX_OCTETS {
        true => Err(DocumentError::NoRoom {
            octets,
            certificates,
            needed,
            limit: MAX_OCTETS,
        }),
        false => Ok(()),
    }
}

/// Returns the size of a certificate in a member: base64 with two octets for each line break, the boundaries, and the
/// separators of the member.
fn member_size(der: usize) -> usize {
    let base64 = der.div_ceil(3) * 4;
    base64 + 2 * base64.div_ceil(64) + 64
}
