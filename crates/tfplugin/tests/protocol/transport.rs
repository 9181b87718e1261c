//! Tests of provider processes that a host controls: handshake, TLS, signals, logs, and shutdown.

use crate::host::{COOKIE, Host, Identity, Line, log_lines};
use tfplugin_proto::bytes::Bytes;
use tfplugin_proto::plugin::Empty;
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tfplugin_proto::tfplugin6::{RawState, stop_provider, upgrade_resource_state};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tonic::transport::Channel;

const EXAMPLE: &str = "hello";

/// Returns whether the provider responds to a call.
async fn responds(channel: &Channel) -> bool {
    let request = stop_provider::Request {};
    let response = ProviderClient::new(channel.clone())
        .stop_provider(request)
        .await;
    response.is_ok_and(|response| response.into_inner().error.is_empty())
}

async fn hosted(more: &[(&str, &str)]) -> (Host, Line, Channel) {
    let identity = Identity::new();
    let mut host = Host::start_hosted(EXAMPLE, &identity, more);
    let line = Line::parse(&host.line().await);
    let channel = line
        .connect_tls(Some(&identity))
        .await
        .expect("connect with the certificate of the host");
    (host, line, channel)
}

/// docs/protocol.md, "Mutual TLS".
///
/// The server accepts only the certificate of the client, which is a certificate authority with a P-521 key.
#[tokio::test]
async fn only_the_host_can_call_the_provider() {
    let identity = Identity::new();
    let mut host = Host::start_hosted(EXAMPLE, &identity, &[("TF_LOG", "WARN")]);
    let line = Line::parse(&host.line().await);

    let (other, stolen) = (Identity::new(), Identity::stolen(&identity));
    for version in [&TLS12, &TLS13] {
        for client in [Some(&other), Some(&stolen), None] {
            // The connection fails either during the handshake or on the first call.
            if let Ok(channel) = line.connect_tls_version(client, version).await {
                assert!(
                    !responds(&channel).await,
                    "the provider served another client"
                );
            }
        }
    }
    let plain = line.connect().await;
    assert!(
        !matches!(plain, Ok(channel) if responds(&channel).await),
        "the provider served a client without TLS"
    );

    for version in [&TLS12, &TLS13] {
        let channel = line.connect_tls_version(Some(&identity), version).await;
        assert!(responds(&channel.expect("connect as the host")).await);
    }
    let channel = line
        .connect_tls(Some(&identity))
        .await
        .expect("connect as the host");
    assert!(responds(&channel).await);
    let end = host.shut_down(channel).await;
    assert!(end.status.success());
    let refusals = log_lines(&end.stderr)
        .into_iter()
        .filter(|line| line["@message"] == "connection rejected");
    assert!(refusals.count() >= 6, "{}", end.stderr);
}

/// docs/protocol.md, "Handshake line" and "Shutdown".
///
/// Standard output contains only the handshake line. The socket exists while the process runs.
#[tokio::test]
async fn shutdown_ends_the_process_in_time_and_removes_the_socket() {
    let (host, line, channel) = hosted(&[]).await;
    assert!(
        line.fields[5].len() > 50 && !line.fields[5].contains('='),
        "{line:?}"
    );
    let socket = line.socket().to_owned();
    assert!(socket.starts_with(host.directory.path()) && socket.exists());
    assert!(responds(&channel).await);
    let end = host.shut_down(channel).await;
    end.expect_in_time();
    assert!(end.status.success());
    assert!(!socket.exists());
    assert_eq!(
        (&*end.stdout, &*end.stderr),
        ("", ""),
        "no output other than the handshake line, and no log by default"
    );
}

/// docs/protocol.md, "Interrupts".
///
/// Ctrl-C and `StopProvider` cancel calls, but do not end the process.
#[tokio::test]
async fn interrupt_and_stop_do_not_end_the_process() {
    let (host, _, channel) = hosted(&[]).await;
    host.signal("INT").await;
    assert!(responds(&channel).await);
    host.signal("INT").await;
    assert!(responds(&channel).await, "after the first StopProvider");
    assert!(host.shut_down(channel).await.status.success());
}

#[tokio::test]
async fn sigterm_ends_the_process_and_removes_the_socket() {
    let (host, line, channel) = hosted(&[]).await;
    host.signal("TERM").await;
    let end = host.exited().await;
    drop(channel);
    end.expect_in_time();
    assert!(end.status.success());
    assert!(!line.socket().exists());
}

/// A host that is interrupted twice exits without a shutdown request.
#[tokio::test]
async fn provider_exits_when_the_host_disconnects() {
    let (host, line, channel) = hosted(&[]).await;
    assert!(responds(&channel).await);
    drop(channel);
    let end = host.exited().await;
    assert!(end.status.success());
    assert!(!line.socket().exists());
}

/// docs/protocol.md, "Message size".
///
/// The messages exceed 4 MiB, the default limit of the gRPC library.
#[tokio::test]
async fn messages_up_to_256_mib_are_accepted() {
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
    let response = client
        .upgrade_resource_state(request(100 << 20))
        .await
        .expect("response to 100 MiB")
        .into_inner();
    assert_eq!(response.diagnostics, []);
    let state = response.upgraded_state.expect("state");
    assert!(state.msgpack.len().max(state.json.len()) > 100 << 20);
    let error = client
        .upgrade_resource_state(request(257 << 20))
        .await
        .expect_err("message above the limit");
    assert_eq!(error.code(), tonic::Code::OutOfRange);
    host.shut_down(channel).await;
}

