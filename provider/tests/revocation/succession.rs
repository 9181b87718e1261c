//! Tests of the rules for the successor of a published list.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use skreg::pki::KeyAlgorithm;
use skreg::pki::revocation::{
    CrlError, CrlNumber, Freshness, IssueListError, PublishedListError, Reason, Revocation,
    RevocationList, RevokedCertificate, Schedule, ScheduleError, SuccessionError, check_succeeds,
    is_premature, merge, next_number, read_published,
};

use crate::authority::{Issued, at};

/// Returns the entries of a list that is issued at 2027-02-01T00:00:00Z.
fn entries(
    merged: &[RevokedCertificate],
    published: Option<&RevocationList>,
    known: &[RevokedCertificate],
) -> Result<Vec<Revocation>, SuccessionError> {
    let this_update = at("2027-02-01T00:00:00Z");
    skreg::pki::revocation::entries(merged, published, known, this_update)
}

fn revoked(serial: u8, reason: Option<Reason>, not_after: Option<&str>) -> RevokedCertificate {
    RevokedCertificate {
        revocation: Revocation {
            serial_number: format!("{serial:02x}").parse().unwrap(),
            revoked_at: at("2027-01-01T00:00:00Z"),
            reason,
            invalidity_date: None,
        },
        not_after: not_after.map(at),
    }
}

fn serials(entries: &[Revocation]) -> Vec<String> {
    let entries = entries.iter();
    entries
        .map(|entry| entry.serial_number.to_string())
        .collect()
}

/// Returns a list that was published at 2027-01-15T08:00:00Z.
fn published(root: &Issued, revoked: &[RevokedCertificate]) -> RevocationList {
    let entries = revoked.iter().map(|revoked| revoked.revocation.clone());
    root.list(entries.collect())
}

fn root() -> &'static Issued {
    static ROOT: std::sync::OnceLock<Issued> = std::sync::OnceLock::new();
    ROOT.get_or_init(|| Issued::root("Root", KeyAlgorithm::Ed25519))
}

#[test]
fn configuration_and_ledger_are_combined_by_serial_number() {
    let configured = [revoked(0x90, None, None), revoked(2, None, None)];
    let ledger = [
        revoked(2, None, Some("2028-01-01T00:00:00Z")),
        revoked(1, Some(Reason::Superseded), Some("2028-01-01T00:00:00Z")),
    ];
    let merged = merge(configured.iter().chain(&ledger)).unwrap();
    let [first, second, third] = &merged[..] else {
        panic!("three certificates")
    };
    assert_eq!((first, second), (&ledger[1], &ledger[0]));
    assert_eq!(third, &configured[0]);
}

#[test]
fn different_data_for_a_serial_number_is_a_conflict() {
    let one = revoked(1, Some(Reason::Superseded), Some("2028-01-01T00:00:00Z"));
    let with = |change: fn(&mut RevokedCertificate)| {
        let mut other = one.clone();
        change(&mut other);
        let conflict = merge([&one, &other]).expect_err("a conflict");
        assert_eq!(merge([&other, &one]), Err(conflict.clone()));
        assert_eq!(conflict.serial_number.to_string(), "01");
        conflict.member
    };
    assert_eq!(with(|other| other.revocation.reason = None), "reason");
    assert_eq!(
        with(|other| other.revocation.revoked_at = at("2027-06-01T00:00:00Z")),
        "revoked_at"
    );
    assert_eq!(
        with(|other| other.revocation.invalidity_date = Some(at("2027-06-01T00:00:00Z"))),
        "invalidity_date"
    );
    assert_eq!(
        with(|other| other.not_after = Some(at("2027-06-01T00:00:00Z"))),
        "certificate_not_after"
    );
}

#[test]
fn only_a_hold_can_be_released_before_the_certificate_expires() {
    let end = Some("2028-01-01T00:00:00Z");
    let permanent = revoked(1, Some(Reason::KeyCompromise), end);
    let unspecified = revoked(1, None, end);
    let hold = revoked(1, Some(Reason::CertificateHold), end);
    for known in [&permanent, &unspecified] {
        let before = published(root(), std::slice::from_ref(known));
        let unrevoked = |not_after: Option<&str>| SuccessionError::Unrevoked {
            serial_number: known.revocation.serial_number.clone(),
            not_after: not_after.map(at),
        };
        let removed = entries(&[], Some(&before), std::slice::from_ref(known));
        assert_eq!(removed, Err(unrevoked(end)));
        assert_eq!(entries(&[], Some(&before), &[]), Err(unrevoked(None)));
        let weakened = entries(std::slice::from_ref(&hold), Some(&before), &[]);
        let serial_number = hold.revocation.serial_number.clone();
        assert_eq!(weakened, Err(SuccessionError::Weakened(serial_number)));
    }
    let before = published(root(), std::slice::from_ref(&hold));
    assert_eq!(entries(&[], Some(&before), &[]), Ok(Vec::new()));
    let revoked = entries(std::slice::from_ref(&permanent), Some(&before), &[]);
    assert_eq!(revoked, Ok(vec![permanent.revocation]));
}

