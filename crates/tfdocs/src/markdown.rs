//! Renders a schema as Markdown in registry format: required, optional, and read-only arguments, followed by nested
//! schemas.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tfschema::{Attribute, AttributeKind, Block, BlockNesting, ObjectNesting, Type};

use crate::DocsError;

/// Renders the content of a block under the heading `## Schema`.
pub(crate) fn schema(type_name: &str, block: &Block) -> Result<String, DocsError> {
    if block.description.trim().is_empty() {
        return Err(DocsError::Undescribed {
            address: type_name.into(),
        });
    }
    let mut pending = Vec::new();
    let mut out = String::from("## Schema\n\n");
    let entries = of_block(type_name, "", block, &mut pending)?;
    write_groups(&mut out, &entries, "### ", "");
    // Nested schemas follow in depth-first order, so a schema precedes the siblings of its parent.
    pending.reverse();
    while let Some(nested) = pending.pop() {
        let mut children = Vec::new();
        let entries = match nested.content {
            Content::Attributes(attributes) => {
                of_attributes(type_name, &nested.path, attributes, &mut children)?
            }
            Content::Block(block) => of_block(type_name, &nested.path, block, &mut children)?,
        };
        let anchor = anchor(&nested.path);
        let _ = write!(
            out,
            "<a id=\"{anchor}\"></a>\n### Nested Schema for `{}`\n\n",
            nested.path
        );
        write_groups(&mut out, &entries, "", ":");
        pending.extend(children.into_iter().rev());
    }
    Ok(out)
}

/// A nested schema that is not rendered yet.
struct Nested<'a> {
    path: String,
    content: Content<'a>,
}

enum Content<'a> {
    Attributes(&'a BTreeMap<String, Attribute>),
    Block(&'a Block),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Required,
    Optional,
    ReadOnly,
}

struct Entry {
    group: Group,
    line: String,
}

fn write_groups(out: &mut String, entries: &[Entry], before: &str, after: &str) {
    for (group, title) in [
        (Group::Required, "Required"),
        (Group::Optional, "Optional"),
        (Group::ReadOnly, "Read-Only"),
    ] {
        let lines: Vec<&str> = entries
            .iter()
            .filter(|entry| entry.group == group)
            .map(|entry| entry.line.as_str())
            .collect();
        if !lines.is_empty() {
            let _ = write!(out, "{before}{title}{after}\n\n{}\n\n", lines.join("\n"));
        }
    }
}

fn of_block<'a>(
    type_name: &str,
    path: &str,
    block: &'a Block,
    pending: &mut Vec<Nested<'a>>,
) -> Result<Vec<Entry>, DocsError> {
    let mut entries = of_attributes(type_name, path, &block.attributes, pending)?;
    for (name, nested) in &block.blocks {
        let path = join(path, name);
        let kind = match nested.nesting {
            BlockNesting::Single | BlockNesting::Group => "Block",
            BlockNesting::List => "Block List",
            BlockNesting::Set => "Block Set",
            BlockNesting::Map => "Block Map",
        };
        let group = match nested.min_items {
            0 => Group::Optional,
            _ => Group::Required,
        };
        let description = sentence(&nested.block.description);
        entries.push(Entry {
            group,
            line: format!("- `{name}` ({kind}){description}{}", below(&path)),
        });
        pending.push(Nested {
            path,
            content: Content::Block(&nested.block),
        });
    }
    Ok(entries)
}

fn of_attributes<'a>(
    type_name: &str,
    path: &str,
    attributes: &'a BTreeMap<String, Attribute>,
    pending: &mut Vec<Nested<'a>>,
) -> Result<Vec<Entry>, DocsError> {
    let mut entries = Vec::with_capacity(attributes.len());
    for (name, attribute) in attributes {
        let path = join(path, name);
        if attribute.description.trim().is_empty() {
            return Err(DocsError::Undescribed {
                address: format!("{type_name}.{path}"),
            });
        }
        let group = match (attribute.required, attribute.optional) {
            (true, _) => Group::Required,
            (_, true) => Group::Optional,
            (false, false) => Group::ReadOnly,
        };
        let description = sentence(&attribute.description);
        let mut line = format!("- `{name}` ({}){description}", labels(attribute));
        if let AttributeKind::Nested(nested) = &attribute.kind {
            line.push_str(&below(&path));
            pending.push(Nested {
                path,
                content: Content::Attributes(&nested.attributes),
            });
        }
        entries.push(Entry { group, line });
    }
    Ok(entries)
}

/// Returns the type and flags for the parentheses after a name.
fn labels(attribute: &Attribute) -> String {
    let mut labels = match &attribute.kind {
        AttributeKind::Type(ty) => type_label(ty),
        AttributeKind::Nested(nested) => match nested.nesting {
            ObjectNesting::Single => "Attributes".into(),
            ObjectNesting::List => "Attributes List".into(),
            ObjectNesting::Set => "Attributes Set".into(),
            ObjectNesting::Map => "Attributes Map".into(),
        },
    };
    for (set, label) in [
        (attribute.sensitive, ", Sensitive"),
        (attribute.write_only, ", Write-only"),
        (attribute.deprecated.is_some(), ", Deprecated"),
    ] {
        if set {
            labels.push_str(label);
        }
    }
    labels
}

pub(crate) fn type_label(ty: &Type) -> String {
    match ty {
        Type::String => "String".into(),
        Type::Number => "Number".into(),
        Type::Bool => "Boolean".into(),
        Type::Dynamic => "Dynamic".into(),
        Type::List(element) => format!("List of {}", type_label(element)),
        Type::Set(element) => format!("Set of {}", type_label(element)),
        Type::Map(element) => format!("Map of {}", type_label(element)),
        Type::Object(_) => "Object".into(),
        Type::Tuple(_) => "Tuple".into(),
    }
}

/// Returns a description on one line with a leading space, or an empty string.
pub(crate) fn sentence(description: &str) -> String {
    let words: Vec<&str> = description.split_whitespace().collect();
    match words.is_empty() {
        true => String::new(),
        false => format!(" {}", words.join(" ")),
    }
}

fn below(path: &str) -> String {
    format!(" (see [below for nested schema](#{}))", anchor(path))
}

fn anchor(path: &str) -> String {
    format!("nested--{}", path.replace('.', "--"))
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.into(),
        path => format!("{path}.{name}"),
    }
}
