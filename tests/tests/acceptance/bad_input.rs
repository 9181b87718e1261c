//! Invalid roots and AWS settings, one row each. Every row results in a diagnostic with the location, the cause, and
//! the remedy.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::{LocalAws, Workspace, on};

use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused};
use crate::scenario::with_one_cli;

/// Returns a root with these provider arguments and resource arguments.
fn root(provider: &str, resource: &str) -> String {
    let mut arguments = vec![
        "key_algorithm = \"ECDSA_P256\"",
        "subject = { common_name = \"Root\" }",
        "validity_days = 30",
        "secrets_manager = { name = \"root\" }",
    ];
    let name = |line: &str| line.split('=').next().map(str::trim).map(str::to_owned);
    let given: Vec<_> = resource.lines().filter_map(name).collect();
    arguments.retain(|line| name(line).is_none_or(|name| !given.contains(&name)));
    let arguments = arguments.join("\n  ");
    format!(
        "terraform {{\n  required_providers {{\n    skreg = {{ source = \"skreg/skreg\" }}\n  }}\n}}\n\
         provider \"skreg\" {{\n  {provider}\n}}\n\
         resource \"skreg_pki_root_ca\" \"this\" {{\n  {arguments}\n  {resource}\n}}\n"
    )
}

/// An invalid root: provider arguments, resource arguments, the failing command, the location, and the message.
struct Refused {
    provider: &'static str,
    resource: &'static str,
    command: &'static [&'static str],
    at: Option<&'static str>,
    says: &'static [&'static str],
}

const HEAD: &str = "resource \"skreg_pki_root_ca\" \"this\"";

const ROOTS: [Refused; 22] = [
    Refused {
        provider: "region = \"eu_central\"",
        resource: "",
        command: APPLY,
        at: Some("resource"),
        says: &[
            "\"eu_central\" is not an AWS region",
            "such as eu-central-1",
        ],
    },
    Refused {
        provider: "endpoints {\n    rds = \"http://127.0.0.1:9\"\n  }",
        resource: "",
        command: PLAN,
        at: Some("rds"),
        says: &["Unsupported argument", "\"rds\" is not expected here"],
    },
    Refused {
        provider: "endpoints {\n    secretsmanager = \"127.0.0.1\"\n  }",
        resource: "",
        command: PLAN,
        at: Some("secretsmanager"),
        says: &["must be a URL with a host", "or http://127.0.0.1:4566"],
    },
    Refused {
        provider: "endpoints {\n    secretsmanager = \"http://secrets.invalid\"\n  }",
        resource: "",
        command: PLAN,
        at: Some("secretsmanager"),
        says: &[
            "Endpoint is not encrypted",
            "http://secrets.invalid",
            "Use https://",
        ],
    },
    Refused {
        provider: "default_tags {\n    tags = { spki_sha256 = \"x\" }\n  }",
        resource: "",
        command: PLAN,
        at: Some("tags"),
        says: &["Reserved tag", "spki_sha256", "Use a different tag key"],
    },
    Refused {
        provider: "shared_config_files = [null]",
        resource: "",
        command: PLAN,
        at: Some("shared_config_files"),
        says: &["contains a null element", "Remove the element"],
    },
    Refused {
        provider: "endpoints {\n    secretsmanager = \"http://127.0.0.1:9\"\n  }\n  max_retries = 0",
        resource: "",
        command: APPLY,
        at: Some(HEAD),
        says: &[
            "secretsmanager:DescribeSecret",
            "endpoint could not be reached",
            "`endpoints`",
        ],
    },
    Refused {
        provider: "allowed_account_ids = [\"999999999999\"]",
        resource: "",
        command: APPLY,
        at: Some("resource"),
        says: &[
            "which is not in allowed_account_ids",
            "Use credentials for an allowed account",
        ],
    },
    Refused {
        provider: "allowed_account_ids = [\"12\"]",
        resource: "",
        command: PLAN,
        at: Some("allowed_account_ids"),
        says: &["12-digit"],
    },
    Refused {
        provider: "access_key = \"x\"",
        resource: "",
        command: PLAN,
        at: Some("access_key"),
        says: &["requires secret_key", "Set secret_key too"],
    },
    Refused {
        provider: "",
        resource: "subject = { common_name = \"Root\", country = \"Germany\" }",
        command: PLAN,
        at: Some(HEAD),
        says: &[
            "Invalid subject",
            "country",
            "two uppercase letters",
            "such as \"DE\"",
        ],
    },
    Refused {
        provider: "",
        resource: "subject = { common_name = \"\" }",
        command: PLAN,
        at: Some(HEAD),
        says: &["Invalid subject", "common_name", "must not be empty"],
    },
    Refused {
        provider: "",
        resource: "subject = { common_name = join(\"\", [for _ in range(65) : \"x\"]) }",
        command: PLAN,
        at: Some(HEAD),
        says: &[
            "Invalid subject",
            "common_name",
            "but has 65",
            "at most 64",
            "ub-common-name",
        ],
    },
    Refused {
        provider: "",
        resource: "subject = { common_name = \"Root\\u200b\" }",
        command: PLAN,
        at: Some(HEAD),
        says: &["Invalid subject", "common_name", "U+200B", "invisible"],
    },
    Refused {
        provider: "",
        resource: "subject = { organization = \"skreg\" }",
        command: PLAN,
        at: Some("subject"),
        says: &["common_name"],
    },
    Refused {
        provider: "",
        resource: "key_algorithm = \"RSA_1024\"",
        command: PLAN,
        at: Some("key_algorithm"),
        says: &["RSA_4096", "ED25519"],
    },
    Refused {
        provider: "",
        resource: "not_after = \"2040-01-01T00:00:00Z\"",
        command: PLAN,
        at: Some("not_after"),
        says: &["Set either validity_days or not_after"],
    },
    Refused {
        provider: "",
        resource: "validity_days = null",
        command: PLAN,
        at: Some("validity_days"),
        says: &["Set validity_days, such as 3650"],
    },
    Refused {
        provider: "",
        resource: "validity_days = null\n  not_after = \"2001-01-01T00:00:00Z\"",
        command: PLAN,
        at: Some("not_after"),
        says: &["Change the end of the validity"],
    },
    Refused {
        provider: "",
        resource: "secrets_manager = { name = \"with space\" }",
        command: PLAN,
        at: Some(HEAD),
        says: &["secrets_manager.name", "letters, digits"],
    },
    Refused {
        provider: "",
        resource: "secrets_manager = { name = \"root\", recovery_window_in_days = 6 }",
        command: PLAN,
        at: Some(HEAD),
        says: &["secrets_manager.recovery_window_in_days", "7", "30"],
    },
    Refused {
        provider: "",
        resource: "tags = { spki_sha256 = \"x\" }",
        command: PLAN,
        at: Some("tags"),
        says: &["Reserved tag", "Use a different tag key"],
    },
];