#[test]
fn expired_entry_remains_in_one_more_list() {
    let certificate = revoked(1, None, Some("2027-01-15T08:00:00Z"));
    let unknown = revoked(2, None, None);
    let merged = [certificate.clone(), unknown.clone()];
    let first = entries(&merged, None, &[]).unwrap();
    assert_eq!(serials(&first), ["01", "02"]);
    // This list is issued in the last second in which the certificate is valid.
    let before = published(root(), &merged);
    let second = entries(&merged, Some(&before), &[]).unwrap();
    assert_eq!(serials(&second), ["01", "02"]);
    let expired = RevocationList {
        this_update: at("2027-01-15T08:00:01Z"),
        ..before.clone()
    };
    let third = entries(&merged, Some(&expired), &[]).unwrap();
    assert_eq!(serials(&third), ["02"]);
    // The entry does not return to later lists, and can be removed from the configuration.
    let pruned = RevocationList {
        this_update: at("2027-01-15T08:00:02Z"),
        entries: third,
        ..expired.clone()
    };
    let later = entries(&merged, Some(&pruned), &merged).unwrap();
    assert_eq!(serials(&later), ["02"]);
    let edited = revoked(1, None, Some("2027-01-01T00:00:00Z"));
    let edited = entries(&[edited, unknown.clone()], Some(&before), &merged).unwrap();
    assert_eq!(serials(&edited), ["01", "02"]);
    let configured = std::slice::from_ref(&unknown);
    let removed = entries(configured, Some(&expired), &merged).unwrap();
    assert_eq!(serials(&removed), ["02"]);
}

#[test]
fn certificate_revoked_in_its_last_second_remains_in_one_more_list() {
    let mut certificate = revoked(1, None, None);
    certificate.not_after = Some(certificate.revocation.revoked_at);
    let merged = [certificate];
    let before = published(root(), &merged);
    let expired = RevocationList {
        this_update: at("2027-01-15T08:00:01Z"),
        ..before
    };
    let next = entries(&merged, Some(&expired), &[]).unwrap();
    assert!(next.is_empty(), "{next:?}");
}

#[test]
fn revocation_remains_if_the_published_list_is_missing() {
    let permanent = [revoked(1, Some(Reason::KeyCompromise), END)];
    let unrevoked = SuccessionError::Unrevoked {
        serial_number: "01".parse().unwrap(),
        not_after: END.map(at),
    };
    assert_eq!(entries(&[], None, &permanent), Err(unrevoked));
    let hold = [revoked(1, Some(Reason::CertificateHold), END)];
    assert_eq!(entries(&[], None, &hold), Ok(Vec::new()));
    let weakened = SuccessionError::Weakened("01".parse().unwrap());
    assert_eq!(entries(&hold, None, &permanent), Err(weakened));
}

const END: Option<&str> = Some("2028-01-01T00:00:00Z");

#[test]
fn list_from_the_future_does_not_cover_valid_certificates() {
    let certificate = [revoked(1, None, END)];
    let future = RevocationList {
        this_update: at("2030-01-01T00:00:00Z"),
        next_update: at("2030-01-08T00:00:00Z"),
        ..published(root(), &certificate)
    };
    let next = entries(&certificate, Some(&future), &certificate).unwrap();
    assert_eq!(serials(&next), ["01"]);
    let removed = entries(&[], Some(&future), &certificate);
    assert!(matches!(removed, Err(SuccessionError::Unrevoked { .. })));

    let schedule = Schedule::new(168, None).unwrap();
    let now = at("2027-02-01T00:00:00Z");
    assert_eq!(schedule.freshness(&future, now), Freshness::Due);
    assert!(is_premature(&future, now));
    let slightly_ahead = RevocationList {
        this_update: at("2027-02-01T00:05:00Z"),
        ..future
    };
    assert_eq!(schedule.freshness(&slightly_ahead, now), Freshness::Fresh);
    assert!(!is_premature(&slightly_ahead, now));
}

