//! Renders the files of a module: checks, arranges, prints, and formats them, and parses them again to verify the
//! result.

mod arrange;
pub(crate) mod compare;
pub(crate) mod lower;
mod piece;
mod print;
mod quote;
mod test_files;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

pub use print::PrintError;

use piece::Piece;

use crate::check::check;
use crate::constraint::Shape;
use crate::expr::Expr;
use crate::finding::{Finding, Problem};
use crate::module::Module;
use crate::schemas::Schemas;

/// Renders the files of a module by name: `main.tf`, `variables.tf`, `outputs.tf`, `versions.tf`, a file for each
/// topic, and test files for `terraform test` and `tofu test`. The result depends only on the declaration and the
/// schemas.
///
/// # Errors
/// Returns an error that lists all problems if the module or the printed text is invalid.
pub fn render(
    module: &Module,
    schemas: &Schemas,
) -> Result<BTreeMap<String, String>, Vec<Finding>> {
    let mut findings = check(module, schemas);
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut files = BTreeMap::new();
    let test_files = test_files::files(module);
    for (name, pieces) in arrange::files(module, schemas)
        .into_iter()
        .chain(test_files)
    {
        match print::text(&pieces, module.header.as_deref()) {
            Ok(text) => {
                files.insert(name, text);
            }
            Err(error) => findings.push(Finding {
                module: module.name.clone(),
                file: name,
                address: String::new(),
                argument: String::new(),
                problem: Problem::Printing(error),
            }),
        }
    }
    match findings.is_empty() {
        true => Ok(files),
        false => Err(findings),
    }
}

/// Renders the files of a module without its tests, and without checking it.
#[cfg(feature = "mutations")]
pub(crate) fn unchecked(
    module: &Module,
    schemas: &Schemas,
) -> Result<BTreeMap<String, String>, PrintError> {
    let files = arrange::files(module, schemas).into_iter();
    files
        .map(|(name, pieces)| Ok((name, print::text(&pieces, module.header.as_deref())?)))
        .collect()
}

/// Renders a type constraint as in a module, on one or more lines.
pub(crate) fn constraint(shape: &Shape) -> String {
    let node = arrange::constraint(shape);
    let printed = print::text(&[Piece::argument("type", node.clone())], None);
    let printed = printed.ok().and_then(|text| {
        let text = text.strip_prefix("type = ")?.trim_end();
        Some(text.to_owned())
    });
    printed.unwrap_or_else(|| lower::flat(&node).to_string())
}

impl<T> fmt::Display for Expr<T> {
    /// Writes the expression as in a module, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lower::flat(self.node()).fmt(f)
    }
}
