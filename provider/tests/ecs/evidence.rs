//! Tests of the last log lines of failed tasks in an error, and of the note if the logs cannot be read.

use skreg::aws::AwsError;
use skreg::ecs::api::{StoppedContainer, StoppedTask};
use skreg::ecs::bundle::Bundle;

use crate::fake::{End, Fake, FakeClock, Script};
use crate::{bundle, bundle_of, create, error_of, update};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

fn failing() -> Script {
    let task = |arn: &str, stop_code: &str, exit_code| StoppedTask {
        arn: arn.into(),
        started_by: None,
        task_definition: "arn:td".into(),
        stop_code: Some(stop_code.into()),
        reason: None,
        containers: vec![StoppedContainer {
            name: "api".into(),
            exit_code,
            reason: None,
        }],
    };
    Script {
        end: End::RollsBack,
        tasks: vec![
            task("arn:task/main/crashed", "EssentialContainerExited", Some(1)),
            task("arn:task/main/unpulled", "TaskFailedToStart", None),
        ],
        ..Script::default()
    }
}

fn lines(count: usize) -> Vec<String> {
    (1..=count)
        .map(|line| format!("line {line}\u{1b}[31m\n"))
        .collect()
}

async fn detail(fake: &Fake<'_>, clock: &FakeClock, error_log_lines: u32) -> String {
    let wanted = Bundle {
        error_log_lines,
        ..bundle_of("registry/skreg:v2")
    };
    assert!(create(fake, clock, &bundle()).await.result.is_ok());
    fake.script("skreg-api", failing());
    fake.with(|state| {
        let stream = "/ecs/skreg-api:ecs/api/crashed".to_owned();
        state.log_lines.insert(stream, lines(50));
    });
    fake.calls();
    error_of(update(fake, clock, &wanted).await).detail()
}

#[tokio::test]
async fn last_log_lines_are_shown_as_plain_text() {
    let clock = FakeClock::new();
    let detail = detail(&Fake::new(&clock), &clock, 3).await;
    let shown: Vec<&str> = detail
        .lines()
        .filter(|line| line.contains("line "))
        .collect();
    assert_eq!(
        shown,
        ["  line 48 [31m", "  line 49 [31m", "  line 50 [31m"],
        "{detail}"
    );
    assert!(
        detail.contains("Log of container api in task crashed"),
        "{detail}"
    );
    assert!(
        !detail.contains("Not available"),
        "a container that never started must not be reported: {detail}"
    );
}

#[tokio::test]
async fn logs_are_not_read_if_disabled() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let detail = detail(&fake, &clock, 0).await;
    assert!(!detail.contains("line "), "{detail}");
    assert!(!fake.calls().contains(&"logs:GetLogEvents"));
}

#[tokio::test]
async fn denied_logs_are_reported_as_a_note_with_the_failure() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let action = "logs:GetLogEvents";
    let denied = AwsError::service(action, "AccessDeniedException", "not authorized");
    fake.with(|state| state.errors.insert(action, vec![denied].into()));
    let detail = detail(&fake, &clock, 20).await;
    assert!(
        detail.contains(
            "Not available: the log of container api in /ecs/skreg-api (logs:GetLogEvents"
        ),
        "{detail}"
    );
    assert!(detail.contains("ROLLBACK_SUCCESSFUL"), "{detail}");
    assert!(detail.contains("EssentialContainerExited"), "{detail}");
}
