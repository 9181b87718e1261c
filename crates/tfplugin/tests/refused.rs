//! Compile-time errors of `#[derive(Schema)]` and `#[derive(Arguments)]`.
//!
//! Each file of `refused/` contains one error. A comment `//~ text` marks the line at which the compiler must report the error,
//! and the message must contain the text. The test runs the compiler with the library that it is linked with.

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

/// Positive control: the compiler reports no error for valid structs.
#[test]
fn valid_structs_compile() -> Fallible<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accepted.rs");
    assert_eq!(errors("tfplugin", &file)?, []);
    Ok(())
}
