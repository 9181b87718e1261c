//! Conventions for packages on Scaleway: module requirements, names, and tags that apply to a whole package.

use tfmodgen::ArgumentOrder;
use tfmodgen::prelude::*;

use crate::aws::conventions::HEADER;

/// Target system for packages on Scaleway: the last component of a package's registry address.
pub(crate) const TARGET: &str = "scaleway";
/// Scaleway resource arguments that are written at the beginning and at the end of a block.
const ORDER: ArgumentOrder = ArgumentOrder {
    first: &["name"],
    long: &["policy"],
    last: &["tags"],
};

/// Returns an empty module for a package on Scaleway.
pub(crate) fn module(name: &str, purpose: &str) -> Module {
    let mut m = Module::new(name, purpose);
    m.header(HEADER);
    m.argument_order(ORDER);
    m.requires("scaleway", "scaleway/scaleway", ">= 2.81");
    m
}

/// Returns tags in the form of most Scaleway products: a list of `key=value`.
pub(crate) fn tag_list(labels: &Expr<Map<Str>>) -> Expr<List<Str>> {
    labels
        .iterate("key", "value")
        .into_list(|key, value| template([key.into(), "=".into(), value.into()]))
}
