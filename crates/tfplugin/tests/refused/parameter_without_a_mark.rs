//! Must not compile; the fault is marked.

use tfplugin::Arguments;

#[derive(Arguments)]
#[function(name = "join")]
struct Join {
    separator: String, //~ a field is a parameter: mark it with #[parameter]
}

fn main() {}
