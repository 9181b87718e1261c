//! String templates with interpolated values, built from parts. Literal parts are data and never parsed as code.

use super::Expr;
use crate::marker::{Bool, Num, Str};
use crate::node::{Node, Part};

/// A part of a template: a literal string, or an expression of a primitive type.
pub struct TemplatePart {
    part: Part,
    /// Whether the value is a string.
    text: bool,
}

/// An unfinished template. See [`template`].
#[derive(Default)]
pub struct Template(Vec<TemplatePart>);

/// Concatenates parts into a string.
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
        // A single string value needs no quotes.
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
    /// Returns an empty template.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a literal string or a value.
    #[must_use]
    pub fn then(mut self, part: impl Into<TemplatePart>) -> Self {
        self.0.push(part.into());
        self
    }

    /// Returns the finished template.
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

/// Converts a literal string in a template to a literal part of the template.
fn flatten(node: Node) -> Part {
    match node {
        Node::Text(text) => Part::Text(text),
        node => Part::Value(node),
    }
}
