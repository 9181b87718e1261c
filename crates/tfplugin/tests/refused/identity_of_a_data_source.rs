//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
#[data_source(name = "library_book")]
struct Book {
    #[attr(required, identity)] //~ only an attribute at the root of a managed resource identifies it
    isbn: String,
}

fn main() {}
