//! Must not compile; the fault is marked.

mod part;

use part::{Inputs, network};

fn main() {
    network().call("network", Inputs { zones: None }); //~ missing field `cidr_block`
}
