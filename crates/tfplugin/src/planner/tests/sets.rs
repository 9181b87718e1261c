//! Correspondence between prior and configured set elements.

use super::*;

/// Returns an element with a required key and two optional computed values.
fn entry() -> Part {
    part()
        .attribute("k", text().required(), plain())
        .attribute("x", text().optional().computed(), plain())
        .attribute("y", text().optional().computed(), plain())
}

fn known(k: &str, x: &str, y: &str) -> Value {
    object([("k", string(k)), ("x", string(x)), ("y", string(y))])
}

fn configured(k: &str, x: Value, y: Value) -> Value {
    object([("k", string(k)), ("x", x), ("y", y)])
}

/// Plans a set of entries, and returns the planned set.
fn planned<const N: usize, const M: usize>(prior: [Value; N], config: [Value; M]) -> Value {
    let definition = part()
        .nested("in", ObjectNesting::Set, entry(), plain())
        .definition();
    let whole = |set: Value| object([("in", set)]);
    let (prior, config) = (whole(Value::set(prior)), whole(Value::set(config)));
    // The planner ignores the core's proposal for a set.
    propose(&definition, &prior, config.clone(), &config)
        .plan
        .attribute("in")
}

#[test]
fn a_prior_element_corresponds_to_one_configured_element() {
    let plan = planned(
        [known("1", "a", "p"), known("2", "b", "q")],
        [
            configured("1", NULL, NULL),
            configured("1", string("a"), NULL),
        ],
    );
    // The element with more configured values corresponds to (1, a). The other element is new.
    let unknown = Value::unknown;
    assert_eq!(
        plan,
        Value::set([
            configured("1", string("a"), unknown()),
            configured("1", unknown(), unknown()),
        ])
    );
}

#[test]
fn sets_within_elements_correspond_one_to_one() {
    let outer = part().attribute("name", text().optional(), plain()).nested(
        "inner",
        ObjectNesting::Set,
        entry(),
        plain(),
    );
    let definition = part()
        .nested("in", ObjectNesting::Set, outer, plain())
        .definition();
    let whole = |inner: Value| {
        let element = object([("name", string("n")), ("inner", inner)]);
        object([("in", Value::set([element]))])
    };
    let prior = whole(Value::set([known("1", "a", "p"), known("2", "b", "q")]));
    let config = whole(Value::set([
        configured("1", NULL, NULL),
        configured("1", string("a"), NULL),
    ]));
    let plan = propose(&definition, &prior, config.clone(), &config).plan;
    let unknown = Value::unknown;
    let expected = Value::set([
        configured("1", unknown(), unknown()),
        configured("1", string("a"), unknown()),
    ]);
    assert_eq!(plan, whole(expected));

    // Sets whose elements correspond one to one are equal, regardless of their order.
    let prior = whole(Value::set([known("1", "a", "p"), known("1", "z", "q")]));
    let plan = propose(&definition, &prior, config.clone(), &config).plan;
    assert_eq!(plan, prior);
}

#[test]
fn as_many_elements_as_possible_are_paired() {
    let prior = || [known("1", "a", "b"), known("1", "a", "c")];
    let first = configured("1", string("a"), NULL);
    let second = configured("1", NULL, string("b"));
    assert_eq!(planned(prior(), [first, second]), Value::set(prior()));
    let prior = || [known("1", "a", "b"), known("1", "c", "b")];
    let first = configured("1", NULL, string("b"));
    let second = configured("1", string("a"), NULL);
    assert_eq!(planned(prior(), [first, second]), Value::set(prior()));
}

