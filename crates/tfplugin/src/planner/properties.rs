//! Property tests with random resources, which are created, planned again, changed, and planned again. The tests take the
//! role of the core. The self-check verifies every plan. Planning again after an apply must produce no changes.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tfschema::{
    Attribute, Block, BlockNesting, NestedBlock, ObjectNesting, Schema, Set, Step, Type, Value,
};

mod alike;

use super::{propose, without_write_only};
use crate::level::{Level, Member, element, field, map_objects, objects};
use crate::model::Definition;
use crate::rules::{AttributeRules, ObjectRules};
use crate::{configuration, selfcheck};

/// Schema and rules of a level. The rules are stored as a list because a list implements `Debug`.
#[derive(Clone, Debug, Default)]
struct Part {
    block: Block,
    rules: Vec<(String, Rules)>,
}

#[derive(Clone, Debug, Default)]
struct Rules {
    keep: bool,
    requires_replace: bool,
    default: Option<&'static str>,
    nested: Vec<(String, Rules)>,
}

fn rules(rules: &[(String, Rules)]) -> ObjectRules {
    let mut object = ObjectRules::new();
    for (name, of) in rules {
        let of = AttributeRules {
            keep: of.keep,
            requires_replace: of.requires_replace,
            default: of.default.map(Value::from),
            nested: self::rules(&of.nested),
            ..AttributeRules::default()
        };
        object.insert(name, of);
    }
    object
}

/// Definition with two configurations.
#[derive(Clone, Debug)]
struct Scenario {
    part: Part,
    one: Value,
    other: Value,
}

impl Scenario {
    fn definition(&self) -> Definition {
        Definition {
            schema: Schema::new(0, self.part.block.clone()),
            rules: rules(&self.part.rules),
            ..Definition::default()
        }
    }
}

/// Generates a string attribute with a valid combination of flags and rules.
fn leaf() -> impl Strategy<Value = (Attribute, Rules)> {
    let text = || Attribute::of(Type::String);
    let rules = |keep, requires_replace, default| Rules {
        keep,
        requires_replace,
        default,
        nested: Vec::new(),
    };
    prop_oneof![
        Just((text().required(), rules(false, false, None))),
        Just((text().required(), rules(false, true, None))),
        Just((text().optional(), rules(false, false, None))),
        Just((text().computed(), rules(false, false, None))),
        Just((text().computed(), rules(true, false, None))),
        Just((text().optional().computed(), rules(false, false, None))),
        Just((text().optional().computed(), rules(true, false, None))),
        Just((text().optional().computed(), rules(false, true, None))),
        Just((text().optional().computed(), rules(false, false, Some("a")))),
    ]
}

fn write_only() -> Attribute {
    Attribute::of(Type::String).optional().write_only()
}

fn part(depth: u32, in_set: bool) -> BoxedStrategy<Part> {
    let leaves = btree_map("[a-d]", leaf(), 1..4);
    if depth == 0 {
        return leaves
            .prop_map(move |leaves| assemble(leaves, Vec::new(), Vec::new(), in_set))
            .boxed();
    }
    let nesting = prop_oneof![
        Just(BlockNesting::Single),
        Just(BlockNesting::Group),
        Just(BlockNesting::List),
        Just(BlockNesting::Map),
        Just(BlockNesting::Set),
    ];
    let inner = (nesting, any::<(bool, bool)>()).prop_flat_map(move |(nesting, flags)| {
        let in_set = in_set || nesting == BlockNesting::Set;
        part(depth - 1, in_set).prop_map(move |part| (nesting, flags, part))
    });
    let (nested, blocks) = (vec(inner.clone(), 0..3), vec(inner, 0..3));
    (leaves, nested, blocks)
        .prop_map(move |(leaves, nested, blocks)| assemble(leaves, nested, blocks, in_set))
        .boxed()
}

type Inner = (BlockNesting, (bool, bool), Part);

