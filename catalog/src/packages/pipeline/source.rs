//! Access to the source: the connection to GitHub, and the secret for the GitHub token.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::{Common, Inputs};
use crate::aws::inputs::NO_RECOVERY_WINDOW;

/// Label of the check that reports a connection that is not authorized.
const CHECK: &str = "connection_is_authorized";

/// Values for the source action.
pub(super) struct Source {
    /// ARN of the connection, or null if the source is not GitHub.
    pub(super) connection_arn: Local<Str>,
    pub(super) connection_status: Expr<Str>,
    pub(super) token_secret_name: Expr<Str>,
}

/// Returns whether the source has a provider.
pub(super) fn is(inputs: &Inputs<Declared>, provider: &str) -> Expr<Bool> {
    inputs
        .source_repository
        .attribute::<Str>("provider")
        .equals(provider)
}

/// Declares the connection and the secret.
pub(super) fn source(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    key: &Local<Str>,
) -> Source {
    m.file("source");
    let given: Expr<Str> = inputs.source_repository.attribute("connection_arn");
    let connection = m.resource(
        aws::CodeconnectionsConnection::new("this", &common.prefix)
            .comment("A new connection is pending until you authorize it in the console.")
            .provider_type("GitHub")
            .tags(&inputs.tags)
            .when(is(inputs, "github").and(given.is_null())),
    );
    let status = connection.list(|connection| connection.connection_status());
    m.check(
        CHECK,
        [(
            status.all("status", |status| status.equals("AVAILABLE")),
            "The connection to GitHub is not authorized, so the pipeline cannot start. Open the Developer Tools console, select Settings, then Connections, and select Update pending connection.",
        )],
    );
    let connection_arn = m.local(
        "connection_arn",
        conditional(
            given.is_null(),
            connection.one(|connection| connection.arn()),
            &given,
        ),
    );
    let secret = token(m, inputs, common, key);
    Source {
        connection_arn,
        connection_status: connection.one(|connection| connection.connection_status()),
        token_secret_name: secret,
    }
}

/// Declares the secret for the GitHub token and returns its name. The tags and the format of the value are those that
/// CodeBuild requires. Source: "Create and store a token in a Secrets Manager secret", CodeBuild user guide.
fn token(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    key: &Local<Str>,
) -> Expr<Str> {
    let tags = merge([
        inputs.tags.forward(),
        [
            ("codebuild:source", ""),
            ("codebuild:source:type", "github"),
        ]
        .into_expr(),
    ]);
    let secret = m.resource(
        aws::SecretsmanagerSecret::new("github_token")
            .name(common.own.with("/github-token"))
            .description("GitHub token for CodeBuild.")
            .kms_key_id(key)
            .recovery_window_in_days(NO_RECOVERY_WINDOW)
            .argument_comment("The token can be created again in GitHub. With a recovery window, the secret could not be created again.")
            .tags(tags)
            .when(is(inputs, "github")),
    );
    let version = inputs.github_token_version.greater_than(0);
    let value = object_value([
        entry("ServerType", "GITHUB"),
        entry("AuthType", "PERSONAL_ACCESS_TOKEN"),
        entry("Token", &inputs.github_token),
    ]);
    let stored = m.resource(
        aws::SecretsmanagerSecretVersion::new("github_token", secret.assumed().id())
            .comment("The value is write-only, so it is in neither the plan nor the state.")
            .secret_string_wo(jsonencode(value))
            .secret_string_wo_version(&inputs.github_token_version)
            .when(is(inputs, "github").and(version)),
    );
    m.resource(
        aws::CodebuildSourceCredential::new(
            "github",
            "SECRETS_MANAGER",
            "GITHUB",
            secret.assumed().arn(),
        )
        .comment("Contains the ARN of the secret instead of the token. An account has one credential for GitHub in each region.")
        .depends_on(&stored)
        .when(&inputs.github_source_credential),
    );
    secret.one(|secret| secret.name())
}
