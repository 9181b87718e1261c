//! Templates: texts with values in them, built from parts. A text in a template is as much data as a text alone.

use super::Expr;
use crate::marker::{Bool, Num, Str};
use crate::node::{Node, Part};

/// A part of a template: a text, or an expression of a primitive type.
pub struct TemplatePart {
    part: Part,
    /// Whether the value is a string already.
    text: bool,
}

/// A template on its way: see [`template`].
#[derive(Default)]
pub struct Template(Vec<TemplatePart>);

/// A text made of parts.
///
/// ```
/// use tfmodgen::prelude::*;
/// let arn = template(["arn:aws:s3:::".into(), path_module().into(), "/${x}".into()]);
/// assert_eq!(arn.to_string(), r#""arn:aws:s3:::${path.module}/$${x}""#);
/// ```
pub fn template(parts: impl IntoIterator<Item = TemplatePart>) -> Expr<Str> {
    let empty = |part: &TemplatePart| matches!(&part.part, Part::Text(text) if text.is_empty());
    let parts: Vec<TemplatePart> = parts.into_iter().filter(|part| !empty(part)).collect();
    Expr::new(match parts.as_slice() {
        // A string alone needs no quotes.
        [
            TemplatePart {
                part: Part::Value(value),
                text: true,
            },
        ] => value.clone(),
        _ => Node::template(parts.into_iter().map(|part| part.part)),
    })
}

impl Template {
    /// An empty template.
    pub fn new() -> Self {
        Self::default()
    }

    /// The template with a text or a value at its end.
    #[must_use]
    pub fn then(mut self, part: impl Into<TemplatePart>) -> Self {
        self.0.push(part.into());
        self
    }

    /// The finished text.
    pub fn build(self) -> Expr<Str> {
        template(self.0)
    }
}

impl From<&str> for TemplatePart {
    fn from(text: &str) -> Self {
        Self::text(text.to_owned())
    }
}

impl From<String> for TemplatePart {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl TemplatePart {
    fn text(text: String) -> Self {
        Self {
            part: Part::Text(text),
            text: true,
        }
    }
}

macro_rules! values {
    ($($marker:ty: $text:literal)+) => {$(
        impl From<Expr<$marker>> for TemplatePart {
            fn from(value: Expr<$marker>) -> Self {
                Self {
                    part: flatten(value.into_node()),
                    text: $text,
                }
            }
        }

        impl From<&Expr<$marker>> for TemplatePart {
            fn from(value: &Expr<$marker>) -> Self {
                value.clone().into()
            }
        }
    )+};
}

values! { Str: true Num: false Bool: false }

/// A literal text within a template is text of the template.
fn flatten(node: Node) -> Part {
    match node {
        Node::Text(text) => Part::Text(text),
        node => Part::Value(node),
    }
}
