//! Tests of ledger records.

use serde_json::{Value, json};
use skreg::pki::revocation::ledger::{
    IssuanceRecord, LedgerError, LedgerKeys, RevocationRecord, RevocationStatus,
};
use skreg::pki::revocation::{Reason, Revocation, RevocationList};
use skreg::pki::{KeyAlgorithm, Sha256Fingerprint};

use crate::authority::{Issued, at};
use crate::openssl::accepted;

const ARN: &str = "arn:aws:sts::123456789012:assumed-role/Deploy/session";
const FOREIGN: &str = r#"{"type": "skreg.pki.key", "v": 1}"#;

fn keys(root: &Issued) -> LedgerKeys {
    LedgerKeys::new("pki/ledger/", root.certificate.public_key().sha256())
}

fn recorded(root: &Issued, revocation: Revocation) -> RevocationRecord {
    let issuer = root.certificate.public_key().sha256();
    let (end, now) = (at("2028-01-01T00:00:00Z"), at("2027-01-10T00:00:00.5Z"));
    RevocationRecord::new(issuer, revocation, end, now, ARN.to_owned()).unwrap()
}

fn with_reason(leaf: &Issued, reason: Option<Reason>) -> Revocation {
    Revocation {
        reason,
        ..leaf.revocation()
    }
}

/// Returns the object with a member replaced, or removed if the value is `None`.
fn changed(json: &str, member: &str, value: Option<Value>) -> String {
    let mut object: Value = serde_json::from_str(json).unwrap();
    let members = object.as_object_mut().unwrap();
    match value {
        Some(value) => members.insert(member.to_owned(), value),
        None => members.remove(member),
    };
    object.to_string()
}

#[test]
fn issuance_record_contains_hashes_and_fields_of_the_certificate() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let leaf = root.leaf(&[]);
    let now = at("2026-11-20T12:00:00.75Z");
    let record = IssuanceRecord::new(&leaf.certificate, &root.certificate, now, ARN.to_owned());
    let record = record.unwrap();
    let json = record.to_json();
    let members: Value = serde_json::from_str(&json).unwrap();

    let pem = leaf.certificate.to_pem();
    let printed = |argument| accepted(&["x509", "-noout", argument], &pem);
    let fingerprint = accepted(&["x509", "-noout", "-fingerprint", "-sha256"], &pem);
    let (_, fingerprint) = fingerprint.trim().split_once('=').unwrap();
    let fingerprint = fingerprint.replace(':', "").to_lowercase();
    assert_eq!(members["certificate_sha256"], fingerprint);
    let (_, serial) = printed("-serial")
        .trim()
        .split_once('=')
        .map(|(a, b)| (a.to_owned(), b.to_lowercase()))
        .unwrap();
    assert_eq!(members["serial_number"], serial);
    let (_, parsed) = x509_parser::parse_x509_certificate(leaf.certificate.der()).unwrap();
    let hash = |octets: &[u8]| Sha256Fingerprint::of(octets).to_string();
    assert_eq!(members["spki_sha256"], hash(parsed.public_key().raw));
    assert_eq!(members["tbs_sha256"], hash(parsed.tbs_certificate.as_ref()));
    let (_, issuer) = x509_parser::parse_x509_certificate(root.certificate.der()).unwrap();
    assert_eq!(members["issuer_spki_sha256"], hash(issuer.public_key().raw));
    assert_eq!(members["not_before"], "2026-11-20T11:00:00Z");
    assert_eq!(members["not_after"], "2051-11-14T12:00:00Z");
    assert_eq!(members["issued_at"], "2026-11-20T12:00:00Z");
    assert_eq!(members["subject"]["organization"], "Ünion");
    assert_eq!(members["requester_arn"], ARN);
    assert_eq!(
        (&members["type"], &members["v"]),
        (&json!("skreg.pki.ledger.issuance"), &json!(1))
    );

    let key = keys(&root).issued(&record.serial_number);
    let folder = members["issuer_spki_sha256"].as_str().unwrap();
    assert_eq!(key, format!("pki/ledger/{folder}/issued/{serial}.json"));
    assert_eq!(IssuanceRecord::read(&json, &keys(&root), &key), Ok(record));
    let other = IssuanceRecord::new(&root.certificate, &leaf.certificate, now, ARN.to_owned());
    assert_eq!(other, Err(LedgerError::Issuer));
    let certificate = &leaf.certificate;
    for requester in ["root", "arn:aws:sts::123456789012"] {
        let requester = requester.to_owned();
        let nameless = IssuanceRecord::new(certificate, &root.certificate, now, requester);
        assert_eq!(nameless, Err(LedgerError::Member("requester_arn")));
    }
}

