//! [`ObjectStore`] with the AWS SDK.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ServerSideEncryption};
use jiff::Timestamp;
use tfplugin::{Configured, Diagnostic, Diagnostics};

use super::failure::{ObjectFailure, object_error};
use super::model::{
    Condition, ListedObject, NewObject, Object, ObjectLocation, ObjectProperties, Written,
};
use super::{ObjectStore, ObjectStores};
use crate::aws::client::Clients;
use crate::aws::connect_error::ConnectError;
use crate::aws::connection::Connection;
use crate::aws::errors::{AwsError, AwsErrorKind};
use crate::aws::identity::Identity;

/// Client for Amazon S3.
pub struct S3 {
    clients: Arc<Clients>,
}

impl ObjectStores for Configured<Connection> {
    type Objects = S3;

    async fn open_objects_if_known(&self) -> Result<Option<S3>, Diagnostics> {
        match self.get()?.clients().await {
            Ok(clients) => Ok(Some(S3 { clients })),
            Err(ConnectError::NotKnownYet { .. }) => Ok(None),
            Err(error) => Err(Diagnostic::from(error).into()),
        }
    }

    async fn open_objects(&self) -> Result<S3, Diagnostics> {
        match self.get()?.clients().await {
            Ok(clients) => Ok(S3 { clients }),
            Err(error) => Err(Diagnostic::from(error).into()),
        }
    }
}

impl ObjectStore for S3 {
    async fn get(&self, location: &ObjectLocation) -> Result<Option<Object>, AwsError> {
        const ACTION: &str = "s3:GetObject";
        let request = self
            .clients
            .s3
            .get_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .set_expected_bucket_owner(location.expected_bucket_owner.clone());
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return absent(object_error(ACTION, &error)),
        };
        let etag = answer.e_tag;
        let (version_id, content_type) = (answer.version_id, answer.content_type);
        let cache_control = answer.cache_control;
        // Reading the body also verifies the checksum that S3 stores (`ResponseChecksumValidation`).
        let body = answer.body.collect().await;
        let body = body.map_err(|error| AwsError {
            action: ACTION,
            kind: body_failure(&error),
            code: None,
            message: format!("the body could not be read: {error}"),
        })?;
        let body = body.to_vec();
        Ok(Some(Object {
            properties: ObjectProperties {
                etag: etag.ok_or_else(|| AwsError::incomplete(ACTION))?,
                version_id,
                content_type,
                cache_control,
                size: body.len().try_into().unwrap_or(u64::MAX),
            },
            body,
        }))
    }

    async fn head(&self, location: &ObjectLocation) -> Result<Option<ObjectProperties>, AwsError> {
        const ACTION: &str = "s3:HeadObject";
        let request = self
            .clients
            .s3
            .head_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .set_expected_bucket_owner(location.expected_bucket_owner.clone());
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return absent(object_error(ACTION, &error)),
        };
        Ok(Some(ObjectProperties {
            etag: answer.e_tag.ok_or_else(|| AwsError::incomplete(ACTION))?,
            version_id: answer.version_id,
            content_type: answer.content_type,
            cache_control: answer.cache_control,
            size: octets(answer.content_length),
        }))
    }

    async fn put(&self, object: NewObject<'_>) -> Result<Written, AwsError> {
        const ACTION: &str = "s3:PutObject";
        let location = object.location;
        let (if_match, if_none_match) = match object.condition {
            Condition::None => (None, None),
            Condition::Absent => (None, Some("*".to_owned())),
            Condition::Matches(etag) => (Some(etag.to_owned()), None),
        };
        let request = self
            .clients
            .s3
            .put_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .set_expected_bucket_owner(location.expected_bucket_owner.clone())
            .content_type(object.content_type)
            .set_cache_control(object.cache_control.map(str::to_owned))
            .set_tagging(tagging(object.tags))
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            // S3 does not serve objects with SSE-KMS over plain HTTP, and clients download revocation lists over plain HTTP
            // (RFC 5280, section 8). The default encryption of the bucket could be SSE-KMS.
            .server_side_encryption(ServerSideEncryption::Aes256)
            .body(ByteStream::from(object.body.to_vec()));
        let answer = request.send().await;
        let answer = answer.map_err(|error| object_error(ACTION, &error))?;
        Ok(Written {
            etag: answer.e_tag.ok_or_else(|| AwsError::incomplete(ACTION))?,
            version_id: answer.version_id,
        })
    }

    async fn list(&self, prefix: &ObjectLocation) -> Result<Vec<ListedObject>, AwsError> {
        const ACTION: &str = "s3:ListObjectsV2";
        let mut pages = self
            .clients
            .s3
            .list_objects_v2()
            .bucket(&prefix.bucket)
            .prefix(&prefix.key)
            .set_expected_bucket_owner(prefix.expected_bucket_owner.clone())
            .into_paginator()
            .send();
        let mut listed = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| object_error(ACTION, &error))?;
            for object in page.contents.unwrap_or_default() {
                listed.push(ListedObject {
                    key: object.key.ok_or_else(|| AwsError::incomplete(ACTION))?,
                    etag: object.e_tag.ok_or_else(|| AwsError::incomplete(ACTION))?,
                    size: octets(object.size),
                    last_modified: object
                        .last_modified
                        .and_then(|date| Timestamp::new(date.secs(), 0).ok()),
                });
            }
        }
        Ok(listed)
    }

    async fn delete(&self, location: &ObjectLocation) -> Result<(), AwsError> {
        // Deleting the current version by its ID makes the previous version the current one ("Deleting object versions",
        // Amazon S3 user guide). A delete marker hides all versions until the last one is deleted.
        self.delete_version(location, None).await?;
        let versions = match self.versions(location).await {
            Ok(versions) => versions,
            Err(error) if error.kind == AwsErrorKind::AccessDenied => return Ok(()),
            Err(error) => return Err(error),
        };
        for version_id in versions {
            self.delete_version(location, Some(version_id)).await?;
        }
        Ok(())
    }

    fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.clients.identity)
    }

    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

