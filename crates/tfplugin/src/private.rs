//! Private data, which a resource stores in addition to its attributes, and which an ephemeral resource keeps between calls.

use std::collections::BTreeMap;

/// Private data of a resource or an open ephemeral resource, as JSON values by name.
///
/// The state file contains the private data of a resource in plaintext. Never store a secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private(BTreeMap<String, serde_json::Value>);

/// Error for private data that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("private state is not a JSON object")]
pub struct PrivateError(#[from] serde_json::Error);

impl Private {
    /// Returns a value by name.
    pub fn get(&self, name: &str) -> Option<&serde_json::Value> {
        self.0.get(name)
    }

    /// Sets a value.
    pub fn set(&mut self, name: impl Into<String>, value: serde_json::Value) {
        self.0.insert(name.into(), value);
    }

    /// Removes a value.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Reads private data from stored bytes. Empty bytes represent private data without values.
    ///
    /// # Errors
    /// Returns an error if the bytes are not a JSON object.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PrivateError> {
        if bytes.is_empty() {
            Ok(Self::default())
        } else {
            Ok(Self(serde_json::from_slice(bytes)?))
        }
    }

    /// Returns the bytes to store. They are empty if no value is set.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            Vec::new()
        } else {
            serde_json::json!(self.0).to_string().into_bytes()
        }
    }
}
