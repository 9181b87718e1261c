//! The golden of the generator: a package and the network that is part of it, for the real `hashicorp/aws`.

use anyhow::{Result, ensure};
use tfharness::{Cli, Workspace};

/// Someone who uses the package.
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
fn the_package_is_formatted_and_valid() -> Result<()> {
    for cli in Cli::all()? {
        let stack = Workspace::of("crates/tfmodgen/tests/golden")
            .file("main.tf", USER)
            .cli(&cli)
            .init()?;
        let format = stack.run(&["fmt", "-check", "-diff", "-recursive", "-no-color"])?;
        ensure!(
            format.code() == Some(0),
            "the package is not formatted as `{cli} fmt` would:\n{}",
            format.stdout
        );
        let validation = stack.validate()?;
        ensure!(
            validation.valid && validation.diagnostics.is_empty(),
            "{cli} finds fault with the package: {:#?}",
            validation.diagnostics
        );
    }
    Ok(())
}
