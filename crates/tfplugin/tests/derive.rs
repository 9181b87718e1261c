//! Tests of the schema, codec, documentation, and paths that `#[derive(Schema)]` derives from a struct.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::{AttributeKind, AttributePath, BlockNesting, ObjectNesting, Type, Value};
use tfplugin::validate::{length, range};
use tfplugin::{Codec, Model, Planned, Schema, Secret, Timeouts, WriteOnly};

/// A greeting of the example service.
#[derive(Schema)]
#[resource(name = "hello_greeting", version = 1, timeouts(create = "30m"))]
struct Greeting {
    /// Name of the person to greet.
    /// Changing this forces a new resource.
    #[attr(required, requires_replace, validate = length(1..=64))]
    name: String,
    /// Volume of the greeting.
    #[attr(optional, default = 5, validate = range(0..=10))]
    volume: i64,
    /// Places that display the greeting.
    #[attr(optional, default = BTreeMap::<String, Place>::new())]
    places: BTreeMap<String, Place>,
    /// Forbidden words.
    #[attr(optional)]
    taboo: Option<BTreeSet<String>>,
    /// Password for changes.
    #[attr(optional, write_only, sensitive)]
    password: WriteOnly<Secret>,
    /// URL of the greeting.
    #[attr(computed, keep)]
    url: String,
    /// Time limits.
    #[block]
    timeouts: Option<Timeouts>,
}

/// A place.
#[derive(Schema)]
struct Place {
    /// Floors in the place.
    #[attr(required)]
    floors: Vec<i64>,
}

#[test]
fn schema_contains_the_attributes_of_the_struct() {
    let definition = Greeting::definition();
    assert_eq!(
        (definition.type_name.as_str(), definition.schema.version),
        ("hello_greeting", 1)
    );
    let block = definition.schema.block;
    assert_eq!(block.description, "A greeting of the example service.");
    let name = &block.attributes["name"];
    assert!(name.required && !name.optional && !name.computed);
    assert_eq!(
        name.description,
        "Name of the person to greet. Changing this forces a new resource. Must be between 1 and 64 characters."
    );
    let volume = &block.attributes["volume"];
    assert!(
        volume.optional && volume.computed,
        "an attribute with a default is optional and computed"
    );
    assert!(volume.description.ends_with("Defaults to `5`."));
    let AttributeKind::Nested(places) = &block.attributes["places"].kind else {
        panic!("expected nested attributes")
    };
    assert_eq!(places.nesting, ObjectNesting::Map);
    assert_eq!(
        places.attributes["floors"].implied_type(),
        Type::Number.list()
    );
    assert_eq!(block.attributes["taboo"].implied_type(), Type::String.set());
    assert!(block.attributes["password"].write_only && block.attributes["password"].sensitive);
    assert_eq!(block.blocks["timeouts"].nesting, BlockNesting::Single);
}

