//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[block]
    title: Option<String>, //~ use #[attr(…)] for a single value
}

fn main() {}