#[tokio::test]
async fn start_without_a_host_prints_one_sentence() {
    let end = Host::start(EXAMPLE, &[], &[]).exited().await;
    assert_eq!(end.status.code(), Some(1));
    assert_eq!(end.stdout, "");
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    assert!(
        end.stderr.contains("not intended to be run directly") && end.stderr.contains("--debug"),
        "{}",
        end.stderr
    );
}

#[tokio::test]
async fn cookie_from_another_program_is_rejected_in_one_sentence() {
    let end = Host::start(EXAMPLE, &[], &[(COOKIE.0, "anything")])
        .exited()
        .await;
    assert_eq!(end.status.code(), Some(1));
    assert_eq!(end.stdout, "");
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    assert!(end.stderr.contains(COOKIE.0), "{}", end.stderr);
}

/// Only the host can inform the user, so the provider prints the handshake line. The provider also logs a warning.
#[tokio::test]
async fn old_host_receives_the_line_and_a_warning() {
    let identity = Identity::new();
    let mut host = Host::start_hosted(EXAMPLE, &identity, &[("PLUGIN_PROTOCOL_VERSIONS", "4,5")]);
    let line = Line::parse(&host.line().await);
    let channel = line
        .connect_tls(Some(&identity))
        .await
        .expect("connect to the provider");
    let end = host.shut_down(channel).await;
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    assert!(
        end.stderr.starts_with("[WARN] ") && end.stderr.contains("only 4,5"),
        "{}",
        end.stderr
    );
}

#[tokio::test]
async fn provider_without_tls_serves_plaintext_and_logs_a_warning() {
    let mut host = Host::start(EXAMPLE, &[], &[COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", "6")]);
    let line = Line::parse(&host.line().await);
    assert_eq!(line.fields[5], "");
    let channel = line.connect().await.expect("connect to the provider");
    assert!(responds(&channel).await);
    let end = host.shut_down(channel).await;
    assert!(end.status.success());
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    assert!(
        end.stderr.starts_with("[WARN] ") && end.stderr.contains("disabled TLS"),
        "{}",
        end.stderr
    );
}

/// A host prints the first line of the output to the user if it is not a handshake line.
#[tokio::test]
async fn failed_start_is_reported_through_the_host() {
    for (variable, value) in [
        ("PLUGIN_CLIENT_CERT", "not a certificate"),
        ("PLUGIN_MIN_PORT", "many"),
        ("PLUGIN_UNIX_SOCKET_DIR", "/nowhere/at/all"),
    ] {
        let end = Host::start(EXAMPLE, &[], &[COOKIE, (variable, value)])
            .exited()
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
        let files = std::fs::read_dir(end.directory.path())
            .expect("read the directory")
            .count();
        assert_eq!(files, 0, "no socket remains");
    }
}

/// Operating systems limit the length of socket paths, and the path of a temporary directory can exceed the limit.
#[tokio::test]
async fn tcp_is_used_for_long_paths_and_on_request() {
    let long = tempfile::tempdir().expect("create a directory");
    let long = long.path().join("d".repeat(120));
    std::fs::create_dir(&long).expect("create a directory");
    for variable in [
        ("TMPDIR", long.to_str().expect("UTF-8 path")),
        ("PLUGIN_NETWORK", "tcp"),
    ] {
        let (host, line, channel) = hosted(&[variable]).await;
        assert_eq!(line.fields[2], "tcp");
        let port = line.fields[3]
            .strip_prefix("127.0.0.1:")
            .expect("loopback address")
            .parse()
            .expect("port number");
        assert!((10_000..=25_000).contains(&port), "{port}");
        assert!(responds(&channel).await);
        host.shut_down(channel).await;
    }
}

/// go-plugin calls its own services on every connection. The provider must return `UNIMPLEMENTED` for a service that does
/// not exist.
#[tokio::test]
async fn other_services_are_unimplemented() {
    let (host, _, channel) = hosted(&[]).await;
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.expect("client is ready");
    let path = "/plugin.GRPCStdio/StreamStdio".parse().expect("valid path");
    let codec = tonic_prost::ProstCodec::<Empty, Empty>::default();
    let status = grpc
        .unary(tonic::Request::new(Empty {}), path, codec)
        .await
        .expect_err("unimplemented service");
    assert_eq!(status.code(), tonic::Code::Unimplemented);
    host.shut_down(channel).await;
}

#[tokio::test]
async fn provider_under_debug_serves_several_hosts_until_ctrl_c() {
    let mut host = Host::start(EXAMPLE, &["--debug"], &[]);
    let provider = host.reattach().await;
    assert_eq!(
        (&provider["Protocol"], &provider["ProtocolVersion"]),
        (&"grpc".into(), &6.into())
    );
    assert_eq!(provider["Test"], true);
    let line = Line::to_reattach(&provider);
    for _ in 0..2 {
        let channel = line.connect().await.expect("connect as another host");
        assert!(responds(&channel).await);
    }
    host.signal("INT").await;
    let end = host.exited().await;
    end.expect_in_time();
    assert!(end.status.success());
    assert!(!line.socket().exists());
}