#[test]
fn paths_follow_the_schema() {
    let floors: AttributePath = Greeting::paths().places().key("attic").floors().index(2);
    assert_eq!(floors.to_string(), r#"places["attic"].floors[2]"#);
}

#[test]
fn plan_accepts_unknown_values_and_state_rejects_them() {
    let value = Value::object([
        ("name", Value::from("world")),
        ("volume", Value::from(5)),
        ("places", Value::map([("attic", Value::unknown())])),
        ("taboo", Value::Null),
        ("password", Value::from("hush")),
        ("url", Value::unknown()),
        ("timeouts", Value::Null),
    ]);
    let plan =
        GreetingPlan::decode(value.clone(), &AttributePath::root()).expect("decode the plan");
    assert_eq!(plan.name, Planned::Known("world".to_owned()));
    assert!(plan.url.is_unknown());
    assert!(plan.places.known().expect("known value")["attic"].is_unknown());
    assert_eq!(
        plan.password
            .known()
            .expect("value from the configuration")
            .reveal(),
        "hush"
    );

    let error = Greeting::decode(value, &AttributePath::root())
        .err()
        .expect("error for the unknown value");
    assert_eq!(error.path.to_string(), r#"places["attic"]"#);
}

#[test]
fn write_only_values_are_encoded_as_null() {
    let greeting = Greeting {
        name: "world".into(),
        volume: 1,
        places: BTreeMap::new(),
        taboo: None,
        password: WriteOnly::decode(Value::from("hush"), &AttributePath::root())
            .expect("decode the secret"),
        url: "https://example.com".into(),
        timeouts: None,
    };
    assert_eq!(greeting.password.value().map(Secret::reveal), Some("hush"));
    assert_eq!(greeting.encode().attribute("password"), Value::Null);
}

#[test]
fn fractions_are_rejected_for_whole_numbers() {
    let value = Value::object([
        ("name", Value::from("x")),
        (
            "volume",
            Value::from(
                "1.5"
                    .parse::<tfplugin::schema::Number>()
                    .expect("valid number"),
            ),
        ),
    ]);
    let error = GreetingPlan::decode(value, &AttributePath::root())
        .err()
        .expect("error for the fraction");
    assert_eq!(
        error.to_string(),
        "volume: must be a whole number, found a number"
    );
}

/// A thing that has unordered parts.
#[derive(Schema)]
#[resource(name = "hello_thing", version = 0)]
struct Thing {
    /// Parts of the thing.
    #[attr(required)]
    parts: BTreeSet<Part>,
}

/// A part.
#[derive(Schema, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    /// Size of the part.
    #[attr(required)]
    size: i64,
}

#[test]
fn sets_of_structs_and_plans_are_compared_by_value() {
    let AttributeKind::Nested(parts) = &Thing::definition().schema.block.attributes["parts"].kind
    else {
        panic!("expected nested attributes")
    };
    assert_eq!(parts.nesting, ObjectNesting::Set);
    let part = |size: i64| Value::object([("size", Value::from(size))]);
    let plan = |parts: [Value; 3]| {
        let value = Value::object([("parts", Value::set(parts))]);
        ThingPlan::decode(value, &AttributePath::root()).expect("decode the plan")
    };
    let known = plan([part(1), part(2), part(1)])
        .parts
        .into_known()
        .expect("known value");
    assert_eq!(known.len(), 2);
    assert!(plan([part(1), part(2), part(1)]) == plan([part(2), part(1), part(2)]));
    assert!(plan([part(1), part(2), part(1)]) != plan([part(1), Value::unknown(), part(1)]));
}

#[test]
fn unknown_elements_of_a_set_are_not_merged() {
    let two = Value::set([Value::unknown(), Value::unknown(), Value::from("gate")]);
    let value = Value::object([("name", Value::from("world")), ("taboo", two.clone())]);
    let plan = GreetingPlan::decode(value, &AttributePath::root()).expect("decode the plan");
    assert_eq!(plan.encode().attribute("taboo"), two);
}

/// A thing that has null elements.
#[derive(Schema)]
#[resource(name = "hello_gaps", version = 0)]
struct Gaps {
    /// Words, each of which can be null.
    #[attr(optional)]
    words: Option<Vec<Option<String>>>,
    /// Sets of words, by name. The sets can contain null.
    #[attr(optional)]
    tables: Option<BTreeMap<String, BTreeSet<Option<String>>>>,
    /// Words, none of which is null.
    #[attr(optional)]
    full: Option<Vec<String>>,
}

#[test]
fn elements_can_be_null_if_the_type_is_an_option() {
    let definition = Gaps::definition();
    let allowed = |name: &str| &definition.rules.of(name).null_elements[..];
    assert_eq!(allowed("words"), [true]);
    assert_eq!(allowed("tables"), [false, true]);
    assert_eq!(allowed("full"), [false; 0]);

    let words = Value::List(vec!["a".into(), Value::Null]);
    let value = Value::object([("words", words.clone())]);
    let gaps = Gaps::decode(value.clone(), &AttributePath::root()).expect("decode the state");
    assert_eq!(gaps.words, Some(vec![Some("a".to_owned()), None]));
    let plan = GapsPlan::decode(value, &AttributePath::root()).expect("decode the plan");
    assert_eq!(plan.encode().attribute("words"), words);
}
