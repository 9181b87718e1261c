//! A block of any type, without the types that a generated builder has: what Rust would refuse can be written with it.

use tfmodgen::prelude::*;
use tfmodgen::{Block, Handle};

pub(crate) struct Plain(pub(crate) Block);

pub(crate) struct PlainReference(pub(crate) Handle);

impl BlockBuilder for Plain {
    type Reference = PlainReference;

    fn block(&mut self) -> &mut Block {
        &mut self.0
    }

    fn into_block(self) -> Block {
        self.0
    }
}

impl BlockReference for PlainReference {
    fn at(handle: Handle) -> Self {
        Self(handle)
    }

    fn handle(&self) -> &Handle {
        &self.0
    }
}
