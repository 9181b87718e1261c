//! Tests of registering revisions: no duplicates, and retries after transient errors.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use skreg::aws::AwsError;
use skreg::aws::Clients;
use skreg::aws::config::{AwsSettings, Service, StaticCredentials};
use skreg::ecs::api::{EcsApi as _, Tags};
use skreg::ecs::bundle::BUNDLE_TAG;
use skreg::ecs::sdk::Aws;

use crate::fake::{Fake, FakeClock};
use crate::{bundle, create, error_of};
use skreg::resources::ecs::service_bundle::diagnostics::Explained;

const REGISTER: &str = "ecs:RegisterTaskDefinition";

#[tokio::test]
async fn registration_with_lost_response_is_found_and_not_repeated() {
    for code in ["ServerException", "InternalFailure"] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        let lost = AwsError::service(REGISTER, code, "sorry");
        fake.with(|state| state.lost.insert(REGISTER, lost));
        let applied = create(&fake, &clock, &bundle()).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        assert_eq!(
            fake.revisions().len(),
            2,
            "expected one revision of each family"
        );
        assert_eq!(
            applied.made.revisions.len(),
            2,
            "both revisions must be recorded for undo"
        );
        let calls = fake.calls().into_iter().filter(|call| *call == REGISTER);
        assert_eq!(calls.count(), 2);
    }
}

#[tokio::test]
async fn only_an_identical_revision_of_the_bundle_replaces_a_lost_response() {
    // The newest revision belongs to another process or differs.
    for ours in [false, true] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        let mut definition = bundle().services["api"].definition.clone();
        let mut tags = Tags::new();
        if ours {
            definition.memory = 2048;
            tags = bundle().revision_tags();
        }
        fake.refuse(REGISTER, 0..1, "ServerException");
        fake.with(|state| state.register(&definition, &tags));
        let applied = create(&fake, &clock, &bundle()).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        let runs = fake.service("skreg-api").task_definition;
        assert!(runs.ends_with("skreg-api:2"), "{runs}");
    }
}

#[tokio::test]
async fn concurrent_registrations_in_the_same_family_are_retried() {
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let busy = || {
        let text = "Too many concurrent attempts to create a new revision of the specified family.";
        AwsError::service(REGISTER, "ClientException", text)
    };
    fake.with(|state| {
        state
            .errors
            .insert(REGISTER, vec![busy(), busy(), busy()].into())
    });
    let applied = create(&fake, &clock, &bundle()).await;
    assert!(applied.result.is_ok(), "{:?}", applied.result);
    assert_eq!(fake.revisions().len(), 2);

    // The pauses between retries increase.
    let clock = FakeClock::new();
    let fake = Fake::new(&clock);
    let many = std::iter::repeat_with(busy).take(10_000).collect();
    fake.with(|state| state.errors.insert(REGISTER, many));
    let error = error_of(create(&fake, &clock, &bundle()).await);
    assert_eq!(
        error.summary(),
        "Failed to register the task definition skreg-api"
    );
    assert!(
        error.detail().contains("Too many concurrent attempts"),
        "{}",
        error.detail()
    );
    let calls = fake
        .calls()
        .into_iter()
        .filter(|call| *call == REGISTER)
        .count();
    assert!((100..200).contains(&calls), "{calls} in half an hour");
}

#[tokio::test]
async fn new_role_is_retried_for_a_limited_time() {
    let refusals = [
        ("ClientException", "Role is not valid"),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/x is not authorized to perform: iam:PassRole on resource: \
             arn:aws:iam::123456789012:role/execution",
        ),
        (
            "ClientException",
            "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/execution' that was provided for this task.",
        ),
    ];
    for (code, text) in refusals {
        for (times, passes) in [(5, true), (1000, false)] {
            let clock = FakeClock::new();
            let fake = Fake::new(&clock);
            let refused = std::iter::repeat_with(|| AwsError::service(REGISTER, code, text));
            let refused = refused.take(times).collect();
            fake.with(|state| state.errors.insert(REGISTER, refused));
            let applied = create(&fake, &clock, &bundle()).await;
            assert_eq!(
                applied.result.is_ok(),
                passes,
                "{text}: {:?}",
                applied.result
            );
            assert!(clock.slept().as_secs() < 150, "{:?}", clock.slept());
        }
    }
}

#[tokio::test]
async fn permanent_errors_fail_the_attempt_immediately() {
    for code in [
        "AccessDeniedException",
        "InvalidParameterException",
        "ClientException",
    ] {
        let clock = FakeClock::new();
        let fake = Fake::new(&clock);
        fake.refuse(REGISTER, 0..1, code);
        let error = error_of(create(&fake, &clock, &bundle()).await);
        assert_eq!(
            error.summary(),
            "Failed to register the task definition skreg-api"
        );
        assert_eq!(clock.slept().as_secs(), 0, "{code}");
        assert!(fake.revisions().is_empty());
    }
}

/// Starts a server that fails every call and records its action.
fn failing_server() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let calls = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&calls);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Some(action) = read_action(&stream) {
                kept.lock().expect("lock is not poisoned").push(action);
                fail(stream);
            }
        }
    });
    (url, calls)
}

fn read_action(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut action, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => action = value.rsplit('.').next().map(|name| name.trim().to_owned()),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    action
}

fn fail(mut stream: TcpStream) {
    let answer = "HTTP/1.1 500 x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    // The client may have closed the connection, so the error is ignored.
    let _ = stream.write_all(answer.as_bytes());
}

#[tokio::test]
async fn sdk_retries_other_calls_but_not_registrations() {
    let (url, calls) = failing_server();
    let settings = AwsSettings {
        region: Some("eu-central-1".into()),
        static_credentials: Some(StaticCredentials {
            access_key: "AKIASTATIC".into(),
            secret_key: String::from("secret").into(),
            token: None,
        }),
        endpoints: [(Service::Ecs, url)].into(),
        max_retries: Some(1),
        ..AwsSettings::default()
    };
    let clients = Clients::connect(&settings).await.expect("clients");
    let aws = Aws::new(&clients);
    let definition = &bundle().services["api"].definition;
    let tags = Tags::from([(BUNDLE_TAG.to_owned(), "skreg".to_owned())]);
    let registered = aws
        .register(definition, &tags)
        .await
        .expect_err("server error");
    assert!(registered.is_transient(), "{registered}");
    let described = aws.cluster("main").await.expect_err("server error");
    assert!(described.is_transient(), "{described}");
    let calls = calls.lock().expect("lock is not poisoned").clone();
    assert_eq!(
        calls,
        [
            "RegisterTaskDefinition",
            "DescribeClusters",
            "DescribeClusters"
        ]
    );
}
