//! Checks that the next apply continues a failed one, and that the state between them is consistent: either one
//! password or none.

use anyhow::{Context as _, Result, ensure};
use tfharness::workspace::Stack;
use tfharness::{LocalAws, Workspace, on};

use crate::requirements::Registry;
use crate::scenario::with_one_cli;
use crate::skreg::REPOSITORY;

/// A call that fails once: the service, the action, the content, and the objects that exist afterwards.
pub(crate) struct Failure {
    pub(crate) service: &'static str,
    pub(crate) action: &'static str,
    pub(crate) about: &'static str,
    /// HTTP status that clients do not retry.
    pub(crate) status: u16,
    pub(crate) code: &'static str,
}

/// The failures, in the order of an apply. Each failure has a separate apply.
const FAILURES: [Failure; 4] = [
    Failure {
        service: "secretsmanager",
        action: "PutSecretValue",
        about: "database/password",
        status: 400,
        code: "InvalidRequestException",
    },
    Failure {
        service: "rds",
        action: "CreateDBInstance",
        about: "skreg",
        status: 400,
        code: "InvalidParameterCombination",
    },
    Failure {
        service: "secretsmanager",
        action: "PutSecretValue",
        about: "database/url",
        status: 400,
        code: "InvalidRequestException",
    },
    Failure {
        service: "ecs",
        action: "CreateService",
        about: "skreg-worker",
        status: 400,
        code: "InvalidParameterException",
    },
];

#[test]
fn next_apply_continues_a_failed_apply() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = Workspace::of("examples/skreg-minimal")
            .cli(cli)
            .aws(aws)
            .var("github_repository", REPOSITORY)
            .var("disposable", true)
            .init()?;
        for failure in &FAILURES {
            failure
                .happens(&stack, aws)
                .with_context(|| failure.name())?;
        }
        stack.apply().context("the apply after the last failure")?;
        let registry = Registry {
            aws,
            prefix: "skreg",
            repository: REPOSITORY,
            hsm_backend: "hsm",
            domain: None,
        };
        registry.password()?;
        registry.expect_as_required()?;
        for (service, action, expected) in [
            ("rds", "CreateDBInstance", 2),
            ("rds", "ModifyDBInstance", 0),
        ] {
            let found = aws.count(service, action);
            ensure!(
                found == expected,
                "expected {action} {expected} times, found {found}"
            );
        }
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

impl Failure {
    fn name(&self) -> String {
        format!("{} about {} failed", self.action, self.about)
    }

    fn happens(&self, stack: &Stack, aws: &LocalAws) -> Result<()> {
        fail_once(stack, aws, std::slice::from_ref(self))
    }
}

/// Applies once with failures of resources that do not depend on each other. Each failure must occur once and be
/// reported.
pub(crate) fn fail_once(stack: &Stack, aws: &LocalAws, failures: &[Failure]) -> Result<()> {
    let message = |failure: &Failure| format!("injected failure of {}", failure.action);
    let rules: Vec<_> = failures
        .iter()
        .map(|failure| {
            on(failure.service, failure.action)
                .mentioning(failure.about)
                .first()
                .fail(failure.status, failure.code, &message(failure))
        })
        .collect();
    for rule in &rules {
        aws.add_rule(rule);
    }
    let error = stack.failing(|stack| stack.apply_once())?.to_string();
    aws.clear_rules();
    // The CLIs wrap long messages.
    let error = error.replace('│', " ");
    let words: Vec<_> = error.split_whitespace().collect();
    let error = words.join(" ");
    for (failure, rule) in failures.iter().zip(&rules) {
        ensure!(
            rule.fired() == 1,
            "{}: the rule applied to {} calls; the error is: {error}",
            failure.name(),
            rule.fired()
        );
        ensure!(
            error.contains(&message(failure)),
            "expected the failure of {}, found {error}",
            failure.action
        );
    }
    Ok(())
}
