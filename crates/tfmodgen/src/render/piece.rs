//! Pieces of a file: arguments and blocks. A file is arranged as pieces and printed from them, and the parsed result is
//! compared with them.

use super::lower::{INDENT, laid_out};
use crate::node::Node;

/// An argument or a block, with the comment and blank line above it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Whether a blank line precedes the piece.
    pub(super) gap: bool,
    pub(super) comment: Option<String>,
    pub(super) form: Form,
}

#[derive(Clone, Debug)]
pub(super) enum Form {
    Argument {
        name: String,
        value: Node,
    },
    Block {
        name: String,
        labels: Vec<String>,
        body: Vec<Piece>,
    },
}

impl Piece {
    pub(super) fn argument(name: &str, value: Node) -> Self {
        Self::of(Form::Argument {
            name: name.to_owned(),
            value,
        })
    }

    pub(super) fn block<'a>(
        name: &str,
        labels: impl IntoIterator<Item = &'a str>,
        body: Vec<Self>,
    ) -> Self {
        Self::of(Form::Block {
            name: name.to_owned(),
            labels: labels.into_iter().map(str::to_owned).collect(),
            body,
        })
    }

    fn of(form: Form) -> Self {
        Self {
            gap: false,
            comment: None,
            form,
        }
    }

    /// Adds a comment, and a blank line above it.
    pub(super) fn commented(mut self, why: Option<&str>) -> Self {
        self.gap |= why.is_some();
        self.comment = why.map(str::to_owned);
        self
    }

    /// Returns whether the piece is a multi-line argument.
    pub(super) fn takes_lines(&self) -> bool {
        match &self.form {
            Form::Argument { name, value } => {
                // The actual indentation is not known here. One level is a sufficient approximation.
                let printed = laid_out(value, INDENT, INDENT + name.len() + 3).to_string();
                printed.trim().contains('\n')
            }
            Form::Block { .. } => false,
        }
    }

    /// Adds a blank line above the piece.
    pub(super) fn apart(mut self) -> Self {
        self.gap = true;
        self
    }
}
