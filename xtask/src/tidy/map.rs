//! Reads the map of ARCHITECTURE.md: rooms with their arrows and reach, and the numbered invariants.
//!
//! The document is the rule: what its tables allow is allowed, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::{Finding, Tree};

/// File that holds the map.
const MAP: &str = "ARCHITECTURE.md";

/// What ARCHITECTURE.md says.
pub(super) struct Map {
    /// Rooms by folder, without the slash at the end.
    pub(super) rooms: BTreeMap<String, Room>,
    /// The invariants in their order.
    pub(super) invariants: Vec<String>,
}

/// A room of the map.
#[derive(Default)]
pub(super) struct Room {
    /// Packages of this workspace that it may depend on.
    pub(super) arrows: BTreeSet<String>,
    /// What its lines may touch, by column of the second table. A room without a row is not looked at.
    pub(super) reach: Option<BTreeMap<String, Reach>>,
}

/// A cell of the second table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Nowhere.
    Never,
    /// In every file.
    Everywhere,
    /// In files or folders with these names only.
    In(Vec<String>),
}

impl Map {
    /// Reads the map out of ARCHITECTURE.md.
    ///
    /// # Errors
    /// When the file is missing or a table is not as expected.
    pub(super) fn read(tree: &Tree) -> Result<Self> {
        let text = tree.files.get(MAP).context("there is no ARCHITECTURE.md")?;
        let mut rooms = BTreeMap::new();
        for row in table(text, "## Rooms")?.rows {
            let [room, _, arrows] = row.as_slice() else {
                anyhow::bail!("{MAP}: a row of the rooms has not three cells: {row:?}");
            };
            let arrows = quoted(arrows).into_iter().collect();
            rooms.insert(
                folder(room)?,
                Room {
                    arrows,
                    reach: None,
                },
            );
        }
        let reach = table(text, "## What a line may touch")?;
        for row in reach.rows {
            let name = folder(&row[0])?;
            ensure!(
                row.len() == reach.head.len(),
                "{MAP}: the row of {name} has {} cells",
                row.len()
            );
            let cells = reach.head.iter().zip(&row).skip(1);
            let room = rooms
                .get_mut(&name)
                .with_context(|| format!("{MAP}: {name} is in the second table only"))?;
            room.reach = Some(
                cells
                    .map(|(column, cell)| (column.clone(), cell_reach(cell)))
                    .collect(),
            );
        }
        let invariants = section(text, "## Invariants")?
            .lines()
            .filter_map(numbered)
            .collect();
        Ok(Self { rooms, invariants })
    }

    /// The room that a file stands in, with its folder.
    pub(super) fn room_of(&self, path: &str) -> Option<(&str, &Room)> {
        self.rooms
            .iter()
            .filter(|(folder, _)| {
                path.strip_prefix(folder.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .max_by_key(|(folder, _)| folder.len())
            .map(|(folder, room)| (folder.as_str(), room))
    }
}

/// Every folder of the tree is a room, and every room is a folder. Folders that hold nothing but rooms are not rooms.
pub(super) fn folders(tree: &Tree, map: &Map) -> Vec<Finding> {
    let holders: BTreeSet<&str> = map
        .rooms
        .keys()
        .filter_map(|room| Some(room.rsplit_once('/')?.0))
        .collect();
    let present: BTreeSet<&str> = tree
        .files
        .keys()
        .filter_map(|path| {
            let first = path.split_once('/')?.0;
            match holders.contains(first) {
                true => path[first.len() + 1..]
                    .find('/')
                    .map(|end| &path[..first.len() + 1 + end]),
                false => Some(first),
            }
        })
        .collect();
    let named: BTreeSet<&str> = map.rooms.keys().map(String::as_str).collect();
    let missing = present.difference(&named).map(|folder| {
        Finding::new(
            format!("{folder}/"),
            1,
            format!("{MAP} does not name this folder"),
        )
    });
    let gone = named
        .difference(&present)
        .map(|room| Finding::new(MAP, 1, format!("there is no folder {room}/")));
    missing.chain(gone).collect()
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

/// The texts between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(Into::into).collect()
}

fn folder(cell: &str) -> Result<String> {
    let name = quoted(cell)
        .into_iter()
        .next()
        .with_context(|| format!("{MAP}: no folder in the cell {cell:?}"))?;
    Ok(name.trim_end_matches('/').to_string())
}

fn cell_reach(cell: &str) -> Reach {
    match (cell, quoted(cell)) {
        ("yes", _) => Reach::Everywhere,
        (_, names) if names.is_empty() => Reach::Never,
        (_, names) => Reach::In(names),
    }
}

fn numbered(line: &str) -> Option<String> {
    let (number, sentence) = line.split_once(". ")?;
    number
        .parse::<usize>()
        .ok()
        .map(|_| sentence.trim().to_string())
}
