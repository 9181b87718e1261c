//! A real module, from declaration to files: what is written, and that it is written the same every time. That the
//! command lines accept these files is tested where they are run.

#[expect(
    dead_code,
    reason = "builders offer what the schema has, used here or not"
)]
mod aws;
mod declaration;

use std::collections::BTreeMap;
use std::path::PathBuf;

use tfmodgen::{Schemas, render};
use tfschema::json::read_provider_schemas;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/network")
}

/// Of release 5.100.0, the types that are used here: what `providers schema -json` prints, without prose.
fn schemas() -> Schemas {
    let document = serde_json::from_str(include_str!("../schemas/aws.json")).unwrap();
    read_provider_schemas(&document)
        .unwrap()
        .into_iter()
        .fold(Schemas::new(), |schemas, (source, schema)| {
            schemas.with(&source, schema)
        })
}

fn rendered() -> BTreeMap<String, String> {
    render(&declaration::network(), &schemas()).unwrap_or_else(|findings| {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        panic!("{}", findings.join("\n"))
    })
}

#[test]
fn the_files_are_those_that_were_reviewed() {
    let files = rendered();
    if std::env::var_os("UPDATE").is_some() {
        for (name, text) in &files {
            std::fs::write(golden().join(name), text).unwrap();
        }
    }
    let reviewed: BTreeMap<String, String> = std::fs::read_dir(golden())
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        reviewed.keys().collect::<Vec<_>>()
    );
    for (name, text) in &files {
        assert_eq!(text, &reviewed[name], "{name}");
    }
}

#[test]
fn the_same_declaration_gives_the_same_bytes() {
    assert_eq!(rendered(), rendered());
}
