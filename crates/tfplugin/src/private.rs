//! Private data: what a resource remembers beside its attributes, and an ephemeral resource between its calls.

use std::collections::BTreeMap;

/// Facts that a resource keeps beside its attributes, or an ephemeral resource between its calls, by name.
///
/// Those of a resource are stored in the state file in the clear. Never put a secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private(BTreeMap<String, serde_json::Value>);

/// Says why private state cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("private state is not a JSON object")]
pub struct PrivateError(#[from] serde_json::Error);

impl Private {
    /// A fact by name.
    pub fn get(&self, name: &str) -> Option<&serde_json::Value> {
        self.0.get(name)
    }

    /// Remembers a fact.
    pub fn set(&mut self, name: impl Into<String>, fact: serde_json::Value) {
        self.0.insert(name.into(), fact);
    }

    /// Forgets a fact.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Reads the bytes that were stored; no bytes are no facts.
    ///
    /// # Errors
    /// The bytes are not what [`Private::to_bytes`] writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PrivateError> {
        if bytes.is_empty() {
            Ok(Self::default())
        } else {
            Ok(Self(serde_json::from_slice(bytes)?))
        }
    }

    /// The bytes to store; no facts are no bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            Vec::new()
        } else {
            serde_json::json!(self.0).to_string().into_bytes()
        }
    }
}
