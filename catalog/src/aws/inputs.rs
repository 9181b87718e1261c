//! Inputs that more than one module uses. Their validations and messages are the same in every module. Must not declare
//! resources.

pub(crate) mod cdn;
pub(crate) mod services;

use super::conventions::Conventions;
use crate::provider::TAGS;
use aws_blocks::data;
use tfmodgen::Variable;
use tfmodgen::prelude::*;

/// Retention periods that CloudWatch Logs supports, in days.
const RETENTIONS: [i32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// Pattern for a lowercase domain name with at least two labels (RFC 1123, section 2.1).
pub(crate) const DOMAIN: &str = "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]{2,63}$";

/// Returns whether an AWS service reserves a name or the name's prefix: the cluster and the subnet group `default`,
/// security groups `sg-…`, and buckets `sthree-…`, `amzn-s3-demo-…`, and `xn--…`.
pub(crate) fn is_reserved(name: &Expr<Str>) -> Expr<Bool> {
    matches(
        "^(default$|aws$|aws-|sg$|sg-|sthree$|sthree-|amzn-s3-demo$|amzn-s3-demo-|internal$|internal-)",
        name,
    )
}

/// Message for a reserved name.
pub(crate) const RESERVED: &str = "Must not be default, aws, sg, sthree, amzn-s3-demo, or internal, and must not start with one of the last five followed by a hyphen. AWS reserves these names.";

/// Declares a name that is short enough for the names of all resources in a package.
pub(crate) fn short_name(input: NewInput<'_>, purpose: &str, default: &str) -> Variable<Str> {
    input.declare(string())
        .describe(purpose)
        .default(default)
        .validate(
            |name| {
                matches("^[a-z](-?[a-z0-9])*$", name)
                    .and(length(name).at_most(20))
            },
            "Must be 1 to 20 lowercase letters, digits, and single hyphens, start with a letter, and not end with a hyphen.",
        )
        .refuses(capital(default))
        .refuses("")
        .refuses(format!("{default}--two"))
        .refuses("a-name-of-21-letters1")
        .validate(|name| !is_reserved(name), RESERVED)
        .refuses("default")
        .refuses("internal")
}

/// Declares the prefix for all names in a part: the package name and, except in production, the environment.
pub(crate) fn prefix(input: NewInput<'_>, to: &Conventions) -> Variable<Str> {
    input.declare(string())
        .describe("Prefix for all resource names.")
        .validate(
            |name| {
                matches("^[a-z](-?[a-z0-9])*$", name).and(length(name).at_most(28))
            },
            "Must be 1 to 28 lowercase letters, digits, and single hyphens, start with a letter, and not end with a hyphen.",
        )
        .refuses(capital(to.package))
        .refuses(to.named("--dev"))
        .refuses(to.named("-with-a-name-that-is-too-long"))
        .validate(|name| !is_reserved(name), RESERVED)
        .refuses("default")
        .refuses(format!("sg-{}", to.noun[0]))
        .example(to.package)
}

/// Declares the tags for all resources that support tags.
pub(crate) fn tags(input: NewInput<'_>) -> Variable<Map<Str>> {
    input
        .declare(map(string()))
        .describe(
            "Tags for all resources that support tags. The values must be known at plan time.",
        )
        .default(Vec::<(&str, &str)>::new())
        .validate(
            |tags| {
                keys(tags)
                    .all("name", |name| !matches(&format!("^(aws|{TAGS}):"), name))
                    .and(length(tags).at_most(40))
            },
            format!(
                "Must contain at most 40 tags. Keys with the prefix aws: or {TAGS}: are reserved."
            ),
        )
        .refuses([("aws:created", "me")])
        .refuses([(format!("{TAGS}:kept"), "me")])
}

/// Declares the KMS key for the package.
pub(crate) fn kms_key_arn(input: NewInput<'_>, to: &Conventions) -> Variable<Str> {
    let purpose = "ARN of the KMS key that encrypts stored data.";
    key_arn(input, to, purpose, is_key_arn)
        .example("arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef")
}

/// Declares the optional KMS key that the caller provides.
pub(crate) fn own_kms_key_arn(
    input: NewInput<'_>,
    to: &Conventions,
    purpose: &str,
) -> Variable<Str> {
    key_arn(input, to, purpose, |arn| arn.is_null().or(is_key_arn(arn))).nullable()
}

fn key_arn(
    input: NewInput<'_>,
    to: &Conventions,
    purpose: &str,
    rule: impl FnOnce(&Expr<Str>) -> Expr<Bool>,
) -> Variable<Str> {
    input
        .declare(string())
        .describe(purpose)
        .validate(
            rule,
            "Must be the ARN of a KMS key, such as arn:aws:kms:eu-central-1:123456789012:key/0123.",
        )
        .refuses(format!("alias/{}", to.package))
}

fn is_key_arn(arn: &Expr<Str>) -> Expr<Bool> {
    matches("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/", arn)
}

/// Declares the account for all resources.
pub(crate) fn account_id(input: NewInput<'_>, to: &Conventions) -> Variable<Str> {
    input
        .declare(string())
        .describe(
            "ID of the AWS account. Policies allow AWS services to act only on behalf of this account.",
        )
        .validate(
            |account| matches("^[0-9]{12}$", account),
            "Must be a 12-digit AWS account ID.",
        )
        .refuses(to.package)
        .example("123456789012")
}

/// Adds a precondition to a resource: the partition must be `aws` because the service principals in the module require
/// this partition.
pub(crate) fn only_in_aws<B: BlockBuilder>(m: &mut Module, resource: B) -> B {
    let partition = m.data(data::Partition::new("current"));
    resource.precondition(partition.partition().equals("aws"), ONLY_IN_AWS)
}

/// Message for any other partition.
pub(crate) const ONLY_IN_AWS: &str =
    "The partition is not supported. Use a region in the aws partition.";

/// Declares the log retention.
pub(crate) fn log_retention_days(input: NewInput<'_>) -> Variable<Num> {
    log_retention(input, 30)
}

/// Declares the log retention with a default.
pub(crate) fn log_retention(input: NewInput<'_>, days: i32) -> Variable<Num> {
    let [all @ .., last] = RETENTIONS.map(|days| days.to_string());
    input
        .declare(number())
        .describe("Log retention in days.")
        .default(days)
        .validate(
            |days| contains::<Num>(RETENTIONS, days),
            format!(
                "Must be a retention period that CloudWatch Logs supports: {}, or {last} days.",
                all.join(", ")
            ),
        )
        .refuses(31)
        .refuses(0)
}

/// Declares deletion protection.
pub(crate) fn deletion_protection(input: NewInput<'_>, to: &Conventions) -> Variable<Bool> {
    input
        .declare(bool())
        .describe(to.deletion_protection)
        .default(true)
}

/// Declares whether destroying the resources also deletes their content.
pub(crate) fn force_destroy(input: NewInput<'_>, to: &Conventions) -> Variable<Bool> {
    input
        .declare(bool())
        .describe(to.force_destroy)
        .default(false)
}

/// Declares whether destroying the access logs bucket also deletes its content.
pub(crate) fn delete_access_logs(input: NewInput<'_>) -> Variable<Bool> {
    input.declare(bool())
        .describe(
            "Whether to delete all access logs when the bucket for access logs is destroyed. If `false`, destroying the bucket fails because the bucket is never empty.",
        )
        .default(true)
}

/// Recovery window in days for secrets that a later apply can create again. With a longer window, the later apply would
/// fail because a secret with this name is pending deletion.
pub(crate) const NO_RECOVERY_WINDOW: i32 = 0;

/// Declares the VPC for a part.
pub(crate) fn vpc_id(input: NewInput<'_>, to: &Conventions) -> Variable<Str> {
    input
        .declare(string())
        .describe("ID of the VPC.")
        .validate(
            |id| matches("^vpc-[0-9a-z]+$", id),
            "Must be a VPC ID, such as vpc-0123456789abcdef0.",
        )
        .refuses(to.package)
        .example("vpc-0123456789abcdef0")
}

/// Declares the subnets for a part.
pub(crate) fn subnet_ids(input: NewInput<'_>, purpose: &str) -> Variable<List<Str>> {
    input
        .declare(list(string()))
        .describe(purpose)
        .validate(
            |ids| {
                length(ids)
                    .at_least(2)
                    .and(ids.all("id", |id| matches("^subnet-[0-9a-z]+$", id)))
            },
            "Must contain at least two subnet IDs, such as subnet-0123456789abcdef0.",
        )
        .refuses(["subnet-0123456789abcdef0"])
        .refuses(["private-a", "private-b"])
        .example(["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"])
}

/// Declares a bucket name.
pub(crate) fn bucket(input: NewInput<'_>, to: &Conventions, purpose: &str) -> Variable<Str> {
    input
        .declare(string())
        .describe(purpose)
        .validate(
            |name| matches("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", name),
            "Must be a bucket name with 3 to 63 lowercase letters, digits, periods, and hyphens.",
        )
        .refuses("Bucket")
        .example(to.named("-packages-123456789012"))
}

/// Returns whether a number is an integer within a range.
pub(crate) fn whole(number: &Expr<Num>, least: i64, most: i64) -> Expr<Bool> {
    floor(number)
        .equals(number)
        .and(number.at_least(least))
        .and(number.at_most(most))
}

/// Capitalizes a word.
pub(crate) fn capital(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
