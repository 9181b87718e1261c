//! Tests for each rule of the planner.

use tfschema::{
    Attribute, AttributePath, Block, BlockNesting, Dynamic, NestedBlock, ObjectNesting, Schema,
    Type, Value,
};

use super::{propose, requires_replace, without_write_only};
use crate::rules::AttributeRules;
use crate::{Definition, ObjectRules};

mod framework;
mod sets;

/// Block and its rules.
#[derive(Default, Clone)]
struct Part {
    block: Block,
    rules: ObjectRules,
}

fn part() -> Part {
    Part::default()
}

impl Part {
    fn attribute(mut self, name: &str, attribute: Attribute, rules: AttributeRules) -> Self {
        self.block = self.block.attribute(name, attribute);
        self.rules.insert(name, rules);
        self
    }

    /// Adds a nested attribute with the attributes and rules of another part.
    fn nested(
        self,
        name: &str,
        nesting: ObjectNesting,
        inner: Part,
        rules: AttributeRules,
    ) -> Self {
        let attribute = Attribute::nested(nesting, inner.block.attributes)
            .optional()
            .computed();
        self.attribute(
            name,
            attribute,
            AttributeRules {
                nested: inner.rules,
                ..rules
            },
        )
    }

    fn block(mut self, name: &str, nesting: BlockNesting, inner: Part) -> Self {
        self.block = self
            .block
            .nested(name, NestedBlock::new(nesting, inner.block));
        self.rules.insert(
            name,
            AttributeRules {
                nested: inner.rules,
                ..AttributeRules::default()
            },
        );
        self
    }

    fn definition(self) -> Definition {
        Definition {
            schema: Schema::new(0, self.block),
            rules: self.rules,
            ..Definition::default()
        }
    }
}

fn text() -> Attribute {
    Attribute::of(Type::String)
}

fn plain() -> AttributeRules {
    AttributeRules::default()
}

fn default(value: impl Into<Value>) -> AttributeRules {
    AttributeRules {
        default: Some(value.into()),
        ..plain()
    }
}

fn keep() -> AttributeRules {
    AttributeRules {
        keep: true,
        ..plain()
    }
}

fn replaces() -> AttributeRules {
    AttributeRules {
        requires_replace: true,
        ..plain()
    }
}

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object(attributes)
}

fn list<const N: usize>(elements: [Value; N]) -> Value {
    Value::List(elements.into())
}

fn string(text: &str) -> Value {
    Value::string(text)
}

const NULL: Value = Value::Null;

/// Function that wraps an object in a nested value.
type Wrap = fn(Value) -> Value;

/// Returns a part with a required name, a computed URL, and a computed ID that keeps its value.
fn named() -> Part {
    part()
        .attribute("name", text().required(), plain())
        .attribute("url", text().computed(), plain())
        .attribute("id", text().computed(), keep())
}

fn three(name: &str, url: Value, id: Value) -> Value {
    object([("name", string(name)), ("url", url), ("id", id)])
}

fn paths(paths: &[AttributePath]) -> Vec<String> {
    paths.iter().map(AttributePath::to_string).collect()
}

#[test]
fn destruction_has_a_null_plan_and_no_replacement() {
    let definition = part()
        .attribute("name", text().required(), replaces())
        .definition();
    let proposed = propose(&definition, &object([("name", string("a"))]), NULL, &NULL);
    assert!(proposed.plan.is_null());
    assert!(proposed.requires_replace.is_empty());
}

#[test]
fn an_attribute_that_is_not_configured_has_its_default() {
    let definition = part()
        .attribute("size", text().optional().computed(), default("small"))
        .definition();
    let plan = |prior: Value, proposed: Value, config: Value| {
        let config = object([("size", config)]);
        let proposed = object([("size", proposed)]);
        propose(&definition, &prior, proposed, &config)
            .plan
            .attribute("size")
    };
    assert_eq!(plan(NULL, NULL, NULL), string("small"));
    assert_eq!(plan(NULL, string("big"), string("big")), string("big"));
    assert_eq!(
        plan(NULL, Value::unknown(), Value::unknown()),
        Value::unknown()
    );
    // If a value is no longer configured, the attribute returns to its default, not to its prior value.
    assert_eq!(
        plan(object([("size", string("big"))]), string("big"), NULL),
        string("small")
    );
}

