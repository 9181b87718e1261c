//! READMEs of a package of modules: what each is for, a picture, how it is used, inputs and outputs. Pure, like the rest.
//!
//! The facts come from the declarations of the modules, as data; prose comes from templates, usage from examples that are
//! files of their own. A page of the root of a package is `templates/modules/<package>.md.tmpl`, one of a part
//! `templates/modules/<package>/<part>.md.tmpl`; where there is no template the page has every section in turn.

mod diagram;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::DocsError;
use crate::template::{Actions, expand};

pub use diagram::{edges, mermaid};

/// What is known of a module.
#[derive(Clone, Debug, Deserialize)]
pub struct Facts {
    /// The name of the module.
    pub name: String,
    /// What it is for, in one sentence.
    pub purpose: String,
    /// Which versions of the command line may use it.
    pub cli_version: String,
    /// Sources of the providers it needs, and the versions that do.
    pub providers: BTreeMap<String, String>,
    /// Inputs, in the order of their declaration.
    pub inputs: Vec<Input>,
    /// Outputs, in the order of their declaration.
    pub outputs: Vec<Output>,
    /// Resources, data sources, ephemeral resources and calls, in the order of their declaration.
    pub blocks: Vec<Block>,
}

/// An input.
#[derive(Clone, Debug, Deserialize)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its type, as it stands in the module.
    pub ty: String,
    /// Its default, as it stands in the module; none where it has to be given.
    pub default: Option<String>,
    /// What is said where a value is refused.
    pub rules: Vec<String>,
}

/// An output.
#[derive(Clone, Debug, Deserialize)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether the command lines hide it.
    pub sensitive: bool,
}

/// A resource, data source, ephemeral resource or call.
#[derive(Clone, Debug, Deserialize)]
pub struct Block {
    /// Its address in the module, such as `aws_vpc.this` or `module.network`.
    pub address: String,
    /// `resource`, `data`, `ephemeral` or `module`.
    pub kind: String,
    /// Where a called module lies, such as `./modules/network`.
    pub source: Option<String>,
    /// Whether there is one, one or none, or one for each of something: `one`, `optional` or `many`.
    pub number: String,
    /// The addresses of other blocks of this module that it refers to.
    pub needs: BTreeSet<String>,
}

/// Everything that the pages of a package are made from.
pub struct Source<'a> {
    /// The modules by folder, relative to the package; the root has an empty one.
    pub modules: &'a BTreeMap<String, Facts>,
    /// Hand-written page bodies by path, such as `modules/skreg.md.tmpl`.
    pub templates: &'a BTreeMap<String, String>,
    /// Files that a template may show, by path, such as `examples/skreg/main.tf`.
    pub examples: &'a BTreeMap<String, String>,
    /// Address of the package in a registry, such as `skreg/skreg/aws`.
    pub address: &'a str,
    /// The command that makes the pages; every page names it.
    pub made_by: &'a str,
}

/// Makes `README.md` of every module, by path relative to the package.
///
/// # Errors
/// A template is malformed, shows a missing file, or leaves out what readers need; or the package has no root.
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

/// Path of the template of a module's page, be it there or not: `modules/<package>.md.tmpl` of the root, whose folder is
/// empty, and `modules/<package>/<part>.md.tmpl` of a part.
pub fn template(package: &str, folder: &str, facts: &Facts) -> String {
    match folder {
        "" => format!("modules/{package}.md.tmpl"),
        _ => format!("modules/{package}/{}.md.tmpl", facts.name),
    }
}

/// What a page has where nobody wrote another.
const PLAIN: &str = "\
{{ .Purpose }}

## What it creates

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
        .map_or(PLAIN, String::as_str);
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
                folder.is_empty() && !parts.is_empty() && body != PLAIN,
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

/// The examples as someone writes them who has the package from a registry and not from a checkout.
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
