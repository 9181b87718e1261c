//! `cargo xtask tidy`: checks the invariants in ARCHITECTURE.md.
//!
//! A check without findings might be unable to detect violations. Every invariant therefore has positive controls: a
//! violation is planted in an otherwise empty tree, and the run fails if the check does not find the violation.

mod commits;
mod dependencies;
mod guides;
mod map;
mod modules;
mod packages;
mod permissions;
mod phrases;
mod prose;
mod rust;
mod text;
mod tree;

use anyhow::{Result, bail};

use crate::cli::Tidy;
use crate::console;
use crate::repository::Repository;
use map::Map;
use tree::{Package, Tree};

/// A violation of an invariant, with its location.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: impl Into<String>, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line,
            what: what.into(),
        }
    }
}

/// A planted violation that a check must find.
struct Control {
    /// Path that the finding must contain.
    path: &'static str,
    plant: fn(&mut Tree),
}

/// A sentence in ARCHITECTURE.md and its check.
struct Invariant {
    sentence: &'static str,
    check: fn(&Tree, &Map) -> Vec<Finding>,
    controls: &'static [Control],
}

/// Every invariant, in the order of ARCHITECTURE.md.
const INVARIANTS: [Invariant; 17] = [
    Invariant {
        sentence: "Every folder is a component of this map, and every component is a folder.",
        check: map::folders,
        controls: &[
            Control {
                path: "attic/",
                plant: |tree| tree.plant("attic/notes.md", "Old things.\n"),
            },
            Control {
                path: "crates/attic/",
                plant: |tree| tree.plant("crates/attic/src/lib.rs", "//! Old things.\n"),
            },
        ],
    },
    Invariant {
        sentence: "A component depends only on the components that the map lists for it.",
        check: dependencies::dependencies,
        controls: &[Control {
            path: "crates/tfschema/",
            plant: |tree| tree.depend("crates/tfschema", "tfplugin"),
        }],
    },
    Invariant {
        sentence: "Only the provider depends on the AWS SDK.",
        check: dependencies::aws_sdk,
        controls: &[Control {
            path: "crates/tfplugin/",
            plant: |tree| tree.depend("crates/tfplugin", "aws-config"),
        }],
    },
    Invariant {
        sentence: "A component uses the network, files, processes, the environment, the clock, randomness, stdout, and panics only where the table allows it.",
        check: permissions::permissions,
        controls: permissions::CONTROLS,
    },
    Invariant {
        sentence: "No file has more than 600 lines and no function more than 80, except tests and generated code.",
        check: rust::sizes,
        controls: &[
            Control {
                path: "crates/tfschema/src/long.rs",
                plant: |tree| {
                    tree.plant("crates/tfschema/src/long.rs", &"// A line.\n".repeat(601));
                },
            },
            Control {
                path: "xtask/src/long.rs",
                plant: |tree| {
                    let body = "    work();\n".repeat(79);
                    tree.plant("xtask/src/long.rs", &format!("fn long() {{\n{body}}}\n"));
                },
            },
        ],
    },
    Invariant {
        sentence: "No file or folder is named utils, helpers, common, manager, or misc.",
        check: text::names,
        controls: &[Control {
            path: "harness/src/utils.rs",
            plant: |tree| tree.plant("harness/src/utils.rs", "//! Anything.\n"),
        }],
    },
    Invariant {
        sentence: "Every Rust file starts with a comment that states its purpose.",
        check: rust::module_comments,
        controls: &[Control {
            path: "harness/src/mute.rs",
            plant: |tree| tree.plant("harness/src/mute.rs", "fn mute() {}\n"),
        }],
    },
    Invariant {
        sentence: "No lint is allowed, no test is ignored, and every package inherits the workspace lints.",
        check: rust::escapes,
        controls: &[
            Control {
                path: "harness/src/lax.rs",
                plant: |tree| {
                    tree.plant("harness/src/lax.rs", "#[allow(dead_code)]\nfn lax() {}\n")
                },
            },
            Control {
                path: "tests/tests/lax.rs",
                plant: |tree| tree.plant("tests/tests/lax.rs", "#[test]\n#[ignore]\nfn lax() {}\n"),
            },
            Control {
                path: "harness/Cargo.toml",
                plant: |tree| tree.plant("harness/Cargo.toml", "[package]\nname = \"tfharness\"\n"),
            },
        ],
    },
    Invariant {
        sentence: "No file contains a machine-specific path or the hostname of a package registry.",
        check: text::machine_specifics,
        controls: &[
            Control {
                path: "README.md",
                plant: |tree| tree.plant("README.md", &text::planted_path()),
            },
            Control {
                path: ".ci/run",
                plant: |tree| tree.plant(".ci/run", &text::planted_host()),
            },
        ],
    },
    Invariant {
        sentence: "Every generated file names the command that generates it.",
        check: text::generated,
        controls: &[Control {
            path: "docs/resources/manual.md",
            plant: |tree| tree.plant("docs/resources/manual.md", "# By hand\n"),
        }],
    },
    Invariant {
        sentence: "Every action in a workflow is pinned to a commit hash.",
        check: text::pins,
        controls: &[
            Control {
                path: ".github/workflows/loose.yml",
                plant: |tree| tree.plant(".github/workflows/loose.yml", text::LOOSE_ACTION),
            },
            Control {
                path: "examples/loose/.github/workflows/loose.yml",
                plant: |tree| {
                    tree.plant(
                        "examples/loose/.github/workflows/loose.yml",
                        text::LOOSE_ACTION,
                    );
                },
            },
        ],
    },
    Invariant {
        sentence: "Parts and fragments in the catalog do not name a package.",
        check: packages::names,
        controls: packages::CONTROLS,
    },
    Invariant {
        sentence: "Comments, messages, and documentation avoid the phrases that the style guide bans.",
        check: phrases::banned,
        controls: phrases::CONTROLS,
    },
    Invariant {
        sentence: "The subject of every commit has at most 72 characters.",
        check: commits::subjects,
        controls: commits::CONTROLS,
    },
    Invariant {
        sentence: "Provider modules do not have circular imports.",
        check: modules::circles,
        controls: modules::CIRCLES,
    },
    Invariant {
        sentence: "The domain modules of the provider (`ecs/` and `pki/`) do not refer to Terraform, OpenTofu, or their language.",
        check: modules::foreign_words,
        controls: modules::FOREIGN_WORDS,
    },
    Invariant {
        sentence: "Every feature in a guide with a table of tests names its tests, and every named test exists.",
        check: guides::tests,
        controls: guides::CONTROLS,
    },
];