#[test]
fn defaults_apply_in_every_nesting() {
    let inner = || part().attribute("size", text().optional().computed(), default("small"));
    let sized = |size: Value| object([("size", size)]);
    let cases = [
        (ObjectNesting::Single, sized(NULL), sized(string("small"))),
        (
            ObjectNesting::List,
            list([sized(NULL), sized(string("big"))]),
            list([sized(string("small")), sized(string("big"))]),
        ),
        (
            ObjectNesting::Map,
            Value::map([("k", sized(NULL))]),
            Value::map([("k", sized(string("small")))]),
        ),
        (
            ObjectNesting::Set,
            Value::set([sized(NULL), sized(string("big"))]),
            Value::set([sized(string("small")), sized(string("big"))]),
        ),
    ];
    for (nesting, config, expected) in cases {
        let definition = part().nested("in", nesting, inner(), plain()).definition();
        let config = object([("in", config)]);
        let plan = propose(&definition, &NULL, config.clone(), &config).plan;
        assert_eq!(plan, object([("in", expected)]), "{nesting:?}");
    }
    for (nesting, config, expected) in [
        (BlockNesting::Single, sized(NULL), sized(string("small"))),
        (BlockNesting::Group, sized(NULL), sized(string("small"))),
        (
            BlockNesting::List,
            list([sized(NULL)]),
            list([sized(string("small"))]),
        ),
        (
            BlockNesting::Set,
            Value::set([sized(NULL)]),
            Value::set([sized(string("small"))]),
        ),
        (
            BlockNesting::Map,
            Value::map([("k", sized(NULL))]),
            Value::map([("k", sized(string("small")))]),
        ),
    ] {
        let definition = part().block("in", nesting, inner()).definition();
        let config = object([("in", config)]);
        let plan = propose(&definition, &NULL, config.clone(), &config).plan;
        assert_eq!(plan, object([("in", expected)]), "{nesting:?}");
    }
}

#[test]
fn a_default_object_is_completed_like_a_configured_object() {
    let inner = part()
        .attribute("mode", text().optional().computed(), default("fast"))
        .attribute("note", text().optional(), plain())
        .attribute("arn", text().computed(), plain());
    let written = object([
        ("mode", NULL),
        ("note", string("from default")),
        ("arn", NULL),
    ]);
    let definition = part()
        .nested("in", ObjectNesting::Single, inner, default(written))
        .definition();
    let nothing = object([("in", NULL)]);
    let plan = propose(&definition, &NULL, nothing.clone(), &nothing).plan;
    let expected = object([
        ("mode", string("fast")),
        ("note", string("from default")),
        ("arn", Value::unknown()),
    ]);
    assert_eq!(plan, object([("in", expected)]));
}

/// docs/protocol.md, "Write-only values".
///
/// The core proposes the configured value, but the planned value must be null.
#[test]
fn write_only_values_are_never_planned() {
    let inner = part().attribute("token", text().optional().write_only(), plain());
    let definition = part()
        .attribute("password", text().optional().write_only(), replaces())
        .nested("one", ObjectNesting::Single, inner.clone(), plain())
        .nested("many", ObjectNesting::Map, inner.clone(), plain())
        .block("block", BlockNesting::List, inner)
        .definition();
    let with = |secret: Value| {
        object([
            ("password", secret.clone()),
            ("one", object([("token", secret.clone())])),
            (
                "many",
                Value::map([("k", object([("token", secret.clone())]))]),
            ),
            ("block", list([object([("token", secret)])])),
        ])
    };
    for secret in [string("hunter2"), Value::unknown()] {
        let proposed = propose(
            &definition,
            &NULL,
            with(secret.clone()),
            &with(secret.clone()),
        );
        assert_eq!(proposed.plan, with(NULL));
        // The stored value is null, so the plan contains no changes although a value is configured.
        let again = propose(
            &definition,
            &with(NULL),
            with(secret.clone()),
            &with(secret.clone()),
        );
        assert_eq!(again.plan, with(NULL));
        assert!(again.requires_replace.is_empty());
        assert_eq!(
            without_write_only(&definition.schema.block, with(secret)),
            with(NULL)
        );
    }
}

