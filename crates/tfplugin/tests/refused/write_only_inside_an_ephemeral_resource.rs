//! Must not compile; the fault is marked.

use tfplugin::{Schema, WriteOnly};

#[derive(Schema)]
struct Card {
    #[attr(optional, write_only)]
    pin: WriteOnly<String>,
}

#[derive(Schema)]
#[ephemeral_resource(name = "library_session")]
struct Session {
    #[attr(required)]
    card: Card, //~ only a managed resource has write-only arguments
}

fn main() {}
