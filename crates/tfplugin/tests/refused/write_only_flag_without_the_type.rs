//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
#[resource(name = "library_card", version = 0)]
struct Card {
    #[attr(optional, write_only)]
    pin: Option<String>, //~ needs the type WriteOnly<T>
}

fn main() {}
