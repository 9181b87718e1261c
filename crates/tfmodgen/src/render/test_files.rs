//! The test files of a module: `tests/inputs.tftest.hcl` expects that validations refuse what they must refuse, and
//! `tests/plan.tftest.hcl` has a run for each scenario. Providers are mocked, so that no account or key is needed.

use std::collections::{BTreeMap, BTreeSet};

use super::arrange::rules;
use super::piece::Piece;
use crate::block::Kind;
use crate::module::{Module, Scenario};
use crate::node::{Node, Target};

/// The test files of a module by name, as pieces. A module without validations and scenarios has none.
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

/// Mocked providers, and valid values of required inputs.
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

/// Every refused value of every input. A run costs a process of each provider, so inputs that know nothing of each other
/// share runs: the first refused value of each, then the second of each, and so on. Of those that look at one another a
/// wrong value could fail the other as well, so only one of them is wrong in a run.
fn refusals(module: &Module) -> Vec<Piece> {
    let mut runs: Vec<Vec<(String, Node)>> = Vec::new();
    for circle in circles(module) {
        let variables = module.variables.iter().map(|variable| variable.borrow());
        let of_circle = variables.filter(|variable| circle.contains(&variable.name));
        let refused = of_circle.flat_map(|variable| {
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

/// A run that must fail at each of the given inputs.
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

/// Inputs by whose validations look at one another, in the order of their declaration.
fn circles(module: &Module) -> Vec<BTreeSet<String>> {
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for variable in &module.variables {
        let variable = variable.borrow();
        let mut circle = BTreeSet::from([variable.name.clone()]);
        for validation in &variable.validations {
            validation.rule.condition.walk(&mut |node| {
                if let Node::Reference(reference) = node
                    && let Target::Variable(other) = &reference.target
                {
                    circle.insert(other.clone());
                }
            });
        }
        let (known, others): (Vec<_>, Vec<_>) = circles
            .into_iter()
            .partition(|known| !known.is_disjoint(&circle));
        circles = others;
        circles.push(known.into_iter().flatten().chain(circle).collect());
    }
    circles
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
