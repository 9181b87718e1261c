//! `catalog`: reads provider schemas from standard input, checks every declared package against them, and prints files,
//! summaries and findings to standard output. Must not touch anything else: who reads and writes the tree is `xtask`.
//!
//! The schemas of a provider come as slim documents by path. Approximate ones, of a later release, are good for warnings.

use std::collections::BTreeMap;
use std::fmt;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use tfmodgen::{Finding, Package, Problem, Schemas, Summary};
use tfschema::slim::{self, FolderError};

/// Input of the program.
#[derive(Deserialize)]
struct Question {
    providers: Vec<Provider>,
}

/// The schemas of one release of a provider.
#[derive(Deserialize)]
struct Provider {
    source: String,
    version: String,
    exact: bool,
    /// Slim documents by path, such as `resources/aws_vpc.json`.
    documents: BTreeMap<String, String>,
}

/// What is answered.
#[derive(Default, Serialize)]
struct Answer {
    packages: BTreeMap<String, Printed>,
    /// What is wrong; a package with findings has no files.
    findings: Vec<String>,
    /// What a later release of a provider would refuse.
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Printed {
    target: String,
    files: BTreeMap<String, String>,
    modules: BTreeMap<String, Summary>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("standard input is not a question of `cargo xtask gen modules`")]
    Question(#[source] serde_json::Error),
    #[error("the schemas of {source_address} {version} cannot be read")]
    Schemas {
        source_address: String,
        version: String,
        #[source]
        source: Box<FolderError>,
    },
    #[error("the answer cannot be printed")]
    Answer(#[source] serde_json::Error),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("catalog: {}", Chain(&failure));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let question: Question =
        serde_json::from_reader(std::io::stdin().lock()).map_err(Failure::Question)?;
    let answer = answer(&question)?;
    serde_json::to_writer(std::io::stdout().lock(), &answer).map_err(Failure::Answer)
}

fn answer(question: &Question) -> Result<Answer, Failure> {
    let mut exact = Schemas::new();
    for provider in question.providers.iter().filter(|one| one.exact) {
        exact = exact.with(&provider.source, provider.schema()?);
    }
    let mut answer = Answer::default();
    for package in catalog::packages() {
        match package.render(&exact) {
            Ok(files) => {
                let modules = package.modules();
                let modules = modules.map(|(folder, module)| (folder, module.summary()));
                let printed = Printed {
                    target: package.target().to_owned(),
                    files,
                    modules: modules.collect(),
                };
                answer.packages.insert(package.name().to_owned(), printed);
            }
            Err(findings) => {
                let findings = findings
                    .iter()
                    .map(|one| format!("{}: {one}", package.name()));
                answer.findings.extend(findings);
            }
        }
        for provider in question.providers.iter().filter(|one| !one.exact) {
            answer.warnings.extend(provider.warnings(&package)?);
        }
    }
    Ok(answer)
}

impl Provider {
    fn schema(&self) -> Result<tfschema::ProviderSchema, Failure> {
        let documents = self.documents.iter();
        let documents = documents.map(|(path, text)| (path.as_str(), text.as_str()));
        slim::read_folder(documents).map_err(|source| Failure::Schemas {
            source_address: self.source.clone(),
            version: self.version.clone(),
            source: Box::new(source),
        })
    }

    /// What this release would refuse. Of an approximate schema only names and what is required can be relied on.
    fn warnings(&self, package: &Package) -> Result<Vec<String>, Failure> {
        let schemas = Schemas::new().with(&self.source, self.schema()?);
        let refused = |finding: &&Finding| match &finding.problem {
            // Bindings, which approximate schemas are read out of, know no ephemeral resources.
            Problem::UnknownType { kind, .. } => *kind != "ephemeral",
            Problem::UnknownArgument { .. }
            | Problem::UnknownBlock { .. }
            | Problem::UnknownAttribute { .. }
            | Problem::MissingArgument { .. } => true,
            _ => false,
        };
        let findings = package.check(&schemas);
        let warnings = findings.iter().filter(refused);
        Ok(warnings
            .map(|finding| {
                let (name, source, version) = (package.name(), &self.source, &self.version);
                format!("{name}: with {source} {version}: {finding}")
            })
            .collect())
    }
}

/// An error with its causes.
struct Chain<'a>(&'a dyn std::error::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        match self.0.source() {
            Some(cause) => write!(f, ": {}", Chain(cause)),
            None => Ok(()),
        }
    }
}
