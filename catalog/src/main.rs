//! `catalog`: reads provider schemas from standard input, checks every declared package against them, and prints files,
//! summaries, and findings to standard output. Must not access files. `xtask` reads and writes the tree.
//!
//! Provider schemas are slim documents that are keyed by path. Approximate schemas for later versions produce only
//! warnings.

use std::collections::BTreeMap;
use std::fmt;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use tfmodgen::{Finding, Package, Problem, Schemas, Summary};
use tfschema::slim::{self, FolderError};

/// Input of the program.
#[derive(Deserialize)]
struct Request {
    providers: Vec<Provider>,
}

/// The schemas for one provider version.
#[derive(Deserialize)]
struct Provider {
    source: String,
    version: String,
    exact: bool,
    /// Slim documents, keyed by path, such as `resources/aws_vpc.json`.
    documents: BTreeMap<String, String>,
}

/// Output of the program.
#[derive(Default, Serialize)]
struct Response {
    packages: BTreeMap<String, RenderedPackage>,
    /// Findings that the checker reports. A package with findings has no files.
    findings: Vec<String>,
    /// Incompatibilities with later provider versions.
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct RenderedPackage {
    target: String,
    files: BTreeMap<String, String>,
    modules: BTreeMap<String, Summary>,
}

/// Reason why the program fails.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("standard input is not a valid request from `cargo xtask gen modules`")]
    Request(#[source] serde_json::Error),
    #[error("cannot read the schemas for {source_address} {version}")]
    Schemas {
        source_address: String,
        version: String,
        #[source]
        source: Box<FolderError>,
    },
    #[error("cannot write the response to standard output")]
    Response(#[source] serde_json::Error),
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
    let request: Request =
        serde_json::from_reader(std::io::stdin().lock()).map_err(Failure::Request)?;
    let response = respond(&request)?;
    serde_json::to_writer(std::io::stdout().lock(), &response).map_err(Failure::Response)
}

fn respond(request: &Request) -> Result<Response, Failure> {
    let mut exact = Schemas::new();
    for provider in request.providers.iter().filter(|one| one.exact) {
        exact = exact.with(&provider.source, provider.schema()?);
    }
    let mut response = Response::default();
    for package in catalog::packages() {
        match package.render(&exact) {
            Ok(files) => {
                let modules = package.modules();
                let modules = modules.map(|(folder, module)| (folder, module.summary()));
                let rendered = RenderedPackage {
                    target: package.target().to_owned(),
                    files,
                    modules: modules.collect(),
                };
                response
                    .packages
                    .insert(package.name().to_owned(), rendered);
            }
            Err(findings) => {
                let findings = findings
                    .iter()
                    .map(|one| format!("{}: {one}", package.name()));
                response.findings.extend(findings);
            }
        }
        for provider in request.providers.iter().filter(|one| !one.exact) {
            response.warnings.extend(provider.warnings(&package)?);
        }
    }
    Ok(response)
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

    /// Returns incompatibilities with this version. In an approximate schema, only names and required arguments are
    /// reliable.
    fn warnings(&self, package: &Package) -> Result<Vec<String>, Failure> {
        let schemas = Schemas::new().with(&self.source, self.schema()?);
        let refused = |finding: &&Finding| match &finding.problem {
            // Approximate schemas come from bindings, which do not contain ephemeral resources.
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

/// An error and its causes.
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
