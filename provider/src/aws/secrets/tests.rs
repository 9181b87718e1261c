//! Tests of the client with a loopback server, and of the rules for names, keys, and recovery windows.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use tfplugin::schema::Number;
use tfplugin::{Configured, Planned};
use zeroize::Zeroizing;

use super::client::SecretsManager;
use super::*;
use crate::aws::config::{Service, StaticCredentials};
use crate::aws::{AwsSettings, Connection};

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// Returns a store whose server records each request and returns the given responses in order.
async fn store(
    answers: &'static [(u16, &'static str)],
) -> (SecretsManager, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&requests);
    std::thread::spawn(move || {
        for (stream, (status, body)) in listener.incoming().flatten().zip(answers) {
            let mut reader = BufReader::new(&stream);
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a header line");
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut request = vec![0; length];
            reader.read_exact(&mut request).expect("a body");
            let request = String::from_utf8(request).expect("JSON");
            kept.lock().expect("lock is not poisoned").push(request);
            let answer = format!(
                "HTTP/1.1 {status} x\r\ndate: {DATE}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            (&stream)
                .write_all(answer.as_bytes())
                .expect("the client reads the response");
        }
    });
    let settings = AwsSettings {
        region: Some("eu-central-1".into()),
        static_credentials: Some(StaticCredentials {
            access_key: "AKIASTATIC".into(),
            secret_key: Zeroizing::new("secret".into()),
            token: None,
        }),
        endpoints: [(Service::SecretsManager, url)].into(),
        max_retries: Some(0),
        ..AwsSettings::default()
    };
    let configured = Configured::new();
    configured.set(Connection::new(settings));
    let opened = configured.open_if_known().await;
    let store = opened.unwrap_or_else(|refused| panic!("{refused:?}"));
    (store.expect("the configuration is known"), requests)
}

/// Returns the requests that the server received.
fn sent(requests: &Mutex<Vec<String>>) -> Vec<serde_json::Value> {
    let requests = requests.lock().expect("lock is not poisoned");
    let parsed = requests.iter().map(|body| serde_json::from_str(body));
    parsed.map(|body| body.expect("JSON")).collect()
}

#[tokio::test]
async fn error_responses_provide_the_date() {
    const MISSING: &str = r#"{"__type":"ResourceNotFoundException","Message":"no"}"#;
    let (store, _) = store(&[(400, MISSING)]).await;
    assert_eq!(store.answered_at(), None);
    let refused = store.describe("root").await.expect_err("missing");
    assert!(refused.is(NOT_FOUND), "{refused}");
    let expected = "1994-11-06T08:49:37Z".parse().expect("a time");
    assert_eq!(store.answered_at(), Some(expected));
}

#[tokio::test]
async fn create_responses_provide_the_date() {
    const CREATED: &str = r#"{"ARN":"arn:x","VersionId":"v"}"#;
    let (store, _) = store(&[(200, CREATED)]).await;
    let secret = NewSecret {
        name: "root",
        description: "",
        kms_key_id: None,
        tags: &BTreeMap::new(),
        token: &"0".repeat(32),
        value: &SecretText::from("value".to_owned()),
        replica_regions: &[],
    };
    assert!(store.create(secret).await.is_ok());
    assert!(store.answered_at().is_some());
}

#[tokio::test]
async fn recovery_window_of_0_days_deletes_without_recovery() {
    let (store, requests) = store(&[(200, "{}"), (200, "{}")]).await;
    store.delete("root", 0).await.expect("deleted");
    store.delete("root", 7).await.expect("deleted");
    assert_eq!(
        sent(&requests),
        [
            serde_json::json!({ "SecretId": "root", "ForceDeleteWithoutRecovery": true }),
            serde_json::json!({ "SecretId": "root", "RecoveryWindowInDays": 7 }),
        ]
    );
}

