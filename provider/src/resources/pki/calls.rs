//! Calls to Secrets Manager. The calls stop when the run ends, and are retried until the service is consistent.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use tfplugin::{Call, Diagnostic, Diagnostics};

use crate::aws::secrets::{NOT_FOUND, SecretDescription, SecretStore, SecretStores};
use crate::aws::{AwsError, AwsErrorKind};

/// Pauses between attempts while a created or changed secret is not visible: about 30 seconds in total.
const VISIBILITY: [Duration; 7] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
];

/// Pauses between attempts while the name of a secret that was deleted without recovery is not available: two minutes
/// in total. The deletion is asynchronous (API reference, `DeleteSecret`, `ForceDeleteWithoutRecovery`).
pub(in crate::resources::pki) const RELEASE: [Duration; 12] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(10),
    Duration::from_secs(10),
    Duration::from_secs(10),
    Duration::from_secs(15),
    Duration::from_secs(15),
    Duration::from_secs(15),
    Duration::from_secs(15),
    Duration::from_secs(15),
];

/// Makes a call that stops when the run is interrupted or times out.
pub(in crate::resources::pki) async fn bounded<T>(
    call: &Call,
    action: &'static str,
    work: impl Future<Output = Result<T, AwsError>>,
) -> Result<T, AwsError> {
    within(call, work).await.unwrap_or_else(|stopped| {
        Err(AwsError {
            action,
            kind: AwsErrorKind::TimedOut,
            code: None,
            message: stopped.to_owned(),
        })
    })
}

/// Connects to the store. Returns an error if the run is interrupted or times out first.
pub(in crate::resources::pki) async fn connected<S: SecretStores>(
    stores: &S,
    call: &Call,
) -> Result<S::Store, Diagnostics> {
    let store = within(call, stores.open()).await;
    store.map_err(|stopped| Diagnostics::from(not_connected(stopped)))?
}

/// Like [`connected`], but returns `None` if the provider configuration is unknown.
pub(in crate::resources::pki) async fn connected_if_known<S: SecretStores>(
    stores: &S,
    call: &Call,
) -> Result<Option<S::Store>, Diagnostics> {
    let store = within(call, stores.open_if_known()).await;
    store.map_err(|stopped| Diagnostics::from(not_connected(stopped)))?
}

/// Awaits `work`. If the run is interrupted or times out first, returns the reason as an error.
pub(in crate::resources::pki) async fn within<T>(
    call: &Call,
    work: impl Future<Output = T>,
) -> Result<T, &'static str> {
    // The future of an SDK call is large. It is not copied again after this point.
    let work = Box::pin(work);
    tokio::select! {
        biased;
        () = call.cancel.cancelled() => Err("the run was interrupted"),
        () = tokio::time::sleep_until(call.deadline.into()) => Err("the timeout of the operation expired"),
        done = work => Ok(done),
    }
}

/// Makes a call for a secret that is known to exist, and retries it while the service does not find the secret.
pub(in crate::resources::pki) async fn visible<T, W>(
    store: &impl SecretStore,
    call: &Call,
    action: &'static str,
    attempt: impl Fn() -> W,
) -> Result<T, AwsError>
where
    W: Future<Output = Result<T, AwsError>>,
{
    repeated(
        store,
        call,
        action,
        &VISIBILITY,
        attempt,
        |outcome| matches!(outcome, Err(error) if error.is(NOT_FOUND)),
    )
    .await
}

/// Describes a secret that is known to exist, and retries the call until the description is `settled`. Returns the last
/// description.
pub(in crate::resources::pki) async fn described(
    store: &impl SecretStore,
    call: &Call,
    id: &str,
    settled: impl Fn(&SecretDescription) -> bool,
) -> Result<SecretDescription, AwsError> {
    let describe = || store.describe(id);
    let action = "secretsmanager:DescribeSecret";
    repeated(
        store,
        call,
        action,
        &VISIBILITY,
        describe,
        |outcome| match outcome {
            Ok(description) => !settled(description),
            Err(error) => error.is(NOT_FOUND) || error.is_transient(),
        },
    )
    .await
}

/// Makes a call, and retries it after each pause while `again` returns true.
pub(in crate::resources::pki) async fn repeated<T, W>(
    store: &impl SecretStore,
    call: &Call,
    action: &'static str,
    pauses: &[Duration],
    attempt: impl Fn() -> W,
    again: impl Fn(&Result<T, AwsError>) -> bool,
) -> Result<T, AwsError>
where
    W: Future<Output = Result<T, AwsError>>,
{
    let mut outcome = bounded(call, action, attempt()).await;
    for pause in pauses {
        if !again(&outcome) {
            break;
        }
        if within(call, store.pause(*pause)).await.is_err() {
            break;
        }
        outcome = bounded(call, action, attempt()).await;
    }
    outcome
}

/// The run was interrupted or timed out before the connection to the store was established.
pub(in crate::resources::pki) fn not_connected(stopped: &str) -> Diagnostic {
    let detail = format!(
        "While the provider connected to AWS, {stopped}. Nothing was changed. Apply again. If the apply hangs, check \
         the region, credentials, and endpoints in the provider block."
    );
    Diagnostic::error("AWS connection was not established", detail)
}

/// Returns an error and its causes as one sentence.
pub(in crate::resources::pki) fn sentence(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
