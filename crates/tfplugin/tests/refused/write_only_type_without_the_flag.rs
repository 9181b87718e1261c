//! Must not compile; the fault is marked.

use tfplugin::{Schema, Secret, WriteOnly};

#[derive(Schema)]
#[resource(name = "library_card", version = 0)]
struct Card {
    #[attr(optional)]
    pin: WriteOnly<Secret>, //~ needs #[attr(write_only)]
}

fn main() {}
