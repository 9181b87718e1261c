//! Text that contains key material.
//!
//! The text is wiped when dropped, and cannot be printed, cloned, or compared. Do not implement `Debug`, `Display` or
//! `Serialize`: callers must access the content through [`SecretText::expose`], so a search for this function finds all
//! uses.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// Text that is wiped from memory when dropped and does not implement `Debug`.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Returns the content. Every caller handles key material.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<Zeroizing<String>> for SecretText {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
