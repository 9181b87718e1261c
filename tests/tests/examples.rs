//! The configurations that users copy: formatted and valid. Must not apply them; the acceptance tests do.

use anyhow::{Result, ensure};
use tfharness::{Cli, Workspace};

/// Every directory below `examples/` that is a configuration of its own.
const EXAMPLES: [&str; 5] = [
    "examples/provider",
    "examples/resources/skreg_ecs_service_bundle",
    "examples/resources/skreg_pki_root_ca",
    "examples/root-ca",
    "examples/service",
];

/// Documentation snippets leave out what the page around them says.
const REQUIREMENTS: &str = r#"terraform {
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
            ensure!(
                format.code() == Some(0),
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