#[test]
fn computed_values_are_unknown_when_an_object_is_created() {
    let config = three("a", NULL, NULL);
    let plan = propose(&named().definition(), &NULL, config.clone(), &config).plan;
    assert_eq!(plan, three("a", Value::unknown(), Value::unknown()));
}

/// docs/protocol.md, "Deterministic plans".
///
/// An unknown value counts as a change, so a plan without changes contains no unknown values.
#[test]
fn a_plan_without_changes_has_no_unknown_values() {
    let prior = three("a", string("u"), string("i"));
    let proposed = propose(
        &named().definition(),
        &prior,
        prior.clone(),
        &three("a", NULL, NULL),
    );
    assert_eq!(proposed.plan, prior);
}

#[test]
fn a_change_makes_computed_values_unknown_except_kept_values() {
    let prior = three("a", string("u"), string("i"));
    let proposed = three("b", string("u"), string("i"));
    let plan = propose(
        &named().definition(),
        &prior,
        proposed,
        &three("b", NULL, NULL),
    )
    .plan;
    assert_eq!(plan, three("b", Value::unknown(), string("i")));
}

#[test]
fn a_change_to_unknown_is_a_change() {
    let prior = three("a", string("u"), string("i"));
    let with_unknown =
        |url: Value, id: Value| object([("name", Value::unknown()), ("url", url), ("id", id)]);
    let plan = propose(
        &named().definition(),
        &prior,
        with_unknown(string("u"), string("i")),
        &with_unknown(NULL, NULL),
    );
    assert_eq!(plan.plan, with_unknown(Value::unknown(), string("i")));
}

#[test]
fn configured_values_are_planned_unchanged() {
    let definition = part()
        .attribute("name", text().required(), plain())
        .attribute("zone", text().optional().computed(), plain())
        .attribute("note", text().optional(), plain())
        .definition();
    let with =
        |name: &str, zone: Value| object([("name", string(name)), ("zone", zone), ("note", NULL)]);
    let plan =
        |prior: Value, config: Value| propose(&definition, &prior, config.clone(), &config).plan;
    assert_eq!(
        plan(with("a", string("z1")), with("b", string("z2"))),
        with("b", string("z2"))
    );
    // An optional attribute that is not computed remains null.
    assert_eq!(plan(NULL, with("a", string("z1"))), with("a", string("z1")));
    let plan = propose(
        &definition,
        &with("a", string("z1")),
        with("b", string("z1")),
        &with("b", NULL),
    )
    .plan;
    assert_eq!(
        plan,
        with("b", Value::unknown()),
        "an optional computed attribute that is not configured is unknown"
    );
}

#[test]
fn computed_values_within_nested_objects_follow_index_and_key() {
    let definition = |nesting| part().nested("in", nesting, named(), plain()).definition();
    let (known, new) = (
        (string("u"), string("i")),
        (Value::unknown(), Value::unknown()),
    );
    let element = |name: &str, (url, id): (Value, Value)| three(name, url, id);
    let nothing = || (NULL, NULL);
    let whole = |value: Value| object([("in", value)]);

    // The second element is new. The first element has a different name but the same index.
    let prior = whole(list([element("a", known.clone())]));
    let config = whole(list([element("b", nothing()), element("c", nothing())]));
    let proposed = whole(list([element("b", known.clone()), element("c", nothing())]));
    let plan = propose(&definition(ObjectNesting::List), &prior, proposed, &config).plan;
    let expected = list([
        element("b", (Value::unknown(), string("i"))),
        element("c", new.clone()),
    ]);
    assert_eq!(plan, whole(expected));

    let prior = whole(Value::map([
        ("x", element("a", known.clone())),
        ("y", element("gone", known.clone())),
    ]));
    let config = whole(Value::map([
        ("x", element("a", nothing())),
        ("z", element("c", nothing())),
    ]));
    let proposed = whole(Value::map([
        ("x", element("a", known.clone())),
        ("z", element("c", nothing())),
    ]));
    let plan = propose(&definition(ObjectNesting::Map), &prior, proposed, &config).plan;
    let expected = Value::map([
        ("x", element("a", (Value::unknown(), string("i")))),
        ("z", element("c", new.clone())),
    ]);
    assert_eq!(plan, whole(expected));

    // Elements in sets correspond if they differ only in computed values.
    let prior = whole(Value::set([
        element("a", known.clone()),
        element("gone", known.clone()),
    ]));
    let config = whole(Value::set([
        element("a", nothing()),
        element("c", nothing()),
    ]));
    let proposed = whole(Value::set([element("a", known), element("c", nothing())]));
    let plan = propose(&definition(ObjectNesting::Set), &prior, proposed, &config).plan;
    let expected = Value::set([
        element("a", (Value::unknown(), string("i"))),
        element("c", new),
    ]);
    assert_eq!(plan, whole(expected));
}

