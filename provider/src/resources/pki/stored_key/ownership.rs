//! Rules that determine which existing secrets a create adopts, and which it must not change.
//!
//! A create writes the marker [`UNFINISHED_TAG`] in the call that creates the secret, and removes the marker in its
//! last call. A create adopts an existing secret only if the secret has the marker, has the tag with the hash of its
//! key, and does not contain a certificate yet. No client trusts such a key, and no state contains it. All other
//! secrets are rejected: a key that another process stored must not become an authority, and two states must not manage
//! the same object.
//!
//! These functions are pure. The `DescribeSecret` result is sufficient: the first version of the secret contains the
//! key, and the second version contains the certificate.

use tfplugin::Diagnostic;

use super::tags::KEY_TAG;
use super::wording::Wording;
use crate::aws::secrets::SecretDescription;
use crate::aws::tags::UNFINISHED_TAG;

/// Rejects an existing secret unless it belongs to an interrupted create.
pub(super) fn unfinished(
    wording: &Wording,
    description: &SecretDescription,
) -> Result<(), Diagnostic> {
    if description.pending_deletion() {
        return Err(wording.name_pending_deletion(description));
    }
    if description.rotated || description.owning_service.is_some() {
        return Err(wording.managed_elsewhere(description));
    }
    let has = |tag| description.tags.contains_key(tag);
    match (has(KEY_TAG), has(UNFINISHED_TAG)) {
        (true, true) if description.version_ids.len() <= 1 => Ok(()),
        (true, true) => Err(wording.creation_interrupted(&description.arn)),
        (true, false) => Err(wording.authority_exists(&description.arn)),
        (false, _) => Err(wording.name_taken(&description.arn)),
    }
}

/// Returns whether the secret belongs to the create operation with this marker.
pub(super) fn belongs_to(description: &SecretDescription, marker: &str) -> bool {
    description.tags.get(UNFINISHED_TAG).map(String::as_str) == Some(marker)
}
