//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_card", version = 0)]
struct Card {
    #[attr(optional, write_only)]
    pin: Option<String>, //~ must have the type WriteOnly<T>
}

fn main() {}
