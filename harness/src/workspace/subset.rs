//! Places `tfsubset` in front of installed providers, and selects the types whose schemas `tfsubset` and doubles serve. Must
//! not depend on the types of any provider.
//!
//! A CLI reads the schemas of all types of a provider at the start of each command. For hashicorp/aws, this requires more
//! processor time than the rest of most commands. Doubles also serve only the nested blocks in use. `tfsubset` serves all of
//! them, because the provider behind it expects their values.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;

use camino::{Utf8DirEntry, Utf8Path, Utf8PathBuf};

use super::Error;
use crate::toolchain::{HOSTS, Package, cache};

/// Environment variable that contains the path of the program `tfsubset`. If it is not set, the CLIs start the installed
/// providers directly.
pub const VARIABLE: &str = "TFHARNESS_SUBSET";
/// Environment variables from which `tfsubset` and doubles read the path of the file with the names in use.
const NAMES: [&str; 2] = ["TFSUBSET_TYPES", "TFDOUBLE_NAMES"];
/// Extensions of files that can name a type or a nested block: configurations, tests, and states.
const EXTENSIONS: [&str; 5] = ["tf", "tofu", "json", "hcl", "tfstate"];

/// Returns the path of `tfsubset`.
pub(super) fn program() -> Option<Utf8PathBuf> {
    let path = std::env::var(VARIABLE).ok()?;
    Some(path.into())
}

/// Returns the name of the program in a package and its major protocol version, from the suffix `_x5` of its name.
/// Returns `None` if the name has no such suffix, because `tfsubset` must know the version before it starts the program.
fn provider_program(package: &Package) -> Option<(String, u16)> {
    let entries = package.directory.read_dir_utf8().ok()?;
    entries.flatten().find_map(|entry| {
        let name = entry.file_name();
        let (_, protocol) = name
            .strip_prefix("terraform-provider-")?
            .rsplit_once("_x")?;
        Some((name.to_owned(), protocol.parse().ok()?))
    })
}

/// Places `tfsubset` in a directory, under the name of the program in `package`. Returns `false` if the package is not
/// suitable.
pub(super) fn place(
    program: &Utf8Path,
    package: &Package,
    directory: &Utf8Path,
) -> Result<bool, Error> {
    let Some((name, protocol)) = provider_program(package) else {
        return Ok(false);
    };
    super::configuration::place(program, directory, &name)?;
    let real = package.directory.join(&name);
    // A package with the same version can have another content, such as a local build.
    let size = fs::metadata(&real).map_err(Error::io("read", &real))?.len();
    let schemas = cache::directory()?
        .join("schemas")
        .join(&package.name)
        .join(format!("{}-{size}", package.version));
    let settings = serde_json::json!({
        "address": format!("{}/{}", HOSTS[0], package.name),
        "protocol": protocol,
        "program": real,
        "schemas": schemas,
    });
    let path = directory.join(format!("{name}.json"));
    fs::write(&path, settings.to_string()).map_err(Error::io("write", &path))?;
    Ok(true)
}

/// Types and nested blocks that the commands in a workspace can use.
#[derive(Debug)]
pub(super) struct Types {
    /// Module packages in the directories that the workspace links, by the end of their source address, such as
    /// `modules/skreg`. Their content does not change.
    packages: BTreeMap<String, Utf8PathBuf>,
    file: Utf8PathBuf,
}

impl Types {
    /// Finds the module packages in the directories to which `tree` contains links. Commands read the selection from
    /// `file`.
    pub(super) fn of(tree: &Utf8Path, file: Utf8PathBuf) -> Self {
        let mut packages = BTreeMap::new();
        for link in entries(tree).filter(|entry| entry.path().is_symlink()) {
            for package in entries(link.path()) {
                let source = format!("{}/{}", link.file_name(), package.file_name());
                packages.insert(source, package.into_path());
            }
        }
        Self { packages, file }
    }

