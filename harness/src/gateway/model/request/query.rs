//! AWS Query and EC2 Query forms (Smithy, "AWS Query protocol" and "AWS EC2 Query protocol").

use std::collections::BTreeMap;

use super::super::input::{Fields, Input};
use super::super::load::Model;
use super::super::shape::{Kind, Member, Shape};

/// Form fields by the parts of their names, such as `Filter.1.Name`.
#[derive(Debug, Default)]
struct Branch {
    value: Option<String>,
    children: BTreeMap<String, Branch>,
}

/// Reads a form with the shape of an operation's input. Without a shape, all fields are unknown.
pub(in super::super) fn form(
    model: &Model,
    shape: Option<&str>,
    fields: Vec<(String, String)>,
) -> Input {
    let mut root = Branch::default();
    for (name, value) in fields {
        if name == "Action" || name == "Version" {
            continue;
        }
        let mut branch = &mut root;
        for part in name.split('.') {
            branch = branch.children.entry(part.to_owned()).or_default();
        }
        branch.value = Some(value);
    }
    let reader = Reader {
        model,
        ec2: model.protocol == "ec2",
    };
    match shape.and_then(|name| model.shape(name)) {
        Some(shape) => reader.structure(shape, &root),
        None => Input::Structure(Fields {
            members: Vec::new(),
            unknown: root.children.into_keys().collect(),
        }),
    }
}

struct Reader<'a> {
    model: &'a Model,
    ec2: bool,
}

impl Reader<'_> {
    fn read(&self, member: &Member, branch: &Branch) -> Input {
        let Some(shape) = self.model.shape(&member.shape) else {
            return Input::Opaque;
        };
        match shape.kind {
            Kind::Structure => self.structure(shape, branch),
            Kind::List => self.list(member, shape, branch),
            Kind::Map => self.map(member, shape, branch),
            _ => match (&branch.value, branch.children.is_empty()) {
                (Some(text), true) => Input::Text(text.clone()),
                // A nested field below a scalar is not defined.
                _ => unknown(branch),
            },
        }
    }

    fn structure(&self, shape: &Shape, branch: &Branch) -> Input {
        if let (Some(text), true) = (&branch.value, branch.children.is_empty()) {
            return Input::Text(text.clone());
        }
        let mut fields = Fields::default();
        for (wire, child) in &branch.children {
            let member = shape
                .members
                .iter()
                .find(|(name, member)| self.wire(name, member) == *wire);
            match member {
                Some((name, member)) => {
                    fields
                        .members
                        .push((name.clone(), self.read(member, child)));
                }
                None => fields.unknown.push(wire.clone()),
            }
        }
        Input::Structure(fields)
    }

    /// Returns the name of a member in the form.
    fn wire(&self, name: &str, member: &Member) -> String {
        if self.ec2 {
            return match (&member.query_name, &member.location_name) {
                (Some(name), _) => name.clone(),
                (None, Some(name)) => capitalized(name),
                (None, None) => name.to_owned(),
            };
        }
        // The name of a flattened list is the name of its elements.
        let element = self
            .model
            .shape(&member.shape)
            .filter(|shape| shape.kind == Kind::List && (shape.flattened || member.flattened))
            .and_then(|shape| shape.member.as_ref()?.location_name.as_deref());
        element.unwrap_or(member.wire(name)).to_owned()
    }

    fn list(&self, member: &Member, shape: &Shape, branch: &Branch) -> Input {
        let Some(element) = &shape.member else {
            return Input::Opaque;
        };
        if branch.children.is_empty() {
            return match branch.value.as_deref() {
                Some("") | None => Input::List(Vec::new()),
                Some(text) => Input::Text(text.to_owned()),
            };
        }
        let flat = self.ec2 || shape.flattened || member.flattened;
        // AWS accepts `member` in place of the name of the elements: the API Reference of RDS uses both.
        let names = [element.wire("member"), "member"];
        let items = match flat {
            true => Some(branch),
            false => names.iter().find_map(|name| branch.children.get(*name)),
        };
        match items.and_then(ordered) {
            Some(items) => {
                let items = items.into_iter().map(|item| self.read(element, item));
                Input::List(items.collect())
            }
            None => unknown(branch),
        }
    }

    fn map(&self, member: &Member, shape: &Shape, branch: &Branch) -> Input {
        let (Some(key), Some(value)) = (&shape.key, &shape.value) else {
            return Input::Opaque;
        };
        let entries = match shape.flattened || member.flattened {
            true => Some(branch),
            false => branch.children.get("entry"),
        };
        let Some(entries) = entries.and_then(ordered) else {
            return unknown(branch);
        };
        let entries = entries.into_iter().filter_map(|entry| {
            let name = entry.children.get(key.wire("key"))?.value.clone()?;
            let item = entry.children.get(value.wire("value"))?;
            Some((name, self.read(value, item)))
        });
        Input::Map(entries.collect())
    }
}

/// Returns the elements of a list in order. Returns `None` if a part of a name is not a number.
fn ordered(branch: &Branch) -> Option<Vec<&Branch>> {
    let mut items = branch
        .children
        .iter()
        .map(|(index, item)| Some((index.parse::<u32>().ok()?, item)))
        .collect::<Option<Vec<_>>>()?;
    items.sort_by_key(|(index, _)| *index);
    Some(items.into_iter().map(|(_, item)| item).collect())
}

fn unknown(branch: &Branch) -> Input {
    Input::Structure(Fields {
        members: Vec::new(),
        unknown: branch.children.keys().cloned().collect(),
    })
}

fn capitalized(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
