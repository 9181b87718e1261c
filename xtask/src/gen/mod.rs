//! `cargo xtask gen`: runs the generators, and compares or writes their output.
//!
//! Generators are pure functions that map input files to output files by path. This module reads their input and is the
//! only module that writes output.

mod builders;
mod composition;
mod docs;
mod modules;
mod peer;
mod policies;
mod proto;
mod schemas;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use similar::{ChangeTag, TextDiff};

use crate::cli::{Gen, Generator};
use crate::console;
use crate::repository::Repository;
use crate::schema;

/// The output of a generator. The generator owns every file in `folder`, including subfolders. `folder` can also be a
/// file.
struct GeneratedFolder {
    command: &'static str,
    folder: &'static str,
    files: BTreeMap<String, String>,
}

/// Difference between a file on disk and the generated content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Difference {
    Missing,
    Changed,
    Orphan,
}

/// Runs the command.
///
/// # Errors
/// Returns an error if a generator fails, or if `--check` finds a difference.
pub(crate) fn generate(repository: &Repository, options: &Gen) -> Result<()> {
    let mut differences = 0;
    // Builders are generated from the schemas that the previous generator writes.
    let order = [
        Generator::Proto,
        Generator::Schemas,
        Generator::Builders,
        Generator::Modules,
        Generator::Docs,
        Generator::Peer,
    ];
    for generator in order {
        if options.what.is_none_or(|only| only == generator) {
            for made in run_generator(repository, generator)? {
                differences += reconcile(repository, &made, options)?;
            }
        }
    }
    match (differences, options.check) {
        (0, _) => console::good("all generated files are up to date"),
        (count, true) => bail!("{count} generated files are not up to date"),
        (count, false) if options.dry_run => console::line(&format!("{count} files would change")),
        (count, false) => console::good(&format!("{count} files changed")),
    }
    Ok(())
}

fn run_generator(repository: &Repository, generator: Generator) -> Result<Vec<GeneratedFolder>> {
    match generator {
        Generator::Proto => {
            let sources = by_file_name(repository.texts(proto::SOURCES)?);
            Ok(vec![GeneratedFolder {
                command: "cargo xtask gen proto",
                folder: proto::GENERATED,
                files: proto::proto(&sources)?
                    .into_iter()
                    .map(|(path, text)| (path.to_string_lossy().into_owned(), text))
                    .collect(),
            }])
        }
        Generator::Schemas => Ok(vec![GeneratedFolder {
            command: schemas::COMMAND,
            folder: schemas::FOLDER,
            files: schemas::schemas(repository)?,
        }]),
        Generator::Builders => builders::CRATES
            .iter()
            .map(|to| builders_of(repository, to))
            .collect(),
        Generator::Modules => Ok(vec![
            GeneratedFolder {
                command: modules::COMMAND,
                folder: modules::FOLDER,
                files: modules::modules(repository)?,
            },
            composition_of(repository)?,
        ]),
        Generator::Docs => Ok(vec![GeneratedFolder {
            command: docs::COMMAND,
            folder: "docs",
            files: docs::docs(repository)?,
        }]),
        Generator::Peer => Ok(vec![GeneratedFolder {
            command: peer::COMMAND,
            folder: peer::FOLDER,
            files: peer::peer(repository)?,
        }]),
    }
}

fn composition_of(repository: &Repository) -> Result<GeneratedFolder> {
    let (path, sources) = (composition::DOCUMENT, composition::DECLARATIONS);
    let documents = repository.texts(path)?;
    let document = documents.get(path).context("reading ARCHITECTURE.md")?;
    let text = composition::composition(&repository.texts(sources)?, document)?;
    Ok(GeneratedFolder {
        command: modules::COMMAND,
        folder: path,
        files: BTreeMap::from([(path.to_owned(), text)]),
    })
}

fn builders_of(repository: &Repository, to: &builders::Crate) -> Result<GeneratedFolder> {
    let provider = schema::stored(repository, to.schemas)?;
    let declarations = repository.texts(builders::DECLARATIONS)?;
    // Providers can have types with the same name, such as aws_iam_policy and scaleway_iam_policy.
    let users = declarations
        .values()
        .filter(|text| text.contains(to.library));
    let named = builders::identifiers(users);
    let files = builders::builders(to.prefix, &provider, &named)
        .with_context(|| format!("builders cannot be generated from schemas/{}", to.schemas))?;
    Ok(GeneratedFolder {
        command: builders::COMMAND,
        folder: to.sources,
        files: files
            .into_iter()
            .map(|(path, text)| (format!("{}/{path}", to.sources), text))
            .collect(),
    })
}

fn by_file_name(texts: BTreeMap<String, String>) -> BTreeMap<String, String> {
    texts
        .into_iter()
        .filter_map(|(path, text)| {
            let name = Path::new(&path).file_name()?.to_str()?;
            name.ends_with(".proto").then(|| (name.into(), text))
        })
        .collect()
}

