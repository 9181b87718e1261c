//! Renders the tables of a page: inputs, outputs, resources, child modules, and requirements.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Facts, Input};

/// Renders input variables, with required variables first. Multi-line types follow the table.
pub(super) fn inputs(facts: &Facts) -> String {
    if facts.inputs.is_empty() {
        return "None.".to_owned();
    }
    let mut out = String::from("| name | description | type | default |\n|---|---|---|---|\n");
    let (given, required): (Vec<&Input>, Vec<&Input>) = facts
        .inputs
        .iter()
        .partition(|input| input.default.is_some());
    for input in required.iter().chain(&given) {
        let ty = match one_line(&input.ty) {
            true => code(&input.ty),
            false => format!("[object](#{})", anchor(&input.name)),
        };
        let default = match &input.default {
            None => "required".to_owned(),
            Some(text) => code(text),
        };
        let description: Vec<&str> = [input.description.as_str()]
            .into_iter()
            .chain(input.rules.iter().map(String::as_str))
            .collect();
        let (name, description) = (&input.name, cell(&description.join(" ")));
        let _ = writeln!(out, "| `{name}` | {description} | {ty} | {default} |");
    }
    for input in facts.inputs.iter().filter(|input| !one_line(&input.ty)) {
        let (name, ty) = (&input.name, &input.ty);
        let _ = write!(
            out,
            "\n<a id=\"{}\"></a>Type of `{name}`:\n\n```terraform\n{ty}\n```\n",
            anchor(name)
        );
    }
    out
}

/// Renders output values.
pub(super) fn outputs(facts: &Facts) -> String {
    if facts.outputs.is_empty() {
        return "None.".to_owned();
    }
    let mut out = String::from("| name | description |\n|---|---|\n");
    for output in &facts.outputs {
        let sensitive = if output.sensitive { " Sensitive." } else { "" };
        let (name, description) = (&output.name, cell(&output.description));
        let _ = writeln!(out, "| `{name}` | {description}{sensitive} |");
    }
    out
}

/// Renders managed resources by type.
pub(super) fn blocks(facts: &Facts) -> String {
    let mut types: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for block in facts.blocks.iter().filter(|block| block.kind == "resource") {
        if let Some((ty, name)) = block.address.split_once('.') {
            types.entry(ty).or_default().push(name);
        }
    }
    if types.is_empty() {
        return String::new();
    }
    let mut out = String::from("| resource type | names |\n|---|---|\n");
    for (ty, names) in types {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(out, "| `{ty}` | {} |", names.join(", "));
    }
    out
}

/// Renders the child modules of a package. They can also be used separately.
pub(super) fn parts(modules: &BTreeMap<String, Facts>) -> String {
    let parts: Vec<_> = modules
        .iter()
        .filter(|(folder, _)| !folder.is_empty())
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    let mut out = String::from("| module | description |\n|---|---|\n");
    for (folder, facts) in parts {
        let (name, purpose) = (&facts.name, cell(&facts.purpose));
        let _ = writeln!(out, "| [`{name}`]({folder}) | {purpose} |");
    }
    out
}

/// Renders the requirements of the module.
pub(super) fn requirements(facts: &Facts) -> String {
    let mut out = String::from("| requirement | versions |\n|---|---|\n");
    let _ = writeln!(out, "| OpenTofu or Terraform | {} |", facts.cli_version);
    for (source, versions) in &facts.providers {
        let _ = writeln!(out, "| provider `{source}` | {versions} |");
    }
    out
}

fn one_line(text: &str) -> bool {
    !text.contains('\n')
}

fn anchor(name: &str) -> String {
    format!("input-{name}")
}

/// Escapes a string for a table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Formats code for a table cell.
fn code(text: &str) -> String {
    format!("`{}`", cell(text))
}
