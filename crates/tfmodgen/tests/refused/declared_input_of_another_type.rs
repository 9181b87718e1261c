//! This file must not compile. A comment marks the error.

mod part;

use tfmodgen::prelude::*;

tfmodgen::inputs! {
    pub struct Numbers(input) {
        required first: Num = input.declare(string()), //~ mismatched types
    }
}

fn main() {
    part::network();
}
