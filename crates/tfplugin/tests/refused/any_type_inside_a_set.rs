//! Must not compile. A comment marks the line of the expected error.

use std::collections::BTreeSet;

use tfplugin::Schema;
use tfplugin::schema::Value;

#[derive(Schema)]
#[resource(name = "library_reader", version = 0)]
struct Reader {
    #[attr(optional)]
    notes: Option<BTreeSet<Value>>, //~ use a list or a map, or specify the type
}

fn main() {}