    /// Selects the types and nested blocks for the next command, and adds the path of the selection to its environment.
    ///
    /// The selection contains every word that could be their name in the files below `tree`, and in the packages that these
    /// files name. It also contains the words of earlier commands, because a state in a backend can contain objects that
    /// the configuration no longer declares.
    pub(super) fn select(
        &self,
        tree: &Utf8Path,
        environment: &mut BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let earlier = fs::read_to_string(&self.file).unwrap_or_default();
        let mut words: BTreeSet<_> = earlier.lines().map(str::to_owned).collect();
        let mut texts = Vec::new();
        texts_below(tree, &mut texts);
        for (source, package) in &self.packages {
            if texts.iter().any(|text| text.contains(source)) {
                let mut texts = Vec::new();
                texts_below(package, &mut texts);
                words.extend(
                    texts
                        .iter()
                        .flat_map(|text| words_of(text))
                        .map(str::to_owned),
                );
            }
        }
        words.extend(
            texts
                .iter()
                .flat_map(|text| words_of(text))
                .map(str::to_owned),
        );
        let text = words.into_iter().collect::<Vec<_>>().join("\n");
        let directory = self.file.parent().unwrap_or(tree);
        // Commands can run concurrently in one workspace.
        tempfile::NamedTempFile::new_in(directory)
            .and_then(|mut file| file.write_all(text.as_bytes()).map(|()| file))
            .and_then(|file| file.persist(&self.file).map_err(|error| error.error))
            .map_err(Error::io("write", &self.file))?;
        for variable in NAMES {
            environment.insert(variable.to_owned(), self.file.clone().into_string());
        }
        Ok(())
    }
}

fn entries(directory: &Utf8Path) -> impl Iterator<Item = Utf8DirEntry> {
    directory.read_dir_utf8().into_iter().flatten().flatten()
}

/// Reads the files below a directory that can name a type or a nested block, without following links.
fn texts_below(directory: &Utf8Path, texts: &mut Vec<String>) {
    for entry in entries(directory) {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if entry.file_name() != ".terraform" {
                texts_below(path, texts);
            }
        } else if path
            .extension()
            .is_some_and(|extension| EXTENSIONS.contains(&extension))
        {
            let text = fs::read(path).unwrap_or_default();
            texts.push(String::from_utf8_lossy(&text).into_owned());
        }
    }
}

/// Returns the words that consist of lowercase letters, digits, and underscores, like every name in a schema.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '_')
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_blocks_in_configurations_and_states_are_words() {
        let text = "resource \"aws_s3_bucket\" { rule {} }\nmoved { from = aws_old.X9 }\n{\"type\":\"aws_kms_key\"}";
        let words: Vec<_> = words_of(text).collect();
        let expected = "resource aws_s3_bucket rule moved from aws_old type aws_kms_key";
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn selection_keeps_the_types_of_earlier_commands() {
        let base = tempfile::tempdir().expect("a directory");
        let base = Utf8Path::from_path(base.path()).expect("UTF-8");
        let tree = base.join("tree");
        let modules = base.join("modules");
        let (used, unused) = (modules.join("used"), modules.join("unused"));
        for (directory, file, text) in [
            (&used, "main.tf", "aws_linked"),
            (&unused, "main.tf", "aws_unused"),
            (&tree, "main.tf", "source = \"../modules/used\"\naws_first"),
            (&tree, "notes.txt", "aws_in_a_text"),
        ] {
            fs::create_dir_all(directory).expect("a directory");
            fs::write(directory.join(file), text).expect("a file");
        }
        std::os::unix::fs::symlink(&modules, tree.join("modules")).expect("a link");
        let types = Types::of(&tree, base.join("types"));
        let selected = || {
            let mut environment = BTreeMap::new();
            types.select(&tree, &mut environment).expect("a selection");
            fs::read_to_string(&environment[NAMES[0]]).expect("a file")
        };
        let words = "aws_first\naws_linked\nmodules\nsource\nused";
        assert_eq!(selected(), words);
        fs::write(tree.join("main.tf"), "aws_second").expect("a file");
        let words = "aws_first\naws_linked\naws_second\nmodules\nsource\nused";
        assert_eq!(selected(), words);
    }
}
