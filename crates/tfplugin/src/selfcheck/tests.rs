//! Each rule that the command lines enforce, broken once.

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

fn promised(unknown: Unknown) -> Value {
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

fn told(violations: Vec<Violation>) -> Vec<String> {
    violations.iter().map(Violation::to_string).collect()
}

/// Path and sentence of what is wrong with a plan where one attribute or block is all there is.
fn planned(block: &Block, prior: Value, config: Value, planned: Value) -> Vec<String> {
    let whole = |value: Value| only("in", value);
    told(plan(block, &whole(prior), &whole(config), &whole(planned)))
}

fn applied(block: &Block, planned: Value, new: Value) -> Vec<String> {
    told(result(block, &only("in", planned), &only("in", new)))
}

const FINE: [&str; 0] = [];

#[test]
fn a_plan_is_there_exactly_if_something_is_configured() {
    let block = blocks(BlockNesting::List);
    let there = || only("in", list([]));
    assert_eq!(told(plan(&block, &NULL, &there(), &there())), FINE);
    assert_eq!(told(plan(&block, &there(), &NULL, &NULL)), FINE);
    let absent = ["The object as a whole is configured, but planned to be absent."];
    assert_eq!(told(plan(&block, &NULL, &there(), &NULL)), absent);
    let extra = ["The object as a whole is not configured, but planned to exist."];
    assert_eq!(told(plan(&block, &there(), &NULL, &there())), extra);
}

#[test]
fn a_plan_says_what_is_configured() {
    let block = Block::new().attribute("in", text().optional());
    assert_eq!(planned(&block, NULL, string("a"), string("a")), FINE);
    assert_eq!(
        planned(&block, string("a"), string("A"), string("a")),
        FINE,
        "what was may stay"
    );
    assert_eq!(
        planned(&block, NULL, string("a"), string("b")),
        [r#"`in` is configured as "a", but planned as "b"."#]
    );
    assert_eq!(
        planned(&block, string("c"), string("a"), string("b")),
        [r#"`in` is configured as "a" and was "c", but is planned as "b"."#]
    );
    assert_eq!(
        planned(&block, NULL, string("a"), Value::unknown()),
        [r#"`in` is configured as "a", but planned as unknown."#]
    );
    assert_eq!(
        planned(&block, NULL, Value::unknown(), string("b")),
        [r#"`in` is configured as unknown, but planned as "b"."#]
    );
    assert_eq!(
        planned(&block, NULL, NULL, string("b")),
        [r#"`in` is not computed and not configured, but planned as "b"."#]
    );
    assert_eq!(
        planned(&block, string("b"), NULL, string("b")),
        [r#"`in` is not computed and not configured, but planned as "b"."#],
        "what was may not stay where nothing is configured"
    );
    assert_eq!(planned(&block, string("b"), string("a"), NULL).len(), 1);
    let refined = promised(Unknown {
        nullness: Some(false),
        ..Unknown::default()
    });
    assert_eq!(
        planned(&block, NULL, refined, Value::unknown()),
        FINE,
        "promises do not count"
    );
}

#[test]
fn a_provider_may_plan_what_it_computes() {
    let computed = Block::new().attribute("in", text().computed());
    for value in [NULL, string("a"), Value::unknown()] {
        assert_eq!(planned(&computed, string("z"), NULL, value), FINE);
    }
    let both = Block::new().attribute("in", text().optional().computed());
    assert_eq!(planned(&both, NULL, NULL, string("default")), FINE);
    assert_eq!(
        planned(&both, NULL, string("a"), string("default")).len(),
        1,
        "but not what is configured"
    );
}

#[test]
fn write_only_values_are_in_no_plan_and_no_state() {
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
        assert_eq!(planned(&block, NULL, shown.clone(), null.clone()), FINE);
        assert_eq!(told(state(&block, &only("in", shown.clone()))), wrong);
        assert_eq!(told(state(&block, &only("in", null.clone()))), FINE);
        assert_eq!(applied(&block, null.clone(), shown), wrong);
        assert_eq!(applied(&block, null.clone(), null), FINE);
    }
}

#[test]
fn a_plan_fits_the_schema() {
    let block = nested(ObjectNesting::List);
    let half = list([only("size", NULL)]);
    let wrong = [r#"`in[0]` does not fit the schema: attribute "id" is missing."#];
    assert_eq!(planned(&block, NULL, half.clone(), half.clone()), wrong);
    assert_eq!(told(state(&block, &only("in", half.clone()))), wrong);
    assert_eq!(applied(&block, half.clone(), half), wrong);
    let root = ["The object as a whole does not fit the schema: attribute \"in\" is missing."];
    assert_eq!(
        told(state(&block, &Value::Object(Default::default()))),
        root
    );
}

#[test]
fn nested_attributes_are_planned_one_by_one() {
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
        let asked = |planned_as: Value| planned(&block, NULL, of(sized("a", NULL)), of(planned_as));
        assert_eq!(asked(sized("a", Value::unknown())), FINE, "{nesting:?}");
        assert_eq!(
            asked(sized("b", NULL)),
            [format!(
                r#"`{path}.size` is configured as "a", but planned as "b"."#
            )]
        );
        let whole = |planned_as: Value| planned(&block, NULL, of(sized("a", NULL)), planned_as);
        assert_eq!(
            whole(NULL),
            ["`in` is configured, but planned to be absent."]
        );
        assert_eq!(
            whole(Value::unknown()),
            ["`in` is configured, but planned as unknown as a whole."]
        );
        let kept = planned(
            &block,
            of(sized("b", NULL)),
            of(sized("a", NULL)),
            of(sized("b", Value::unknown())),
        );
        assert_eq!(kept, FINE, "what was may stay, deep down too");
        assert_eq!(
            planned(&block, NULL, Value::unknown(), of(sized("a", NULL))).len(),
            1
        );
    }
}

#[test]
fn elements_in_a_plan_are_the_configured_ones() {
    let (a, b) = (|| sized("a", NULL), || sized("b", NULL));
    let many = nested(ObjectNesting::List);
    assert_eq!(
        planned(&many, NULL, list([a()]), list([a(), b()])),
        ["`in` has 2 elements in the plan, but 1 in the configuration."]
    );
    let keyed = nested(ObjectNesting::Map);
    let other = ["`in` has other keys in the plan than in the configuration."];
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
        FINE,
        "elements of sets are not checked"
    );
    assert_eq!(
        planned(&set, NULL, Value::set([a()]), Value::set([a(), b()])).len(),
        1,
        "but counted"
    );
    let undecided = Value::set([a(), sized("b", Value::unknown())]);
    assert_eq!(
        planned(&set, NULL, Value::set([a()]), undecided.clone()),
        FINE,
        "they may turn out to be one"
    );
    assert_eq!(planned(&set, NULL, undecided, Value::set([a()])), FINE);
}

#[test]
fn blocks_in_a_plan_are_the_configured_ones() {
    let (a, b) = (|| sized("a", NULL), || sized("b", NULL));
    let many = blocks(BlockNesting::List);
    assert_eq!(
        planned(
            &many,
            NULL,
            list([a()]),
            list([sized("a", Value::unknown())])
        ),
        FINE
    );
    assert_eq!(
        planned(&many, NULL, list([a()]), list([b()])),
        [r#"`in[0].size` is configured as "a", but planned as "b"."#]
    );
    assert_eq!(planned(&many, NULL, list([a()]), list([])).len(), 1);
    assert_eq!(
        planned(&many, NULL, list([a()]), Value::unknown()),
        ["`in` stands for nested blocks, which cannot be unknown as a whole."]
    );
    assert_eq!(
        planned(&many, NULL, list([a()]), list([Value::unknown()])),
        ["`in[0]` is a nested block, which cannot be unknown as a whole."]
    );
    assert_eq!(
        planned(&many, NULL, Value::unknown(), Value::unknown()),
        FINE,
        "a dynamic block"
    );
    assert_eq!(
        planned(&many, NULL, Value::unknown(), list([a()])),
        ["`in` is a dynamic block that is not known yet, so the plan may not decide it."]
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
        FINE
    );
    assert_eq!(
        planned(
            &set,
            NULL,
            Value::set([a()]),
            Value::set([Value::unknown()])
        ),
        ["`in` is a nested block, which cannot be unknown as a whole."]
    );
    let single = blocks(BlockNesting::Single);
    assert_eq!(planned(&single, NULL, NULL, NULL), FINE);
    assert_eq!(
        planned(&single, NULL, a(), NULL),
        ["`in` is configured, but planned to be absent."]
    );
    assert_eq!(
        planned(&single, NULL, NULL, a()),
        ["`in` is not configured, but planned to exist."]
    );
    assert_eq!(planned(&single, a(), a(), b()).len(), 1);
}

#[test]
fn repeated_blocks_are_empty_and_never_null() {
    for (nesting, empty) in [
        (BlockNesting::List, list([])),
        (BlockNesting::Set, Value::set([])),
        (BlockNesting::Map, Value::Map(Default::default())),
        (BlockNesting::Group, object([("size", NULL), ("id", NULL)])),
    ] {
        let block = blocks(nesting);
        let wrong = ["`in` stands for nested blocks, so it must be empty instead of null."];
        assert_eq!(told(state(&block, &only("in", NULL))), wrong, "{nesting:?}");
        assert_eq!(planned(&block, NULL, empty.clone(), NULL), wrong);
        assert_eq!(applied(&block, empty.clone(), NULL), wrong);
        assert_eq!(told(state(&block, &only("in", empty))), FINE);
    }
    assert_eq!(
        told(state(&blocks(BlockNesting::Single), &only("in", NULL))),
        FINE
    );
    // Within a block too.
    let deep = Block::new().nested(
        "out",
        NestedBlock::new(BlockNesting::List, blocks(BlockNesting::List)),
    );
    let null = only("out", list([only("in", NULL)]));
    assert_eq!(
        told(state(&deep, &null)),
        ["`out[0].in` stands for nested blocks, so it must be empty instead of null."]
    );
}

#[test]
fn nothing_in_a_state_is_unknown() {
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
        let wrong = [format!("`{path}` is unknown, but must be known by now.")];
        assert_eq!(told(state(&block, &only("in", value.clone()))), wrong);
        assert_eq!(applied(&block, Value::unknown(), value), wrong);
    }
    let set = Value::set([sized("a", Value::unknown())]);
    assert_eq!(
        told(state(&nested(ObjectNesting::Set), &only("in", set))),
        ["`in` has an element that is not wholly known, but must be known by now."]
    );
    assert_eq!(
        told(state(&nested(ObjectNesting::Set), &NULL)),
        FINE,
        "the object is gone"
    );
}

#[test]
fn what_was_planned_comes_true() {
    let block = Block::new().attribute("in", text().optional().computed());
    assert_eq!(applied(&block, string("a"), string("a")), FINE);
    assert_eq!(applied(&block, Value::unknown(), string("a")), FINE);
    assert_eq!(applied(&block, Value::unknown(), NULL), FINE);
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
    let there = only("in", NULL);
    assert_eq!(
        told(result(&block, &there, &NULL)),
        ["The object as a whole was planned, but is absent."]
    );
    assert_eq!(
        told(result(&block, &NULL, &there)),
        ["The object as a whole was planned to be absent, but is there."]
    );
}

#[test]
fn elements_come_true_one_by_one() {
    let (a, b) = (|| sized("a", string("i")), || sized("b", string("i")));
    let open = |size: &str| sized(size, Value::unknown());
    let many = nested(ObjectNesting::List);
    assert_eq!(applied(&many, list([open("a")]), list([a()])), FINE);
    assert_eq!(
        applied(&many, list([open("a")]), list([b()])),
        [r#"`in[0].size` was planned as "a", but is "b"."#]
    );
    assert_eq!(
        applied(&many, list([open("a")]), list([a(), a()])),
        ["`in` has 2 elements, but 1 were planned."]
    );
    let keyed = nested(ObjectNesting::Map);
    assert_eq!(
        applied(&keyed, Value::map([("k", a())]), Value::map([("l", a())])),
        ["`in` has other keys than were planned."]
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
fn elements_of_sets_come_true_in_any_order() {
    let (a, b) = (|| sized("a", string("i")), || sized("b", string("i")));
    let open = |size: &str| sized(size, Value::unknown());
    for block in [nested(ObjectNesting::Set), blocks(BlockNesting::Set)] {
        let planned = || Value::set([open("b"), open("a")]);
        assert_eq!(applied(&block, planned(), Value::set([a(), b()])), FINE);
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
            ["`in` has 3 elements, but 2 were planned."]
        );
        let one = object([("size", Value::unknown()), ("id", Value::unknown())]);
        let merged = Value::set([one, open("a")]);
        assert_eq!(
            applied(&block, merged, Value::set([a()])),
            FINE,
            "elements that turn out equal are one"
        );
    }
}

#[test]
fn blocks_come_true() {
    let (a, b) = (|| sized("a", string("i")), || sized("b", string("i")));
    let many = blocks(BlockNesting::List);
    assert_eq!(
        applied(&many, list([sized("a", Value::unknown())]), list([a()])),
        FINE
    );
    assert_eq!(
        applied(&many, list([a()]), list([b()])),
        [r#"`in[0].size` was planned as "a", but is "b"."#]
    );
    assert_eq!(
        applied(&many, list([a()]), list([])),
        ["`in` has 0 elements, but 1 were planned."]
    );
    assert_eq!(
        applied(&many, Value::unknown(), list([a(), b()])),
        FINE,
        "a dynamic block"
    );
    let single = blocks(BlockNesting::Single);
    assert_eq!(
        applied(&single, a(), NULL),
        ["`in` was planned, but is absent."]
    );
    assert_eq!(
        applied(&single, NULL, a()),
        ["`in` was planned to be absent, but is there."]
    );
    assert_eq!(applied(&single, Value::unknown(), NULL), FINE);
    let keyed = blocks(BlockNesting::Map);
    assert_eq!(
        applied(&keyed, Value::map([("k", a())]), Value::map([("l", a())])).len(),
        1
    );
}

#[test]
fn promises_about_unknown_values_are_kept() {
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
        ),
        (
            Type::String,
            Unknown {
                nullness: Some(true),
                ..plain()
            },
            NULL,
            string("x"),
        ),
        (
            Type::String,
            Unknown {
                prefix: Some("arn:".into()),
                ..plain()
            },
            string("arn:x"),
            string("x"),
        ),
        (
            Type::Number,
            Unknown {
                lower: number(5, true),
                ..plain()
            },
            5.into(),
            4.into(),
        ),
        (
            Type::Number,
            Unknown {
                lower: number(5, false),
                ..plain()
            },
            6.into(),
            5.into(),
        ),
        (
            Type::Number,
            Unknown {
                upper: number(5, true),
                ..plain()
            },
            5.into(),
            6.into(),
        ),
        (
            Type::Number,
            Unknown {
                upper: number(5, false),
                ..plain()
            },
            4.into(),
            5.into(),
        ),
        (
            Type::Bool.list(),
            Unknown {
                min_length: Some(1),
                ..plain()
            },
            list([NULL]),
            list([]),
        ),
        (
            Type::Bool.set(),
            Unknown {
                max_length: Some(0),
                ..plain()
            },
            Value::set([]),
            Value::set([NULL]),
        ),
    ];
    for (ty, promise, kept, broken) in cases {
        let promise = promised(promise);
        assert_eq!(
            applied(&of(ty.clone()), promise.clone(), kept),
            FINE,
            "{promise:?}"
        );
        let told = applied(&of(ty), promise.clone(), broken);
        assert!(
            told.len() == 1 && told[0].starts_with("`in` was promised to "),
            "{promise:?}: {told:?}"
        );
    }
}

#[test]
fn sensitive_values_are_never_shown() {
    let secret = || string("hunter2");
    let flat = Block::new().attribute("in", text().optional().sensitive());
    let told = [
        planned(&flat, NULL, secret(), string("hunter3")),
        planned(&flat, string("hunter1"), secret(), string("hunter3")),
        planned(&flat, NULL, NULL, secret()),
        applied(&flat, secret(), string("hunter3")),
    ];
    for told in told {
        assert_eq!(told.len(), 1);
        assert!(
            told[0].contains("a sensitive value") && !told[0].contains("hunter"),
            "{told:?}"
        );
    }
    // An attribute within a sensitive one, and a sensitive one within another.
    let open = Block::new().attribute("key", text().optional());
    let around = Attribute::nested(ObjectNesting::List, open.attributes)
        .optional()
        .sensitive();
    let hidden = Block::new().attribute("key", text().optional().sensitive());
    let within = Attribute::nested(ObjectNesting::List, hidden.attributes).optional();
    for attribute in [around, within] {
        let block = Block::new().attribute("in", attribute);
        let with = |key: &str| list([only("key", string(key))]);
        let told = [
            planned(&block, NULL, with("hunter2"), with("hunter3")),
            applied(&block, with("hunter2"), with("hunter3")),
        ];
        for told in told {
            assert!(
                told.len() == 1
                    && told[0].starts_with("`in[0].key` ")
                    && !told[0].contains("hunter"),
                "{told:?}"
            );
        }
    }
    // Not in a message about the wrong kind of value either.
    let wrong = told_about_kind();
    assert_eq!(
        wrong,
        ["`in` does not fit the schema: string is required, found a number."]
    );
}

fn told_about_kind() -> Vec<String> {
    let flat = Block::new().attribute("in", text().optional().sensitive());
    told(state(&flat, &only("in", Value::from(1234))))
}

#[test]
fn long_values_are_cut() {
    let block = Block::new().attribute("in", text().optional());
    let told = planned(&block, NULL, string(&"ä".repeat(1000)), string("b"));
    assert!(told[0].len() < 200, "{told:?}");
}
