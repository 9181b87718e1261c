//! Requests that the KMS and S3 clients send, and their interpretation of responses.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::server::{Prepared, connection};
use crate::aws::AwsErrorKind;
use crate::aws::config::Service;
use crate::aws::kms::{KeyState, KmsKeySource, KmsKeys, MessageKind, SigningAlgorithm};
use crate::aws::objects::{
    Condition, NewObject, ObjectFailure, ObjectLocation, ObjectStore, ObjectStores,
};

const ARN: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OK: &str = "etag: \"e\"\r\nx-amz-version-id: v1\r\n";

fn answer(status: u16, headers: &'static str, body: impl Into<Vec<u8>>) -> Prepared {
    Prepared {
        status,
        headers,
        body: body.into(),
    }
}

fn location(key: &str) -> ObjectLocation {
    ObjectLocation {
        bucket: "publication".to_owned(),
        key: key.to_owned(),
        expected_bucket_owner: Some("123456789012".to_owned()),
    }
}

#[tokio::test]
async fn large_objects_are_written_and_read_with_a_checksum() {
    let body: Vec<u8> = (0..10_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let (connection, requests) = connection(
        Service::S3,
        vec![answer(200, OK, ""), answer(200, OK, body.clone())],
    );
    let store = connection.open_objects().await.unwrap();
    let written = store
        .put(NewObject {
            location: &location("a/crl.der"),
            body: &body,
            content_type: "application/pkix-crl",
            cache_control: Some("max-age=60"),
            tags: &BTreeMap::from([("env".to_owned(), "test".to_owned())]),
            condition: Condition::Absent,
        })
        .await
        .unwrap();
    assert_eq!(
        (written.etag.as_str(), written.version_id.as_deref()),
        ("\"e\"", Some("v1"))
    );
    let read = store.get(&location("a/crl.der")).await.unwrap().unwrap();
    assert!(read.body == body && read.properties.size == 10_000_000);
    let requests = requests.lock().unwrap();
    let put = &requests[0];
    assert!(
        put.line.starts_with("PUT /publication/a/crl.der"),
        "{}",
        put.line
    );
    assert!(put.body == body);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &body);
    let checksum = BASE64_STANDARD.encode(digest);
    for (name, value) in [
        ("x-amz-checksum-sha256", checksum.as_str()),
        ("x-amz-expected-bucket-owner", "123456789012"),
        ("x-amz-tagging", "env=test"),
        ("if-none-match", "*"),
        ("cache-control", "max-age=60"),
        ("content-type", "application/pkix-crl"),
    ] {
        assert_eq!(put.header(name), Some(value), "{name}");
    }
    assert_eq!(put.header("if-match"), None);
    let owner = requests[1].header("x-amz-expected-bucket-owner");
    assert_eq!(owner, Some("123456789012"));
}

