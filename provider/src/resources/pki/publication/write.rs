//! Conditional writes of primary and derived objects.

use std::time::Duration;

use tfplugin::Call;

use super::access::read;
use crate::aws::objects::{
    Condition, NewObject, Object, ObjectFailure, ObjectLocation, ObjectStore, Written,
};
use crate::aws::{AwsError, AwsErrorKind};
use crate::resources::pki::calls::{bounded, within};

/// Maximum number of attempts to write an object that other writers change at the same time.
pub const MAX_ATTEMPTS: u32 = 10;

/// Result of one conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The object has the new content.
    Written(Written),
    /// Another writer changed the object. It must be read again.
    Lost,
}

/// Writes an object under its condition. If the result of the call is unknown, reads the object to determine whether the
/// write took effect.
///
/// # Errors
/// Returns an error if the object was not written for another reason than the condition.
pub async fn write(
    store: &impl ObjectStore,
    call: &Call,
    object: NewObject<'_>,
) -> Result<Attempt, AwsError> {
    let (location, body) = (object.location, object.body);
    let error = match bounded(call, "s3:PutObject", store.put(object)).await {
        Ok(written) => return Ok(Attempt::Written(written)),
        Err(error) => error,
    };
    let is_lost = matches!(
        ObjectFailure::of(&error),
        Some(
            ObjectFailure::PreconditionFailed | ObjectFailure::Conflict | ObjectFailure::NoSuchKey
        )
    );
    if !is_lost && !error.is_transient() {
        return Err(error);
    }
    // The SDK retries a call whose response is lost. The retry fails with `PreconditionFailed` although the first attempt
    // took effect.
    match read(store, call, location).await {
        Ok(Some(found)) if found.body == body => Ok(Attempt::Written(found.properties.written())),
        Ok(_) if is_lost => Ok(Attempt::Lost),
        _ => Err(error),
    }
}

/// Writes an object that is derived from a primary object, unless another writer has changed the primary object since. In
/// that case, the other writer also writes the derived object. Returns the properties of the derived object, or `None` if
/// the primary object changed.
///
/// # Errors
/// Returns an error if a call fails, or if other writers change the object in every attempt.
pub async fn derive(
    store: &impl ObjectStore,
    call: &Call,
    object: NewObject<'_>,
    primary: (&ObjectLocation, &str),
) -> Result<Option<Written>, AwsError> {
    let (location, etag) = primary;
    for attempt in 0..MAX_ATTEMPTS {
        // The order of the two reads matters: a writer of a later primary object changes the derived object only after
        // the primary object, so the condition detects its write.
        let before = read(store, call, object.location).await?;
        let current = bounded(call, "s3:HeadObject", store.head(location)).await?;
        if current.is_none_or(|current| current.etag != etag) {
            return Ok(None);
        }
        let condition = match &before {
            Some(found) if is_same(found, &object) => {
                return Ok(Some(found.properties.written()));
            }
            Some(found) => Condition::Matches(&found.properties.etag),
            None => Condition::Absent,
        };
        let conditional = NewObject {
            condition,
            ..object.clone()
        };
        match write(store, call, conditional).await? {
            Attempt::Written(written) => return Ok(Some(written)),
            Attempt::Lost => pause(store, call, attempt).await?,
        }
    }
    Err(AwsError {
        action: "s3:PutObject",
        kind: AwsErrorKind::Service,
        code: Some(crate::aws::objects::CONFLICT.to_owned()),
        message: format!("other writers changed the object in {MAX_ATTEMPTS} attempts"),
    })
}

/// Waits before the next attempt.
///
/// # Errors
/// Returns an error if the run is interrupted or times out.
pub async fn pause(store: &impl ObjectStore, call: &Call, attempt: u32) -> Result<(), AwsError> {
    // The total of all pauses is about 20 seconds.
    let duration = Duration::from_millis(20) * 2_u32.pow(attempt.min(MAX_ATTEMPTS));
    let paused = within(call, store.pause(duration)).await;
    paused.map_err(|stopped| AwsError {
        action: "s3:PutObject",
        kind: AwsErrorKind::TimedOut,
        code: None,
        message: stopped.to_owned(),
    })
}

fn is_same(found: &Object, object: &NewObject<'_>) -> bool {
    let properties = &found.properties;
    found.body == object.body
        && properties.content_type.as_deref() == Some(object.content_type)
        && properties.cache_control.as_deref() == object.cache_control
}
