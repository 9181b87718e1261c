//! Tests that violate each rule that hosts enforce.

use tfschema::{
    Attribute, Block, BlockNesting, Bound, NestedBlock, ObjectNesting, Type, Unknown, Value,
};

use super::{Violation, plan, result, state};

const NULL: Value = Value::Null;

fn text() -> Attribute {
    Attribute::of(Type::String)
}

fn string(text: &str) -> Value {
    Value::string(text)
}

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object(attributes)
}

fn list<const N: usize>(elements: [Value; N]) -> Value {
    Value::List(elements.into())
}

fn only(name: &str, value: Value) -> Value {
    object([(name, value)])
}

fn refined_unknown(unknown: Unknown) -> Value {
    Value::Unknown(Box::new(unknown))
}

fn inner() -> Block {
    Block::new()
        .attribute("size", text().optional())
        .attribute("id", text().computed())
}

fn sized(size: &str, id: Value) -> Value {
    object([("size", string(size)), ("id", id)])
}

fn nested(nesting: ObjectNesting) -> Block {
    Block::new().attribute(
        "in",
        Attribute::nested(nesting, inner().attributes).optional(),
    )
}

fn blocks(nesting: BlockNesting) -> Block {
    Block::new().nested("in", NestedBlock::new(nesting, inner()))
}

fn messages(violations: Vec<Violation>) -> Vec<String> {
    violations.iter().map(Violation::to_string).collect()
}

/// Returns the violations in a plan that consists of one attribute or block.
fn planned(block: &Block, prior: Value, config: Value, planned: Value) -> Vec<String> {
    let whole = |value: Value| only("in", value);
    messages(plan(block, &whole(prior), &whole(config), &whole(planned)))
}

fn applied(block: &Block, planned: Value, new: Value) -> Vec<String> {
    messages(result(block, &only("in", planned), &only("in", new)))
}

const NONE: [&str; 0] = [];

#[test]
fn an_object_is_planned_if_and_only_if_it_is_configured() {
    let block = blocks(BlockNesting::List);
    let existing = || only("in", list([]));
    assert_eq!(
        messages(plan(&block, &NULL, &existing(), &existing())),
        NONE
    );
    assert_eq!(messages(plan(&block, &existing(), &NULL, &NULL)), NONE);
    let absent = ["The object as a whole is configured, but is planned to be absent."];
    assert_eq!(messages(plan(&block, &NULL, &existing(), &NULL)), absent);
    let extra = ["The object as a whole is not configured, but is planned to exist."];
    assert_eq!(
        messages(plan(&block, &existing(), &NULL, &existing())),
        extra
    );
}