#[test]
fn edited_date_does_not_remove_an_entry() {
    let past = Some("2027-01-10T00:00:00Z");
    for (known, edited) in [(None, past), (END, past), (past, None)] {
        let known = [revoked(1, None, known)];
        let before = published(root(), &known);
        let edited = [revoked(1, None, edited)];
        let next = entries(&edited, Some(&before), &known).unwrap();
        assert_eq!(serials(&next), ["01"], "{known:?}");
    }
    // An end before the revocation does not remove the entry later either.
    let impossible = [revoked(1, None, Some("2000-01-01T00:00:00Z"))];
    let before = published(root(), &impossible);
    let next = entries(&impossible, Some(&before), &impossible).unwrap();
    assert_eq!(serials(&next), ["01"]);
    assert!(entries(&[], Some(&before), &impossible).is_err());
}

#[test]
fn permanent_revocation_can_change_only_to_a_stronger_one() {
    let reason = |reason| Revocation {
        invalidity_date: Some(at("2026-12-01T00:00:00Z")),
        ..revoked(1, reason, END).revocation
    };
    let [plain, superseded, compromised] =
        [None, Some(Reason::Superseded), Some(Reason::KeyCompromise)].map(reason);
    let dated = |invalidity_date: Option<&str>| Revocation {
        invalidity_date: invalidity_date.map(at),
        ..plain.clone()
    };
    let at_time = |revoked_at| Revocation {
        revoked_at: at(revoked_at),
        ..plain.clone()
    };
    for (before, after, member) in [
        (&plain, at_time("2027-01-01T00:00:01Z"), Some("revoked_at")),
        (&plain, at_time("2026-12-31T00:00:00Z"), None),
        (&plain, superseded.clone(), Some("reason")),
        (&superseded, plain.clone(), Some("reason")),
        (&superseded, compromised.clone(), None),
        (&compromised, plain.clone(), Some("reason")),
        (
            &compromised,
            reason(Some(Reason::CaCompromise)),
            Some("reason"),
        ),
        (&plain, dated(None), Some("invalidity_date")),
        (
            &plain,
            dated(Some("2026-12-02T00:00:00Z")),
            Some("invalidity_date"),
        ),
        (&plain, dated(Some("2026-11-30T00:00:00Z")), None),
    ] {
        let of = |revocation: &Revocation| RevokedCertificate {
            revocation: revocation.clone(),
            not_after: END.map(at),
        };
        let list = published(root(), &[of(before)]);
        for (list, known) in [(Some(&list), &[][..]), (None, &[of(before)][..])] {
            let expected = match member {
                None => Ok(vec![after.clone()]),
                Some(member) => Err(SuccessionError::Changed {
                    serial_number: "01".parse().unwrap(),
                    member,
                }),
            };
            assert_eq!(entries(&[of(&after)], list, known), expected);
        }
    }
}

#[test]
fn revocation_after_the_issuance_of_the_list_is_rejected() {
    let at_time = |revoked_at| {
        let mut certificate = revoked(1, None, END);
        certificate.revocation.revoked_at = at(revoked_at);
        entries(&[certificate], None, &[])
    };
    assert!(at_time("2027-02-01T00:05:00Z").is_ok());
    assert!(matches!(
        at_time("2027-02-01T00:05:01Z"),
        Err(SuccessionError::Future { .. })
    ));
}

#[test]
fn revocation_that_was_on_no_list_is_listed_once() {
    // The certificate ends before the published list, which does not contain it.
    let late = [revoked(1, None, Some("2027-01-10T00:00:00Z"))];
    let before = published(root(), &[]);
    let next = entries(&late, Some(&before), &[]).unwrap();
    assert_eq!(serials(&next), ["01"]);
    let listed = published(root(), &late);
    assert_eq!(entries(&late, Some(&listed), &late), Ok(Vec::new()));
    assert_eq!(entries(&late, Some(&before), &late), Ok(Vec::new()));
    let after_the_end = [revoked(1, None, Some("2026-12-01T00:00:00Z"))];
    let listed = published(root(), &after_the_end);
    let next = entries(&after_the_end, Some(&listed), &after_the_end).unwrap();
    assert_eq!(serials(&next), ["01"]);
}

#[test]
fn two_lists_with_one_number_are_rejected() {
    let root = root();
    let one = root.sign(&root.list(Vec::new())).unwrap();
    let other = root.sign(&root.list(vec![revoked(1, None, None).revocation]));
    let (one, other) = (one, other.unwrap());
    let number = one.list().number;
    assert_eq!(check_succeeds(&one, &one), Ok(()));
    let differs = Err(PublishedListError::Differs(number));
    assert_eq!(check_succeeds(&other, &one), differs);
    let next = root.sign(&RevocationList {
        number: number.next().unwrap(),
        ..root.list(Vec::new())
    });
    let next = next.unwrap();
    assert_eq!(check_succeeds(&next, &one), Ok(()));
    assert!(matches!(
        check_succeeds(&one, &next),
        Err(PublishedListError::Older { .. })
    ));
}

