//! Inputs of the package.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::{CONVENTIONS, build, stages};
use crate::aws::inputs::{
    DOMAIN, RESERVED, force_destroy, is_reserved, log_retention, own_kms_key_arn, tags, whole,
};

/// Maximum length of the prefix, which is the whole name of a connection. Source: "CreateConnection", CodeConnections
/// API reference.
const PREFIX_LENGTH: i32 = 32;
/// Maximum length of the name of a role. Source: "CreateRole", IAM API reference.
const ROLE_LENGTH: i32 = 64;

tfmodgen::inputs! {
    /// Inputs for the package.
    pub(super) struct Inputs(input) {
        optional name: Str = name(input),
        optional projects: Map<Object> = build::input(input),
        required suffix: Str = suffix(input, &name, &projects),
        required source_repository: Object = source_repository(input),
        optional stages: List<Object> = stages::stages(input, &projects),
        optional ecs_service: Object = stages::ecs_service(input, &stages),
        required notification_email: Str = notification_email(input),
        optional github_token: Str = github_token(input),
        optional github_token_version: Num = github_token_version(input),
        optional github_source_credential: Bool = github_source_credential(input, &github_token_version),
        optional artifact_retention_days: Num = artifact_retention_days(input),
        optional images_kept: Num = images_kept(input),
        optional log_retention_days: Num = log_retention(input, 7),
        optional force_destroy: Bool = force_destroy(input, &CONVENTIONS),
        optional kms_key_arn: Str = own_kms_key_arn(
            input,
            &CONVENTIONS,
            "ARN of a KMS key that outlives the pipeline. The ARN must be known at plan time, and the key policy must contain the `Logs` and `Notifications` statements from `encryption.tf`. By default, the module creates a key that is scheduled for deletion when you destroy the pipeline.",
        ),
        optional tags: Map<Str> = tags(input),
    }
}

fn name(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Name of the pipeline, which starts all names.")
        .default("pipeline")
        .validate(
            |name| matches("^[a-z](-?[a-z0-9])*$", name).and(length(name).at_most(24)),
            "Must be 1 to 24 lowercase letters, digits, and single hyphens, start with a letter, and not end with a hyphen.",
        )
        .refuses("Pipeline")
        .refuses("")
        .refuses("pipe--line")
        .validate(|name| !is_reserved(name), RESERVED)
        .refuses("default")
        .refuses("aws-pipeline")
}

/// Declares the suffix. Its maximum length depends on the other parts of the longest derived names.
fn suffix(input: NewInput<'_>, name: &Expr<Str>, projects: &Expr<Map<Object>>) -> Variable<Str> {
    let suffix = input.declare(string());
    let own = (*suffix).clone();
    let prefix = || template([name.into(), "-".into(), (&own).into()]);
    let role = |key: Expr<Str>| {
        template([
            name.into(),
            "-".into(),
            (&own).into(),
            "-build-".into(),
            key.into(),
        ])
    };
    suffix
        .describe("Suffix of the environment, such as `prod`. Every name contains it, so pipelines with different suffixes can exist side by side in an account and a region.")
        .validate(
            |suffix| matches("^[a-z0-9]+(-[a-z0-9]+)*$", suffix),
            "Must be lowercase letters, digits, and single hyphens, and must not start or end with a hyphen.",
        )
        .refuses("")
        .refuses("Prod")
        .refuses("-prod")
        .validate(
            |_| length(prefix()).at_most(PREFIX_LENGTH),
            template([
                "Must be shorter. The name of the connection, ".into(),
                prefix().into(),
                ", has ".into(),
                tostring(length(prefix())).into(),
                format!(" characters, and AWS allows {PREFIX_LENGTH}.").into(),
            ]),
        )
        .refuses("an-environment-with-a-long-name")
        .validate(
            |_| keys(projects).all("project", |key| length(role(key)).at_most(ROLE_LENGTH)),
            template([
                "Must be shorter, or the keys of projects must be shorter. The longest name of a role has ".into(),
                tostring(longest(projects, role)).into(),
                format!(" characters, and AWS allows {ROLE_LENGTH}.").into(),
            ]),
        )
        .refuses("an-environment-with-an-even-longer-name-than-a-role-can-have-in-aws")
        .example("dev")
}

