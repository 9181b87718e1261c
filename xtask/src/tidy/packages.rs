//! Checks that parts and fragments in `catalog/` do not depend on packages.

use super::{Control, Finding, Map, Tree};

/// Folder of the packages.
const PACKAGES: &str = "catalog/src/packages/";
/// Folder of all declarations.
const CATALOG: &str = "catalog/src/";

/// Finds parts and fragments that contain the name of a package as a word, or import a module in `packages`.
pub(super) fn names(tree: &Tree, _: &Map) -> Vec<Finding> {
    let packages = tree
        .rust()
        .filter_map(|(path, _)| path.strip_prefix(PACKAGES));
    let packages = packages.filter_map(|path| path.split(['/', '.']).next());
    let mut packages: Vec<String> = packages.map(str::to_owned).collect();
    packages.extend(packages.clone().iter().map(|name| name.replace('_', "-")));
    packages.sort();
    packages.dedup();
    let mut findings = Vec::new();
    for (path, text) in tree.rust().filter(|(path, _)| is_shared(path)) {
        for (number, line) in (1..).zip(text.lines()) {
            if line.contains("crate::packages") {
                let what = "a part or fragment must not import a package";
                findings.push(Finding::new(path, number, what));
            }
            let named = packages
                .iter()
                .find(|name| has_word(line, name) && !is_part(tree, name));
            if let Some(name) = named {
                let what = format!("a part or fragment must not name the package {name}");
                findings.push(Finding::new(path, number, what));
            }
        }
    }
    findings
}

/// Returns whether a file is in the folder of a cloud provider.
fn is_shared(path: &str) -> bool {
    let inner = path.strip_prefix(CATALOG);
    inner.is_some_and(|inner| inner.contains('/')) && !path.starts_with(PACKAGES)
}

/// Returns whether a part has the same name as a package. Such a part can contain the name.
fn is_part(tree: &Tree, name: &str) -> bool {
    let end = format!("/parts/{}.rs", name.replace('-', "_"));
    tree.rust()
        .any(|(path, _)| is_shared(path) && path.ends_with(&end))
}

/// Returns whether a line contains a name that is not a part of a longer name.
fn has_word(line: &str, name: &str) -> bool {
    let joins = |sign: Option<char>| sign.is_some_and(|sign| sign.is_alphanumeric() || sign == '_');
    line.match_indices(name).any(|(at, _)| {
        let after = line[at + name.len()..].chars().next();
        !joins(line[..at].chars().next_back()) && !joins(after)
    })
}

/// Plants a package that parts must not name.
fn shop(tree: &mut Tree) {
    tree.plant("catalog/src/packages/web_shop.rs", "//! The package.\n");
}

pub(super) const CONTROLS: &[Control] = &[
    Control {
        path: "catalog/src/aws/parts/lock.rs",
        plant: |tree| {
            shop(tree);
            tree.plant(
                "catalog/src/aws/parts/lock.rs",
                "const TABLE: &str = \"web-shop-lock\";\n",
            );
        },
    },
    Control {
        path: "catalog/src/aws/fragments/lock.rs",
        plant: |tree| {
            shop(tree);
            tree.plant(
                "catalog/src/aws/fragments/lock.rs",
                "use crate::packages::other::TABLE;\n",
            );
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_as_whole_words() {
        assert!(has_word("\"web-shop-lock\"", "web-shop"));
        assert!(has_word("web_shop::TABLE", "web_shop"));
        assert!(!has_word("use web_shop_blocks as shop;", "web_shop"));
        assert!(!has_word("aweb-shop", "web-shop"));
    }
}
