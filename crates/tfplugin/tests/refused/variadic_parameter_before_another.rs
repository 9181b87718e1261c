//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Arguments;

#[derive(Arguments)]
#[function(name = "join")]
struct Join {
    #[parameter(variadic)]
    words: Vec<String>, //~ only the last parameter can be variadic
    #[parameter]
    separator: String,
}

fn main() {}
