//! Calls of parts that the compiler refuses.
//!
//! Each file of `refused/` has one fault. A comment `//~ text` ends the line at which the compiler must report it, with a
//! message that holds the text.

#[path = "../../tfplugin/tests/compiler/mod.rs"]
mod compiler;

use std::path::Path;

use compiler::{Fallible, errors, refuse_all};

#[test]
fn a_call_that_does_not_fit_its_part_does_not_compile() -> Fallible<()> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused");
    let number = refuse_all("tfmodgen", &cases)?;
    assert!(number >= 7, "{number} cases");
    Ok(())
}

/// The positive control: without faults the same compiler has nothing to report.
#[test]
fn a_call_that_fits_its_part_compiles() -> Fallible<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accepted.rs");
    assert_eq!(errors("tfmodgen", &file)?, []);
    Ok(())
}
