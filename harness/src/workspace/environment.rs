//! Builds the environment for a command from scratch. Must not make a real account or another host reachable.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Error, Settings};

/// Variables that only `init` inherits, because only `init` accesses registries.
const NETWORK: [&str; 8] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];
/// A proxy address that never responds: the discard port on loopback.
const UNUSED_PROXY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

/// The only certificate authority that commands on loopback trust. Its key was not stored, so no other host can present a
/// valid certificate. Provider processes also start faster, because they do not parse the authorities of the operating
/// system.
const AUTHORITY: &str = include_str!("authority.pem");

/// Writes the certificate authority into the workspace at `base`.
///
/// # Errors
/// Returns an error if the file cannot be written.
pub(super) fn write_authority(base: &Utf8Path) -> Result<(), Error> {
    let path = authority(base);
    std::fs::write(&path, AUTHORITY).map_err(Error::io("write", &path))
}

fn authority(base: &Utf8Path) -> Utf8PathBuf {
    base.join("authority.pem")
}

/// Hosts that a command can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NetworkAccess {
    /// Provider registries.
    Registries,
    /// Loopback only. The proxy rejects all other hosts.
    Loopback,
}

/// Returns all variables for a command that runs in the workspace at `base`.
pub(super) fn build(
    settings: &Settings,
    base: &Utf8Path,
    reach: NetworkAccess,
) -> Result<BTreeMap<String, String>, Error> {
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: String| {
        variables.insert(name.to_owned(), value);
    };
    set("PATH", std::env::var("PATH").unwrap_or_default());
    set("LANG", "C.UTF-8".to_owned());
    set("HOME", base.join("home").into_string());
    set("TMPDIR", base.join("tmp").into_string());
    set("CHECKPOINT_DISABLE", "1".to_owned());
    // Commands are short and load schemas of 600 MB. Reducing garbage collections to a quarter saves a quarter of the
    // processor time and requires 10% more memory.
    set("GOGC", "400".to_owned());
    set("TF_CLI_CONFIG_FILE", base.join("cli.tfrc").into_string());
    set("TF_INPUT", "0".to_owned());
    if settings.trace {
        set("TF_LOG", "trace".to_owned());
        set("TF_LOG_PATH", base.join("trace.log").into_string());
    }
    // The variable is also set without an account: on a cloud instance, the metadata service would return real
    // credentials.
    set("AWS_EC2_METADATA_DISABLED", "true".to_owned());
    if let Some(cloud) = &settings.cloud {
        for (name, value) in cloud.environment() {
            set(name, value);
        }
    }
    for (name, value) in &settings.variables {
        set(&format!("TF_VAR_{name}"), value.clone());
    }
    network(settings, base, reach, &mut set);
    for (name, value) in &settings.environment {
        if let Some(reason) = is_ours(name) {
            return Err(Error::Unsafe {
                name: name.clone(),
                reason,
            });
        }
        match value {
            Some(value) => variables.insert(name.clone(), value.clone()),
            None => variables.remove(name),
        };
    }
    check(&variables, base)?;
    Ok(variables)
}

fn network(
    settings: &Settings,
    base: &Utf8Path,
    reach: NetworkAccess,
    set: &mut impl FnMut(&str, String),
) {
    match reach {
        NetworkAccess::Registries => {
            for name in NETWORK {
                if let Ok(value) = std::env::var(name) {
                    set(name, value);
                }
            }
        }
        NetworkAccess::Loopback => {
            // The gateway rejects proxy requests and records the account that sent them.
            let proxy = settings
                .cloud
                .as_ref()
                .map_or_else(|| format!("http://{UNUSED_PROXY}"), |cloud| cloud.proxy());
            set("HTTP_PROXY", proxy.clone());
            set("HTTPS_PROXY", proxy);
            set("NO_PROXY", "127.0.0.1,localhost,::1".to_owned());
            set("SSL_CERT_FILE", authority(base).into_string());
        }
    }
}

/// Returns the reason why a user of the workspace cannot set or remove a variable.
fn is_ours(name: &str) -> Option<&'static str> {
    match name.to_ascii_uppercase().as_str() {
        "HTTP_PROXY" | "HTTPS_PROXY" | "ALL_PROXY" | "NO_PROXY" => {
            Some("the proxy blocks calls to other hosts")
        }
        "HOME" => Some("another home directory can contain profiles"),
        "AWS_EC2_METADATA_DISABLED" => Some("the metadata service returns real credentials"),
        _ => None,
    }
}

/// Rejects variables that could make a real account reachable.
///
/// A profile is allowed: the home directory and the configuration files are in the workspace, so only the workspace can
/// define it.
fn check(variables: &BTreeMap<String, String>, base: &Utf8Path) -> Result<(), Error> {
    for (name, value) in variables {
        let refused = if name.starts_with("AWS_ENDPOINT_URL") {
            (!is_loopback(value)).then_some("an endpoint must use a loopback address")
        } else if name == "AWS_ACCESS_KEY_ID" {
            let account = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
            (!account).then_some("an access key must be a 12-digit local account ID")
        } else if name == "AWS_CONFIG_FILE" || name == "AWS_SHARED_CREDENTIALS_FILE" {
            (!Utf8Path::new(value).starts_with(base))
                .then_some("a configuration file must be in the workspace")
        } else if [
            "AWS_SESSION_TOKEN",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_ROLE_ARN",
        ]
        .contains(&name.as_str())
            || name.starts_with("AWS_CONTAINER_")
        {
            Some("other sources of credentials are not allowed")
        } else {
            None
        };
        if let Some(reason) = refused {
            return Err(Error::Unsafe {
                name: name.clone(),
                reason,
            });
        }
    }
    if variables.contains_key("AWS_ACCESS_KEY_ID") && !variables.contains_key("AWS_ENDPOINT_URL") {
        return Err(Error::Unsafe {
            name: "AWS_ENDPOINT_URL".to_owned(),
            reason: "an access key requires a local endpoint",
        });
    }
    Ok(())
}

fn is_loopback(url: &str) -> bool {
    let uri: Result<hyper::Uri, _> = url.parse();
    let host = uri.ok().and_then(|uri| uri.host().map(str::to_owned));
    host.is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse()
                .is_ok_and(|ip: IpAddr| ip.is_loopback())
    })
}
