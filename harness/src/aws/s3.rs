//! Objects of S3 buckets. Must not be used for anything but preparing and looking at results.

use ureq::http::Method;

use super::{CallError, LocalAws, call};

/// The objects of an account.
pub struct S3<'a> {
    aws: &'a LocalAws,
}

impl<'a> S3<'a> {
    pub(super) fn new(aws: &'a LocalAws) -> Self {
        Self { aws }
    }

    /// The content of an object, which must be text.
    ///
    /// # Errors
    /// When bucket or key do not exist, or the service does not answer.
    pub fn get(&self, bucket: &str, key: &str) -> Result<String, CallError> {
        call::object(self.aws, Method::GET, bucket, key, String::new())
    }

    /// Writes an object.
    ///
    /// # Errors
    /// When the bucket does not exist, or the service does not answer.
    pub fn put(&self, bucket: &str, key: &str, content: &str) -> Result<(), CallError> {
        call::object(self.aws, Method::PUT, bucket, key, content.to_owned()).map(drop)
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// When the bucket does not exist, or the service does not answer.
    pub fn delete(&self, bucket: &str, key: &str) -> Result<(), CallError> {
        call::object(self.aws, Method::DELETE, bucket, key, String::new()).map(drop)
    }
}