/// Only one of two configured elements can correspond to the prior element. The kept ID identifies that element.
#[test]
fn the_element_with_the_most_values_is_paired_first() {
    let words = || ["r", "s", "t"].map(string);
    let named = || ["l", "m", "n"].map(|key| (key, string("r")));
    for (ty, filled) in [
        (Type::String.list(), list(words())),
        (Type::String.set(), Value::set(words())),
        (Type::String.map(), Value::map(named())),
    ] {
        let entry = entry()
            .attribute("many", Attribute::of(ty).optional().computed(), plain())
            .attribute("id", text().computed(), keep());
        let definition = part()
            .nested("in", ObjectNesting::Set, entry, plain())
            .definition();
        let element = |[x, y, many, id]: [Value; 4]| {
            let members = [("k", string("1")), ("x", x), ("y", y), ("many", many)];
            Value::object(members.into_iter().chain([("id", id)]))
        };
        let whole = |elements: &[[Value; 4]]| {
            let elements = elements.iter().cloned().map(element);
            object([("in", Value::set(elements))])
        };
        let (a, b, id) = (|| string("a"), || string("b"), || string("id"));
        let unknown = Value::unknown;
        let plan = |config: &[[Value; 4]]| {
            let prior = whole(&[[a(), b(), filled.clone(), id()]]);
            let config = whole(config);
            propose(&definition, &prior, config.clone(), &config).plan
        };
        // A collection of three values takes precedence over two single values.
        let config = [[a(), b(), NULL, NULL], [NULL, NULL, filled.clone(), NULL]];
        let expected = [
            [a(), b(), unknown(), unknown()],
            [unknown(), unknown(), filled.clone(), id()],
        ];
        assert_eq!(plan(&config), whole(&expected), "{filled:?}");
        // A value takes precedence over null.
        let config = [[NULL, NULL, NULL, NULL], [a(), NULL, NULL, NULL]];
        let expected = [
            [unknown(), unknown(), unknown(), unknown()],
            [a(), unknown(), unknown(), id()],
        ];
        assert_eq!(plan(&config), whole(&expected), "{filled:?}");
    }
}

#[test]
fn lists_and_maps_within_elements_correspond_by_index_and_key() {
    for (nesting, two) in [
        (ObjectNesting::List, (|a, b| list([a, b])) as fn(_, _) -> _),
        (ObjectNesting::Map, |a, b| Value::map([("m", a), ("n", b)])),
    ] {
        let outer = part().nested("inner", nesting, entry(), plain());
        let definition = part()
            .nested("in", ObjectNesting::Set, outer, plain())
            .definition();
        let whole = |inner: Value| object([("in", Value::set([object([("inner", inner)])]))]);
        let prior = whole(two(known("1", "a", "p"), known("2", "b", "q")));
        let same = whole(two(
            configured("1", NULL, NULL),
            configured("2", string("b"), NULL),
        ));
        let plan = propose(&definition, &prior, same.clone(), &same).plan;
        assert_eq!(plan, prior, "{nesting:?}");
        let swapped = whole(two(
            configured("2", NULL, NULL),
            configured("1", NULL, NULL),
        ));
        let unknown = Value::unknown;
        let plan = propose(&definition, &prior, swapped.clone(), &swapped).plan;
        let expected = two(
            configured("2", unknown(), unknown()),
            configured("1", unknown(), unknown()),
        );
        assert_eq!(plan, whole(expected), "{nesting:?}");
    }
    // Collections with different keys or a different number of elements do not correspond.
    let outer = part().nested("inner", ObjectNesting::Map, entry(), plain());
    let definition = part()
        .nested("in", ObjectNesting::Set, outer, plain())
        .definition();
    let whole = |inner: Value| object([("in", Value::set([object([("inner", inner)])]))]);
    let prior = whole(Value::map([("m", known("1", "a", "p"))]));
    for config in [
        Value::map([("o", configured("1", NULL, NULL))]),
        Value::map([
            ("m", configured("1", NULL, NULL)),
            ("o", configured("1", NULL, NULL)),
        ]),
        Value::map([("m", NULL)]),
        Value::map::<&str>([]),
    ] {
        let config = whole(config);
        let plan = propose(&definition, &prior, config.clone(), &config).plan;
        assert_ne!(plan, prior);
    }
}

