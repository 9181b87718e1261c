//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[data_source(name = "library_book")]
struct Book {
    #[attr(required, identity)] //~ an identity attribute must be at the root of a managed resource
    isbn: String,
}

fn main() {}