fn assemble(
    leaves: BTreeMap<String, (Attribute, Rules)>,
    nested: Vec<Inner>,
    blocks: Vec<Inner>,
    in_set: bool,
) -> Part {
    // Configured values identify the elements in a set, so they must not be write-only.
    let key = if in_set {
        Attribute::of(Type::String).required()
    } else {
        write_only()
    };
    let mut part = Part {
        block: Block::new().attribute("key", key),
        rules: Vec::new(),
    };
    for (name, (attribute, rules)) in leaves {
        part.block = part.block.attribute(&name, attribute);
        part.rules.push((name, rules));
    }
    for (index, (nesting, (computed, keep), inner)) in nested.into_iter().enumerate() {
        let name = format!("nested{index}");
        let nesting = match nesting {
            BlockNesting::Single | BlockNesting::Group => ObjectNesting::Single,
            BlockNesting::List => ObjectNesting::List,
            BlockNesting::Map => ObjectNesting::Map,
            BlockNesting::Set => ObjectNesting::Set,
        };
        let attribute = Attribute::nested(nesting, inner.block.attributes).optional();
        let attribute = if computed {
            attribute.computed()
        } else {
            attribute
        };
        part.block = part.block.attribute(&name, attribute);
        part.rules.push((
            name,
            Rules {
                keep,
                nested: inner.rules,
                ..Rules::default()
            },
        ));
    }
    for (index, (nesting, _, inner)) in blocks.into_iter().enumerate() {
        let name = format!("block{index}");
        part.block = part
            .block
            .nested(&name, NestedBlock::new(nesting, inner.block));
        part.rules.push((
            name,
            Rules {
                nested: inner.rules,
                ..Rules::default()
            },
        ));
    }
    part
}

/// Generates a configuration that passes the core's checks.
fn configured(block: &Block) -> BoxedStrategy<Value> {
    let level = Level::from(block);
    let members: Vec<_> = level
        .members()
        .map(|(name, member)| {
            value(name, member).prop_map({
                let name = name.to_owned();
                move |value| (name.clone(), value)
            })
        })
        .collect();
    members.prop_map(Value::object).boxed()
}

fn value(name: &str, member: Member<'_>) -> BoxedStrategy<Value> {
    let text = || "[a-c]".prop_map(Value::from);
    match (member, member.within()) {
        (Member::Attribute(attribute), None) => match (attribute.required, attribute.optional) {
            (true, _) if name == "key" => text().boxed(),
            (true, _) => prop_oneof![6 => text(), 1 => Just(Value::unknown())].boxed(),
            (_, true) => {
                prop_oneof![3 => Just(Value::Null), 3 => text(), 1 => Just(Value::unknown())]
                    .boxed()
            }
            _ => Just(Value::Null).boxed(),
        },
        (Member::Attribute(_), Some((nesting, level))) => {
            let known = repeated(nesting, level);
            prop_oneof![2 => Just(Value::Null), 4 => known, 1 => Just(Value::unknown())].boxed()
        }
        (Member::Block(nested), Some((nesting, level))) => match nested.nesting {
            BlockNesting::Single => {
                prop_oneof![Just(Value::Null), repeated(nesting, level)].boxed()
            }
            BlockNesting::Group => repeated(nesting, level),
            _ => prop_oneof![6 => repeated(nesting, level), 1 => Just(Value::unknown())].boxed(),
        },
        (Member::Block(_), None) => Just(Value::Null).boxed(),
    }
}

fn repeated(nesting: ObjectNesting, level: Level<'_>) -> BoxedStrategy<Value> {
    let members: Vec<_> = level
        .members()
        .map(|(name, member)| {
            value(name, member).prop_map({
                let name = name.to_owned();
                move |value| (name.clone(), value)
            })
        })
        .collect();
    let object = members.prop_map(Value::object);
    match nesting {
        ObjectNesting::Single => object.boxed(),
        ObjectNesting::List => vec(object, 0..3).prop_map(Value::List).boxed(),
        ObjectNesting::Map => btree_map("[x-z]", object, 0..3)
            .prop_map(Value::map)
            .boxed(),
        ObjectNesting::Set => vec(object, 0..3)
            .prop_map(|objects| {
                let mut kept: Vec<Value> = Vec::new();
                for object in objects {
                    if kept
                        .iter()
                        .all(|other| field(other, "key") != field(&object, "key"))
                    {
                        kept.push(object);
                    }
                }
                Value::set(kept)
            })
            .boxed(),
    }
}

