//! Inputs of which a module needs only the order: what a reader of its caller is told of them.

mod plain;

use plain::Plain;
use tfmodgen::Block;
use tfmodgen::prelude::*;

/// A module with an input that is used, one that only orders, and one that does both.
fn part(name: &str) -> Module {
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
    part
}

/// A module that passes its input on to an order.
fn outer() -> Module {
    let mut outer = Module::new("outer", "A part with a part.");
    let order = outer.variable("order", string()).describe("An order.");
    let inner = Call::new("inner", &part("inner"), "./inner")
        .input("used", "a")
        .input("both", "b")
        .input("order", &order);
    outer.call(inner);
    outer
}

#[test]
fn a_summary_leaves_out_what_only_orders_a_called_module() {
    let mut m = Module::new("system", "All.");
    let store = m.later_call("store");
    let [logs, keys, database] = ["logs", "keys", "database"].map(|name| {
        let call = Call::new(name, &part(name), "./part").input("used", "a");
        let call = call.input("order", store.output::<Str>("id"));
        m.call(call.input("both", "b"))
    });
    m.call(
        Call::new("store", &part("store"), "./part")
            .input("used", logs.output::<Str>("id"))
            .input("both", keys.output::<Str>("id"))
            .input("order", database.output::<Str>("id")),
    );
    let outer = Call::new("outer", &outer(), "./outer");
    m.call(outer.input("order", logs.output::<Str>("id")));
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
