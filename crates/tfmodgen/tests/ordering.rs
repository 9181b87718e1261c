//! Tests that the summary of a module omits references in inputs that the called module uses only in `depends_on`.

mod plain;

use plain::{Plain, PlainInputs, PlainOutputs, plain};
use tfmodgen::Block;
use tfmodgen::prelude::*;

/// Returns a module with three inputs: one whose value is used, one that is used only in `depends_on`, and one that is
/// used in both ways.
fn part(name: &str) -> Part<PlainInputs, PlainOutputs> {
    let mut part = Module::new(name, "A part.");
    let used = part.variable("used", string()).describe("A value.");
    let order = part.variable("order", string()).describe("An order.");
    let both = part.variable("both", string()).describe("Both.");
    part.resource(
        Plain(Block::resource("aws_vpc", "this"))
            .depends_on_input(&order)
            .depends_on_input(&both),
    );
    part.output("id", template([(&used).into(), (&both).into()]))
        .describe("The part.");
    plain(part)
}

/// Returns a module that passes its input to an input that is used only in `depends_on`.
fn outer() -> Part<PlainInputs, PlainOutputs> {
    let mut outer = Module::new("outer", "A part with a part.");
    let order = outer.variable("order", string()).describe("An order.");
    let inputs = PlainInputs::default()
        .and("used", "a")
        .and("both", "b")
        .and("order", &order);
    outer.call(part("inner").call("inner", inputs));
    plain(outer)
}

#[test]
fn summary_omits_references_that_only_order_a_called_module() {
    let mut m = Module::new("system", "All.");
    let store = part("store").later(&m, "store");
    let [logs, keys, database] = ["logs", "keys", "database"].map(|name| {
        let inputs = PlainInputs::default()
            .and("used", "a")
            .and("order", store.get::<Str>("id"))
            .and("both", "b");
        m.call(part(name).call(name, inputs))
    });
    let inputs = PlainInputs::default()
        .and("used", logs.get::<Str>("id"))
        .and("both", keys.get::<Str>("id"))
        .and("order", database.get::<Str>("id"));
    m.call(part("store").call("store", inputs));
    let inputs = PlainInputs::default().and("order", logs.get::<Str>("id"));
    m.call(outer().call("outer", inputs));
    let summary = m.summary();
    let needs: Vec<_> = summary
        .blocks
        .iter()
        .map(|block| {
            let needs: Vec<_> = block.needs.iter().map(String::as_str).collect();
            (block.address.as_str(), needs)
        })
        .collect();
    assert_eq!(
        needs,
        [
            ("module.logs", vec![]),
            ("module.keys", vec![]),
            ("module.database", vec![]),
            ("module.store", vec!["module.keys", "module.logs"]),
            ("module.outer", vec![]),
        ]
    );
    let graph = m.graph();
    assert!(graph["module.store"].contains("module.database"));
}
