//! The location of a ledger in S3.
//!
//! These functions are pure.

use crate::aws::objects::{ObjectLocation, check_bucket_name, check_key};

/// Rule for the attribute `ledger_uri`.
pub(super) const LEDGER_URI_RULE: &str =
    "be an S3 URI with a bucket and an optional prefix, such as s3://example-pki/ledger";

/// A bucket, and the prefix of all object keys of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LedgerLocation {
    bucket: String,
    /// Prefix without a final slash. It can be empty.
    pub(super) prefix: String,
}

impl LedgerLocation {
    /// Parses `s3://BUCKET` or `s3://BUCKET/PREFIX`. Returns `None` for any other text.
    #[must_use]
    pub(super) fn parse(uri: &str) -> Option<Self> {
        let path = uri.strip_prefix("s3://")?;
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        let prefix = prefix.trim_end_matches('/');
        let valid = check_bucket_name(bucket).is_ok() && (prefix.is_empty() || check_key(prefix));
        valid.then(|| Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    /// Returns the location of an object of the ledger.
    #[must_use]
    pub(super) fn object(&self, key: String) -> ObjectLocation {
        ObjectLocation {
            bucket: self.bucket.clone(),
            key,
            expected_bucket_owner: None,
        }
    }
}

/// Returns whether a text is the URI of a ledger.
#[must_use]
pub(super) fn is_ledger_uri(text: &str) -> bool {
    LedgerLocation::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_a_bucket_with_an_optional_prefix() {
        for (uri, prefix) in [
            ("s3://example-pki", Some("")),
            ("s3://example-pki/", Some("")),
            ("s3://example-pki/a/b/", Some("a/b")),
            ("s3://Example", None),
            ("s3://example-pki/../a", None),
            ("https://example-pki/a", None),
            ("example-pki", None),
        ] {
            let found = LedgerLocation::parse(uri).map(|found| found.prefix);
            assert_eq!(found.as_deref(), prefix, "{uri}");
        }
    }
}
