//! Dependencies between rooms, and on the AWS SDK.

use super::{Finding, Map, Package, Tree};

/// Every dependency on a package of this workspace is an arrow of the map.
pub(super) fn arrows(tree: &Tree, map: &Map) -> Vec<Finding> {
    let ours: Vec<&str> = tree
        .packages
        .values()
        .map(|package| package.name.as_str())
        .collect();
    each_dependency(tree, |folder, package, on| {
        let room = map.rooms.get(folder);
        let allowed = room.is_some_and(|room| room.arrows.contains(on));
        let forbidden = ours.contains(&on) && !allowed;
        forbidden.then(|| {
            format!(
                "{} may not depend on {on}: the map has no such arrow",
                package.name
            )
        })
    })
}

/// Only the provider depends on crates of the AWS SDK. Cryptography of the same origin (`aws-lc-rs`) is no part of it.
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
                "{} may not depend on {on}: only the provider speaks to AWS",
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
