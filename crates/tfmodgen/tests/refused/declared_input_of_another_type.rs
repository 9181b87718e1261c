//! Must not compile; the fault is marked.

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