#[test]
fn elements_that_contain_only_a_nested_object_correspond() {
    let outer = part().nested("inner", ObjectNesting::Single, entry(), plain());
    let definition = part()
        .nested("in", ObjectNesting::Set, outer, plain())
        .definition();
    let whole = |inner: Value| object([("in", Value::set([object([("inner", inner)])]))]);
    let prior = whole(known("1", "a", "p"));
    let plan = |inner: Value| {
        let config = whole(inner);
        propose(&definition, &prior, config.clone(), &config).plan
    };
    assert_eq!(plan(configured("1", NULL, string("p"))), prior);
    assert_eq!(plan(NULL), prior, "the provider computes it");
    let other = configured("1", string("b"), NULL);
    assert_eq!(
        plan(other),
        whole(configured("1", string("b"), Value::unknown()))
    );
}

/// The nested objects consist only of optional computed attributes.
#[test]
fn elements_correspond_by_configured_nested_values() {
    let open = || {
        part()
            .attribute("x", text().optional().computed(), plain())
            .attribute("y", text().optional().computed(), plain())
    };
    let both = |x: Value, y: Value| object([("x", x), ("y", y)]);
    let plan = |nesting, prior: Value, config: Value| {
        let mut inner = open();
        // The nested attribute is not computed. Only the attributes that it contains are computed.
        let attribute = Attribute::nested(nesting, std::mem::take(&mut inner.block.attributes));
        let outer = part().attribute("inner", attribute.optional(), plain());
        let definition = part()
            .nested("in", ObjectNesting::Set, outer, plain())
            .definition();
        let whole = |inner: Value| object([("in", Value::set([object([("inner", inner)])]))]);
        let (prior, config) = (whole(prior), whole(config));
        let plan = propose(&definition, &prior, config.clone(), &config).plan;
        (plan == prior, plan == config)
    };
    let prior = || both(string("a"), string("b"));
    let single = ObjectNesting::Single;
    assert_eq!(plan(single, prior(), both(NULL, NULL)), (true, false));
    assert_eq!(
        plan(single, prior(), both(string("a"), NULL)),
        (true, false)
    );
    assert_eq!(
        plan(single, prior(), both(string("c"), NULL)),
        (false, false)
    );
    // An unknown element does not correspond to any prior element.
    let unknown = list([Value::unknown()]);
    assert_eq!(
        plan(ObjectNesting::List, list([prior()]), unknown),
        (false, true)
    );
}

/// A hand-written schema can contain write-only attributes within sets. Hosts reject such a schema.
#[test]
fn write_only_values_do_not_distinguish_elements() {
    let entry = part().attribute("k", text().required(), plain()).attribute(
        "secret",
        text().optional().write_only(),
        plain(),
    );
    let definition = part()
        .nested("in", ObjectNesting::Set, entry, plain())
        .definition();
    let with = |k: &str, secret: Value| {
        let element = object([("k", string(k)), ("secret", secret)]);
        object([("in", Value::set([element]))])
    };
    let config = with("1", string("hunter2"));
    let plan = |prior: &Value| propose(&definition, prior, config.clone(), &config).plan;
    assert_eq!(plan(&with("1", NULL)), with("1", NULL));
    assert_eq!(plan(&with("2", NULL)), with("1", NULL));
}

#[test]
fn large_sets_are_planned_without_comparing_every_pair() {
    let keys = || (0..3000).map(|key| key.to_string());
    let prior = Value::set(keys().map(|key| known(&key, "x", "y")));
    let config = Value::set(keys().map(|key| configured(&key, NULL, NULL)));
    let definition = part()
        .nested("in", ObjectNesting::Set, entry(), plain())
        .definition();
    let whole = |set: Value| object([("in", set)]);
    let (prior, config) = (whole(prior), whole(config));
    let plan = propose(&definition, &prior, config.clone(), &config).plan;
    assert_eq!(plan, prior);
}

