//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[attr(required, requires_replace, sensitive, identity)] //~ an identity is shown to users
    isbn: String,
}

fn main() {}
