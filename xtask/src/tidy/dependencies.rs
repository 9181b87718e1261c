//! Checks dependencies between components, and dependencies on the AWS SDK.

use super::{Finding, Map, Package, Tree};

/// Finds dependencies on workspace packages that the map does not allow.
pub(super) fn dependencies(tree: &Tree, map: &Map) -> Vec<Finding> {
    let ours: Vec<&str> = tree
        .packages
        .values()
        .map(|package| package.name.as_str())
        .collect();
    each_dependency(tree, |folder, package, on| {
        let component = map.components.get(folder);
        let allowed = component.is_some_and(|component| component.dependencies.contains(on));
        let forbidden = ours.contains(&on) && !allowed;
        forbidden.then(|| {
            format!(
                "{} must not depend on {on}: the map does not allow this dependency",
                package.name
            )
        })
    })
}

/// Finds dependencies on AWS SDK crates outside the provider. `aws-lc-rs` is not a part of the SDK.
pub(super) fn aws_sdk(tree: &Tree, _: &Map) -> Vec<Finding> {
    let sdk = [
        "aws-config",
        "aws-types",
        "aws-runtime",
        "aws-credential-types",
        "aws-sigv4",
    ];
    each_dependency(tree, |folder, package, on| {
        let is_sdk =
            sdk.contains(&on) || on.starts_with("aws-sdk-") || on.starts_with("aws-smithy-");
        let forbidden = is_sdk && folder != "provider";
        forbidden.then(|| {
            format!(
                "{} must not depend on {on}: only the provider uses the AWS SDK",
                package.name
            )
        })
    })
}

fn each_dependency(
    tree: &Tree,
    judge: impl Fn(&str, &Package, &str) -> Option<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, package) in &tree.packages {
        let judged = package
            .dependencies
            .iter()
            .filter_map(|on| judge(folder, package, on));
        findings.extend(judged.map(|what| Finding::new(format!("{folder}/"), 1, what)));
    }
    findings
}
