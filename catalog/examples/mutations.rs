//! `mutations COUNT`: generates COUNT mutants of every package, and prints each mutant with its module files and the
//! checker's findings. Reads schemas in the format of `catalog`. A test validates the same files with a CLI.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};
use tfmodgen::{Schemas, check, mutation};
use tfschema::slim;

#[derive(Deserialize)]
struct Request {
    providers: Vec<Provider>,
}

#[derive(Deserialize)]
struct Provider {
    source: String,
    documents: BTreeMap<String, String>,
}

/// A module with one mutation.
#[derive(Serialize)]
struct Mutant {
    package: String,
    /// Module folder within the package. Empty for the root module.
    folder: String,
    /// Mutation description.
    what: String,
    files: BTreeMap<String, String>,
    required_inputs: Vec<String>,
    /// Findings that the checker reports.
    found: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u64 = std::env::args()
        .nth(1)
        .ok_or("specify the number of mutants")?
        .parse()?;
    let request: Request = serde_json::from_reader(io::stdin().lock())?;
    let mut schemas = Schemas::new();
    for provider in &request.providers {
        let documents = provider.documents.iter();
        let documents = documents.map(|(path, text)| (path.as_str(), text.as_str()));
        schemas = schemas.with(&provider.source, slim::read_folder(documents)?);
    }
    let mut mutants = Vec::new();
    for seed in 0..count {
        for mut package in catalog::packages() {
            let name = package.name().to_owned();
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
                package: name,
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
