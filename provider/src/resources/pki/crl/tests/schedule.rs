//! Refreshes, expired entries, and limits, with fixed clocks.

use super::*;

fn before_half() -> Timestamp {
    "2026-11-22T13:00:00Z".parse().unwrap()
}

fn after_half() -> Timestamp {
    "2026-11-22T15:00:00Z".parse().unwrap()
}

fn due() -> Timestamp {
    "2026-11-23T20:00:00Z".parse().unwrap()
}

fn expired() -> Timestamp {
    "2026-11-24T16:00:01Z".parse().unwrap()
}

#[tokio::test]
async fn age_of_the_list_determines_warnings_and_updates() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let state: CrlPlan = world.create(world.plan(&[]), start).await.into();
    assert_eq!(
        state.refresh_at,
        Planned::Known("2026-11-23T20:00:00Z".to_owned())
    );
    for (now, warning, update) in [
        (before_half as fn() -> Timestamp, "", false),
        (after_half, "Half of the validity period has passed", false),
        (due, "Refresh of the revocation list is due", true),
        (expired, "Revocation list has expired", true),
    ] {
        let (plan, warnings) = world.unchanged(&state, now).await;
        assert_eq!(plan.crl_number.is_unknown(), update, "{warning}");
        assert_eq!(plan == state, !update, "{warning}");
        assert!(warnings.contains(warning), "{warning}: {warnings}");
        assert_eq!(warnings.is_empty(), warning.is_empty(), "{warnings}");
    }
    let (plan, _) = world.unchanged(&state, due).await;
    let next = world.update(state, plan, due).await;
    assert_eq!(next.next_update, "2026-11-28T00:00:00Z");
    assert_eq!(ordinal(&next.crl_number), 2);
    assert_eq!(world.published().list().this_update, due());
}

#[tokio::test]
async fn expired_certificate_is_omitted_after_one_more_list() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let ended = [("0a", revoked("superseded", Some("2026-11-21T00:00:00Z")))];
    let state: CrlPlan = world.create(world.plan(&ended), start).await.into();
    let state: CrlPlan = world.update(state, world.plan(&ended), due).await.into();
    assert_eq!(state.entry_count, Planned::Known(1));
    // The entry can be omitted, but this alone does not require an update.
    let (plan, warnings) = world.unchanged(&state, due).await;
    assert_eq!((plan == state, warnings.as_str()), (true, ""));
    let state: CrlPlan = world
        .update(state, world.plan(&ended), expired)
        .await
        .into();
    assert_eq!(state.entry_count, Planned::Known(0));
    let last = world.update(state, world.plan(&[]), expired).await;
    assert_eq!((last.entry_count, ordinal(&last.crl_number)), (0, 4));
}

#[tokio::test]
async fn revoked_certificate_cannot_be_released_or_weakened() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let plan = world.plan(&[("0a", revoked("superseded", None))]);
    let state: CrlPlan = world.create(plan, start).await.into();
    let released = world.rejected(Some(state.clone()), world.plan(&[])).await;
    assert!(
        released.starts_with("revoked[\"0a\"]\nCertificate cannot be released\n"),
        "{released}"
    );
    let weakened = world.plan(&[("0a", revoked("certificate_hold", None))]);
    let weakened = world.rejected(Some(state.clone()), weakened).await;
    assert!(
        weakened.contains("Permanent revocation cannot become a hold"),
        "{weakened}"
    );
    // The object does not have to exist.
    world.stores.objects.delete_bucket(BUCKET);
    world.stores.objects.create_bucket(BUCKET);
    let missing = world.refresh(state).await;
    assert!(missing.etag.is_null() && missing.pem_etag.is_null());
    let (plan, warnings) = world.unchanged(&missing, start).await;
    assert!(
        warnings.contains("Revocation list is missing"),
        "{warnings}"
    );
    let released = world
        .at(start)
        .update(Update::for_test(missing.clone(), world.plan(&[])))
        .await;
    assert!(released.is_err(), "the entry was removed");
    let state = world.update(missing, plan, start).await;
    assert_eq!((ordinal(&state.crl_number), state.entry_count), (2, 1));
}

