//! Tests of requests and errors of the AWS clients, with a loopback server that returns scripted responses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use skreg::aws::config::{
    AssumeRole, AssumeRoleWithWebIdentity, AwsSettings, Service, StaticCredentials,
    WebIdentityToken,
};
use skreg::aws::limits::during;
use skreg::aws::{AwsError, AwsErrorKind, Clients, ConnectError};
use skreg::ecs::api::{EcsApi as _, UpdateService};
use skreg::ecs::sdk::Aws;
use zeroize::Zeroizing;

/// Server that records all requests. A function maps each request to its response.
struct Loopback {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Loopback {
    fn responding(response: fn(&str) -> (u16, &'static str)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = read_request(&stream);
                let (status, body) = response(&request);
                kept.lock().expect("the lock is not poisoned").push(request);
                respond(stream, status, body);
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .expect("the lock is not poisoned")
            .clone()
    }

    fn settings(&self) -> AwsSettings {
        let all = [
            Service::Ecs,
            Service::ElasticLoadBalancingV2,
            Service::SecretsManager,
            Service::Sts,
        ]
        .map(|service| (service, self.url.clone()));
        AwsSettings {
            region: Some("eu-central-1".into()),
            static_credentials: Some(StaticCredentials {
                access_key: "AKIASTATIC".into(),
                secret_key: Zeroizing::new("secret".into()),
                token: None,
            }),
            endpoints: all.into(),
            max_retries: Some(0),
            ..AwsSettings::default()
        }
    }
}

fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut text, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header line");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        let end = line.trim().is_empty();
        text.push_str(&line);
        if end {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    text + &String::from_utf8_lossy(&body)
}

fn respond(mut stream: TcpStream, status: u16, body: &str) {
    // Makes the client retry immediately. The unit of the header is milliseconds.
    let head = format!(
        "HTTP/1.1 {status} x\r\nx-amz-retry-after: 1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len() + if body == BROKEN_OFF { 100 } else { 0 }
    );
    // The client may have closed the connection.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()));
}

/// Beginning of a response that the server never completes.
const BROKEN_OFF: &str = r#"{"clusterArns":["#;

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/x</Arn>\
    <UserId>x</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

const ASSUMED: &str = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
    <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>\
    </Credentials></AssumeRoleResult></AssumeRoleResponse>";

const WEB_ASSUMED: &str = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
    <AccessKeyId>ASIAWEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
    <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
    </AssumeRoleWithWebIdentityResponse>";

const REFUSED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to \
    perform sts:AssumeRole</Message></Error><RequestId>r</RequestId></ErrorResponse>";

fn aws(request: &str) -> (u16, &'static str) {
    if request.contains("Action=GetCallerIdentity") {
        (200, IDENTITY)
    } else if request.contains("Action=AssumeRoleWithWebIdentity") {
        (200, WEB_ASSUMED)
    } else if request.contains("Action=AssumeRole") {
        (200, ASSUMED)
    } else {
        (200, "{}")
    }
}

async fn list_clusters(clients: &Clients) -> Result<(), AwsError> {
    let response = clients.ecs.list_clusters().send().await;
    response
        .map(drop)
        .map_err(|error| AwsError::new("ecs:ListClusters", &error))
}

async fn error_of(response: fn(&str) -> (u16, &'static str)) -> AwsError {
    let server = Loopback::responding(response);
    let clients = Clients::connect(&server.settings()).await.expect("clients");
    list_clusters(&clients).await.expect_err("an error")
}

#[tokio::test]
async fn the_user_agent_contains_the_provider_and_its_version() {
    let server = Loopback::responding(aws);
    let clients = Clients::connect(&server.settings()).await.expect("clients");
    list_clusters(&clients).await.expect("a response");
    let agent = format!("lib/terraform-provider-skreg/{}", env!("CARGO_PKG_VERSION"));
    let request = &server.requests()[0];
    assert!(request.contains(&agent), "{request}");
    assert!(
        request.contains("Credential=AKIASTATIC/") && request.contains("/eu-central-1/ecs/"),
        "{request}"
    );
}

#[tokio::test]
async fn an_assumed_role_is_requested_as_configured_and_signs_the_calls() {
    let server = Loopback::responding(aws);
    let mut settings = server.settings();
    settings.assume_role = Some(AssumeRole {
        role_arn: "arn:aws:iam::123456789012:role/deploy".into(),
        external_id: Some("ext".into()),
        duration: Some(std::time::Duration::from_secs(1800)),
        ..AssumeRole::default()
    });
    let clients = Clients::connect(&settings).await.expect("clients");
    list_clusters(&clients).await.expect("a response");
    let requests = server.requests();
    assert_eq!(
        requests.len(),
        2,
        "expected one request for the role and one for the clusters"
    );
    for part in [
        "Credential=AKIASTATIC/",
        "ExternalId=ext",
        "DurationSeconds=1800",
        "RoleSessionName=terraform-provider-skreg",
    ] {
        assert!(requests[0].contains(part), "{part} in {}", requests[0]);
    }
    assert!(
        requests[1].contains("Credential=ASIAROLE/"),
        "{}",
        requests[1]
    );
}

#[tokio::test]
async fn a_web_identity_requires_no_other_credentials() {
    let server = Loopback::responding(aws);
    let mut settings = server.settings();
    settings.static_credentials = None;
    settings.assume_role_with_web_identity = Some(AssumeRoleWithWebIdentity {
        role_arn: "arn:aws:iam::123456789012:role/ci".into(),
        token: WebIdentityToken::Inline(Zeroizing::new("jwt".into())),
        session_name: Some("ci".into()),
        duration: None,
        policy: None,
        policy_arns: Vec::new(),
    });
    let clients = Clients::connect(&settings).await.expect("clients");
    list_clusters(&clients).await.expect("a response");
    let requests = server.requests();
    assert!(
        requests[0].contains("WebIdentityToken=jwt") && !requests[0].contains("Credential="),
        "{}",
        requests[0]
    );
    assert!(
        requests[1].contains("Credential=ASIAWEB/"),
        "{}",
        requests[1]
    );
}

#[tokio::test]
async fn a_refused_role_is_reported_with_a_remedy() {
    let server = Loopback::responding(|_| (403, REFUSED));
    let mut settings = server.settings();
    settings.assume_role = Some(AssumeRole {
        role_arn: "arn:aws:iam::123456789012:role/deploy".into(),
        ..AssumeRole::default()
    });
    let clients = Clients::connect(&settings).await.expect("clients");
    let error = list_clusters(&clients).await.expect_err("an error");
    assert_eq!(error.kind, AwsErrorKind::RoleRefused, "{error}");
    assert!(
        error.detail("").contains("not authorized") && error.detail("").contains("trust policy"),
        "{}",
        error.detail("")
    );
}

#[tokio::test]
async fn an_account_that_is_not_allowed_fails_the_connection() {
    let server = Loopback::responding(aws);
    let mut settings = server.settings();
    settings.allowed_account_ids = vec!["999999999999".into()];
    let error = Clients::connect(&settings).await.err().expect("an error");
    assert!(
        matches!(&error, ConnectError::AccountNotAllowed { account } if account == "123456789012"),
        "{error}"
    );
    settings.allowed_account_ids.push("123456789012".into());
    assert!(Clients::connect(&settings).await.is_ok());
}

/// Returns the number of account lookups in STS.
fn lookups(server: &Loopback) -> usize {
    let requests = server.requests();
    let lookups = requests
        .iter()
        .filter(|text| text.contains("Action=GetCallerIdentity"));
    lookups.count()
}

#[tokio::test]
async fn a_failed_account_lookup_is_retried_and_a_result_is_cached() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let server = Loopback::responding(|request| match CALLS.fetch_add(1, Ordering::Relaxed) {
        0 => (403, REFUSED),
        _ => aws(request),
    });
    let clients = Clients::connect(&server.settings()).await;
    let identity = clients.expect("the settings must be complete").identity;
    assert_eq!(identity.account().await, None);
    for _ in 0..2 {
        assert_eq!(identity.account().await, Some("123456789012"));
    }
    assert_eq!(lookups(&server), 2);
}

#[tokio::test]
async fn concurrent_account_lookups_share_one_call() {
    fn refused(_: &str) -> (u16, &'static str) {
        (403, REFUSED)
    }
    for expected in [Some("123456789012"), None] {
        let server = Loopback::responding(match expected {
            Some(_) => aws,
            None => refused,
        });
        let clients = Clients::connect(&server.settings()).await;
        let identity = clients.expect("the settings must be complete").identity;
        let (first, second, third) =
            tokio::join!(identity.account(), identity.account(), identity.account());
        assert_eq!([first, second, third], [expected; 3]);
        assert_eq!(lookups(&server), 1);
    }
}

#[tokio::test]
async fn checking_allowed_accounts_caches_the_account() {
    let server = Loopback::responding(aws);
    let settings = AwsSettings {
        allowed_account_ids: vec!["123456789012".into()],
        ..server.settings()
    };
    let clients = Clients::connect(&settings)
        .await
        .expect("the account is allowed");
    assert_eq!(clients.identity.account().await, Some("123456789012"));
    assert_eq!(lookups(&server), 1);
}

#[tokio::test]
async fn general_errors_have_a_remedy() {
    let denied = error_of(|_| (400, r#"{"__type":"AccessDeniedException","message":"no"}"#)).await;
    assert_eq!(denied.kind, AwsErrorKind::AccessDenied);
    assert!(
        denied
            .detail("")
            .contains("is not authorized to call ecs:ListClusters"),
        "{}",
        denied.detail("")
    );

    let expired =
        error_of(|_| (400, r#"{"__type":"ExpiredTokenException","message":"old"}"#)).await;
    assert_eq!(expired.kind, AwsErrorKind::ExpiredToken);

    let throttled = error_of(|_| {
        (
            400,
            r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#,
        )
    })
    .await;
    assert_eq!(throttled.kind, AwsErrorKind::Throttled);

    let region = error_of(|_| {
        (400, r#"{"__type":"InvalidSignatureException","message":"Credential should be scoped to a valid region."}"#)
    })
    .await;
    assert_eq!(region.kind, AwsErrorKind::WrongRegion);

    let own = error_of(|_| {
        (
            400,
            r#"{"__type":"ClusterNotFoundException","message":"Cluster not found."}"#,
        )
    })
    .await;
    assert!(own.is("ClusterNotFoundException") && own.kind == AwsErrorKind::Service);
    assert!(own.detail("Create it.").ends_with("Create it."));

    let html = error_of(|_| (200, "<html>a proxy</html>")).await;
    assert_eq!(html.kind, AwsErrorKind::NotAws, "{html}");
}

#[tokio::test]
async fn server_errors_are_transient_and_not_configuration_errors() {
    let outages = [
        error_of(|_| (500, r#"{"__type":"ServerException","message":"sorry"}"#)).await,
        error_of(|_| (503, r#"{"__type":"Overloaded","message":"sorry"}"#)).await,
        error_of(|_| (502, "<html>Bad Gateway</html>")).await,
        error_of(|_| (200, BROKEN_OFF)).await,
    ];
    for error in outages {
        assert_eq!(error.kind, AwsErrorKind::Unavailable, "{error}");
        assert!(error.is_transient(), "{error}");
        let detail = error.detail("");
        assert!(detail.contains("AWS returned a server error"), "{detail}");
    }
}

#[tokio::test]
async fn unencrypted_requests_to_secrets_manager_are_allowed_on_loopback_only() {
    let server = Loopback::responding(aws);
    let mut settings = server.settings();
    let describe = async |settings: &AwsSettings| {
        let clients = Clients::connect(settings).await.expect("clients");
        let request = clients.secrets_manager.describe_secret().secret_id("x");
        let response = request.send().await;
        response
            .map(drop)
            .map_err(|error| AwsError::new("secretsmanager:DescribeSecret", &error))
    };
    describe(&settings).await.expect("loopback is allowed");
    // The hostname cannot be resolved, so a request that is sent would fail with a different error.
    let elsewhere = "http://secrets.invalid".to_owned();
    settings
        .endpoints
        .insert(Service::SecretsManager, elsewhere);
    let error = describe(&settings)
        .await
        .expect_err("the request is refused");
    assert_eq!(error.kind, AwsErrorKind::Plaintext, "{error}");
    assert!(error.message.contains("secrets.invalid"), "{error}");
    let remedy = error.detail("");
    for source in [
        "`endpoints`",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        "endpoint_url",
    ] {
        assert!(remedy.contains(source), "{remedy}");
    }
    let calls = server.requests().len();
    assert_eq!(calls, 1, "the other request must not be sent");
}

#[tokio::test]
async fn throttled_calls_are_attempted_25_times() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let throttled = |times: usize| {
        CALLS.store(times, Ordering::SeqCst);
        Loopback::responding(|_| {
            let left = CALLS.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
            match left {
                Ok(_) => (
                    400,
                    r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#,
                ),
                Err(_) => (200, "{}"),
            }
        })
    };
    for (times, succeeds) in [(24, true), (25, false)] {
        let server = throttled(times);
        let mut settings = server.settings();
        settings.max_retries = None;
        let clients = Clients::connect(&settings).await.expect("clients");
        let listed = list_clusters(&clients).await;
        assert_eq!(server.requests().len(), 25);
        assert_eq!(listed.is_ok(), succeeds, "{listed:?}");
    }
}

#[tokio::test]
async fn calls_are_not_retried_after_the_operation_has_ended() {
    let server = Loopback::responding(|_| {
        (
            400,
            r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#,
        )
    });
    let mut settings = server.settings();
    settings.max_retries = None;
    let clients = Clients::connect(&settings).await.expect("clients");
    let now = std::time::Instant::now();
    let later = now + Duration::from_secs(3600);
    let cases = [("interrupted", true, later), ("out of time", false, now)];
    for (case, interrupted, deadline) in cases {
        let call = tfplugin::Call::new(tfplugin::CancellationToken::new(), deadline);
        if interrupted {
            call.cancel.cancel();
        }
        let before = server.requests().len();
        let listed = during(&call, Duration::ZERO, list_clusters(&clients)).await;
        listed.expect_err(case);
        assert_eq!(server.requests().len() - before, 1, "{case}");
    }
}

#[tokio::test]
async fn an_update_that_starts_a_deployment_is_not_retried() {
    let server =
        Loopback::responding(|_| (500, r#"{"__type":"ServerException","message":"lost"}"#));
    let mut settings = server.settings();
    settings.max_retries = Some(3);
    let clients = Clients::connect(&settings).await.expect("clients");
    let ecs = Aws::new(&clients);
    let update = |force_new_deployment| UpdateService {
        cluster: "main".into(),
        name: "skreg-api".into(),
        desired_count: Some(0),
        force_new_deployment,
        ..UpdateService::default()
    };
    for (deploys, sent) in [(true, 1), (false, 4)] {
        let before = server.requests().len();
        let lost = ecs.update_service(&update(deploys)).await;
        assert!(lost.expect_err("the call fails").is_transient());
        assert_eq!(server.requests().len() - before, sent, "{deploys}");
    }
}

#[tokio::test]
async fn an_endpoint_that_refuses_connections_is_unreachable() {
    let server = Loopback::responding(aws);
    // The socket is bound but not listening, so connections are refused and no other process can use the port.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    let any = ([127, 0, 0, 1], 0).into();
    socket.bind(any).expect("a loopback port");
    let closed = socket.local_addr().expect("an address");
    let mut settings = server.settings();
    settings
        .endpoints
        .insert(Service::Ecs, format!("http://{closed}"));
    let clients = Clients::connect(&settings).await.expect("clients");
    let error = list_clusters(&clients)
        .await
        .expect_err("the connection is refused");
    assert_eq!(error.kind, AwsErrorKind::Unreachable, "{error}");
    assert!(error.detail("").contains("AWS_ENDPOINT_URL"));
}

#[tokio::test]
async fn a_missing_token_file_is_a_credentials_error() {
    let server = Loopback::responding(aws);
    let mut settings = server.settings();
    settings.static_credentials = None;
    settings.assume_role_with_web_identity = Some(AssumeRoleWithWebIdentity {
        role_arn: "arn:aws:iam::123456789012:role/ci".into(),
        token: WebIdentityToken::File("does/not/exist".into()),
        session_name: None,
        duration: None,
        policy: None,
        policy_arns: Vec::new(),
    });
    let clients = Clients::connect(&settings).await.expect("clients");
    let error = list_clusters(&clients).await.expect_err("no token");
    assert_eq!(error.kind, AwsErrorKind::BadCredentials, "{error}");
    assert!(error.message.contains("does/not/exist"), "{error}");
}
