//! Plans that fail: resources that do not fit into the quota, and outputs of the base that are missing or do not match.

use acceptance::alternating_clis;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;

use crate::environment::{BASE, example};

/// Checks that a plan fails with a message.
fn expect_refused(stack: &Stack, says: &str) -> Result<()> {
    let finished = stack.run(&["plan", "-no-color", "-input=false"])?;
    // A message can be broken into lines.
    let message = finished.stderr.replace(['│', '\n'], " ");
    let message: Vec<_> = message.split_whitespace().collect();
    let message = message.join(" ");
    ensure!(
        finished.code() == Some(1) && message.contains(says),
        "expected `{says}`, found:\n{}{}",
        finished.stdout,
        finished.stderr
    );
    Ok(())
}

fn sizes(requests: [u32; 2], limits: Option<[u32; 2]>) -> Value {
    let amount = |[cpu, memory]: [u32; 2]| json!({ "cpu_millicores": cpu, "memory_mib": memory });
    match limits {
        Some(limits) => json!({ "requests": amount(requests), "limits": amount(limits) }),
        None => json!({ "requests": amount(requests) }),
    }
}

#[test]
fn resources_that_exceed_the_quota_fail_the_plan() -> Result<()> {
    for cli in alternating_clis()? {
        let mut stack = example(&cli, "preview")?.init()?;
        let none = || json!({});
        // The defaults require 1900 millicores and 2304 MiB of limits, and five pods.
        for (quota, resources, replicas, says) in [
            (
                json!({ "cpu_millicores": 1899 }),
                none(),
                json!(1),
                "limits.cpu: 1900 of 1899",
            ),
            (
                json!({ "memory_mib": 2303 }),
                none(),
                json!(1),
                "limits.memory: 2304 of 2303",
            ),
            (json!({ "pods": 4 }), none(), json!(1), "pods: 5 of 4"),
            (none(), none(), json!(2), "pods: 7 of 5"),
            // An init container can require more than the containers of its pod: 2 * (200 + 900) + 900.
            (
                none(),
                json!({ "migration": sizes([200, 256], Some([900, 512])) }),
                json!(1),
                "limits.cpu: 3100 of 2000",
            ),
            (
                none(),
                json!({ "web": sizes([50, 64], None) }),
                json!(1),
                "Each container must have limits",
            ),
        ] {
            stack.set_var("quota", quota);
            stack.set_var("resources", resources);
            stack.set_var("replicas", replicas);
            expect_refused(&stack, says)?;
        }
        stack.set_var(
            "quota",
            json!({ "cpu_millicores": 1900, "memory_mib": 2304 }),
        );
        stack.set_var("resources", none());
        stack.set_var("replicas", 1);
        stack.plan()?;
    }
    Ok(())
}

#[test]
fn missing_or_other_outputs_of_the_base_fail_the_plan() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "preview")?.init()?;
        let path = stack.directory().join(BASE);
        let whole: Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        let with = |change: &dyn Fn(&mut Value)| {
            let mut state = whole.clone();
            change(&mut state["outputs"]);
            std::fs::write(&path, state.to_string())
        };
        let remove = |outputs: &mut Value, name: &str| {
            if let Some(outputs) = outputs.as_object_mut() {
                outputs.remove(name);
            }
        };
        with(&|outputs| remove(outputs, "gateway_name"))?;
        expect_refused(&stack, "\"gateway_name\" is required")?;
        with(&|outputs| remove(outputs, "kubeconfig"))?;
        expect_refused(&stack, "kubeconfig")?;
        with(&|outputs| outputs["tls_secret_name"]["value"] = json!(""))?;
        expect_refused(&stack, "Apply the base first")?;
        with(&|outputs| outputs["postgresql_host"]["value"] = json!("db"))?;
        expect_refused(&stack, "such as db.default.svc.cluster.local")?;
        with(&|outputs| outputs["profile"]["value"] = json!("production"))?;
        expect_refused(&stack, "the same profile and domain")?;
        with(&|_| ())?;
        stack.plan()?;
    }
    Ok(())
}
