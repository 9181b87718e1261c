//! The way from the resource to ECS. Must not call anything before the provider is configured.

use std::future::Future;
use std::sync::Arc;

use tfplugin::{Configured, Diagnostic, Diagnostics, Planned};

use super::surroundings::Surroundings;
use crate::aws::tags::PlannedTags;
use crate::aws::{Connection, Identity};
use crate::ecs::api::EcsApi;
use crate::ecs::sdk::Aws;

/// Where the resource gets its way to ECS from, once the provider is configured.
pub trait EcsAccess: Send + Sync + 'static {
    /// The way.
    type Api: EcsApi;

    /// The way, connected, and what the provider's configuration says beside.
    ///
    /// # Errors
    /// The provider is not configured, or AWS cannot be reached.
    fn open(
        &self,
    ) -> impl Future<Output = Result<(Arc<Self::Api>, Surroundings), Diagnostics>> + Send;

    /// Tags of everything, as far as the provider's configuration is known; without a connection.
    fn planned_default_tags(&self) -> PlannedTags;

    /// Region and account of the connection.
    ///
    /// # Errors
    /// As [`Self::open`].
    fn identity(&self) -> impl Future<Output = Result<Arc<Identity>, Diagnostics>> + Send;
}

impl EcsAccess for Configured<Connection> {
    type Api = Aws;

    async fn open(&self) -> Result<(Arc<Aws>, Surroundings), Diagnostics> {
        let connection = self.get()?;
        let clients = connection.clients().await.map_err(Diagnostic::from)?;
        let surroundings = Surroundings {
            region: clients.region.clone(),
            default_tags: clients.default_tags.clone(),
        };
        Ok((Arc::new(Aws::new(&clients)), surroundings))
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
