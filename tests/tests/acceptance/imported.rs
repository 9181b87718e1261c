//! Imports an existing object with the command and with an `import` block, and checks that the next plan is empty. Must not
//! depend on specific resource types.

use anyhow::{Result, ensure};
use tfharness::workspace::Stack;

/// Imports an object that the configuration describes, first with the `import` command and then with an `import` block.
/// Checks that no plan changes the object, and that the `import` block and its apply store the same state as the command.
pub(crate) fn expect_imports(stack: &Stack, hcl: &str, address: &str, id: &str) -> Result<()> {
    stack.succeed(&["state", "rm", address])?;
    stack.import(address, id)?;
    expect_no_change(stack)?;
    let by_command = values(stack, address)?;
    stack.apply()?;
    ensure!(values(stack, address)? == by_command);

    stack.succeed(&["state", "rm", address])?;
    // A quoted string contains the line breaks of an ID in PEM format as escape sequences.
    let block = format!("{hcl}\nimport {{\nto = {address}\nid = {id:?}\n}}\n");
    stack.write("main.tf", &block)?;
    expect_no_change(stack)?;
    stack.apply()?;
    stack.expect_empty_plan()?;
    let by_block = values(stack, address)?;
    ensure!(
        by_block == by_command,
        "expected the import block to store {by_command}, found {by_block}"
    );
    stack.write("main.tf", hcl)?;
    stack.expect_empty_plan()?;
    Ok(())
}

fn expect_no_change(stack: &Stack) -> Result<()> {
    let plan = stack.plan()?;
    let found: Vec<_> = plan
        .changes()
        .map(|change| (&change.address, &change.change))
        .collect();
    ensure!(
        found.is_empty(),
        "{}: expected no change, found {found:?}",
        stack.cli()
    );
    Ok(())
}

fn values(stack: &Stack, address: &str) -> Result<serde_json::Value> {
    Ok(stack.show()?.resources[address].values.clone())
}
