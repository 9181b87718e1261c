//! Derives Rust names (types, methods, and parameters) from schema names. Each name is unique in its scope.

use std::collections::BTreeSet;

/// Names that a generated file might import. No type can use them.
pub(super) const IMPORTS: [&str; 20] = [
    "Any",
    "Block",
    "BlockBuilder",
    "BlockReference",
    "Bool",
    "Collection",
    "Each",
    "Expr",
    "Handle",
    "IntoExpr",
    "Known",
    "List",
    "Map",
    "NestedBlock",
    "NestedBuilder",
    "Num",
    "Object",
    "Set",
    "Str",
    "Self",
];

/// Keywords that are valid as raw identifiers.
const KEYWORDS: [&str; 46] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "use", "virtual",
    "where", "while",
];

/// Keywords that are not valid as raw identifiers.
const NOT_RAW: [&str; 5] = ["self", "super", "crate", "yield", "unsized"];

/// Names that are in use in one scope.
pub(super) struct Names(BTreeSet<String>);

impl Default for Names {
    fn default() -> Self {
        Self(IMPORTS.map(str::to_owned).into())
    }
}

impl Names {
    /// Creates a scope in which only the specified names are in use.
    pub(super) fn with_taken<const N: usize>(taken: [&str; N]) -> Self {
        Self(taken.map(str::to_owned).into())
    }

    /// Reserves a name, with a suffix if the name is already in use.
    pub(super) fn take(&mut self, name: &str, ending: &str) -> String {
        let mut name = name.to_owned();
        while !self.0.insert(name.clone()) {
            name.push_str(ending);
        }
        name
    }

    /// Reserves the name of a method or parameter.
    pub(super) fn snake(&mut self, name: &str) -> String {
        snake(&self.take(name, "_"))
    }
}

/// Converts a schema name to a type name: `db_instance` to `DbInstance`.
pub(super) fn camel(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
        })
        .collect()
}

/// Converts a schema name to an identifier.
fn snake(name: &str) -> String {
    match name {
        word if KEYWORDS.contains(&word) => format!("r#{word}"),
        word if NOT_RAW.contains(&word) => format!("{word}_"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_names_are_converted_to_type_names() {
        for (name, expected) in [
            ("db_instance", "DbInstance"),
            ("s3_bucket", "S3Bucket"),
            ("wafv2_web_acl", "Wafv2WebAcl"),
            ("ec2_managed_prefix_list", "Ec2ManagedPrefixList"),
        ] {
            assert_eq!(camel(name), expected);
        }
    }

    #[test]
    fn names_are_unique_identifiers() {
        let mut names = Names::with_taken(["new"]);
        let taken = ["type", "self", "new", "new", "name"].map(|name| names.snake(name));
        assert_eq!(taken, ["r#type", "self_", "new_", "new__", "name"]);
        for name in KEYWORDS.iter().chain(&NOT_RAW) {
            assert!(syn::parse_str::<syn::Ident>(&snake(name)).is_ok(), "{name}");
        }
        assert_eq!(Names::default().take("Map", "Block"), "MapBlock");
    }
}
