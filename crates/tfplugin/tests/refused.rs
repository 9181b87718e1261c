//! Tests for the compile errors of `#[derive(Schema)]` and `#[derive(Arguments)]`.
//!
//! Each file in `refused/` contains a single error. A comment `//~ text` marks the line on which the compiler must report
//! the error, and the error message must contain the text. The test links each file with the library under test.

mod compiler;

use std::path::Path;

use compiler::{Fallible, errors, refuse_all};

#[test]
fn invalid_structs_do_not_compile() -> Fallible<()> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused");
    let number = refuse_all("tfplugin", &cases)?;
    assert!(number >= 24, "{number} cases");
    Ok(())
}

/// Positive control: the compiler reports no errors for valid structs.
#[test]
fn valid_structs_compile() -> Fallible<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accepted.rs");
    assert_eq!(errors("tfplugin", &file)?, []);
    Ok(())
}
