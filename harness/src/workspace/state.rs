//! State, outputs, and validation results from the JSON output of the commands.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The stored state, from `show -json`. Modules are flattened, and addresses are complete.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// All resources and data sources, by address.
    pub resources: BTreeMap<String, Resource>,
    /// All outputs of the root module.
    pub outputs: BTreeMap<String, Output>,
}

/// A resource in the state.
#[derive(Clone, Debug, Deserialize)]
pub struct Resource {
    /// Complete resource address.
    pub address: String,
    /// `managed` or `data`.
    pub mode: String,
    /// Resource type, such as `aws_vpc`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Attributes.
    #[serde(default)]
    pub values: Value,
    /// Whether the resource is tainted.
    #[serde(default)]
    pub tainted: bool,
}

/// An output of the root module.
#[derive(Clone, Debug, Deserialize)]
pub struct Output {
    /// Value of the output.
    pub value: Value,
    /// Whether the output is sensitive.
    #[serde(default)]
    pub sensitive: bool,
}

/// Result from `validate -json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Validation {
    /// Whether the configuration has no errors.
    pub valid: bool,
    /// Errors and warnings in the JSON output format.
    #[serde(default)]
    pub diagnostics: Vec<Value>,
}

/// Structure of the `show -json` output.
#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    values: Option<Values>,
}

#[derive(Deserialize)]
struct Values {
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
    root_module: Module,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    child_modules: Vec<Module>,
}

impl From<Shown> for State {
    fn from(shown: Shown) -> Self {
        let Some(values) = shown.values else {
            return Self::default();
        };
        let mut state = Self {
            resources: BTreeMap::new(),
            outputs: values.outputs,
        };
        let mut modules = vec![values.root_module];
        while let Some(module) = modules.pop() {
            let resources = module.resources.into_iter();
            state
                .resources
                .extend(resources.map(|resource| (resource.address.clone(), resource)));
            modules.extend(module.child_modules);
        }
        state
    }
}

impl State {
    /// Returns the managed resources.
    pub fn managed(&self) -> impl Iterator<Item = &Resource> {
        self.resources
            .values()
            .filter(|resource| resource.mode == "managed")
    }
}
