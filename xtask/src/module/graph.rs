//! `cargo xtask module graph`: prints the resources that a package creates and the references between its blocks, as
//! text or as a diagram.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use termtree::Tree;
use tfdocs::module::{Block, Facts, edges, mermaid};

use crate::catalog::{Package, catalog};
use crate::cli::Graph;
use crate::console;
use crate::repository::Repository;

/// Runs the command.
///
/// # Errors
/// Returns an error if the package or submodule does not exist, or if a declaration is invalid.
pub(super) fn graph(repository: &Repository, options: &Graph) -> Result<()> {
    let catalog = catalog(repository)?;
    let known = catalog.packages.keys().cloned().collect::<Vec<_>>();
    let package = catalog.packages.get(&options.name).with_context(|| {
        format!(
            "package `{}` does not exist; declared packages: {}",
            options.name,
            known.join(", ")
        )
    })?;
    let folder = match &options.part {
        None => String::new(),
        Some(part) => format!("modules/{part}"),
    };
    let parts = package.modules.values().map(|facts| facts.name.as_str());
    let parts = parts.collect::<Vec<_>>().join(", ");
    let facts = package.modules.get(&folder).with_context(|| {
        format!(
            "`{}` does not contain this submodule; its submodules: {parts}",
            options.name
        )
    })?;
    match (options.mermaid, options.part.is_some()) {
        (true, _) => console::line(mermaid(facts).trim_end()),
        (false, true) => console::line(&uses(facts)),
        (false, false) => {
            console::line(tree(package).trim_end());
            console::line(&uses(facts));
        }
    }
    Ok(())
}

/// Prints the resources that a package creates as a tree of modules, resource types, and names, with the number of
/// instances.
pub(crate) fn tree(package: &Package) -> String {
    let Some(root) = package.modules.get("") else {
        return String::new();
    };
    branch(package, root, &root.name).to_string()
}

fn branch(package: &Package, facts: &Facts, name: &str) -> Tree<String> {
    let mut tree = Tree::new(format!("{name}: {}", facts.purpose));
    let mut types: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for block in facts.blocks.iter().filter(|block| block.kind == "resource") {
        if let Some((ty, name)) = block.address.split_once('.') {
            types
                .entry(ty)
                .or_default()
                .push(format!("{name}{}", number(block)));
        }
    }
    for (ty, names) in types {
        tree.push(Tree::new(format!("{ty}  {}", names.join(", "))));
    }
    for block in &facts.blocks {
        let folder = block
            .source
            .as_deref()
            .and_then(|source| source.strip_prefix("./"));
        if let Some(part) = folder.and_then(|folder| package.modules.get(folder)) {
            tree.push(branch(package, part, &block.address));
        }
    }
    tree
}

fn number(block: &Block) -> &'static str {
    match block.number.as_str() {
        "many" => " ×n",
        "optional" => " ?",
        _ => "",
    }
}

/// Prints every block together with the blocks that refer to it.
fn uses(facts: &Facts) -> String {
    let edges = edges(facts);
    let lines = facts.blocks.iter().filter_map(|block| {
        let users = edges.iter().filter(|(needed, _)| *needed == block.address);
        let users: Vec<&str> = users.map(|(_, user)| *user).collect();
        (!users.is_empty()).then(|| format!("{} → {}", block.address, users.join(", ")))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tree_shows_modules_types_and_instance_counts() {
        let block = |address: &str, kind: &str, number: &str, source: Option<&str>| serde_json::json!({ "address": address, "kind": kind, "number": number, "source": source, "needs": [] });
        let facts = |name: &str, blocks: Vec<serde_json::Value>| -> Facts {
            serde_json::from_value(serde_json::json!({
                "name": name, "purpose": "It is there.", "cli_version": "", "providers": {},
                "inputs": [], "outputs": [], "blocks": blocks,
            }))
            .expect("the facts are valid")
        };
        let package = Package {
            target: "aws".to_owned(),
            files: BTreeMap::new(),
            modules: BTreeMap::from([
                (
                    String::new(),
                    facts(
                        "system",
                        vec![block(
                            "module.net",
                            "module",
                            "one",
                            Some("./modules/network"),
                        )],
                    ),
                ),
                (
                    "modules/network".to_owned(),
                    facts(
                        "network",
                        vec![
                            block("aws_eip.nat", "resource", "optional", None),
                            block("aws_subnet.a", "resource", "many", None),
                            block("aws_subnet.b", "resource", "one", None),
                            block("data.aws_region.this", "data", "one", None),
                        ],
                    ),
                ),
            ]),
        };
        assert_eq!(
            tree(&package),
            "system: It is there.\n\
             └── module.net: It is there.\n    \
                 ├── aws_eip  nat ?\n    \
                 └── aws_subnet  a ×n, b\n"
        );
    }
}
