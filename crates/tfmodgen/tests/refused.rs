//! Calls to parts that the compiler rejects.
//!
//! Each file in `refused/` contains one error. A `//~ text` comment marks the line where the compiler must report the
//! error. The error message must contain the text after the marker.

#[path = "../../tfplugin/tests/compiler/mod.rs"]
mod compiler;

use std::path::Path;

use compiler::{Fallible, errors, refuse_all};

#[test]
fn invalid_calls_do_not_compile() -> Fallible<()> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused");
    let number = refuse_all("tfmodgen", &cases)?;
    assert!(number >= 7, "{number} cases");
    Ok(())
}

/// Positive control: the same compiler reports no errors for valid calls.
#[test]
fn valid_calls_compile() -> Fallible<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accepted.rs");
    assert_eq!(errors("tfmodgen", &file)?, []);
    Ok(())
}
