//! This file must not compile. A comment marks the error.

mod part;

use part::{Inputs, network};
use tfmodgen::prelude::*;

fn main() {
    let mut m = Module::new("system", "All.");
    let cidr_block = "10.0.0.0/16".into_expr();
    let first = m.call(network().call("first", Inputs { cidr_block, zones: None }));
    let second = Inputs {
        cidr_block: first.subnet_ids.clone(), //~ Required<Str> == Expr<List<Str>>
        zones: None,
    };
    m.call(network().call("second", second));
}
