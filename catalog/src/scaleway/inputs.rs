//! Inputs that more than one package on Scaleway uses. Their validations and messages are the same in every package. Must not
//! declare resources.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

/// Declares a bucket name. Source: "Create a bucket", Object Storage documentation.
pub(crate) fn bucket_name(input: NewInput<'_>, purpose: &str, example: &str) -> Variable<Str> {
    input
        .declare(string())
        .describe(purpose)
        .validate(
            |name| {
                matches("^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$", name)
                    .and(!startswith(name, "xn--"))
                    .and(!endswith(name, "-s3alias"))
            },
            "Must be a DNS label: 3 to 63 lowercase letters, digits, and hyphens, starting and ending with a letter or a digit. The name must not start with xn-- or end with -s3alias. A period is not allowed because the certificate of the endpoint does not cover such a name.",
        )
        .refuses("ab")
        .refuses("Acme-shop")
        .refuses("acme_shop")
        .refuses("acme.shop")
        .refuses("-acme-shop")
        .refuses("acme-shop-")
        .refuses("xn--acme-shop")
        .refuses("acme-shop-s3alias")
        .example(example)
}

/// Declares the principals that retain full access to a bucket.
pub(crate) fn bucket_administrators(input: NewInput<'_>) -> Variable<List<Str>> {
    input
        .declare(list(string()))
        .describe("IAM principals with full access to the bucket, such as `application_id:` or `user_id:` and a UUID. A bucket policy denies all access that it does not allow, so include the principal that runs apply. Otherwise, the next plan cannot read the bucket.")
        .validate(
            |principals| {
                length(principals).at_least(1).and(principals.all("principal", |principal| {
                    matches(
                        "^(application_id|user_id):[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$",
                        principal,
                    )
                }))
            },
            "Must contain at least one principal: application_id: or user_id: followed by a UUID in lowercase.",
        )
        .refuses(Vec::<&str>::new())
        .refuses(["*"])
        .refuses(["11111111-1111-1111-1111-111111111111"])
        .example(["application_id:11111111-1111-1111-1111-111111111111"])
}

/// Declares additional tags.
pub(crate) fn tags(input: NewInput<'_>, own: &[&str]) -> Variable<Map<Str>> {
    let own_keys = own.join(", ");
    let pattern = format!("^({})$", own.join("|"));
    let tags = input
        .declare(map(string()))
        .describe("Additional tags for all resources that support tags. Buckets have tags with keys and values, and other resources have tags such as `team=shop`.")
        .default(Vec::<(&str, &str)>::new())
        .validate(
            |tags| {
                keys(tags)
                    .all("name", |key| {
                        matches("^[A-Za-z][A-Za-z0-9_-]{0,62}$", &key).and(!matches(&pattern, key))
                    })
                    .and(length(tags).at_most(20))
            },
            format!("Must contain at most 20 tags. A key must be 1 to 63 letters, digits, underscores, and hyphens, start with a letter, and not be one of the keys that the module sets: {own_keys}."),
        )
        .refuses([("1team", "shop")])
        .refuses([("team=shop", "")]);
    own.iter()
        .fold(tags, |tags, key| tags.refuses([(*key, "shop")]))
}

/// Returns whether a number is an integer within a range.
pub(crate) fn whole(number: &Expr<Num>, least: i64, most: i64) -> Expr<Bool> {
    floor(number)
        .equals(number)
        .and(number.at_least(least))
        .and(number.at_most(most))
}
