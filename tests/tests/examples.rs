//! The configurations that users copy: formatted, valid, and applied to their end. Must not look inside the provider.

use std::thread;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, LocalAws, Workspace};

/// Every directory below `examples/` that is a configuration of its own.
const EXAMPLES: [&str; 5] = [
    "examples/provider",
    "examples/resources/skreg_ecs_service_bundle",
    "examples/resources/skreg_pki_root_ca",
    "examples/root-ca",
    "examples/service",
];

/// Documentation snippets leave out what the page around them says.
const REQUIREMENTS: &str = r#"
terraform {
  required_providers {
    skreg = { source = "skreg/skreg" }
  }
}
"#;

#[test]
fn every_example_is_formatted_and_valid() -> Result<()> {
    for cli in Cli::all()? {
        for example in EXAMPLES {
            let mut workspace = Workspace::of(example).cli(&cli);
            if example.starts_with("examples/resources/") {
                workspace = workspace.file("requirements.tf", REQUIREMENTS);
            }
            let stack = workspace.init()?;
            let format = stack.run(&["fmt", "-check", "-diff", "-no-color"])?;
            let own = format.stdout.replace("requirements.tf", "");
            ensure!(
                !own.contains(".tf"),
                "{example} is not formatted as `{cli} fmt` would:\n{}",
                format.stdout
            );
            let validation = stack.validate()?;
            ensure!(
                validation.valid,
                "{example} is not valid under {cli}: {:#?}",
                validation.diagnostics
            );
        }
    }
    Ok(())
}

#[test]
fn the_service_example_runs_two_services_and_goes_without_a_trace() -> Result<()> {
    thread::scope(|scope| {
        let runs: Vec<_> = Cli::all()?
            .into_iter()
            .map(|cli| scope.spawn(move || service(&cli)))
            .collect();
        for run in runs {
            run.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    })
}

fn service(cli: &Cli) -> Result<()> {
    let aws = LocalAws::account()?;
    let workspace = Workspace::of("examples/service")
        .cli(cli)
        .aws(&aws)
        .var("deletion_protection", false);
    let stack = workspace.apply().with_context(|| format!("under {cli}"))?;

    let described = aws.call(
        "ecs",
        "DescribeServices",
        json!({ "cluster": "skreg", "services": ["skreg-api", "skreg-worker"] }),
    )?;
    let services = described["services"].as_array().context("no services")?;
    ensure!(
        services.len() == 2,
        "expected two services, found {described}"
    );
    for service in services {
        let (running, desired) = (&service["runningCount"], &service["desiredCount"]);
        ensure!(
            service["status"] == "ACTIVE" && running == desired && *running == 1,
            "expected one task, found {service}"
        );
    }
    let balanced: Vec<&Value> = services
        .iter()
        .filter(|service| service["loadBalancers"][0].is_object())
        .collect();
    ensure!(
        balanced.len() == 1 && balanced[0]["serviceName"] == "skreg-api",
        "expected the API alone behind the load balancer, found {balanced:?}"
    );
    let url: String = stack.output("service_url")?;
    ensure!(
        url.starts_with("http://"),
        "expected an HTTP address, found {url}"
    );

    stack.destroy()?;
    aws.expect_empty()?;
    Ok(())
}
