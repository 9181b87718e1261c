//! Provider processes as hosts start, call and end them: handshake, TLS, signals, logs.

use crate::host::{COOKIE, Host, Identity, Line, log_lines};
use tfplugin_proto::bytes::Bytes;
use tfplugin_proto::plugin::Empty;
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tfplugin_proto::tfplugin6::{RawState, stop_provider, upgrade_resource_state};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tonic::transport::Channel;

const EXAMPLE: &str = "hello";

/// Whether a call reaches the provider and comes back.
async fn answers(channel: &Channel) -> bool {
    let request = stop_provider::Request {};
    let answer = ProviderClient::new(channel.clone())
        .stop_provider(request)
        .await;
    answer.is_ok_and(|answer| answer.into_inner().error.is_empty())
}

async fn hosted(more: &[(&str, &str)]) -> (Host, Line, Channel) {
    let identity = Identity::new();
    let mut host = Host::start_hosted(EXAMPLE, &identity, more);
    let line = Line::parse(&host.line().await);
    let channel = line
        .connect_tls(Some(&identity))
        .await
        .expect("the right client connects");
    (host, line, channel)
}

/// docs/protocol.md, "Mutual TLS".
///
/// The client's certificate is an authority with a P-521 key; it is taken, and nobody else's is.
#[tokio::test]
async fn only_the_host_is_served() {
    let identity = Identity::new();
    let mut host = Host::start_hosted(EXAMPLE, &identity, &[("TF_LOG", "WARN")]);
    let line = Line::parse(&host.line().await);

    let (other, thief) = (Identity::new(), Identity::stolen(&identity));
    for version in [&TLS12, &TLS13] {
        for stranger in [Some(&other), Some(&thief), None] {
            // A client learns of the refusal while connecting or with its first call.
            if let Ok(channel) = line.connect_tls_version(stranger, version).await {
                assert!(!answers(&channel).await, "a stranger was served");
            }
        }
    }
    let plain = line.connect().await;
    assert!(
        !matches!(plain, Ok(channel) if answers(&channel).await),
        "plaintext was served"
    );

    for version in [&TLS12, &TLS13] {
        let channel = line.connect_tls_version(Some(&identity), version).await;
        assert!(answers(&channel.expect("the host connects")).await);
    }
    let channel = line
        .connect_tls(Some(&identity))
        .await
        .expect("the host connects");
    assert!(answers(&channel).await);
    let end = host.shut_down(channel).await;
    assert!(end.status.success());
    let refusals = log_lines(&end.stderr)
        .into_iter()
        .filter(|line| line["@message"] == "a connection was refused");
    assert!(refusals.count() >= 6, "{}", end.stderr);
}

/// docs/protocol.md, "Handshake line" and "Shutdown".
///
/// The line and nothing but the line; a socket file that is there, and gone at the end.
#[tokio::test]
async fn shutdown_ends_the_process_in_time_and_removes_the_socket() {
    let (host, line, channel) = hosted(&[]).await;
    assert!(
        line.fields[5].len() > 50 && !line.fields[5].contains('='),
        "{line:?}"
    );
    let socket = line.socket().to_owned();
    assert!(socket.starts_with(host.directory.path()) && socket.exists());
    assert!(answers(&channel).await);
    let end = host.shut_down(channel).await;
    end.expect_in_time();
    assert!(end.status.success());
    assert!(!socket.exists());
    assert_eq!(
        (&*end.stdout, &*end.stderr),
        ("", ""),
        "nothing but the line, and no log that was not asked for"
    );
}

/// docs/protocol.md, "Interrupts".
///
/// Ctrl-C and StopProvider are about work under way, not about the process.
#[tokio::test]
async fn an_interrupt_and_a_stop_end_nothing() {
    let (host, _, channel) = hosted(&[]).await;
    host.signal("INT").await;
    assert!(answers(&channel).await);
    host.signal("INT").await;
    assert!(answers(&channel).await, "after the first StopProvider");
    assert!(host.shut_down(channel).await.status.success());
}

#[tokio::test]
async fn sigterm_ends_the_process_and_removes_the_socket() {
    let (host, line, channel) = hosted(&[]).await;
    host.signal("TERM").await;
    let end = host.ended().await;
    drop(channel);
    end.expect_in_time();
    assert!(end.status.success());
    assert!(!line.socket().exists());
}

/// A host that is interrupted twice leaves without a word.
#[tokio::test]
async fn a_provider_does_not_outlive_its_host() {
    let (host, line, channel) = hosted(&[]).await;
    assert!(answers(&channel).await);
    drop(channel);
    let end = host.ended().await;
    assert!(end.status.success());
    assert!(!line.socket().exists());
}

/// docs/protocol.md, "Message size".
///
/// Messages far above the 4 MiB that the library takes by itself.
#[tokio::test]
async fn large_messages_pass() {
    let (host, _, channel) = hosted(&[]).await;
    let mut client = ProviderClient::new(channel.clone()).max_decoding_message_size(usize::MAX);
    let request = |bytes: usize| upgrade_resource_state::Request {
        type_name: "hello_greeting".into(),
        version: 0,
        raw_state: Some(RawState {
            json: Bytes::from(format!(
                r#"{{"name":"{}","volume":5,"file":"f"}}"#,
                "x".repeat(bytes)
            )),
            ..RawState::default()
        }),
    };
    let answer = client
        .upgrade_resource_state(request(100 << 20))
        .await
        .expect("100 MiB pass")
        .into_inner();
    assert_eq!(answer.diagnostics, []);
    let state = answer.upgraded_state.expect("the state");
    assert!(state.msgpack.len().max(state.json.len()) > 100 << 20);
    let refused = client
        .upgrade_resource_state(request(257 << 20))
        .await
        .expect_err("more than is allowed");
    assert_eq!(refused.code(), tonic::Code::OutOfRange);
    host.shut_down(channel).await;
}

