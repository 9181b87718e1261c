//! An IAM role that allows workflows on the main branch of one GitHub repository to push images.

use aws_blocks as aws;
use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::github_oidc_provider::ISSUER;
use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::inputs::{account_id, only_in_aws, prefix, tags};
use crate::aws::mocks::{Mock, mock};
use crate::aws::policy::{allow, document};

/// Actions that are required to push an image to a repository. Source: "IAM permissions for pushing an image", ECR user
/// guide. BuildKit also reads existing manifests.
const PUSH: [&str; 6] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];

/// Returns the part.
pub(crate) fn github_identity(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "github-identity",
        "An IAM role that workflows on the main branch of one GitHub repository can assume to push images.",
    );
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);
    mock(&mut m, to, &[Mock::Partition]);
    let given = &inputs.github_oidc_provider_arn;

    let provider_arn = m
        .local(
            "provider_arn",
            conditional(
                given.is_null(),
                template([
                    "arn:aws:iam::".into(),
                    (&inputs.account_id).into(),
                    ":oidc-provider/".into(),
                    ISSUER.into(),
                ]),
                given,
            ),
        )
        .comment("An account can have only one OIDC provider for GitHub, so the provider's ARN is known. IAM accepts the ARN in a trust policy before the provider exists.");
    m.removed(Address::resource(
        "aws_iam_openid_connect_provider",
        "github",
    ));
    let first = only_in_aws(
        &mut m,
        aws::IamRole::new(
            "this",
            document([allow("sts:AssumeRoleWithWebIdentity")
                .by("Federated", &provider_arn)
                .provided(
                    "StringEquals",
                    "token.actions.githubusercontent.com:aud",
                    "sts.amazonaws.com",
                )
                .provided(
                    "StringEquals",
                    "token.actions.githubusercontent.com:sub",
                    template([
                        "repo:".into(),
                        (&inputs.github_repository).into(),
                        ":ref:refs/heads/main".into(),
                    ]),
                )]),
        )
        .name(own.with("-github-push"))
        .description("Pushes images from the main branch.")
        .max_session_duration(3600)
        .tags(&own.tags),
    );
    let role = m.resource(first);
    m.resource(
        aws::IamRolePolicy::new(
            "push",
            document([
                allow("ecr:GetAuthorizationToken").named("Login").on("*"),
                allow(PUSH).named("Push").on(&inputs.ecr_repository_arns),
            ]),
            role.id(),
        )
        .name("push")
        .argument_comment(
            "ecr:GetAuthorizationToken applies to the whole registry and does not support resource-level permissions.",
        ),
    );

    let outputs = Outputs {
        role_arn: output(role.arn()),
        oidc_provider_arn: output(&provider_arn),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the role.
    pub(crate) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        required github_repository: Str = github_repository(input, to),
        optional github_oidc_provider_arn: Str = github_oidc_provider_arn(input),
        required account_id: Str = account_id(input, to),
        required ecr_repository_arns: List<Str> = ecr_repository_arns(input, to),
    }
}

tfmodgen::outputs! {
    /// Outputs of the role.
    pub(crate) struct Outputs {
        /// ARN of the role. Set the `AWS_ROLE_ARN` variable in the GitHub repository to this ARN.
        role_arn: Str,
        /// ARN of the identity provider for GitHub.
        oidc_provider_arn: Str,
    }
}

/// Declares the repositories that the role can push to.
fn ecr_repository_arns(input: NewInput<'_>, to: &Conventions) -> Variable<List<Str>> {
    input
        .declare(list(string()))
        .describe("ARNs of the image repositories that the role can push to.")
        .validate(
            |arns| {
                length(arns).at_least(1).and(arns.all("arn", |arn| {
                    matches(
                        "^arn:aws:ecr:[a-z0-9-]+:[0-9]{12}:repository/[a-z0-9._/-]+$",
                        arn,
                    )
                }))
            },
            "Must be repository ARNs without wildcards.",
        )
        .refuses(["arn:aws:ecr:eu-central-1:123456789012:repository/*"])
        .refuses(Vec::<&str>::new())
        .example([format!(
            "arn:aws:ecr:eu-central-1:123456789012:repository/{}-api",
            to.package
        )])
}

/// Declares the repository whose workflows can push images.
fn github_repository(input: NewInput<'_>, to: &Conventions) -> Variable<Str> {
    input.declare(string())
        .describe("GitHub repository whose main branch can push images, in the format of the token subject: `owner/name`, or `owner@id/name@id` for repositories that were created, renamed, or transferred after July 15, 2026.")
        .validate(
            |repository| {
                matches(
                    "^[A-Za-z0-9](-?[A-Za-z0-9]){0,58}(_[A-Za-z0-9]+)?(@[0-9]+)?/[A-Za-z0-9._-]{1,120}(@[0-9]+)?$",
                    repository,
                )
            },
            "Must be owner/name or, if the repository's tokens contain IDs, owner@123/name@456, without wildcards.",
        )
        .refuses(to.package)
        .refuses(to.named("/*"))
        .refuses("*/*")
        .refuses(format!("https://github.com/{0}/{0}", to.package))
        .example(format!("{0}/{0}", to.package))
}

/// Declares the identity provider if it is not the default provider.
fn github_oidc_provider_arn(input: NewInput<'_>) -> Variable<Str> {
    input.declare(string())
        .describe(
            "ARN of the IAM OIDC provider for GitHub. Defaults to the provider in this account.",
        )
        .nullable()
        .validate(
            |arn| {
                arn.is_null().or(matches(
                    "^arn:aws:iam::[0-9]{12}:oidc-provider/token[.]actions[.]githubusercontent[.]com$",
                    arn,
                ))
            },
            "Must be the ARN of an OIDC provider, such as arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com.",
        )
        .refuses("token.actions.githubusercontent.com")
}
