//! Objects of S3 buckets. Must not be used for anything but preparing and looking at results.

use serde_json::Value;
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

    /// Key and version of the first 1,000 versions and delete markers (`ListObjectVersions`).
    ///
    /// # Errors
    /// When the bucket does not exist, or the service does not answer.
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

    /// Deletes versions and delete markers, each by its key and its version (`DeleteObjects`).
    ///
    /// # Errors
    /// When the bucket does not exist, the service does not delete one of them, or the service does not answer.
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
        // The answer is a success also where objects remain.
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

/// A text within an element of XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
