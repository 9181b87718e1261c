//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[attr(optional)]
    title: String, //~ use Option<T>, set a default
}

fn main() {}
