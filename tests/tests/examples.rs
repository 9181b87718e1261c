//! Checks that the user examples are formatted and valid. Acceptance tests apply them.

#[path = "preview/providers.rs"]
mod preview;
#[path = "scaleway/provider.rs"]
mod provider;

use acceptance::clis_for;
use anyhow::{Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use tfharness::Workspace;

use preview::kubernetes;
use provider::scaleway;

/// Returns every directory that contains a configuration.
fn configurations(directory: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for entry in directory.read_dir_utf8()? {
        let path = entry?.into_path();
        if path.is_dir() {
            found.extend(configurations(&path)?);
        } else if path.extension() == Some("tf") && !found.iter().any(|known| known == directory) {
            found.push(directory.to_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// Folders of documentation snippets.
const SNIPPETS: [&str; 4] = [
    "examples/data-sources",
    "examples/ephemeral-resources",
    "examples/functions",
    "examples/resources",
];

/// Required providers, which documentation snippets omit.
const REQUIREMENTS: &str = r#"terraform {
  required_providers {
    skreg = { source = "skreg/skreg" }
  }
}
"#;

#[test]
fn every_example_is_formatted_and_valid() -> Result<()> {
    let root = Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let examples = configurations(&root.join("examples"))?;
    ensure!(!examples.is_empty(), "expected examples, found none");
    for example in &examples {
        // Uses the path in the repository, because the examples use relative module sources.
        let example = example.strip_prefix(root)?;
        for cli in clis_for(example.as_str())? {
            let mut workspace = Workspace::of(example)
                .doubles(kubernetes().into_iter().chain([scaleway()]))
                .cli(&cli);
            if SNIPPETS.iter().any(|folder| example.starts_with(folder)) {
                workspace = workspace.file("requirements.tf", REQUIREMENTS);
            }
            let stack = workspace.init()?;
            let format = stack.run(&["fmt", "-check", "-diff", "-no-color"])?;
            ensure!(
                format.code() == Some(0),
                "`{cli} fmt` changes {example}:\n{}",
                format.stdout
            );
            let validation = stack.validate()?;
            ensure!(
                validation.valid,
                "{example} is not valid with {cli}: {:#?}",
                validation.diagnostics
            );
        }
    }
    Ok(())
}