/// Returns the state that the core proposes: the configuration, with prior values for computed attributes that are not
/// configured.
fn proposed(level: Level<'_>, prior: &Value, config: &Value) -> Value {
    let Value::Object(_) = config else {
        return config.clone();
    };
    Value::object(level.members().map(|(name, member)| {
        let (prior, config) = (field(prior, name), field(config, name));
        let value = match (member, member.within()) {
            (Member::Attribute(attribute), _) if attribute.computed && config.is_null() => {
                prior.clone()
            }
            (_, Some((nesting, level))) => {
                map_objects(nesting, config.clone(), &mut |step, config| {
                    let prior = match nesting {
                        ObjectNesting::Set => same_key(prior, &config),
                        _ => element(prior, step).clone(),
                    };
                    proposed(level, &prior, &config)
                })
            }
            (_, None) => config.clone(),
        };
        (name, value)
    }))
}

fn same_key(prior: &Value, config: &Value) -> Value {
    let elements = objects(ObjectNesting::Set, prior)
        .into_iter()
        .map(|(_, element)| element);
    let mut same = elements.filter(|element| field(element, "key") == field(config, "key"));
    same.next().cloned().unwrap_or_default()
}

/// Replaces the unknown values in a plan or configuration with known values.
fn settled(ty: &Type, value: Value) -> Value {
    match (ty, value) {
        (Type::String, Value::Unknown(_)) => "settled".into(),
        (Type::Object(object), Value::Object(attributes)) => Value::object(
            attributes
                .into_iter()
                .map(|(name, value)| (name.clone(), settled(&object.attributes[&name], value))),
        ),
        (Type::List(ty), Value::List(elements)) => Value::List(
            elements
                .into_iter()
                .map(|value| settled(ty, value))
                .collect(),
        ),
        (Type::Set(ty), Value::Set(elements)) => Value::Set(
            elements
                .into_iter()
                .map(|value| settled(ty, value))
                .collect::<Set>(),
        ),
        (Type::Map(ty), Value::Map(elements)) => Value::map(
            elements
                .into_iter()
                .map(|(key, value)| (key, settled(ty, value))),
        ),
        (_, Value::Unknown(_)) => Value::Null,
        (_, known) => known,
    }
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    part(2, false).prop_flat_map(|part| {
        let configs = (configured(&part.block), configured(&part.block));
        configs.prop_map(move |(one, other)| Scenario {
            part: part.clone(),
            one,
            other,
        })
    })
}

/// Plans and applies a configuration. Returns the configuration and the state, in which all values are known.
fn change(
    definition: &Definition,
    prior: &Value,
    config: &Value,
) -> Result<(Value, Value), TestCaseError> {
    let block = &definition.schema.block;
    let ty = block.implied_type();
    let proposal = proposed(block.into(), prior, config);
    let answer = propose(definition, prior, proposal.clone(), config);
    // docs/protocol.md, "Deterministic plans".
    //
    // The core plans again during apply, and compares the plans.
    let again = propose(definition, prior, proposal, config);
    prop_assert_eq!(&again.plan, &answer.plan);
    prop_assert_eq!(&again.requires_replace, &answer.requires_replace);
    prop_assert_eq!(selfcheck::plan(block, prior, config, &answer.plan), []);
    let paths = &answer.requires_replace;
    prop_assert!(paths.is_sorted() && (paths.is_empty() || !prior.is_null()));
    for path in paths {
        prop_assert!(
            answer.plan.at(path).is_some() || prior.at(path).is_some(),
            "{} does not exist",
            path
        );
    }
    let state = settled(&ty, answer.plan.clone());
    // `settled` replaces an unknown dynamic block with null, which then becomes an empty collection.
    let state = crate::complete::complete(block, state);
    prop_assert_eq!(selfcheck::result(block, &answer.plan, &state), []);
    let config = crate::complete::complete(block, settled(&ty, config.clone()));
    Ok((config, state))
}

