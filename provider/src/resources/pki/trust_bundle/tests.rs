//! Tests with an in-memory object store that can fail at any call, and with fixed clocks.

use tfplugin::{Outcome, Planned};

use super::model::{PublishPlan, Root, TrustBundlePlan};
use super::*;
use crate::aws::objects::{ObjectLocation, ObjectStore};
use crate::aws::tests::{Crash, Fault, InMemoryObjects};
use crate::pki::trust;
use crate::pki::{
    Description, DistinguishedName, End, KeyAlgorithm, NameAttribute, SerialNumber, Signer,
    SoftwareKey, SystemEntropy, Term, issue,
};

const BUCKET: &str = "example-ca";
const JSON: &str = ".well-known/trust-bundle.json";
const PEM: &str = ".well-known/trust-bundle.pem";
const SUMS: &str = ".well-known/trust-bundle.sha256";

/// Number of calls that an operation makes at most.
const CALLS: usize = 10;

fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// Returns the version of the first bundle: the time in seconds since 1970.
fn first_version() -> u64 {
    start().as_second().try_into().unwrap()
}

fn after_29_days() -> Timestamp {
    "2026-12-19T12:00:00Z".parse().unwrap()
}

fn after_30_days() -> Timestamp {
    "2026-12-20T12:00:00Z".parse().unwrap()
}

fn store() -> InMemoryObjects {
    let store = InMemoryObjects::default();
    store.create_bucket(BUCKET);
    store
}

fn at(store: &InMemoryObjects, now: fn() -> Timestamp) -> TrustBundles<InMemoryObjects> {
    TrustBundles::new(store.clone(), now)
}

/// Creates the certificate of a root.
async fn root(name: &str) -> String {
    let key = SoftwareKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let term = Term {
        end: End::Days(3650),
        not_before_margin_minutes: 60,
    };
    let name = [(NameAttribute::CommonName, name.to_owned())];
    let description = Description::root(
        DistinguishedName::new(name).unwrap(),
        SerialNumber::random(&SystemEntropy).unwrap(),
        term.from(start()).unwrap(),
        Some(1),
        key.public_key().algorithm().default_signature_algorithm(),
    );
    let certificate = issue(&description, key.public_key(), &key).await;
    certificate.unwrap().to_pem()
}

/// Returns a plan with roots: name, certificate, and status.
fn plan(roots: &[(&str, &str, &str)]) -> TrustBundlePlan {
    let roots = roots.iter().map(|(name, certificate, status)| {
        let root = Root {
            certificate_pem: (*certificate).to_owned(),
            status: (*status).to_owned(),
            distribute_from: None,
            trust_until: None,
        };
        ((*name).to_owned(), Planned::Known(root.into()))
    });
    let mut plan = TrustBundlePlan {
        roots: Planned::Known(roots.collect()),
        cross_certificates: Planned::Known(Vec::new()),
        min_distribution_days: 30.into(),
        publish: Planned::Known(PublishPlan {
            bucket: BUCKET.to_owned().into(),
            key_json: JSON.to_owned().into(),
            key_pem: PEM.to_owned().into(),
            key_sha256sums: SUMS.to_owned().into(),
            cache_control: "max-age=60".to_owned().into(),
            ..PublishPlan::default()
        }),
        on_destroy: "retain".to_owned().into(),
        ..TrustBundlePlan::default()
    };
    plan.set_outputs_unknown();
    plan
}

/// Returns the published bundle, and checks that the three objects match.
fn published(store: &InMemoryObjects) -> trust::TrustBundle {
    let content = |key| {
        let content = store
            .content(BUCKET, key)
            .unwrap_or_else(|| panic!("no object {key}"));
        String::from_utf8(content).unwrap()
    };
    let (json, pem) = (content(JSON), content(PEM));
    let bundle = trust::TrustBundle::read(&json).unwrap();
    assert_eq!(bundle.to_pem(), pem);
    let files = [
        ("trust-bundle.json", json.as_str()),
        ("trust-bundle.pem", &pem),
    ];
    assert_eq!(trust::sha256sums(files), content(SUMS));
    bundle
}

