//! Checks that comments, messages, and documentation avoid the phrases that the style section in CONTRIBUTING.md bans.
//! This file is exempt because it lists them.

use super::{Control, Finding, Map, Tree, prose};

/// Position at which a phrase is banned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Anywhere,
    /// At the start of a sentence only.
    Start,
}

use Position::{Anywhere, Start};

/// Banned phrases, in lowercase, and what to write instead.
const PHRASES: &[(Position, &str, &str)] = &[
    (
        Start,
        "what",
        "start with the subject or a verb, such as `Returns`",
    ),
    (Start, "whatever", "start with the subject"),
    (Start, "who", "start with the subject"),
    (Start, "whoever", "start with the subject"),
    (Start, "why", "start with `Reason`, or `Returns the reason`"),
    (Start, "looked at", "start with the subject"),
    (Start, "answers", "write `Returns`"),
    (
        Anywhere,
        "answers with",
        "write `returns` or `responds with`",
    ),
    (Anywhere, "is asked", "write `is requested` or `is queried`"),
    (
        Anywhere,
        "are asked",
        "write `are requested` or `are queried`",
    ),
    (Anywhere, "asks", "write `requests` or `queries`"),
    (Anywhere, "is told", "write `receives` or `is reported`"),
    (Anywhere, "tells", "write `reports` or `returns`"),
    (
        Anywhere,
        "says",
        "write `specifies`, `states`, or `reports`",
    ),
    (Anywhere, "complains", "write `reports`"),
    (Anywhere, "finds fault", "write `reports`"),
    (Anywhere, "knows nothing of", "write `is independent of`"),
    (Anywhere, "must not know", "write `must not depend on`"),
    (Anywhere, "somebody", "name the user or process"),
    (Anywhere, "nobody", "name the user or process"),
    (Anywhere, "there is no way", "state what is not supported"),
    (Anywhere, "there is no such", "write `does not exist`"),
    (Anywhere, "is not there", "write `does not exist`"),
    (Anywhere, "are not there", "write `do not exist`"),
    (Anywhere, "is there already", "write `already exists`"),
    (Anywhere, "is still there", "write `still exists`"),
    (
        Anywhere,
        "is gone",
        "write `no longer exists`, or name what happened",
    ),
    (
        Anywhere,
        "are gone",
        "write `no longer exist`, or name what happened",
    ),
    (Anywhere, "as it should be", "state the expected value"),
    (Anywhere, "as expected", "state the expected value"),
    (Anywhere, "is no error", "write `is not an error`"),
    (Anywhere, "is no part", "write `is not a part`"),
    (
        Anywhere,
        "no business of",
        "state what the code does not do",
    ),
    (Anywhere, "what came of", "write `result of`"),
    (Anywhere, "last words", "write `last lines`"),
    (Anywhere, "under way", "write `in progress`"),
    (Anywhere, "for ever", "write `forever`, or state the limit"),
    (Anywhere, "in no time", "write `immediately`"),
    (Anywhere, "behind our back", "name the other process"),
    (Anywhere, "takes away", "write `removes`"),
    (Anywhere, "taken away", "write `removed`"),
    (Anywhere, "puts right", "write `restores` or `corrects`"),
    (Anywhere, "put right", "write `restored` or `corrected`"),
    (Anywhere, "lets in", "write `accepts` or `allows`"),
    (Anywhere, "guardian", "write `keeper process`"),
    (
        Anywhere,
        "the house",
        "write `the project` or `the workspace`",
    ),
    (Anywhere, "room of", "write `component`"),
    (Anywhere, "in turns", "write `in alternation`"),
];

/// Folders and files that are checked. Add a line for each folder or file that is complete.
const CHECKED: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "benches/",
    "catalog/",
    "crates/",
    "docs/",
    "examples/",
    "harness/",
    "modules/",
    "provider/",
    "templates/",
    "tests/",
    "xtask/",
];

/// Files that are not checked because they list the phrases.
const EXEMPT: &[&str] = &["xtask/src/tidy/phrases.rs"];

/// Finds banned phrases in comments, string literals, and Markdown.
pub(super) fn banned(tree: &Tree, _: &Map) -> Vec<Finding> {
    let starts = |path: &str, all: &[&str]| all.iter().any(|start| path.starts_with(start));
    let checked = |path: &str| starts(path, CHECKED) && !starts(path, EXEMPT);
    let mut findings = Vec::new();
    for (path, source) in tree.rust().filter(|(path, _)| checked(path)) {
        for text in prose::of_rust(source) {
            find(path, &text, &mut findings);
        }
    }
    let markdown = tree
        .files
        .iter()
        .filter(|(path, _)| path.ends_with(".md") && checked(path));
    for (path, content) in markdown {
        let text = prose::Text {
            line: 1,
            content: content.clone(),
        };
        find(path, &text, &mut findings);
    }
    findings
}

fn find(path: &str, text: &prose::Text, findings: &mut Vec<Finding>) {
    // A single word is an identifier.
    if !text.content.contains(' ') {
        return;
    }
    // Positions stay the same: only ASCII letters change, and a line break is as long as a space.
    let content = text.content.to_ascii_lowercase().replace('\n', " ");
    for (position, phrase, instead) in PHRASES {
        for (at, _) in content.match_indices(phrase) {
            let (before, after) = (&content[..at], &content[at + phrase.len()..]);
            if is_word(before, after) && (*position == Anywhere || starts_sentence(before)) {
                let line = text.line + text.content[..at].matches('\n').count();
                let message = format!("`{phrase}` is banned: {instead}");
                findings.push(Finding::new(path, line, message));
            }
        }
    }
}

/// Returns whether a phrase between these strings is not a part of a longer word, path, or identifier.
fn is_word(before: &str, after: &str) -> bool {
    let joins = |sign: char| sign.is_alphanumeric() || "_-/:{}`\"'".contains(sign);
    !before.ends_with(joins) && !before.ends_with('.') && !after.starts_with(joins)
}

/// Returns whether the text before a phrase ends a sentence.
fn starts_sentence(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty() || before.ends_with(['.', '?', '!'])
}

pub(super) const CONTROLS: &[Control] = &[
    Control {
        path: "harness/src/comment.rs",
        plant: |tree| {
            tree.plant(
                "harness/src/comment.rs",
                "//! Runs tests.\n//! What\n//! is left is removed.\n",
            )
        },
    },
    Control {
        path: "xtask/src/literal.rs",
        plant: |tree| {
            tree.plant(
                "xtask/src/literal.rs",
                "const ERROR: &str = \"the file is not there\";\n",
            )
        },
    },
    Control {
        path: "tests/README.md",
        plant: |tree| tree.plant("tests/README.md", "# Tests\n\nThere is no such\ntest.\n"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(source: &str) -> Vec<usize> {
        let mut findings = Vec::new();
        for text in prose::of_rust(source) {
            find("a.rs", &text, &mut findings);
        }
        findings.into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn phrases_are_found_across_lines_and_only_as_words() {
        assert_eq!(lines("// It is\n// gone.\n"), [1]);
        assert_eq!(lines("// One.\n// What is left.\n"), [2]);
        let literal = "const A: &str = \"local.nobody whose_says: what\";\n";
        assert!(lines(literal).is_empty());
        assert!(lines("fn what() -> Saying { is_gone(asks) }\n").is_empty());
    }
}
