//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
struct Book {
    #[attr(required)]
    title: String,
}

#[derive(Schema)]
#[resource(name = "library_room", version = 0)]
struct Room {
    #[attr(required)]
    shelves: Vec<Vec<Book>>, //~ wrap the inner collection in a struct
}

fn main() {}