fn version(store: &InMemoryObjects) -> u64 {
    let json = store.content(BUCKET, JSON);
    json.map_or(0, |json| {
        let json = String::from_utf8(json).unwrap();
        trust::TrustBundle::read(&json).unwrap().version()
    })
}

async fn unchanged(store: &InMemoryObjects, state: &TrustBundlePlan) -> bool {
    let mut request = Plan::for_test(Some(state.clone()), Some(state.clone()));
    let planned = at(store, start).plan(&mut request).await;
    planned.is_ok()
        && request.plan.as_ref() == Some(state)
        && request.warnings.collected().is_empty()
}

/// Runs an operation until it ends or the process crashes. Returns the state after a success.
async fn run(
    store: &InMemoryObjects,
    operation: impl Future<Output = Outcome<TrustBundle>>,
) -> Option<TrustBundlePlan> {
    let script = store.script();
    tokio::select! {
        done = operation => done.ok().map(|stored| stored.state.into()),
        () = script.crashed() => None,
    }
}

async fn refreshed(store: &InMemoryObjects, state: TrustBundlePlan) -> TrustBundlePlan {
    let read = at(store, start).read(Read::for_test(state)).await;
    let stored = read.ok().flatten().expect("the bundle can be read");
    stored.state.into()
}

#[tokio::test]
async fn create_and_update_converge_after_a_fault_at_every_call() {
    let (first, second) = (root("First").await, root("Second").await);
    let one = || plan(&[("g1", &first, "active")]);
    let two = || plan(&[("g1", &first, "active"), ("g2", &second, "next")]);
    for fault in [
        Fault::Crash(Crash::BeforeEffect),
        Fault::Crash(Crash::AfterEffect),
        Fault::LoseResponse,
        Fault::Throttle,
    ] {
        for call in 0..CALLS {
            let store = store();
            store.script().fault_at(call, fault.clone());
            let created = run(&store, at(&store, start).create(Create::for_test(one()))).await;
            store.script().recover();
            let state = match created {
                Some(state) => Some(state),
                None => run(&store, at(&store, start).create(Create::for_test(one()))).await,
            };
            let state = refreshed(&store, state.expect("the next create succeeds")).await;
            assert!(unchanged(&store, &state).await, "call {call}");
            assert_eq!(published(&store).version(), first_version(), "call {call}");

            store.script().fault_at(call, fault.clone());
            let update = Update::for_test(state.clone(), two());
            let updated = run(&store, at(&store, start).update(update)).await;
            store.script().recover();
            assert!(version(&store) >= first_version(), "call {call}");
            let mut state = refreshed(&store, updated.unwrap_or(state)).await;
            if !unchanged(&store, &state).await || state.roots != two().roots {
                let update = Update::for_test(state, two());
                let updated = run(&store, at(&store, start).update(update)).await;
                state = updated.expect("the next update succeeds");
            }
            assert!(unchanged(&store, &state).await, "call {call}");
            let bundle = published(&store);
            assert_eq!(
                (bundle.version(), bundle.roots().len()),
                (first_version() + 1, 2),
                "call {call}"
            );
        }
    }
}

#[tokio::test]
async fn root_becomes_active_after_the_minimum_time() {
    let (first, second) = (root("First").await, root("Second").await);
    let store = store();
    let before = plan(&[("g1", &first, "active")]);
    let state = run(&store, at(&store, start).create(Create::for_test(before)))
        .await
        .unwrap();
    let added = plan(&[("g1", &first, "active"), ("g2", &second, "next")]);
    let update = Update::for_test(state, added);
    let state = run(&store, at(&store, start).update(update)).await.unwrap();
    let active = || plan(&[("g1", &first, "active"), ("g2", &second, "active")]);
    for (now, allowed) in [
        (after_29_days as fn() -> Timestamp, false),
        (after_30_days, true),
    ] {
        let mut request = Plan::for_test(Some(state.clone()), Some(active()));
        let planned = at(&store, now).plan(&mut request).await;
        assert_eq!(planned.is_ok(), allowed);
        let updated = at(&store, now)
            .update(Update::for_test(state.clone(), active()))
            .await;
        assert_eq!(updated.is_ok(), allowed);
    }
    assert_eq!(published(&store).version(), first_version() + 2);
}

