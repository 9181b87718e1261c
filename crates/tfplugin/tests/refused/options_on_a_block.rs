//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
struct Book {
    #[attr(required)]
    title: String,
}

#[derive(Schema)]
#[resource(name = "library_shelf", version = 0)]
struct Shelf {
    #[block(required)] //~ a block does not accept options
    books: Vec<Book>,
}

fn main() {}
