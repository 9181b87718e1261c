//! Checks endpoint URLs. Key material must never be sent unencrypted.
//!
//! Requests to Secrets Manager carry private keys, and KMS returns the public keys that the provider certifies, so
//! `http://` is rejected for these services unless the host is a loopback address. The client performs the check,
//! because it knows the endpoint of every request regardless of its source: the provider block, `AWS_ENDPOINT_URL`,
//! `AWS_ENDPOINT_URL_SECRETS_MANAGER`, or `endpoint_url` in the shared files. A rejected request is not sent.

use std::net::IpAddr;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Error for a request that would send unencrypted key material to another machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint http://{host} is neither encrypted nor a loopback address")]
pub struct PlaintextEndpoint {
    /// Host of the endpoint.
    pub host: String,
}

/// Checks that key material can be sent to a URL.
///
/// # Errors
/// Returns an error if the scheme is `http` and the host is not a loopback address.
pub fn check_encrypted(url: &str) -> Result<(), PlaintextEndpoint> {
    let scheme_end = url.find("://").unwrap_or_default();
    if !url[..scheme_end].eq_ignore_ascii_case("http") {
        return Ok(());
    }
    let host = host_of(url).unwrap_or_default();
    if is_loopback(host) {
        return Ok(());
    }
    Err(PlaintextEndpoint {
        host: host.to_owned(),
    })
}

/// Returns whether a string is a URL with a host.
#[must_use]
pub fn is_url(text: &str) -> bool {
    let scheme = text.starts_with("http://") || text.starts_with("https://");
    let host = host_of(text).is_some_and(|host| !host.is_empty());
    scheme && host && !text.contains(char::is_whitespace)
}

/// Returns the host in a URL, without user, port, and brackets.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let (_, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next(),
        None => host.split(':').next(),
    }
}

/// Returns whether a host is a loopback address. Subdomains of `localhost` resolve to loopback addresses (RFC 6761
/// section 6.3).
fn is_loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let address = host.parse::<IpAddr>();
    address.is_ok_and(|address| address.is_loopback())
        || host == "localhost"
        || host.ends_with(".localhost")
}

/// Interceptor that rejects every request whose endpoint fails [`check_encrypted`].
#[derive(Debug)]
pub(super) struct EncryptedOnly;

#[dyn_dispatch_hint]
impl Intercept for EncryptedOnly {
    fn name(&self) -> &'static str {
        "EncryptedOnly"
    }

    fn read_before_signing(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        check_encrypted(context.request().uri()).map_err(BoxError::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_with_a_host() {
        for good in ["http://127.0.0.1:4566", "https://x", "https://[::1]:1/a"] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "127.0.0.1:4566",
            "http://",
            "http:///x",
            "ftp://x",
            "http://a b",
            "http://:80",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn unencrypted_endpoints_on_other_hosts_are_rejected() {
        for good in [
            "https://secretsmanager.eu-central-1.amazonaws.com",
            "https://example.test",
            "http://127.0.0.1:4566",
            "http://127.8.8.8",
            "http://[::1]:4566/x",
            "http://localhost:4566",
            "http://aws.localhost",
            "http://user@localhost/",
        ] {
            assert_eq!(check_encrypted(good), Ok(()), "{good}");
        }
        for (bad, host) in [
            ("http://example.test", "example.test"),
            ("HTTP://example.test", "example.test"),
            ("http://10.0.0.1:4566", "10.0.0.1"),
            ("http://127.0.0.1@example.test/", "example.test"),
            ("http://127.0.0.1.example.test", "127.0.0.1.example.test"),
            ("http://example.test#@127.0.0.1", "example.test"),
            ("http://example.test\\@127.0.0.1", "example.test"),
            ("http://localhost.example.test", "localhost.example.test"),
            ("http://[fe80::1]", "fe80::1"),
            ("http://0.0.0.0", "0.0.0.0"),
        ] {
            let refused = check_encrypted(bad).err().map(|refused| refused.host);
            assert_eq!(refused.as_deref(), Some(host), "{bad}");
        }
    }
}
