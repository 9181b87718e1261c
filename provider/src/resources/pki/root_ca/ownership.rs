//! Which existing secret a create may go on with, and which it must leave alone.
//!
//! A create writes [`UNFINISHED_TAG`] in the call that makes the secret and removes it as its last step. A secret that
//! exists is gone on with only when it carries that mark, the tag that names its key, and no certificate yet: then
//! nothing that anybody trusts depends on it, and no state can hold it. Everything else is refused. A key that another
//! process has put under the name must not become a root, and an authority that another state manages must not be managed
//! twice.
//!
//! Pure. `DescribeSecret` is enough for a verdict: the first version holds the key, the second one the certificate.

use tfplugin::Diagnostic;

use super::diagnostics;
use super::tags::KEY_TAG;
use crate::aws::secrets::SecretDescription;
use crate::aws::tags::UNFINISHED_TAG;

/// Refuses a secret that exists, unless it is what an interrupted create has left.
pub(super) fn unfinished(description: &SecretDescription) -> Result<(), Diagnostic> {
    if description.pending_deletion() {
        return Err(diagnostics::name_pending_deletion(description));
    }
    if description.rotated || description.owning_service.is_some() {
        return Err(diagnostics::managed_elsewhere(description));
    }
    let has = |tag| description.tags.contains_key(tag);
    match (has(KEY_TAG), has(UNFINISHED_TAG)) {
        (true, true) if description.version_ids.len() <= 1 => Ok(()),
        (true, _) => Err(diagnostics::authority_exists(&description.arn)),
        (false, _) => Err(diagnostics::name_taken(&description.arn)),
    }
}

/// Whether the create with this mark is the one that the secret belongs to.
pub(super) fn belongs_to(description: &SecretDescription, mark: &str) -> bool {
    description.tags.get(UNFINISHED_TAG).map(String::as_str) == Some(mark)
}
