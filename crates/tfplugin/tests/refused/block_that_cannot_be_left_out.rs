//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
struct Cover {
    #[attr(required)]
    color: String,
}

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[block]
    cover: Cover, //~ use Option<T>
}

fn main() {}
