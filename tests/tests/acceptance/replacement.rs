//! Replacements for a bundle that keep its name. Service names are unique, so planning rejects each replacement, and
//! the services continue to run.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::Stack;

use crate::bundle::{ADDRESS, SERVICES, bundle};
use crate::clis::with_every_cli;
use crate::deployed;
use crate::diagnostic::{PLAN, Saying, expect_refused};
use crate::infrastructure::{CLUSTER, Infrastructure};

/// Summary of the error for a replacement that keeps the name.
const REPLACED: &str = "Bundle cannot be replaced under the same name";

/// Root module in the fixture.
const ROOT_MODULE: &str = include_str!("../../fixtures/bundle/main.tf");
/// Additional configuration that triggers a replacement.
const TRIGGER: &str = r#"
variable "trigger" {
  type    = string
  default = "one"
}

resource "terraform_data" "trigger" {
  triggers_replace = var.trigger
}
"#;

/// Returns the root module with a bundle that is replaced whenever the trigger is replaced.
fn triggered(create_before_destroy: bool) -> Result<String> {
    let log = "  log = merge(";
    ensure!(ROOT_MODULE.contains(log), "the fixture has no log");
    let lifecycle = format!(
        "  lifecycle {{\n    replace_triggered_by  = [terraform_data.trigger]\n    create_before_destroy = \
         {create_before_destroy}\n  }}\n\n{log}"
    );
    Ok(ROOT_MODULE.replace(log, &lifecycle) + TRIGGER)
}

fn expect_replacement_refused(stack: &Stack, arguments: &[&str]) -> Result<()> {
    let says = [
        REPLACED,
        "deployment.force_new_deployment_trigger",
        "untaint ADDRESS",
        "moved block",
        "destroy -target=ADDRESS",
    ];
    let saying = Saying {
        at: Some("name"),
        says: &says,
    };
    expect_refused(stack, &[PLAN, arguments].concat(), &saying).map(drop)
}

#[test]
fn replacement_that_keeps_the_name_is_rejected_during_planning() -> Result<()> {
    with_every_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = bundle(cli, aws, &infrastructure).apply()?;
        let described = || -> Result<Vec<Value>> {
            let services = SERVICES.iter();
            services
                .map(|name| deployed::service(aws, CLUSTER, name))
                .map(|service| {
                    let service = service?;
                    let fields = ["status", "taskDefinition", "desiredCount", "createdAt"];
                    Ok(json!(fields.map(|field| service[field].clone())))
                })
                .collect()
        };
        let before = described()?;

        let replace = format!("-replace={ADDRESS}");
        expect_replacement_refused(&stack, &[&replace])?;

        stack.succeed(&["taint", ADDRESS])?;
        expect_replacement_refused(&stack, &[])?;
        stack.succeed(&["untaint", ADDRESS])?;

        for create_before_destroy in [false, true] {
            stack.write("main.tf", &triggered(create_before_destroy)?)?;
            stack.set_var("trigger", format!("{create_before_destroy}"));
            // The next plan replaces only the trigger.
            stack.succeed(&[
                "apply",
                "-auto-approve",
                "-input=false",
                "-target=terraform_data.trigger",
            ])?;
            stack.set_var("trigger", format!("not {create_before_destroy}"));
            expect_replacement_refused(&stack, &[])?;
            expect_replacement_refused(&stack, &["-refresh=false"])?;
        }

        // Without a moved block, the new address is another resource with the same name.
        let renamed = ROOT_MODULE.replace(
            "resource \"skreg_ecs_service_bundle\" \"this\"",
            "resource \"skreg_ecs_service_bundle\" \"renamed\"",
        ) + TRIGGER;
        stack.write("main.tf", &renamed)?;
        let (finished, diagnostics) = crate::diagnostic::run(&stack, PLAN)?;
        let mut errors = diagnostics.iter().filter(|it| it.severity == "error");
        let is_refused = |summary: &str| [REPLACED, "Service already exists"].contains(&summary);
        ensure!(
            finished.code() == Some(1)
                && errors.clone().count() > 0
                && errors.all(|it| is_refused(&it.summary) && it.detail.contains("moved block")),
            "expected an error for a plan without a moved block, found {:?} {diagnostics:?}",
            finished.code()
        );
        let after = described()?;
        ensure!(
            before == after,
            "expected the services to remain {before:?}, found {after:?}"
        );

        // With a moved block, no object changes.
        let moved = format!(
            "{renamed}\nmoved {{\n  from = {ADDRESS}\n  to   = skreg_ecs_service_bundle.renamed\n}}\n"
        );
        stack.write("main.tf", &moved)?;
        stack.apply()?;
        ensure!(before == described()?, "a move must not change services");
        Ok(())
    })
}
