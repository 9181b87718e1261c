//! Formats HCL text as `terraform fmt` and `tofu fmt` do: indentation, the columns of `=` and of trailing comments, and
//! the spaces within a line.
//!
//! Must not know what a text means, nor change anything but horizontal space: line breaks, commas, quoting and order stay
//! as they are. So the rewrites of `fmt` that are not about space (`"${x}"` as a whole value, `type = list`, unquoted labels
//! of blocks) are not made here; a renderer does not print such text to begin with.

mod columns;
mod error;
mod indentation;
mod lines;
mod spaces;
mod tokens;

#[cfg(test)]
mod tests;

pub use error::{FormatError, Position};

use columns::Row;
use indentation::Indentation;

/// Formats a text of the language.
///
/// The last line ends in a newline afterwards, as Terraform has it; OpenTofu keeps what it finds.
///
/// ```
/// let text = tfmodgen::format("zone{\nname=\"a\"\nid = - 1\n}")?;
/// assert_eq!(text, "zone {\n  name = \"a\"\n  id   = -1\n}\n");
/// # Ok::<(), tfmodgen::FormatError>(())
/// ```
///
/// # Errors
/// When the text cannot be read as tokens: a string, comment, heredoc, template or bracket that does not end, a bracket that
/// closes nothing, or a sign that the language does not have.
pub fn format(text: &str) -> Result<String, FormatError> {
    let tokens = tokens::tokenise(text)?;
    let mut indentation = Indentation::default();
    let mut rows: Vec<Row<'_>> = lines::split(&tokens)
        .map(|line| Row::new(indentation.of(&line), &line))
        .collect();
    columns::align(&mut rows);
    Ok(rows.iter().map(Row::to_string).collect())
}
