//! Tests Amazon S3 with the real emulator, against the AWS API Reference: first without, and then with the corrections.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use tfharness::LocalAws;

use super::TestResult;
use super::plain::{Pair, send};

fn error_code(text: &str) -> &str {
    let code = text.split_once("<Code>").map_or("", |(_, rest)| rest);
    code.split_once("</Code>").map_or("", |(code, _)| code)
}

#[test]
fn conditions_of_a_write_are_evaluated() -> TestResult {
    let pair = Pair::start()?;
    let put = |headers: &[(&str, &str)], body: &str| {
        pair.s3(true, ("PUT", "/bucket/crl.pem"), headers, body)
    };
    assert_eq!(pair.s3(true, ("PUT", "/bucket"), &[], "")?.0, 200);
    let missing = put(&[("if-match", "\"x\"")], "0")?;
    assert_eq!((missing.0, error_code(&missing.1)), (404, "NoSuchKey"));
    assert_eq!(put(&[("if-none-match", "*")], "1")?.0, 200);
    let exists = put(&[("if-none-match", "*")], "2")?;
    assert_eq!(
        (exists.0, error_code(&exists.1)),
        (412, "PreconditionFailed")
    );
    let changed = put(&[("if-match", "\"x\"")], "2")?;
    assert_eq!(
        (changed.0, error_code(&changed.1)),
        (412, "PreconditionFailed")
    );
    // The `ETag` of an object without multipart upload and KMS encryption is the MD5 digest of its content.
    assert_eq!(
        put(&[("if-match", "\"c4ca4238a0b923820dcc509a6f75849b\"")], "2")?.0,
        200
    );
    assert_eq!(pair.aws.s3().get("bucket", "crl.pem")?, "2");
    Ok(())
}

#[test]
fn if_none_match_accepts_only_an_asterisk() -> TestResult {
    let pair = Pair::start()?;
    assert_eq!(pair.s3(true, ("PUT", "/bucket"), &[], "")?.0, 200);
    let headers = [("if-none-match", "\"x\"")];
    let plain = pair.s3(false, ("PUT", "/bucket/a"), &headers, "1")?;
    assert_eq!(plain.0, 200, "{}", plain.1);
    let refused = pair.s3(true, ("PUT", "/bucket/a"), &headers, "1")?;
    assert_eq!((refused.0, error_code(&refused.1)), (501, "NotImplemented"));
    Ok(())
}

#[test]
fn bucket_has_the_expected_owner() -> TestResult {
    let pair = Pair::start()?;
    assert_eq!(pair.s3(true, ("PUT", "/bucket"), &[], "")?.0, 200);
    let foreign = [("x-amz-expected-bucket-owner", "999999999999")];
    let own = [("x-amz-expected-bucket-owner", pair.aws.id())];
    for request in [
        ("PUT", "/bucket/a"),
        ("GET", "/bucket/a"),
        ("GET", "/bucket?list-type=2"),
    ] {
        let plain = pair.s3(false, request, &foreign, "")?;
        assert_eq!(plain.0, 200, "{request:?}: {}", plain.1);
        let refused = pair.s3(true, request, &foreign, "")?;
        assert_eq!(
            (refused.0, error_code(&refused.1)),
            (403, "AccessDenied"),
            "{request:?}"
        );
        assert_eq!(pair.s3(true, request, &own, "")?.0, 200, "{request:?}");
    }
    let missing = pair.s3(true, ("GET", "/absent/a"), &own, "")?;
    assert_eq!((missing.0, error_code(&missing.1)), (404, "NoSuchBucket"));
    Ok(())
}

#[test]
fn bucket_policy_denies_deletions() -> TestResult {
    let pair = Pair::start()?;
    let policy = r#"{ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*",
        "Action": ["s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObjectVersion"],
        "Resource": ["arn:aws:s3:::ACCOUNT-kept", "arn:aws:s3:::ACCOUNT-kept/*"]
    }, {
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::ACCOUNT-kept/*",
        "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    }] }"#;
    let bucket = format!("/{}-kept", pair.aws.id());
    let of_policy = format!("{bucket}?policy");
    let policy = policy.replace("ACCOUNT", pair.aws.id());
    assert_eq!(pair.s3(true, ("PUT", &bucket), &[], "")?.0, 200);
    assert_eq!(pair.s3(true, ("PUT", &of_policy), &[], &policy)?.0, 204);
    let object = format!("{bucket}/a");
    assert_eq!(pair.s3(true, ("PUT", &object), &[], "1")?.0, 200);
    for path in [&of_policy, &bucket, &format!("{object}?versionId=null")] {
        let refused = pair.s3(true, ("DELETE", path), &[], "")?;
        assert_eq!(
            (refused.0, error_code(&refused.1)),
            (403, "AccessDenied"),
            "{path}"
        );
    }
    // The policy does not deny other operations.
    assert_eq!(pair.s3(true, ("DELETE", &object), &[], "")?.0, 204);
    assert_eq!(pair.s3(true, ("PUT", &of_policy), &[], &policy)?.0, 204);
    // Without the corrections, the deletion succeeds.
    assert_eq!(pair.s3(false, ("DELETE", &of_policy), &[], "")?.0, 204);
    assert_eq!(pair.s3(true, ("DELETE", &bucket), &[], "")?.0, 204);
    Ok(())
}

/// The first write is in progress until the server responds to it.
#[test]
fn conditional_write_conflicts_with_a_write_in_progress() -> TestResult {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let aws = LocalAws::behind(listener.local_addr()?)?;
    let (arrived, has_arrived) = mpsc::channel();
    let (finish, may_finish) = mpsc::channel::<()>();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or(0);
            if request[..length].starts_with(b"PUT /bucket/a ") {
                let _ = arrived.send(());
                let _ = may_finish.recv();
            }
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let (endpoint, account) = (aws.endpoint(), aws.id().to_owned());
    let first = thread::spawn(move || {
        let written = send(
            &endpoint,
            (&account, "us-east-1", "s3"),
            ("PUT", "/bucket/a"),
            &[],
            "1",
        );
        written
            .map(|(status, _)| status)
            .map_err(|error| error.to_string())
    });
    has_arrived.recv()?;
    let put = |headers: &[(&str, &str)]| {
        send(
            &aws.endpoint(),
            (aws.id(), "us-east-1", "s3"),
            ("PUT", "/bucket/a"),
            headers,
            "2",
        )
    };
    let refused = put(&[("if-match", "\"x\"")])?;
    assert_eq!(
        (refused.0, error_code(&refused.1)),
        (409, "ConditionalRequestConflict")
    );
    finish.send(())?;
    assert_eq!(first.join().map_err(|_| "the first write failed")?, Ok(200));
    finish.send(())?;
    assert_eq!(put(&[("if-match", "\"x\"")])?.0, 200);
    Ok(())
}
