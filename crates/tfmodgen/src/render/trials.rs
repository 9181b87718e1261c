//! The tests that a module carries: `tests/inputs.tftest.hcl` has a run for each value that a validation refuses,
//! `tests/plan.tftest.hcl` one for each scenario. Providers are imagined, so that neither account nor key is needed.

use std::collections::BTreeMap;

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

/// Imagined providers, and good values of what has to be given.
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

fn refusals(module: &Module) -> Vec<Piece> {
    let mut runs = Vec::new();
    for variable in &module.variables {
        let variable = variable.borrow();
        let refused = variable.validations.iter().flat_map(|one| &one.refused);
        for (number, value) in refused.enumerate() {
            let given = vec![Piece::argument(&variable.name, value.clone())];
            let own = Node::reference("", Target::Variable(variable.name.clone()));
            let body = vec![
                plan(),
                Piece::block("variables", [], given).apart(),
                Piece::argument("expect_failures", Node::Tuple(vec![own])).apart(),
            ];
            let name = format!("{}_refuses_{}", variable.name, number + 1);
            runs.push(Piece::block("run", [name.as_str()], body).apart());
        }
    }
    runs
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
