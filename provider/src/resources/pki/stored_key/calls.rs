//! Calls that read the key document of a secret, and checks of the region and the account.

use tfplugin::{Call, Diagnostics};

use super::diagnostics;
use super::wording::Wording;
use crate::aws::arn::Arn;
use crate::aws::secrets::{NOT_FOUND, SecretStore};
use crate::aws::{AwsError, AwsErrorKind};
use crate::pki::KeyDocument;
pub(super) use crate::resources::pki::calls::{
    RELEASE, bounded, connected, connected_if_known, described, repeated, visible, within,
};

/// Reads and checks the document in a secret that is known to exist. `kms_key` is the KMS key that encrypts the secret.
pub(super) async fn read_document(
    store: &impl SecretStore,
    call: &Call,
    wording: &Wording,
    arn: &str,
    kms_key: Option<&str>,
) -> Result<(KeyDocument, String), Diagnostics> {
    let value = visible(store, call, "secretsmanager:GetSecretValue", || {
        store.value(arn)
    });
    let current = value
        .await
        .map_err(|error| diagnostics::call_failed(&wording.not_read(), &error, kms_key))?;
    let document = KeyDocument::read_secret(current.text.as_ref());
    let document = document.map_err(|error| wording.not_a_key_document(arn, &error))?;
    match document.kind() {
        kind if kind == wording.kind => Ok((document, current.version_id)),
        kind => Err(wording.another_kind(arn, kind).into()),
    }
}

/// Returns an error if the provider's region differs from the stored secret's region.
pub(super) fn refuse_other_region(store: &impl SecretStore, arn: &str) -> Result<(), Diagnostics> {
    let stored = Arn::parse(arn);
    let compared = stored.map(|arn| store.identity().expect_region(&arn));
    compared
        .unwrap_or(Ok(()))
        .map_err(|error| diagnostics::identity_mismatch(error).into())
}

/// Returns an error if the secret is missing or access is denied because the credentials belong to another account.
pub(super) async fn refuse_other_account(
    store: &impl SecretStore,
    arn: &str,
    error: &AwsError,
) -> Result<(), Diagnostics> {
    let doubtful = error.is(NOT_FOUND) || error.kind == AwsErrorKind::AccessDenied;
    let Some(stored) = Arn::parse(arn).filter(|_| doubtful) else {
        return Ok(());
    };
    let compared = store.identity().expect(&stored).await;
    compared.map_err(|error| diagnostics::identity_mismatch(error).into())
}