#[test]
fn object_keys_are_separated_by_issuer_and_kind() {
    let hash = Sha256Fingerprint::of(b"issuer");
    let serial = "0a".parse().unwrap();
    for (prefix, expected) in [
        ("", String::new()),
        ("a/b", "a/b/".to_owned()),
        ("a//", "a/".to_owned()),
    ] {
        let keys = LedgerKeys::new(prefix, hash);
        assert_eq!(
            keys.issued(&serial),
            format!("{expected}{hash}/issued/0a.json")
        );
        let revocation = keys.revocation(&serial);
        assert_eq!(revocation, format!("{expected}{hash}/revocations/0a.json"));
        assert!(revocation.starts_with(&keys.revocations()));
    }
}

#[test]
fn revocation_records_are_read_back() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let leaf = root.leaf(&[]);
    let keys = keys(&root);
    let key = keys.revocation(&leaf.certificate.description().serial_number);
    let held = recorded(&root, with_reason(&leaf, Some(Reason::CertificateHold)));
    let released = held
        .released(at("2027-02-01T00:00:00Z"), ARN.to_owned())
        .unwrap();
    let mut dated = with_reason(&leaf, Some(Reason::KeyCompromise));
    dated.invalidity_date = Some(at("2026-12-01T00:00:00Z"));
    for (record, status, reason) in [
        (
            &recorded(&root, with_reason(&leaf, None)),
            RevocationStatus::Revoked,
            None,
        ),
        (
            &recorded(&root, dated.clone()),
            RevocationStatus::Revoked,
            Some("key_compromise"),
        ),
        (&held, RevocationStatus::Held, None),
        (&released, RevocationStatus::Released, None),
    ] {
        assert_eq!(record.status(), status);
        let json = record.to_json();
        let members: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(members["status"], status.name());
        assert_eq!(members["reason"].as_str(), reason);
        assert_eq!(
            members["recorded_at"],
            if status == RevocationStatus::Released {
                "2027-02-01T00:00:00Z"
            } else {
                "2027-01-10T00:00:00Z"
            }
        );
        assert_eq!(
            RevocationRecord::read(&json, &keys, &key).as_ref(),
            Ok(record)
        );
    }
    let revoked = recorded(&root, dated.clone())
        .revoked_certificate()
        .unwrap();
    assert_eq!(revoked.revocation, dated);
    assert_eq!(revoked.not_after, Some(at("2028-01-01T00:00:00Z")));
    let on_hold = held.revoked_certificate().unwrap();
    assert_eq!(on_hold.revocation.reason, Some(Reason::CertificateHold));
    assert_eq!(released.revoked_certificate(), None);
}

#[test]
fn permanent_revocation_is_never_replaced() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let leaf = root.leaf(&[]);
    let revoked = recorded(&root, with_reason(&leaf, Some(Reason::Superseded)));
    let compromised = recorded(&root, with_reason(&leaf, Some(Reason::KeyCompromise)));
    let held = recorded(&root, with_reason(&leaf, Some(Reason::CertificateHold)));
    let released = held
        .released(at("2027-02-01T00:00:00Z"), ARN.to_owned())
        .unwrap();
    for (stored, new, allowed) in [
        (None, &revoked, true),
        (None, &held, true),
        (None, &released, false),
        (Some(&revoked), &revoked, true),
        (Some(&revoked), &compromised, false),
        (Some(&revoked), &held, false),
        (Some(&revoked), &released, false),
        (Some(&held), &held, true),
        (Some(&held), &revoked, true),
        (Some(&held), &released, true),
        (Some(&released), &released, true),
        (Some(&released), &held, true),
        (Some(&released), &revoked, true),
    ] {
        let result = new.check_replaces(stored);
        let from = stored.map(RevocationRecord::status);
        assert_eq!(result.is_ok(), allowed, "{from:?} to {:?}", new.status());
    }
    let result = revoked.released(at("2027-02-01T00:00:00Z"), ARN.to_owned());
    assert!(matches!(
        result,
        Err(LedgerError::Transition {
            from: "revoked",
            ..
        })
    ));
}

#[test]
fn a_repeated_revocation_keeps_the_stored_record() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let leaf = root.leaf(&[]);
    let stored = recorded(&root, with_reason(&leaf, Some(Reason::Superseded)));
    let repeated = recorded(
        &root,
        Revocation {
            revoked_at: at("2027-01-11T00:00:00Z"),
            ..with_reason(&leaf, Some(Reason::Superseded))
        },
    );
    let held = recorded(&root, with_reason(&leaf, Some(Reason::CertificateHold)));
    assert!(repeated.is_recorded_in(Some(&stored)));
    assert!(!repeated.is_recorded_in(Some(&held)));
    assert!(!repeated.is_recorded_in(None));
    assert!(!held.is_recorded_in(Some(&stored)));
}