#[tokio::test]
async fn a_person_is_told_in_one_sentence() {
    let end = Host::start(EXAMPLE, &[], &[]).ended().await;
    assert_eq!(end.status.code(), Some(1));
    assert_eq!(end.stdout, "");
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    assert!(
        end.stderr.contains("not run by hand") && end.stderr.contains("--debug"),
        "{}",
        end.stderr
    );
}

#[tokio::test]
async fn another_programs_cookie_is_refused_in_one_sentence() {
    let end = Host::start(EXAMPLE, &[], &[(COOKIE.0, "anything")])
        .ended()
        .await;
    assert_eq!(end.status.code(), Some(1));
    assert_eq!(end.stdout, "");
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    assert!(end.stderr.contains(COOKIE.0), "{}", end.stderr);
}

/// The host is the one that can tell its user, so it gets its line; the log has the sentence too.
#[tokio::test]
async fn a_host_that_is_too_old_gets_line_and_sentence() {
    let identity = Identity::new();
    let mut host = Host::start_hosted(EXAMPLE, &identity, &[("PLUGIN_PROTOCOL_VERSIONS", "4,5")]);
    let line = Line::parse(&host.line().await);
    let channel = line.connect_tls(Some(&identity)).await.expect("it serves");
    let end = host.shut_down(channel).await;
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    assert!(
        end.stderr.starts_with("[WARN] ") && end.stderr.contains("only 4,5"),
        "{}",
        end.stderr
    );
}

#[tokio::test]
async fn without_tls_the_provider_serves_plaintext_and_says_so() {
    let mut host = Host::start(EXAMPLE, &[], &[COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", "6")]);
    let line = Line::parse(&host.line().await);
    assert_eq!(line.fields[5], "");
    let channel = line.connect().await.expect("connects");
    assert!(answers(&channel).await);
    let end = host.shut_down(channel).await;
    assert!(end.status.success());
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    assert!(
        end.stderr.starts_with("[WARN] ") && end.stderr.contains("no TLS"),
        "{}",
        end.stderr
    );
}

/// What a host prints when the first line is no handshake is the line itself.
#[tokio::test]
async fn a_start_that_fails_is_told_through_the_host() {
    for (variable, value) in [
        ("PLUGIN_CLIENT_CERT", "no certificate"),
        ("PLUGIN_MIN_PORT", "many"),
        ("PLUGIN_UNIX_SOCKET_DIR", "/nowhere/at/all"),
    ] {
        let end = Host::start(EXAMPLE, &[], &[COOKIE, (variable, value)])
            .ended()
            .await;
        assert_eq!(end.status.code(), Some(1));
        assert_eq!(end.stdout.lines().count(), 1, "{}", end.stdout);
        assert!(end.stdout.contains("cannot start"), "{}", end.stdout);
        let named = if variable == "PLUGIN_UNIX_SOCKET_DIR" {
            value
        } else {
            variable
        };
        assert!(end.stdout.contains(named), "{}", end.stdout);
        let left = std::fs::read_dir(end.directory.path())
            .expect("readable")
            .count();
        assert_eq!(left, 0, "no socket stays behind");
    }
}

/// Paths of sockets are short on every system; temporary directories are not.
#[tokio::test]
async fn tcp_is_used_where_no_socket_fits_or_where_asked_for() {
    let long = tempfile::tempdir().expect("a directory");
    let long = long.path().join("d".repeat(120));
    std::fs::create_dir(&long).expect("made");
    for variable in [
        ("TMPDIR", long.to_str().expect("text")),
        ("PLUGIN_NETWORK", "tcp"),
    ] {
        let (host, line, channel) = hosted(&[variable]).await;
        assert_eq!(line.fields[2], "tcp");
        let port = line.fields[3]
            .strip_prefix("127.0.0.1:")
            .expect("loopback")
            .parse()
            .expect("a port");
        assert!((10_000..=25_000).contains(&port), "{port}");
        assert!(answers(&channel).await);
        host.shut_down(channel).await;
    }
}

/// go-plugin's own services are called on every connection; their absence must be said in the way it expects.
#[tokio::test]
async fn other_services_are_unimplemented() {
    let (host, _, channel) = hosted(&[]).await;
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.expect("ready");
    let path = "/plugin.GRPCStdio/StreamStdio".parse().expect("a path");
    let codec = tonic_prost::ProstCodec::<Empty, Empty>::default();
    let status = grpc
        .unary(tonic::Request::new(Empty {}), path, codec)
        .await
        .expect_err("not there");
    assert_eq!(status.code(), tonic::Code::Unimplemented);
    host.shut_down(channel).await;
}

#[tokio::test]
async fn a_provider_under_debug_serves_many_hosts_until_ctrl_c() {
    let mut host = Host::start(EXAMPLE, &["--debug"], &[]);
    let provider = host.reattach().await;
    assert_eq!(
        (&provider["Protocol"], &provider["ProtocolVersion"]),
        (&"grpc".into(), &6.into())
    );
    assert_eq!(provider["Test"], true);
    let line = Line::to_reattach(&provider);
    for _ in 0..2 {
        let channel = line.connect().await.expect("a host attaches");
        assert!(answers(&channel).await);
    }
    host.signal("INT").await;
    let end = host.ended().await;
    end.expect_in_time();
    assert!(end.status.success());
    assert!(!line.socket().exists());
}