#[test]
fn computed_values_within_blocks_become_unknown_but_blocks_do_not() {
    let definition = part().block("rule", BlockNesting::List, named()).block(
        "none",
        BlockNesting::Single,
        named(),
    );
    let config = object([("rule", list([three("a", NULL, NULL)])), ("none", NULL)]);
    let plan = propose(&definition.definition(), &NULL, config.clone(), &config).plan;
    let expected = three("a", Value::unknown(), Value::unknown());
    assert_eq!(plan, object([("rule", list([expected])), ("none", NULL)]));
}

#[test]
fn a_nested_attribute_that_is_not_configured_is_one_value() {
    let definition = part()
        .attribute("name", text().required(), plain())
        .nested("in", ObjectNesting::Single, named(), plain())
        .definition();
    let with = |name: &str, inner: Value| object([("name", string(name)), ("in", inner)]);
    let plan = propose(&definition, &NULL, with("a", NULL), &with("a", NULL)).plan;
    assert_eq!(plan, with("a", Value::unknown()));
    let stored = three("x", string("u"), string("i"));
    let plan = propose(
        &definition,
        &with("a", stored.clone()),
        with("b", stored),
        &with("b", NULL),
    )
    .plan;
    assert_eq!(plan, with("b", Value::unknown()));
}

#[test]
fn collections_without_nested_attributes_are_one_value() {
    let ty = Type::object([("a", Type::String)]).list();
    let definition = part()
        .attribute("tags", Attribute::of(ty).optional().computed(), plain())
        .definition();
    let config = object([("tags", list([object([("a", NULL)])]))]);
    let plan = propose(&definition, &NULL, config.clone(), &config).plan;
    assert_eq!(plan, config);
}

#[test]
fn unknown_nested_configuration_is_planned_as_unknown() {
    let definition = part()
        .nested("in", ObjectNesting::List, named(), plain())
        .block("rule", BlockNesting::List, named())
        .definition();
    let config = object([("in", Value::unknown()), ("rule", Value::unknown())]);
    let plan = propose(&definition, &NULL, config.clone(), &config).plan;
    assert_eq!(plan, config);
}

#[test]
fn blocks_with_dynamic_attributes_are_planned() {
    let open = || {
        part()
            .attribute("any", Attribute::of(Type::Dynamic).optional(), plain())
            .attribute("id", text().computed(), plain())
    };
    let definition = part()
        .block("rule", BlockNesting::List, open())
        .definition();
    let inner = Type::object([("any", Type::String), ("id", Type::String)]);
    let rules = |id: Value| {
        let value = Value::Tuple(vec![object([("any", string("x")), ("id", id)])]);
        let ty = Type::Tuple(vec![inner.clone()]);
        object([("rule", Value::Dynamic(Box::new(Dynamic { ty, value })))])
    };
    let plan = propose(&definition, &NULL, rules(NULL), &rules(NULL)).plan;
    assert_eq!(plan, rules(Value::unknown()));
    assert!(definition.schema.block.implied_type().check(&plan).is_ok());
}

