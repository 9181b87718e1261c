//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[attr(required)]
    count: i64, //~ `count` is reserved in a resource block
}

fn main() {}
