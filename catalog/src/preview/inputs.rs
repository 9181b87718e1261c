//! Inputs that more than one package on Kubernetes uses. Their validations and messages are the same in every package. Must not
//! declare resources.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::conventions::{PREVIEW, PROFILES};

/// An image with a tag or a digest, or both.
pub(crate) const IMAGE: &str = "^[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64}|:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}@sha256:[0-9a-f]{64})$";

/// Declares a profile.
pub(crate) fn profile(input: NewInput<'_>, purpose: &str) -> Variable<Str> {
    input
        .declare(string())
        .describe(purpose)
        .default(PREVIEW)
        .validate(
            |profile| one_of(profile, PROFILES),
            "Must be local, preview, or production.",
        )
        .refuses("prod")
        .refuses("")
}

/// Declares a domain.
pub(crate) fn domain(input: NewInput<'_>, purpose: &str) -> Variable<Str> {
    input
        .declare(string())
        .describe(purpose)
        .validate(
            |domain| {
                matches(
                    "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
                    domain,
                )
                .and(length(domain.any()).at_most(200))
            },
            "Must be a domain in lowercase without a scheme, port, or path, such as example.com.",
        )
        .refuses("https://example.com")
        .refuses("example.com/")
        .refuses("example.com:443")
        .refuses("Example.com")
        .refuses("example")
        .refuses("*.example.com")
        .example("example.com")
}

/// Declares the credentials for a container registry.
pub(crate) fn registry_credentials(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Credentials for the container registry, as the content of a Docker configuration file. Neither plans nor the state contain them. By default, images are pulled without credentials.")
        .default("{\"auths\":{}}")
        .sensitive()
        .ephemeral()
        .validate(
            |document| can(jsondecode(document).attribute::<Any>("auths")),
            "Must be a JSON document with the member auths.",
        )
        .refuses("{}")
        .refuses("user:password")
}

/// Declares the number of the write-only values.
pub(crate) fn secrets_version(input: NewInput<'_>, purpose: &str) -> Variable<Num> {
    input
        .declare(number())
        .describe(purpose)
        .default(1)
        .validate(
            |number| whole(number, 1, 1_000_000),
            "Must be an integer from 1 to 1000000.",
        )
        .refuses(0)
}

pub(crate) use crate::scaleway::inputs::whole;
