//! Semantics of the in-memory object store, and the messages for its errors.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Crash, Fault, InMemoryKeys, InMemoryObjects, Script};
use crate::aws::AwsErrorKind;
use crate::aws::kms::{KeySpec, KmsKeys};
use crate::aws::objects::diagnostics::object_detail;
use crate::aws::objects::{
    BucketNameProblem, Condition, NewObject, ObjectFailure, ObjectLocation, ObjectStore,
    ObjectStores, Written, check_bucket_name, check_key,
};

const BUCKET: &str = "ca-publication";

fn location(key: &str) -> ObjectLocation {
    ObjectLocation {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        expected_bucket_owner: Some("123456789012".to_owned()),
    }
}

fn store() -> InMemoryObjects {
    let store = InMemoryObjects::default();
    store.create_bucket(BUCKET);
    store
}

async fn put(
    store: &InMemoryObjects,
    body: &[u8],
    condition: Condition<'_>,
) -> Result<Written, Option<ObjectFailure>> {
    let object = NewObject {
        location: &location("crl.der"),
        body,
        content_type: "application/pkix-crl",
        cache_control: Some("max-age=3600"),
        tags: &BTreeMap::from([("env".to_owned(), "test".to_owned())]),
        condition,
    };
    let written = store.put(object).await;
    written.map_err(|error| ObjectFailure::of(&error))
}

#[tokio::test]
async fn conditional_writes_detect_other_writers() {
    let store = store();
    let matches = put(&store, b"0", Condition::Matches("\"x\"")).await;
    assert_eq!(matches, Err(Some(ObjectFailure::NoSuchKey)));
    let first = put(&store, b"1", Condition::Absent).await.unwrap();
    let again = put(&store, b"2", Condition::Absent).await;
    assert_eq!(again, Err(Some(ObjectFailure::PreconditionFailed)));
    let second = put(&store, b"2", Condition::Matches(&first.etag)).await;
    let second = second.unwrap();
    assert_ne!(first.version_id, second.version_id);
    let lost = put(&store, b"3", Condition::Matches(&first.etag)).await;
    assert_eq!(lost, Err(Some(ObjectFailure::PreconditionFailed)));
    let read = store.get(&location("crl.der")).await.unwrap().unwrap();
    assert_eq!(
        (read.body, read.properties.etag),
        (b"2".to_vec(), second.etag)
    );
    assert_eq!(store.tags(BUCKET, "crl.der").unwrap()["env"], "test");
}

#[tokio::test]
async fn script_loses_responses_throttles_and_returns_stale_objects() {
    let store = store();
    let script = store.script();
    script.fault_at(0, Fault::LoseResponse);
    assert_eq!(put(&store, b"1", Condition::Absent).await, Err(None));
    assert_eq!(store.content(BUCKET, "crl.der").as_deref(), Some(&b"1"[..]));
    script.recover();
    script.fault_at(0, Fault::Throttle);
    let throttled = store.get(&location("crl.der")).await.unwrap_err();
    assert_eq!(throttled.kind, AwsErrorKind::Throttled);
    script.recover();
    let other = store.clone();
    let meanwhile = move || other.overwrite(BUCKET, "crl.der", b"2");
    script.fault_at(0, Fault::Meanwhile(Arc::new(meanwhile)));
    let lost = put(&store, b"3", Condition::Absent).await;
    assert_eq!(lost, Err(Some(ObjectFailure::PreconditionFailed)));
    script.recover();
    script.fault_at(0, Fault::StaleRead);
    let stale = store.get(&location("crl.der")).await.unwrap().unwrap();
    assert_eq!(stale.body, b"1");
    let fresh = store.get(&location("crl.der")).await.unwrap().unwrap();
    assert_eq!(fresh.body, b"2");
    assert_eq!(script.calls(), ["s3:GetObject", "s3:GetObject"]);
}

#[tokio::test]
async fn crash_stops_the_process_before_or_after_the_effect() {
    for (crash, expected) in [
        (Crash::BeforeEffect, None),
        (Crash::AfterEffect, Some(b"1".to_vec())),
    ] {
        let script = Script::default();
        let store = InMemoryObjects::with_script(script.clone());
        store.create_bucket(BUCKET);
        script.fault_at(0, Fault::Crash(crash));
        tokio::select! {
            _ = put(&store, b"1", Condition::None) => panic!("the call must not return"),
            () = script.crashed() => {}
        }
        assert_eq!(store.content(BUCKET, "crl.der"), expected, "{crash:?}");
    }
}

