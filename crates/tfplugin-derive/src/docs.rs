//! Converts doc comments to descriptions.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Joins the lines of doc comments. Lines of a paragraph are joined with a space, and an empty line starts a new paragraph.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for line in attributes.iter().filter_map(doc_line) {
        let line = line.trim();
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            let joined = text.is_empty() || text.ends_with('\n');
            text.push_str(if joined { "" } else { " " });
            text.push_str(line);
        }
    }
    text.trim().to_owned()
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}
