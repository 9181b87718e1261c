//! The IAM OIDC provider for GitHub. An account can have only one. Packages do not create this provider
//! because destroying one package would delete the provider that all other packages use.

use aws_blocks as aws;
use tfmodgen::prelude::*;

use crate::aws::conventions::{Conventions, module};
use crate::aws::inputs::tags;

/// Token issuer.
pub(crate) const ISSUER: &str = "token.actions.githubusercontent.com";

/// Returns the part.
pub(crate) fn github_oidc_provider(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "github-oidc-provider",
        &format!(
            "The IAM OIDC provider for GitHub, created once per account for all {} in the account.",
            to.noun[1]
        ),
    );
    let inputs = Inputs::declare(&mut m);
    let provider = m.resource(
        aws::IamOpenidConnectProvider::new(
            "this",
            ["sts.amazonaws.com"],
            template(["https://".into(), ISSUER.into()]),
        )
        .comment("Thumbprints are not required because AWS trusts GitHub's certificates.")
        .tags(&inputs.tags),
    );
    let outputs = Outputs {
        arn: output(provider.arn()),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the identity provider.
    pub(crate) struct Inputs(input) {
        optional tags: Map<Str> = tags(input),
    }
}

tfmodgen::outputs! {
    /// Outputs of the identity provider.
    pub(crate) struct Outputs {
        /// ARN of the identity provider. Registries in the same account use this provider by default.
        arn: Str,
    }
}
