//! Rules for names.

/// Root names of references, which `for` and `dynamic` must not bind.
const ROOTS: [&str; 12] = [
    "count",
    "data",
    "each",
    "ephemeral",
    "local",
    "module",
    "path",
    "resource",
    "self",
    "template",
    "terraform",
    "var",
];

/// Names that variables must not have. Source: "Input Variables" in the Terraform and OpenTofu documentation.
const RESERVED_VARIABLES: [&str; 8] = [
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "locals",
    "providers",
    "source",
    "version",
];

/// Keywords of the HCL syntax.
const KEYWORDS: [&str; 6] = ["for", "if", "in", "true", "false", "null"];

/// Returns whether a string is an identifier: letters, digits, underscores, and hyphens, starting with a letter or
/// underscore.
///
/// The language allows letters of all scripts. The set of letters depends on the Unicode version, and Terraform and
/// OpenTofu use an older version than the libraries of this crate. This function therefore accepts only ASCII.
pub(crate) fn is_identifier(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(inner)
}

/// Returns whether a variable can have this name.
pub(crate) fn is_free_for_variables(name: &str) -> bool {
    !RESERVED_VARIABLES.contains(&name)
}

/// Returns whether a `for` expression or a dynamic block can bind this name.
pub(crate) fn is_free_for_binding(name: &str) -> bool {
    !ROOTS.contains(&name) && !KEYWORDS.contains(&name)
}

/// Returns whether an object key needs no quotes.
pub(crate) fn is_plain_key(text: &str) -> bool {
    is_identifier(text) && !KEYWORDS.contains(&text)
}
