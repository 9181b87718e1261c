//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[expect(non_snake_case, reason = "the name is the fault")]
    #[attr(required)]
    pageCount: i64, //~ rename `pageCount`
}

fn main() {}
