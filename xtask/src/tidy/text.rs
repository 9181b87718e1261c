//! Checks file names and file contents: machine-specific paths, headers of generated files, and pinned actions.

use super::{Finding, Map, Tree, tree};

const NAMES: [&str; 5] = ["utils", "helpers", "common", "manager", "misc"];

/// Finds files and folders whose names do not describe their contents.
pub(super) fn names(tree: &Tree, _: &Map) -> Vec<Finding> {
    let says_nothing = |path: &str| {
        path.split('/').any(|part| {
            let stem = part.split('.').next().unwrap_or(part);
            NAMES.contains(&stem) || NAMES.contains(&format!("{stem}s").as_str())
        })
    };
    tree.files
        .keys()
        .filter(|path| says_nothing(path))
        .map(|path| Finding::new(path, 1, "use a name that describes the contents"))
        .collect()
}

/// Top-level folders that depend on the machine. Messages concatenate them so that this file passes the check.
const FOLDERS: [&str; 6] = ["home", "root", "tmp", "work", "farm", "Users"];

/// Hostnames of package registries. They are split so that this file passes the check.
const HOSTS: [(&str, &str); 7] = [
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("proxy.golang", ".org"),
    ("sum.golang", ".org"),
    ("static.crates", ".io"),
    ("index.crates", ".io"),
    ("registry.npmjs", ".org"),
];

/// Finds machine-specific paths and hostnames of package registries. Lock files are exempt.
pub(super) fn machine_specifics(tree: &Tree, _: &Map) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &tree.files {
        if path.ends_with(".lock") || path.ends_with("go.sum") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if let Some(folder) = FOLDERS.iter().find(|folder| names_folder(line, folder)) {
                findings.push(Finding::new(
                    path,
                    number + 1,
                    format!("remove the machine-specific path (/{folder}/…)"),
                ));
            }
            if let Some(host) = HOSTS
                .map(|(name, end)| format!("{name}{end}"))
                .into_iter()
                .find(|host| line.contains(host))
            {
                findings.push(Finding::new(
                    path,
                    number + 1,
                    format!("remove the hostname of a package registry ({host})"),
                ));
            }
        }
    }
    findings
}

/// Returns whether a line contains a path that starts with `/folder/`.
fn names_folder(line: &str, folder: &str) -> bool {
    let pattern = format!("/{folder}/");
    line.match_indices(&pattern).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + pattern.len()..].chars().next();
        let inside_longer =
            before.is_some_and(|sign| sign.is_alphanumeric() || "_.$-}".contains(sign));
        !inside_longer && after.is_some_and(|sign| sign.is_ascii_alphanumeric())
    })
}

pub(super) fn planted_path() -> String {
    format!("See /{}/someone/notes.\n", FOLDERS[0])
}

pub(super) fn planted_host() -> String {
    format!("curl https://{}{}/simple\n", HOSTS[0].0, HOSTS[0].1)
}

/// Finds generated files whose first five lines do not contain the command that generates them.
pub(super) fn generated(tree: &Tree, _: &Map) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|(path, text)| {
            let head: Vec<&str> = text.lines().take(5).collect();
            tree::is_generated(path)
                && !text.is_empty()
                && !head.join("\n").contains("cargo xtask gen")
        })
        .map(|(path, _)| {
            Finding::new(
                path,
                1,
                "the header does not contain the command that generates the file",
            )
        })
        .collect()
}

/// A planted workflow with an action that is not pinned.
pub(super) const LOOSE_ACTION: &str =
    "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n";

/// Finds actions that are not pinned to a commit.
pub(super) fn pins(tree: &Tree, _: &Map) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree
        .files
        .iter()
        .filter(|(path, _)| path.starts_with(".github/") || path.contains("/.github/workflows/"))
    {
        for (number, line) in text.lines().enumerate() {
            let Some((_, action)) = line.split_once("uses:") else {
                continue;
            };
            let action = action.split('#').next().unwrap_or_default().trim();
            let pin = action.split_once('@').map_or("", |(_, pin)| pin);
            let pinned = pin.len() == 40 && pin.chars().all(|sign| sign.is_ascii_hexdigit());
            if !pinned && !action.starts_with("./") {
                findings.push(Finding::new(
                    path,
                    number + 1,
                    format!("{action} is not pinned to a commit hash"),
                ));
            }
        }
    }
    findings
}