#[tokio::test]
async fn description_includes_the_date_of_a_scheduled_deletion() {
    const PENDING: &str = r#"{"ARN":"arn:x","Name":"root","DeletedDate":1795780800.25,
        "KmsKeyId":"arn:aws:kms:eu-central-1:123456789012:alias/aws/secretsmanager",
        "VersionIdsToStages":{"a":["AWSPREVIOUS"],"b":["AWSCURRENT"]},"Tags":[{"Key":"aws:x","Value":"1"},{"Key":"a","Value":"1"}]}"#;
    const LIVING: &str = r#"{"ARN":"arn:x","Name":"root"}"#;
    let (store, _) = store(&[(200, PENDING), (200, LIVING)]).await;
    let pending = store.describe("root").await.expect("described");
    let date = "2026-11-27T12:00:00Z".parse().expect("a time");
    assert_eq!(pending.deletion_date, Some(date));
    assert!(pending.pending_deletion());
    assert_eq!(pending.current_version_id.as_deref(), Some("b"));
    assert_eq!(pending.version_ids.len(), 2);
    assert_eq!(pending.kms_key_id, None);
    assert_eq!(
        pending.tags,
        BTreeMap::from([("a".to_owned(), "1".to_owned())])
    );
    let living = store.describe("root").await.expect("described");
    assert!(!living.pending_deletion() && living.current_version_id.is_none());
}

#[tokio::test]
async fn staged_version_and_version_selectors_are_sent() {
    const WRITTEN: &str = r#"{"ARN":"arn:x","VersionId":"v"}"#;
    const VALUE: &str = r#"{"SecretString":"s","VersionId":"v","VersionStages":["PENDING"]}"#;
    let (store, requests) = store(&[(200, WRITTEN), (200, VALUE), (200, VALUE)]).await;
    let token = "0".repeat(32);
    let value = SecretText::from("value".to_owned());
    let written = store.put_staged("root", &token, &value, &["PENDING"]).await;
    assert_eq!(written.expect("written").version_id, "v");
    let read = store.value_of("root", VersionSelector::Id("v")).await;
    let read = read.map_err(|error| error.to_string()).expect("a value");
    assert_eq!(read.stages, BTreeSet::from(["PENDING".to_owned()]));
    let read = store
        .value_of("root", VersionSelector::Stage("PENDING"))
        .await;
    assert!(read.is_ok_and(|value| value.version_id == "v"));
    assert_eq!(
        sent(&requests),
        [
            serde_json::json!({
                "SecretId": "root", "ClientRequestToken": token, "SecretString": "value",
                "VersionStages": ["PENDING"],
            }),
            serde_json::json!({ "SecretId": "root", "VersionId": "v" }),
            serde_json::json!({ "SecretId": "root", "VersionStage": "PENDING" }),
        ]
    );
}

#[tokio::test]
async fn replicas_never_overwrite_other_secrets() {
    const CREATED: &str = r#"{"ARN":"arn:x","VersionId":"v"}"#;
    let (store, requests) = store(&[(200, CREATED), (200, "{}"), (200, "{}")]).await;
    let regions = [ReplicaRegion {
        region: "eu-west-1".to_owned(),
        kms_key_id: Some("alias/replica".to_owned()),
    }];
    let secret = NewSecret {
        name: "root",
        description: "",
        kms_key_id: None,
        tags: &BTreeMap::new(),
        token: &"0".repeat(32),
        value: &SecretText::from("value".to_owned()),
        replica_regions: &regions,
    };
    assert!(store.create(secret).await.is_ok());
    store.replicate("root", &regions).await.expect("replicated");
    let removed = store
        .remove_replicas("root", &["eu-west-1".to_owned()])
        .await;
    removed.expect("removed");
    let added = serde_json::json!([{ "Region": "eu-west-1", "KmsKeyId": "alias/replica" }]);
    let sent = sent(&requests);
    assert_eq!(sent[0]["AddReplicaRegions"], added);
    assert_eq!(sent[1]["AddReplicaRegions"], added);
    for request in &sent {
        let overwrite = &request["ForceOverwriteReplicaSecret"];
        assert!(overwrite.is_null() || overwrite == false, "{request}");
    }
    assert_eq!(
        sent[2],
        serde_json::json!({ "SecretId": "root", "RemoveReplicaRegions": ["eu-west-1"] })
    );
}

