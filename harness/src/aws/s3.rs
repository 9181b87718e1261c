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

    /// Deletes every version of every object, and every delete marker, and returns how many that were.
    ///
    /// # Errors
    /// When the bucket does not exist, or the service does not answer.
    pub fn delete_versions(&self, bucket: &str) -> Result<usize, CallError> {
        let listed = self.aws.get("s3", &format!("/{bucket}?versions"))?;
        let mut deleted = 0;
        for kind in ["Version", "DeleteMarker"] {
            let found = &listed[kind];
            let one = std::slice::from_ref(found);
            let all = found.as_array().map_or(one, Vec::as_slice);
            for version in all.iter().filter(|one| one.is_object()) {
                let part = |name: &str| version[name].as_str().unwrap_or_default();
                call::delete_version(self.aws, bucket, part("Key"), part("VersionId"))?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}
