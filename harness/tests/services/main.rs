//! Tests the services and corrections of the gateway with the official SDK for Python and with the AWS provider.

mod application_autoscaling;
mod capacity;
mod delivery;
mod sdk;
mod stack;

use std::error::Error;

use tfharness::{Cli, LocalAws, Stack, Workspace};

type TestResult = Result<(), Box<dyn Error>>;

/// Applies a configuration in a new account. The AWS provider sends the same requests with every CLI, so one is sufficient.
fn applied(hcl: &str) -> Result<(LocalAws, Stack), Box<dyn Error>> {
    let cli = Cli::all()?.swap_remove(0);
    let aws = LocalAws::account()?;
    let stack = Workspace::inline(hcl).cli(cli).aws(&aws).apply()?;
    Ok((aws, stack))
}
