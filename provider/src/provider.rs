//! The provider: its configuration, its resource types, and the one connection they share.

use jiff::Timestamp;
use tfplugin::{Configure, Configured, Diagnostics, Provider};

use crate::aws::Connection;
use crate::config::{ProviderConfig, refusals};
use crate::pki::SystemEntropy;
use crate::resources::root_ca::RootCas;
use crate::resources::service_bundle::ServiceBundles;

/// Source address, with the host that both command lines take for `skreg/skreg` where they have no other.
pub const ADDRESS: &str = "registry.terraform.io/skreg/skreg";

/// Version of the provider.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The provider, ready to be served.
#[must_use]
pub fn provider() -> Provider {
    let connection = Configured::new();
    Provider::new("skreg", VERSION)
        .configure(&connection, connect)
        .validate::<ProviderConfig>(refusals)
        .resource(RootCas::new(
            connection.clone(),
            Timestamp::now,
            SystemEntropy,
        ))
        .resource(ServiceBundles::new(connection))
}

/// Takes the configuration. Nothing is called yet: during plan it may be unknown, and no resource may need it.
async fn connect(request: Configure<ProviderConfig>) -> Result<Connection, Diagnostics> {
    Ok(match ProviderConfig::of(request.config) {
        Ok(config) => Connection::new(config.settings()),
        Err(unknown) => Connection::not_known_yet(unknown.path.to_string()),
    })
}
