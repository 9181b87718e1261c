//! Objects in S3 buckets, for test setup and assertions only.

use serde_json::Value;
use ureq::http::Method;

use super::{CallError, LocalAws, call};

/// The objects in an account.
pub struct S3<'a> {
    aws: &'a LocalAws,
}

/// An object and its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Content.
    pub content: Vec<u8>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
}

impl<'a> S3<'a> {
    pub(super) fn new(aws: &'a LocalAws) -> Self {
        Self { aws }
    }

    /// Creates a bucket (`CreateBucket`).
    ///
    /// # Errors
    /// Returns an error if the name is not available, or if the service does not respond.
    pub fn create_bucket(&self, bucket: &str) -> Result<(), CallError> {
        call::create_bucket(self.aws, bucket)
    }

    /// Enables versioning for a bucket (`PutBucketVersioning`).
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or the service does not respond.
    pub fn enable_versioning(&self, bucket: &str) -> Result<(), CallError> {
        call::enable_versioning(self.aws, bucket)
    }

    /// Returns the content of a version of an object.
    ///
    /// # Errors
    /// Returns an error if the version does not exist or is a delete marker, or if the service does not respond.
    pub fn version(&self, bucket: &str, key: &str, version: &str) -> Result<Vec<u8>, CallError> {
        Ok(call::version(self.aws, Method::GET, bucket, key, version)?.body)
    }

    /// Deletes an empty bucket (`DeleteBucket`).
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or contains objects, or if the service does not respond.
    pub fn delete_bucket(&self, bucket: &str) -> Result<(), CallError> {
        call::delete_bucket(self.aws, bucket)
    }

    /// Returns the content of an object as text. Octets that are not UTF-8 are replaced.
    ///
    /// # Errors
    /// Returns an error if the bucket or key does not exist, or if the service does not respond.
    pub fn get(&self, bucket: &str, key: &str) -> Result<String, CallError> {
        Ok(call::object(self.aws, Method::GET, bucket, key, Vec::new())?.text())
    }

    /// Returns an object with its headers.
    ///
    /// # Errors
    /// Returns an error if the bucket or key does not exist, or if the service does not respond.
    pub fn object(&self, bucket: &str, key: &str) -> Result<StoredObject, CallError> {
        let received = call::object(self.aws, Method::GET, bucket, key, Vec::new())?;
        let header = |name: &str| {
            let value = received.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        Ok(StoredObject {
            content_type: header("content-type"),
            cache_control: header("cache-control"),
            content: received.body,
        })
    }

    /// Writes an object.
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or the service does not respond.
    pub fn put(&self, bucket: &str, key: &str, content: &str) -> Result<(), CallError> {
        self.put_octets(bucket, key, content.as_bytes())
    }

    /// Writes an object that is not text.
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or the service does not respond.
    pub fn put_octets(&self, bucket: &str, key: &str, content: &[u8]) -> Result<(), CallError> {
        call::object(self.aws, Method::PUT, bucket, key, content.to_vec()).map(drop)
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or the service does not respond.
    pub fn delete(&self, bucket: &str, key: &str) -> Result<(), CallError> {
        call::object(self.aws, Method::DELETE, bucket, key, Vec::new()).map(drop)
    }

    /// Returns the keys and version IDs of the first 1,000 versions and delete markers (`ListObjectVersions`).
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or the service does not respond.
    pub fn versions(&self, bucket: &str) -> Result<Vec<(String, String)>, CallError> {
        let listed = self.aws.get("s3", &format!("/{bucket}?versions"))?;
        let mut versions = Vec::new();
        for kind in ["Version", "DeleteMarker"] {
            let found = &listed[kind];
            let one = std::slice::from_ref(found);
            let all = found.as_array().map_or(one, Vec::as_slice);
            let part = |version: &Value, name: &str| version[name].as_str().map(str::to_owned);
            versions.extend(
                all.iter()
                    .filter_map(|one| part(one, "Key").zip(part(one, "VersionId"))),
            );
        }
        Ok(versions)
    }

    /// Deletes a version or a delete marker (`DeleteObject`).
    ///
    /// # Errors
    /// Returns an error if the version cannot be deleted, or if the service does not respond.
    pub fn delete_version(&self, bucket: &str, key: &str, version: &str) -> Result<(), CallError> {
        call::version(self.aws, Method::DELETE, bucket, key, version).map(drop)
    }

    /// Deletes versions and delete markers by key and version ID (`DeleteObjects`).
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist, a version cannot be deleted, or the service does not respond.
    pub fn delete_versions(
        &self,
        bucket: &str,
        versions: &[(String, String)],
    ) -> Result<(), CallError> {
        let objects: String = versions
            .iter()
            .map(|(key, version)| {
                let key = escaped(key);
                format!("<Object><Key>{key}</Key><VersionId>{version}</VersionId></Object>")
            })
            .collect();
        let document = format!("<Delete>{objects}</Delete>");
        let answer = call::post(self.aws, &format!("/{bucket}?delete"), document)?;
        // The response is successful even if objects remain.
        match answer.get("Error") {
            None => Ok(()),
            Some(error) => Err(CallError::Refused {
                service: "s3".to_owned(),
                action: "DeleteObjects".to_owned(),
                code: error["Code"].as_str().unwrap_or_default().to_owned(),
                message: error.to_string(),
            }),
        }
    }
}

/// Escapes a string for XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
