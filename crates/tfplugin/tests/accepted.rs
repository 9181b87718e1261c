//! Valid counterparts of the cases in `refused/`, and a validator that has the same name as a validator in the framework.
//! This file is the positive control for `refused.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tfplugin::schema::Value;
use tfplugin::validate::Validator;
use tfplugin::{ArgumentValues, Arguments, Model, Planned, Schema, Secret, Timeouts, WriteOnly};

/// Requires an ISBN. The framework contains a validator with the same name.
fn length(digits: usize) -> Arc<dyn Validator> {
    tfplugin::validate::text("be an ISBN", move |text| text.len() == digits)
}

#[derive(Schema)]
#[resource(name = "library_room", version = 0)]
struct Room {
    /// ISBN of the book.
    #[attr(required, validate = length(13))]
    isbn: String,
    #[attr(optional, write_only)]
    pin: WriteOnly<Secret>,
    #[attr(optional)]
    title: Option<String>,
    #[attr(optional, default = 1)]
    copies: i64,
    #[attr(optional, computed)]
    place: String,
    #[attr(optional)]
    notes: Option<Vec<Value>>,
    #[attr(optional)]
    tags: Option<BTreeMap<String, BTreeSet<String>>>,
    #[attr(required)]
    shelves: Vec<Shelf>,
    #[block]
    shelf: Vec<Shelf>,
    #[block]
    cover: Option<Cover>,
}

#[derive(Schema)]
struct Shelf {
    #[attr(required)]
    books: BTreeMap<String, Cover>,
    #[attr(optional, write_only)]
    version: WriteOnly<String>,
}

#[derive(Schema)]
struct Cover {
    #[attr(required)]
    count: i64,
}

#[derive(Schema)]
#[resource(name = "library_book", version = 0, identity_version = 2)]
struct Book {
    #[attr(required, requires_replace, identity)]
    isbn: String,
    #[attr(computed, keep, optional_identity)]
    shelves: Vec<i64>,
}

#[derive(Schema)]
#[data_source(name = "library_reader", timeouts(read = "1m"))]
struct Reader {
    #[attr(required)]
    name: String,
    #[attr(computed)]
    books: Vec<String>,
    #[block]
    timeouts: Option<Timeouts>,
}

#[derive(Schema)]
#[ephemeral_resource(name = "library_session")]
struct Session {
    #[attr(optional, default = "reader")]
    role: String,
    #[attr(computed, sensitive)]
    token: Secret,
}

#[derive(Arguments)]
#[function(name = "join", deprecated = "Use the built-in function join.")]
struct Join {
    #[parameter(validate = length(13))]
    separator: String,
    #[parameter]
    otherwise: Planned<Option<String>>,
    #[parameter(variadic)]
    words: Vec<Option<Cover>>,
}

#[test]
fn author_validator_takes_precedence() {
    let block = Room::definition().schema.block;
    assert!(block.attributes["isbn"].description.contains("be an ISBN"));
}

#[test]
fn arguments_are_decoded_in_order() {
    let cover = Value::object([("count", Value::from(2))]);
    let values = vec![Value::from("-"), Value::unknown(), cover, Value::Null];
    let join = Join::decode(ArgumentValues::new(values)).expect("decode the arguments");
    assert_eq!(join.separator, "-");
    assert_eq!(join.otherwise, Planned::Unknown);
    let counts = join
        .words
        .iter()
        .map(|word| word.as_ref().map(|word| word.count));
    assert_eq!(counts.collect::<Vec<_>>(), [Some(2), None]);
}
