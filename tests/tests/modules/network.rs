//! Golden test for the generator: a package with a network submodule that uses the real `hashicorp/aws` provider.

use acceptance::alternating_clis;
use anyhow::{Result, ensure};
use tfharness::Workspace;

/// A configuration that uses the package.
const USER: &str = r#"provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "edge"
  region = "us-east-1"
}

module "system" {
  source = "./system"

  providers = {
    aws      = aws
    aws.edge = aws.edge
  }

  availability_zones = ["eu-central-1a", "eu-central-1b"]
  queue_password     = "long enough"
}
"#;

#[test]
fn package_is_formatted_and_valid() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = Workspace::of("crates/tfmodgen/tests/golden")
            .file("main.tf", USER)
            .cli(&cli)
            .init()?;
        let format = stack.run(&["fmt", "-check", "-diff", "-recursive", "-no-color"])?;
        ensure!(
            format.code() == Some(0),
            "`{cli} fmt` changes the package:\n{}",
            format.stdout
        );
        let validation = stack.validate()?;
        ensure!(
            validation.valid && validation.diagnostics.is_empty(),
            "{cli} reports diagnostics for the package: {:#?}",
            validation.diagnostics
        );
    }
    Ok(())
}