#[test]
fn invalid_roots_are_rejected() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = Workspace::inline(root("", "")).cli(cli).aws(aws).init()?;
        for Refused {
            provider,
            resource,
            command,
            at,
            says,
        } in &ROOTS
        {
            stack.write("main.tf", &root(provider, resource))?;
            let what = || format!("with provider {{ {provider} }} and resource {{ {resource} }}");
            expect_refused(&stack, command, &Saying { at: *at, says }).with_context(what)?;
        }
        expect_untouched(aws)
    })
}

/// Checks that a rejected configuration created no objects.
fn expect_untouched(aws: &LocalAws) -> Result<()> {
    let made = aws
        .journal()
        .into_iter()
        .filter(|call| call.action.starts_with("Create") && call.error.is_none());
    let made: Vec<_> = made.map(|call| call.action).collect();
    ensure!(
        made.is_empty(),
        "expected no write calls, found {made:?} in the journal"
    );
    Ok(())
}

#[test]
fn missing_aws_settings_are_reported() -> Result<()> {
    with_one_cli(|cli, aws| {
        let without = |names: &[&str]| {
            let workspace = Workspace::inline(root("max_retries = 0", ""))
                .cli(cli)
                .aws(aws);
            names
                .iter()
                .fold(workspace, |workspace, name| workspace.without_env(name))
        };
        let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        let cases = [
            (
                without(&["AWS_REGION", "AWS_DEFAULT_REGION"]),
                &[
                    "no AWS region is configured",
                    "Set `region` in the provider block",
                ][..],
            ),
            (
                without(&keys),
                &["No AWS credentials were found", "aws sso login"],
            ),
            (
                without(&keys).env("AWS_PROFILE", "missing"),
                &["No AWS credentials were found", "export AWS_PROFILE"],
            ),
            (
                without(&[]).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
                &["endpoint could not be reached", "AWS_ENDPOINT_URL"],
            ),
            (
                without(&[]).env("LOG_SENSITIVE_BODIES", "true"),
                &["LOG_SENSITIVE_BODIES", "Unset"],
            ),
        ];
        for (workspace, says) in cases {
            let stack = workspace.init()?;
            expect_refused(
                &stack,
                APPLY,
                &Saying {
                    at: Some("resource"),
                    says,
                },
            )?;
        }
        expect_untouched(aws)
    })
}

/// Errors from AWS, and the remedy in the diagnostic.
const ANSWERS: [(u16, &str, &str, &str); 8] = [
    (
        403,
        "InvalidSignatureException",
        "Credential should be scoped to a valid region, not 'us-east-1'.",
        "signed for a region that does not match",
    ),
    (
        400,
        "InvalidSignatureException",
        "Signature expired: 20200101T000000Z",
        "The clock of this machine",
    ),
    (
        403,
        "UnrecognizedClientException",
        "The security token is invalid.",
        "AWS does not accept the access key",
    ),
    (
        403,
        "ExpiredTokenException",
        "The security token is expired.",
        "temporary credentials have expired",
    ),
    (
        400,
        "AccessDeniedException",
        "not authorized",
        "is not authorized to call secretsmanager:CreateSecret",
    ),
    (
        400,
        "ThrottlingException",
        "Rate exceeded",
        "increase max_retries",
    ),
    (
        400,
        "LimitExceededException",
        "too many secrets",
        "Service Quotas",
    ),
    (
        400,
        "EncryptionFailure",
        "the KMS key is disabled",
        "secrets_manager.kms_key_id exists",
    ),
];

#[test]
fn each_aws_error_has_a_specific_remedy() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = Workspace::inline(root("max_retries = 0", ""))
            .cli(cli)
            .aws(aws)
            .init()?;
        for (status, code, message, remedy) in ANSWERS {
            aws.add_rule(
                &on("secretsmanager", "CreateSecret")
                    .every()
                    .fail(status, code, message),
            );
            let says = ["secretsmanager:CreateSecret", code, message, remedy];
            expect_refused(
                &stack,
                APPLY,
                &Saying {
                    at: Some(HEAD),
                    says: &says,
                },
            )?;
            aws.clear_rules();
        }
        aws.add_rule(
            &on("secretsmanager", "CreateSecret")
                .every()
                .respond(json!({})),
        );
        let says = [
            "secretsmanager:CreateSecret",
            "is not AWS",
            "AWS_ENDPOINT_URL",
        ];
        expect_refused(
            &stack,
            APPLY,
            &Saying {
                at: Some(HEAD),
                says: &says,
            },
        )?;
        Ok(())
    })
}
