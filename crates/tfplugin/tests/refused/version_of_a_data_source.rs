//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[data_source(name = "library_book", version = 0)] //~ expected one of name, timeouts
struct Book {
    #[attr(required)]
    isbn: String,
}

fn main() {}