#[tokio::test]
async fn another_or_restricted_issuer_is_rejected() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let other = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let state: CrlPlan = world.create(world.plan(&[]), start).await.into();
    let moved = world.rejected(Some(state.clone()), other.plan(&[])).await;
    assert!(
        moved.starts_with("issuer\nIssuer of the list cannot be changed\n"),
        "{moved}"
    );
    let mut restricted = World::new(KeyAlgorithm::EcdsaP256, false).await;
    restricted.issuer.usage = ["sign_ca".to_owned()].into();
    let refused = restricted.rejected(None, restricted.plan(&[])).await;
    assert!(refused.starts_with("issuer.usage\n"), "{refused}");
    // The list of another authority at the location of a new resource is not overwritten.
    let list = world.stores.objects.content(BUCKET, DER).unwrap();
    other.stores.objects.overwrite(BUCKET, DER, &list);
    let foreign = other.rejected(None, other.plan(&[])).await;
    assert!(
        foreign.starts_with("publish\nObject is not a revocation list of the issuer\n"),
        "{foreign}"
    );
}

#[tokio::test]
async fn list_must_fit_the_limit_of_an_ed25519_key_in_kms() {
    let world = World::new(KeyAlgorithm::Ed25519, true).await;
    let serials: Vec<String> = (0..100).map(|number| format!("10{number:038x}")).collect();
    let entries = |count: usize| -> Vec<(&str, Revoked)> {
        let serials = serials[..count].iter();
        serials
            .map(|serial| (serial.as_str(), revoked("superseded", None)))
            .collect()
    };
    let large = world.rejected(None, world.plan(&entries(100))).await;
    assert!(
        large.starts_with("revoked\nRevocation list is too large for the KMS key\n"),
        "{large}"
    );
    let fitting = large
        .split("about ")
        .nth(2)
        .and_then(|rest| rest.split(' ').next());
    let fitting: usize = fitting
        .expect("the message contains the number")
        .parse()
        .unwrap();
    let state = world.create(world.plan(&entries(fitting)), start).await;
    assert_eq!(usize::try_from(state.entry_count), Ok(fitting));
    let rejected = world
        .rejected(None, world.plan(&entries(fitting + 2)))
        .await;
    assert!(rejected.contains("4096 octets"), "{rejected}");
    // A key in a secret has no limit.
    let software = World::new(KeyAlgorithm::Ed25519, false).await;
    let state = software.create(software.plan(&entries(100)), start).await;
    assert_eq!(state.entry_count, 100);
}

#[tokio::test]
async fn outdated_pem_object_is_a_planned_update() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let state: CrlPlan = world.create(world.plan(&[]), start).await.into();
    let objects = &world.stores.objects;
    let old = objects.content(BUCKET, PEM).unwrap();
    let plan = world.plan(&[("0a", revoked("superseded", None))]);
    let state: CrlPlan = world.update(state, plan, start).await.into();
    objects.overwrite(BUCKET, PEM, &old);
    let state = world.refresh(state).await;
    let (plan, warnings) = world.unchanged(&state, start).await;
    assert!(warnings.contains("PEM format is outdated"), "{warnings}");
    world.update(state, plan, start).await;
    assert_eq!(world.number(), 3);
}

/// The certificate of the issuer is valid for 3650 days.
fn after_the_issuer() -> Timestamp {
    "2036-11-20T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn no_list_is_issued_after_the_issuer_expired() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let state: CrlPlan = world.create(world.plan(&[]), start).await.into();
    let (plan, warnings) = world.unchanged(&state, after_the_issuer).await;
    assert!(warnings.contains("Issuer has expired"), "{warnings}");
    assert!(plan == state, "the list must not change");
    // Other arguments can still change, for example to delete the objects with the resource.
    let mut changed = world.plan(&[]);
    changed.on_destroy = "delete".to_owned().into();
    let next = world.update(state, changed, after_the_issuer).await;
    assert_eq!((next.on_destroy.as_str(), world.number()), ("delete", 1));
    let created = world
        .at(after_the_issuer)
        .create(Create::for_test(world.plan(&[])))
        .await;
    let failure = created.err().expect("the issuer has expired");
    assert!(text(failure.diagnostics).contains("Issuer has expired"));
}
