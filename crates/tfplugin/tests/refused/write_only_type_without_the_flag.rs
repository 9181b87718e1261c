//! Must not compile. A comment marks the line of the expected error.

use tfplugin::{Schema, Secret, WriteOnly};

#[derive(Schema)]
#[resource(name = "library_card", version = 0)]
struct Card {
    #[attr(optional)]
    pin: WriteOnly<Secret>, //~ requires #[attr(write_only)]
}

fn main() {}
