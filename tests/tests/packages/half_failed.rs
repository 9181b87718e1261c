//! An apply that breaks off is continued by the next one, wherever it broke off, and what it leaves in between contradicts
//! itself nowhere: there is one password, or none yet.

use anyhow::{Context as _, Result, ensure};
use tfharness::workspace::Stack;
use tfharness::{LocalAws, Workspace, on};

use crate::requirements::Registry;
use crate::scenario::under_every_cli;
use crate::skreg::REPOSITORY;

/// A call that fails once: its service and action, what it is about, and what then exists.
struct Failure {
    service: &'static str,
    action: &'static str,
    about: &'static str,
    /// The status of an answer that no client tries again.
    status: u16,
    code: &'static str,
}

/// In the order in which an apply meets them; each is of an apply of its own.
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
fn an_apply_that_broke_off_is_continued_by_the_next() -> Result<()> {
    under_every_cli(|cli, aws| {
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

    /// Applies with the failure, which must be seen, and must be what the apply complains of.
    fn happens(&self, stack: &Stack, aws: &LocalAws) -> Result<()> {
        let rule = on(self.service, self.action)
            .about(self.about)
            .first()
            .fail(self.status, self.code, "made to fail by a test");
        aws.add_rule(&rule);
        let error = stack.failing(|stack| stack.apply_once())?.to_string();
        aws.clear_rules();
        ensure!(
            rule.fired() == 1,
            "the rule fired {} times; the apply said: {error}",
            rule.fired()
        );
        ensure!(
            error.contains("made to fail by a test"),
            "the apply complains of something else: {error}"
        );
        Ok(())
    }
}
