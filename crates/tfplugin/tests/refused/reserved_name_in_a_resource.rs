//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[attr(required)]
    count: i64, //~ `count` is reserved in a resource block
}

fn main() {}
