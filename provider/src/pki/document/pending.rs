//! The room for the pending certificate of a key document.

use super::KeyDocument;
use super::size::check;
use crate::pki::certificate::Certificate;
use crate::pki::document_error::DocumentError;
use crate::pki::issue::unsigned;

/// Size of a signature with an RSA key of 4096 bits, and of its algorithm.
const SIGNATURE: usize = 544;

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
