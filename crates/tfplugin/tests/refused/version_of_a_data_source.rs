//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
#[data_source(name = "library_book", version = 0)] //~ known are name, timeouts
struct Book {
    #[attr(required)]
    isbn: String,
}

fn main() {}
