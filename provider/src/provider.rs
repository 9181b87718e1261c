//! The provider: configuration, resource types, data sources, functions, and their shared connection.

use jiff::Timestamp;
use tfplugin::{Configure, Configured, Diagnostics, Provider};

use crate::aws::Connection;
use crate::config::{ProviderConfig, ProviderConfigPlan, default_tags_of, validate};
use crate::data_sources::pki::certificate::Certificates;
use crate::data_sources::pki::certificate_request::CertificateRequests;
use crate::data_sources::pki::crl::Crls;
use crate::ephemerals::pki::private_key::PrivateKeys;
use crate::functions::{CsrParse, PemBundle, X509ChainVerify, X509Fingerprint, X509Parse};
use crate::pki::SystemEntropy;
use crate::resources::ecs::service_bundle::ServiceBundles;
use crate::resources::identities::Identities;
use crate::resources::pki::certificate::LeafCertificates;
use crate::resources::pki::crl::RevocationLists;
use crate::resources::pki::cross_certificate::CrossCertificates;
use crate::resources::pki::intermediate_ca::IntermediateCas;
use crate::resources::pki::root_ca::RootCas;
use crate::resources::pki::trust_bundle::TrustBundles;

/// Source address with the default host that Terraform and OpenTofu use for `skreg/skreg`.
pub const ADDRESS: &str = "registry.terraform.io/skreg/skreg";

/// Version of the provider.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Returns the provider.
#[must_use]
pub fn provider() -> Provider {
    let connection = Configured::new();
    let identities = Identities::default();
    let identities_of_last_run = identities.clone();
    Provider::new("skreg", VERSION)
        .configure(&connection, move |request| {
            identities_of_last_run.clear();
            connect(request)
        })
        .validate::<ProviderConfig>(validate)
        .resource(RootCas::new(
            connection.clone(),
            Timestamp::now,
            SystemEntropy,
            identities.clone(),
        ))
        .resource(RevocationLists::new(connection.clone(), Timestamp::now))
        .resource(TrustBundles::new(connection.clone(), Timestamp::now))
        .resource(IntermediateCas::new(
            connection.clone(),
            Timestamp::now,
            SystemEntropy,
            identities.clone(),
        ))
        .resource(LeafCertificates::new(
            connection.clone(),
            Timestamp::now,
            SystemEntropy,
            identities.clone(),
        ))
        .resource(CrossCertificates::new(
            connection.clone(),
            Timestamp::now,
            SystemEntropy,
        ))
        .resource(ServiceBundles::new(connection.clone(), identities))
        .ephemeral_resource(PrivateKeys::new(connection.clone()))
        .data_source(Certificates::new(connection, Timestamp::now))
        .data_source(CertificateRequests)
        .data_source(Crls::new(Timestamp::now))
        .function(X509Parse)
        .function(X509Fingerprint)
        .function(X509ChainVerify)
        .function(CsrParse)
        .function(PemBundle)
}

/// Stores the configuration without calling AWS, because its values can be unknown during planning, and because not
/// every operation requires a connection.
async fn connect(request: Configure<ProviderConfig>) -> Result<Connection, Diagnostics> {
    connection(request.config)
}

fn connection(config: ProviderConfigPlan) -> Result<Connection, Diagnostics> {
    let default_tags = default_tags_of(&config);
    match ProviderConfig::of(config) {
        Ok(config) => Ok(Connection::new(config.settings())),
        Err(error) if error.is_unknown() => {
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
    async fn unknown_values_defer_the_connection_and_invalid_values_fail() {
        let unknown = ProviderConfigPlan {
            region: Planned::Unknown,
            ..ProviderConfigPlan::default()
        };
        let connection = |config| match super::connection(config) {
            Ok(connection) => connection,
            Err(errors) => panic!("{errors:?}"),
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
        let errors = super::connection(null).err().expect("an error");
        let paths: Vec<String> = errors.iter().map(|found| found.path.to_string()).collect();
        assert_eq!(paths, ["shared_config_files[0]"]);
    }
}
