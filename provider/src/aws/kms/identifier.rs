//! Checks that a configured KMS key identifier is a key ARN. Pure; does not call KMS.
//!
//! KMS also accepts key IDs, alias names, and alias ARNs (AWS KMS API reference, page `DescribeKey`, `KeyId`). An alias
//! can be moved to another key, which would replace a signing key without a change to the configuration, and a key ID
//! does not contain the account and the region. Only a key ARN identifies a key permanently.

use crate::aws::arn::{Arn, is_account_id};

/// Constraint on a KMS key ARN, phrased as the end of a sentence that begins with "must".
pub const KEY_ARN_RULE: &str = "be the ARN of a KMS key, such as \
    arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// An identifier that is not a key ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeyArn {
    /// Alias name or alias ARN.
    #[error("it is an alias")]
    Alias,
    /// Key ID without a region and an account.
    #[error("it is a key ID")]
    KeyId,
    /// ARN of another resource.
    #[error("it is the ARN of another resource")]
    OtherResource,
    /// Any other text.
    #[error("it is not an ARN")]
    NotAnArn,
}

/// Parses a key ARN: `arn:PARTITION:kms:REGION:ACCOUNT:key/KEY_ID` (`KeyMetadata`, `Arn`).
///
/// # Errors
/// Returns an error that states what the text is instead.
pub fn parse_key_arn(text: &str) -> Result<Arn, NotAKeyArn> {
    if text.starts_with("alias/") {
        return Err(NotAKeyArn::Alias);
    }
    if is_key_id(text) {
        return Err(NotAKeyArn::KeyId);
    }
    let Some(arn) = Arn::parse(text) else {
        return Err(NotAKeyArn::NotAnArn);
    };
    if arn.is_of("kms", "alias/") {
        return Err(NotAKeyArn::Alias);
    }
    let key = arn.resource.strip_prefix("key/").is_some_and(is_key_id);
    if arn.service == "kms" && key && !arn.region.is_empty() && is_account_id(&arn.account) {
        Ok(arn)
    } else {
        Err(NotAKeyArn::OtherResource)
    }
}

/// Returns whether a string is a key ARN. See [`parse_key_arn`].
#[must_use]
pub fn is_key_arn(text: &str) -> bool {
    parse_key_arn(text).is_ok()
}

/// Returns whether a string is a key ID: a UUID, or `mrk-` and 32 hexadecimal digits for a multi-Region key (AWS KMS
/// Developer Guide, "Key identifiers").
fn is_key_id(text: &str) -> bool {
    let hexadecimal = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    if let Some(id) = text.strip_prefix("mrk-") {
        return hexadecimal(id, 32);
    }
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    let groups_match = |(group, length): (&&str, usize)| hexadecimal(group, length);
    groups.len() == lengths.len() && groups.iter().zip(lengths).all(groups_match)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
    const MULTI_REGION: &str = "mrk-1234abcd12ab34cd56ef1234567890ab";

    #[test]
    fn key_arns_of_every_partition_are_accepted() {
        for text in [
            format!("arn:aws:kms:eu-central-1:123456789012:key/{ID}"),
            format!("arn:aws-cn:kms:cn-north-1:123456789012:key/{MULTI_REGION}"),
            format!("arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/{ID}"),
        ] {
            assert_eq!(parse_key_arn(&text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_identifiers_are_rejected_with_their_kind() {
        use NotAKeyArn::{Alias, KeyId, NotAnArn, OtherResource};
        for (text, expected) in [
            ("alias/ca", Alias),
            ("arn:aws:kms:eu-central-1:123456789012:alias/ca", Alias),
            (ID, KeyId),
            (MULTI_REGION, KeyId),
            ("", NotAnArn),
            ("ca", NotAnArn),
            ("mrk-1234", NotAnArn),
            ("arn:aws:kms:eu-central-1:123456789012:key/", OtherResource),
            (
                "arn:aws:kms:eu-central-1:123456789012:key/ca",
                OtherResource,
            ),
            (
                "arn:aws:kms::123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                OtherResource,
            ),
            (
                "arn:aws:kms:eu-central-1:1234:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                OtherResource,
            ),
            ("arn:aws:s3:::bucket", OtherResource),
        ] {
            assert_eq!(parse_key_arn(text), Err(expected), "{text}");
            assert!(!is_key_arn(text));
        }
    }
}
