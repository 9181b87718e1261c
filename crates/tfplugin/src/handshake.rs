//! Handshake between the host and the provider: the environment variables that the host sets, and the line that the provider
//! prints.
//!
//! No other module in this crate reads the environment or writes to standard output.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::listen::{Address, ListenOptions};

/// Major version of the plugin protocol that this crate implements.
pub(crate) const PROTOCOL: u16 = 6;

const COOKIE: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Unparsed environment variables that configure how a provider serves and logs. An empty variable is treated as unset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// `TF_PLUGIN_MAGIC_COOKIE`, which identifies a host.
    pub(crate) cookie: Option<String>,
    /// `PLUGIN_PROTOCOL_VERSIONS`, the major protocol versions that the host supports, separated by commas.
    pub(crate) protocol_versions: Option<String>,
    /// `PLUGIN_CLIENT_CERT`, the certificate of the host in PEM format. It is set only if the host requests mutual TLS.
    pub(crate) client_certificate: Option<String>,
    /// `PLUGIN_MIN_PORT`, the first TCP port to try.
    pub(crate) min_port: Option<String>,
    /// `PLUGIN_MAX_PORT`, the last TCP port to try.
    pub(crate) max_port: Option<String>,
    /// `PLUGIN_NETWORK`, which is specific to this crate. `tcp` requests a loopback port instead of a socket file.
    pub(crate) network: Option<String>,
    /// `PLUGIN_UNIX_SOCKET_DIR`, the directory for the socket file. Defaults to the temporary directory.
    pub(crate) socket_directory: Option<String>,
    /// `PLUGIN_UNIX_SOCKET_GROUP`, the ID of a group that can also use the socket.
    pub(crate) socket_group: Option<String>,
    /// `PLUGIN_MULTIPLEX_GRPC`, which is set if the host supports a seventh field in the handshake line.
    pub(crate) multiplex: Option<String>,
    /// The first of the variables `TF_LOG_PROVIDER_<NAME>`, `TF_LOG_PROVIDER`, and `TF_LOG` that is set.
    pub(crate) log: Option<String>,
    /// Directory for temporary files.
    pub(crate) temporary: PathBuf,
}

impl Environment {
    /// Reads the environment of this process, for a provider with the specified source address (`namespace/name`).
    pub(crate) fn of_process(address: &str) -> Self {
        Self {
            temporary: std::env::temp_dir(),
            ..Self::from_variables(address, |name| std::env::var_os(name))
        }
    }

    /// Reads an environment with the function `variable`. The temporary directory remains empty.
    pub(crate) fn from_variables(
        address: &str,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let text = |name: &str| {
            variable(name)
                .map(|value| value.to_string_lossy().into_owned())
                .filter(|value| !value.is_empty())
        };
        let name = address.rsplit('/').next().unwrap_or(address);
        let own_log = format!("TF_LOG_PROVIDER_{}", name.to_uppercase().replace('-', "_"));
        Self {
            cookie: text(COOKIE),
            protocol_versions: text("PLUGIN_PROTOCOL_VERSIONS"),
            client_certificate: text("PLUGIN_CLIENT_CERT"),
            min_port: text("PLUGIN_MIN_PORT"),
            max_port: text("PLUGIN_MAX_PORT"),
            network: text("PLUGIN_NETWORK"),
            socket_directory: text("PLUGIN_UNIX_SOCKET_DIR"),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP"),
            multiplex: text("PLUGIN_MULTIPLEX_GRPC"),
            log: text(&own_log)
                .or_else(|| text("TF_LOG_PROVIDER"))
                .or_else(|| text("TF_LOG")),
            temporary: PathBuf::new(),
        }
    }

    /// Checks that a host started this process.
    ///
    /// # Errors
    /// Returns an error if the cookie is missing or has an unexpected value.
    pub(crate) fn require_host(&self) -> Result<(), HandshakeError> {
        match self.cookie.as_deref() {
            Some(COOKIE_VALUE) => Ok(()),
            Some(_) => Err(HandshakeError::WrongCookie),
            None => Err(HandshakeError::NoHost),
        }
    }