#[test]
fn list_expires_with_the_certificate_of_its_issuer() {
    let root = root();
    let issuer = root.certificate.description().validity;
    let schedule = Schedule::new(168, Some(24)).unwrap();
    let now = issuer.not_after() - SignedDuration::from_hours(10);
    let (this_update, next_update) = schedule.updates_within(now, &issuer).unwrap();
    assert_eq!((this_update, next_update), (now, issuer.not_after()));
    let last = RevocationList {
        this_update,
        next_update,
        ..root.list(Vec::new())
    };
    root.sign(&last).unwrap();
    assert_eq!(schedule.freshness(&last, now), Freshness::Due);
    let within = |now| schedule.freshness_within(&last, &issuer, now);
    assert_eq!(within(now), Freshness::Aging);
    assert_eq!(
        within(next_update + SignedDuration::from_secs(1)),
        Freshness::Expired
    );
    for (this_update, next_update) in [
        (now, issuer.not_after() + SignedDuration::from_secs(1)),
        (issuer.not_before() - SignedDuration::from_secs(1), now),
    ] {
        let list = RevocationList {
            this_update,
            next_update,
            ..root.list(Vec::new())
        };
        let refused = root.sign(&list);
        assert!(matches!(refused, Err(IssueListError::Validity { .. })));
    }
}

#[test]
fn published_list_must_be_valid_and_current() {
    let root = root();
    let number = |number: u8| CrlNumber::from_magnitude(&[number]).unwrap();
    let list = RevocationList {
        number: number(7),
        ..root.list(Vec::new())
    };
    let der = root.sign(&list).unwrap().der().to_vec();
    for known in [None, Some(number(6)), Some(number(7))] {
        let read = read_published(&der, &root.certificate, known).unwrap();
        assert_eq!(read.list(), &list);
    }
    assert_eq!(
        read_published(&der, &root.certificate, Some(number(8))),
        Err(PublishedListError::Older {
            published: number(7),
            known: number(8)
        })
    );
    let renamed = Issued::root("Other", KeyAlgorithm::Ed25519);
    assert!(matches!(
        read_published(&der, &renamed.certificate, None),
        Err(PublishedListError::Invalid(CrlError::Issuer { .. }))
    ));
    let rekeyed = Issued::root("Root", KeyAlgorithm::Ed25519);
    assert!(matches!(
        read_published(&der, &rekeyed.certificate, None),
        Err(PublishedListError::Invalid(CrlError::Signature))
    ));
}

#[test]
fn freshness_depends_on_the_validity_period_and_the_refresh_time() {
    let list = root().list(Vec::new());
    // The list is valid for 168 hours.
    let after = |hours, seconds| {
        let elapsed = SignedDuration::from_hours(hours) + SignedDuration::from_secs(seconds);
        list.this_update + elapsed
    };
    let configured = Schedule::new(168, Some(24)).unwrap();
    for (now, expected) in [
        (after(0, 0), Freshness::Fresh),
        (after(84, -1), Freshness::Fresh),
        (after(84, 0), Freshness::Aging),
        (after(144, -1), Freshness::Aging),
        (after(144, 0), Freshness::Due),
        (after(168, 0), Freshness::Due),
        (after(168, 1), Freshness::Expired),
    ] {
        assert_eq!(configured.freshness(&list, now), expected, "{now}");
    }
    let default = Schedule::new(168, None).unwrap();
    assert_eq!(default.refresh_at(&list), after(84, 0));
    assert_eq!(default.freshness(&list, after(84, -1)), Freshness::Fresh);
    assert_eq!(default.freshness(&list, after(84, 0)), Freshness::Due);
    let early = Schedule::new(168, Some(120)).unwrap();
    assert_eq!(early.freshness(&list, after(48, 0)), Freshness::Due);
    let longer = Schedule::new(1000, Some(500)).unwrap();
    assert_eq!(longer.refresh_at(&list), list.this_update);
}

