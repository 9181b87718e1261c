//! AWS connection for one provider configuration, created on first use and shared by all resources.
//!
//! This module controls when a connection is created and reports why it cannot be created. [`Clients::connect`] creates
//! the connection.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::client::Clients;
use super::config::AwsSettings;
use super::connect_error::ConnectError;
use super::tags::{PlannedTags, planned_tags};

/// Clients for one provider configuration, created when the first resource requires them.
///
/// A failure is not cached, so the next resource tries again.
pub struct Connection {
    /// Settings, or the name of the attribute with an unknown value.
    settings: Result<AwsSettings, String>,
    default_tags: PlannedTags,
    clients: OnceCell<Arc<Clients>>,
}

impl Connection {
    /// Creates a connection without clients. The first call to [`Self::clients`] creates them.
    #[must_use]
    pub fn new(settings: AwsSettings) -> Self {
        Self {
            default_tags: planned_tags(settings.default_tags.clone()),
            settings: Ok(settings),
            clients: OnceCell::new(),
        }
    }

    /// Creates a connection that has no clients because the value of `attribute` is unknown.
    #[must_use]
    pub fn not_known_yet(attribute: String, default_tags: PlannedTags) -> Self {
        Self {
            default_tags,
            settings: Err(attribute),
            clients: OnceCell::new(),
        }
    }

    /// Returns the planned default tags, which can be unknown.
    #[must_use]
    pub fn default_tags(&self) -> PlannedTags {
        self.default_tags.clone()
    }

    /// Returns the clients. The first call creates them.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`Clients::connect`], and [`ConnectError::NotKnownYet`] if the
    /// configuration is unknown.
    pub async fn clients(&self) -> Result<Arc<Clients>, ConnectError> {
        let settings = match &self.settings {
            Ok(settings) => settings,
            Err(attribute) => {
                let attribute = attribute.clone();
                return Err(ConnectError::NotKnownYet { attribute });
            }
        };
        let connect = || async { Clients::connect(settings).await.map(Arc::new) };
        self.clients.get_or_try_init(connect).await.cloned()
    }
}
