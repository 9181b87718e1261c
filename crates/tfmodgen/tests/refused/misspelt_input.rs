//! This file must not compile. A comment marks the error.

mod part;

use part::{Inputs, network};
use tfmodgen::prelude::*;

fn main() {
    let inputs = Inputs {
        cidr_blok: "10.0.0.0/16".into_expr(), //~ has no field named `cidr_blok`
        zones: None,
    };
    network().call("network", inputs);
}
