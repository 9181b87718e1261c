//! Generates the READMEs of a module package: purpose, diagram, usage, inputs, and outputs. Performs no I/O.
//!
//! The facts come from module declarations, the prose comes from templates, and the usage comes from example files. The
//! template of a root module is `templates/modules/<package>.md.tmpl`, and the template of a child module is
//! `templates/modules/<package>/<module>.md.tmpl`. A page without a template contains every section in the default
//! order.

mod diagram;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::DocsError;
use crate::template::{Actions, expand};

pub use diagram::{edges, mermaid};

/// Facts about a module.
#[derive(Clone, Debug, Deserialize)]
pub struct Facts {
    /// Name of the module.
    pub name: String,
    /// Purpose of the module, in one sentence.
    pub purpose: String,
    /// Version constraint for Terraform and OpenTofu.
    pub cli_version: String,
    /// Version constraints of the required providers, by source address.
    pub providers: BTreeMap<String, String>,
    /// Input variables, in declaration order.
    pub inputs: Vec<Input>,
    /// Output values, in declaration order.
    pub outputs: Vec<Output>,
    /// Resources, data sources, ephemeral resources, and module calls, in declaration order.
    pub blocks: Vec<Block>,
}

/// An input variable.
#[derive(Clone, Debug, Deserialize)]
pub struct Input {
    /// Name of the variable.
    pub name: String,
    /// Description of the variable.
    pub description: String,
    /// Type, as written in the module.
    pub ty: String,
    /// Default, as written in the module. A required variable has no default.
    pub default: Option<String>,
    /// Error messages of the validation rules.
    pub rules: Vec<String>,
}

/// An output value.
#[derive(Clone, Debug, Deserialize)]
pub struct Output {
    /// Name of the output.
    pub name: String,
    /// Description of the output.
    pub description: String,
    /// Whether Terraform and OpenTofu redact the value.
    pub sensitive: bool,
}

/// A resource, data source, ephemeral resource, or module call.
#[derive(Clone, Debug, Deserialize)]
pub struct Block {
    /// Address in the module, such as `aws_vpc.this` or `module.network`.
    pub address: String,
    /// `resource`, `data`, `ephemeral`, or `module`.
    pub kind: String,
    /// Source of a called module, such as `./modules/network`.
    pub source: Option<String>,
    /// Number of instances: `one`, `optional` (at most one), or `many` (one for each element of a collection).
    pub number: String,
    /// Addresses of the blocks in this module that the block references.
    pub needs: BTreeSet<String>,
}

/// Input for the pages of a package.
pub struct Source<'a> {
    /// Modules by folder, relative to the package. The folder of the root module is empty.
    pub modules: &'a BTreeMap<String, Facts>,
    /// Handwritten page bodies by path, such as `modules/skreg.md.tmpl`.
    pub templates: &'a BTreeMap<String, String>,
    /// Files that templates can include, by path, such as `examples/skreg/main.tf`.
    pub examples: &'a BTreeMap<String, String>,
    /// Address of the package in a registry, such as `skreg/skreg/aws`.
    pub address: &'a str,
    /// Command that generates the pages. Every page shows this command.
    pub made_by: &'a str,
}

/// Generates `README.md` for every module. The keys are paths relative to the package.
///
/// # Errors
/// Returns an error if a template is malformed, includes a missing file, or omits a required part, or if the package
/// has no root module.
pub fn pages(source: &Source<'_>) -> Result<BTreeMap<String, String>, DocsError> {
    let root = source.modules.get("").ok_or(DocsError::NoRoot)?;
    let mut pages = BTreeMap::new();
    let examples = published(source, &root.name);
    for (folder, facts) in source.modules {
        let path = match folder.as_str() {
            "" => "README.md".to_owned(),
            folder => format!("{folder}/README.md"),
        };
        pages.insert(path, page(source, &examples, &root.name, folder, facts)?);
    }
    Ok(pages)
}

/// Returns the path of the template for a module's page. The template might not exist. The path is
/// `modules/<package>.md.tmpl` for the root module, whose folder is empty, and `modules/<package>/<module>.md.tmpl` for
/// a child module.
pub fn template(package: &str, folder: &str, facts: &Facts) -> String {
    match folder {
        "" => format!("modules/{package}.md.tmpl"),
        _ => format!("modules/{package}/{}.md.tmpl", facts.name),
    }
}

/// Body of a page without a template.
const DEFAULT: &str = "\
{{ .Purpose }}

## Resources

{{ .Diagram }}

{{ .Blocks }}

## Inputs

{{ .Inputs }}

## Outputs

{{ .Outputs }}

## Requirements

{{ .Requirements }}
";

fn page(
    source: &Source<'_>,
    examples: &BTreeMap<String, String>,
    package: &str,
    folder: &str,
    facts: &Facts,
) -> Result<String, DocsError> {
    let template = template(package, folder, facts);
    let body = source
        .templates
        .get(&template)
        .map_or(DEFAULT, String::as_str);
    let parts = tables::parts(source.modules);
    let (diagram, blocks) = (diagram::fenced(facts), tables::blocks(facts));
    let (inputs, outputs) = (tables::inputs(facts), tables::outputs(facts));
    let requirements = tables::requirements(facts);
    let actions = Actions {
        parts: &[
            ("Purpose", &facts.purpose, true),
            ("Diagram", &diagram, true),
            ("Blocks", &blocks, false),
            ("Inputs", &inputs, true),
            ("Outputs", &outputs, true),
            (
                "Parts",
                &parts,
                folder.is_empty() && !parts.is_empty() && body != DEFAULT,
            ),
            ("Requirements", &requirements, true),
        ],
        files: examples,
    };
    let body = expand(&template, body, &actions)?;
    Ok(format!(
        "<!-- Generated by `{}`; do not edit. -->\n\n# {}\n\n{}\n",
        source.made_by,
        facts.name,
        body.trim()
    ))
}

/// Replaces local module sources in the examples with the registry address of the package.
fn published(source: &Source<'_>, name: &str) -> BTreeMap<String, String> {
    let root = format!("\"../../modules/{name}\"");
    let part = format!("\"../../modules/{name}/modules/");
    let published = |text: &str| {
        text.replace(&root, &format!("\"{}\"", source.address))
            .replace(&part, &format!("\"{}//modules/", source.address))
    };
    let examples = source.examples.iter();
    examples
        .map(|(path, text)| (path.clone(), published(text)))
        .collect()
}
