//! The provider: its configuration, its resource types, and the one connection they share.

use jiff::Timestamp;
use tfplugin::{Configure, Configured, Diagnostics, Provider};

use crate::aws::Connection;
use crate::config::{ProviderConfig, ProviderConfigPlan, default_tags_of, refusals};
use crate::pki::SystemEntropy;
use crate::resources::ecs::service_bundle::ServiceBundles;
use crate::resources::identities::Identities;
use crate::resources::pki::root_ca::RootCas;

/// Source address, with the host that both command lines take for `skreg/skreg` where they have no other.
pub const ADDRESS: &str = "registry.terraform.io/skreg/skreg";

/// Version of the provider.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The provider, ready to be served.
#[must_use]
pub fn provider() -> Provider {
    let connection = Configured::new();
    let identities = Identities::default();
    let seen_before = identities.clone();
    Provider::new("skreg", VERSION)
        .configure(&connection, move |request| {
            seen_before.clear();
            connect(request)
        })
        .validate::<ProviderConfig>(refusals)
        .resource(RootCas::new(
            connection.clone(),
            Timestamp::now,
            SystemEntropy,
            identities.clone(),
        ))
        .resource(ServiceBundles::new(connection, identities))
}

/// Takes the configuration. Nothing is called yet: during plan it may be unknown, and no resource may need it.
async fn connect(request: Configure<ProviderConfig>) -> Result<Connection, Diagnostics> {
    connection(request.config)
}

fn connection(config: ProviderConfigPlan) -> Result<Connection, Diagnostics> {
    let default_tags = default_tags_of(&config);
    match ProviderConfig::of(config) {
        Ok(config) => Ok(Connection::new(config.settings())),
        Err(error) if error.is_not_known_yet() => {
            let attribute = error.path.to_string();
            Ok(Connection::not_known_yet(attribute, default_tags))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use tfplugin::Planned;

    use super::*;
    use crate::aws::ConnectError;

    #[tokio::test]
    async fn only_what_is_not_known_yet_is_called_so() {
        let unknown = ProviderConfigPlan {
            region: Planned::Unknown,
            ..ProviderConfigPlan::default()
        };
        let connection = |config| match super::connection(config) {
            Ok(connection) => connection,
            Err(refused) => panic!("{refused:?}"),
        };
        let found = connection(unknown).clients().await.err();
        assert!(matches!(
            found,
            Some(ConnectError::NotKnownYet { attribute }) if attribute == "region"
        ));

        let null = ProviderConfigPlan {
            shared_config_files: Planned::Known(vec![Planned::Null]),
            ..ProviderConfigPlan::default()
        };
        let refused = super::connection(null).err().expect("refused");
        let paths: Vec<String> = refused.iter().map(|found| found.path.to_string()).collect();
        assert_eq!(paths, ["shared_config_files[0]"]);
    }
}
