//! How values appear in violations: scalars as they are, collections by kind, sensitive values not at all.

use tfschema::{Attribute, Value};

use crate::level::{Level, Member};

/// Longer texts are cut.
const MAX_CHARACTERS: usize = 60;

/// Whether values may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// They may.
    Plainly,
    /// They may not, because an attribute here or further out is sensitive or write-only.
    Masked,
}

impl Shown {
    /// Whether the value of an attribute may be shown, within something that may or may not.
    pub(super) fn attribute(self, attribute: &Attribute) -> Self {
        if attribute.sensitive || attribute.write_only {
            Self::Masked
        } else {
            self
        }
    }

    /// Whether values of a whole attribute may be shown: not if anything within is sensitive.
    pub(super) fn throughout(self, attribute: &Attribute) -> Self {
        match (
            self.attribute(attribute),
            Member::Attribute(attribute).within(),
        ) {
            (Self::Plainly, Some((_, level))) => level.members().fold(Self::Plainly, deeper),
            (shown, _) => shown,
        }
    }

    /// A value for a sentence.
    pub(super) fn value(self, value: &Value) -> String {
        match (self, value.inner()) {
            (_, Value::Null) => "null".to_owned(),
            (_, Value::Unknown(_)) => "unknown".to_owned(),
            (Self::Masked, _) => "a sensitive value".to_owned(),
            (Self::Plainly, Value::Bool(truth)) => truth.to_string(),
            (Self::Plainly, Value::Number(number)) => cut(&number.to_string()),
            (Self::Plainly, Value::String(text)) => format!("{:?}", cut(text)),
            (Self::Plainly, other) => other.kind().to_owned(),
        }
    }
}

fn deeper(shown: Shown, (_, member): (&str, Member<'_>)) -> Shown {
    match (shown, member) {
        (Shown::Plainly, Member::Attribute(attribute)) => shown.throughout(attribute),
        (Shown::Plainly, Member::Block(nested)) => {
            Level::from(&nested.block).members().fold(shown, deeper)
        }
        (Shown::Masked, _) => Shown::Masked,
    }
}

fn cut(text: &str) -> String {
    let mut characters = text.chars();
    let mut shown: String = characters.by_ref().take(MAX_CHARACTERS).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}
