//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[expect(non_snake_case, reason = "the name is the error")]
    #[attr(required)]
    pageCount: i64, //~ rename `pageCount`
}

fn main() {}