/// Returns an element with a zone, whose change requires replacement, and a size, whose change does not.
fn zoned() -> Part {
    part()
        .attribute("zone", text().optional(), replaces())
        .attribute("size", text().optional(), plain())
}

fn zone(zone: &str, size: &str) -> Value {
    object([("zone", string(zone)), ("size", string(size))])
}

fn replaced(inner: Part, prior: Value, plan: Value) -> Vec<String> {
    let definition = part()
        .nested("in", ObjectNesting::Set, inner, plain())
        .definition();
    let (prior, plan) = (object([("in", prior)]), object([("in", plan)]));
    paths(&requires_replace(&definition, &prior, &plan))
}

#[test]
fn replacement_within_sets_counts_elements() {
    let cases: [(&[Value], &[Value], &[&str]); 8] = [
        // An element in zone `b` becomes an element in zone `a`.
        (
            &[zone("a", "1"), zone("b", "1")],
            &[zone("a", "1"), zone("a", "2")],
            &["in"],
        ),
        (
            &[zone("a", "1"), zone("b", "1")],
            &[zone("a", "2"), zone("b", "2")],
            &[],
        ),
        (
            &[zone("a", "1"), zone("a", "2")],
            &[zone("a", "3"), zone("a", "4")],
            &[],
        ),
        (
            &[zone("a", "1")],
            &[zone("a", "1"), zone("a", "2")],
            &["in"],
        ),
        (&[zone("a", "1"), zone("a", "2")], &[zone("a", "3")], &[]),
        (
            &[zone("a", "1")],
            &[zone("a", "2"), zone("a", "3"), zone("a", "4")],
            &["in"],
        ),
        (&[], &[zone("a", "1")], &["in"]),
        (&[zone("a", "1")], &[], &[]),
    ];
    for (prior, plan, expected) in cases {
        let (prior, plan) = (Value::set(prior.to_vec()), Value::set(plan.to_vec()));
        assert_eq!(
            replaced(zoned(), prior.clone(), plan.clone()),
            expected,
            "{prior:?} {plan:?}"
        );
    }
    // A new element that sets no attribute whose change requires replacement.
    let nothing = object([("zone", NULL), ("size", string("1"))]);
    assert_eq!(
        replaced(zoned(), Value::set([]), Value::set([nothing])),
        [""; 0]
    );
}

#[test]
fn replacement_within_sets_considers_nested_attributes() {
    let outer = || {
        part().attribute("name", text().optional(), plain()).nested(
            "inner",
            ObjectNesting::List,
            zoned(),
            plain(),
        )
    };
    let element = |name: &str, zones: &[&str]| {
        let inner = zones.iter().map(|of| zone(of, "1")).collect();
        object([("name", string(name)), ("inner", Value::List(inner))])
    };
    let replaced = |prior: &[Value], plan: &[Value]| {
        replaced(
            outer(),
            Value::set(prior.to_vec()),
            Value::set(plan.to_vec()),
        )
    };
    let prior = [element("p", &["a"]), element("q", &["a", "b"])];
    // Only one set of pairs requires no replacement.
    let plan = [element("r", &["a", "b"]), element("s", &["a"])];
    assert_eq!(replaced(&prior, &plan), [""; 0]);
    let plan = [element("r", &["a", "b"]), element("s", &["a", "b"])];
    assert_eq!(replaced(&prior, &plan), ["in"]);
    let plan = [element("r", &[]), element("s", &["a"])];
    assert_eq!(replaced(&prior, &plan), [""; 0], "a removed element");
    let plan = [
        element("p", &["a"]),
        element("q", &["a", "b"]),
        element("r", &[]),
    ];
    assert_eq!(
        replaced(&prior, &plan),
        [""; 0],
        "the new element sets no attribute that requires replacement"
    );
}

#[test]
fn a_set_without_replacement_rules_requires_no_replacement() {
    let prior = Value::set([known("1", "a", "b")]);
    assert_eq!(
        replaced(entry(), prior, Value::set([known("2", "c", "d")])),
        [""; 0]
    );
}
