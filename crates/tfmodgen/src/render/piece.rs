//! What stands in a file: arguments and blocks, nothing else. A file is arranged in these, printed from these, and what is
//! read back is compared with these.

use super::lower::{INDENT, laid_out};
use crate::node::Node;

/// An argument or a block, with what stands above it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// A blank line stands above it.
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

    /// With a comment above. In the midst of others, that begins a new thought.
    pub(super) fn commented(mut self, why: Option<&str>) -> Self {
        self.gap |= why.is_some();
        self.comment = why.map(str::to_owned);
        self
    }

    /// Whether it is an argument that takes more than a line.
    pub(super) fn takes_lines(&self) -> bool {
        match &self.form {
            Form::Argument { name, value } => {
                // Where it stands is not known here, but hardly matters.
                let printed = laid_out(value, INDENT, INDENT + name.len() + 3).to_string();
                printed.trim().contains('\n')
            }
            Form::Block { .. } => false,
        }
    }

    /// With a blank line above.
    pub(super) fn apart(mut self) -> Self {
        self.gap = true;
        self
    }
}
