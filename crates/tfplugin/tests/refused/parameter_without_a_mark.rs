//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Arguments;

#[derive(Arguments)]
#[function(name = "join")]
struct Join {
    separator: String, //~ missing #[parameter] on the field
}

fn main() {}
