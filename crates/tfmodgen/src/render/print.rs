//! Prints pieces with `hcl-edit`, and parses the text again to verify that it is equal to the declaration.

use hcl_edit::Decorate as _;
use hcl_edit::structure::{Attribute, Block, BlockLabel, Body, Structure};

use super::compare;
use super::lower::{INDENT, laid_out, name};
use super::piece::{Form, Piece};
use crate::format::{FormatError, format};

/// Maximum width of a comment line.
const WIDTH: usize = 100;

/// Reason why a file cannot be printed. Each of these reasons is a bug in this crate or in a library that it uses.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The formatting pass cannot split the text into tokens.
    #[error("the printed text cannot be formatted")]
    Format(#[source] FormatError),
    /// The printed text is not valid HCL.
    #[error("the printed text cannot be parsed")]
    Syntax(#[source] hcl_edit::parser::Error),
    /// The printed text differs from the declaration.
    #[error("the printed text differs from the declaration at {place}")]
    Meaning {
        /// Addresses of the block and argument.
        place: String,
    },
}

/// Returns the contents of a file.
///
/// # Errors
/// Returns an error if the printed text is invalid or differs from the declaration.
pub(super) fn text(pieces: &[Piece], header: Option<&str>) -> Result<String, PrintError> {
    let printed = body(pieces, 0).to_string();
    let opening = match (header, printed.is_empty()) {
        (Some(header), true) => comment(header, 0),
        (Some(header), false) => format!("{}\n", comment(header, 0)),
        (None, _) => String::new(),
    };
    let text = format(&format!("{opening}{printed}")).map_err(PrintError::Format)?;
    let read: Body = text.parse().map_err(PrintError::Syntax)?;
    same_body(pieces, &read, "")?;
    Ok(text)
}

fn body(pieces: &[Piece], indent: usize) -> Body {
    let structures = pieces.iter().map(|piece| structure(piece, indent));
    // The builders of the library drop duplicate arguments, which the checker reports.
    Body::from(structures.collect::<Vec<Structure>>())
}

fn structure(piece: &Piece, indent: usize) -> Structure {
    let mut above = String::new();
    if piece.gap {
        above.push('\n');
    }
    if let Some(why) = &piece.comment {
        above.push_str(&comment(why, indent));
    }
    match &piece.form {
        Form::Argument { name, value } => {
            let value = laid_out(value, indent, indent + name.len() + 3);
            let mut attribute = Attribute::new(self::name(name), value);
            attribute.decorate((above, ""));
            attribute.into()
        }
        Form::Block {
            name,
            labels,
            body: pieces,
        } => {
            let mut block = Block::new(self::name(name));
            block.labels = labels.iter().map(|text| label(text)).collect();
            block.body = body(pieces, indent + INDENT);
            block.body.set_prefer_oneline(pieces.is_empty());
            block.decorate((above, ""));
            block.into()
        }
    }
}

/// Returns a quoted label. The checker has rejected invalid identifiers.
fn label(text: &str) -> BlockLabel {
    let mut label = BlockLabel::from(text);
    label.decorate(("", " "));
    label
}

/// Returns a comment, wrapped into lines that all start with `#`.
fn comment(text: &str, indent: usize) -> String {
    let mut comment = String::new();
    for paragraph in text.lines() {
        let mut line = String::from("#");
        for word in paragraph.split_whitespace() {
            if line.len() > 1 && indent + line.len() + 1 + word.len() > WIDTH {
                comment.push_str(&line);
                comment.push('\n');
                line = String::from("#");
            }
            line.push(' ');
            line.push_str(word);
        }
        comment.push_str(&line);
        comment.push('\n');
    }
    comment
}

fn same_body(pieces: &[Piece], read: &Body, place: &str) -> Result<(), PrintError> {
    let differs = |place: &str| PrintError::Meaning {
        place: place.to_owned(),
    };
    if pieces.len() != read.len() {
        return Err(differs(place));
    }
    for (piece, structure) in pieces.iter().zip(read) {
        match (&piece.form, structure) {
            (Form::Argument { name, value }, Structure::Attribute(attribute)) => {
                let here = format!("{place}{name}");
                if attribute.key.as_str() != name || !compare::same(value, &attribute.value) {
                    return Err(differs(&here));
                }
                same_comment(piece, attribute.decor(), &here)?;
            }
            (Form::Block { name, labels, body }, Structure::Block(block)) => {
                let here = format!(
                    "{place}{} ",
                    [name.as_str()]
                        .into_iter()
                        .chain(labels.iter().map(String::as_str))
                        .collect::<Vec<_>>()
                        .join(".")
                );
                let same_labels = labels
                    .iter()
                    .map(String::as_str)
                    .eq(block.labels.iter().map(BlockLabel::as_str));
                if block.ident.as_str() != name || !same_labels {
                    return Err(differs(&here));
                }
                same_comment(piece, block.decor(), &here)?;
                same_body(body, &block.body, &here)?;
            }
            _ => return Err(differs(place)),
        }
    }
    Ok(())
}

/// Checks that the parsed comment ends with the words of the declared comment. Above the first piece, the header
/// precedes the comment.
fn same_comment(piece: &Piece, read: &hcl_edit::Decor, place: &str) -> Result<(), PrintError> {
    let Some(meant) = &piece.comment else {
        return Ok(());
    };
    let above = read.prefix().map_or("", |above| above);
    let lines = above
        .lines()
        .map(|line| line.trim().trim_start_matches('#'));
    let read: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let meant: Vec<&str> = meant.split_whitespace().collect();
    match read.ends_with(&meant) {
        true => Ok(()),
        false => Err(PrintError::Meaning {
            place: format!("the comment above {place}"),
        }),
    }
}
