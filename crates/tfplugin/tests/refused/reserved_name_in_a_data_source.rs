//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[data_source(name = "library_book")]
struct Book {
    #[attr(optional)]
    provider: Option<String>, //~ `provider` is reserved in a data block
}

fn main() {}
