//! Tests of configuration diagnostics and their attribute paths.

use tfschema::{
    Attribute, AttributePath, Block, BlockNesting, NestedBlock, ObjectNesting, Schema, Type, Value,
};

use super::check;
use crate::rules::AttributeRules;
use crate::validate::{Validator, each, elements, keys, length, one_of, range};
use crate::{Definition, ObjectRules, Severity};

fn validated<const N: usize>(validators: [std::sync::Arc<dyn Validator>; N]) -> AttributeRules {
    AttributeRules {
        validators: validators.into(),
        ..AttributeRules::default()
    }
}

fn container() -> (Block, ObjectRules) {
    let block = Block::new()
        .attribute("image", Attribute::of(Type::String).required())
        .attribute("cpu", Attribute::of(Type::Number).optional())
        .attribute("arn", Attribute::of(Type::String).computed())
        .attribute("token", Attribute::of(Type::String).optional().write_only());
    let mut rules = ObjectRules::new();
    rules.insert("cpu", validated([range(1..=10)]));
    (block, rules)
}

fn definition() -> Definition {
    let (inner, inner_rules) = container();
    let nested = |nesting| Attribute::nested(nesting, inner.attributes.clone()).optional();
    let block = Block::new()
        .attribute("name", Attribute::of(Type::String).required())
        .attribute("mode", Attribute::of(Type::String).optional().sensitive())
        .attribute("tags", Attribute::of(Type::String.map()).optional())
        .attribute("names", Attribute::of(Type::String.list()).optional())
        .attribute("words", Attribute::of(Type::String.set()).optional())
        .attribute("lists", Attribute::of(Type::String.list().map()).optional())
        .attribute("id", Attribute::of(Type::String).computed())
        .attribute("one", nested(ObjectNesting::Single))
        .attribute("many", nested(ObjectNesting::List))
        .attribute("keyed", nested(ObjectNesting::Map))
        .attribute("set", nested(ObjectNesting::Set))
        .nested("rule", NestedBlock::new(BlockNesting::List, inner.clone()))
        .nested(
            "single",
            NestedBlock::new(BlockNesting::Single, inner.clone()),
        );
    let mut rules = ObjectRules::new();
    rules.insert("mode", validated([one_of(&["slow", "fast"])]));
    rules.insert(
        "tags",
        validated([keys(length(1..=3)), each(length(..=5)), elements(..=2)]),
    );
    for name in ["one", "many", "keyed", "set", "rule", "single"] {
        rules.insert(
            name,
            AttributeRules {
                nested: inner_rules.clone(),
                ..AttributeRules::default()
            },
        );
    }
    Definition {
        schema: Schema::new(0, block),
        rules,
        ..Definition::default()
    }
}

/// Returns a configuration that sets only `name` and these attributes.
fn config<const N: usize>(set: [(&str, Value); N]) -> Value {
    let mut config = crate::complete::complete(
        &definition().schema.block,
        Value::object([("name", "n".into())]),
    );
    if let Value::Object(attributes) = &mut config {
        attributes.extend(set.map(|(name, value)| (name.to_owned(), value)));
    }
    config
}

fn inner<const N: usize>(set: [(&str, Value); N]) -> Value {
    let mut object =
        Value::object(["image", "cpu", "arn", "token"].map(|name| (name, Value::Null)));
    if let Value::Object(attributes) = &mut object {
        attributes.insert("image".to_owned(), "i".into());
        attributes.extend(set.map(|(name, value)| (name.to_owned(), value)));
    }
    object
}

/// Returns the summary and path of each error. The detail of each error must contain the path.
fn found(config: &Value) -> Vec<(String, String)> {
    let diagnostics = check(&definition(), config, false).into_iter();
    diagnostics
        .map(|diagnostic| {
            assert_eq!(diagnostic.severity, Severity::Error);
            assert!(
                diagnostic.detail.contains(&format!("`{}", diagnostic.path)),
                "{diagnostic:?}"
            );
            (diagnostic.summary, diagnostic.path.to_string())
        })
        .collect()
}

fn one(summary: &str, path: &str) -> Vec<(String, String)> {
    vec![(summary.to_owned(), path.to_owned())]
}

#[test]
fn valid_configuration_has_no_errors() {
    let full = config([
        ("mode", "fast".into()),
        ("tags", Value::map([("a", Value::from("b"))])),
        ("one", inner([("cpu", 10.into())])),
        ("many", Value::List(vec![inner([])])),
        ("rule", Value::List(vec![inner([("cpu", 1.into())])])),
    ]);
    assert_eq!(found(&full), []);
    assert_eq!(found(&Value::Null), [], "null configuration");
}

