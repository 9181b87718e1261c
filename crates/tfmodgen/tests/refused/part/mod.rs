//! A part with a required input, an optional input, and two outputs, for the files in this folder.

use tfmodgen::prelude::*;

tfmodgen::inputs! {
    /// Inputs of the network.
    pub(crate) struct Inputs(input) {
        required cidr_block: Str = input.declare(string()),
        optional zones: List<Str> = input.declare(list(string())).default(["a"]),
    }
}

tfmodgen::outputs! {
    /// Outputs of the network.
    pub(crate) struct Outputs {
        /// ID of the VPC.
        vpc_id: Str,
        /// IDs of the subnets.
        subnet_ids: List<Str>,
    }
}

/// Returns the network.
pub(crate) fn network() -> Part<Inputs, Outputs> {
    let mut m = Module::new("network", "A network.");
    let inputs = Inputs::declare(&mut m);
    let outputs = Outputs {
        vpc_id: output(&inputs.cidr_block),
        subnet_ids: output(&inputs.zones),
    };
    Part::new(m, inputs, outputs)
}
