//! Lists with many entries. The output contains the time, which the test does not limit. `cargo xtask bench pki` measures larger
//! lists.

use std::time::Instant;

use super::*;

#[test]
fn a_thousand_entries_are_published() -> Result<()> {
    with_one_cli(|cli, aws| {
        let entries = (0..1000_u32).map(|number| {
            let revocation = json!({ "revoked_at": REVOKED_AT, "reason": "superseded" });
            (format!("10{number:06x}"), revocation)
        });
        let entries = Value::Object(entries.collect());
        let stack = workspace(cli, aws)?.init()?;
        let variables = json!({ "revoked": entries }).to_string();
        stack.write("revoked.auto.tfvars.json", &variables)?;
        let started = Instant::now();
        stack.apply_once()?;
        let applied = started.elapsed();
        stack.expect_empty_plan()?;
        let planned = started.elapsed() - applied;
        eprintln!("{cli}: apply of 1,000 entries in {applied:.1?}, empty plan in {planned:.1?}");
        let list = Published::read(aws)?;
        ensure!(list.text.matches("Serial Number:").count() == 1000);
        Ok(())
    })
}
