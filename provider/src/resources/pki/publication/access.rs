//! Connection to S3, and reads of published objects.

use tfplugin::{Call, Diagnostics};

use crate::aws::AwsError;
use crate::aws::objects::{Object, ObjectFailure, ObjectLocation, ObjectStore, ObjectStores};
use crate::resources::pki::calls::{bounded, not_connected, within};

/// Connects to S3. Returns an error if the run is interrupted or times out first.
///
/// # Errors
/// Returns an error if the provider configuration is unknown or incomplete, or if the run stops.
pub async fn connected_objects<S: ObjectStores>(
    stores: &S,
    call: &Call,
) -> Result<S::Objects, Diagnostics> {
    let objects = within(call, stores.open_objects()).await;
    objects.map_err(|stopped| Diagnostics::from(not_connected(stopped)))?
}

/// Like [`connected_objects`], but returns `None` if the provider configuration is unknown.
///
/// # Errors
/// Returns an error if the provider configuration is incomplete, or if the run stops.
pub async fn connected_objects_if_known<S: ObjectStores>(
    stores: &S,
    call: &Call,
) -> Result<Option<S::Objects>, Diagnostics> {
    let objects = within(call, stores.open_objects_if_known()).await;
    objects.map_err(|stopped| Diagnostics::from(not_connected(stopped)))?
}

/// Reads an object. Returns `None` if the object or its bucket does not exist: an apply can create both.
///
/// # Errors
/// Returns an error if the call fails.
pub async fn read(
    store: &impl ObjectStore,
    call: &Call,
    location: &ObjectLocation,
) -> Result<Option<Object>, AwsError> {
    match bounded(call, "s3:GetObject", store.get(location)).await {
        Err(error) if ObjectFailure::of(&error) == Some(ObjectFailure::NoSuchBucket) => Ok(None),
        outcome => outcome,
    }
}
