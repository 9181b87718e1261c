//! Everything that `refused/` breaks, without the fault, and a validator of the author's that is named like one of the
//! framework's. It is the positive control of `refused.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tfplugin::schema::Value;
use tfplugin::validate::Validator;
use tfplugin::{Model, Schema, Secret, WriteOnly};

/// Requires an ISBN, although a validator of the framework has the same name.
fn length(digits: usize) -> Arc<dyn Validator> {
    tfplugin::validate::text("be an ISBN", move |text| text.len() == digits)
}

#[derive(Schema)]
#[resource(name = "library_room", version = 0)]
struct Room {
    /// Number on the back.
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

#[test]
fn names_of_the_author_are_not_shadowed() {
    let block = Room::definition().schema.block;
    assert!(block.attributes["isbn"].description.contains("be an ISBN"));
}
