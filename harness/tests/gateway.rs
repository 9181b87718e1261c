//! Tests the gateway with a small test server: forwarding, journal, and rules.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};
use tfharness::{LocalAws, on};

type TestResult = Result<(), Box<dyn Error>>;

/// Starts a server that responds to every request with status 200 and the request body, and counts requests.
fn echo() -> std::io::Result<(SocketAddr, Arc<AtomicUsize>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let count = Arc::new(AtomicUsize::new(0));
    let served = Arc::clone(&count);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut read = Vec::new();
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = stream.read(&mut chunk) {
                read.extend_from_slice(&chunk[..n]);
                if complete(&read) {
                    break;
                }
            }
            served.fetch_add(1, Ordering::SeqCst);
            let text = String::from_utf8_lossy(&read).into_owned();
            let body = text
                .split_once("\r\n\r\n")
                .map(|(_, body)| body)
                .unwrap_or_default();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    Ok((address, count))
}

fn complete(read: &[u8]) -> bool {
    let text = String::from_utf8_lossy(read).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// Sends a request in the same form as a provider's SDK. Returns `None` without a response.
fn send(aws: &LocalAws, target: &str, body: &Value) -> Option<(u16, Value)> {
    let scope = format!("{}/20260101/us-east-1/kms/aws4_request", aws.id());
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent
        .post(aws.endpoint())
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        )
        .header("x-amz-target", format!("TrentService.{target}"))
        .header("user-agent", "aws-sdk-rust/1 app/terraform-provider-skreg")
        .send(body.to_string())
        .ok()?;
    let text = response.body_mut().read_to_string().ok()?;
    Some((
        response.status().as_u16(),
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    ))
}

#[test]
fn calls_are_forwarded_and_recorded_per_account() -> TestResult {
    let (upstream, served) = echo()?;
    let aws = LocalAws::behind(upstream)?;
    let other = aws.sibling();
    assert_ne!(aws.id(), other.id());

    let body = json!({ "KeyId": "k" });
    assert_eq!(send(&aws, "ListAliases", &body), Some((200, body.clone())));
    assert_eq!(send(&aws, "ListAliases", &body), Some((200, body.clone())));
    assert_eq!(send(&other, "ListGrants", &body), Some((200, body)));

    assert_eq!(served.load(Ordering::SeqCst), 3);
    assert_eq!(
        (
            aws.count("kms", "ListAliases"),
            aws.count("kms", "ListGrants")
        ),
        (2, 0)
    );
    assert_eq!(other.count("kms", "ListGrants"), 1);
    let counts = aws.counts();
    assert_eq!((counts.len(), counts[0].calls, counts[0].errors), (1, 2, 0));
    assert!(aws.journal()[0].agent.contains("terraform-provider-skreg"));
    Ok(())
}

#[test]
fn rules_apply_only_to_selected_calls() -> TestResult {
    let (upstream, served) = echo()?;
    let body = json!({ "x": 1 });

    let lost = on("kms", "ListAliases").first().lose_response();
    let aws = LocalAws::behind(upstream)?.rule(lost.clone());
    assert_eq!(send(&aws, "ListAliases", &body), None);
    assert_eq!(
        (served.load(Ordering::SeqCst), lost.fired()),
        (1, 1),
        "the call must be forwarded"
    );
    assert_eq!(send(&aws, "ListAliases", &body), Some((200, body.clone())));
    let journal = aws.journal();
    assert_eq!(
        (journal[0].status, journal[0].rule),
        (None, Some("response lost"))
    );
    assert_eq!((journal[1].status, journal[1].rule), (Some(200), None));

    aws.clear_rules();
    aws.add_rule(
        &on("kms", "*")
            .nth(2)
            .fail(400, "ThrottlingException", "Rate exceeded"),
    );
    aws.add_rule(
        &on("kms", "Verify")
            .every()
            .respond(json!({ "SignatureValid": true })),
    );
    aws.add_rule(&on("kms", "*").from_agent("another").every().lose_request());
    assert_eq!(send(&aws, "ListAliases", &body), Some((200, body.clone())));
    let refused = send(&aws, "ListAliases", &body).ok_or("no response")?;
    assert_eq!(
        refused,
        (
            400,
            json!({ "__type": "ThrottlingException", "message": "Rate exceeded" })
        )
    );
    assert_eq!(
        send(&aws, "Verify", &body),
        Some((200, json!({ "SignatureValid": true })))
    );
    assert_eq!(
        send(&aws.sibling(), "Verify", &body),
        Some((200, body.clone())),
        "rules must not apply to another account"
    );
    assert_eq!(
        aws.journal()[3].error.as_deref(),
        Some("ThrottlingException")
    );
    assert!(
        aws.last_calls(2)
            .contains("kms ListAliases 400 ThrottlingException (failed)"),
        "{}",
        aws.last_calls(2)
    );

    aws.clear_rules();
    let before = Arc::new(AtomicUsize::new(usize::MAX));
    let (seen, counter) = (Arc::clone(&before), Arc::clone(&served));
    aws.add_rule(
        &on("kms", "ListAliases")
            .every()
            .before(move || seen.store(counter.load(Ordering::SeqCst), Ordering::SeqCst)),
    );
    let count = served.load(Ordering::SeqCst);
    assert_eq!(send(&aws, "ListAliases", &body), Some((200, body)));
    assert_eq!(
        (before.load(Ordering::SeqCst), served.load(Ordering::SeqCst)),
        (count, count + 1)
    );
    Ok(())
}

