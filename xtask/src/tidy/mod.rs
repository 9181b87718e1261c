//! `cargo xtask tidy`: the invariants of ARCHITECTURE.md, each with violations that it has to find.
//!
//! A check that finds nothing may be a check that cannot find anything. So every invariant carries positive controls: a
//! violation is planted into an otherwise empty tree, and a check that stays silent about it fails the run.

mod arrows;
mod map;
mod packages;
mod reach;
mod rust;
mod text;
mod tree;

use anyhow::{Result, bail};

use crate::cli::Tidy;
use crate::console;
use crate::repository::Repository;
use map::Map;
use tree::{Package, Tree};

/// Something that does not hold, and where.
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

/// A violation made to see a check find it.
struct Control {
    /// Path that the finding must name.
    path: &'static str,
    plant: fn(&mut Tree),
}

/// A sentence of ARCHITECTURE.md and the check behind it.
struct Invariant {
    sentence: &'static str,
    check: fn(&Tree, &Map) -> Vec<Finding>,
    controls: &'static [Control],
}

/// Every invariant, in the order of ARCHITECTURE.md.
const INVARIANTS: [Invariant; 12] = [
    Invariant {
        sentence: "Every folder is a room of this map, and every room of this map is a folder.",
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
        sentence: "A room depends only on the rooms that the map names for it.",
        check: arrows::arrows,
        controls: &[Control {
            path: "crates/tfschema/",
            plant: |tree| tree.depend("crates/tfschema", "tfplugin"),
        }],
    },
    Invariant {
        sentence: "Only the provider depends on the AWS SDK.",
        check: arrows::aws_sdk,
        controls: &[Control {
            path: "crates/tfplugin/",
            plant: |tree| tree.depend("crates/tfplugin", "aws-config"),
        }],
    },
    Invariant {
        sentence: "A room touches the network, files, processes, the environment, the clock and stdout, and panics, only where the table allows it.",
        check: reach::reach,
        controls: reach::CONTROLS,
    },
    Invariant {
        sentence: "No file has more than 600 lines and no function more than 80, tests and generated code aside.",
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
        sentence: "No file or folder is named utils, helpers, common, manager or misc.",
        check: text::names,
        controls: &[Control {
            path: "harness/src/utils.rs",
            plant: |tree| tree.plant("harness/src/utils.rs", "//! Anything.\n"),
        }],
    },
    Invariant {
        sentence: "Every Rust file opens with what it is for.",
        check: rust::heads,
        controls: &[Control {
            path: "harness/src/mute.rs",
            plant: |tree| tree.plant("harness/src/mute.rs", "fn mute() {}\n"),
        }],
    },
    Invariant {
        sentence: "No lint is allowed, no test is ignored, and every package inherits the lints of the workspace.",
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
        sentence: "No file names a path of a machine or the host of a package registry.",
        check: text::places,
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
        sentence: "Every generated file names the command that made it.",
        check: text::generated,
        controls: &[Control {
            path: "docs/resources/by_hand.md",
            plant: |tree| tree.plant("docs/resources/by_hand.md", "# By hand\n"),
        }],
    },
    Invariant {
        sentence: "Every action of a workflow is pinned by the hash of a commit.",
        check: text::pins,
        controls: &[Control {
            path: ".github/workflows/loose.yml",
            plant: |tree| {
                tree.plant(
                    ".github/workflows/loose.yml",
                    "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n",
                );
            },
        }],
    },
    Invariant {
        sentence: "What the packages of a cloud share in the catalog, its parts and fragments, names no package.",
        check: packages::names,
        controls: packages::CONTROLS,
    },
];

/// Runs the command.
///
/// # Errors
/// When an invariant does not hold, a control stays unfound, or ARCHITECTURE.md and the checks name different invariants.
pub(crate) fn tidy(repository: &Repository, options: &Tidy) -> Result<()> {
    let tree = Tree::load(repository)?;
    let map = Map::read(&tree)?;
    let mut failures = told(&map);
    for (index, invariant) in INVARIANTS.iter().enumerate() {
        let number = index + 1;
        let unfound = invariant
            .controls
            .iter()
            .filter(|control| !found(invariant, control, &tree, &map));
        for control in unfound {
            console::bad(&format!(
                "{number}. the violation planted at {} is not found",
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
        1 => bail!("one thing is not tidy"),
        count => bail!("{count} things are not tidy"),
    }
}

/// Whether a check finds what was planted for it, and did not find it before.
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

/// Compares the sentences of ARCHITECTURE.md with those that are checked, and counts the differences.
fn told(map: &Map) -> usize {
    let checked: Vec<&str> = INVARIANTS
        .iter()
        .map(|invariant| invariant.sentence)
        .collect();
    if map.invariants == checked {
        return 0;
    }
    console::bad("ARCHITECTURE.md: the invariants must be exactly these sentences, in this order:");
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