/// Compares generated files with the files on disk, prints the differences, writes them (unless in check mode), and
/// returns the number of differences.
fn reconcile(repository: &Repository, made: &GeneratedFolder, options: &Gen) -> Result<usize> {
    let inside = format!("{}/", made.folder);
    let mut present = repository.texts(made.folder)?;
    present.retain(|path, _| path == made.folder || path.starts_with(&inside));
    let paths: BTreeSet<&String> = present.keys().chain(made.files.keys()).collect();
    let mut count = 0;
    for path in paths {
        let (old, new) = (present.get(path), made.files.get(path));
        let Some(difference) = compare(old, new) else {
            continue;
        };
        count += 1;
        if options.check || options.dry_run {
            show(path, difference, old, new);
        } else {
            write(&repository.path(path), new)?;
            console::line(&format!(
                "{} {path}",
                if new.is_some() { "wrote" } else { "removed" }
            ));
        }
    }
    if count > 0 && options.check {
        console::line(&format!("Run `{}` and commit the result.", made.command));
    }
    Ok(count)
}

fn compare(old: Option<&String>, new: Option<&String>) -> Option<Difference> {
    match (old, new) {
        (Some(old), Some(new)) => (old != new).then_some(Difference::Changed),
        (None, Some(_)) => Some(Difference::Missing),
        (Some(_), None) => Some(Difference::Orphan),
        (None, None) => None,
    }
}

fn show(path: &str, difference: Difference, old: Option<&String>, new: Option<&String>) {
    match difference {
        Difference::Missing => console::bad(&format!("{path} is missing")),
        Difference::Orphan => console::bad(&format!("{path} is no longer generated")),
        Difference::Changed => {
            console::bad(&format!("{path} differs"));
            let (old, new) = (old.map_or("", |text| text), new.map_or("", |text| text));
            for change in changed_lines(old, new) {
                console::faint(&change);
            }
        }
    }
}

/// Returns the changed lines of a file, at most forty.
fn changed_lines(old: &str, new: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(old, new);
    diff.iter_all_changes()
        .filter_map(|change| match change.tag() {
            ChangeTag::Equal => None,
            ChangeTag::Delete => Some(format!("- {}", change.value().trim_end())),
            ChangeTag::Insert => Some(format!("+ {}", change.value().trim_end())),
        })
        .take(40)
        .collect()
}

fn write(path: &Path, text: Option<&String>) -> Result<()> {
    let Some(text) = text else {
        return std::fs::remove_file(path).with_context(|| format!("removing {}", path.display()));
    };
    let folder = path
        .parent()
        .context("a generated path has no parent folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_changed_and_orphaned_files_are_differences() {
        let (old, new) = ("a\n".to_owned(), "b\n".to_owned());
        assert!(compare(None, Some(&new)) == Some(Difference::Missing));
        assert!(compare(Some(&old), Some(&new)) == Some(Difference::Changed));
        assert!(compare(Some(&old), None) == Some(Difference::Orphan));
        assert!(compare(Some(&old), Some(&old)).is_none());
    }

    /// Creates a Git repository with up-to-date, generated, and handwritten files.
    fn folder() -> (tempfile::TempDir, Repository, GeneratedFolder) {
        let folder = tempfile::tempdir().expect("the directory is created");
        let repository = Repository::at(folder.path());
        let git = repository.command("git").args(["init", "--quiet"]).status();
        assert!(git.is_ok_and(|status| status.success()));
        let file = |name: &str| (format!("modules/{name}"), format!("# {name}\n"));
        let made = GeneratedFolder {
            command: "make modules",
            folder: "modules",
            files: ["main.tf", "part/main.tf", "outputs.tf"].map(file).into(),
        };
        for (path, text) in &made.files {
            write(&repository.path(path), Some(text)).expect("the file is written");
        }
        let other = repository.path("examples/main.tf");
        write(&other, Some(&"# by hand\n".to_owned())).expect("the file is written");
        (folder, repository, made)
    }

    fn options(check: bool, dry_run: bool) -> Gen {
        Gen {
            what: None,
            check,
            dry_run,
        }
    }

    #[test]
    fn edited_removed_and_added_files_are_found_and_restored() {
        let (_folder, repository, made) = folder();
        let differences =
            |options: &Gen| reconcile(&repository, &made, options).expect("files can be read");
        assert_eq!(differences(&options(true, false)), 0);

        let path = |name: &str| repository.path(&format!("modules/{name}"));
        std::fs::write(path("main.tf"), "# edited\n").expect("the file is written");
        std::fs::remove_file(path("outputs.tf")).expect("the file is removed");
        std::fs::write(path("part/orphan.tf"), "# nobody's\n").expect("the file is written");
        for looking in [options(true, false), options(false, true)] {
            assert_eq!(differences(&looking), 3);
            // Check mode does not change files.
            assert!(path("part/orphan.tf").exists() && !path("outputs.tf").exists());
        }

        assert_eq!(differences(&options(false, false)), 3);
        assert_eq!(differences(&options(true, false)), 0);
        assert!(!path("part/orphan.tf").exists());
        assert!(repository.path("examples/main.tf").exists());
    }

    #[test]
    fn only_changed_lines_are_shown() {
        assert_eq!(
            changed_lines("same\nold\n", "same\nnew\n"),
            ["- old", "+ new"]
        );
    }
}
