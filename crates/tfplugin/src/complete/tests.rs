//! Tests of the members that are added to a partial state.

use tfschema::{Attribute, Block, BlockNesting, Dynamic, NestedBlock, ObjectNesting, Type, Value};

use super::complete;

fn inner() -> Block {
    Block::new()
        .attribute("name", Attribute::of(Type::String).optional())
        .attribute("size", Attribute::of(Type::Number).optional())
}

fn of(nesting: BlockNesting) -> Block {
    Block::new().nested("in", NestedBlock::new(nesting, inner()))
}

fn whole(value: Value) -> Value {
    Value::object([("in", value)])
}

/// docs/protocol.md, "Complete objects".
///
/// Every attribute is present, and repeated blocks are empty collections, never null.
#[test]
fn missing_blocks_become_null_or_empty() {
    let none = Value::object([("name", Value::Null), ("size", Value::Null)]);
    let cases = [
        (BlockNesting::Single, Value::Null),
        (BlockNesting::Group, none),
        (BlockNesting::List, Value::List(vec![])),
        (BlockNesting::Set, Value::set([])),
        (BlockNesting::Map, Value::Map(Default::default())),
    ];
    for (nesting, expected) in cases {
        let block = of(nesting);
        assert_eq!(
            complete(&block, Value::Object(Default::default())),
            whole(expected.clone()),
            "{nesting:?}"
        );
        assert_eq!(
            complete(&block, whole(Value::Null)),
            whole(expected),
            "{nesting:?}"
        );
    }
}

/// docs/protocol.md, "MessagePack".
///
/// Repeated blocks that contain dynamic values are represented as a tuple or an object.
#[test]
fn missing_blocks_with_dynamic_values_become_an_empty_tuple_or_object() {
    let open = Block::new().attribute("any", Attribute::of(Type::Dynamic).optional());
    let none: [(String, Type); 0] = [];
    let cases = [
        (
            BlockNesting::List,
            Type::Tuple(vec![]),
            Value::Tuple(vec![]),
        ),
        (
            BlockNesting::Map,
            Type::object(none),
            Value::Object(Default::default()),
        ),
    ];
    for (nesting, ty, value) in cases {
        let block = Block::new().nested("in", NestedBlock::new(nesting, open.clone()));
        let completed = complete(&block, Value::Object(Default::default()));
        assert_eq!(
            completed,
            whole(Value::Dynamic(Box::new(Dynamic { ty, value })))
        );
        assert!(block.implied_type().check(&completed).is_ok());
    }
}

#[test]
fn missing_attributes_become_null_at_every_depth() {
    let given = || Value::object([("name", "a".into())]);
    let full = || Value::object([("name", "a".into()), ("size", Value::Null)]);
    for (nesting, given, full) in [
        (ObjectNesting::Single, given(), full()),
        (
            ObjectNesting::List,
            Value::List(vec![given()]),
            Value::List(vec![full()]),
        ),
        (
            ObjectNesting::Set,
            Value::set([given()]),
            Value::set([full()]),
        ),
        (
            ObjectNesting::Map,
            Value::map([("k", given())]),
            Value::map([("k", full())]),
        ),
    ] {
        let nested = Attribute::nested(nesting, inner().attributes).optional();
        let block = Block::new().attribute("in", nested.clone()).nested(
            "deeper",
            NestedBlock::new(BlockNesting::List, Block::new().attribute("in", nested)),
        );
        let given = Value::object([
            ("in", given.clone()),
            ("deeper", Value::List(vec![whole(given)])),
        ]);
        let full = Value::object([
            ("in", full.clone()),
            ("deeper", Value::List(vec![whole(full)])),
        ]);
        let completed = complete(&block, given);
        assert_eq!(completed, full, "{nesting:?}");
        assert!(block.implied_type().check(&completed).is_ok());
        assert_eq!(
            complete(&block, completed.clone()),
            completed,
            "a complete state is unchanged"
        );
    }
}

#[test]
fn missing_nested_attributes_become_null() {
    let nested = Attribute::nested(ObjectNesting::List, inner().attributes).optional();
    let block = Block::new().attribute("in", nested);
    assert_eq!(
        complete(&block, Value::Object(Default::default())),
        whole(Value::Null)
    );
}

#[test]
fn null_and_unknown_states_are_unchanged() {
    assert_eq!(complete(&of(BlockNesting::List), Value::Null), Value::Null);
    assert_eq!(
        complete(&of(BlockNesting::List), Value::unknown()),
        Value::unknown()
    );
}