#[tokio::test]
async fn a_body_with_another_checksum_is_not_used() {
    // SHA-256 of the empty string.
    const CHECKSUM: &str = "ETag: \"e\"\r\nx-amz-checksum-type: FULL_OBJECT\r\n\
        x-amz-checksum-sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n";
    let (connection, _) = connection(Service::S3, vec![answer(200, CHECKSUM, "changed")]);
    let store = connection.open_objects().await.unwrap();
    let error = store.get(&location("a")).await.unwrap_err();
    assert_eq!(error.kind, AwsErrorKind::Corrupt, "{error}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn s3_errors_are_classified_with_and_without_a_body() {
    fn error(code: &str) -> String {
        format!("<Error><Code>{code}</Code><Message>m</Message></Error>")
    }
    const REGION: &str = "x-amz-bucket-region: eu-west-1\r\n";
    let (connection, requests) = connection(
        Service::S3,
        vec![
            answer(404, "", error("NoSuchKey")),
            answer(404, "", error("NoSuchBucket")),
            answer(404, "", ""),
            answer(301, REGION, ""),
            answer(403, "", ""),
            answer(412, "", error("PreconditionFailed")),
            answer(409, "", error("ConditionalRequestConflict")),
            answer(204, "", ""),
            answer(403, "", error("AccessDenied")),
        ],
    );
    let store = connection.open_objects().await.unwrap();
    let place = location("k");
    assert_eq!(store.get(&place).await, Ok(None));
    let failure = |error| ObjectFailure::of(&error);
    let missing = store.get(&place).await.unwrap_err();
    assert_eq!(failure(missing), Some(ObjectFailure::NoSuchBucket));
    assert_eq!(store.head(&place).await, Ok(None));
    let moved = store.head(&place).await.unwrap_err();
    assert!(moved.message.contains("eu-west-1"), "{moved}");
    assert_eq!(failure(moved), Some(ObjectFailure::OtherRegion));
    let denied = store.head(&place).await.unwrap_err();
    assert_eq!(failure(denied), Some(ObjectFailure::AccessDenied));
    for expected in [ObjectFailure::PreconditionFailed, ObjectFailure::Conflict] {
        let object = NewObject {
            location: &place,
            body: b"x",
            content_type: "text/plain",
            cache_control: None,
            tags: &BTreeMap::new(),
            condition: Condition::Matches("\"e\""),
        };
        let refused = store.put(object).await.unwrap_err();
        assert_eq!(failure(refused), Some(expected));
    }
    // Without permission to list versions, the object is hidden by a delete marker.
    assert_eq!(store.delete(&place).await, Ok(()));
    let requests = requests.lock().unwrap();
    assert_eq!(requests[5].header("if-match"), Some("\"e\""));
    assert!(requests[7].line.starts_with("DELETE /publication/k"));
}

/// Without the first delete marker, deleting the version `c` would make the version `b` the current one.
#[tokio::test]
async fn delete_hides_an_object_before_it_deletes_the_versions() {
    fn version(element: &str, key: &str, id: &str, is_latest: bool) -> String {
        format!(
            "<{element}><Key>{key}</Key><VersionId>{id}</VersionId><IsLatest>{is_latest}</IsLatest></{element}>"
        )
    }
    fn page(next: &str, content: &[String]) -> String {
        format!(
            "<ListVersionsResult><IsTruncated>{}</IsTruncated>{next}{}</ListVersionsResult>",
            !next.is_empty(),
            content.concat()
        )
    }
    let next = "<NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>c</NextVersionIdMarker>";
    let first = [
        version("DeleteMarker", "k", "d", true),
        version("Version", "k", "c", false),
    ];
    let second = [
        version("Version", "k", "b", false),
        version("DeleteMarker", "k", "a", false),
        version("Version", "k2", "x", true),
    ];
    let (connection, requests) = connection(
        Service::S3,
        vec![
            answer(204, "", ""),
            answer(200, "", page(next, &first)),
            answer(200, "", page("", &second)),
            answer(204, "", ""),
            answer(204, "", ""),
            answer(204, "", ""),
            answer(204, "", ""),
        ],
    );
    let store = connection.open_objects().await.unwrap();
    assert_eq!(store.delete(&location("k")).await, Ok(()));
    let requests = requests.lock().unwrap();
    let deleted: Vec<_> = requests
        .iter()
        .filter(|request| request.line.starts_with("DELETE /publication/k?"))
        .map(|request| {
            let (_, query) = request.line.split_once("versionId=").unwrap_or_default();
            query.split([' ', '&']).next().unwrap_or_default()
        })
        .collect();
    assert_eq!(deleted, ["", "c", "b", "a", "d"]);
    assert!(requests[2].line.contains("version-id-marker=c"));
}

#[tokio::test]
async fn list_requests_all_pages() {
    fn page(next: &str, key: &str) -> String {
        format!(
            "<ListBucketResult><IsTruncated>{}</IsTruncated>{next}<Contents><Key>{key}</Key><ETag>&quot;e&quot;</ETag>\
             <Size>5</Size><LastModified>2026-11-20T12:00:00.000Z</LastModified></Contents></ListBucketResult>",
            !next.is_empty()
        )
    }
    let token = "<NextContinuationToken>t</NextContinuationToken>";
    let (connection, requests) = connection(
        Service::S3,
        vec![
            answer(200, "", page(token, "a/1")),
            answer(200, "", page("", "a/2")),
        ],
    );
    let store = connection.open_objects().await.unwrap();
    let listed = store.list(&location("a/")).await.unwrap();
    let keys: Vec<_> = listed.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(keys, ["a/1", "a/2"]);
    assert_eq!((listed[0].etag.as_str(), listed[0].size), ("\"e\"", 5));
    let requests = requests.lock().unwrap();
    assert!(
        requests[1].line.contains("continuation-token=t"),
        "{}",
        requests[1].line
    );
}

#[tokio::test]
async fn keys_are_described_and_sign() {
    const DESCRIBED: &str = r#"{"KeyMetadata":{"KeyId":"k","Arn":"arn:x","KeySpec":"ECC_NIST_P384",
        "KeyUsage":"SIGN_VERIFY","KeyState":"PendingDeletion","Origin":"AWS_CLOUDHSM","Enabled":false,
        "CustomKeyStoreId":"cks-1","MultiRegion":true,"DeletionDate":1795780800.25}}"#;
    const DRY_RUN: &str = r#"{"__type":"DryRunOperationException","message":"m"}"#;
    const DENIED: &str = r#"{"__type":"AccessDeniedException","message":"m"}"#;
    let (connection, requests) = connection(
        Service::Kms,
        vec![
            answer(200, "", DESCRIBED),
            answer(200, "", r#"{"PublicKey":"AQI="}"#),
            answer(200, "", r#"{"Signature":"AwQ="}"#),
            answer(412, "", DRY_RUN),
            answer(400, "", DENIED),
            answer(200, "", "{}"),
        ],
    );
    let keys = connection.open_keys().await.unwrap();
    let key = keys.describe(ARN).await.unwrap();
    assert_eq!(key.state, KeyState::PendingDeletion);
    assert_eq!(
        (key.spec.as_str(), key.origin.as_str()),
        ("ECC_NIST_P384", "AWS_CLOUDHSM")
    );
    assert_eq!(key.custom_key_store.as_deref(), Some("cks-1"));
    assert!(key.multi_region && !key.enabled);
    let date = key.deletion_date.map(|date| date.to_string());
    assert_eq!(date.as_deref(), Some("2026-11-27T12:00:00Z"));
    assert_eq!(keys.public_key(ARN).await, Ok(vec![1, 2]));
    let algorithm = SigningAlgorithm::EcdsaSha384;
    let signed = keys
        .sign(ARN, algorithm, MessageKind::Digest, &[5; 48])
        .await;
    assert_eq!(signed, Ok(vec![3, 4]));
    assert_eq!(keys.can_sign(ARN, algorithm).await, Ok(()));
    assert!(keys.can_sign(ARN, algorithm).await.is_err());
    assert!(keys.describe(ARN).await.is_err(), "fields are missing");
    let requests = requests.lock().unwrap();
    let body =
        |at: usize| -> serde_json::Value { serde_json::from_slice(&requests[at].body).unwrap() };
    assert_eq!(
        body(2),
        serde_json::json!({
            "KeyId": ARN, "SigningAlgorithm": "ECDSA_SHA_384", "MessageType": "DIGEST",
            "Message": BASE64_STANDARD.encode([5; 48]),
        })
    );
    assert_eq!(
        (&body(3)["DryRun"], &body(3)["MessageType"]),
        (&true.into(), &"DIGEST".into())
    );
    let digest = BASE64_STANDARD.decode(body(3)["Message"].as_str().unwrap());
    assert_eq!(digest.unwrap().len(), 48);
    assert_eq!(body(2)["DryRun"], serde_json::Value::Null);
}