#[tokio::test]
async fn changes_of_other_writers_are_planned_or_rejected() {
    let (first, second) = (root("First").await, root("Second").await);
    let store = store();
    let one = || plan(&[("g1", &first, "active")]);
    let mine = run(&store, at(&store, start).create(Create::for_test(one())))
        .await
        .unwrap();
    let two = plan(&[("g1", &first, "active"), ("g2", &second, "next")]);
    let update = Update::for_test(mine.clone(), two);
    run(&store, at(&store, start).update(update)).await.unwrap();
    // The configuration without the second root cannot be a successor, because the root is not retired.
    let state = refreshed(&store, mine).await;
    assert_eq!(state.version, Planned::Known(start().as_second() + 1));
    let mut request = Plan::for_test(Some(state.clone()), Some(state));
    let planned = at(&store, start).plan(&mut request).await;
    let summaries: Vec<String> = planned
        .err()
        .into_iter()
        .flatten()
        .map(|found| found.summary)
        .collect();
    assert_eq!(summaries, ["Root must be retired before it is removed"]);
}

#[tokio::test]
async fn missing_and_different_derived_objects_are_planned_updates() {
    let first = root("First").await;
    for key in [PEM, SUMS] {
        let store = store();
        let one = || plan(&[("g1", &first, "active")]);
        let created = run(&store, at(&store, start).create(Create::for_test(one()))).await;
        let state = created.unwrap();
        assert!(unchanged(&store, &state).await);
        store.overwrite(BUCKET, key, b"changed");
        let state = refreshed(&store, state).await;
        assert!(!unchanged(&store, &state).await, "{key}");
        let update = Update::for_test(state, one());
        run(&store, at(&store, start).update(update)).await.unwrap();
        assert_eq!(published(&store).version(), first_version());
    }
}

#[tokio::test]
async fn bundle_without_a_predecessor_has_a_higher_version_than_a_lost_one() {
    let certificate = root("First").await;
    let one = || plan(&[("g1", &certificate, "active")]);
    let before = store();
    let created = run(&before, at(&before, start).create(Create::for_test(one()))).await;
    created.unwrap();
    let after = store();
    let later = at(&after, after_29_days);
    let created = run(&after, later.create(Create::for_test(one()))).await;
    created.unwrap();
    assert!(version(&after) > version(&before));
}

#[tokio::test]
async fn changed_cache_control_reaches_every_object() {
    let certificate = root("First").await;
    let store = store();
    let one = || plan(&[("g1", &certificate, "active")]);
    let created = run(&store, at(&store, start).create(Create::for_test(one()))).await;
    let mut changed = one();
    if let Planned::Known(publish) = &mut changed.publish {
        publish.cache_control = "no-cache".to_owned().into();
    }
    let update = Update::for_test(created.unwrap(), changed);
    run(&store, at(&store, start).update(update)).await.unwrap();
    for key in [JSON, PEM, SUMS] {
        let location = ObjectLocation {
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            expected_bucket_owner: None,
        };
        let head = store.head(&location).await.unwrap().unwrap();
        assert_eq!(head.cache_control.as_deref(), Some("no-cache"), "{key}");
    }
    assert_eq!(published(&store).version(), first_version());
}

#[tokio::test]
async fn objects_that_do_not_belong_to_a_bundle_are_not_overwritten() {
    let certificate = root("First").await;
    for key in [PEM, SUMS] {
        let store = store();
        store.overwrite(BUCKET, key, b"foreign");
        let one = plan(&[("g1", &certificate, "active")]);
        let created = at(&store, start).create(Create::for_test(one)).await;
        let failure = created.err().expect("the object exists");
        let summaries: Vec<String> = failure
            .diagnostics
            .into_iter()
            .map(|found| found.summary)
            .collect();
        assert_eq!(summaries, ["Object already exists"], "{key}");
        assert_eq!(store.content(BUCKET, key).unwrap(), b"foreign");
        assert_eq!(store.content(BUCKET, JSON), None);
    }
}
