//! Writes slim documents, with sorted keys and one attribute per line.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::Schema;

use super::intern::{Bodies, Body, Kind, Occurrence};

/// Writes a schema without descriptions. `made_by` is the command that generates the document.
pub fn write(schema: &Schema, made_by: &str) -> String {
    let bodies = Bodies::of(schema);
    let mut page = Page {
        bodies: &bodies,
        text: String::new(),
    };
    let root = &bodies.bodies[bodies.root];
    page.text = format!(
        "{{\n  \"made_by\": {},\n  \"version\": {}",
        quoted(made_by),
        schema.version
    );
    page.members(root, 1, true);
    page.shapes();
    page.text.push_str("\n}\n");
    page.text
}

struct Page<'a> {
    bodies: &'a Bodies,
    text: String,
}

impl Page<'_> {
    fn shapes(&mut self) {
        let mut shapes: Vec<(&String, usize)> = self
            .bodies
            .shapes
            .iter()
            .map(|(number, name)| (name, *number))
            .collect();
        shapes.sort();
        if shapes.is_empty() {
            return;
        }
        self.text.push_str(",\n  \"shapes\": {");
        for (position, (name, number)) in shapes.into_iter().enumerate() {
            self.key(name, 2, position);
            self.text.push('{');
            self.members(&self.bodies.bodies[number], 2, false);
            self.text.push('}');
        }
        self.text.push_str("\n  }");
    }

    /// Writes the members of a body. `behind` specifies whether other members precede them.
    fn members(&mut self, body: &Body, depth: usize, behind: bool) {
        let mut separator = match (behind, depth) {
            (true, 1) => ",\n  ",
            (true, _) => ", ",
            (false, _) => "",
        };
        let mut member = |page: &mut Self, name: &str| {
            page.text.push_str(separator);
            separator = if depth == 1 { ",\n  " } else { ", " };
            write_to(&mut page.text, format_args!("\"{name}\": "));
        };
        if body.deprecated {
            member(self, "deprecated");
            self.text.push_str("true");
        }
        if !body.attributes.is_empty() {
            member(self, "attributes");
            self.text.push('{');
            for (position, (name, kind, flags)) in body.attributes.iter().enumerate() {
                self.key(name, depth + 1, position);
                self.attribute(kind, flags, depth + 1);
            }
            self.close(depth);
        }
        if !body.blocks.is_empty() {
            member(self, "blocks");
            self.text.push('{');
            for (position, (name, occurrence)) in body.blocks.iter().enumerate() {
                self.key(name, depth + 1, position);
                self.block(occurrence, depth + 1);
            }
            self.close(depth);
        }
    }

    fn attribute(&mut self, kind: &Kind, flags: &str, depth: usize) {
        self.text.push('[');
        match kind {
            Kind::Type(ty) => self.text.push_str(ty),
            Kind::Nested(nesting, body) => {
                write_to(&mut self.text, format_args!("{{\"nesting\": \"{nesting}\""));
                self.body(*body, depth);
                self.text.push('}');
            }
        }
        write_to(&mut self.text, format_args!(", \"{flags}\"]"));
    }

    fn block(&mut self, occurrence: &Occurrence, depth: usize) {
        let Occurrence {
            nesting,
            min,
            max,
            body,
        } = occurrence;
        write_to(&mut self.text, format_args!("{{\"nesting\": \"{nesting}\""));
        for (name, count) in [("min", min), ("max", max)] {
            if *count > 0 {
                write_to(&mut self.text, format_args!(", \"{name}\": {count}"));
            }
        }
        self.body(*body, depth);
        self.text.push('}');
    }

    /// Writes a body after other members, as a reference to its shape or in full.
    fn body(&mut self, number: usize, depth: usize) {
        match self.bodies.shapes.get(&number) {
            Some(name) => write_to(
                &mut self.text,
                format_args!(", \"shape\": {}", quoted(name)),
            ),
            None => self.members(&self.bodies.bodies[number], depth, true),
        }
    }

    /// Writes the key of a member on a separate line.
    fn key(&mut self, name: &str, depth: usize, position: usize) {
        let comma = if position == 0 { "" } else { "," };
        write_to(
            &mut self.text,
            format_args!("{comma}\n{}{}: ", "  ".repeat(depth), quoted(name)),
        );
    }

    fn close(&mut self, depth: usize) {
        write_to(&mut self.text, format_args!("\n{}}}", "  ".repeat(depth)));
    }
}

fn quoted(text: &str) -> Json {
    Json::from(text)
}

/// Appends formatted text to a string, which cannot fail.
fn write_to(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}
