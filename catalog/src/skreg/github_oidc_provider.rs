//! The identity provider for GitHub, of which an account can have one. It belongs to no registry: one that made it would
//! take it from the others when it goes.

use aws_blocks as aws;
use tfmodgen::prelude::*;

use super::inputs::tags;
use super::part;

/// The issuer of the tokens.
pub(crate) const ISSUER: &str = "token.actions.githubusercontent.com";

/// The part.
pub(crate) fn github_oidc_provider() -> Module {
    let mut m = part(
        "github-oidc-provider",
        "The identity provider for GitHub of an account, created once for all registries in it.",
    );
    let tags = tags(&mut m);
    let provider = m.resource(
        aws::IamOpenidConnectProvider::new(
            "this",
            ["sts.amazonaws.com"],
            template(["https://".into(), ISSUER.into()]),
        )
        .comment("There are no thumbprints: AWS knows the certificates of GitHub.")
        .tags(&tags),
    );
    m.output("arn", provider.arn()).describe(
        "ARN of the identity provider. Registries in the same account find it by themselves.",
    );
    m
}
