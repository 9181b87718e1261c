//! What is refused in a provider block beyond the validators of single attributes. Unknown values pass.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{EndpointsPlan, ProviderConfig, ProviderConfigPlan};
use crate::aws::diagnostics::{reserved_tag, root_key_tag};
use crate::aws::endpoint::check_encrypted;
use crate::aws::tags::{ROOT_KEY_TAG, is_reserved_tag};

/// What is refused in a provider block, beyond the validators of single attributes. Unknown values pass.
#[must_use]
pub fn refusals(config: ProviderConfigPlan) -> Diagnostics {
    let mut found = Diagnostics::new();
    found.extend(refused_keys(&config));
    found.extend(refused_web_identity(&config));
    found.extend(refused_endpoints(config.endpoints.known()));
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

fn refused_keys(config: &ProviderConfigPlan) -> Vec<Diagnostic> {
    let paths = ProviderConfig::paths();
    let mut found = Vec::new();
    let (access, secret) = (&config.access_key, &config.secret_key);
    if access.known().is_some() && secret.is_null() {
        let detail = "access_key and secret_key belong together. Set secret_key too, or leave both to the environment.";
        found.push(
            Diagnostic::error("Access key without its secret", detail).at(paths.access_key()),
        );
    }
    if secret.known().is_some() && access.is_null() {
        let detail = "access_key and secret_key belong together. Set access_key too, or leave both to the environment.";
        found.push(Diagnostic::error("Secret key without its id", detail).at(paths.secret_key()));
    }
    if config.token.known().is_some() && access.is_null() {
        let detail = "A session token belongs to an access key. Set access_key and secret_key too, or remove token.";
        found.push(
            Diagnostic::error("Session token without an access key", detail).at(paths.token()),
        );
    }
    if access.known().is_some() && config.profile.known().is_some() {
        let detail = "access_key and profile both name credentials, and only one can be used. Remove one of them.";
        found.push(Diagnostic::error("Two sources of credentials", detail).at(paths.profile()));
    }
    if access.known().is_some() && config.assume_role_with_web_identity.known().is_some() {
        let detail = "A role that is assumed with a web identity needs no access key. Remove access_key and secret_key, \
                      or use assume_role.";
        let path = paths.assume_role_with_web_identity();
        found.push(Diagnostic::error("Two sources of credentials", detail).at(path));
    }
    found
}

fn refused_web_identity(config: &ProviderConfigPlan) -> Option<Diagnostic> {
    let role = config.assume_role_with_web_identity.known()?;
    let paths = ProviderConfig::paths().assume_role_with_web_identity();
    let (token, file) = (&role.web_identity_token, &role.web_identity_token_file);
    if token.is_null() && file.is_null() {
        let detail =
            "Set web_identity_token_file, the file that holds the token, or web_identity_token.";
        return Some(Diagnostic::error("No web identity token", detail).at(paths));
    }
    if token.known().is_some() && file.known().is_some() {
        let detail = "Set either web_identity_token or web_identity_token_file, not both.";
        return Some(
            Diagnostic::error("Two web identity tokens", detail)
                .at(paths.web_identity_token_file()),
        );
    }
    None
}

fn refused_endpoints(endpoints: Option<&EndpointsPlan>) -> Vec<Diagnostic> {
    let Some(endpoints) = endpoints else {
        return Vec::new();
    };
    let both = endpoints
        .elbv2
        .known()
        .and(endpoints.elasticloadbalancingv2.known());
    let detail =
        "elbv2 and elasticloadbalancingv2 are names of the same service. Keep one of them.";
    let path = ProviderConfig::paths().endpoints().elasticloadbalancingv2();
    let twice =
        both.map(|_| Diagnostic::error("Two endpoints of one service", detail).at(path.clone()));
    let secrets = endpoints.secretsmanager.known();
    let plaintext = secrets.and_then(|url| check_encrypted(url).err());
    let path = ProviderConfig::paths().endpoints().secretsmanager();
    let plaintext = plaintext.map(|error| {
        let detail = format!(
            "{error}. Requests to Secrets Manager carry private keys. Use https://, or an address on loopback such as \
             http://127.0.0.1:4566."
        );
        Diagnostic::error("Endpoint is not encrypted", detail).at(path)
    });
    twice.into_iter().chain(plaintext).collect()
}
