//! The size of a key document, which is limited by the size of a secret.

use crate::pki::document_error::DocumentError;

/// Maximum size of an AWS Secrets Manager value in octets.
pub(super) const MAX_OCTETS: usize = 65_536;

/// Size of the members other than certificates: an RSA key with 4096 bits, its public key, and a description.
const OTHER_MEMBERS: usize = 6144;

/// Checks that a document has room for another certificate. `history` contains the sizes of the issued DER certificates in
/// octets, and `chain` those of the issuers. The result is an upper limit for certificates that are not larger than the
/// largest certificate in `history`, so that the check is possible without the key.
///
/// # Errors
/// Returns an error with the sizes if there is no room.
pub fn check_room(history: &[usize], chain: &[usize]) -> Result<(), DocumentError> {
    let size = |certificates: &[usize]| -> usize {
        let sizes = certificates.iter();
        sizes.map(|octets| member_size(*octets)).sum()
    };
    // The current certificate and the intermediate certificates are in two members.
    let current = history.last().map(std::slice::from_ref).unwrap_or_default();
    let octets = OTHER_MEMBERS + size(history) + size(current) + 2 * size(chain);
    let next = history.iter().max().copied().unwrap_or_default();
    check(octets, history.len(), next)
}

/// Checks a size in octets. `next` is the size of the next certificate. The current certificate is in two members, and the
/// next one replaces it in one of them.
pub(super) fn check(octets: usize, certificates: usize, next: usize) -> Result<(), DocumentError> {
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