fn source_repository(input: NewInput<'_>) -> Variable<Object> {
    let of = |provider: &str, name: &str| {
        object_value([entry("provider", provider), entry("name", name)])
    };
    let with = |member: &str, value: &str| {
        object_value([
            entry("provider", "github"),
            entry("name", "acme/shop"),
            entry(member, value),
        ])
    };
    input
        .declare(
            object()
                .required("provider", string())
                .required("name", string())
                .optional_or("branch", string(), "main")
                .optional("file_paths", list(string()))
                .optional("connection_arn", string())
                .optional("mirror", string())
                .optional_or("image_tag", string(), "latest")
                .optional("object_key", string()),
        )
        .describe("Source of the pipeline. `provider` is `github`, `codecommit`, `ecr`, or `s3`. `name` is `owner/name` for GitHub, and otherwise the name of the repository or the bucket. `branch` applies to GitHub and CodeCommit, `image_tag` to ECR, and `object_key` to S3. For GitHub, `file_paths` restricts the changes that start the pipeline, `connection_arn` is an existing connection, and `mirror` is a CodeCommit repository whose changes also start the pipeline. A bucket must have versioning and send events to EventBridge.")
        .validate(
            |source| one_of(source.attribute::<Str>("provider"), ["github", "codecommit", "ecr", "s3"]),
            "The value of provider must be github, codecommit, ecr, or s3.",
        )
        .refuses(of("gitlab", "acme/shop"))
        .validate(is_name, "The value of name must match the provider: owner/name for GitHub, a repository name without a slash for CodeCommit, a lowercase repository name for ECR, or a bucket name for S3.")
        .refuses(of("github", "shop"))
        .refuses(of("github", "https://github.com/acme/shop"))
        .refuses(of("codecommit", "acme/shop"))
        .refuses(of("ecr", "Acme/Shop"))
        .refuses(of("s3", "acme/shop"))
        .validate(
            |source| is_branch(&source.attribute("branch")),
            "The value of branch must be a name that git accepts: without spaces, control characters, and the characters ~^:?*[\\, without two consecutive periods or slashes, and not starting or ending with a slash or a period, starting with a hyphen, or ending with .lock.",
        )
        .refuses(with("branch", "release 1"))
        .refuses(with("branch", "a..b"))
        .refuses(with("branch", "main.lock"))
        .refuses(with("branch", "-main"))
        .validate(
            |source| {
                let arn: Expr<Str> = source.attribute("connection_arn");
                arn.is_null().or(matches(
                    "^arn:aws:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/[0-9a-f-]+$",
                    arn,
                ))
            },
            format!("The value of connection_arn must be the ARN of a connection, such as {CONNECTION}."),
        )
        .refuses(with("connection_arn", "acme"))
        .validate(
            |source| {
                let mirror: Expr<Str> = source.attribute("mirror");
                mirror.is_null().or(matches(CODECOMMIT, mirror))
            },
            "The value of mirror must be the name of a CodeCommit repository without a slash.",
        )
        .refuses(with("mirror", "acme/shop"))
        .validate(
            |source| {
                let key: Expr<Str> = source.attribute("object_key");
                conditional(
                    source.attribute::<Str>("provider").equals("s3"),
                    key.is_set(),
                    key.is_null(),
                )
            },
            "Set object_key if the provider is s3, and only then.",
        )
        .refuses(of("s3", "acme-releases"))
        .refuses(with("object_key", "shop.zip"))
        // With a connection, the tests do not plan one, whose status would be unknown.
        .example(with("connection_arn", CONNECTION))
}

/// ARN of a connection, as an example.
const CONNECTION: &str = "arn:aws:codeconnections:eu-central-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef";
/// Pattern for a GitHub repository: an owner and a name.
const GITHUB: &str = "^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}$";
/// Pattern for a CodeCommit repository. Source: "CreateRepository", CodeCommit API reference.
const CODECOMMIT: &str = "^[A-Za-z0-9._-]{1,100}$";
/// Pattern for an ECR repository. Source: "CreateRepository", ECR API reference.
const ECR: &str = "^[a-z0-9]+([._/-][a-z0-9]+)*$";
/// Pattern for a bucket.
const BUCKET: &str = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";

