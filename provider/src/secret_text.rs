//! Text that holds key material.
//!
//! It is wiped when dropped and cannot be printed, cloned or compared. Nothing here may grow a `Debug`,
//! `Display` or `Serialize`: every way to the content goes through [`SecretText::expose`], so that one search
//! finds them all.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// Text that is wiped from memory when dropped and has no `Debug`.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// The content. Every caller is a place where key material is handled.
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
