//! Must not compile. A comment marks the line of the expected error.

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
    card: Card, //~ only a managed resource can have write-only arguments
}

fn main() {}