#[tokio::test]
async fn errors_name_the_object_and_the_next_step() {
    let store = store();
    let mut location = location("crl.der");
    let detail = |error, location: &ObjectLocation| object_detail(&error, location);
    location.expected_bucket_owner = Some("999999999999".to_owned());
    let denied = detail(store.get(&location).await.unwrap_err(), &location);
    assert!(
        denied.contains("999999999999") && denied.contains("s3:GetObject"),
        "{denied}"
    );
    store.move_bucket(BUCKET, "eu-west-1", "123456789012");
    let moved = detail(store.get(&location).await.unwrap_err(), &location);
    assert!(
        moved.contains("eu-west-1") && moved.contains("get-bucket-location"),
        "{moved}"
    );
    store.delete_bucket(BUCKET);
    // The response to a HEAD request does not tell a missing bucket from a missing object.
    assert_eq!(store.head(&location).await, Ok(None));
    let missing = detail(store.list(&location).await.unwrap_err(), &location);
    assert!(
        missing.contains("ca-publication does not exist"),
        "{missing}"
    );
}

#[tokio::test]
async fn list_returns_keys_with_the_prefix_and_delete_is_idempotent() {
    let store = store();
    for key in ["issued/1.pem", "issued/2.pem", "crl.der"] {
        store.overwrite(BUCKET, key, key.as_bytes());
    }
    let listed = store.list(&location("issued/")).await.unwrap();
    let keys: Vec<_> = listed.into_iter().map(|object| object.key).collect();
    assert_eq!(keys, ["issued/1.pem", "issued/2.pem"]);
    for _ in 0..2 {
        store.delete(&location("issued/1.pem")).await.unwrap();
    }
    assert_eq!(store.head(&location("issued/1.pem")).await, Ok(None));
}

#[test]
fn bucket_names_and_keys_follow_the_naming_rules() {
    use BucketNameProblem::{AdjacentPeriods, Characters, Ends, IpAddress, Length};
    for name in ["abc", "ca.example.com", &"a".repeat(63), "1-2"] {
        assert_eq!(check_bucket_name(name), Ok(()), "{name}");
    }
    for (name, expected) in [
        ("ab", Length),
        (&"a".repeat(64), Length),
        ("Bucket", Characters),
        ("a_b", Characters),
        ("-ab", Ends),
        ("ab.", Ends),
        ("a..b", AdjacentPeriods),
        ("192.168.0.1", IpAddress),
    ] {
        assert_eq!(check_bucket_name(name), Err(expected), "{name}");
    }
    assert!(check_key(".well-known/crl.pem") && check_key(&"k".repeat(1024)));
    for key in ["", "a/../b", "./a", &"k".repeat(1025)] {
        assert!(!check_key(key), "{key}");
    }
    let parsed = ObjectLocation::parse("s3://ca-publication/a/b.pem").unwrap();
    assert_eq!(parsed.to_string(), "s3://ca-publication/a/b.pem");
    for text in [
        "s3://ca-publication",
        "s3://ca-publication/",
        "https://x/y",
        "s3://X/y",
    ] {
        assert_eq!(ObjectLocation::parse(text), None, "{text}");
    }
}

#[tokio::test]
async fn services_with_one_script_share_the_numbering_of_calls() {
    let script = Script::default();
    let store = InMemoryObjects::with_script(script.clone());
    store.create_bucket(BUCKET);
    let keys = InMemoryKeys::with_script(script.clone());
    let arn = keys.create(KeySpec::EccNistP256);
    let conflict = "A conflicting conditional operation is in progress";
    script.fault_at(1, Fault::Refuse("ConditionalRequestConflict", conflict));
    assert!(keys.describe(&arn).await.is_ok());
    let conflicting = put(&store, b"1", Condition::Absent).await;
    assert_eq!(conflicting, Err(Some(ObjectFailure::Conflict)));
    ObjectStore::pause(&store, Duration::from_secs(1)).await;
    assert_eq!(store.pauses(), [Duration::from_secs(1)]);
    assert!(put(&store, b"1", Condition::Absent).await.is_ok());
    assert_eq!(
        script.calls(),
        ["kms:DescribeKey", "s3:PutObject", "s3:PutObject"]
    );
    store.deny(BUCKET, true);
    let denied = put(&store, b"2", Condition::None).await;
    assert_eq!(denied, Err(Some(ObjectFailure::AccessDenied)));
    store.set_unknown(true);
    assert!(store.open_objects_if_known().await.unwrap().is_none());
}
