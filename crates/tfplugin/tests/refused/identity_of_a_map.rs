//! Must not compile. A comment marks the line of the expected error.

use std::collections::BTreeMap;

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[attr(required, requires_replace, identity)]
    isbn: BTreeMap<String, String>, //~ an identity attribute must be a string
}

fn main() {}
