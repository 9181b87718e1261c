//! Checks the tables of tests in guides: a feature without a test, or with a test that does not exist, is not shown.

use std::collections::BTreeSet;

use syn::visit::Visit;

use super::{Control, Finding, Map, Tree};

/// Folder of the guides.
const GUIDES: &str = "templates/guides/";
/// Head of the last column in a table of tests.
const COLUMN: &str = "Test";

/// Finds rows of a table of tests without a test, and tests that no Rust file contains.
pub(super) fn tests(tree: &Tree, _: &Map) -> Vec<Finding> {
    let mut rows = Vec::new();
    for (path, text) in &tree.files {
        if path.starts_with(GUIDES) {
            rows.extend(test_cells(text).map(|(line, cell)| (path, line, cell)));
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let known = test_names(tree);
    let mut findings = Vec::new();
    for (path, line, cell) in rows {
        let names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        if names.is_empty() {
            findings.push(Finding::new(path, line, "the row does not name a test"));
        }
        let missing = names.into_iter().filter(|name| !known.contains(*name));
        findings.extend(missing.map(|name| {
            let what = format!("no Rust file contains the test {name}");
            Finding::new(path, line, what)
        }));
    }
    findings
}

/// Returns the last cell of each row in a table of tests, with its line number.
fn test_cells(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_table = false;
    (1..).zip(text.lines()).filter_map(move |(line, row)| {
        let cells = row
            .trim()
            .strip_prefix('|')
            .and_then(|row| row.strip_suffix('|'));
        let Some(last) = cells.and_then(|cells| cells.rsplit('|').next()) else {
            in_table = false;
            return None;
        };
        let last = last.trim();
        let is_head = last == COLUMN;
        let is_rule = last.bytes().all(|sign| sign == b'-' || sign == b':');
        let is_row = in_table && !is_rule;
        in_table |= is_head;
        is_row.then_some((line, last))
    })
}

/// Returns the names of all functions with an attribute whose path ends with `test`, such as `tokio::test`.
fn test_names(tree: &Tree) -> BTreeSet<String> {
    let mut tests = Tests::default();
    for (_, text) in tree.rust() {
        if let Ok(file) = syn::parse_file(text) {
            tests.visit_file(&file);
        }
    }
    tests.names
}

#[derive(Default)]
struct Tests {
    names: BTreeSet<String>,
}

impl<'a> Visit<'a> for Tests {
    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        let is_test = item.attrs.iter().any(|attribute| {
            let last = attribute.path().segments.last();
            last.is_some_and(|last| last.ident == "test")
        });
        if is_test {
            self.names.insert(item.sig.ident.to_string());
        }
    }
}

pub(super) const CONTROLS: &[Control] = &[
    Control {
        path: "templates/guides/attic.md.tmpl",
        plant: |tree| {
            // A function that is not a test does not show a feature.
            tree.plant("tests/tests/attic.rs", "fn attic_is_empty() {}\n");
            let table = "# Attic\n\n| Feature | Test |\n|---|---|\n| Empty | `attic_is_empty` |\n";
            tree.plant("templates/guides/attic.md.tmpl", table);
        },
    },
    Control {
        path: "templates/guides/bare.md.tmpl",
        plant: |tree| {
            let table = "# Attic\n\n| Feature | Test |\n|---|---|\n| Empty | manual |\n";
            tree.plant("templates/guides/bare.md.tmpl", table);
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_of_tests_are_read() {
        let text = "| Test | Phase |\n|---|---|\n| `a` | `b` |\n\n| Feature | Test |\n|:--|--:|\n| c | `d`, `e` |\n\ntext `f` |";
        assert_eq!(test_cells(text).collect::<Vec<_>>(), [(7, "`d`, `e`")]);
    }

    #[test]
    fn tests_are_found_by_their_attribute() {
        let mut tests = Tests::default();
        let text = "mod a { #[tokio::test] async fn b() {} #[test] fn c() {} fn d() {} #[cfg(test)] fn e() {} }";
        tests.visit_file(&syn::parse_str(text).expect("it is Rust"));
        assert_eq!(
            tests.names,
            BTreeSet::from(["b".to_owned(), "c".to_owned()])
        );
    }
}
