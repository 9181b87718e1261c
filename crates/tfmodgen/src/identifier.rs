//! Which texts can be names.

/// Names that begin a reference, so that nothing bound by `for` or `dynamic` may be called so.
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

/// Names that no variable may have. Source: "Input Variables" of both command lines' documentation.
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

/// Names that the syntax takes for itself.
const KEYWORDS: [&str; 6] = ["for", "if", "in", "true", "false", "null"];

/// Whether a text is an identifier: letters, digits, underscores and hyphens, a letter or underscore first.
///
/// The language allows letters of every script. Which those are differs from one version of Unicode to the next, and the
/// command lines know an older one than the libraries here, so only ASCII is sure.
pub(crate) fn is_identifier(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(inner)
}

/// Whether a variable may have this name.
pub(crate) fn is_free_for_variables(name: &str) -> bool {
    !RESERVED_VARIABLES.contains(&name)
}

/// Whether a `for` expression or a dynamic block may bind this name.
pub(crate) fn is_free_for_binding(name: &str) -> bool {
    !ROOTS.contains(&name) && !KEYWORDS.contains(&name)
}

/// Whether a key of an object can stand without quotes and means itself.
pub(crate) fn is_plain_key(text: &str) -> bool {
    is_identifier(text) && !KEYWORDS.contains(&text)
}
