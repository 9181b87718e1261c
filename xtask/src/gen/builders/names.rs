//! Names in Rust for names in schemas: types, methods, parameters. Every name stands once where it stands.

use std::collections::BTreeSet;

/// What a generated file may import: no type can have these names.
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

/// Words that are names with `r#` in front.
const KEYWORDS: [&str; 46] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "use", "virtual",
    "where", "while",
];

/// Words that are no names even so.
const NO_NAMES: [&str; 5] = ["self", "super", "crate", "yield", "unsized"];

/// Names that are taken in one place.
pub(super) struct Names(BTreeSet<String>);

impl Default for Names {
    fn default() -> Self {
        Self(IMPORTS.map(str::to_owned).into())
    }
}

impl Names {
    /// No name is taken but these.
    pub(super) fn but<const N: usize>(taken: [&str; N]) -> Self {
        Self(taken.map(str::to_owned).into())
    }

    /// Takes a name; where it is taken, the name with an ending.
    pub(super) fn take(&mut self, name: &str, ending: &str) -> String {
        let mut name = name.to_owned();
        while !self.0.insert(name.clone()) {
            name.push_str(ending);
        }
        name
    }

    /// Takes the name of a method or parameter.
    pub(super) fn snake(&mut self, name: &str) -> String {
        snake(&self.take(name, "_"))
    }
}

/// `db_instance` as the name of a type: `DbInstance`.
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

/// A name as an identifier.
fn snake(name: &str) -> String {
    match name {
        word if KEYWORDS.contains(&word) => format!("r#{word}"),
        word if NO_NAMES.contains(&word) => format!("{word}_"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_names_become_names_of_types() {
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
    fn every_name_is_an_identifier_and_stands_once() {
        let mut names = Names::but(["new"]);
        let taken = ["type", "self", "new", "new", "name"].map(|name| names.snake(name));
        assert_eq!(taken, ["r#type", "self_", "new_", "new__", "name"]);
        for name in KEYWORDS.iter().chain(&NO_NAMES) {
            assert!(syn::parse_str::<syn::Ident>(&snake(name)).is_ok(), "{name}");
        }
        assert_eq!(Names::default().take("Map", "Block"), "MapBlock");
    }
}
