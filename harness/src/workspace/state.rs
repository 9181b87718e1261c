//! State, outputs and validation as the commands print them in JSON.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// What is stored, from `show -json`; modules are flattened, addresses are complete.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Every resource and data source, by address.
    pub resources: BTreeMap<String, Resource>,
    /// Every output of the root module.
    pub outputs: BTreeMap<String, Output>,
}

/// A resource in the state.
#[derive(Clone, Debug, Deserialize)]
pub struct Resource {
    /// Its complete address.
    pub address: String,
    /// `managed` or `data`.
    pub mode: String,
    /// Its type, such as `aws_vpc`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its attributes.
    #[serde(default)]
    pub values: Value,
    /// True where the next apply replaces it.
    #[serde(default)]
    pub tainted: bool,
}

/// An output of the root module.
#[derive(Clone, Debug, Deserialize)]
pub struct Output {
    /// Its value.
    pub value: Value,
    /// True where the command line hides it.
    #[serde(default)]
    pub sensitive: bool,
}

/// What `validate -json` says.
#[derive(Clone, Debug, Deserialize)]
pub struct Validation {
    /// True where there is no error.
    pub valid: bool,
    /// Errors and warnings in the form of the JSON output.
    #[serde(default)]
    pub diagnostics: Vec<Value>,
}

/// The nesting of `show -json`.
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
    /// The managed resources.
    pub fn managed(&self) -> impl Iterator<Item = &Resource> {
        self.resources
            .values()
            .filter(|resource| resource.mode == "managed")
    }
}
