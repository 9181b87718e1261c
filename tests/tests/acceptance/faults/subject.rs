//! The interrupted operations: setup, operation, and expected result.

use anyhow::Result;
use serde_json::json;
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, on};

use super::whole;
use crate::authority;
use crate::bundle;
use crate::infrastructure::Infrastructure;

/// The command that performs an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Apply,
    Destroy,
}

/// An operation to interrupt.
pub(super) struct Subject {
    pub(super) name: &'static str,
    /// Address of the resource.
    pub(super) address: &'static str,
    pub(super) operation: Operation,
    /// Prepares the operation.
    pub(super) prepare: fn(&Cli, &LocalAws) -> Result<Stack>,
    /// Checks the result of a successful operation.
    pub(super) expect_whole: fn(&LocalAws, &Stack) -> Result<()>,
}

const ROOT: Subject = Subject {
    name: "",
    address: authority::ADDRESS,
    operation: Operation::Apply,
    prepare: |cli, aws| Ok(authority::example(cli, aws).init()?),
    expect_whole: whole::expect_one_root,
};

/// Operations on a root.
pub(super) const ROOTS: [Subject; 4] = [
    Subject {
        name: "create a root",
        ..ROOT
    },
    Subject {
        name: "adopt the key from an interrupted create",
        prepare: |cli, aws| {
            let stack = authority::example(cli, aws).init()?;
            let create = on("secretsmanager", "CreateSecret").first();
            aws.add_rule(&create.kill_after(&stack.providers()));
            stack.failing(Stack::apply_once)?;
            aws.clear_rules();
            Ok(stack)
        },
        ..ROOT
    },
    Subject {
        name: "update the tags of a root",
        prepare: |cli, aws| {
            let old = json!({ "stays": "old", "goes": "old" });
            let mut stack = authority::example(cli, aws).var("tags", old).apply()?;
            stack.set_var("tags", json!({ "stays": "new", "comes": "new" }));
            Ok(stack)
        },
        ..ROOT
    },
    Subject {
        name: "destroy a root",
        operation: Operation::Destroy,
        prepare: |cli, aws| {
            let workspace = authority::example(cli, aws).var("deletion_protection", false);
            Ok(workspace.apply()?)
        },
        expect_whole: whole::expect_no_root,
        ..ROOT
    },
];

const BUNDLE: Subject = Subject {
    name: "",
    address: bundle::ADDRESS,
    operation: Operation::Apply,
    prepare: create,
    expect_whole: |aws, stack| whole::expect_bundle(aws, stack, 1),
};

/// Operations on a bundle.
pub(super) const BUNDLES: [Subject; 4] = [
    Subject {
        name: "create a bundle",
        ..BUNDLE
    },
    Subject {
        name: "update the image and count in a bundle",
        prepare: |cli, aws| {
            let infrastructure = Infrastructure::create(aws)?;
            let mut services = bundle::services(&infrastructure);
            services["api"]["desired_count"] = json!(1);
            let workspace = bundle::bundle(cli, aws, &infrastructure);
            let mut stack = workspace.var("services", services).apply()?;
            stack.set_var("image", bundle::image("1.37"));
            stack.set_var("services", bundle::services(&infrastructure));
            Ok(stack)
        },
        expect_whole: |aws, stack| whole::expect_bundle(aws, stack, 2),
        ..BUNDLE
    },
    Subject {
        name: "replace a service in a bundle",
        prepare: |cli, aws| {
            let infrastructure = Infrastructure::create(aws)?;
            let mut services = bundle::services(&infrastructure);
            services["mailer"] = services["worker"].take();
            if let Some(all) = services.as_object_mut() {
                all.remove("worker");
            }
            let workspace = bundle::bundle(cli, aws, &infrastructure);
            let mut stack = workspace.var("services", services).apply()?;
            stack.set_var("services", bundle::services(&infrastructure));
            Ok(stack)
        },
        ..BUNDLE
    },
    Subject {
        name: "destroy a bundle",
        operation: Operation::Destroy,
        prepare: |cli, aws| {
            let stack = create(cli, aws)?;
            stack.apply()?;
            Ok(stack)
        },
        expect_whole: whole::expect_no_bundle,
        ..BUNDLE
    },
];

/// Creates a bundle that also creates its log group.
fn create(cli: &Cli, aws: &LocalAws) -> Result<Stack> {
    let infrastructure = Infrastructure::create(aws)?;
    let log = json!({ "group": whole::LOG_GROUP, "create": true });
    Ok(bundle::bundle(cli, aws, &infrastructure)
        .var("log", log)
        .init()?)
}
