//! The picture of a module: its blocks, and an arrow from each to what uses it. What an arrow says already by way of
//! another is left out, unless the blocks need each other: then each of their arrows is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Block, Facts};

/// What is used by what, by address: direct uses only.
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
            let around = direct
                .iter()
                .any(|other| other != needed && between(&shown, (address, needed), other));
            if !around {
                edges.push((*needed, *address));
            }
        }
    }
    edges
}

/// The picture in the language of Mermaid.
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

/// The picture in a page, with what its signs mean.
pub(super) fn fenced(facts: &Facts) -> String {
    format!(
        "```mermaid\n{}```\n\nAn arrow points from a block to the blocks that use it. `×n` marks a block with several instances, `?` an optional block.",
        mermaid(facts)
    )
}

/// Data sources say nothing about what is created.
fn shown(facts: &Facts) -> impl Iterator<Item = &Block> {
    facts.blocks.iter().filter(|block| block.kind != "data")
}

/// Whether a block lies on the way from a user to what it needs, and neither of the two needs it in turn as it needs them.
/// Of blocks that need each other, every arrow would otherwise be left out on account of the others.
fn between(blocks: &BTreeMap<&str, &Block>, (user, needed): (&str, &str), other: &str) -> bool {
    let reaches = |from: &str, to: &str| reaches(blocks, from, to, &mut BTreeSet::new());
    reaches(other, needed) && !reaches(needed, other) && !reaches(other, user)
}

/// Whether a block needs another, be it through others.
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
