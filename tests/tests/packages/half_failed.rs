//! Checks that the next apply continues a failed one, and that the state between them is consistent: either one
//! password or none.

use anyhow::{Context as _, Result, ensure};
use tfharness::workspace::Stack;
use tfharness::{LocalAws, Workspace, on};

use crate::requirements::Registry;
use crate::scenario::with_every_cli;
use crate::skreg::REPOSITORY;

/// A call that fails once: the service, the action, the content, and the objects that exist afterwards.
struct Failure {
    service: &'static str,
    action: &'static str,
    about: &'static str,
    /// HTTP status that clients do not retry.
    status: u16,
    code: &'static str,
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
    with_every_cli(|cli, aws| {
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

    /// Applies with the failure. The failure must occur and be the reported error.
    fn happens(&self, stack: &Stack, aws: &LocalAws) -> Result<()> {
        let rule = on(self.service, self.action)
            .mentioning(self.about)
            .first()
            .fail(self.status, self.code, "injected failure");
        aws.add_rule(&rule);
        let error = stack.failing(|stack| stack.apply_once())?.to_string();
        aws.clear_rules();
        ensure!(
            rule.fired() == 1,
            "the rule applied to {} calls; the error is: {error}",
            rule.fired()
        );
        ensure!(
            error.contains("injected failure"),
            "expected the injected failure, found {error}"
        );
        Ok(())
    }
}
