//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[attr(required, identity)] //~ an identity does not change while the object lives
    isbn: String,
}

fn main() {}
