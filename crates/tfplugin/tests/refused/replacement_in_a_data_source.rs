//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
#[data_source(name = "library_book")]
struct Book {
    #[attr(required, requires_replace)] //~ only a managed resource has attributes with `requires_replace`
    isbn: String,
}

fn main() {}
