//! Publication of signed documents as objects in Amazon S3.
//!
//! A document is published as a primary object, which determines its version, and as objects that are derived from it. Two
//! writers can publish the same document. The following rules ensure that they never repeat or lower a version:
//!
//! - Every write has a condition on the object that was read before (`If-Match` or `If-None-Match`, see `PutObject`).
//! - The primary object is written first. A derived object is written only while the primary object is unchanged, so the
//!   writer of the last primary object also writes the last derived objects.
//! - If the response to a write is lost, the object is read again before another write.

mod access;
mod diagnostics;
mod location;
mod write;

pub use self::access::{connected_objects, connected_objects_if_known, read};
pub use self::diagnostics::{call_failed, capitalized, contended, delete_object, path};
pub use self::location::{BUCKET_RULE, KEY_RULE, ON_DESTROY, is_account_id, is_bucket, is_key};
pub use self::write::{Attempt, MAX_ATTEMPTS, derive, pause, write};
