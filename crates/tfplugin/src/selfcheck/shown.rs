//! Display of values in violations. Scalars are shown, collections are described by kind, and sensitive values are masked.

use tfschema::{Attribute, Value};

use crate::level::{Level, Member};

/// Maximum length of a displayed string. Longer strings are truncated.
const MAX_CHARACTERS: usize = 60;

/// Whether values can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Values can be shown.
    Plain,
    /// Values must not be shown, because the attribute or an enclosing attribute is sensitive or write-only.
    Masked,
}

impl Shown {
    /// Returns whether the value of an attribute within this object can be shown.
    pub(super) fn attribute(self, attribute: &Attribute) -> Self {
        if attribute.sensitive || attribute.write_only {
            Self::Masked
        } else {
            self
        }
    }

    /// Returns whether the whole value of an attribute can be shown. This requires that no nested attribute is sensitive.
    pub(super) fn throughout(self, attribute: &Attribute) -> Self {
        match (
            self.attribute(attribute),
            Member::Attribute(attribute).within(),
        ) {
            (Self::Plain, Some((_, level))) => level.members().fold(Self::Plain, deeper),
            (shown, _) => shown,
        }
    }

    /// Returns the text that represents a value in a sentence.
    pub(super) fn value(self, value: &Value) -> String {
        match (self, value.inner()) {
            (_, Value::Null) => "null".to_owned(),
            (_, Value::Unknown(_)) => "unknown".to_owned(),
            (Self::Masked, _) => "a sensitive value".to_owned(),
            (Self::Plain, Value::Bool(truth)) => truth.to_string(),
            (Self::Plain, Value::Number(number)) => truncated(&number.to_string()),
            (Self::Plain, Value::String(text)) => format!("{:?}", truncated(text)),
            (Self::Plain, other) => other.kind().to_owned(),
        }
    }
}

fn deeper(shown: Shown, (_, member): (&str, Member<'_>)) -> Shown {
    match (shown, member) {
        (Shown::Plain, Member::Attribute(attribute)) => shown.throughout(attribute),
        (Shown::Plain, Member::Block(nested)) => {
            Level::from(&nested.block).members().fold(shown, deeper)
        }
        (Shown::Masked, _) => Shown::Masked,
    }
}

fn truncated(text: &str) -> String {
    let mut characters = text.chars();
    let mut shown: String = characters.by_ref().take(MAX_CHARACTERS).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}
