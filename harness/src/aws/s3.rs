//! Objects in S3 buckets, for test setup and assertions only.

use serde_json::Value;
use ureq::http::Method;

use super::{CallError, LocalAws, call};

/// The objects in an account.
pub struct S3<'a> {
    aws: &'a LocalAws,
}

impl<'a> S3<'a> {
    pub(super) fn new(aws: &'a LocalAws) -> Self {
        Self { aws }
    }

    /// Returns the content of an object. The content must be UTF-8.
    ///
    /// # Errors
    /// Returns an error if the bucket or key does not exist, or if the service does not respond.
    pub fn get(&self, bucket: &str, key: &str) -> Result<String, CallError> {
        call::object(self.aws, Method::GET, bucket, key, String::new())
    }

    /// Writes an object.
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or the service does not respond.
    pub fn put(&self, bucket: &str, key: &str, content: &str) -> Result<(), CallError> {
        call::object(self.aws, Method::PUT, bucket, key, content.to_owned()).map(drop)
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// Returns an error if the bucket does not exist or the service does not respond.
    pub fn delete(&self, bucket: &str, key: &str) -> Result<(), CallError> {
        call::object(self.aws, Method::DELETE, bucket, key, String::new()).map(drop)
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
