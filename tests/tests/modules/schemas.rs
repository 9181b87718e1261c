//! Compares the stored `hashicorp/aws` schemas with the schemas that the provider prints, type by type.
//!
//! The code that reads the documents is independent of the code that writes them.

use std::collections::BTreeMap;
use std::fs;

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value, json};
use tfharness::Workspace;

const VERSION: &str = "5.100.0";

/// Document folders, and the corresponding keys in the CLI output.
const KINDS: [(&str, &str); 3] = [
    ("resources", "resource_schemas"),
    ("data_sources", "data_source_schemas"),
    ("ephemeral_resources", "ephemeral_resource_schemas"),
];

#[test]
fn stored_schemas_match_the_provider() -> Result<()> {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../schemas/hashicorp-aws")
        .join(VERSION);
    let hcl = format!(
        "terraform {{\n  required_providers {{\n    aws = {{\n      source  = \"hashicorp/aws\"\n      version = \"{VERSION}\"\n    }}\n  }}\n}}\n"
    );
    for cli in alternating_clis()? {
        let stack = Workspace::inline(hcl.as_str()).cli(&cli).init()?;
        let document = stack.schemas()?;
        let provider = document["provider_schemas"]
            .as_object()
            .and_then(|providers| providers.values().next())
            .with_context(|| format!("{cli} did not print a provider"))?;
        let mut count = 0;
        for (kind, section) in KINDS {
            for (name, stored) in documents(&folder.join(kind))? {
                let printed = &provider[section][&name];
                ensure!(!printed.is_null(), "{cli}: {section} has no {name}");
                same(
                    &expanded(&stored, &stored["shapes"])?,
                    &said(printed)?,
                    &name,
                )
                .with_context(|| format!("{cli}: schemas/…/{kind}/{name}.json"))?;
                count += 1;
            }
        }
        ensure!(count > 0, "{folder} has no documents");
    }
    Ok(())
}

#[test]
fn every_difference_is_detected() -> Result<()> {
    let printed = json!({"version": 1, "block": {
        "attributes": {"a": {"type": ["set", "string"], "optional": true, "computed": true, "description": "x"}},
        "block_types": {"b": {"nesting_mode": "list", "max_items": 1, "block": {"attributes": {"c": {"type": "bool"}}}}},
    }});
    let body = json!({"attributes": {"c": ["bool", ""]}});
    let stored = json!({
        "made_by": "x", "version": 1, "attributes": {"a": [["set", "string"], "oc"]},
        "blocks": {"b": {"nesting": "list", "max": 1, "shape": "s"}}, "shapes": {"s": body},
    });
    let compare = |stored: &Value| -> Result<()> {
        same(&expanded(stored, &stored["shapes"])?, &said(&printed)?, "x")
    };
    compare(&stored)?;
    for (pointer, value) in [
        ("/version", json!(2)),
        ("/attributes/a/1", json!("o")),
        ("/attributes/a/0/0", json!("list")),
        ("/blocks/b/max", json!(2)),
        ("/shapes/s/attributes/c/1", json!("r")),
        ("/shapes/s", json!({})),
    ] {
        let mut changed = stored.clone();
        *changed.pointer_mut(pointer).context(pointer)? = value;
        ensure!(
            compare(&changed).is_err(),
            "a difference at {pointer} must be found"
        );
    }
    Ok(())
}

/// Returns the documents in a folder, by type.
fn documents(folder: &Utf8Path) -> Result<BTreeMap<String, Value>> {
    let mut documents = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("listing {folder}"))? {
        let path = Utf8PathBuf::try_from(entry?.path())?;
        let name = path.file_stem().context("the document has no name")?;
        let document = serde_json::from_str(&fs::read_to_string(&path)?)?;
        documents.insert(name.to_owned(), document);
    }
    Ok(documents)
}

/// Returns a document with inlined shared shapes and without its header.
fn expanded(stored: &Value, shapes: &Value) -> Result<Value> {
    Ok(match stored {
        Value::Object(members) => {
            let mut result = Map::new();
            for (name, member) in members {
                match name.as_str() {
                    "made_by" | "shapes" => {}
                    // An attribute or block can have the same name as a member of the document.
                    "shape" if member.is_string() => {
                        let shape = member.as_str().unwrap_or_default();
                        let shape = shapes.get(shape).with_context(|| format!("no {shape}"))?;
                        let Value::Object(body) = expanded(shape, shapes)? else {
                            bail!("a shape is not an object");
                        };
                        result.extend(body);
                    }
                    _ => {
                        result.insert(name.clone(), expanded(member, shapes)?);
                    }
                }
            }
            Value::Object(result)
        }
        Value::Array(elements) => elements
            .iter()
            .map(|element| expanded(element, shapes))
            .collect::<Result<_>>()?,
        other => other.clone(),
    })
}

/// Converts the printed schema for a type to the document format.
fn said(printed: &Value) -> Result<Value> {
    let mut result = body(&printed["block"])?;
    result.insert("version".into(), printed["version"].clone());
    Ok(Value::Object(result))
}

fn body(block: &Value) -> Result<Map<String, Value>> {
    let mut result = Map::new();
    if block["deprecated"] == json!(true) {
        result.insert("deprecated".into(), true.into());
    }
    if let Some(attributes) = block["attributes"].as_object() {
        let attributes = attributes
            .iter()
            .map(|(name, printed)| Ok((name.clone(), attribute(printed)?)));
        result.insert("attributes".into(), attributes.collect::<Result<_>>()?);
    }
    if let Some(blocks) = block["block_types"].as_object() {
        let blocks = blocks.iter().map(|(name, printed)| {
            let mut nested = body(&printed["block"])?;
            let members = [
                ("nesting_mode", "nesting"),
                ("min_items", "min"),
                ("max_items", "max"),
            ];
            for (theirs, ours) in members {
                if let Some(value) = printed.get(theirs) {
                    nested.insert(ours.into(), value.clone());
                }
            }
            Ok((name.clone(), Value::Object(nested)))
        });
        result.insert("blocks".into(), blocks.collect::<Result<_>>()?);
    }
    Ok(result)
}

fn attribute(printed: &Value) -> Result<Value> {
    let kind = match printed.get("nested_type") {
        Some(nested) => {
            let mut object = body(nested)?;
            object.insert("nesting".into(), nested["nesting_mode"].clone());
            Value::Object(object)
        }
        None => printed["type"].clone(),
    };
    let flags: String = [
        "required",
        "optional",
        "computed",
        "sensitive",
        "write_only",
        "deprecated",
    ]
    .into_iter()
    .filter(|flag| printed[*flag] == json!(true))
    .filter_map(|flag| flag.chars().next())
    .collect();
    Ok(json!([kind, flags]))
}

/// Compares two values, and returns an error at the first difference.
fn same(stored: &Value, printed: &Value, place: &str) -> Result<()> {
    if let (Value::Object(stored), Value::Object(printed)) = (stored, printed) {
        let names: std::collections::BTreeSet<&String> =
            stored.keys().chain(printed.keys()).collect();
        for name in names {
            let of = |members: &Map<String, Value>| members.get(name).cloned().unwrap_or_default();
            same(&of(stored), &of(printed), &format!("{place}/{name}"))?;
        }
        return Ok(());
    }
    ensure!(
        stored == printed,
        "{place}: stored {stored}, printed {printed}"
    );
    Ok(())
}
