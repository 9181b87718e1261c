//! Loads service models. Each process reads a model on the first request to the service and shares it. Operations and
//! shapes are parsed on first use, because the model of EC2 has thousands of them.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::Utf8PathBuf;
use regex::Regex;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::request::{Protocol, Request};
use super::shape::{Operation, Shape};

/// A service in the index of the models.
#[derive(Debug, Deserialize)]
struct Entry {
    service: String,
    version: String,
    target: Option<String>,
    protocol: String,
}

/// All service models in a directory.
pub(crate) struct Models {
    directory: Utf8PathBuf,
    index: BTreeMap<String, Vec<Entry>>,
    loaded: Mutex<BTreeMap<String, Arc<Model>>>,
}

impl Models {
    /// Reads the index of the models in a directory.
    ///
    /// # Errors
    /// Returns an error if the index cannot be read or is not valid.
    pub(crate) fn open(directory: Utf8PathBuf) -> std::io::Result<Self> {
        let text = fs::read_to_string(directory.join("index.json"))?;
        Ok(Self {
            directory,
            index: serde_json::from_str(&text)?,
            loaded: Mutex::default(),
        })
    }

    /// Returns the models that can apply to a request, the most specific first.
    ///
    /// Several services can share a signing name. `X-Amz-Target` or `Version` selects one of them. REST services are
    /// distinguished by their operations.
    pub(super) fn of(&self, request: &Request) -> Vec<Arc<Model>> {
        let Some(entries) = self.index.get(&request.service) else {
            return Vec::new();
        };
        let target = request
            .headers
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok())
            .and_then(|target| target.rsplit_once('.'))
            .map(|(prefix, _)| prefix);
        let version = request.parameter("Version");
        let mut chosen: Vec<_> = entries
            .iter()
            .filter(|entry| match request.protocol {
                Protocol::Json => target.is_none() || target == entry.target.as_deref(),
                Protocol::Query | Protocol::Ec2 => {
                    version.is_none() || version.as_ref() == Some(&entry.version)
                }
                Protocol::Rest => entry.protocol.starts_with("rest"),
            })
            .collect();
        // The service with the signing name as its name comes first, such as `rds` before `docdb`.
        chosen.sort_by_key(|entry| entry.service != request.service);
        chosen
            .into_iter()
            .filter_map(|entry| self.load(entry))
            .collect()
    }

    fn load(&self, entry: &Entry) -> Option<Arc<Model>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = loaded.get(&entry.service) {
            return Some(Arc::clone(model));
        }
        let text = fs::read_to_string(self.directory.join(&entry.service)).ok()?;
        let model = Arc::new(Model::new(&entry.service, &entry.protocol, &text));
        loaded.insert(entry.service.clone(), Arc::clone(&model));
        Some(model)
    }
}

/// The model of a service.
pub(super) struct Model {
    pub(super) service: String,
    pub(super) protocol: String,
    operations: BTreeMap<String, Lazy<Operation>>,
    shapes: BTreeMap<String, Lazy<Shape>>,
    patterns: Mutex<BTreeMap<String, Option<Regex>>>,
}

/// A value that is parsed on first use. `None` if it is not valid.
struct Lazy<T> {
    text: String,
    parsed: OnceLock<Option<T>>,
}

impl<T: DeserializeOwned> Lazy<T> {
    fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            parsed: OnceLock::new(),
        }
    }

    fn get(&self) -> Option<&T> {
        self.parsed
            .get_or_init(|| serde_json::from_str(&self.text).ok())
            .as_ref()
    }
}

impl Model {
    fn new(service: &str, protocol: &str, text: &str) -> Self {
        let mut model = Self {
            service: service.to_owned(),
            protocol: protocol.to_owned(),
            operations: BTreeMap::new(),
            shapes: BTreeMap::new(),
            patterns: Mutex::default(),
        };
        for line in text.lines() {
            let mut parts = line.splitn(3, ' ');
            match (parts.next(), parts.next(), parts.next()) {
                (Some("operation"), Some(name), Some(json)) => {
                    model.operations.insert(name.to_owned(), Lazy::new(json));
                }
                (Some("shape"), Some(name), Some(json)) => {
                    model.shapes.insert(name.to_owned(), Lazy::new(json));
                }
                _ => {}
            }
        }
        model
    }

    pub(super) fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)?.get()
    }

    /// Returns an operation with its name as the model spells it.
    pub(super) fn operation_named(&self, name: &str) -> Option<(&str, &Operation)> {
        let (name, operation) = self.operations.get_key_value(name)?;
        Some((name, operation.get()?))
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = (&str, &Operation)> {
        self.operations
            .iter()
            .filter_map(|(name, operation)| Some((name.as_str(), operation.get()?)))
    }

    pub(super) fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)?.get()
    }

    /// Returns whether the complete text matches a pattern. Patterns that use look-around cannot be compiled and match
    /// any text.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> bool {
        let mut patterns = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        let compiled = patterns
            .entry(pattern.to_owned())
            .or_insert_with(|| Regex::new(&format!("^(?:{})$", translated(pattern))).ok());
        compiled.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}

/// Returns a pattern of the model in the syntax of the regex crate: `\uXXXX` becomes `\u{XXXX}`, `$` matches only at the
/// end of the text in both.
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after.strip_prefix('u').and_then(|hex| hex.get(..4));
        match code.filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            Some(hex) => {
                out.push_str(&format!("\\u{{{hex}}}"));
                rest = &after[5..];
            }
            None => {
                let mut characters = after.chars();
                out.push('\\');
                out.extend(characters.next());
                rest = characters.as_str();
            }
        }
    }
    out + rest
}
