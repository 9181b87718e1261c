//! Validation rules for single attributes, and the values of enumerated attributes.

use crate::aws::arn::{Arn, is_account_id};

/// Value of `availability_zone_rebalancing` that enables rebalancing.
pub const ENABLED: &str = "ENABLED";
/// Value of `availability_zone_rebalancing` that disables rebalancing.
pub(super) const DISABLED: &str = "DISABLED";
pub(in super::super) const OPERATING_SYSTEMS: [&str; 5] = [
    "LINUX",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
];
/// Value of `on_create_failure` that deletes the created services.
pub const ROLLBACK: &str = "rollback";
/// Value of `on_create_failure` that keeps the created services.
pub const KEEP: &str = "keep";
/// Value of `release.owner` if the configuration controls the image.
pub const TERRAFORM: &str = "terraform";
/// Value of `release.owner` if another process controls the image.
pub const EXTERNAL: &str = "external";
/// Value of `release.owner` if the configuration controls only the image of a new service.
pub const TERRAFORM_ONCE: &str = "terraform_once";
/// The `FARGATE` launch type.
pub const FARGATE: &str = "FARGATE";
/// Value of `deployment.concurrent` that waits until a deployment by another process ends.
pub const WAIT: &str = "wait";
/// Value of `deployment.concurrent` that fails during a deployment by another process.
pub const FAIL: &str = "fail";
/// Value of `deployment.concurrent` that replaces a deployment by another process.
pub const REPLACE: &str = "replace";

pub(in super::super) const PLATFORM_RULE: &str = "be LATEST or a version such as 1.4.0";
pub(in super::super) const NAME_RULE: &str = "be 1 to 200 letters, digits, hyphens and underscores";
pub(in super::super) const KEY_RULE: &str =
    "be 1 to 31 lowercase letters, digits, and hyphens, starting with a letter";
pub(in super::super) const ROLE_RULE: &str =
    "be the ARN of a role, such as arn:aws:iam::123456789012:role/skreg";
pub(in super::super) const SECRET_RULE: &str = "be the ARN of a Secrets Manager secret, or the ARN or the name (/…) of a Parameter Store parameter";
pub(in super::super) const TARGET_GROUP_RULE: &str = "be the ARN of a target group";

pub(in super::super) fn is_platform_version(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('.').collect();
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    text == "LATEST" || numbers.len() == 3 && numbers.iter().all(number)
}

pub(in super::super) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=200).contains(&text.len()) && text.chars().all(allowed)
}

/// Returns whether a string is a valid service key.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let first = text.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    first && text.len() <= 31 && text.chars().all(allowed)
}

/// Returns whether a string is an ARN of the specified AWS service whose resource part starts with `resource`.
pub(in super::super) fn is_arn(text: &str, service: &str, resource: &str) -> bool {
    let arn = Arn::parse(text).filter(|arn| arn.is_of(service, resource));
    arn.is_some_and(|arn| !arn.region.is_empty() && is_account_id(&arn.account))
}

/// Returns whether a string is the ARN of a secret or parameter, or the name of a parameter.
/// [`crate::ecs::secret_reference`] checks the part after the ARN of a secret.
pub(in super::super) fn is_secret_reference(text: &str) -> bool {
    is_arn(text, "secretsmanager", "secret:")
        || is_arn(text, "ssm", "parameter/")
        || is_parameter_name(text)
}

/// Returns whether a string is the name of a parameter in a hierarchy. ECS also accepts a name without a slash, but
/// such a name cannot be distinguished from a plain-text secret. Such a parameter must be specified by ARN. Source: SSM
/// API Reference, PutParameter: letters, digits, and `.-_/`, at most 1,011 characters.
pub(in super::super) fn is_parameter_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    text.starts_with('/') && (2..=1011).contains(&text.len()) && text.chars().all(allowed)
}

pub(in super::super) fn is_target_group_arn(text: &str) -> bool {
    is_arn(text, "elasticloadbalancing", "targetgroup/")
}

pub(in super::super) fn keeps_enough(value: &tfplugin::schema::Value) -> bool {
    use tfplugin::schema::Value;
    matches!(value, Value::Number(number) if number.as_i64().is_some_and(|number| number == 0 || number >= 2))
}
