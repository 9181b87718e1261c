//! Type names in command-line arguments, and the selection of types from a schema.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Result, bail};
use tfschema::{ProviderSchema, Schema};

/// Number of similar names that an error suggests.
const SUGGESTIONS: usize = 3;

/// A type: `aws_vpc`, `data.aws_region`, `ephemeral.aws_secretsmanager_secret_version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypeName {
    kind: Kind,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Resource,
    Data,
    Ephemeral,
}

impl TypeName {
    /// Parses a name.
    pub(super) fn parse(text: &str) -> Self {
        let (kind, name) = match text.split_once('.') {
            Some(("data", name)) => (Kind::Data, name),
            Some(("ephemeral", name)) => (Kind::Ephemeral, name),
            _ => (Kind::Resource, text),
        };
        Self {
            kind,
            name: name.to_owned(),
        }
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.kind {
            Kind::Resource => "",
            Kind::Data => "data.",
            Kind::Ephemeral => "ephemeral.",
        };
        write!(f, "{prefix}{}", self.name)
    }
}

/// Returns every type of a provider.
pub(super) fn of(provider: &ProviderSchema) -> Vec<TypeName> {
    [Kind::Resource, Kind::Data, Kind::Ephemeral]
        .into_iter()
        .flat_map(|kind| {
            section(provider, kind).keys().map(move |name| TypeName {
                kind,
                name: name.clone(),
            })
        })
        .collect()
}

/// Returns a provider that has its configuration and only the specified types.
///
/// # Errors
/// Returns an error that suggests similar names if the provider lacks one of the types.
pub(super) fn pick(provider: &ProviderSchema, wanted: &[TypeName]) -> Result<ProviderSchema> {
    let mut picked = ProviderSchema {
        provider: provider.provider.clone(),
        ..ProviderSchema::default()
    };
    for wanted in wanted {
        let Some(schema) = section(provider, wanted.kind).get(&wanted.name) else {
            let similar = similar(provider, wanted).join(", ");
            bail!("the provider has no type `{wanted}`; similar types: {similar}");
        };
        let section = match wanted.kind {
            Kind::Resource => &mut picked.resources,
            Kind::Data => &mut picked.data_sources,
            Kind::Ephemeral => &mut picked.ephemeral_resources,
        };
        section.insert(wanted.name.clone(), schema.clone());
    }
    Ok(picked)
}

fn section(provider: &ProviderSchema, kind: Kind) -> &BTreeMap<String, Schema> {
    match kind {
        Kind::Resource => &provider.resources,
        Kind::Data => &provider.data_sources,
        Kind::Ephemeral => &provider.ephemeral_resources,
    }
}

/// Returns the most similar names. If distances are equal, names of the same kind come first.
fn similar(provider: &ProviderSchema, wanted: &TypeName) -> Vec<String> {
    let mut names: Vec<_> = of(provider)
        .into_iter()
        .map(|known| {
            let distance = strsim::damerau_levenshtein(&known.name, &wanted.name);
            (distance, known.kind != wanted.kind, known.to_string())
        })
        .collect();
    names.sort();
    names.truncate(SUGGESTIONS);
    names.into_iter().map(|(_, _, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> ProviderSchema {
        let schemas = |names: &[&str]| {
            names
                .iter()
                .map(|name| ((*name).to_owned(), Schema::default()))
                .collect()
        };
        ProviderSchema {
            resources: schemas(&["aws_vpc", "aws_subnet", "aws_kms_alias"]),
            data_sources: schemas(&["aws_vpc", "aws_region"]),
            ephemeral_resources: schemas(&["aws_secret"]),
            ..ProviderSchema::default()
        }
    }

    #[test]
    fn prefix_selects_the_kind() {
        for text in ["aws_vpc", "data.aws_region", "ephemeral.aws_secret"] {
            assert_eq!(TypeName::parse(text).to_string(), text);
        }
        let names = ["aws_vpc", "data.aws_region"].map(TypeName::parse);
        let picked = pick(&provider(), &names).expect("the provider has both");
        assert_eq!(of(&picked), names);
    }

    #[test]
    fn unknown_type_error_suggests_similar_names() {
        let error =
            pick(&provider(), &[TypeName::parse("data.aws_vcp")]).expect_err("the type is unknown");
        assert_eq!(
            error.to_string(),
            "the provider has no type `data.aws_vcp`; similar types: data.aws_vpc, aws_vpc, ephemeral.aws_secret"
        );
    }
}
