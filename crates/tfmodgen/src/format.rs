//! Formats HCL text as `terraform fmt` and `tofu fmt` do: indentation, alignment of `=` and trailing comments, and
//! spaces within a line.
//!
//! This module must not interpret the text or change anything except horizontal whitespace. Line breaks, commas,
//! quoting, and order do not change. Other rewrites by `fmt` (`"${x}"` as a whole value, `type = list`, unquoted block
//! labels) are not supported because the renderer does not print such code.

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

/// Formats HCL text.
///
/// The last line of the result ends with a newline, as in Terraform. OpenTofu does not add a newline.
///
/// ```
/// let text = tfmodgen::format("zone{\nname=\"a\"\nid = - 1\n}")?;
/// assert_eq!(text, "zone {\n  name = \"a\"\n  id   = -1\n}\n");
/// # Ok::<(), tfmodgen::FormatError>(())
/// ```
///
/// # Errors
/// Returns an error if the text contains an unterminated string, comment, heredoc, template, or bracket, a closing
/// bracket without an opening bracket, or an invalid character.
pub fn format(text: &str) -> Result<String, FormatError> {
    let tokens = tokens::tokenise(text)?;
    let mut indentation = Indentation::default();
    let mut rows: Vec<Row<'_>> = lines::split(&tokens)
        .map(|line| Row::new(indentation.of(&line), &line))
        .collect();
    columns::align(&mut rows);
    Ok(rows.iter().map(Row::to_string).collect())
}