fn is_name(source: &Expr<Object>) -> Expr<Bool> {
    let (provider, name) = (
        source.attribute::<Str>("provider"),
        source.attribute::<Str>("name"),
    );
    let patterns: Expr<Map<Str>> = [
        ("github", GITHUB),
        ("codecommit", CODECOMMIT),
        ("ecr", ECR),
        ("s3", BUCKET),
    ]
    .into_expr();
    can(regex(lookup(patterns, provider, ".*"), name))
}

/// Returns whether git accepts the name of a branch. Source: `git check-ref-format`.
fn is_branch(branch: &Expr<Str>) -> Expr<Bool> {
    matches("^[^\\x00-\\x20\\x7f~^:?*\\[\\\\]{1,244}$", branch).and(!matches(
        "^[-/.]|[/.]$|[.][.]|//|/[.]|@[{]|[.]lock(/|$)|^@$",
        branch,
    ))
}

fn notification_email(input: NewInput<'_>) -> Variable<Str> {
    let pattern = format!(
        "^[a-z0-9_+-]+([.][a-z0-9_+-]+)*@{}",
        DOMAIN.trim_start_matches('^')
    );
    input
        .declare(string())
        .describe("E-mail address that receives a message for each failed execution. SNS sends a link to this address that confirms the subscription.")
        .validate(
            |address| matches(&pattern, lower(address)),
            "Must be an e-mail address, such as devops@example.com.",
        )
        .refuses("devops")
        .refuses("devops@example")
        .refuses("dev ops@example.com")
        .refuses("devops@example.com, second@example.com")
        .example("devops@example.com")
}

fn github_token(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("GitHub token for CodeBuild, which is stored only in Secrets Manager. To store or replace the token, also increase `github_token_version`. By default, write the token to the secret with another tool.")
        .nullable()
        .sensitive()
        .ephemeral()
}

fn github_token_version(input: NewInput<'_>) -> Variable<Num> {
    input
        .declare(number())
        .describe("Version of `github_token`. If 0, the module does not write a token. Increasing the version writes the token again.")
        .default(0)
        .validate(
            |version| whole(version, 0, 1_000_000),
            "Must be an integer from 0 to 1000000.",
        )
        .refuses(-1)
}

fn github_source_credential(input: NewInput<'_>, version: &Expr<Num>) -> Variable<Bool> {
    input
        .declare(bool())
        .describe("Whether CodeBuild uses the token for all projects in the account and region whose source is GitHub. Requires `github_token_version`. Only one pipeline in an account and region can set this input.")
        .default(false)
        .validate(
            |enabled| conditional(enabled, version.greater_than(0), true),
            "Set github_token and github_token_version together with github_source_credential, because CodeBuild reads the token.",
        )
        .refuses(true)
}

fn artifact_retention_days(input: NewInput<'_>) -> Variable<Num> {
    input
        .declare(number())
        .describe("Number of days after which artifacts are deleted.")
        .default(30)
        .validate(
            |days| whole(days, 1, 3650),
            "Must be an integer from 1 to 3650.",
        )
        .refuses(0)
}

fn images_kept(input: NewInput<'_>) -> Variable<Num> {
    input
        .declare(number())
        .describe("Number of tagged images that the repository keeps. ECR deletes older images even if a service uses them.")
        .default(10)
        .validate(
            |images| whole(images, 1, 10_000),
            "Must be an integer from 1 to 10000.",
        )
        .refuses(0)
}

/// Returns the length of the longest name.
fn longest(projects: &Expr<Map<Object>>, role: impl FnOnce(Expr<Str>) -> Expr<Str>) -> Expr<Num> {
    // Index -1 is the last element of the sorted list of lengths. Lengths have two digits.
    let lengths = keys(projects).map("project", |key| tostring(length(role(key))));
    tonumber(element(sort(lengths), length(projects) - 1))
}
