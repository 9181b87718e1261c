//! This file must not compile. A comment marks the error.

mod part;

use part::{Inputs, network};
use tfmodgen::prelude::*;

fn main() {
    let number: Expr<Num> = 1.into_expr();
    let inputs = Inputs {
        cidr_block: number, //~ Required<Str> == Expr<Num>
        zones: None,
    };
    network().call("network", inputs);
}