fn check_no_further_changes(
    definition: &Definition,
    state: &Value,
    config: &Value,
) -> Result<(), TestCaseError> {
    let proposal = proposed((&definition.schema.block).into(), state, config);
    let answer = propose(definition, state, proposal, config);
    prop_assert_eq!(&answer.plan, state);
    prop_assert_eq!(answer.requires_replace, []);
    Ok(())
}

/// Generates a state that is independent of the prior configuration. Such a state can occur after an import or as a result
/// of drift.
fn stored(ty: &Type, block: &Block) -> BoxedStrategy<Value> {
    let (ty, block) = (ty.clone(), block.clone());
    let decided = vec(
        prop_oneof![Just(Value::Null), "[a-c]".prop_map(Value::from)],
        8,
    );
    (configured(&block), decided)
        .prop_map(move |(config, decided)| {
            let mut decided = decided.into_iter().cycle();
            let level = Level::from(&block);
            let state = settled(&ty, with_computed(level, config, &mut decided));
            crate::complete::complete(&block, without_write_only(&block, state))
        })
        .boxed()
}

/// Adds values for computed attributes to a configuration.
fn with_computed(
    level: Level<'_>,
    config: Value,
    decided: &mut dyn Iterator<Item = Value>,
) -> Value {
    let Value::Object(_) = config else {
        return config;
    };
    Value::object(level.members().map(|(name, member)| {
        let config = field(&config, name).clone();
        let value = match (member, member.within()) {
            (_, Some((nesting, level))) => map_objects(nesting, config, &mut |_, object| {
                with_computed(level, object, decided)
            }),
            (Member::Attribute(attribute), None) if attribute.computed && config.is_null() => {
                decided.next().unwrap_or_default()
            }
            (_, None) => config,
        };
        (name, value)
    }))
}

proptest! {
    #[test]
    fn plans_from_any_prior_state_converge(
        (scenario, prior) in scenarios().prop_flat_map(|scenario| {
            let block = &scenario.part.block;
            let stored = stored(&block.implied_type(), block);
            (Just(scenario), stored)
        })
    ) {
        let definition = scenario.definition();
        prop_assert_eq!(selfcheck::state(&definition.schema.block, &prior), []);
        let (config, state) = change(&definition, &prior, &scenario.one)?;
        check_no_further_changes(&definition, &state, &config)?;
    }

    /// docs/protocol.md, "Deterministic plans".
    ///
    /// A repeated plan is equal to the first plan, and planning again after an apply produces no changes.
    #[test]
    fn plans_for_successive_configurations_are_valid_and_converge(scenario in scenarios()) {
        let (definition, one, other) = (scenario.definition(), scenario.one, scenario.other);
        prop_assert!(configuration::check(&definition, &one, true).is_empty());
        let (config, state) = change(&definition, &Value::Null, &one)?;
        check_no_further_changes(&definition, &state, &config)?;
        let (config, state) = change(&definition, &state, &other)?;
        check_no_further_changes(&definition, &state, &config)?;
    }

    #[test]
    fn a_plan_for_another_configuration_is_reported(scenario in scenarios()) {
        let (definition, config, other) = (scenario.definition(), scenario.one, scenario.other);
        let block = &definition.schema.block;
        let plan = propose(&definition, &Value::Null, config.clone(), &config).plan;
        // A plan for another configuration is valid only if all configured values are equal.
        let foreign = propose(&definition, &Value::Null, other.clone(), &other).plan;
        let required = block.attributes.iter().filter(|(_, attribute)| attribute.required);
        for (name, _) in required {
            let path = std::iter::once(Step::Attribute(name.clone())).collect();
            if foreign.at(&path) != plan.at(&path) {
                let violations = selfcheck::plan(block, &Value::Null, &config, &foreign);
                prop_assert!(violations.iter().any(|violation| violation.path == path));
            }
        }
    }
}
