//! Names of types as they are asked for, and what is picked out of a schema by them.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Result, bail};
use tfschema::{ProviderSchema, Schema};

/// How many near names an error gives.
const NEAR: usize = 3;

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
    /// Reads a name.
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

/// Every type of a provider.
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

/// A provider with these types only.
///
/// # Errors
/// When the provider does not have one; the error gives the names that are nearest.
pub(super) fn pick(provider: &ProviderSchema, wanted: &[TypeName]) -> Result<ProviderSchema> {
    let mut picked = ProviderSchema::default();
    for wanted in wanted {
        let Some(schema) = section(provider, wanted.kind).get(&wanted.name) else {
            let near = near(provider, wanted).join(", ");
            bail!("the provider has no type `{wanted}`; the nearest are {near}");
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

/// The names that are nearest, those of the same kind first among equals.
fn near(provider: &ProviderSchema, wanted: &TypeName) -> Vec<String> {
    let mut names: Vec<_> = of(provider)
        .into_iter()
        .map(|known| {
            let distance = strsim::damerau_levenshtein(&known.name, &wanted.name);
            (distance, known.kind != wanted.kind, known.to_string())
        })
        .collect();
    names.sort();
    names.truncate(NEAR);
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
    fn a_prefix_says_the_kind() {
        for text in ["aws_vpc", "data.aws_region", "ephemeral.aws_secret"] {
            assert_eq!(TypeName::parse(text).to_string(), text);
        }
        let names = ["aws_vpc", "data.aws_region"].map(TypeName::parse);
        let picked = pick(&provider(), &names).expect("the provider has both");
        assert_eq!(of(&picked), names);
    }

    #[test]
    fn an_unknown_type_is_answered_with_near_names() {
        let error = pick(&provider(), &[TypeName::parse("data.aws_vcp")]).expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "the provider has no type `data.aws_vcp`; the nearest are data.aws_vpc, aws_vpc, ephemeral.aws_secret"
        );
    }
}
