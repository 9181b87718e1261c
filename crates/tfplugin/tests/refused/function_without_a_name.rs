//! Must not compile; the fault is marked.

use tfplugin::Arguments;

#[derive(Arguments)]
struct Join { //~ name the function
    #[parameter]
    separator: String,
}

fn main() {}
