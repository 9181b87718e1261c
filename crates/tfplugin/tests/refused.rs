//! What `#[derive(Schema)]` refuses while the author's crate compiles.
//!
//! Each file of `refused/` has one fault. A comment `//~ text` ends the line of the field at which the compiler must report it,
//! with a message that holds the text. The compiler itself is run, against the library that this test is linked with.

mod compiler;

use std::path::Path;

use compiler::{Fallible, errors, refuse_all};

#[test]
fn a_field_that_cannot_stand_in_a_schema_does_not_compile() -> Fallible<()> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused");
    let number = refuse_all("tfplugin", &cases)?;
    assert!(number >= 24, "{number} cases");
    Ok(())
}

/// The positive control: without faults the same compiler has nothing to report.
#[test]
fn fields_without_a_fault_compile() -> Fallible<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accepted.rs");
    assert_eq!(errors("tfplugin", &file)?, []);
    Ok(())
}
