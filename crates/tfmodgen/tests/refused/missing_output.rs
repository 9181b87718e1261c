//! This file must not compile. A comment marks the error.

mod part;

use part::{Inputs, Outputs};
use tfmodgen::prelude::*;

fn main() {
    let mut m = Module::new("network", "A network.");
    let inputs = Inputs::declare(&mut m);
    let vpc_id = output("vpc-1");
    let _: Part<Inputs, Outputs> = Part::new(m, inputs, Outputs { vpc_id }); //~ missing field `subnet_ids`
}
