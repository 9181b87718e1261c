//! Validation rules of custom resource definitions, and of the objects that charts contain.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::kubernetes::{ApiError, Client};

use crate::cluster::{create_namespace, namespace, with_cluster};
use crate::environment::{Environment, label};

/// Expects that the API server refuses an object with a message.
pub(crate) fn expect_refusal(client: &Client, object: &Value, expected: &str) -> Result<()> {
    match client.dry_run(object) {
        Err(ApiError::Refused {
            reason, message, ..
        }) => {
            let found = reason == "Invalid" && message.contains(expected);
            ensure!(
                found,
                "{} is refused for another reason: {message}",
                label(object)
            );
            Ok(())
        }
        other => {
            ensure!(other.is_err(), "{} is not refused", label(object));
            other.map(drop).map_err(Into::into)
        }
    }
}

#[test]
fn routes_satisfy_the_rules_of_gateway_api() -> Result<()> {
    with_cluster(|client| {
        let environment = Environment::plan(client, 12, 'a')?;
        create_namespace(client, &namespace(&environment.namespace))?;
        let mut routes = 0;
        for route in environment.of_kind("HTTPRoute") {
            client.dry_run(route)?;
            routes += 1;
            let mut broken = route.clone();
            broken["spec"]["rules"][0]["filters"] = json!([
                {"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}},
            ]);
            expect_refusal(
                client,
                &broken,
                "must not be used together with backendRefs",
            )?;
            let mut broken = route.clone();
            broken["spec"]["hostnames"] = json!(["https://7.pr.example.com"]);
            expect_refusal(client, &broken, "spec.hostnames[0]")?;
        }
        ensure!(routes == 2, "{routes} routes");
        Ok(())
    })
}

#[test]
fn objects_of_the_chart_of_an_environment_are_valid() -> Result<()> {
    with_cluster(|client| {
        let environment = Environment::plan(client, 13, 'a')?;
        let job = environment.chart.iter().find(|one| one["kind"] == "Job");
        let job = job.context("the chart contains no job")?;
        for object in &environment.chart {
            client.dry_run(object).with_context(|| label(object))?;
        }
        let mut broken = job.clone();
        broken["spec"]["template"]["spec"]["restartPolicy"] = json!("Always");
        expect_refusal(client, &broken, "restartPolicy")
    })
}
