//! Who may push images: the workflows of one branch of one repository, without a stored key.

use aws_blocks as aws;
use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::github_oidc_provider::ISSUER;
use super::imagined::{Imagined, imagine};
use super::inputs::{Identity, account_id, only_in_aws};
use super::part;
use super::policy::{allow, document};

/// What a push needs on a repository.
/// Source: "IAM permissions for pushing an image", ECR user guide; BuildKit also reads manifests of what is there.
const PUSH: [&str; 6] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];

/// The part.
pub(crate) fn github_identity() -> Module {
    let mut m = part(
        "github-identity",
        "A role that the main branch of one GitHub repository takes to push images.",
    );
    let own = Identity::of(&mut m);
    imagine(&mut m, &[Imagined::Partition]);
    let repository = github_repository(&mut m);
    let given = github_oidc_provider_arn(&mut m);
    let account = account_id(&mut m);
    let targets = ecr_repository_arns(&mut m);

    let provider_arn = m
        .local(
            "provider_arn",
            conditional(
                given.is_null(),
                template([
                    "arn:aws:iam::".into(),
                    (&account).into(),
                    ":oidc-provider/".into(),
                    ISSUER.into(),
                ]),
                &given,
            ),
        )
        .because("An account can have one, so its ARN is known; IAM takes it in a trust policy before it is there.");
    m.forgotten(Address::resource(
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
                        (&repository).into(),
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
                allow(PUSH).named("Push").on(&targets),
            ]),
            role.id(),
        )
        .name("push")
        .because("A login is to the registry as a whole; AWS knows no narrower resource for it."),
    );

    m.output("role_arn", role.arn())
        .describe("The role, for the variable AWS_ROLE_ARN of the repository.");
    m.output("oidc_provider_arn", &provider_arn)
        .describe("The identity provider of GitHub.");
    m
}

/// What may be pushed to.
fn ecr_repository_arns(m: &mut Module) -> Variable<List<Str>> {
    m.variable("ecr_repository_arns", list(string()))
        .describe("Repositories that may be pushed to.")
        .validate(
            |arns| {
                length(arns).at_least(1).and(arns.all("arn", |arn| {
                    matches(
                        "^arn:aws:ecr:[a-z0-9-]+:[0-9]{12}:repository/[a-z0-9._/-]+$",
                        arn,
                    )
                }))
            },
            "Each repository is given by its ARN, without wildcards.",
        )
        .refuses(["arn:aws:ecr:eu-central-1:123456789012:repository/*"])
        .refuses(Vec::<&str>::new())
        .example(["arn:aws:ecr:eu-central-1:123456789012:repository/skreg-api"])
}

/// Who may push.
pub(crate) fn github_repository(m: &mut Module) -> Variable<Str> {
    m.variable("github_repository", string())
        .describe("GitHub repository whose main branch may push images, as the subject of its tokens names it: owner/name, or with the ids of both for repositories that were created, renamed or transferred after July 15, 2026.")
        .validate(
            |repository| {
                matches(
                    "^[A-Za-z0-9](-?[A-Za-z0-9]){0,58}(_[A-Za-z0-9]+)?(@[0-9]+)?/[A-Za-z0-9._-]{1,120}(@[0-9]+)?$",
                    repository,
                )
            },
            "A repository is given as owner/name or, where its tokens say so, with ids, such as owner@123/name@456; without wildcards.",
        )
        .refuses("skreg")
        .refuses("skreg/*")
        .refuses("*/*")
        .refuses("https://github.com/skreg/skreg")
        .example("skreg/skreg")
}

/// The provider, where there is one.
pub(crate) fn github_oidc_provider_arn(m: &mut Module) -> Variable<Str> {
    m.variable("github_oidc_provider_arn", string())
        .describe(
            "ARN of the IAM OIDC provider for GitHub. Defaults to the provider of this account.",
        )
        .nullable()
        .validate(
            |arn| {
                arn.is_null().or(matches(
                    "^arn:aws:iam::[0-9]{12}:oidc-provider/token[.]actions[.]githubusercontent[.]com$",
                    arn,
                ))
            },
            "The provider is given as arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com.",
        )
        .refuses("token.actions.githubusercontent.com")
}