#[test]
fn a_typed_null_is_not_configured() {
    let definition = part()
        .attribute("name", text().required(), plain())
        .attribute(
            "any",
            Attribute::of(Type::Dynamic).optional().computed(),
            plain(),
        )
        .definition();
    let null = Value::Dynamic(Box::new(Dynamic {
        ty: Type::String,
        value: NULL,
    }));
    let config = object([("name", string("a")), ("any", null)]);
    let plan = propose(&definition, &NULL, config.clone(), &config).plan;
    assert_eq!(plan.attribute("any"), Value::unknown());
}

#[test]
fn a_changed_attribute_can_require_replacement() {
    let definition = part()
        .attribute("b", text().optional(), replaces())
        .attribute("a", text().optional(), replaces())
        .attribute("free", text().optional(), plain())
        .definition();
    let with =
        |a: Value, b: Value, free: &str| object([("a", a), ("b", b), ("free", string(free))]);
    let prior = with(string("1"), string("2"), "3");
    let replaced = |plan: Value| {
        let proposed = propose(&definition, &prior, plan.clone(), &plan);
        assert_eq!(
            proposed.requires_replace,
            requires_replace(&definition, &prior, &proposed.plan)
        );
        paths(&proposed.requires_replace)
    };
    assert_eq!(replaced(with(string("1"), string("2"), "other")), [""; 0]);
    assert_eq!(replaced(with(string("1"), string("x"), "3")), ["b"]);
    assert_eq!(
        replaced(with(Value::unknown(), NULL, "3")),
        ["a", "b"],
        "sorted"
    );
    let create = propose(&definition, &NULL, prior.clone(), &prior);
    assert!(
        create.requires_replace.is_empty(),
        "creating an object is not a replacement"
    );
}

#[test]
fn a_value_that_cannot_change_is_kept_when_it_is_not_configured() {
    let definition = part()
        .attribute("name", text().required(), plain())
        .attribute("zone", text().optional().computed(), replaces())
        .definition();
    let with = |name: &str, zone: Value| object([("name", string(name)), ("zone", zone)]);
    let prior = with("a", string("z"));
    let proposed = propose(
        &definition,
        &prior,
        with("b", string("z")),
        &with("b", NULL),
    );
    assert_eq!(proposed.plan, with("b", string("z")));
    assert!(proposed.requires_replace.is_empty());
}

