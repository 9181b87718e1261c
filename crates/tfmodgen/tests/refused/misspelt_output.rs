//! This file must not compile. A comment marks the error.

mod part;

use part::{Inputs, network};
use tfmodgen::prelude::*;

fn main() {
    let mut m = Module::new("system", "All.");
    let cidr_block = "10.0.0.0/16".into_expr();
    let network = m.call(network().call("network", Inputs { cidr_block, zones: None }));
    m.output("vpc", &network.vpc); //~ no field `vpc`
}
