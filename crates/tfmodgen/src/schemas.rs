//! The provider schemas that modules are checked against.

use std::collections::BTreeMap;

use tfschema::{ProviderSchema, Schema};

use crate::block::{Block, Kind};
use crate::builtin;
use crate::module::Module;

/// Local name and source address of the provider that is built into Terraform and OpenTofu.
const BUILTIN: (&str, &str) = ("terraform", "terraform.io/builtin/terraform");

/// Schemas of providers by source address.
pub struct Schemas {
    providers: BTreeMap<String, ProviderSchema>,
}

impl Default for Schemas {
    fn default() -> Self {
        Self {
            providers: BTreeMap::new(),
        }
        .with(BUILTIN.1, builtin::schema())
    }
}

impl Schemas {
    /// Returns the schema of the built-in provider only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the schema of a provider by source address, such as `hashicorp/aws`. The hostname of the address is ignored.
    #[must_use]
    pub fn with(mut self, source: &str, schema: ProviderSchema) -> Self {
        self.providers
            .insert(without_host(source).to_owned(), schema);
        self
    }

    pub(crate) fn of(&self, source: &str) -> Option<&ProviderSchema> {
        self.providers.get(without_host(source))
    }
}

/// Returns a source address without the hostname of its registry.
fn without_host(source: &str) -> &str {
    match source.matches('/').count() {
        2 => source.split_once('/').map_or(source, |(_, rest)| rest),
        _ => source,
    }
}

impl Module {
    /// Returns the source address of the provider for a block, if the module requires the provider.
    pub(crate) fn provider_source(&self, block: &Block) -> Option<&str> {
        let local = match &block.provider {
            Some((name, _)) => name.as_str(),
            None => block.ty.split('_').next().unwrap_or(&block.ty),
        };
        let required = self
            .providers
            .iter()
            .find(|provider| provider.name == local);
        match required {
            Some(required) => Some(&required.source),
            None if local == BUILTIN.0 => Some(BUILTIN.1),
            None => None,
        }
    }

    /// Returns the schema of a block, if it is known.
    pub(crate) fn schema_of<'a>(&self, block: &Block, schemas: &'a Schemas) -> Option<&'a Schema> {
        let provider = schemas.of(self.provider_source(block)?)?;
        match block.kind {
            Kind::Resource => provider.resources.get(&block.ty),
            Kind::Data => provider.data_sources.get(&block.ty),
            Kind::Ephemeral => provider.ephemeral_resources.get(&block.ty),
        }
    }
}
