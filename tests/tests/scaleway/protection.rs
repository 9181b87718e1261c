//! Deletion protection: the deletion of the object that protects others comes first.

use anyhow::{Result, ensure};
use tfharness::workspace::Stack;

use crate::order::Deletions;

/// Destroys all objects, and checks that the deletion of one object ends before the deletion of any other object starts.
pub(crate) fn expect_first(stack: &Stack, address: &str) -> Result<()> {
    let deletions = Deletions::of(stack)?;
    let early = deletions.before(address)?;
    ensure!(
        early.is_empty(),
        "deletions that start before the deletion of {address} ends: {early:?}"
    );
    Ok(())
}
