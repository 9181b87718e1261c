//! `mutations COUNT`: makes one thing of a declared module wrong, COUNT times, and prints each as the files of the module, with
//! what the checker finds. Reads the schemas as `catalog` does. For a test that asks the command line about the same files.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};
use tfmodgen::{Schemas, check, mutation};
use tfschema::slim;

#[derive(Deserialize)]
struct Question {
    providers: Vec<Provider>,
}

#[derive(Deserialize)]
struct Provider {
    source: String,
    documents: BTreeMap<String, String>,
}

/// A module with one thing wrong.
#[derive(Serialize)]
struct Mutant {
    /// The folder of the module in its package; empty for the root.
    folder: String,
    /// What was made wrong.
    what: String,
    files: BTreeMap<String, String>,
    required_inputs: Vec<String>,
    /// What the checker finds.
    found: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u64 = std::env::args().nth(1).ok_or("how many?")?.parse()?;
    let question: Question = serde_json::from_reader(io::stdin().lock())?;
    let mut schemas = Schemas::new();
    for provider in &question.providers {
        let documents = provider.documents.iter();
        let documents = documents.map(|(path, text)| (path.as_str(), text.as_str()));
        schemas = schemas.with(&provider.source, slim::read_folder(documents)?);
    }
    let mut mutants = Vec::new();
    for seed in 0..count {
        for mut package in catalog::packages() {
            let mut modules = mutation::modules(&mut package);
            let place = usize::try_from(seed)? % modules.len();
            let (folder, module) = modules.swap_remove(place);
            let Some(what) = mutation::mutate(module, seed) else {
                continue;
            };
            let found = check(module, &schemas)
                .iter()
                .map(ToString::to_string)
                .collect();
            mutants.push(Mutant {
                folder,
                what,
                files: mutation::files(module, &schemas)?,
                required_inputs: mutation::required_inputs(module),
                found,
            });
        }
    }
    serde_json::to_writer(io::stdout().lock(), &mutants)?;
    Ok(())
}