#[test]
fn only_a_list_after_the_record_was_issued_from_it() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    // The record is from 2027-01-10T00:00:00Z.
    let record = recorded(&root, root.leaf(&[]).revocation());
    for (this_update, precedes) in [
        ("2027-01-09T00:00:00Z", false),
        ("2027-01-10T00:05:00Z", false),
        ("2027-01-10T00:05:01Z", true),
    ] {
        let list = RevocationList {
            this_update: at(this_update),
            ..root.list(Vec::new())
        };
        assert_eq!(record.precedes(&list), precedes, "{this_update}");
    }
}

#[test]
fn times_that_a_list_cannot_represent_are_rejected() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let leaf = root.leaf(&[]);
    let keys = keys(&root);
    let key = keys.revocation(&leaf.certificate.description().serial_number);
    let json = recorded(&root, leaf.revocation()).to_json();
    for (time, expected) in [
        ("1950-01-01T00:00:00Z", true),
        ("1949-12-31T23:59:59Z", false),
    ] {
        let edited = changed(&json, "revoked_at", Some(time.into()));
        let read = RevocationRecord::read(&edited, &keys, &key);
        assert_eq!(read.is_ok(), expected, "{time}: {read:?}");
    }
}

#[test]
fn foreign_newer_and_edited_records_are_rejected() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let leaf = root.leaf(&[]);
    let keys = keys(&root);
    let serial = &leaf.certificate.description().serial_number;
    let now = at("2026-11-20T12:00:00Z");
    let issued = IssuanceRecord::new(&leaf.certificate, &root.certificate, now, ARN.to_owned());
    let issued = issued.unwrap().to_json();
    let revoked = recorded(&root, leaf.revocation()).to_json();
    let key = keys.issued(serial);
    let read = |json: &str| IssuanceRecord::read(json, &keys, &key).map(|_| ());
    let revocation = keys.revocation(serial);
    let read_revocation = |json: &str| RevocationRecord::read(json, &keys, &revocation).map(|_| ());
    type Read<'a> = &'a dyn Fn(&str) -> Result<(), LedgerError>;
    let checks: [(&str, Read<'_>); 2] = [(&issued, &read), (&revoked, &read_revocation)];
    for (json, read) in checks {
        assert_eq!(read(json), Ok(()));
        for foreign in ["", "[]", "{}", FOREIGN, &changed(json, "type", None)] {
            assert!(
                matches!(read(foreign), Err(LedgerError::Foreign { .. })),
                "{foreign}"
            );
        }
        assert_eq!(
            read(&changed(json, "v", Some(json!(2)))),
            Err(LedgerError::UnknownVersion {
                found: 2,
                newest: 1
            })
        );
        let unknown = changed(json, "unknown", Some(json!(1)));
        assert!(matches!(read(&unknown), Err(LedgerError::Malformed { .. })));
        let members: Value = serde_json::from_str(json).unwrap();
        for (member, value) in members.as_object().unwrap() {
            if ["type", "v"].contains(&&**member) {
                continue;
            }
            let missing = changed(json, member, None);
            assert!(
                matches!(read(&missing), Err(LedgerError::Malformed { .. })),
                "{member}"
            );
            // Both a wrong type and a wrong value are errors.
            for wrong in [json!(7), json!("wrong"), json!("")] {
                assert!(
                    read(&changed(json, member, Some(wrong))).is_err(),
                    "{member}"
                );
            }
            if value.as_str().is_some_and(|text| text.ends_with('Z')) {
                for wrong in ["2026-11-20T12:00:00.5Z", "2026-11-20T13:00:00+01:00"] {
                    let result = read(&changed(json, member, Some(json!(wrong))));
                    assert!(matches!(result, Err(LedgerError::Member(found)) if found == member));
                }
            }
        }
        for member in ["serial_number", "issuer_spki_sha256"] {
            let digits = if member == "serial_number" {
                "05".to_owned()
            } else {
                "00".repeat(32)
            };
            let moved = read(&changed(json, member, Some(json!(digits))));
            assert_eq!(moved, Err(LedgerError::Misplaced), "{member}");
        }
    }
    for (member, value) in [
        ("reason", json!("certificate_hold")),
        ("reason", json!("unspecified")),
        ("reason", json!("remove_from_crl")),
        ("status", json!("unknown")),
        ("released_at", json!("2027-02-01T00:00:00Z")),
    ] {
        let result = read_revocation(&changed(&revoked, member, Some(value)));
        assert_eq!(result, Err(LedgerError::Member(member)));
    }
    let mixed = changed(&revoked, "status", Some(json!("released")));
    assert_eq!(
        read_revocation(&mixed),
        Err(LedgerError::Member("released_at"))
    );
    let upside_down = changed(&issued, "not_after", Some(json!("2026-11-20T11:00:00Z")));
    assert_eq!(read(&upside_down), Err(LedgerError::Member("not_after")));
}
