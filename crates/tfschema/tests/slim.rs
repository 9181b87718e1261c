//! Tests slim documents: their form, and errors for documents with a different form.

use std::collections::BTreeMap;
use std::error::Error as _;

use tfschema::slim::{made_by, read, read_folder, write, write_folder};
use tfschema::{
    Attribute, Block, BlockNesting, NestedBlock, ObjectNesting, ProviderSchema, Schema, Type,
};

const COMMAND: &str = "cargo test";

/// Returns a schema that uses every feature of a document.
fn everything() -> Schema {
    let side = || {
        Block::new()
            .attribute("height", Attribute::of(Type::Number).required())
            .attribute("id", Attribute::of(Type::String).optional().computed())
            .attribute("key", Attribute::of(Type::String).optional().sensitive())
    };
    let at_most_one = |block| NestedBlock {
        max_items: 1,
        ..NestedBlock::new(BlockNesting::List, block)
    };
    let services = BTreeMap::from([("cpu".to_owned(), Attribute::of(Type::Number).required())]);
    let old = Attribute {
        deprecated: Some("Use `name`.".into()),
        ..Attribute::of(Type::Bool).optional()
    };
    let block = Block::new()
        .describe("Not in the document.")
        .attribute("old", old)
        .attribute(
            "password",
            Attribute::of(Type::String).optional().write_only(),
        )
        .attribute(
            "services",
            Attribute::nested(ObjectNesting::Map, services).required(),
        )
        .attribute("tags", Attribute::of(Type::String.map()).optional())
        .nested("left", at_most_one(side()))
        .nested("right", at_most_one(side()))
        .nested(
            "timeouts",
            NestedBlock::new(BlockNesting::Single, Block::new()),
        );
    Schema::new(3, block)
}

#[test]
fn document_has_one_attribute_per_line_and_no_duplicate_bodies() {
    let expected = r#"{
  "made_by": "cargo test",
  "version": 3,
  "attributes": {
    "old": ["bool", "od"],
    "password": ["string", "ow"],
    "services": [{"nesting": "map", "attributes": {
      "cpu": ["number", "r"]
    }}, "r"],
    "tags": [["map","string"], "o"]
  },
  "blocks": {
    "left": {"nesting": "list", "max": 1, "shape": "left"},
    "right": {"nesting": "list", "max": 1, "shape": "left"},
    "timeouts": {"nesting": "single"}
  },
  "shapes": {
    "left": {"attributes": {
      "height": ["number", "r"],
      "id": ["string", "oc"],
      "key": ["string", "os"]
    }}
  }
}
"#;
    assert_eq!(write(&everything(), COMMAND), expected);
    assert_eq!(made_by(expected).as_deref(), Some(COMMAND));
}

#[test]
fn document_of_a_recursively_nested_type_stays_small() {
    let mut block = Block::new();
    for depth in 0..12 {
        block = Block::new()
            .attribute(format!("depth_{depth}"), Attribute::of(Type::Bool))
            .nested("and", NestedBlock::new(BlockNesting::List, block.clone()))
            .nested("or", NestedBlock::new(BlockNesting::List, block));
    }
    let schema = Schema::new(0, block);
    let text = write(&schema, COMMAND);
    assert!(text.len() < 4_000, "{} bytes", text.len());
    assert_eq!(read(&text).unwrap(), schema);
}

#[test]
fn documents_of_a_provider_survive_a_round_trip_through_folders() {
    let provider = ProviderSchema {
        resources: BTreeMap::from([("a_b".into(), Schema::new(1, Block::new()))]),
        data_sources: BTreeMap::from([("a_c".into(), Schema::default())]),
        ephemeral_resources: BTreeMap::from([("a_d".into(), Schema::default())]),
        provider: Schema::new(2, Block::new()),
        ..ProviderSchema::default()
    };
    let documents = write_folder(&provider, COMMAND);
    let paths: Vec<&String> = documents.keys().collect();
    assert_eq!(
        paths,
        [
            "data_sources/a_c.json",
            "ephemeral_resources/a_d.json",
            "provider.json",
            "resources/a_b.json"
        ]
    );
    let texts = || {
        documents
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    };
    assert_eq!(read_folder(texts()).unwrap(), provider);
    let others = [("lock.json", "{}"), ("notes/a.json", "no")];
    assert_eq!(read_folder(texts().chain(others)).unwrap(), provider);

    let error = read_folder([("resources/a.json", "{}")]).unwrap_err();
    assert_eq!(error.to_string(), "resources/a.json cannot be read");
    assert!(error.source().is_some());
}

#[test]
fn errors_contain_the_path_in_the_document() {
    let cases = [
        ("[", "document is not JSON"),
        ("[]", "document: an object is required"),
        ("{}", "document: an integer `version` is required"),
        (
            r#"{"version": 0, "blocks_types": {}}"#,
            "document: unknown member `blocks_types`; expected one of made_by, version, deprecated, attributes, blocks, shapes",
        ),
        (
            r#"{"version": 0, "attributes": {"a": "string"}}"#,
            r#"attributes/a: a type and flags are required, such as ["string", "o"]"#,
        ),
        (
            r#"{"version": 0, "attributes": {"a": ["string", "ox"]}}"#,
            "attributes/a: unknown flag `x`; expected r, o, c, s, w, or d",
        ),
        (
            r#"{"version": 0, "attributes": {"a": ["text", "o"]}}"#,
            "attributes/a: invalid type constraint",
        ),
        (
            r#"{"version": 0, "attributes": {"a": [{"nesting": "group"}, "o"]}}"#,
            "attributes/a: nesting must be single, list, set, or map",
        ),
        (
            r#"{"version": 0, "blocks": {"a": {"nesting": "list", "blocks": {"b": {}}}}}"#,
            "blocks/a/blocks/b/nesting: a string is required",
        ),
        (
            r#"{"version": 0, "blocks": {"a": {"nesting": "list", "min": -1}}}"#,
            "blocks/a/min: a count is required",
        ),
        (
            r#"{"version": 0, "blocks": {"a": {"nesting": "list", "shape": "s"}}}"#,
            "blocks/a/shape: shape `s` is not defined",
        ),
        (
            r#"{"version": 0, "blocks": {"a": {"nesting": "list", "shape": "s", "blocks": {}}}}"#,
            "blocks/a: `shape` cannot be combined with deprecated, attributes, or blocks",
        ),
        (
            r#"{"version": 0, "blocks": {"a": {"nesting": "list", "shape": "s"}},
                "shapes": {"s": {"blocks": {"b": {"nesting": "set", "shape": "s"}}}}}"#,
            "shapes/s/blocks/b/shape: shape `s` contains itself",
        ),
        (
            r#"{"version": 0, "deprecated": "yes"}"#,
            "deprecated: true or false is required",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap_err().to_string(), expected, "{text}");
    }
}
