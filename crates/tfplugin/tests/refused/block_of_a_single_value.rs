//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[block]
    title: Option<String>, //~ use #[attr(…)] for a single value
}

fn main() {}
