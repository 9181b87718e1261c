//! One struct is schema, codec, documentation and paths: what `#[derive(Schema)]` promises an author.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::{AttributeKind, AttributePath, BlockNesting, ObjectNesting, Type, Value};
use tfplugin::validate::{length, range};
use tfplugin::{Codec, Model, Planned, Schema, Secret, Timeouts, WriteOnly};

/// A greeting kept by the example service.
#[derive(Schema)]
#[resource(name = "hello_greeting", version = 1, timeouts(create = "30m"))]
struct Greeting {
    /// Who is greeted.
    /// Changing it makes a new greeting.
    #[attr(required, requires_replace, validate = length(1..=64))]
    name: String,
    /// How loud.
    #[attr(optional, default = 5, validate = range(0..=10))]
    volume: i64,
    /// Where it is heard.
    #[attr(optional, default = BTreeMap::<String, Place>::new())]
    places: BTreeMap<String, Place>,
    /// Words never said.
    #[attr(optional)]
    taboo: Option<BTreeSet<String>>,
    /// Who may change it.
    #[attr(optional, write_only, sensitive)]
    password: WriteOnly<Secret>,
    /// Where the greeting can be heard, once it exists.
    #[attr(computed, keep)]
    url: String,
    /// How long to wait.
    #[block]
    timeouts: Option<Timeouts>,
}

/// A place.
#[derive(Schema)]
struct Place {
    /// Floors, from the ground up.
    #[attr(required)]
    floors: Vec<i64>,
}

#[test]
fn the_schema_is_what_the_struct_says() {
    let definition = Greeting::definition();
    assert_eq!(
        (definition.type_name.as_str(), definition.schema.version),
        ("hello_greeting", 1)
    );
    let block = definition.schema.block;
    assert_eq!(block.description, "A greeting kept by the example service.");
    let name = &block.attributes["name"];
    assert!(name.required && !name.optional && !name.computed);
    assert_eq!(
        name.description,
        "Who is greeted. Changing it makes a new greeting. Must be between 1 and 64 characters."
    );
    let volume = &block.attributes["volume"];
    assert!(
        volume.optional && volume.computed,
        "an attribute with a default is optional and computed"
    );
    assert!(volume.description.ends_with("Defaults to `5`."));
    let AttributeKind::Nested(places) = &block.attributes["places"].kind else {
        panic!("places are nested")
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
fn paths_lead_where_the_schema_leads() {
    let floors: AttributePath = Greeting::paths().places().key("attic").floors().index(2);
    assert_eq!(floors.to_string(), r#"places["attic"].floors[2]"#);
}

#[test]
fn a_plan_may_hold_unknowns_and_state_may_not() {
    let value = Value::object([
        ("name", Value::from("world")),
        ("volume", Value::from(5)),
        ("places", Value::map([("attic", Value::unknown())])),
        ("taboo", Value::Null),
        ("password", Value::from("hush")),
        ("url", Value::unknown()),
        ("timeouts", Value::Null),
    ]);
    let plan = GreetingPlan::decode(value.clone(), &AttributePath::root()).expect("a plan");
    assert_eq!(plan.name, Planned::Known("world".to_owned()));
    assert!(plan.url.is_unknown());
    assert!(plan.places.known().expect("known as a whole")["attic"].is_unknown());
    assert_eq!(
        plan.password
            .known()
            .expect("readable from configuration")
            .reveal(),
        "hush"
    );

    let error = Greeting::decode(value, &AttributePath::root())
        .err()
        .expect("state cannot be unknown");
    assert_eq!(error.path.to_string(), r#"places["attic"]"#);
}

#[test]
fn write_only_values_are_never_written() {
    let greeting = Greeting {
        name: "world".into(),
        volume: 1,
        places: BTreeMap::new(),
        taboo: None,
        password: WriteOnly::decode(Value::from("hush"), &AttributePath::root()).expect("a secret"),
        url: "there".into(),
        timeouts: None,
    };
    assert_eq!(greeting.password.value().map(Secret::reveal), Some("hush"));
    assert_eq!(greeting.encode().attribute("password"), Value::Null);
}

#[test]
fn fractions_are_refused_where_whole_numbers_are_meant() {
    let value = Value::object([
        ("name", Value::from("x")),
        (
            "volume",
            Value::from("1.5".parse::<tfplugin::schema::Number>().expect("a number")),
        ),
    ]);
    let error = GreetingPlan::decode(value, &AttributePath::root())
        .err()
        .expect("not whole");
    assert_eq!(
        error.to_string(),
        "volume: must be a whole number, found a number"
    );
}

/// A thing with parts that have no order.
#[derive(Schema)]
#[resource(name = "hello_thing", version = 0)]
struct Thing {
    /// Its parts.
    #[attr(required)]
    parts: BTreeSet<Part>,
}

/// A part.
#[derive(Schema, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    /// Its size.
    #[attr(required)]
    size: i64,
}

#[test]
fn structs_stand_in_sets_and_plans_compare_by_value() {
    let AttributeKind::Nested(parts) = &Thing::definition().schema.block.attributes["parts"].kind
    else {
        panic!("parts are nested")
    };
    assert_eq!(parts.nesting, ObjectNesting::Set);
    let part = |size: i64| Value::object([("size", Value::from(size))]);
    let plan = |parts: [Value; 3]| {
        let value = Value::object([("parts", Value::set(parts))]);
        ThingPlan::decode(value, &AttributePath::root()).expect("a plan")
    };
    let known = plan([part(1), part(2), part(1)])
        .parts
        .into_known()
        .expect("known as a whole");
    assert_eq!(known.len(), 2);
    assert!(plan([part(1), part(2), part(1)]) == plan([part(2), part(1), part(2)]));
    assert!(plan([part(1), part(2), part(1)]) != plan([part(1), Value::unknown(), part(1)]));
}

#[test]
fn unknown_elements_of_a_set_stay_as_many_as_they_are() {
    let two = Value::set([Value::unknown(), Value::unknown(), Value::from("gate")]);
    let value = Value::object([("name", Value::from("world")), ("taboo", two.clone())]);
    let plan = GreetingPlan::decode(value, &AttributePath::root()).expect("a plan");
    assert_eq!(plan.encode().attribute("taboo"), two);
}

/// A thing with gaps.
#[derive(Schema)]
#[resource(name = "hello_gaps", version = 0)]
struct Gaps {
    /// Words, and places where there is none.
    #[attr(optional)]
    words: Option<Vec<Option<String>>>,
    /// Words by name, each once or not at all.
    #[attr(optional)]
    tables: Option<BTreeMap<String, BTreeSet<Option<String>>>>,
    /// Words without gaps.
    #[attr(optional)]
    full: Option<Vec<String>>,
}

#[test]
fn elements_are_null_where_the_type_says_so() {
    let definition = Gaps::definition();
    let allowed = |name: &str| &definition.rules.of(name).null_elements[..];
    assert_eq!(allowed("words"), [true]);
    assert_eq!(allowed("tables"), [false, true]);
    assert_eq!(allowed("full"), [false; 0]);

    let words = Value::List(vec!["a".into(), Value::Null]);
    let value = Value::object([("words", words.clone())]);
    let gaps = Gaps::decode(value.clone(), &AttributePath::root()).expect("gaps");
    assert_eq!(gaps.words, Some(vec![Some("a".to_owned()), None]));
    let plan = GapsPlan::decode(value, &AttributePath::root()).expect("a plan");
    assert_eq!(plan.encode().attribute("words"), words);
}
