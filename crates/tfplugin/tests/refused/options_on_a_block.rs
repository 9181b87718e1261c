//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
struct Book {
    #[attr(required)]
    title: String,
}

#[derive(Schema)]
#[resource(name = "library_shelf", version = 0)]
struct Shelf {
    #[block(required)] //~ a block has no options
    books: Vec<Book>,
}

fn main() {}
