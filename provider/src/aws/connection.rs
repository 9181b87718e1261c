//! The connection of one provider configuration: made on first use, shared by every resource.
//!
//! This file knows when a connection is made and why it cannot be; how it is made is [`Clients::connect`].

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::client::Clients;
use super::config::AwsSettings;
use super::connect_error::ConnectError;
use super::tags::{PlannedTags, planned_tags};

/// The clients of one provider configuration, made when the first resource needs them.
///
/// A failure is not kept: the next resource tries again.
pub struct Connection {
    /// The settings, or the name of the attribute that is not known yet.
    settings: Result<AwsSettings, String>,
    default_tags: PlannedTags,
    clients: OnceCell<Arc<Clients>>,
}

impl Connection {
    /// A connection that has not been made yet.
    #[must_use]
    pub fn new(settings: AwsSettings) -> Self {
        Self {
            default_tags: planned_tags(settings.default_tags.clone()),
            settings: Ok(settings),
            clients: OnceCell::new(),
        }
    }

    /// No connection, because the provider's configuration is not known yet; `attribute` is what is missing.
    #[must_use]
    pub fn not_known_yet(attribute: String, default_tags: PlannedTags) -> Self {
        Self {
            default_tags,
            settings: Err(attribute),
            clients: OnceCell::new(),
        }
    }

    /// Tags of everything, as far as the configuration is known.
    #[must_use]
    pub fn default_tags(&self) -> PlannedTags {
        self.default_tags.clone()
    }

    /// The clients, made on the first call.
    ///
    /// # Errors
    /// As [`Clients::connect`].
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
