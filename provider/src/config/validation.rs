//! Validation of the provider block beyond the single-attribute validators. Unknown values are accepted.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{EndpointsPlan, ProviderConfig, ProviderConfigPlan};
use crate::aws::diagnostics::{reserved_tag, root_key_tag};
use crate::aws::endpoint::check_encrypted;
use crate::aws::tags::{ROOT_KEY_TAG, is_reserved_tag};

/// Returns the errors in a provider block that the single-attribute validators cannot detect. Unknown values are
/// accepted.
#[must_use]
pub fn validate(config: ProviderConfigPlan) -> Diagnostics {
    let mut found = Diagnostics::new();
    found.extend(validate_credentials(&config));
    found.extend(validate_web_identity(&config));
    found.extend(validate_endpoints(config.endpoints.known()));
    let tags = config.default_tags.known().map(|block| &block.tags);
    let path = ProviderConfig::paths().default_tags().tags();
    for key in tags
        .and_then(Planned::known)
        .into_iter()
        .flat_map(BTreeMap::keys)
    {
        if is_reserved_tag(key) {
            found.push(reserved_tag(key, path.key(key)));
        }
        if key == ROOT_KEY_TAG {
            found.push(root_key_tag(path.key(key)));
        }
    }
    found
}

fn validate_credentials(config: &ProviderConfigPlan) -> Vec<Diagnostic> {
    let paths = ProviderConfig::paths();
    let mut found = Vec::new();
    let (access, secret) = (&config.access_key, &config.secret_key);
    if access.known().is_some() && secret.is_null() {
        let detail = "access_key requires secret_key. Set secret_key too, or remove access_key and set both keys in the environment.";
        found.push(
            Diagnostic::error("Access key without a secret key", detail).at(paths.access_key()),
        );
    }
    if secret.known().is_some() && access.is_null() {
        let detail = "secret_key requires access_key. Set access_key too, or remove secret_key and set both keys in the environment.";
        found.push(
            Diagnostic::error("Secret key without an access key", detail).at(paths.secret_key()),
        );
    }
    if config.token.known().is_some() && access.is_null() {
        let detail = "token requires access_key and secret_key. Set both, or remove token.";
        found.push(
            Diagnostic::error("Session token without an access key", detail).at(paths.token()),
        );
    }
    if access.known().is_some() && config.profile.known().is_some() {
        let detail = "access_key and profile both specify credentials. Remove one of them.";
        found.push(Diagnostic::error("Conflicting credential sources", detail).at(paths.profile()));
    }
    if access.known().is_some() && config.assume_role_with_web_identity.known().is_some() {
        let detail = "Assuming a role with a web identity does not use an access key. Remove access_key and \
                      secret_key, or use assume_role.";
        let path = paths.assume_role_with_web_identity();
        found.push(Diagnostic::error("Conflicting credential sources", detail).at(path));
    }
    found
}

fn validate_web_identity(config: &ProviderConfigPlan) -> Option<Diagnostic> {
    let role = config.assume_role_with_web_identity.known()?;
    let paths = ProviderConfig::paths().assume_role_with_web_identity();
    let (token, file) = (&role.web_identity_token, &role.web_identity_token_file);
    if token.is_null() && file.is_null() {
        let detail =
            "Set web_identity_token_file to the path of the token file, or set web_identity_token.";
        return Some(Diagnostic::error("Web identity token is missing", detail).at(paths));
    }
    if token.known().is_some() && file.known().is_some() {
        let detail = "Set either web_identity_token or web_identity_token_file, not both.";
        return Some(
            Diagnostic::error("Conflicting web identity tokens", detail)
                .at(paths.web_identity_token_file()),
        );
    }
    None
}

fn validate_endpoints(endpoints: Option<&EndpointsPlan>) -> Vec<Diagnostic> {
    let Some(endpoints) = endpoints else {
        return Vec::new();
    };
    let both = endpoints
        .elbv2
        .known()
        .and(endpoints.elasticloadbalancingv2.known());
    let detail = "elbv2 and elasticloadbalancingv2 specify the same service. Remove one of them.";
    let path = ProviderConfig::paths().endpoints().elasticloadbalancingv2();
    let twice =
        both.map(|_| Diagnostic::error("Duplicate service endpoint", detail).at(path.clone()));
    let paths = ProviderConfig::paths().endpoints();
    let kms = "Responses from KMS contain the public keys that the provider certifies.";
    let secrets = "Requests to Secrets Manager contain private keys.";
    let plaintext = [
        (&endpoints.kms, paths.kms(), kms),
        (&endpoints.secretsmanager, paths.secretsmanager(), secrets),
    ];
    let plaintext = plaintext.into_iter().filter_map(|(url, path, reason)| {
        let error = check_encrypted(url.known()?).err()?;
        let detail = format!(
            "{error}. {reason} Use https:// or a loopback address, such as http://127.0.0.1:4566."
        );
        Some(Diagnostic::error("Endpoint is not encrypted", detail).at(path))
    });
    twice.into_iter().chain(plaintext).collect()
}
