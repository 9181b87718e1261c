//! Rules for single attribute values, used by the validators of the provider block and the resources.

use std::time::Duration;

use jiff::SignedDuration;

use crate::aws::arn::Arn;
pub(super) use crate::aws::arn::is_account_id;
pub(super) use crate::aws::endpoint::is_url;

pub(super) const ROLE_RULE: &str =
    "be an IAM role ARN, such as arn:aws:iam::123456789012:role/deploy";
pub(super) const ENDPOINT_RULE: &str =
    "be a URL with a host, such as https://example.com or http://127.0.0.1:4566";
pub(super) const DURATION_RULE: &str = "be a duration from 15m to 12h, such as 1h or 90m";

/// Returns whether a string is an IAM role ARN in any partition.
#[must_use]
pub fn is_role_arn(text: &str) -> bool {
    let role = Arn::parse(text).filter(|arn| arn.is_of("iam", "role/"));
    role.is_some_and(|arn| {
        arn.region.is_empty() && is_account_id(&arn.account) && arn.resource.len() > "role/".len()
    })
}

pub(super) fn session_duration(text: &str) -> Option<Duration> {
    let duration: SignedDuration = text.parse().ok()?;
    let allowed = SignedDuration::from_mins(15)..=SignedDuration::from_hours(12);
    allowed.contains(&duration).then(|| duration.unsigned_abs())
}

pub(super) fn is_session_duration(text: &str) -> bool {
    session_duration(text).is_some()
}