#[test]
fn schedules_out_of_range_are_rejected() {
    for hours in [i64::MIN, -1, 0, 8761, i64::MAX] {
        let schedule = Schedule::new(hours, None);
        assert_eq!(schedule, Err(ScheduleError::Validity(hours)));
    }
    for refresh_before in [i64::MIN, 0, 24, i64::MAX] {
        let schedule = Schedule::new(24, Some(refresh_before));
        let validity = 24;
        assert_eq!(
            schedule,
            Err(ScheduleError::RefreshBefore {
                refresh_before,
                validity
            })
        );
    }
    let schedule = Schedule::new(24, Some(23)).unwrap();
    let updates = schedule.updates(at("2027-01-15T08:00:00.9Z")).unwrap();
    let expected = ("2027-01-15T08:00:00Z", "2027-01-16T08:00:00Z");
    assert_eq!(updates, (at(expected.0), at(expected.1)));
    let last = Timestamp::MAX;
    assert_eq!(schedule.updates(last), Err(ScheduleError::Calendar(last)));
}

fn any_reason() -> impl Strategy<Value = Option<Reason>> {
    prop::option::of((0..Reason::ALL.len()).prop_map(|position| Reason::ALL[position]))
}

prop_compose! {
    /// Generates revocations with few different values, so that serial numbers repeat with the same data and with conflicts.
    fn any_revoked()(
        serial in 1_u8..6,
        reason in any_reason(),
        months in prop::option::of(1_i64..4),
        copies_data in prop::bool::weighted(0.8),
    ) -> RevokedCertificate {
        let own = Reason::ALL[usize::from(serial)];
        let end = months.map(|_| 1_800_000_000 + i64::from(serial) * 3600);
        RevokedCertificate {
            not_after: end.map(|end| Timestamp::from_second(end).unwrap()),
            ..revoked(serial, if copies_data { Some(own) } else { reason }, None)
        }
    }
}

proptest! {
    #[test]
    fn order_of_revocations_does_not_matter(
        (one, other) in prop::collection::vec(any_revoked(), 0..12)
            .prop_flat_map(|one| (Just(one.clone()), Just(one).prop_shuffle()))
    ) {
        prop_assert_eq!(merge(&one), merge(&other));
    }

    #[test]
    fn merge_is_idempotent_and_sorted(sources in prop::collection::vec(any_revoked(), 0..12)) {
        if let Ok(merged) = merge(&sources) {
            let serials = merged.iter().map(|revoked| &revoked.revocation.serial_number);
            let is_sorted = serials.is_sorted_by(|left, right| left < right);
            prop_assert!(is_sorted);
            let repeated = merge(&merged);
            prop_assert_eq!(repeated.as_ref(), Ok(&merged));
            let repeated = merge(merged.iter().chain(&sources));
            prop_assert_eq!(repeated.as_ref(), Ok(&merged));
        }
    }

    #[test]
    fn number_is_higher_than_every_known_number(
        known in prop::option::of(1_u64..),
        published in prop::option::of(1_u64..),
    ) {
        let of = |number: u64| CrlNumber::from_magnitude(&number.to_be_bytes()).unwrap();
        let now = at("2027-01-15T08:00:00Z");
        let next = next_number(known.map(of), published.map(of), now).unwrap();
        for earlier in known.into_iter().chain(published) {
            prop_assert!(next > of(earlier));
        }
        // Without an earlier number, the first number is the time.
        let first = u64::try_from(now.as_second()).unwrap();
        let expected = known.max(published).map_or(u128::from(first), |last| u128::from(last) + 1);
        prop_assert_eq!(next.to_string(), expected.to_string());
    }

    #[test]
    fn permanent_revocation_of_a_valid_certificate_stays_in_all_later_lists(
        first in prop::collection::vec(any_revoked(), 0..8),
        second in prop::collection::vec(any_revoked(), 0..8),
        ends in prop::collection::vec(0_i64..8, 6),
        hours in 0_i64..8,
        is_published in any::<bool>(),
    ) {
        let (Ok(first), Ok(mut second)) = (merge(&first), merge(&second)) else {
            return Ok(());
        };
        // An edit moves the ends of the validity periods.
        for revoked in &mut second {
            let position = usize::from(revoked.revocation.serial_number.magnitude()[0]);
            let edited = Timestamp::from_second(1_800_000_000 + ends[position] * 3600).unwrap();
            revoked.not_after = revoked.not_after.map(|_| edited);
        }
        let this_update = Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap();
        let before = RevocationList { this_update, ..published(root(), &first) };
        let before = is_published.then_some(&before);
        if let Ok(after) = entries(&second, before, &first) {
            for revoked in &first {
                let serial = &revoked.revocation.serial_number;
                let is_valid = revoked.not_after.is_none_or(|end| end >= this_update);
                let is_permanent = revoked.revocation.reason != Some(Reason::CertificateHold);
                let is_listed = after.iter().any(|entry| entry.serial_number == *serial);
                prop_assert!(!is_permanent || !is_valid || is_listed);
            }
        }
    }
}