impl S3 {
    async fn delete_version(
        &self,
        location: &ObjectLocation,
        version_id: Option<String>,
    ) -> Result<(), AwsError> {
        let request = self
            .clients
            .s3
            .delete_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .set_version_id(version_id)
            .set_expected_bucket_owner(location.expected_bucket_owner.clone());
        let answer = request.send().await;
        let answer = answer.map(drop);
        answer.map_err(|error| object_error("s3:DeleteObject", &error))
    }

    /// Returns the IDs of all versions and delete markers of an object. The current one is the last
    /// (`ListObjectVersions`).
    async fn versions(&self, location: &ObjectLocation) -> Result<Vec<String>, AwsError> {
        const ACTION: &str = "s3:ListObjectVersions";
        let (mut found, mut current) = (Vec::new(), Vec::new());
        let (mut key_marker, mut version_marker) = (None, None);
        loop {
            let request = self
                .clients
                .s3
                .list_object_versions()
                .bucket(&location.bucket)
                .prefix(&location.key)
                .set_key_marker(key_marker)
                .set_version_id_marker(version_marker)
                .set_expected_bucket_owner(location.expected_bucket_owner.clone());
            let page = request.send().await;
            let page = page.map_err(|error| object_error(ACTION, &error))?;
            let versions = page.versions.unwrap_or_default().into_iter();
            let versions = versions.map(|one| (one.key, one.version_id, one.is_latest));
            let markers = page.delete_markers.unwrap_or_default().into_iter();
            let markers = markers.map(|one| (one.key, one.version_id, one.is_latest));
            for (key, version_id, is_latest) in versions.chain(markers) {
                // Other keys can start with the same characters.
                if key.as_deref() == Some(&location.key) {
                    let version_id = version_id.ok_or_else(|| AwsError::incomplete(ACTION))?;
                    match is_latest {
                        Some(true) => current.push(version_id),
                        _ => found.push(version_id),
                    }
                }
            }
            if page.is_truncated != Some(true) {
                found.append(&mut current);
                return Ok(found);
            }
            (key_marker, version_marker) = (page.next_key_marker, page.next_version_id_marker);
        }
    }
}

/// Returns `None` for an object that does not exist, and otherwise the error.
fn absent<T>(error: AwsError) -> Result<Option<T>, AwsError> {
    match ObjectFailure::of(&error) {
        Some(ObjectFailure::NoSuchKey) => Ok(None),
        _ => Err(error),
    }
}

fn octets(length: Option<i64>) -> u64 {
    length
        .and_then(|length| length.try_into().ok())
        .unwrap_or(0)
}

/// Returns the tags as URL query parameters (`PutObject`, `x-amz-tagging`), or `None` if there are none.
fn tagging(tags: &BTreeMap<String, String>) -> Option<String> {
    let pairs = tags
        .iter()
        .map(|(key, value)| format!("{}={}", encoded(key), encoded(value)));
    let tagging: Vec<String> = pairs.collect();
    (!tagging.is_empty()).then(|| tagging.join("&"))
}

/// Returns the kind of failure of a body. The SDK does not export the type of its error for a wrong checksum.
fn body_failure(error: &(dyn std::error::Error + 'static)) -> AwsErrorKind {
    let mut causes = std::iter::successors(Some(error), |cause| (*cause).source());
    match causes.any(|cause| cause.to_string().contains("checksum mismatch")) {
        true => AwsErrorKind::Corrupt,
        false => AwsErrorKind::Unavailable,
    }
}

/// Percent-encodes all characters except the unreserved characters of RFC 3986 section 2.3.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_encoded_as_query_parameters() {
        let tags = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
            pairs.iter().map(owned).collect()
        };
        assert_eq!(tagging(&tags(&[])), None);
        let found = tagging(&tags(&[("a b", "c&d=é"), ("env", "")]));
        assert_eq!(found.as_deref(), Some("a%20b=c%26d%3D%C3%A9&env="));
    }
}