#[test]
fn burst_applies_to_a_call_and_subsequent_calls_of_its_action() -> TestResult {
    let (upstream, served) = echo()?;
    let body = json!({ "x": 1 });
    let burst = on("*", "*").burst(2, 2).fail(500, "InternalFailure", "x");
    let aws = LocalAws::behind(upstream)?.rule(burst.clone());
    let calls = ["ListAliases", "Verify", "ListAliases", "Verify", "Verify"];
    let statuses = calls.map(|call| send(&aws, call, &body).map(|(status, _)| status));
    assert_eq!(statuses, [200, 500, 200, 500, 200].map(Some));
    assert_eq!((burst.fired(), served.load(Ordering::SeqCst)), (2, 3));

    aws.clear_rules();
    aws.add_rule(
        &on("kms", "ListAliases")
            .first()
            .fail_after(500, "InternalFailure", "x"),
    );
    let answer = send(&aws, "ListAliases", &body).map(|(status, _)| status);
    assert_eq!(
        (answer, served.load(Ordering::SeqCst)),
        (Some(500), 4),
        "the call must be forwarded"
    );
    Ok(())
}

#[test]
fn only_loopback_is_reachable() -> TestResult {
    let refused = LocalAws::behind("203.0.113.1:80".parse()?).unwrap_err();
    assert!(refused.to_string().contains("loopback only"), "{refused}");

    let (upstream, served) = echo()?;
    let aws = LocalAws::behind(upstream)?;
    let proxy = ureq::Proxy::new(&aws.proxy())?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .proxy(Some(proxy))
        .build()
        .into();
    assert!(
        agent
            .get("http://sts.amazonaws.com/?Action=GetCallerIdentity")
            .call()
            .is_err()
    );
    assert_eq!(served.load(Ordering::SeqCst), 0);
    let journal = aws.journal();
    assert_eq!(
        (journal[0].service.as_str(), journal[0].status),
        ("network", Some(403))
    );
    assert!(
        journal[0].action.starts_with("sts.amazonaws.com"),
        "{}",
        journal[0].action
    );
    Ok(())
}

/// Sends a call to any service and returns the status and body of the response.
fn send_to(
    aws: &LocalAws,
    service: &str,
    method: &str,
    path: &str,
    body: &str,
) -> Option<(u16, String)> {
    let scope = format!("{}/20260101/us-east-1/{service}/aws4_request", aws.id());
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", aws.endpoint()))
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        )
        .body(body.to_owned())
        .ok()?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent.run(request).ok()?;
    let text = response.body_mut().read_to_string().ok()?;
    Some((response.status().as_u16(), text))
}

#[test]
fn rules_select_calls_of_every_protocol_by_content() -> TestResult {
    let (upstream, _) = echo()?;
    let aws = LocalAws::behind(upstream)?;
    let full = |service, action| on(service, action).first().fail(400, "Full", "disk full");
    for rule in [
        full("rds", "CreateDBInstance"),
        full("s3", "PUT /*?policy"),
        full("cloudfront", "POST /*/*?WithTags"),
    ] {
        aws.add_rule(&rule);
    }
    let create = "Action=CreateDBInstance&Version=2014-10-31&DBInstanceIdentifier=db";
    let calls = [
        ("rds", "POST", "/", create),
        ("s3", "PUT", "/bucket?policy", "{}"),
        (
            "cloudfront",
            "POST",
            "/2020-05-31/distribution?WithTags",
            "<D/>",
        ),
    ];
    for (service, method, path, body) in calls {
        let (status, text) = send_to(&aws, service, method, path, body).ok_or("no response")?;
        assert!(
            status == 400 && text.contains("<Code>Full</Code>"),
            "{service}: {status} {text}"
        );
        let again = send_to(&aws, service, method, path, body).ok_or("no response")?;
        assert_eq!(again, (200, body.to_owned()), "{service}");
    }

    aws.clear_rules();
    for name in ["shop/url", "my bucket"] {
        let rule = on("*", "*")
            .mentioning(name)
            .every()
            .fail(400, "Full", "disk full");
        aws.add_rule(&rule);
    }
    let secret = |name: &str| json!({ "SecretId": format!("arn:aws:secretsmanager:::{name}-Ab1") });
    let status = |answer: Option<(u16, Value)>| answer.map(|(status, _)| status);
    assert_eq!(
        status(send(&aws, "ListAliases", &secret("shop/url"))),
        Some(400)
    );
    assert_eq!(
        status(send(&aws, "ListAliases", &secret("shop/password"))),
        Some(200)
    );
    let form = send_to(&aws, "rds", "POST", "/", "Action=AddTags&Name=my%20bucket");
    assert_eq!(form.map(|(status, _)| status), Some(400));
    Ok(())
}
