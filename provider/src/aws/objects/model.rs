//! Objects, their locations, and the conditions of a write.
//!
//! Follows the Amazon S3 API reference, pages `PutObject`, `GetObject`, and `ListObjectsV2`, and the Amazon S3 User
//! Guide, "General purpose bucket naming rules" and "Naming Amazon S3 objects".

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

use jiff::Timestamp;

/// Location of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectLocation {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// ID of the account that must own the bucket (`x-amz-expected-bucket-owner`). If another account owns the bucket,
    /// S3 denies the call. `None` omits the check.
    pub expected_bucket_owner: Option<String>,
}

impl fmt::Display for ObjectLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

impl ObjectLocation {
    /// Parses `s3://BUCKET/KEY`. Returns `None` for any other text, and for invalid bucket names and keys.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
        let valid = check_bucket_name(bucket).is_ok() && check_key(key);
        valid.then(|| Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            expected_bucket_owner: None,
        })
    }
}

/// An object to write.
#[derive(Debug, Clone)]
pub struct NewObject<'a> {
    /// Location.
    pub location: &'a ObjectLocation,
    /// Content.
    pub body: &'a [u8],
    /// `Content-Type`, such as `application/pkix-crl`.
    pub content_type: &'a str,
    /// `Cache-Control`.
    pub cache_control: Option<&'a str>,
    /// Tags. An empty map writes an object without tags and does not require `s3:PutObjectTagging`.
    pub tags: &'a BTreeMap<String, String>,
    /// Condition of the write.
    pub condition: Condition<'a>,
}

/// Condition of a write (`PutObject`, `If-Match` and `If-None-Match`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition<'a> {
    /// The object is written in any case.
    None,
    /// The object does not exist (`If-None-Match: *`).
    Absent,
    /// The object exists with this `ETag` (`If-Match`).
    Matches(&'a str),
}

/// Object that a call wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// `ETag`, including the quotation marks.
    pub etag: String,
    /// ID of the version, if the bucket has versioning.
    pub version_id: Option<String>,
}

/// An object with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Content.
    pub body: Vec<u8>,
    /// Properties.
    pub properties: ObjectProperties,
}

/// Properties of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectProperties {
    /// `ETag`, including the quotation marks.
    pub etag: String,
    /// ID of the version, if the bucket has versioning.
    pub version_id: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Length` in octets.
    pub size: u64,
}

impl ObjectProperties {
    /// Returns the properties that a write returns.
    #[must_use]
    pub fn written(&self) -> Written {
        Written {
            etag: self.etag.clone(),
            version_id: self.version_id.clone(),
        }
    }
}

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Key.
    pub key: String,
    /// `ETag`, including the quotation marks.
    pub etag: String,
    /// Size in octets.
    pub size: u64,
    /// Time of the last write.
    pub last_modified: Option<Timestamp>,
}

/// Reason why a bucket name is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BucketNameProblem {
    /// The length is not between 3 and 63.
    #[error("it must have 3 to 63 characters")]
    Length,
    /// The name contains other characters.
    #[error("it must consist of lowercase letters, digits, periods, and hyphens")]
    Characters,
    /// The name begins or ends with a period or hyphen.
    #[error("it must begin and end with a letter or digit")]
    Ends,
    /// The name contains adjacent periods.
    #[error("it must not contain adjacent periods")]
    AdjacentPeriods,
    /// The name is formatted as an IP address.
    #[error("it must not be formatted as an IP address")]
    IpAddress,
}

/// Checks the name of a general purpose bucket (Amazon S3 User Guide, "General purpose bucket naming rules").
///
/// # Errors
/// Returns the first rule that the name does not follow.
pub fn check_bucket_name(name: &str) -> Result<(), BucketNameProblem> {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    if !(3..=63).contains(&bytes.len()) {
        return Err(BucketNameProblem::Length);
    }
    if !bytes
        .iter()
        .all(|byte| alphanumeric(byte) || b".-".contains(byte))
    {
        return Err(BucketNameProblem::Characters);
    }
    let ends = [bytes.first(), bytes.last()];
    if !ends.into_iter().flatten().all(alphanumeric) {
        return Err(BucketNameProblem::Ends);
    }
    if name.contains("..") {
        return Err(BucketNameProblem::AdjacentPeriods);
    }
    if name.parse::<Ipv4Addr>().is_ok() {
        return Err(BucketNameProblem::IpAddress);
    }
    Ok(())
}

/// Returns whether a key has 1 to 1024 octets (Amazon S3 User Guide, "Naming Amazon S3 objects") and no `.` or `..`
/// segment, which HTTP clients remove from the path of a URL (RFC 3986 section 5.2.4).
#[must_use]
pub fn check_key(key: &str) -> bool {
    (1..=1024).contains(&key.len()) && !key.split('/').any(|part| part == "." || part == "..")
}
