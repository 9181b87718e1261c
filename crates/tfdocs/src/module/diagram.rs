//! Generates the diagram of a module: its blocks, and arrows from each block to the blocks that use it. Omits arrows
//! that are implied by other arrows, except between blocks that depend on each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Block, Facts};

/// Returns address pairs: a used block and the block that uses it. Omits indirect uses.
pub fn edges(facts: &Facts) -> Vec<(&str, &str)> {
    let shown: BTreeMap<&str, &Block> = shown(facts)
        .map(|block| (block.address.as_str(), block))
        .collect();
    let mut edges = Vec::new();
    for (address, block) in &shown {
        let direct: BTreeSet<&str> = block
            .needs
            .iter()
            .map(String::as_str)
            .filter(|needed| shown.contains_key(needed))
            .collect();
        for needed in &direct {
            let indirect = direct
                .iter()
                .any(|other| other != needed && between(&shown, (address, needed), other));
            if !indirect {
                edges.push((*needed, *address));
            }
        }
    }
    edges
}

/// Returns the diagram in Mermaid syntax.
pub fn mermaid(facts: &Facts) -> String {
    let blocks: Vec<&Block> = shown(facts).collect();
    let identity = |address: &str| {
        let position = blocks.iter().position(|block| block.address == address);
        format!("n{}", position.unwrap_or_default() + 1)
    };
    let mut out = String::from("flowchart LR\n");
    for block in &blocks {
        let (open, close) = match block.kind.as_str() {
            "module" => ("[[", "]]"),
            "ephemeral" => ("([", "])"),
            _ => ("[", "]"),
        };
        let number = match block.number.as_str() {
            "many" => " ×n",
            "optional" => " ?",
            _ => "",
        };
        let address = &block.address;
        let _ = writeln!(
            out,
            "  {}{open}\"{address}{number}\"{close}",
            identity(address)
        );
    }
    for (needed, user) in edges(facts) {
        let _ = writeln!(out, "  {} --> {}", identity(needed), identity(user));
    }
    out
}

/// Returns the diagram for a page and a legend.
pub(super) fn fenced(facts: &Facts) -> String {
    format!(
        "```mermaid\n{}```\n\nAn arrow points from a block to the blocks that use it. `×n` marks a block with several instances, and `?` marks an optional block.",
        mermaid(facts)
    )
}

/// Returns the blocks in the diagram. Data sources are omitted because they create nothing.
fn shown(facts: &Facts) -> impl Iterator<Item = &Block> {
    facts.blocks.iter().filter(|block| block.kind != "data")
}

/// Returns whether `other` is on a path from `user` to `needed` and is not in a cycle with either of them. Without the
/// second condition, all arrows between blocks that depend on each other would be omitted.
fn between(blocks: &BTreeMap<&str, &Block>, (user, needed): (&str, &str), other: &str) -> bool {
    let reaches = |from: &str, to: &str| reaches(blocks, from, to, &mut BTreeSet::new());
    reaches(other, needed) && !reaches(needed, other) && !reaches(other, user)
}

/// Returns whether a block depends on another block, directly or indirectly.
fn reaches<'a>(
    blocks: &BTreeMap<&str, &'a Block>,
    from: &str,
    to: &str,
    seen: &mut BTreeSet<&'a str>,
) -> bool {
    blocks.get(from).is_some_and(|block| {
        block.needs.iter().any(|needed| {
            needed == to || (seen.insert(needed.as_str()) && reaches(blocks, needed, to, seen))
        })
    })
}
