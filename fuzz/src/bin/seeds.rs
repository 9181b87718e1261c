//! Writes the valid inputs of every target to `corpus/`, from which the fuzzer starts.

use std::fs;
use std::path::Path;

use skreg::Parser;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for parser in Parser::ALL {
        let folder = corpus.join(parser.target());
        fs::create_dir_all(&folder)?;
        for (number, input) in parser.seeds().iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), input)?;
        }
    }
    Ok(())
}
