//! The generator's golden: a network for the real `hashicorp/aws`.

use anyhow::{Result, ensure};
use tfharness::{Cli, Workspace};

#[test]
fn the_network_is_formatted_and_valid() -> Result<()> {
    for cli in Cli::all()? {
        let stack = Workspace::of("crates/tfmodgen/tests/golden/network")
            .cli(&cli)
            .init()?;
        let format = stack.run(&["fmt", "-check", "-diff", "-no-color"])?;
        ensure!(
            format.code() == Some(0),
            "the network is not formatted as `{cli} fmt` would:\n{}",
            format.stdout
        );
        let validation = stack.validate()?;
        ensure!(
            validation.valid && validation.diagnostics.is_empty(),
            "{cli} finds fault with the network: {:#?}",
            validation.diagnostics
        );
    }
    Ok(())
}
