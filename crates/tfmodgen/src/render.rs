//! From a module to the texts of its files: checked, arranged, printed, formatted and read back.

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

/// The files of a module by name: `main.tf`, `variables.tf`, `outputs.tf`, `versions.tf`, one for each topic, and tests that
/// the command lines run. The same declaration gives the same bytes.
///
/// # Errors
/// Everything that is wrong with the module, or with what was printed for it; nothing is given out then.
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

/// The files of a module without its tests, whatever is wrong with it.
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

/// A type constraint as it stands in a module, over as many lines as it takes there.
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
    /// The expression as it stands in a module, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lower::flat(self.node()).fmt(f)
    }
}
