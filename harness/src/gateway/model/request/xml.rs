//! XML documents: bodies of AWS restXml, and responses of AWS Query, EC2 Query, and AWS restXml.

use super::super::super::xml::Node;
use super::super::input::{Fields, Input};
use super::super::load::Model;
use super::super::shape::{Kind, Member, Shape};

/// Reads the members of a structure from the children of an element.
pub(in super::super) fn structure(model: &Model, shape: &Shape, node: &Node) -> Input {
    let mut fields = Fields::default();
    let mut seen = Vec::new();
    for child in &node.children {
        let wire = local(&child.name);
        if seen.contains(&wire) {
            continue;
        }
        seen.push(wire);
        let member = shape.members.iter().find(|(name, member)| {
            member.location.is_none() && self::wire(model, name, member) == wire
        });
        match member {
            Some((name, member)) => {
                let siblings = node
                    .children
                    .iter()
                    .filter(|other| local(&other.name) == wire);
                let input = read(model, member, siblings.collect());
                fields.members.push((name.clone(), input));
            }
            None => fields.unknown.push(wire.to_owned()),
        }
    }
    for (name, member) in shape
        .members
        .iter()
        .filter(|(_, member)| member.xml_attribute)
    {
        if node.has_attribute(member.wire(name)) {
            fields.members.push((name.clone(), Input::Opaque));
        }
    }
    Input::Structure(fields)
}

/// Returns the element name of a member. The elements of a flattened list have the name of the list or of its member.
fn wire<'a>(model: &'a Model, name: &'a str, member: &'a Member) -> &'a str {
    let element = || {
        let shape = model.shape(&member.shape)?;
        let flat = shape.kind == Kind::List && (shape.flattened || member.flattened);
        shape
            .member
            .as_ref()
            .filter(|_| flat)?
            .location_name
            .as_deref()
    };
    member
        .location_name
        .as_deref()
        .or_else(element)
        .unwrap_or(name)
}

/// Reads the elements of one member. Only a flattened list or map has several elements.
fn read(model: &Model, member: &Member, nodes: Vec<&Node>) -> Input {
    let (Some(shape), Some(first)) = (model.shape(&member.shape), nodes.first()) else {
        return Input::Opaque;
    };
    let flat = shape.flattened || member.flattened;
    match shape.kind {
        Kind::Structure => structure(model, shape, first),
        Kind::List => {
            let Some(element) = &shape.member else {
                return Input::Opaque;
            };
            if flat {
                let items = nodes.iter().map(|node| read(model, element, vec![node]));
                return Input::List(items.collect());
            }
            let name = element.wire("member");
            let foreign = first.children.iter().find(|item| local(&item.name) != name);
            match foreign {
                Some(foreign) => Input::Structure(Fields {
                    members: Vec::new(),
                    unknown: vec![local(&foreign.name).to_owned()],
                }),
                None => {
                    let items = first.children.iter();
                    Input::List(items.map(|node| read(model, element, vec![node])).collect())
                }
            }
        }
        Kind::Map => {
            let entries: Vec<_> = match flat {
                true => nodes,
                false => first.children.iter().collect(),
            };
            map(model, shape, &entries)
        }
        _ if first.children.is_empty() => Input::Text(first.text.clone()),
        _ => Input::Structure(Fields {
            members: Vec::new(),
            unknown: first
                .children
                .iter()
                .map(|node| node.name.clone())
                .collect(),
        }),
    }
}

fn map(model: &Model, shape: &Shape, entries: &[&Node]) -> Input {
    let (Some(key), Some(value)) = (&shape.key, &shape.value) else {
        return Input::Opaque;
    };
    let entries = entries.iter().filter_map(|entry| {
        let name = entry.child(key.wire("key"))?.text.clone();
        let item = entry.child(value.wire("value"))?;
        Some((name, read(model, value, vec![item])))
    });
    Input::Map(entries.collect())
}

/// Returns a name without its namespace prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
