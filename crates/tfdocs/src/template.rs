//! Expands the actions of a page template.
//!
//! The actions are those of the registry's own documentation generator that a page needs, spelled the same way:
//! `{{ .Description }}`, `{{ .SchemaMarkdown }}`, `{{ tffile "PATH" }}` and `{{ codefile "LANGUAGE" "PATH" }}`.
//! There are no conditions and no loops: prose that needs them belongs into the schema's descriptions.

use std::collections::BTreeMap;

use crate::DocsError;

/// Replaces every action of `text` by what it stands for.
pub(crate) fn expand(
    template: &str,
    text: &str,
    description: &str,
    schema: &str,
    files: &BTreeMap<String, String>,
) -> Result<String, DocsError> {
    let mut out = String::with_capacity(text.len() + schema.len());
    let mut rest = text;
    let mut schema_placed = false;
    while let Some((before, after)) = rest.split_once("{{") {
        let (action, after) = after
            .split_once("}}")
            .ok_or_else(|| DocsError::OpenAction {
                template: template.into(),
            })?;
        out.push_str(before);
        match words(action).as_deref() {
            Some([".Description"]) => out.push_str(description),
            Some([".SchemaMarkdown"]) => {
                out.push_str(schema.trim_end());
                schema_placed = true;
            }
            Some(["tffile", path]) => {
                out.push_str(&fenced("terraform", file(template, path, files)?));
            }
            Some(["codefile", language, path]) => {
                out.push_str(&fenced(language, file(template, path, files)?));
            }
            _ => {
                return Err(DocsError::UnknownAction {
                    template: template.into(),
                    action: action.trim().into(),
                });
            }
        }
        rest = after;
    }
    out.push_str(rest);
    match schema_placed {
        true => Ok(out),
        false => Err(DocsError::NoSchema {
            template: template.into(),
        }),
    }
}

fn file<'a>(
    template: &str,
    path: &str,
    files: &'a BTreeMap<String, String>,
) -> Result<&'a str, DocsError> {
    files
        .get(path)
        .map(String::as_str)
        .ok_or_else(|| DocsError::NoFile {
            template: template.into(),
            file: path.into(),
        })
}

fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```", text.trim_end())
}

/// Splits an action into its words; a quoted word loses its quotes. `None` where a quote is not closed.
fn words(action: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = action.trim();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word);
        rest = after.trim_start();
    }
    Some(words)
}
