//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
struct Shelf {
    #[block]
    books: Vec<Book>,
}

#[derive(Schema)]
struct Book {
    #[attr(required)]
    title: String,
}

#[derive(Schema)]
#[resource(name = "library_room", version = 0)]
struct Room {
    #[attr(optional)]
    shelf: Option<Shelf>, //~ use #[block] here
}

fn main() {}
