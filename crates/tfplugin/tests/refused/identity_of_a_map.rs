//! Must not compile; the fault is marked.

use std::collections::BTreeMap;

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_book", version = 0)]
struct Book {
    #[attr(required, requires_replace, identity)]
    isbn: BTreeMap<String, String>, //~ an identity consists of strings
}

fn main() {}
