//! Formats every file in a directory in place, as `terraform fmt DIRECTORY` does, for tests of the formatting pass.

use std::path::PathBuf;
use std::{env, error, fs};

fn main() -> Result<(), Box<dyn error::Error>> {
    let directory = env::args_os().nth(1).map(PathBuf::from);
    let directory = directory.ok_or("specify a directory of .tf files")?;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tf") {
            let text = fs::read_to_string(&path)?;
            let formatted =
                tfmodgen::format(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            fs::write(&path, formatted)?;
        }
    }
    Ok(())
}
