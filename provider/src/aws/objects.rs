//! The Amazon S3 operations that are required to publish certificates and certificate revocation lists.
//!
//! [`ObjectStore`] is the interface, and [`client::S3`] is the implementation. This module does not interpret the content of
//! objects. Published objects contain no key material.
//!
//! S3 is strongly consistent: after a successful write, every read returns the new object (Amazon S3 User Guide, "Amazon
//! S3 data consistency model").

pub mod client;
pub mod diagnostics;
mod failure;
mod model;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tfplugin::Diagnostics;

use super::errors::AwsError;
use super::identity::Identity;

pub use failure::{
    CONFLICT, NO_SUCH_BUCKET, NO_SUCH_KEY, OTHER_REGION, ObjectFailure, PRECONDITION_FAILED,
};
pub use model::{
    BucketNameProblem, Condition, ListedObject, NewObject, Object, ObjectLocation,
    ObjectProperties, Written, check_bucket_name, check_key,
};

/// Interface to Amazon S3. [`ObjectFailure::of`] classifies the errors.
pub trait ObjectStore: Send + Sync {
    /// Calls `GetObject`, and reads the complete body. Returns `None` if the object does not exist.
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist, belongs to another account or region, or the caller cannot read
    /// the object. Without the permission `s3:ListBucket`, S3 also denies access if the object does not exist
    /// (`GetObject`, "Permissions").
    fn get(
        &self,
        location: &ObjectLocation,
    ) -> impl Future<Output = Result<Option<Object>, AwsError>> + Send;

    /// Calls `HeadObject`. Returns `None` if the object does not exist.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`ObjectStore::get`], except that S3 does not distinguish a missing bucket
    /// from a missing object (`HeadObject`: the response to a HEAD request has no body).
    fn head(
        &self,
        location: &ObjectLocation,
    ) -> impl Future<Output = Result<Option<ObjectProperties>, AwsError>> + Send;

    /// Calls `PutObject` with the encryption SSE-S3. If the response is lost, a retry of a conditional write can fail with
    /// [`ObjectFailure::PreconditionFailed`] although the first attempt took effect, so the caller must read the object
    /// before it reports a lost race.
    ///
    /// # Errors
    /// Returns an error if the condition is not met ([`ObjectFailure::PreconditionFailed`], or
    /// [`ObjectFailure::NoSuchKey`] if [`Condition::Matches`] requires an object that does not exist), if another write
    /// was in progress ([`ObjectFailure::Conflict`]), or if the bucket cannot be written.
    fn put(&self, object: NewObject<'_>) -> impl Future<Output = Result<Written, AwsError>> + Send;

    /// Calls `ListObjectsV2` until the list is complete. The key of `prefix` is the common prefix of all returned keys.
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or cannot be listed.
    fn list(
        &self,
        prefix: &ObjectLocation,
    ) -> impl Future<Output = Result<Vec<ListedObject>, AwsError>> + Send;

    /// Deletes all versions of an object with `ListObjectVersions` and `DeleteObject`. Succeeds if the object does not exist.
    /// Without the permission `s3:ListBucketVersions`, the previous versions in a bucket with versioning are kept.
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or the caller cannot delete the object.
    fn delete(
        &self,
        location: &ObjectLocation,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Returns the region and the account of the connection.
    fn identity(&self) -> Arc<Identity>;

    /// Waits before a retry.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Source of the object store for a resource, after the provider is configured.
pub trait ObjectStores: Send + Sync + 'static {
    /// Store type.
    type Objects: ObjectStore;

    /// Returns the connected store, or `None` if the provider configuration contains unknown values.
    ///
    /// # Errors
    /// Returns an error if the provider is not configured, or if the client cannot be created from its configuration.
    fn open_objects_if_known(
        &self,
    ) -> impl Future<Output = Result<Option<Self::Objects>, Diagnostics>> + Send;

    /// Returns the connected store.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`ObjectStores::open_objects_if_known`], and if the provider configuration
    /// contains unknown values.
    fn open_objects(&self) -> impl Future<Output = Result<Self::Objects, Diagnostics>> + Send;
}
