//! Access to ECS for the resource. Makes no API calls before the provider is configured.

use std::future::Future;
use std::sync::Arc;

use tfplugin::{Configured, Diagnostic, Diagnostics, Planned};

use super::provider_settings::ProviderSettings;
use crate::aws::tags::PlannedTags;
use crate::aws::{Connection, Identity};
use crate::ecs::api::EcsApi;
use crate::ecs::sdk::Aws;

/// Source of the ECS client after the provider is configured.
pub trait EcsAccess: Send + Sync + 'static {
    /// ECS client type.
    type Api: EcsApi;

    /// Returns a connected ECS client and the provider settings that bundles use.
    ///
    /// # Errors
    /// Returns an error if the provider is not configured, or if the AWS clients cannot be created.
    fn open(
        &self,
    ) -> impl Future<Output = Result<(Arc<Self::Api>, ProviderSettings), Diagnostics>> + Send;

    /// Returns the provider's default tags without a connection. They are unknown while the provider is not configured.
    fn planned_default_tags(&self) -> PlannedTags;

    /// Returns the region and the account of the connection.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`Self::open`].
    fn identity(&self) -> impl Future<Output = Result<Arc<Identity>, Diagnostics>> + Send;
}

impl EcsAccess for Configured<Connection> {
    type Api = Aws;

    async fn open(&self) -> Result<(Arc<Aws>, ProviderSettings), Diagnostics> {
        let connection = self.get()?;
        let clients = connection.clients().await.map_err(Diagnostic::from)?;
        let provider = ProviderSettings {
            region: clients.region.clone(),
            default_tags: clients.default_tags.clone(),
        };
        Ok((Arc::new(Aws::new(&clients)), provider))
    }

    fn planned_default_tags(&self) -> PlannedTags {
        self.get()
            .map_or(Planned::Unknown, |connection| connection.default_tags())
    }

    async fn identity(&self) -> Result<Arc<Identity>, Diagnostics> {
        let clients = self.get()?.clients().await.map_err(Diagnostic::from)?;
        Ok(Arc::clone(&clients.identity))
    }
}
