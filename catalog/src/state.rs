//! Inputs and outputs of the packages that create a bucket for the states of configurations. They are the same for every
//! cloud. Must not declare resources.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use crate::aws::inputs::whole;

/// Value of an argument in a backend block.
pub(crate) enum Argument {
    /// A string.
    Text(Expr<Str>),
    /// Endpoint of the S3 API.
    Endpoint(Expr<Str>),
    /// The value `true`.
    Enabled,
}

/// Declares the key of the state in the output `backend`.
pub(crate) fn state_key(input: NewInput<'_>, key: &str) -> Variable<Str> {
    input
        .declare(string())
        .describe("Key of the state in the output `backend`. Use a separate key for each configuration.")
        .default(key)
        .validate(
            |key| matches("^[A-Za-z0-9]([A-Za-z0-9._-]*/)*[A-Za-z0-9._-]+$", key).and(length(key).at_most(200)),
            "Must be 2 to 200 letters, digits, periods, underscores, hyphens, and slashes, start with a letter or a digit, and not end with a slash.",
        )
        .refuses("")
        .refuses("/terraform.tfstate")
        .refuses("shop/")
        .refuses("shop state")
}

/// Declares the retention of earlier versions.
pub(crate) fn retention_days(input: NewInput<'_>) -> Variable<Num> {
    input
        .declare(number())
        .describe("Days for which an earlier version of a state can be restored.")
        .default(90)
        .validate(
            |days| whole(days, 1, 365),
            "Must be an integer from 1 to 365.",
        )
        .refuses(0)
        .refuses(366)
}

/// Declares the protection of the bucket.
pub(crate) fn deletion_protection(input: NewInput<'_>) -> Variable<Bool> {
    input
        .declare(bool())
        .describe("Whether destroying or replacing the bucket fails. To destroy the bucket with all states, set this input to `false`, run apply, and then run destroy.")
        .default(true)
}

/// Declares the scenario for the default retention.
pub(crate) fn default_retention(m: &mut Module, days: &Variable<Num>) {
    m.scenario("default_retention_is_90_days", |plan| {
        plan.expect(days.equals(90), "Earlier versions must remain for 90 days.")
    });
}

/// Returns the block for configurations that store their state in the bucket. Source: "Backend Type: s3", Terraform
/// documentation.
pub(crate) fn backend<const N: usize>(arguments: [(&str, Argument); N]) -> Expr<Str> {
    let width = arguments.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    let arguments = arguments.into_iter().map(|(name, value)| {
        let name = format!("    {name:<width$} = ");
        let parts: Vec<TemplatePart> = match value {
            Argument::Text(text) => vec![format!("{name}\"").into(), text.into(), "\"".into()],
            Argument::Endpoint(url) => vec![
                format!("{name}{{ s3 = \"").into(),
                url.into(),
                "\" }".into(),
            ],
            Argument::Enabled => return format!("{name}true").into_expr(),
        };
        template(parts)
    });
    let start = ["terraform {", "  backend \"s3\" {"].map(IntoExpr::into_expr);
    let end = ["  }", "}", ""].map(IntoExpr::into_expr);
    let lines: Vec<Expr<Str>> = start.into_iter().chain(arguments).chain(end).collect();
    join("\n", lines.into_expr())
}
