//! What host and provider tell each other before the first call: the variables that the host sets, and the one line
//! that the provider prints.
//!
//! This is the only place of the crate that reads the environment, and the only one that writes to standard output.
//! It opens nothing and decides nothing about the calls that follow.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::listen::{Address, Place};

/// The major version of the plugin protocol that this crate serves.
pub(crate) const PROTOCOL: u16 = 6;

const COOKIE: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The variables that say how a provider is to serve and log, each as it was found; an empty one counts as unset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// `TF_PLUGIN_MAGIC_COOKIE`, by which a host shows that it is one.
    pub(crate) cookie: Option<String>,
    /// `PLUGIN_PROTOCOL_VERSIONS`, the majors that the host speaks, separated by commas.
    pub(crate) protocol_versions: Option<String>,
    /// `PLUGIN_CLIENT_CERT`, the host's certificate in PEM; present exactly when mutual TLS is requested.
    pub(crate) client_certificate: Option<String>,
    /// `PLUGIN_MIN_PORT`, the first port to try, where TCP is used.
    pub(crate) min_port: Option<String>,
    /// `PLUGIN_MAX_PORT`, the last port to try, where TCP is used.
    pub(crate) max_port: Option<String>,
    /// `PLUGIN_NETWORK`, our own: `tcp` asks for a loopback port where a socket file would be made.
    pub(crate) network: Option<String>,
    /// `PLUGIN_UNIX_SOCKET_DIR`, where the socket file goes instead of the temporary directory.
    pub(crate) socket_directory: Option<String>,
    /// `PLUGIN_UNIX_SOCKET_GROUP`, the id of the group that may use the socket too.
    pub(crate) socket_group: Option<String>,
    /// `PLUGIN_MULTIPLEX_GRPC`, set when the host understands a seventh field of the line.
    pub(crate) multiplex: Option<String>,
    /// The first set one of `TF_LOG_PROVIDER_<NAME>`, `TF_LOG_PROVIDER` and `TF_LOG`.
    pub(crate) log: Option<String>,
    /// Directory for temporary files.
    pub(crate) temporary: PathBuf,
}

impl Environment {
    /// Reads the environment of this process, for the provider of that source address (`namespace/name`).
    pub(crate) fn of_process(address: &str) -> Self {
        Self {
            temporary: std::env::temp_dir(),
            ..Self::from_variables(address, |name| std::env::var_os(name))
        }
    }

    /// Reads an environment through `variable`; the temporary directory is left empty.
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
    /// When the cookie is missing or is another one.
    pub(crate) fn require_host(&self) -> Result<(), HandshakeError> {
        match self.cookie.as_deref() {
            Some(COOKIE_VALUE) => Ok(()),
            Some(_) => Err(HandshakeError::WrongCookie),
            None => Err(HandshakeError::NoHost),
        }
    }

    /// Says where to listen.
    ///
    /// # Errors
    /// When a port or a group is not a number, or the range of ports is empty.
    pub(crate) fn place(&self) -> Result<Place, HandshakeError> {
        Ok(Place {
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

    /// What the host's operator should know although it stops nothing here.
    ///
    /// A host that speaks no version of ours still gets its line: it is the one that can tell its user.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        if let Some(offered) = &self.protocol_versions {
            let spoken = offered
                .split(',')
                .any(|major| major.trim().parse() == Ok(PROTOCOL));
            if !spoken {
                notices.push(Notice::HostTooOld {
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

/// Why a process does not begin to serve.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum HandshakeError {
    /// No cookie: a person started the program.
    #[error(
        "this program is a provider plugin and is not run by hand: Terraform or OpenTofu starts it when a \
         configuration requires it (start it with --debug to attach one of them to it)"
    )]
    NoHost,
    /// A cookie of something else.
    #[error(
        "this program is a provider plugin of Terraform and OpenTofu, and the value of TF_PLUGIN_MAGIC_COOKIE shows \
         that another program started it: let Terraform or OpenTofu start it"
    )]
    WrongCookie,
    /// A variable that must hold a number.
    #[error("{variable} must be a number that fits, and is {value:?}")]
    NotANumber {
        /// Name of the variable.
        variable: &'static str,
        /// What it holds.
        value: String,
    },
    /// An empty range of ports.
    #[error(
        "PLUGIN_MIN_PORT {min} is above PLUGIN_MAX_PORT {max}, which leaves no port to listen on"
    )]
    NoPort {
        /// First port allowed.
        min: u16,
        /// Last port allowed.
        max: u16,
    },
}

/// Something to know about the host; its text is one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The host speaks none of our protocol versions.
    HostTooOld {
        /// The majors that the host speaks.
        offered: String,
    },
    /// The host asked for no TLS.
    NoTls,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostTooOld { offered } => write!(
                f,
                "This provider speaks plugin protocol {PROTOCOL}, and the host that started it only {offered}: use \
                 Terraform 1.11 or OpenTofu 1.11, or later."
            ),
            Self::NoTls => f.write_str(
                "The host asked for no TLS (TF_DISABLE_PLUGIN_TLS), so other processes of this user can call this \
                 provider: unset the variable outside of experiments.",
            ),
        }
    }
}

/// The line by which a host learns where and how to call:
/// `1|6|unix|plugin-1-0|grpc|<certificate>`.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// Where the provider listens.
    pub(crate) address: &'a Address,
    /// The certificate it will show; none without TLS.
    pub(crate) certificate: Option<&'a CertificateDer<'static>>,
    /// Whether to add the seventh field; hosts that did not ask for it cannot read it.
    pub(crate) multiplex: bool,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "1|{PROTOCOL}|{}|{}|grpc|",
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

/// Writes to standard output, once in the life of the process: the [`Line`], the reattach text, or why neither came.
///
/// # Errors
/// When standard output cannot be written.
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
    fn only_the_cookie_of_terraform_is_a_host() {
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
    fn the_newest_common_version_is_found_in_any_order() {
        let notices = |versions| {
            environment(&[
                ("PLUGIN_PROTOCOL_VERSIONS", versions),
                ("PLUGIN_CLIENT_CERT", "x"),
            ])
            .notices()
        };
        assert_eq!(notices("6,5"), []);
        assert_eq!(notices("5, 6"), []);
        assert_eq!(notices("x,6"), []);
        assert_eq!(
            notices("4,5"),
            [Notice::HostTooOld {
                offered: "4,5".into()
            }]
        );
        assert_eq!(environment(&[]).notices(), [Notice::NoTls]);
    }

    #[test]
    fn ports_are_a_range_of_numbers() {
        let place =
            |min, max| environment(&[("PLUGIN_MIN_PORT", min), ("PLUGIN_MAX_PORT", max)]).place();
        assert_eq!(
            place("10000", "25000").expect("a range").ports,
            10_000..=25_000
        );
        assert_eq!(place("", "").expect("any port").ports, 0..=0);
        assert!(matches!(
            place("2", "1"),
            Err(HandshakeError::NoPort { min: 2, max: 1 })
        ));
        assert!(matches!(
            place("70000", ""),
            Err(HandshakeError::NotANumber {
                variable: "PLUGIN_MIN_PORT",
                ..
            })
        ));
    }

    #[test]
    fn the_most_specific_log_variable_wins() {
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
    /// Unpadded base64 of the DER; and a field more only for hosts that asked for it.
    #[test]
    fn the_line_has_the_shape_that_hosts_split() {
        let address = Address::Tcp(([127, 0, 0, 1], 10_000).into());
        let certificate = CertificateDer::from(vec![0xfb, 0xff, 0xfe, 0x01]);
        let line = |certificate, multiplex| {
            Line {
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
