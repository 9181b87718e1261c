//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[attr(required, identity)] //~ an identity must not change during the lifetime of the object
    isbn: String,
}

fn main() {}
