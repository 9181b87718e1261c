//! Expands the actions of a page template.
//!
//! The actions use the syntax of tfplugindocs: `{{ .Description }}` and the names of other page parts, `{{ tffile
//! "PATH" }}`, and `{{ codefile "LANGUAGE" "PATH" }}`. `{{ mdfile "PATH" }}` includes Markdown. Conditions and loops are not supported. Text that depends on the
//! schema belongs in the schema descriptions.

use std::collections::BTreeMap;

use crate::DocsError;

/// Replacements for the actions in a page.
pub(crate) struct Actions<'a> {
    /// Parts of the page: the name without the leading dot, the content, and whether the page must contain the part.
    pub(crate) parts: &'a [(&'static str, &'a str, bool)],
    /// Files that can be included, by path.
    pub(crate) files: &'a BTreeMap<String, String>,
}

/// Replaces every action in `text`.
pub(crate) fn expand(
    template: &str,
    text: &str,
    actions: &Actions<'_>,
) -> Result<String, DocsError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut placed = Vec::new();
    while let Some((before, after)) = rest.split_once("{{") {
        let (action, after) = after
            .split_once("}}")
            .ok_or_else(|| DocsError::OpenAction {
                template: template.into(),
            })?;
        out.push_str(before);
        match words(action).as_deref() {
            Some(["tffile", path]) => {
                out.push_str(&fenced("terraform", file(template, path, actions.files)?));
            }
            Some(["codefile", language, path]) => {
                out.push_str(&fenced(language, file(template, path, actions.files)?));
            }
            Some(["mdfile", path]) => {
                out.push_str(file(template, path, actions.files)?.trim_end());
            }
            Some([name]) if actions.part(name).is_some() => {
                out.push_str(actions.part(name).unwrap_or_default().trim_end());
                placed.push((*name).to_owned());
            }
            _ => {
                return Err(DocsError::UnknownAction {
                    template: template.into(),
                    action: action.trim().into(),
                    known: actions.known(),
                });
            }
        }
        rest = after;
    }
    out.push_str(rest);
    match actions.missing(&placed) {
        None => Ok(out),
        Some(action) => Err(DocsError::NotPlaced {
            template: template.into(),
            action,
        }),
    }
}

impl Actions<'_> {
    fn part(&self, action: &str) -> Option<&str> {
        let name = action.strip_prefix('.')?;
        let part = self.parts.iter().find(|(known, ..)| *known == name)?;
        Some(part.1)
    }

    fn missing(&self, placed: &[String]) -> Option<String> {
        let required = self.parts.iter().filter(|(.., required)| *required);
        required
            .map(|(name, ..)| format!(".{name}"))
            .find(|name| !placed.contains(name))
    }

    fn known(&self) -> String {
        let parts = self.parts.iter().map(|(name, ..)| format!(".{name}"));
        let files = [
            "tffile \"PATH\"",
            "codefile \"LANGUAGE\" \"PATH\"",
            "mdfile \"PATH\"",
        ];
        let files = files.map(String::from);
        parts.chain(files).collect::<Vec<_>>().join(", ")
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

/// Splits an action into words and removes quotes. Returns `None` if a quote is not closed.
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
