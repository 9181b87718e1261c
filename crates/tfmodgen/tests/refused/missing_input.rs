//! This file must not compile. A comment marks the error.

mod part;

use part::{Inputs, network};

fn main() {
    network().call("network", Inputs { zones: None }); //~ missing field `cidr_block`
}
