//! The test files of a module: `tests/inputs.tftest.hcl` checks that validations reject invalid values, and
//! `tests/plan.tftest.hcl` has a run for each scenario. Providers are mocked, so the tests require no account or
//! credentials.

use std::collections::{BTreeMap, BTreeSet};

use super::arrange::rules;
use super::piece::Piece;
use crate::block::Kind;
use crate::module::{Module, Scenario};
use crate::node::{Node, Target};

/// Returns the test files of a module by name, as pieces. A module without validations and scenarios has none.
pub(super) fn files(module: &Module) -> BTreeMap<String, Vec<Piece>> {
    let scenarios = module.scenarios.iter().map(scenario).collect();
    [("inputs", refusals(module)), ("plan", scenarios)]
        .into_iter()
        .filter(|(_, runs): &(_, Vec<Piece>)| !runs.is_empty())
        .map(|(name, runs)| {
            let mut pieces = preparation(module);
            pieces.extend(runs);
            if let Some(first) = pieces.first_mut() {
                first.gap = false;
            }
            (format!("tests/{name}.tftest.hcl"), pieces)
        })
        .collect()
}

/// Returns mocked providers and valid values of required inputs.
fn preparation(module: &Module) -> Vec<Piece> {
    let providers = module.providers.iter().map(|provider| {
        let served = |ty: &str| ty.split('_').next() == Some(provider.name.as_str());
        let mocks = module.mocks.iter().filter(|mock| served(&mock.ty));
        let mocks = mocks.map(|mock| {
            let block = match mock.kind {
                Kind::Data => "mock_data",
                Kind::Resource | Kind::Ephemeral => "mock_resource",
            };
            let values = vec![Piece::argument("defaults", mock.values.clone())];
            Piece::block(block, [mock.ty.as_str()], values).apart()
        });
        let mut body: Vec<Piece> = mocks.collect();
        if let Some(first) = body.first_mut() {
            first.gap = false;
        }
        Piece::block("mock_provider", [provider.name.as_str()], body).apart()
    });
    let mut pieces: Vec<Piece> = providers.collect();
    let examples = module.variables.iter().filter_map(|variable| {
        let variable = variable.borrow();
        let value = variable.example.clone()?;
        Some(Piece::argument(&variable.name, value))
    });
    let examples: Vec<Piece> = examples.collect();
    if !examples.is_empty() {
        pieces.push(Piece::block("variables", [], examples).apart());
    }
    pieces
}

/// Returns runs that cover all rejected values of all inputs. Each run starts a process for each provider, so
/// independent inputs share runs: the first run has the first rejected value of each input, the second run has the
/// second values, and so on. If the validations of two inputs refer to each other, an invalid value of one input could
/// also violate the validation of the other. In this case, each run has an invalid value for only one of them.
fn refusals(module: &Module) -> Vec<Piece> {
    let mut runs: Vec<Vec<(String, Node)>> = Vec::new();
    for group in groups(module) {
        let variables = module.variables.iter().map(|variable| variable.borrow());
        let of_group = variables.filter(|variable| group.contains(&variable.name));
        let refused = of_group.flat_map(|variable| {
            let values = variable.validations.iter().flat_map(|one| &one.refused);
            values
                .map(|value| (variable.name.clone(), value.clone()))
                .collect::<Vec<_>>()
        });
        for (number, given) in refused.enumerate() {
            match runs.get_mut(number) {
                Some(run) => run.push(given),
                None => runs.push(vec![given]),
            }
        }
    }
    let runs = runs.iter().enumerate();
    runs.map(|(number, given)| refusal(&format!("refuses_{}", number + 1), given))
        .collect()
}

/// Returns a run that must fail at each of the specified inputs.
fn refusal(name: &str, given: &[(String, Node)]) -> Piece {
    let own = |name: &String| Node::reference("", Target::Variable(name.clone()));
    let failing = given.iter().map(|(name, _)| own(name)).collect();
    let values = given.iter();
    let values = values.map(|(name, value)| Piece::argument(name, value.clone()));
    let body = vec![
        plan(),
        Piece::block("variables", [], values.collect()).apart(),
        Piece::argument("expect_failures", Node::Tuple(failing)).apart(),
    ];
    Piece::block("run", [name], body).apart()
}

/// Groups inputs whose validations refer to each other, in the order of declaration.
fn groups(module: &Module) -> Vec<BTreeSet<String>> {
    let mut groups: Vec<BTreeSet<String>> = Vec::new();
    for variable in &module.variables {
        let variable = variable.borrow();
        let mut group = BTreeSet::from([variable.name.clone()]);
        for validation in &variable.validations {
            validation.rule.condition.walk(&mut |node| {
                if let Node::Reference(reference) = node
                    && let Target::Variable(other) = &reference.target
                {
                    group.insert(other.clone());
                }
            });
        }
        let (known, others): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|known| !known.is_disjoint(&group));
        groups = others;
        groups.push(known.into_iter().flatten().chain(group).collect());
    }
    groups
}

fn scenario(scenario: &Scenario) -> Piece {
    let mut body = vec![plan()];
    let given = scenario.given.iter();
    let given: Vec<Piece> = given
        .map(|(name, value)| Piece::argument(name, value.clone()))
        .collect();
    if !given.is_empty() {
        body.push(Piece::block("variables", [], given).apart());
    }
    body.extend(rules("assert", &scenario.expectations));
    Piece::block("run", [scenario.name.as_str()], body).apart()
}

fn plan() -> Piece {
    Piece::argument("command", Node::Binding("plan".to_owned()))
}
