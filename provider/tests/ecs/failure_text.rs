//! Tests of the error message for a failed rollout: the result, the stop reasons of the tasks, and the omission of
//! empty sections.

use skreg::ecs::api::StoppedContainer;
use skreg::ecs::verdict::{RolloutFailure, TaskGroup};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

fn failure(status: &str) -> RolloutFailure {
    RolloutFailure {
        service: "skreg-api".into(),
        status: status.into(),
        ..RolloutFailure::default()
    }
}

#[test]
fn summary_reports_the_result_of_the_rollout() {
    for (status, how) in [
        ("ROLLBACK_SUCCESSFUL", "failed and was rolled back"),
        ("ROLLBACK_FAILED", "failed, and the rollback also failed"),
        ("STOPPED", "was stopped"),
        ("REPLACED", "was replaced by another deployment"),
        ("TIMED_OUT", "did not complete in time"),
        ("FAILED", "failed"),
    ] {
        let summary = failure(status).summary();
        assert_eq!(summary, format!("Rollout of skreg-api {how}"), "{status}");
    }
}

/// Exit codes above 128 are signals: 134 SIGABRT, 137 SIGKILL, 139 SIGSEGV, 143 SIGTERM. Source: "Exit Status", Bash
/// Reference Manual.
#[test]
fn exit_codes_are_explained() {
    for (code, meaning) in [
        (0, " (exited without an error)"),
        (1, " (application error)"),
        (126, " (command not found or not executable)"),
        (127, " (command not found or not executable)"),
        (134, " (aborted)"),
        (137, " (killed: out of memory or did not stop in time)"),
        (139, " (segmentation fault)"),
        (143, " (terminated by SIGTERM)"),
        (42, ""),
    ] {
        let container = StoppedContainer {
            name: "api".into(),
            exit_code: Some(code),
            reason: None,
        };
        let mut failure = failure("FAILED");
        failure.tasks.push(TaskGroup {
            count: 1,
            stop_code: Some("EssentialContainerExited".into()),
            reason: None,
            containers: vec![container],
        });
        let text = failure.detail();
        let line = format!("      container api: exit code {code}{meaning}");
        assert!(text.lines().any(|found| found == line), "{text}");
        assert!(
            text.lines().any(|found| found == "Stopped tasks:"),
            "{text}"
        );
    }
}

#[test]
fn empty_sections_have_no_heading() {
    let text = failure("FAILED").detail();
    for heading in [
        "Stopped tasks:",
        "Load balancer targets:",
        "Events since the deployment began:",
    ] {
        assert!(!text.contains(heading), "{text}");
    }
}