#[test]
fn a_plan_contains_the_configured_values() {
    let block = Block::new().attribute("in", text().optional());
    assert_eq!(planned(&block, NULL, string("a"), string("a")), NONE);
    assert_eq!(
        planned(&block, string("a"), string("A"), string("a")),
        NONE,
        "the prior value can be kept"
    );
    assert_eq!(
        planned(&block, NULL, string("a"), string("b")),
        [r#"`in` is configured as "a", but is planned as "b"."#]
    );
    assert_eq!(
        planned(&block, string("c"), string("a"), string("b")),
        [r#"`in` is configured as "a" and was "c", but is planned as "b"."#]
    );
    assert_eq!(
        planned(&block, NULL, string("a"), Value::unknown()),
        [r#"`in` is configured as "a", but is planned as unknown."#]
    );
    assert_eq!(
        planned(&block, NULL, Value::unknown(), string("b")),
        [r#"`in` is configured as unknown, but is planned as "b"."#]
    );
    assert_eq!(
        planned(&block, NULL, NULL, string("b")),
        [r#"`in` is neither computed nor configured, but is planned as "b"."#]
    );
    assert_eq!(
        planned(&block, string("b"), NULL, string("b")),
        [r#"`in` is neither computed nor configured, but is planned as "b"."#],
        "the prior value must not be kept without a configuration"
    );
    assert_eq!(planned(&block, string("b"), string("a"), NULL).len(), 1);
    let refined = refined_unknown(Unknown {
        nullness: Some(false),
        ..Unknown::default()
    });
    assert_eq!(
        planned(&block, NULL, refined, Value::unknown()),
        NONE,
        "refinements are ignored"
    );
}

#[test]
fn a_provider_can_plan_computed_values() {
    let computed = Block::new().attribute("in", text().computed());
    for value in [NULL, string("a"), Value::unknown()] {
        assert_eq!(planned(&computed, string("z"), NULL, value), NONE);
    }
    let both = Block::new().attribute("in", text().optional().computed());
    assert_eq!(planned(&both, NULL, NULL, string("default")), NONE);
    assert_eq!(
        planned(&both, NULL, string("a"), string("default")).len(),
        1,
        "a configured value must not change"
    );
}

#[test]
fn write_only_values_in_plans_and_states_are_reported() {
    let inner = || Block::new().attribute("token", text().optional().write_only());
    let secret = only("token", string("hunter2"));
    let hidden = only("token", NULL);
    let deep = [
        (
            Block::new().attribute("in", text().optional().write_only()),
            string("hunter2"),
            NULL,
            "in",
        ),
        (
            Block::new().attribute(
                "in",
                Attribute::nested(ObjectNesting::List, inner().attributes).optional(),
            ),
            list([secret.clone()]),
            list([hidden.clone()]),
            "in[0].token",
        ),
        (
            Block::new().nested("in", NestedBlock::new(BlockNesting::Map, inner())),
            Value::map([("k", secret)]),
            Value::map([("k", hidden)]),
            r#"in["k"].token"#,
        ),
    ];
    for (block, shown, null, path) in deep {
        let wrong = [format!("`{path}` is write-only, so it must be null.")];
        assert_eq!(planned(&block, NULL, shown.clone(), shown.clone()), wrong);
        assert_eq!(planned(&block, NULL, shown.clone(), null.clone()), NONE);
        assert_eq!(messages(state(&block, &only("in", shown.clone()))), wrong);
        assert_eq!(messages(state(&block, &only("in", null.clone()))), NONE);
        assert_eq!(applied(&block, null.clone(), shown), wrong);
        assert_eq!(applied(&block, null.clone(), null), NONE);
    }
}

#[test]
fn a_plan_conforms_to_the_schema() {
    let block = nested(ObjectNesting::List);
    let half = list([only("size", NULL)]);
    let wrong = [r#"`in[0]` does not conform to the schema: attribute "id" is missing."#];
    assert_eq!(planned(&block, NULL, half.clone(), half.clone()), wrong);
    assert_eq!(messages(state(&block, &only("in", half.clone()))), wrong);
    assert_eq!(applied(&block, half.clone(), half), wrong);
    let root =
        ["The object as a whole does not conform to the schema: attribute \"in\" is missing."];
    assert_eq!(
        messages(state(&block, &Value::Object(Default::default()))),
        root
    );
}

#[test]
fn nested_attributes_are_checked_individually() {
    for (nesting, of, path) in [
        (
            ObjectNesting::Single,
            (|value| value) as fn(Value) -> Value,
            "in",
        ),
        (ObjectNesting::List, |value| list([value]), "in[0]"),
        (
            ObjectNesting::Map,
            |value| Value::map([("k", value)]),
            r#"in["k"]"#,
        ),
    ] {
        let block = nested(nesting);
        let violations =
            |planned_as: Value| planned(&block, NULL, of(sized("a", NULL)), of(planned_as));
        assert_eq!(
            violations(sized("a", Value::unknown())),
            NONE,
            "{nesting:?}"
        );
        assert_eq!(
            violations(sized("b", NULL)),
            [format!(
                r#"`{path}.size` is configured as "a", but is planned as "b"."#
            )]
        );
        let whole = |planned_as: Value| planned(&block, NULL, of(sized("a", NULL)), planned_as);
        assert_eq!(
            whole(NULL),
            ["`in` is configured, but is planned to be absent."]
        );
        assert_eq!(
            whole(Value::unknown()),
            ["`in` is configured, but is planned as unknown."]
        );
        let kept = planned(
            &block,
            of(sized("b", NULL)),
            of(sized("a", NULL)),
            of(sized("b", Value::unknown())),
        );
        assert_eq!(kept, NONE, "a nested prior value can be kept");
        assert_eq!(
            planned(&block, NULL, Value::unknown(), of(sized("a", NULL))).len(),
            1
        );
    }
}

#[test]
fn planned_elements_match_the_configuration() {
    let (a, b) = (|| sized("a", NULL), || sized("b", NULL));
    let many = nested(ObjectNesting::List);
    assert_eq!(
        planned(&many, NULL, list([a()]), list([a(), b()])),
        ["`in` has 2 elements in the plan, but 1 in the configuration."]
    );
    let keyed = nested(ObjectNesting::Map);
    let other = ["`in` has different keys in the plan than in the configuration."];
    assert_eq!(
        planned(
            &keyed,
            NULL,
            Value::map([("k", a())]),
            Value::map([("l", a())])
        ),
        other
    );
    let set = nested(ObjectNesting::Set);
    assert_eq!(
        planned(&set, NULL, Value::set([a()]), Value::set([b()])),
        NONE,
        "elements in sets are not checked"
    );
    assert_eq!(
        planned(&set, NULL, Value::set([a()]), Value::set([a(), b()])).len(),
        1,
        "the number of elements is checked"
    );
    let undecided = Value::set([a(), sized("b", Value::unknown())]);
    assert_eq!(
        planned(&set, NULL, Value::set([a()]), undecided.clone()),
        NONE,
        "the elements can become equal"
    );
    assert_eq!(planned(&set, NULL, undecided, Value::set([a()])), NONE);
}

#[test]
fn planned_blocks_match_the_configuration() {
    let (a, b) = (|| sized("a", NULL), || sized("b", NULL));
    let many = blocks(BlockNesting::List);
    assert_eq!(
        planned(
            &many,
            NULL,
            list([a()]),
            list([sized("a", Value::unknown())])
        ),
        NONE
    );
    assert_eq!(
        planned(&many, NULL, list([a()]), list([b()])),
        [r#"`in[0].size` is configured as "a", but is planned as "b"."#]
    );
    assert_eq!(planned(&many, NULL, list([a()]), list([])).len(), 1);
    assert_eq!(
        planned(&many, NULL, list([a()]), Value::unknown()),
        ["`in` represents nested blocks, so it must not be unknown."]
    );
    assert_eq!(
        planned(&many, NULL, list([a()]), list([Value::unknown()])),
        ["`in[0]` is a nested block, so it must not be unknown."]
    );
    assert_eq!(
        planned(&many, NULL, Value::unknown(), Value::unknown()),
        NONE,
        "a dynamic block"
    );
    assert_eq!(
        planned(&many, NULL, Value::unknown(), list([a()])),
        ["`in` is an unknown dynamic block, so it must be planned as unknown."]
    );
    let keyed = blocks(BlockNesting::Map);
    assert_eq!(
        planned(
            &keyed,
            NULL,
            Value::map([("k", a())]),
            Value::map([("l", a())])
        )
        .len(),
        1
    );
    let set = blocks(BlockNesting::Set);
    assert_eq!(
        planned(&set, NULL, Value::set([a()]), Value::set([b()])),
        NONE
    );
    assert_eq!(
        planned(
            &set,
            NULL,
            Value::set([a()]),
            Value::set([Value::unknown()])
        ),
        ["`in` is a nested block, so it must not be unknown."]
    );
    let single = blocks(BlockNesting::Single);
    assert_eq!(planned(&single, NULL, NULL, NULL), NONE);
    assert_eq!(
        planned(&single, NULL, a(), NULL),
        ["`in` is configured, but is planned to be absent."]
    );
    assert_eq!(
        planned(&single, NULL, NULL, a()),
        ["`in` is not configured, but is planned to exist."]
    );
    assert_eq!(planned(&single, a(), a(), b()).len(), 1);
}

#[test]
fn repeated_blocks_must_be_empty_instead_of_null() {
    for (nesting, empty) in [
        (BlockNesting::List, list([])),
        (BlockNesting::Set, Value::set([])),
        (BlockNesting::Map, Value::Map(Default::default())),
        (BlockNesting::Group, object([("size", NULL), ("id", NULL)])),
    ] {
        let block = blocks(nesting);
        let wrong = ["`in` represents nested blocks, so it must be empty instead of null."];
        assert_eq!(
            messages(state(&block, &only("in", NULL))),
            wrong,
            "{nesting:?}"
        );
        assert_eq!(planned(&block, NULL, empty.clone(), NULL), wrong);
        assert_eq!(applied(&block, empty.clone(), NULL), wrong);
        assert_eq!(messages(state(&block, &only("in", empty))), NONE);
    }
    assert_eq!(
        messages(state(&blocks(BlockNesting::Single), &only("in", NULL))),
        NONE
    );
    // The rule also applies to nested blocks.
    let deep = Block::new().nested(
        "out",
        NestedBlock::new(BlockNesting::List, blocks(BlockNesting::List)),
    );
    let null = only("out", list([only("in", NULL)]));
    assert_eq!(
        messages(state(&deep, &null)),
        ["`out[0].in` represents nested blocks, so it must be empty instead of null."]
    );
}

#[test]
fn unknown_values_in_a_state_are_reported() {
    for (block, value, path) in [
        (
            nested(ObjectNesting::List),
            list([sized("a", Value::unknown())]),
            "in[0].id",
        ),
        (
            nested(ObjectNesting::Map),
            Value::map([("k", sized("a", Value::unknown()))]),
            r#"in["k"].id"#,
        ),
        (
            blocks(BlockNesting::Single),
            sized("a", Value::unknown()),
            "in.id",
        ),
        (
            Block::new().attribute("in", text().computed()),
            Value::unknown(),
            "in",
        ),
    ] {
        let wrong = [format!("`{path}` is unknown, but must be known.")];
        assert_eq!(messages(state(&block, &only("in", value.clone()))), wrong);
        assert_eq!(applied(&block, Value::unknown(), value), wrong);
    }
    let set = Value::set([sized("a", Value::unknown())]);
    assert_eq!(
        messages(state(&nested(ObjectNesting::Set), &only("in", set))),
        ["`in` has an element that is not wholly known, but must be known."]
    );
    assert_eq!(
        messages(state(&nested(ObjectNesting::Set), &NULL)),
        NONE,
        "the object does not exist"
    );
}

#[test]
fn known_planned_values_must_not_change() {
    let block = Block::new().attribute("in", text().optional().computed());
    assert_eq!(applied(&block, string("a"), string("a")), NONE);
    assert_eq!(applied(&block, Value::unknown(), string("a")), NONE);
    assert_eq!(applied(&block, Value::unknown(), NULL), NONE);
    assert_eq!(
        applied(&block, string("a"), string("b")),
        [r#"`in` was planned as "a", but is "b"."#]
    );
    assert_eq!(
        applied(&block, string("a"), NULL),
        [r#"`in` was planned as "a", but is null."#]
    );
    assert_eq!(
        applied(&block, NULL, string("b")),
        [r#"`in` was planned as null, but is "b"."#]
    );
    let existing = only("in", NULL);
    assert_eq!(
        messages(result(&block, &existing, &NULL)),
        ["The object as a whole was planned to exist, but is absent."]
    );
    assert_eq!(
        messages(result(&block, &NULL, &existing)),
        ["The object as a whole was planned to be absent, but exists."]
    );
}

#[test]
fn planned_elements_must_not_change() {
    let (a, b) = (|| sized("a", string("i")), || sized("b", string("i")));
    let open = |size: &str| sized(size, Value::unknown());
    let many = nested(ObjectNesting::List);
    assert_eq!(applied(&many, list([open("a")]), list([a()])), NONE);
    assert_eq!(
        applied(&many, list([open("a")]), list([b()])),
        [r#"`in[0].size` was planned as "a", but is "b"."#]
    );
    assert_eq!(
        applied(&many, list([open("a")]), list([a(), a()])),
        ["`in` has 2 elements, but the plan has 1."]
    );
    let keyed = nested(ObjectNesting::Map);
    assert_eq!(
        applied(&keyed, Value::map([("k", a())]), Value::map([("l", a())])),
        ["`in` has different keys than the plan."]
    );
    assert_eq!(
        applied(
            &keyed,
            Value::map([("k", open("a"))]),
            Value::map([("k", b())])
        ),
        [r#"`in["k"].size` was planned as "a", but is "b"."#]
    );
    let plain = Block::new().attribute("in", Attribute::of(Type::String.list()).computed());
    assert_eq!(
        applied(
            &plain,
            list([string("a"), Value::unknown()]),
            list([string("b"), string("c")])
        ),
        [r#"`in[0]` was planned as "a", but is "b"."#]
    );
}

#[test]
fn set_elements_are_compared_in_any_order() {
    let (a, b) = (|| sized("a", string("i")), || sized("b", string("i")));
    let open = |size: &str| sized(size, Value::unknown());
    for block in [nested(ObjectNesting::Set), blocks(BlockNesting::Set)] {
        let planned = || Value::set([open("b"), open("a")]);
        assert_eq!(applied(&block, planned(), Value::set([a(), b()])), NONE);
        assert_eq!(
            applied(&block, planned(), Value::set([a()])),
            ["`in` lacks an element that was planned."]
        );
        assert_eq!(
            applied(&block, planned(), Value::set([a(), b(), sized("c", NULL)])),
            ["`in` has an element that was not planned."]
        );
        let twice = Value::set([a(), b(), sized("b", string("j"))]);
        assert_eq!(
            applied(&block, planned(), twice),
            ["`in` has 3 elements, but the plan has 2."]
        );
        let one = object([("size", Value::unknown()), ("id", Value::unknown())]);
        let merged = Value::set([one, open("a")]);
        assert_eq!(
            applied(&block, merged, Value::set([a()])),
            NONE,
            "equal elements count as a single element"
        );
    }
}

#[test]
fn planned_blocks_must_not_change() {
    let (a, b) = (|| sized("a", string("i")), || sized("b", string("i")));
    let many = blocks(BlockNesting::List);
    assert_eq!(
        applied(&many, list([sized("a", Value::unknown())]), list([a()])),
        NONE
    );
    assert_eq!(
        applied(&many, list([a()]), list([b()])),
        [r#"`in[0].size` was planned as "a", but is "b"."#]
    );
    assert_eq!(
        applied(&many, list([a()]), list([])),
        ["`in` has 0 elements, but the plan has 1."]
    );
    assert_eq!(
        applied(&many, Value::unknown(), list([a(), b()])),
        NONE,
        "a dynamic block"
    );
    let single = blocks(BlockNesting::Single);
    assert_eq!(
        applied(&single, a(), NULL),
        ["`in` was planned to exist, but is absent."]
    );
    assert_eq!(
        applied(&single, NULL, a()),
        ["`in` was planned to be absent, but exists."]
    );
    assert_eq!(applied(&single, Value::unknown(), NULL), NONE);
    let keyed = blocks(BlockNesting::Map);
    assert_eq!(
        applied(&keyed, Value::map([("k", a())]), Value::map([("l", a())])).len(),
        1
    );
}

#[test]
fn refinements_of_unknown_values_are_enforced() {
    let of = |ty: Type| Block::new().attribute("in", Attribute::of(ty).computed());
    let number = |n: i64, inclusive| {
        Some(Bound {
            number: n.into(),
            inclusive,
        })
    };
    let plain = Unknown::default;
    let cases = [
        (
            Type::String,
            Unknown {
                nullness: Some(false),
                ..plain()
            },
            string("x"),
            NULL,
            "was planned not to be null, but is null",
        ),
        (
            Type::String,
            Unknown {
                nullness: Some(true),
                ..plain()
            },
            NULL,
            string("x"),
            "was planned to be null, but is not null",
        ),
        (
            Type::String,
            Unknown {
                prefix: Some("arn:".into()),
                ..plain()
            },
            string("arn:x"),
            string("x"),
            "does not start with the planned prefix",
        ),
        (
            Type::Number,
            Unknown {
                lower: number(5, true),
                ..plain()
            },
            5.into(),
            4.into(),
            "is outside the planned range",
        ),
        (
            Type::Number,
            Unknown {
                lower: number(5, false),
                ..plain()
            },
            6.into(),
            5.into(),
            "is outside the planned range",
        ),
        (
            Type::Number,
            Unknown {
                upper: number(5, true),
                ..plain()
            },
            5.into(),
            6.into(),
            "is outside the planned range",
        ),
        (
            Type::Number,
            Unknown {
                upper: number(5, false),
                ..plain()
            },
            4.into(),
            5.into(),
            "is outside the planned range",
        ),
        (
            Type::Bool.list(),
            Unknown {
                min_length: Some(1),
                ..plain()
            },
            list([NULL]),
            list([]),
            "does not have the planned number of elements",
        ),
        (
            Type::Bool.set(),
            Unknown {
                max_length: Some(0),
                ..plain()
            },
            Value::set([]),
            Value::set([NULL]),
            "does not have the planned number of elements",
        ),
    ];
    for (ty, unknown, kept, broken, problem) in cases {
        let unknown = refined_unknown(unknown);
        assert_eq!(
            applied(&of(ty.clone()), unknown.clone(), kept),
            NONE,
            "{unknown:?}"
        );
        let messages = applied(&of(ty), unknown.clone(), broken);
        assert_eq!(messages, [format!("`in` {problem}.")], "{unknown:?}");
    }
}

#[test]
fn sensitive_values_are_never_shown() {
    let secret = || string("hunter2");
    let flat = Block::new().attribute("in", text().optional().sensitive());
    let messages = [
        planned(&flat, NULL, secret(), string("hunter3")),
        planned(&flat, string("hunter1"), secret(), string("hunter3")),
        planned(&flat, NULL, NULL, secret()),
        applied(&flat, secret(), string("hunter3")),
    ];
    for messages in messages {
        assert_eq!(messages.len(), 1);
        assert!(
            messages[0].contains("a sensitive value") && !messages[0].contains("hunter"),
            "{messages:?}"
        );
    }
    // A nested attribute within a sensitive attribute, and a nested attribute that is sensitive.
    let open = Block::new().attribute("key", text().optional());
    let around = Attribute::nested(ObjectNesting::List, open.attributes)
        .optional()
        .sensitive();
    let hidden = Block::new().attribute("key", text().optional().sensitive());
    let within = Attribute::nested(ObjectNesting::List, hidden.attributes).optional();
    for attribute in [around, within] {
        let block = Block::new().attribute("in", attribute);
        let with = |key: &str| list([only("key", string(key))]);
        let messages = [
            planned(&block, NULL, with("hunter2"), with("hunter3")),
            applied(&block, with("hunter2"), with("hunter3")),
        ];
        for messages in messages {
            assert!(
                messages.len() == 1
                    && messages[0].starts_with("`in[0].key` ")
                    && !messages[0].contains("hunter"),
                "{messages:?}"
            );
        }
    }
    // A message about a type mismatch does not show the value either.
    let wrong = messages_of_wrong_type();
    assert_eq!(
        wrong,
        ["`in` does not conform to the schema: string is required, found a number."]
    );
}

fn messages_of_wrong_type() -> Vec<String> {
    let flat = Block::new().attribute("in", text().optional().sensitive());
    messages(state(&flat, &only("in", Value::from(1234))))
}

#[test]
fn long_values_are_truncated() {
    let block = Block::new().attribute("in", text().optional());
    let messages = planned(&block, NULL, string(&"ä".repeat(1000)), string("b"));
    assert!(messages[0].len() < 200, "{messages:?}");
}