    /// Returns the options for the listener.
    ///
    /// # Errors
    /// Returns an error if a port or group is not a number, or if the range of ports is empty.
    pub(crate) fn listen_options(&self) -> Result<ListenOptions, HandshakeError> {
        Ok(ListenOptions {
            tcp: self.network.as_deref() == Some("tcp"),
            directory: self
                .socket_directory
                .as_ref()
                .map_or_else(|| self.temporary.clone(), PathBuf::from),
            group: number("PLUGIN_UNIX_SOCKET_GROUP", self.socket_group.as_deref())?,
            ports: self.ports()?,
        })
    }

    fn ports(&self) -> Result<RangeInclusive<u16>, HandshakeError> {
        let min = number("PLUGIN_MIN_PORT", self.min_port.as_deref())?.unwrap_or(0);
        let max = number("PLUGIN_MAX_PORT", self.max_port.as_deref())?.unwrap_or(min);
        if min > max {
            return Err(HandshakeError::NoPort { min, max });
        }
        Ok(min..=max)
    }

    /// Returns warnings about the host. They do not prevent the provider from serving.
    ///
    /// A host that supports no common protocol version still receives the handshake line, because only the host can report
    /// the mismatch to the user.
    pub(crate) fn notices(&self, protocol: u16) -> Vec<Notice> {
        let mut notices = Vec::new();
        if let Some(offered) = &self.protocol_versions {
            let spoken = offered
                .split(',')
                .any(|major| major.trim().parse() == Ok(protocol));
            if !spoken {
                notices.push(Notice::HostTooOld {
                    protocol,
                    offered: offered.clone(),
                });
            }
        }
        if self.client_certificate.is_none() {
            notices.push(Notice::NoTls);
        }
        notices
    }
}

fn number<T: std::str::FromStr>(
    variable: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, HandshakeError> {
    text.map(|text| {
        text.parse().map_err(|_| HandshakeError::NotANumber {
            variable,
            value: text.to_owned(),
        })
    })
    .transpose()
}

/// Error that prevents the process from serving.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum HandshakeError {
    /// The cookie is missing, which means that a user started the program.
    #[error(
        "this program is a provider plugin and is not intended to be run directly: Terraform and OpenTofu start it when \
         a configuration requires it (to attach them to a running provider, start the provider with --debug)"
    )]
    NoHost,
    /// The cookie has an unexpected value.
    #[error(
        "this program is a provider plugin for Terraform and OpenTofu, but the value of TF_PLUGIN_MAGIC_COOKIE shows \
         that another program started it: let Terraform or OpenTofu start it"
    )]
    WrongCookie,
    /// A variable is not a number in the allowed range.
    #[error("{variable} must be an integer in the valid range, but is {value:?}")]
    NotANumber {
        /// Name of the variable.
        variable: &'static str,
        /// Value of the variable.
        value: String,
    },
    /// The port range is empty.
    #[error("PLUGIN_MIN_PORT ({min}) must not be greater than PLUGIN_MAX_PORT ({max})")]
    NoPort {
        /// First allowed port.
        min: u16,
        /// Last allowed port.
        max: u16,
    },
}

/// Warning about the host, which consists of one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The host does not support the protocol version that this crate implements.
    HostTooOld {
        /// Major version that the provider implements.
        protocol: u16,
        /// Major versions that the host supports.
        offered: String,
    },
    /// The host does not use TLS.
    NoTls,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostTooOld { protocol, offered } => write!(
                f,
                "This provider requires plugin protocol {protocol}, but the host that started it supports only \
                 {offered}. Use Terraform or OpenTofu 1.11 or later."
            ),
            Self::NoTls => f.write_str(
                "The host disabled TLS (TF_DISABLE_PLUGIN_TLS), so other processes of this user can call this \
                 provider. Set the variable only for tests.",
            ),
        }
    }
}

