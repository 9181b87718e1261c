//! Calls with valid inputs and outputs. This file must compile.

#[path = "refused/part/mod.rs"]
mod part;

use part::{Inputs, network};
use tfmodgen::prelude::*;

fn main() {
    let mut m = Module::new("system", "All.");
    let first = Inputs {
        cidr_block: "10.0.0.0/16".into_expr(),
        zones: None,
    };
    let first = m.call(network().call("first", first));
    let second = Inputs {
        cidr_block: first.vpc_id.clone(),
        zones: Some(first.subnet_ids.clone()),
    };
    m.call(network().call("second", second));
}
