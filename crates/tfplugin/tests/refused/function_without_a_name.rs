//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Arguments;

#[derive(Arguments)]
struct Join { //~ missing function name
    #[parameter]
    separator: String,
}

fn main() {}