/// Runs the command.
///
/// # Errors
/// Returns an error if an invariant is violated, a planted violation is not found, or ARCHITECTURE.md lists different
/// invariants.
pub(crate) fn tidy(repository: &Repository, options: &Tidy) -> Result<()> {
    let tree = Tree::load(repository)?;
    let map = Map::read(&tree)?;
    let mut failures = invariant_list_differences(&map);
    for (index, invariant) in INVARIANTS.iter().enumerate() {
        let number = index + 1;
        let missed = invariant
            .controls
            .iter()
            .filter(|control| !found(invariant, control, &tree, &map));
        for control in missed {
            console::bad(&format!(
                "{number}. the violation planted at {} was not found",
                control.path
            ));
            failures += 1;
        }
        if options.self_test {
            let planted: Vec<&str> = invariant
                .controls
                .iter()
                .map(|control| control.path)
                .collect();
            console::good(&format!(
                "{number}. {} ({})",
                invariant.sentence,
                planted.join(", ")
            ));
            continue;
        }
        failures += report(number, invariant, &(invariant.check)(&tree, &map));
    }
    match failures {
        0 => Ok(()),
        1 => bail!("found 1 violation"),
        count => bail!("found {count} violations"),
    }
}

/// Returns whether a check reports its planted violation, and reports nothing at that path if the violation is absent.
fn found(invariant: &Invariant, control: &Control, tree: &Tree, map: &Map) -> bool {
    let mut planted = tree.bare();
    let hit = |tree: &Tree| {
        (invariant.check)(tree, map)
            .iter()
            .any(|finding| finding.path == control.path)
    };
    let before = hit(&planted);
    (control.plant)(&mut planted);
    !before && hit(&planted)
}

/// Compares the invariants in ARCHITECTURE.md with the invariants that are checked, and returns the number of
/// differences.
fn invariant_list_differences(map: &Map) -> usize {
    let checked: Vec<&str> = INVARIANTS
        .iter()
        .map(|invariant| invariant.sentence)
        .collect();
    if map.invariants == checked {
        return 0;
    }
    console::bad("ARCHITECTURE.md: list exactly these invariants, in this order:");
    for (index, sentence) in checked.iter().enumerate() {
        console::line(&format!("{}. {sentence}", index + 1));
    }
    1
}

fn report(number: usize, invariant: &Invariant, findings: &[Finding]) -> usize {
    match findings {
        [] => console::good(&format!("{number}. {}", invariant.sentence)),
        findings => {
            console::bad(&format!("{number}. {}", invariant.sentence));
            for finding in findings {
                console::line(&format!(
                    "  {}:{}: {}",
                    finding.path, finding.line, finding.what
                ));
            }
        }
    }
    findings.len()
}