#[tokio::test]
async fn description_includes_labels_and_replicas() {
    const REPLICATED: &str = r#"{"ARN":"arn:x","Name":"root","PrimaryRegion":"eu-central-1",
        "VersionIdsToStages":{"a":["AWSPREVIOUS","X"],"b":["AWSCURRENT"]},
        "ReplicationStatus":[
            {"Region":"eu-west-1","Status":"InSync","KmsKeyId":"alias/aws/secretsmanager"},
            {"Region":"eu-north-1","Status":"Failed","StatusMessage":"a secret exists","KmsKeyId":"alias/x"}]}"#;
    let (store, _) = store(&[(200, REPLICATED)]).await;
    let found = store.describe("root").await.expect("described");
    assert_eq!(found.version_with_stage("X"), Some("a"));
    assert_eq!(found.version_with_stage("AWSCURRENT"), Some("b"));
    assert_eq!(found.version_with_stage("Y"), None);
    assert_eq!(found.primary_region.as_deref(), Some("eu-central-1"));
    let replica = |region: &str, key: Option<&str>, status, message: Option<&str>| Replica {
        region: ReplicaRegion {
            region: region.to_owned(),
            kms_key_id: key.map(str::to_owned),
        },
        status,
        message: message.map(str::to_owned),
    };
    assert_eq!(
        found.replicas,
        [
            replica("eu-west-1", None, ReplicationStatus::InSync, None),
            replica(
                "eu-north-1",
                Some("alias/x"),
                ReplicationStatus::Failed,
                Some("a secret exists")
            ),
        ]
    );
}

#[tokio::test]
async fn unknown_configuration_has_no_store() {
    let configured = Configured::new();
    configured.set(Connection::not_known_yet(
        "region".to_owned(),
        Planned::Unknown,
    ));
    let opened = configured.open_if_known().await;
    assert!(opened.is_ok_and(|store| store.is_none()));
    assert!(configured.open().await.is_err());
}

#[test]
fn missing_kms_permissions_are_distinguished_from_missing_call_permissions() {
    let denied = "AccessDeniedException";
    let plain = "User: arn:aws:iam::123456789012:role/KMS-admin is not authorized to perform: \
        secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-central-1:123456789012:secret:kms:x";
    let named =
        "User: arn:aws:iam::123456789012:role/ci is not authorized to perform: kms:GenerateDataKey";
    let kms = "Access to KMS is not allowed";
    let both = Some("kms:GenerateDataKey and kms:Decrypt");
    for (action, code, message, expected) in [
        (
            "secretsmanager:GetSecretValue",
            denied,
            kms,
            Some("kms:Decrypt"),
        ),
        ("secretsmanager:PutSecretValue", denied, kms, both),
        ("secretsmanager:CreateSecret", denied, kms, both),
        ("secretsmanager:CreateSecret", denied, named, both),
        ("secretsmanager:GetSecretValue", denied, plain, None),
        ("secretsmanager:GetSecretValue", denied, "no", None),
        (
            "secretsmanager:GetSecretValue",
            "DecryptionFailure",
            kms,
            None,
        ),
    ] {
        let error = AwsError::service(action, code, message);
        assert_eq!(missing_kms_actions(&error), expected, "{action} {message}");
    }
}

#[test]
fn recovery_windows_from_the_api_reference_and_0_are_valid() {
    let accepted = |days: i64| is_recovery_window(&Value::Number(Number::from(days)));
    for days in [0, 7, 8, 30] {
        assert!(accepted(days), "{days}");
    }
    for days in [-1, 1, 6, 31] {
        assert!(!accepted(days), "{days}");
    }
    assert!(!is_recovery_window(&Value::Null));
}

#[test]
fn names_follow_the_api_reference() {
    for name in [
        "skreg/pki/root-ca-key",
        "a",
        "root-ca",
        "x-abcde",
        "x-abcdefg",
        "A_+=.@/9",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in [
        "",
        "with space",
        "ümlaut",
        "root-AbCdEf",
        "tick'",
        &"x".repeat(513),
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn kms_keys_are_compared_across_identifier_formats() {
    let arn = "arn:aws:kms:eu-central-1:123456789012:key/1234-abcd";
    let alias = "arn:aws:kms:eu-central-1:123456789012:alias/ca";
    let cases = [
        (Some("1234-abcd"), Some(arn), KmsKeys::Same),
        (Some("alias/ca"), Some(alias), KmsKeys::Same),
        (None, Some("alias/aws/secretsmanager"), KmsKeys::Same),
        (Some("alias/ca"), Some(arn), KmsKeys::Undecided),
        (None, Some(arn), KmsKeys::Different),
        (Some("alias/other"), Some(alias), KmsKeys::Different),
        (Some("9999"), Some(arn), KmsKeys::Different),
    ];
    for (one, other, verdict) in cases {
        assert_eq!(compare_kms_keys(one, other), verdict, "{one:?} {other:?}");
        assert_eq!(compare_kms_keys(other, one), verdict, "{other:?} {one:?}");
    }
}