#[test]
fn replacement_names_the_nested_attribute() {
    let inner = || {
        part()
            .attribute("zone", text().optional(), replaces())
            .attribute("size", text().optional(), plain())
    };
    let element = |zone: &str, size: &str| object([("zone", string(zone)), ("size", string(size))]);
    let replaced = |nesting, prior: Value, plan: Value| {
        let definition = part().nested("in", nesting, inner(), plain()).definition();
        let (prior, plan) = (object([("in", prior)]), object([("in", plan)]));
        paths(&propose(&definition, &prior, plan.clone(), &plan).requires_replace)
    };
    let single = ObjectNesting::Single;
    assert_eq!(
        replaced(single, element("a", "1"), element("a", "2")),
        [""; 0]
    );
    assert_eq!(
        replaced(single, element("a", "1"), element("b", "1")),
        ["in.zone"]
    );
    assert_eq!(replaced(single, NULL, element("b", "1")), ["in.zone"]);
    assert_eq!(
        replaced(single, element("a", "1"), NULL),
        [""; 0],
        "the nested object is no longer planned"
    );

    let many = ObjectNesting::List;
    let (a, b) = (|| element("a", "1"), || element("b", "1"));
    assert_eq!(
        replaced(many, list([a(), a()]), list([a(), b()])),
        ["in[1].zone"]
    );
    assert_eq!(
        replaced(many, list([a()]), list([a(), b()])),
        ["in[1].zone"],
        "a new element"
    );
    assert_eq!(
        replaced(many, list([a(), b()]), list([a()])),
        [""; 0],
        "a removed element"
    );

    let keyed = ObjectNesting::Map;
    assert_eq!(
        replaced(keyed, Value::map([("k", a())]), Value::map([("k", b())])),
        [r#"in["k"].zone"#]
    );

    let set = ObjectNesting::Set;
    assert_eq!(
        replaced(set, Value::set([a()]), Value::set([b()])),
        ["in"],
        "elements in sets have no path"
    );
    assert_eq!(
        replaced(set, Value::set([a()]), Value::set([element("a", "2")])),
        [""; 0]
    );
    assert_eq!(
        replaced(set, Value::set([a(), b()]), Value::set([b()])),
        [""; 0]
    );
}

#[test]
fn a_nested_attribute_or_block_can_require_replacement() {
    let definition = part()
        .nested("in", ObjectNesting::List, named(), replaces())
        .definition();
    let with = |value: Value| object([("in", value)]);
    let prior = with(list([three("a", NULL, NULL)]));
    let plan = with(list([]));
    assert_eq!(paths(&requires_replace(&definition, &prior, &plan)), ["in"]);

    let mut definition = part()
        .block("rule", BlockNesting::List, named())
        .definition();
    definition.rules.insert("rule", replaces());
    let with = |value: Value| object([("rule", value)]);
    let prior = with(list([three("a", NULL, NULL)]));
    assert_eq!(
        paths(&requires_replace(&definition, &prior, &with(list([])))),
        ["rule"]
    );
    assert_eq!(
        paths(&requires_replace(&definition, &prior, &prior)),
        [""; 0]
    );
}

/// A prior null value is kept while the object exists. A new element has no prior value.
#[test]
fn a_kept_value_can_be_null() {
    for rules in [keep(), replaces()] {
        let definition = part()
            .attribute("name", text().required(), plain())
            .attribute("id", text().optional().computed(), rules)
            .definition();
        let with = |name: &str| object([("name", string(name)), ("id", NULL)]);
        let proposed = propose(&definition, &with("a"), with("b"), &with("b"));
        assert_eq!(proposed.plan, with("b"));
        assert!(proposed.requires_replace.is_empty());
        let created = propose(&definition, &NULL, with("b"), &with("b")).plan;
        assert_eq!(created.attribute("id"), Value::unknown());
    }
    let inner = part()
        .attribute("name", text().required(), plain())
        .attribute("id", text().computed(), keep());
    let definition = part()
        .nested("in", ObjectNesting::List, inner, plain())
        .definition();
    let element = |name: &str, id: Value| object([("name", string(name)), ("id", id)]);
    let whole = |elements: Value| object([("in", elements)]);
    let prior = whole(list([element("a", NULL)]));
    let config = whole(list([element("b", NULL), element("c", NULL)]));
    let plan = propose(&definition, &prior, config.clone(), &config).plan;
    let expected = list([element("b", NULL), element("c", Value::unknown())]);
    assert_eq!(plan, whole(expected));
}

#[test]
fn computed_values_within_a_default_are_kept_if_nothing_changes() {
    let inner = || {
        part()
            .attribute("note", text().optional(), plain())
            .attribute("arn", text().computed(), plain())
    };
    let element = |arn: Value| object([("note", string("n")), ("arn", arn)]);
    let each: [(ObjectNesting, Wrap); 4] = [
        (ObjectNesting::Single, |one| one),
        (ObjectNesting::List, |one| list([one])),
        (ObjectNesting::Map, |one| Value::map([("k", one)])),
        (ObjectNesting::Set, |one| Value::set([one])),
    ];
    for (nesting, wrap) in each {
        let definition = part()
            .attribute("name", text().required(), plain())
            .nested("in", nesting, inner(), default(wrap(element(NULL))))
            .definition();
        let with = |name: &str, inner: Value| object([("name", string(name)), ("in", inner)]);
        let known = || wrap(element(string("arn")));
        let plan = |name: &str, prior: &Value, proposed: Value| {
            propose(&definition, prior, with(name, proposed), &with(name, NULL)).plan
        };
        let unknown = || wrap(element(Value::unknown()));
        assert_eq!(plan("a", &NULL, NULL), with("a", unknown()), "{nesting:?}");
        let prior = with("a", known());
        assert_eq!(plan("a", &prior, known()), prior, "{nesting:?}");
        assert_eq!(
            plan("b", &prior, known()),
            with("b", unknown()),
            "{nesting:?}"
        );
    }
}
