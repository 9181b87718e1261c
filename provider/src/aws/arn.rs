//! Parser for Amazon Resource Names (ARNs).
//!
//! Format: `arn:partition:service:region:account-id:resource` (IAM User Guide, "Amazon Resource Names"). This module is
//! independent of individual services.

use std::fmt;

/// An Amazon Resource Name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arn {
    /// Partition, such as `aws`, `aws-cn`, or `aws-us-gov`.
    pub partition: String,
    /// Service namespace, such as `ecs`.
    pub service: String,
    /// Region. Empty for global services, such as IAM.
    pub region: String,
    /// Account ID. Empty for resources whose ARN has no account ID, such as S3 buckets.
    pub account: String,
    /// Resource part, which is the remainder of the ARN, such as `service/main/api`.
    pub resource: String,
}

impl Arn {
    /// Parses an ARN. Returns `None` if the string is not an ARN.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts[..] else {
            return None;
        };
        let complete = !partition.is_empty() && !service.is_empty() && !resource.is_empty();
        complete.then(|| Self {
            partition: partition.to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        })
    }

    /// Returns whether a string begins with the ARN prefix. If it does, the string is an ARN, possibly an incomplete
    /// one, and not a name.
    #[must_use]
    pub fn matches_prefix(text: &str) -> bool {
        text.starts_with("arn:")
    }

    /// Returns the name of a resource that is specified by name or ARN. The name is the part after the last slash, such
    /// as `skreg-api:7` for a task definition.
    #[must_use]
    pub fn name_in(text: &str) -> &str {
        text.rsplit('/').next().unwrap_or(text)
    }

    /// Returns whether the ARN belongs to this service and its resource part begins with `resource`.
    #[must_use]
    pub fn is_of(&self, service: &str, resource: &str) -> bool {
        self.service == service && self.resource.starts_with(resource)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            service,
            region,
            account,
            resource,
        } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// Returns whether a string is an account ID, which consists of 12 digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_round_trip_unchanged() {
        for text in [
            "arn:aws:ecs:eu-central-1:123456789012:service/main/api",
            "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a/b-AbCdEf",
            "arn:aws:iam::123456789012:role/path/deploy",
            "arn:aws:s3:::bucket/key:with:colons",
        ] {
            let arn = Arn::parse(text).unwrap_or_else(|| panic!("{text} is an ARN"));
            assert_eq!(arn.to_string(), text);
        }
        let arn = Arn::parse("arn:aws:ecs:eu-central-1:123456789012:service/main/api").unwrap();
        assert!(arn.is_of("ecs", "service/") && !arn.is_of("ecs", "cluster/"));
        assert_eq!(
            (arn.region.as_str(), arn.account.as_str()),
            ("eu-central-1", "123456789012")
        );
    }

    #[test]
    fn names_are_extracted_from_arns_and_plain_names_stay_unchanged() {
        for (text, name) in [
            (
                "arn:aws:ecs:eu-central-1:123456789012:service/main/api",
                "api",
            ),
            (
                "arn:aws:ecs:eu-central-1:123456789012:task-definition/skreg-api:7",
                "skreg-api:7",
            ),
            ("main", "main"),
            ("", ""),
        ] {
            assert_eq!(Arn::name_in(text), name);
            assert_eq!(Arn::matches_prefix(text), text.starts_with("arn:aws:"));
        }
    }

    #[test]
    fn other_strings_are_not_arns() {
        for text in [
            "",
            "main",
            "arn:tg/api",
            "arn::ecs:eu-central-1:123456789012:service/x",
            "arn:aws:ecs:eu-central-1:123456789012:",
            "arm:aws:ecs:eu-central-1:123456789012:service/x",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}