/// Handshake line, which specifies how a host connects: `1|6|unix|plugin-1-0|grpc|<certificate>`.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// Major version of the plugin protocol.
    pub(crate) protocol: u16,
    /// Address on which the provider listens.
    pub(crate) address: &'a Address,
    /// Certificate of the provider. `None` if TLS is not used.
    pub(crate) certificate: Option<&'a CertificateDer<'static>>,
    /// Whether to add the seventh field. Hosts that did not request the field cannot parse it.
    pub(crate) multiplex: bool,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "1|{}|{}|{}|grpc|",
            self.protocol,
            self.address.network(),
            self.address
        )?;
        if let Some(certificate) = self.certificate {
            f.write_str(&STANDARD_NO_PAD.encode(certificate))?;
        }
        if self.multiplex {
            f.write_str("|false")?;
        }
        Ok(())
    }
}

/// Writes the [`Line`], the reattach instructions, or the startup error to standard output. Called once per process.
///
/// # Errors
/// Returns an error if standard output cannot be written.
pub(crate) fn announce(line: &impl fmt::Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::from_variables("registry.terraform.io/skreg/my-cloud", |name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn only_the_magic_cookie_identifies_a_host() {
        assert_eq!(environment(&[]).require_host(), Err(HandshakeError::NoHost));
        assert_eq!(
            environment(&[(COOKIE, "1")]).require_host(),
            Err(HandshakeError::WrongCookie)
        );
        assert_eq!(
            environment(&[(COOKIE, COOKIE_VALUE)]).require_host(),
            Ok(())
        );
    }

    #[test]
    fn supported_protocol_version_is_found_at_any_position() {
        let notices = |versions| {
            environment(&[
                ("PLUGIN_PROTOCOL_VERSIONS", versions),
                ("PLUGIN_CLIENT_CERT", "x"),
            ])
            .notices(PROTOCOL)
        };
        assert_eq!(notices("6,5"), []);
        assert_eq!(notices("5, 6"), []);
        assert_eq!(notices("x,6"), []);
        assert_eq!(
            notices("4,5"),
            [Notice::HostTooOld {
                protocol: PROTOCOL,
                offered: "4,5".into()
            }]
        );
        assert_eq!(environment(&[]).notices(PROTOCOL), [Notice::NoTls]);
    }

    #[test]
    fn ports_must_be_a_valid_range() {
        let options = |min, max| {
            environment(&[("PLUGIN_MIN_PORT", min), ("PLUGIN_MAX_PORT", max)]).listen_options()
        };
        assert_eq!(
            options("10000", "25000").expect("a range").ports,
            10_000..=25_000
        );
        assert_eq!(options("", "").expect("any port").ports, 0..=0);
        assert!(matches!(
            options("2", "1"),
            Err(HandshakeError::NoPort { min: 2, max: 1 })
        ));
        assert!(matches!(
            options("70000", ""),
            Err(HandshakeError::NotANumber {
                variable: "PLUGIN_MIN_PORT",
                ..
            })
        ));
    }

    #[test]
    fn most_specific_log_variable_takes_precedence() {
        let all = [
            ("TF_LOG_PROVIDER_MY_CLOUD", "trace"),
            ("TF_LOG_PROVIDER", "info"),
            ("TF_LOG", "error"),
        ];
        assert_eq!(environment(&all).log.as_deref(), Some("trace"));
        assert_eq!(environment(&all[1..]).log.as_deref(), Some("info"));
        assert_eq!(environment(&all[2..]).log.as_deref(), Some("error"));
        assert_eq!(environment(&[("TF_LOG", "")]).log, None);
    }

    /// docs/protocol.md, "Handshake line".
    ///
    /// The certificate is DER in unpadded base64. Only hosts that request the seventh field receive it.
    #[test]
    fn handshake_line_has_the_fields_that_hosts_parse() {
        let address = Address::Tcp(([127, 0, 0, 1], 10_000).into());
        let certificate = CertificateDer::from(vec![0xfb, 0xff, 0xfe, 0x01]);
        let line = |certificate, multiplex| {
            Line {
                protocol: PROTOCOL,
                address: &address,
                certificate,
                multiplex,
            }
            .to_string()
        };
        assert_eq!(
            line(Some(&certificate), false),
            "1|6|tcp|127.0.0.1:10000|grpc|+//+AQ"
        );
        assert_eq!(line(None, false), "1|6|tcp|127.0.0.1:10000|grpc|");
        assert_eq!(line(None, true), "1|6|tcp|127.0.0.1:10000|grpc||false");
    }
}
