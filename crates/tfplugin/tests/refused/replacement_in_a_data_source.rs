//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[data_source(name = "library_book")]
struct Book {
    #[attr(required, requires_replace)] //~ only attributes of a managed resource can have `requires_replace`
    isbn: String,
}

fn main() {}
