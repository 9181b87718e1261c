//! Sets whose configured elements are equal or differ only in optional computed values.

use std::cell::Cell;

use super::*;

/// Returns an element with a key, an optional computed value, and elements of the same form that are nested up to a depth.
fn element(depth: u32) -> Part {
    let text = || Attribute::of(Type::String);
    let mut part = Part {
        block: Block::new()
            .attribute("k", text().required())
            .attribute("v", text().optional().computed()),
        rules: Vec::new(),
    };
    if depth > 0 {
        let inner = element(depth - 1);
        let nested = Attribute::nested(ObjectNesting::Set, inner.block.attributes).optional();
        part.block = part.block.attribute("inner", nested);
    }
    part
}

fn definition() -> Definition {
    let nested = Attribute::nested(ObjectNesting::Set, element(1).block.attributes).optional();
    Definition {
        schema: Schema::new(0, Block::new().attribute("in", nested)),
        ..Definition::default()
    }
}

fn elements(depth: u32) -> BoxedStrategy<Value> {
    let key = "[1-2]".prop_map(Value::from);
    let value = prop_oneof![Just(Value::Null), "[a-b]".prop_map(Value::from)];
    let inner = match depth {
        0 => Just(Value::Null).boxed(),
        _ => elements(depth - 1),
    };
    let element = (key, value, inner).prop_map(move |(k, v, inner)| {
        let inner = (depth > 0).then_some(("inner", inner));
        Value::object([("k", k), ("v", v)].into_iter().chain(inner))
    });
    vec(element, 0..4).prop_map(Value::set).boxed()
}

fn config() -> impl Strategy<Value = Value> {
    elements(1).prop_map(|set| Value::object([("in", set)]))
}

/// Replaces each unknown value in a plan with a different known value.
fn decided(value: Value, count: &Cell<u32>) -> Value {
    match value {
        Value::Unknown(_) => {
            count.set(count.get() + 1);
            Value::from(format!("decided-{}", count.get()))
        }
        Value::Object(attributes) => Value::object(
            attributes
                .into_iter()
                .map(|(name, value)| (name, decided(value, count))),
        ),
        Value::Set(elements) => Value::set(elements.into_iter().map(|value| decided(value, count))),
        known => known,
    }
}

/// Returns whether a planned value conforms to a configured value. Tries every order of the elements.
fn conforms(planned: &Value, config: &Value) -> bool {
    match (planned, config) {
        (Value::Object(planned), Value::Object(config)) => config.iter().all(|(name, config)| {
            (name == "v" && config.is_null()) || conforms(&planned[name], config)
        }),
        (Value::Set(planned), Value::Set(config)) => {
            let planned: Vec<&Value> = planned.iter().collect();
            let config: Vec<&Value> = config.iter().collect();
            planned.len() == config.len() && in_some_order(&planned, &config)
        }
        (planned, config) => planned == config,
    }
}

fn in_some_order(planned: &[&Value], config: &[&Value]) -> bool {
    let Some((first, rest)) = config.split_first() else {
        return true;
    };
    (0..planned.len()).any(|at| {
        let mut others = planned.to_vec();
        conforms(others.remove(at), first) && in_some_order(&others, rest)
    })
}

proptest! {
    /// Each configured element has exactly one planned element, and planning again after an apply produces no changes.
    #[test]
    fn elements_are_planned_one_to_one(one in config(), other in config()) {
        let definition = definition();
        let block = &definition.schema.block;
        let count = Cell::new(0);
        let mut prior = Value::Null;
        for config in [one, other] {
            let plan = propose(&definition, &prior, config.clone(), &config).plan;
            prop_assert_eq!(selfcheck::plan(block, &prior, &config, &plan), []);
            prop_assert!(conforms(&plan, &config), "{:?} is planned as {:?}", config, plan);
            let state = decided(plan.clone(), &count);
            prop_assert_eq!(selfcheck::result(block, &plan, &state), []);
            let again = propose(&definition, &state, config.clone(), &config).plan;
            prop_assert_eq!(&again, &state);
            prior = state;
        }
    }
}
