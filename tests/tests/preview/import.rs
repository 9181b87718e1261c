//! Import of an existing production environment: the plan imports the objects, and does not recreate them.

use acceptance::alternating_clis;
use anyhow::{Result, ensure};
use serde_json::json;
use tfharness::workspace::Action;

use crate::environment::example;

/// Objects that the example imports.
const IMPORTED: [&str; 9] = [
    "kubernetes_config_map_v1.api",
    "kubernetes_deployment_v1.api",
    "kubernetes_deployment_v1.web",
    "kubernetes_manifest.api",
    "kubernetes_manifest.web",
    "kubernetes_namespace_v1.this",
    "kubernetes_secret_v1.api",
    "kubernetes_service_v1.api",
    "kubernetes_service_v1.web",
];

#[test]
fn production_imports_existing_objects_without_recreating_them() -> Result<()> {
    for cli in alternating_clis()? {
        let mut stack = example(&cli, "production")?.apply()?;
        // The objects exist, but the state does not contain them.
        for address in IMPORTED {
            stack.succeed(&["state", "rm", &format!("module.environment.{address}")])?;
        }
        stack.set_var("import_existing", true);
        let plan = stack.plan()?;
        let mut imported = Vec::new();
        for each in plan.changes() {
            let actions = &each.change.actions;
            let harmless = |action: &Action| matches!(action, Action::Update | Action::NoOp);
            ensure!(
                actions.iter().all(harmless),
                "{cli}: {} has the actions {actions:?}",
                each.address
            );
        }
        let text = stack.succeed(&["plan", "-input=false", "-no-color"])?;
        for address in IMPORTED {
            if text.contains(&format!("module.environment.{address} will be imported"))
                || text.contains(&format!(
                    "# module.environment.{address} will be updated in-place\n  # (imported"
                ))
            {
                imported.push(address);
            }
        }
        ensure!(imported == IMPORTED, "{cli}: {imported:?}\n{text}");
        ensure!(text.contains("9 to import, 0 to add"), "{cli}:\n{text}");
        stack.apply()?;
        stack.set_var("import_existing", json!(false));
        stack.expect_empty_plan()?;
    }
    Ok(())
}