#[test]
fn required_attributes_must_be_set_at_every_depth() {
    let summary = "Missing value for a required attribute";
    let missing = || inner([("image", Value::Null)]);
    let cases = [
        ("name", Value::Null, "name"),
        ("one", missing(), "one.image"),
        (
            "many",
            Value::List(vec![inner([]), missing()]),
            "many[1].image",
        ),
        (
            "keyed",
            Value::map([("a b", missing())]),
            r#"keyed["a b"].image"#,
        ),
        ("set", Value::set([missing()]), "set"),
        ("rule", Value::List(vec![missing()]), "rule[0].image"),
        ("single", missing(), "single.image"),
    ];
    for (name, value, path) in cases {
        assert_eq!(
            found(&config([(name, value)])),
            one(summary, path),
            "{name}"
        );
    }
}

#[test]
fn read_only_attributes_must_not_be_set() {
    let summary = "Value for a read-only attribute";
    assert_eq!(found(&config([("id", "x".into())])), one(summary, "id"));
    let nested = Value::List(vec![inner([("arn", Value::unknown())])]);
    assert_eq!(
        found(&config([("many", nested)])),
        one(summary, "many[0].arn")
    );
}

#[test]
fn write_only_attributes_require_client_support() {
    let with = config([(
        "keyed",
        Value::map([("k", inner([("token", "hunter2".into())]))]),
    )]);
    assert_eq!(
        found(&with),
        one("Write-only attribute not supported", r#"keyed["k"].token"#)
    );
    let refused = check(&definition(), &with, false)
        .into_iter()
        .next()
        .unwrap();
    let sentence = "Write-only attributes are supported only in Terraform 1.11 and later";
    assert!(refused.detail.starts_with(sentence), "{}", refused.detail);
    assert!(!format!("{refused:?}").contains("hunter2"));
    assert!(check(&definition(), &with, true).is_empty());
}

#[test]
fn validators_run_at_every_depth() {
    let summary = "Invalid value";
    let wrong = || inner([("cpu", 11.into())]);
    let cases = [
        ("one", wrong(), "one.cpu"),
        ("many", Value::List(vec![inner([]), wrong()]), "many[1].cpu"),
        ("keyed", Value::map([("k", wrong())]), r#"keyed["k"].cpu"#),
        ("set", Value::set([wrong()]), "set"),
        ("rule", Value::List(vec![wrong()]), "rule[0].cpu"),
        ("single", wrong(), "single.cpu"),
        (
            "tags",
            Value::map([("long", "v")].map(|(k, v)| (k, Value::from(v)))),
            r#"tags["long"]"#,
        ),
        (
            "tags",
            Value::map([("k", Value::from("too long"))]),
            r#"tags["k"]"#,
        ),
        (
            "tags",
            Value::map(["a", "b", "c"].map(|k| (k, Value::from("v")))),
            "tags",
        ),
    ];
    for (name, value, path) in cases {
        assert_eq!(
            found(&config([(name, value)])),
            one(summary, path),
            "{name}"
        );
    }
}

#[test]
fn messages_state_the_requirement_without_the_value() {
    let wrong = config([("mode", "hunter2".into())]);
    let diagnostic = check(&definition(), &wrong, true)
        .into_iter()
        .next()
        .unwrap();
    assert_eq!(
        diagnostic.detail,
        "`mode` must be `slow` or `fast`. Change the value."
    );
    assert_eq!(diagnostic.path, AttributePath::root().attribute("mode"));
}

#[test]
fn elements_of_collections_must_not_be_null() {
    let list = || Value::List(vec!["a".into(), Value::Null]);
    let cases = [
        (
            "tags",
            Value::map([("k", Value::Null)]),
            vec![r#"tags["k"]"#],
        ),
        ("names", list(), vec!["names[1]"]),
        (
            "words",
            Value::set(["a".into(), Value::Null]),
            vec!["words"],
        ),
        (
            "lists",
            Value::map([("a", list()), ("b", Value::Null)]),
            vec![r#"lists["a"][1]"#, r#"lists["b"]"#],
        ),
        (
            "many",
            Value::List(vec![inner([]), Value::Null]),
            vec!["many[1]"],
        ),
        (
            "keyed",
            Value::map([("k", Value::Null)]),
            vec![r#"keyed["k"]"#],
        ),
        ("set", Value::set([Value::Null]), vec!["set"]),
    ];
    for (name, value, paths) in cases {
        let expected = paths.into_iter().flat_map(|path| one("Null element", path));
        assert_eq!(
            found(&config([(name, value)])),
            expected.collect::<Vec<_>>(),
            "{name}"
        );
    }
}

#[test]
fn unknown_values_are_not_checked() {
    let unknown = config([
        ("name", Value::unknown()),
        ("mode", Value::unknown()),
        ("tags", Value::map([("k", Value::unknown())])),
        ("names", Value::List(vec![Value::unknown()])),
        ("one", Value::unknown()),
        (
            "many",
            Value::List(vec![
                Value::unknown(),
                inner([("image", Value::unknown()), ("cpu", Value::unknown())]),
            ]),
        ),
        ("rule", Value::unknown()),
    ]);
    assert_eq!(found(&unknown), []);
}

#[test]
fn all_errors_are_reported_together() {
    let wrong = config([
        ("name", Value::Null),
        ("id", "x".into()),
        ("one", inner([("cpu", 0.into())])),
    ]);
    let paths: Vec<String> = found(&wrong).into_iter().map(|(_, path)| path).collect();
    assert_eq!(paths, ["id", "name", "one.cpu"]);
}

#[test]
fn elements_can_be_null_if_their_type_allows_it() {
    let list = |elements: &[&str]| {
        let element = |text: &&str| match *text {
            "" => Value::Null,
            text => Value::from(text),
        };
        Value::List(elements.iter().map(element).collect())
    };
    let part = Attribute::nested(
        ObjectNesting::List,
        [("a".to_owned(), Attribute::of(Type::String).optional())].into(),
    );
    let block = Block::new()
        .attribute("names", Attribute::of(Type::String.list()).optional())
        .attribute("lists", Attribute::of(Type::String.list().map()).optional())
        .attribute("parts", part.optional());
    let found = |null_elements: &[bool], name: &str, value: Value| {
        let mut rules = ObjectRules::new();
        let of = AttributeRules {
            null_elements: null_elements.to_vec(),
            ..AttributeRules::default()
        };
        rules.insert(name, of);
        let definition = Definition {
            schema: Schema::new(0, block.clone()),
            rules,
            ..Definition::default()
        };
        let found = check(&definition, &Value::object([(name, value)]), true);
        found
            .iter()
            .map(|found| found.path.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&[true], "names", list(&["a", ""])), [""; 0]);
    assert_eq!(found(&[false], "names", list(&["a", ""])), ["names[1]"]);
    let deep = || Value::map([("a", list(&["", "b"])), ("b", Value::Null)]);
    assert_eq!(found(&[true], "lists", deep()), [r#"lists["a"][0]"#]);
    assert_eq!(found(&[false, true], "lists", deep()), [r#"lists["b"]"#]);
    assert_eq!(found(&[true, true], "lists", deep()), [""; 0]);
    let objects = || Value::List(vec![Value::Null, Value::object([("a", Value::Null)])]);
    assert_eq!(found(&[], "parts", objects()), ["parts[0]"]);
    assert_eq!(found(&[true], "parts", objects()), [""; 0]);
}

#[test]
fn configured_deprecated_arguments_cause_warnings() {
    let mut old = Block::new().attribute("a", Attribute::of(Type::String).optional());
    old.deprecated = Some("Use `new` instead.".to_owned());
    let deprecated = |message: &str| {
        let mut attribute = Attribute::of(Type::String).optional().computed();
        attribute.deprecated = Some(message.to_owned());
        attribute
    };
    let inner = Block::new().attribute("size", deprecated(""));
    let block = Block::new()
        .attribute("name", deprecated("Use `title` instead."))
        .nested("part", NestedBlock::new(BlockNesting::List, inner))
        .nested("one", NestedBlock::new(BlockNesting::Single, old.clone()))
        .nested("old", NestedBlock::new(BlockNesting::Set, old));
    let definition = Definition {
        schema: Schema::new(0, block.clone()),
        ..Definition::default()
    };
    let warned = |set: Value| {
        let found = check(&definition, &crate::complete::complete(&block, set), true);
        let warned = found.iter().map(|found| {
            assert_eq!(found.severity, Severity::Warning);
            assert!(found.detail.contains(&format!("`{}`", found.path)));
            (found.path.to_string(), found.detail.contains("Use `"))
        });
        warned.collect::<Vec<_>>()
    };
    let nothing: [(&str, Value); 0] = [];
    assert_eq!(warned(Value::object(nothing)), []);
    assert_eq!(warned(Value::object([("name", Value::unknown())])), []);
    assert_eq!(warned(Value::object([("old", Value::unknown())])), []);
    let one = || Value::object([("a", Value::Null)]);
    let all = Value::object([
        ("name", Value::from("n")),
        (
            "part",
            Value::List(vec![Value::object([("size", "1".into())])]),
        ),
        ("one", one()),
        ("old", Value::set([one()])),
    ]);
    let expected = [
        ("name", true),
        ("old", true),
        ("one", true),
        ("part[0].size", false),
    ];
    assert_eq!(
        warned(all),
        expected.map(|(path, has_message)| (path.to_owned(), has_message))
    );
}
