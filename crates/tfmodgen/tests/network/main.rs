//! Tests the rendered files of a complete module, and that rendering is deterministic. Other tests run Terraform and
//! OpenTofu on these files.

#[expect(dead_code, reason = "builders have methods for the whole schema")]
mod aws;
mod declaration;
mod system;

use std::collections::BTreeMap;
use std::path::PathBuf;

use tfmodgen::{ArgumentOrder, Module, Schemas, render};
use tfschema::json::read_provider_schemas;

/// Argument order for AWS resources.
const ORDER: ArgumentOrder = ArgumentOrder {
    first: &["name", "name_prefix"],
    long: &["policy"],
    last: &["tags"],
};

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/system")
}

/// Returns the schemas of provider version 5.100.0 for the types of this module, from `providers schema -json` without descriptions.
fn schemas() -> Schemas {
    let document = serde_json::from_str(include_str!("../schemas/aws.json")).unwrap();
    read_provider_schemas(&document)
        .unwrap()
        .into_iter()
        .fold(Schemas::new(), |schemas, (source, schema)| {
            schemas.with(&source, schema)
        })
}

/// Returns the files of the package and its part.
fn rendered() -> BTreeMap<String, String> {
    let network = declaration::network();
    let mut files = files_of(&system::system(&network));
    let part = files_of(network.module()).into_iter();
    files.extend(part.map(|(name, text)| (format!("modules/network/{name}"), text)));
    files
}

fn files_of(module: &Module) -> BTreeMap<String, String> {
    render(module, &schemas()).unwrap_or_else(|findings| {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        panic!("{}", findings.join("\n"))
    })
}

#[test]
fn rendered_files_are_equal_to_the_golden_files() {
    let files = rendered();
    if std::env::var_os("UPDATE").is_some() {
        for (name, text) in &files {
            std::fs::write(golden().join(name), text).unwrap();
        }
    }
    let mut reviewed = BTreeMap::new();
    for part in ["", "modules/network/"] {
        for entry in std::fs::read_dir(golden().join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap();
                let text = std::fs::read_to_string(&path).unwrap();
                reviewed.insert(format!("{part}{name}"), text);
            }
        }
    }
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        reviewed.keys().collect::<Vec<_>>()
    );
    for (name, text) in &files {
        assert_eq!(text, &reviewed[name], "{name}");
    }
}

#[test]
fn rendering_is_deterministic() {
    assert_eq!(rendered(), rendered());
}

#[test]
fn graph_contains_references_by_address() {
    let graph = declaration::network().module().graph();
    let needs = |address: &str| {
        graph[address]
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        needs("aws_nat_gateway.this"),
        [
            "var.availability_zones",
            "var.name",
            "var.nat_gateway",
            "var.tags",
            "aws_eip.nat",
            "aws_internet_gateway.this",
            "aws_subnet.public"
        ]
        .into_iter()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
}
