//! Reads ARCHITECTURE.md: components with their dependencies and permissions, and the numbered invariants.
//!
//! The document is authoritative: only the entries in its tables are allowed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::{Finding, Tree};

/// File that contains the map.
const MAP: &str = "ARCHITECTURE.md";

/// Contents of ARCHITECTURE.md.
#[derive(Default)]
pub(super) struct Map {
    /// Components by folder, without a trailing slash.
    pub(super) components: BTreeMap<String, Component>,
    /// The invariants, in order.
    pub(super) invariants: Vec<String>,
}

/// A component.
#[derive(Default)]
pub(super) struct Component {
    /// Workspace packages that the component can depend on.
    pub(super) dependencies: BTreeSet<String>,
    /// Permissions by column in the second table. A component without a row is not checked.
    pub(super) permissions: Option<BTreeMap<String, Permission>>,
}

/// A cell in the second table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    /// Never.
    Never,
    /// In every file.
    Everywhere,
    /// Only in files or folders with these names.
    In(Vec<String>),
}

impl Map {
    /// Parses ARCHITECTURE.md.
    ///
    /// # Errors
    /// Returns an error if the file is missing or a table is invalid.
    pub(super) fn read(tree: &Tree) -> Result<Self> {
        let text = tree
            .files
            .get(MAP)
            .context("ARCHITECTURE.md does not exist")?;
        let mut components = BTreeMap::new();
        for row in table(text, "## Components")?.rows {
            let [component, _, dependencies] = row.as_slice() else {
                anyhow::bail!("{MAP}: expected three cells in the row {row:?}");
            };
            let dependencies = quoted(dependencies).into_iter().collect();
            components.insert(
                folder(component)?,
                Component {
                    dependencies,
                    permissions: None,
                },
            );
        }
        let permissions = table(text, "## Permissions")?;
        for row in permissions.rows {
            let name = folder(&row[0])?;
            ensure!(
                row.len() == permissions.head.len(),
                "{MAP}: expected {} cells in the row for {name}, found {}",
                permissions.head.len(),
                row.len()
            );
            let cells = permissions.head.iter().zip(&row).skip(1);
            let component = components
                .get_mut(&name)
                .with_context(|| format!("{MAP}: {name} is not in the table of components"))?;
            component.permissions = Some(
                cells
                    .map(|(column, cell)| (column.clone(), parse_permission(cell)))
                    .collect(),
            );
        }
        let invariants = section(text, "## Invariants")?
            .lines()
            .filter_map(numbered)
            .collect();
        Ok(Self {
            components,
            invariants,
        })
    }

    /// Returns the component that contains a file, with its folder.
    pub(super) fn component_of(&self, path: &str) -> Option<(&str, &Component)> {
        self.components
            .iter()
            .filter(|(folder, _)| {
                path.strip_prefix(folder.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .max_by_key(|(folder, _)| folder.len())
            .map(|(folder, component)| (folder.as_str(), component))
    }
}

/// Finds folders that are not components, and components without a folder. Folders that contain only components are
/// exempt.
pub(super) fn folders(tree: &Tree, map: &Map) -> Vec<Finding> {
    let parents: BTreeSet<&str> = map
        .components
        .keys()
        .filter_map(|component| Some(component.rsplit_once('/')?.0))
        .collect();
    let present: BTreeSet<&str> = tree
        .files
        .keys()
        .filter_map(|path| {
            let first = path.split_once('/')?.0;
            match parents.contains(first) {
                true => path[first.len() + 1..]
                    .find('/')
                    .map(|end| &path[..first.len() + 1 + end]),
                false => Some(first),
            }
        })
        .collect();
    let named: BTreeSet<&str> = map.components.keys().map(String::as_str).collect();
    let missing = present.difference(&named).map(|folder| {
        Finding::new(
            format!("{folder}/"),
            1,
            format!("{MAP} does not list this folder"),
        )
    });
    let extra = named
        .difference(&present)
        .map(|component| Finding::new(MAP, 1, format!("the folder {component}/ does not exist")));
    missing.chain(extra).collect()
}

struct Rows {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn section<'a>(text: &'a str, heading: &str) -> Result<&'a str> {
    let start = text
        .find(&format!("{heading}\n"))
        .with_context(|| format!("{MAP} has no section `{heading}`"))?;
    let body = &text[start + heading.len()..];
    Ok(body.find("\n## ").map_or(body, |end| &body[..end]))
}

fn table(text: &str, heading: &str) -> Result<Rows> {
    let mut lines = section(text, heading)?
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(cells);
    let head = lines
        .next()
        .with_context(|| format!("{MAP}: `{heading}` has no table"))?;
    Ok(Rows {
        head,
        rows: lines.skip(1).collect(),
    })
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_string())
        .collect()
}

/// Returns the strings between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(Into::into).collect()
}

fn folder(cell: &str) -> Result<String> {
    let name = quoted(cell)
        .into_iter()
        .next()
        .with_context(|| format!("{MAP}: expected a folder in the cell {cell:?}"))?;
    Ok(name.trim_end_matches('/').to_string())
}

fn parse_permission(cell: &str) -> Permission {
    match (cell, quoted(cell)) {
        ("yes", _) => Permission::Everywhere,
        (_, names) if names.is_empty() => Permission::Never,
        (_, names) => Permission::In(names),
    }
}

fn numbered(line: &str) -> Option<String> {
    let (number, sentence) = line.split_once(". ")?;
    number
        .parse::<usize>()
        .ok()
        .map(|_| sentence.trim().to_string())
}
