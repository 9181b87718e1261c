//! Tests of trust bundles: the rules for successors, and the published representations.

mod openssl;

use jiff::{SignedDuration, Timestamp};
use openssl::accepted;
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use serde_json::{Value, json};
use skreg::pki::trust::{
    AnchorError, BundleError, CrossCertificateFault, MAX_VERSION, RootPolicy, RootStatus,
    TrustAnchor, TrustBundle, TrustError, sha256sums,
};

use RootStatus::{Active, Next, Retired, Retiring};

/// Root that other software created.
struct Root {
    parameters: CertificateParams,
    key: KeyPair,
    pem: String,
}

fn parameters(common_name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    let name = &mut parameters.distinguished_name;
    name.push(DnType::CommonName, common_name);
    parameters.not_before = date_time_ymd(2026, 1, 1);
    parameters.not_after = date_time_ymd(2036, 1, 1);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

impl Root {
    fn new(common_name: &str) -> Self {
        Self::with(parameters(common_name))
    }

    fn with(parameters: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self {
            parameters,
            key,
            pem,
        }
    }

    fn anchor(&self) -> TrustAnchor {
        TrustAnchor::from_pem(&self.pem).unwrap()
    }

    fn spki_sha256(&self) -> String {
        self.anchor().spki_sha256().to_string()
    }

    fn policy(&self, status: RootStatus) -> RootPolicy {
        RootPolicy {
            anchor: self.anchor(),
            status,
            distribute_from: None,
            trust_until: None,
        }
    }

    fn until(&self, status: RootStatus, day: i64) -> RootPolicy {
        RootPolicy {
            trust_until: Some(on(day)),
            ..self.policy(status)
        }
    }

    /// Certifies the key of another root.
    fn certify(&self, other: &Self) -> String {
        let issuer = Issuer::from_params(&self.parameters, &self.key);
        let certificate = other.parameters.signed_by(&other.key, &issuer);
        certificate.unwrap().pem()
    }
}

/// Returns the start of a day after 2027-01-01.
fn on(day: i64) -> Timestamp {
    let start: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(24 * day)
}

/// Version of the first bundle of a test: the time in seconds since 1970.
fn first_version() -> u64 {
    on(0).as_second().try_into().unwrap()
}

/// Returns the position of a bundle: 1 for the first one, and so on.
fn number(bundle: &TrustBundle) -> u64 {
    bundle.version() + 1 - first_version()
}

/// Minimum distribution time of the tests in days.
const MINIMUM: u32 = 30;

fn first(roots: &[RootPolicy]) -> Result<TrustBundle, TrustError> {
    TrustBundle::successor(None, roots, &[], MINIMUM, on(0))
}

fn then(before: &TrustBundle, roots: &[RootPolicy], day: i64) -> Result<TrustBundle, TrustError> {
    TrustBundle::successor(Some(before), roots, &[], MINIMUM, on(day))
}

#[test]
fn rotation_keeps_every_root_trusted_while_it_is_in_use() {
    let (one, two) = (Root::new("Root 1"), Root::new("Root 2"));
    let certificates = |bundle: &TrustBundle| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bundle.to_pem()).unwrap();
        let path = file.path().to_str().unwrap();
        let found = accepted(&["storeutl", "-noout", "-certs", path], "");
        let (_, total) = found.trim().split_once("Total found: ").unwrap();
        total.to_owned()
    };
    let bundle = first(&[one.policy(Active)]).unwrap();
    assert_eq!((number(&bundle), &*certificates(&bundle)), (1, "1"));
    let bundle = then(&bundle, &[one.policy(Active), two.policy(Next)], 10).unwrap();
    assert_eq!((number(&bundle), &*certificates(&bundle)), (2, "2"));

    let switched = [one.until(Retiring, 200), two.policy(Active)];
    let early = then(&bundle, &switched, 39);
    assert_eq!(
        early,
        Err(TrustError::Distribution {
            root: two.spki_sha256(),
            earliest: on(40)
        })
    );
    let bundle = then(&bundle, &switched, 40).unwrap();
    assert_eq!((number(&bundle), &*certificates(&bundle)), (3, "2"));
    let retired = [one.until(Retired, 200), two.policy(Active)];
    let bundle = then(&bundle, &retired, 100).unwrap();
    assert_eq!((number(&bundle), &*certificates(&bundle)), (4, "1"));
    assert!(bundle.to_json().contains(&one.spki_sha256()));

    let removed = [two.policy(Active)];
    assert_eq!(
        then(&bundle, &removed, 199),
        Err(TrustError::RemovedEarly {
            root: one.spki_sha256(),
            trust_until: on(200)
        })
    );
    let bundle = then(&bundle, &removed, 200).unwrap();
    assert_eq!((number(&bundle), &*certificates(&bundle)), (5, "1"));
    // Without a change, the bundle remains the same, even after the root has expired.
    assert_eq!(then(&bundle, &removed, 10_000), Ok(bundle));
}

#[test]
fn bundle_requires_an_active_root_in_its_window() {
    let root = Root::new("Root");
    assert_eq!(first(&[]), Err(TrustError::NoActiveRoot));
    assert_eq!(first(&[root.policy(Next)]), Err(TrustError::NoActiveRoot));
    let before = first(&[root.policy(Active)]).unwrap();
    let retiring = then(&before, &[root.until(Retiring, 100)], 1);
    assert_eq!(retiring, Err(TrustError::NoActiveRoot));
    for (policy, from, until) in [
        (
            root.until(Active, 0),
            "2026-12-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
        ),
        (
            root.policy(Active),
            "2027-01-02T00:00:00Z",
            "2036-01-01T00:00:00Z",
        ),
    ] {
        let policy = RootPolicy {
            distribute_from: Some(from.parse().unwrap()),
            ..policy
        };
        let error = first(&[policy]).expect_err(from);
        let TrustError::ActiveOutsideWindow {
            from: found_from,
            until: found_until,
            ..
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!((&*found_from, &*found_until), (from, until));
    }
    let mut expired = parameters("Expired");
    expired.not_after = date_time_ymd(2026, 12, 31);
    let expired = first(&[Root::with(expired).policy(Active)]);
    assert!(
        matches!(expired, Err(TrustError::ActiveOutsideWindow { until, .. })
        if until == "2026-12-31T00:00:00Z")
    );
    let mut later = parameters("Later");
    later.not_before = date_time_ymd(2028, 1, 1);
    let later = first(&[Root::with(later).policy(Active)]);
    assert!(
        matches!(later, Err(TrustError::ActiveOutsideWindow { from, .. })
        if from == "2028-01-01T00:00:00Z")
    );
}

#[test]
fn new_root_is_distributed_before_it_becomes_active() {
    let (one, two) = (Root::new("Root 1"), Root::new("Root 2"));
    let before = first(&[one.policy(Active)]).unwrap();
    // With an earlier start, older signatures of the new key would be in its window.
    let backdated = |status| RootPolicy {
        distribute_from: Some(on(-100)),
        ..two.policy(status)
    };
    let distribution = |day| TrustError::Distribution {
        root: two.spki_sha256(),
        earliest: on(day),
    };
    let unknown = then(&before, &[one.policy(Active), backdated(Active)], 1);
    assert_eq!(unknown, Err(distribution(31)));
    let moved = TrustError::StartMoved {
        root: two.spki_sha256(),
        distribute_from: on(-100),
        earliest: on(1),
    };
    let next = then(&before, &[one.policy(Active), backdated(Next)], 1);
    assert_eq!(next, Err(moved));
    let next = then(&before, &[one.policy(Active), two.policy(Next)], 1).unwrap();
    let both = [one.policy(Active), two.policy(Active)];
    assert_eq!(then(&next, &both, 30), Err(distribution(31)));
    then(&next, &both, 31).unwrap();
    // A later start delays the change.
    let delayed = |status| RootPolicy {
        distribute_from: Some(on(5)),
        ..two.policy(status)
    };
    let next = then(&before, &[one.policy(Active), delayed(Next)], 1).unwrap();
    let both = [one.policy(Active), delayed(Active)];
    assert_eq!(then(&next, &both, 34), Err(distribution(35)));
    then(&next, &both, 35).unwrap();
    for status in [Retiring, Retired] {
        let added = then(&before, &[one.policy(Active), two.until(status, 100)], 1);
        let root = two.spki_sha256();
        assert_eq!(added, Err(TrustError::NotNext { root, status }));
    }
    let both = [one.policy(Active), two.policy(Active)];
    // In an emergency, the minimum is 0.
    TrustBundle::successor(Some(&before), &both, &[], 0, on(1)).unwrap();
}

#[test]
fn root_is_retired_before_it_is_removed() {
    let (one, two) = (Root::new("Root 1"), Root::new("Root 2"));
    for policy in [
        two.policy(Next),
        two.policy(Active),
        two.until(Retiring, 50),
    ] {
        let status = policy.status;
        let before = first(&[one.policy(Active), policy]).unwrap();
        assert_eq!(
            then(&before, &[one.policy(Active)], 400),
            Err(TrustError::Unannounced {
                root: two.spki_sha256(),
                status
            })
        );
    }
}

#[test]
fn status_changes_follow_the_life_cycle() {
    let (one, two) = (Root::new("Root 1"), Root::new("Root 2"));
    let allowed = [
        (Next, Next),
        (Next, Active),
        (Next, Retired),
        (Active, Active),
        (Active, Retiring),
        (Retiring, Retiring),
        (Retiring, Active),
        (Retiring, Retired),
        (Retired, Retired),
    ];
    for from in RootStatus::ALL {
        let before = first(&[one.policy(Active), two.until(from, 500)]).unwrap();
        for to in RootStatus::ALL {
            let result = then(&before, &[one.policy(Active), two.until(to, 500)], 100);
            match allowed.contains(&(from, to)) {
                true => assert!(result.is_ok(), "{from:?} to {to:?}: {result:?}"),
                false => assert_eq!(
                    result,
                    Err(TrustError::Transition {
                        root: two.spki_sha256(),
                        from,
                        to
                    })
                ),
            }
        }
        assert_eq!(RootStatus::named(from.name()), Some(from));
    }
}

#[test]
fn window_does_not_end_before_relying_parties_receive_the_change() {
    let (one, two) = (Root::new("Root 1"), Root::new("Root 2"));
    let before = first(&[one.policy(Active), two.policy(Active)]).unwrap();
    let change =
        |before, end, day| then(before, &[one.policy(Active), two.until(Retiring, end)], day);
    let early = |end, earliest| {
        Err(TrustError::EndsEarly {
            root: two.spki_sha256(),
            trust_until: on(end),
            earliest: on(earliest),
        })
    };
    assert_eq!(change(&before, 39, 10), early(39, 40));
    let announced = change(&before, 60, 10).unwrap();
    // The announced end can be repeated and extended. It can be shortened to the minimum.
    assert!(change(&announced, 60, 59).is_ok() && change(&announced, 61, 59).is_ok());
    assert_eq!(change(&announced, 49, 20), early(49, 50));
    assert!(change(&announced, 50, 20).is_ok());
    assert_eq!(change(&announced, 59, 59), early(59, 60));
    let missing = then(&before, &[one.policy(Active), two.policy(Retiring)], 1);
    assert_eq!(
        missing,
        Err(TrustError::NoTrustUntil {
            root: two.spki_sha256(),
            status: Retiring
        })
    );
    let reversed = first(&[one.policy(Active), two.until(Next, 0)]);
    assert!(matches!(reversed, Err(TrustError::Window { root, .. }) if root == two.spki_sha256()));
}

#[test]
fn start_of_a_published_window_does_not_move() {
    let (one, two) = (Root::new("Root 1"), Root::new("Root 2"));
    for status in [Active, Retiring, Retired] {
        let before = first(&[one.policy(Active), two.until(status, 500)]).unwrap();
        for day in [-100, 1] {
            let moved = RootPolicy {
                distribute_from: Some(on(day)),
                ..two.until(status, 500)
            };
            let result = then(&before, &[one.policy(Active), moved], 100);
            let expected = TrustError::StartMoved {
                root: two.spki_sha256(),
                distribute_from: on(day),
                earliest: on(0),
            };
            assert_eq!(result, Err(expected), "{status:?}");
        }
    }
    let before = first(&[one.policy(Active), two.policy(Next)]).unwrap();
    let moved = |day| {
        let policy = RootPolicy {
            distribute_from: Some(on(day)),
            ..two.policy(Next)
        };
        then(&before, &[one.policy(Active), policy], 10)
    };
    assert!(moved(20).is_ok());
    assert!(matches!(moved(-1), Err(TrustError::StartMoved { .. })));
}

#[test]
fn root_stays_in_the_pem_bundle_while_it_is_in_use() {
    let (one, two) = (Root::new("Root 1"), Root::new("Root 2"));
    let with = |policy| [two.policy(Active), policy];
    let before = first(&with(one.policy(Active))).unwrap();
    let retiring = then(&before, &with(one.until(Retiring, 200)), 10).unwrap();
    // A change of the window does not restart the time.
    let extended = then(&retiring, &with(one.until(Retiring, 300)), 20).unwrap();
    for before in [&retiring, &extended] {
        let early = then(before, &with(one.until(Retired, 300)), 39);
        let root = one.spki_sha256();
        let earliest = on(40);
        assert_eq!(early, Err(TrustError::RetiredEarly { root, earliest }));
        let retired = then(before, &with(one.until(Retired, 300)), 40).unwrap();
        assert_eq!(TrustBundle::read(&retired.to_json()), Ok(retired));
    }
    let emergency = with(one.until(Retired, 100));
    TrustBundle::successor(Some(&before), &emergency, &[], 0, on(10)).unwrap();
}

#[test]
fn key_keeps_its_subject_and_the_version_rises_without_an_object() {
    let root = Root::new("Root");
    let before = first(&[root.policy(Active)]).unwrap();
    let pem = parameters("Other").self_signed(&root.key).unwrap().pem();
    let renamed = RootPolicy {
        anchor: TrustAnchor::from_pem(&pem).unwrap(),
        ..root.policy(Active)
    };
    let result = then(&before, &[renamed], 1);
    assert!(matches!(result, Err(TrustError::OtherSubject { .. })));
    assert_eq!(before.clone().after_version(0), Ok(before.clone()));
    let known = first_version() + 7;
    let after = before.clone().after_version(known).unwrap();
    assert_eq!(after.version(), known + 1);
    let exhausted = before.after_version(MAX_VERSION);
    assert_eq!(exhausted, Err(TrustError::VersionExhausted));
}

#[test]
fn roots_with_the_same_subject_require_a_cross_certificate() {
    let (one, two) = (Root::new("Root"), Root::new("root"));
    let other = Root::new("Other");
    let roots = [one.policy(Active), two.policy(Active), other.policy(Active)];
    let with = |cross: &[String]| TrustBundle::successor(None, &roots, cross, MINIMUM, on(0));
    assert!(
        matches!(with(&[]), Err(TrustError::SameSubject { first, second, .. })
        if first < second && [&first, &second].contains(&&one.spki_sha256()))
    );
    for cross in [one.certify(&two), two.certify(&one)] {
        let bundle = with(std::slice::from_ref(&cross)).unwrap();
        assert_eq!(
            bundle.cross_certificates()[0].to_pem(),
            cross.replace('\r', "")
        );
        assert_eq!(TrustBundle::read(&bundle.to_json()), Ok(bundle));
    }
    // A cross-certificate between other roots does not connect the two.
    let unrelated = with(&[other.certify(&two)]);
    assert!(matches!(unrelated, Err(TrustError::SameSubject { .. })));

    let stranger = Root::new("Root");
    let faults = [
        (stranger.certify(&one), CrossCertificateFault::Issuer),
        (one.certify(&stranger), CrossCertificateFault::Subject),
        (one.pem.clone(), CrossCertificateFault::Issuer),
    ];
    for (second, expected) in faults {
        let error = with(&[one.certify(&two), second]).expect_err("a fault");
        let position = 2;
        let fault = expected;
        assert_eq!(error, TrustError::CrossCertificate { position, fault });
    }
    let mut expired = two.parameters.clone();
    expired.not_after = date_time_ymd(2026, 12, 31);
    let issuer = Issuer::from_params(&one.parameters, &one.key);
    let expired = expired.signed_by(&two.key, &issuer).unwrap().pem();
    let fault = CrossCertificateFault::Expired;
    let position = 1;
    let expected = TrustError::CrossCertificate { position, fault };
    assert_eq!(with(&[expired]), Err(expected));
    let mut leaf = two.parameters.clone();
    leaf.is_ca = IsCa::ExplicitNoCa;
    let issuer = Issuer::from_params(&one.parameters, &one.key);
    let leaf = leaf.signed_by(&two.key, &issuer).unwrap().pem();
    assert_eq!(
        with(&[leaf]),
        Err(TrustError::CrossCertificate {
            position: 1,
            fault: CrossCertificateFault::NotAuthority
        })
    );
    assert!(matches!(
        with(&["x".to_owned()]),
        Err(TrustError::CrossCertificate {
            fault: CrossCertificateFault::Unreadable(_),
            ..
        })
    ));
}

#[test]
fn reissued_root_keeps_its_identity() {
    let root = Root::new("Root");
    let before = first(&[root.policy(Active)]).unwrap();
    let mut parameters = root.parameters.clone();
    parameters.not_after = date_time_ymd(2046, 1, 1);
    let pem = parameters.self_signed(&root.key).unwrap().pem();
    let reissued = RootPolicy {
        anchor: TrustAnchor::from_pem(&pem).unwrap(),
        ..root.policy(Active)
    };
    let after = then(&before, std::slice::from_ref(&reissued), 1).unwrap();
    assert_eq!(number(&after), 2);
    let twice = first(&[root.policy(Active), reissued]);
    assert_eq!(twice, Err(TrustError::DuplicateKey(root.spki_sha256())));
}

#[test]
fn only_self_signed_authorities_are_trust_anchors() {
    let (one, two) = (Root::new("Root 1"), Root::new("Root 2"));
    let cross = TrustAnchor::from_pem(&one.certify(&two));
    assert_eq!(cross, Err(AnchorError::NotSelfSigned));
    let mut leaf = parameters("Leaf");
    leaf.is_ca = IsCa::ExplicitNoCa;
    let leaf = leaf.self_signed(&one.key).unwrap().pem();
    assert_eq!(TrustAnchor::from_pem(&leaf), Err(AnchorError::NotAuthority));
    // The issuer name is the subject, but another key signed the certificate.
    let namesake = Root::new("Root 2");
    let forged = TrustAnchor::from_pem(&namesake.certify(&two));
    assert_eq!(forged, Err(AnchorError::NotSelfSigned));
    assert!(matches!(
        TrustAnchor::from_pem("x"),
        Err(AnchorError::Text(_))
    ));
}

fn published() -> (Root, TrustBundle) {
    let root = Root::new("Root, \"Inc.\"");
    let retired = Root::new("Old Root");
    let bundle = first(&[root.policy(Active), retired.until(Retired, 100)]).unwrap();
    (root, bundle)
}

#[test]
fn document_contains_the_documented_members() {
    let (root, bundle) = published();
    let json = bundle.to_json();
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["type"], "skreg.pki.trust_bundle");
    assert_eq!(
        (&document["v"], &document["version"]),
        (&json!(1), &json!(first_version()))
    );
    assert_eq!(document["cross_certificates"], json!([]));
    let roots = document["roots"].as_array().unwrap();
    let found = roots.iter().find(|found| found["status"] == "active");
    let found = found.unwrap();
    let fingerprint = accepted(&["x509", "-noout", "-fingerprint", "-sha256"], &root.pem);
    let (_, fingerprint) = fingerprint.trim().split_once('=').unwrap();
    let fingerprint = fingerprint.replace(':', "").to_lowercase();
    assert_eq!(found["certificate_sha256"], fingerprint);
    let subject = accepted(
        &["x509", "-noout", "-subject", "-nameopt", "RFC2253"],
        &root.pem,
    );
    assert_eq!(
        found["subject"],
        subject.trim().trim_start_matches("subject=")
    );
    assert_eq!(found["spki_sha256"], root.spki_sha256());
    assert_eq!(found["distribute_from"], "2027-01-01T00:00:00Z");
    assert_eq!(found["published_at"], "2027-01-01T00:00:00Z");
    assert_eq!(found["trust_until"], Value::Null);
    let spki = |root: &Value| root["spki_sha256"].as_str().unwrap().to_owned();
    assert!(spki(&roots[0]) < spki(&roots[1]));
    assert_eq!(TrustBundle::read(&json), Ok(bundle));
}

#[test]
fn foreign_newer_and_edited_documents_are_rejected() {
    let (_, bundle) = published();
    let json = bundle.to_json();
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut document: Value = serde_json::from_str(&json).unwrap();
        edit(&mut document);
        TrustBundle::read(&document.to_string()).expect_err("the document was edited")
    };
    for foreign in ["", "[]", "{}", r#"{"type": "skreg.pki.key", "v": 1}"#] {
        assert_eq!(TrustBundle::read(foreign), Err(BundleError::Foreign));
    }
    assert_eq!(
        edited(&|document| document["v"] = json!(2)),
        BundleError::UnknownVersion {
            found: 2,
            newest: 1
        }
    );
    for version in [0, MAX_VERSION + 1] {
        let error = edited(&|document| document["version"] = json!(version));
        assert_eq!(error, BundleError::ContentVersion);
    }
    let is_malformed = |error| matches!(error, BundleError::Malformed { .. });
    assert!(is_malformed(edited(
        &|document| document["unknown"] = json!(1)
    )));
    for member in ["version", "roots", "cross_certificates"] {
        let error = edited(&|document| {
            document.as_object_mut().unwrap().remove(member);
        });
        assert!(is_malformed(error), "{member}");
    }
    assert!(is_malformed(edited(&|document| {
        document["roots"][0]["unknown"] = json!(1);
    })));
    for member in [
        "status",
        "subject",
        "distribute_from",
        "published_at",
        "retiring_since",
        "trust_until",
        "spki_sha256",
        "certificate_sha256",
    ] {
        let error = edited(&|document| document["roots"][1][member] = json!("wrong"));
        let position = 2;
        assert_eq!(error, BundleError::RootMember { position, member });
        let error = edited(&|document| {
            document["roots"][0].as_object_mut().unwrap().remove(member);
        });
        assert!(is_malformed(error), "{member}");
    }
    let error = edited(&|document| document["roots"][0]["certificate_pem"] = json!("x"));
    assert!(matches!(error, BundleError::Root { position: 1, .. }));
    let error = edited(&|document| {
        let pem = document["roots"][0]["certificate_pem"].as_str().unwrap();
        document["roots"][0]["certificate_pem"] = json!(format!("comment\n{pem}"));
    });
    let member = "certificate_pem";
    let position = 1;
    assert_eq!(error, BundleError::RootMember { position, member });
    let error = edited(&|document| document["roots"].as_array_mut().unwrap().reverse());
    assert_eq!(error, BundleError::Order);
    let error = edited(&|document| {
        for root in document["roots"].as_array_mut().unwrap() {
            root["status"] = json!("next");
        }
    });
    assert_eq!(error, BundleError::Rule(TrustError::NoActiveRoot));
    let error = edited(&|document| {
        let root = document["roots"][0].clone();
        document["roots"].as_array_mut().unwrap().insert(0, root);
    });
    assert!(matches!(
        error,
        BundleError::Rule(TrustError::DuplicateKey(_))
    ));
    let error = edited(&|document| {
        document["roots"][0]["published_at"] = json!("2027-01-01T00:00:00.5Z");
    });
    assert!(matches!(error, BundleError::Rule(TrustError::Fraction(_))));
}

#[test]
fn older_and_exhausted_versions_are_rejected() {
    let (root, bundle) = published();
    let (published, known) = (first_version(), first_version() + 1);
    assert_eq!(bundle.check_version(published), Ok(()));
    assert_eq!(
        bundle.check_version(known),
        Err(TrustError::Older { published, known })
    );
    let mut document: Value = serde_json::from_str(&bundle.to_json()).unwrap();
    document["version"] = json!(MAX_VERSION);
    let last = TrustBundle::read(&document.to_string()).unwrap();
    let result = then(&last, &[root.policy(Active)], 300);
    assert_eq!(result, Err(TrustError::VersionExhausted));
}

#[test]
fn hashes_equal_those_of_openssl() {
    let (_, bundle) = published();
    let (json, pem) = (bundle.to_json(), bundle.to_pem());
    let sums = sha256sums([("trust.json", &*json), ("trust.pem", &*pem)]);
    let hash = |content: &str| {
        let printed = accepted(&["dgst", "-sha256", "-r"], content);
        printed.split_once(' ').unwrap().0.to_owned()
    };
    let expected = format!("{}  trust.json\n{}  trust.pem\n", hash(&json), hash(&pem));
    assert_eq!(sums, expected);
}

fn roots() -> &'static [Root; 3] {
    static ROOTS: std::sync::OnceLock<[Root; 3]> = std::sync::OnceLock::new();
    ROOTS.get_or_init(|| ["Root 1", "Root 2", "Root 3"].map(Root::new))
}

fn any_policies() -> impl Strategy<Value = Vec<RootPolicy>> {
    let policy = (0_usize..3, 0_usize..4, prop::option::of(50_i64..120));
    prop::collection::vec(policy, 1..4).prop_map(|policies| {
        let policies = policies.into_iter();
        policies
            .map(|(root, status, until)| RootPolicy {
                trust_until: until.map(on),
                ..roots()[root].policy(RootStatus::ALL[status])
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn order_of_roots_does_not_matter(
        (one, other) in any_policies().prop_flat_map(|one| (Just(one.clone()), Just(one).prop_shuffle()))
    ) {
        let (one, other) = (first(&one).ok(), first(&other).ok());
        prop_assert_eq!(one, other);
    }

    #[test]
    fn version_rises_exactly_if_the_content_changes(
        changes in prop::collection::vec((any_policies(), 0_i64..40), 1..6)
    ) {
        let mut day = 0;
        let mut bundle: Option<TrustBundle> = None;
        for (policies, days) in changes {
            day += days;
            let after = TrustBundle::successor(bundle.as_ref(), &policies, &[], 10, on(day));
            let Ok(after) = after else { continue };
            let is_equal = bundle.as_ref() == Some(&after);
            let expected = match &bundle {
                Some(before) => before.version() + u64::from(!is_equal),
                None => u64::try_from(on(day).as_second()).unwrap(),
            };
            prop_assert_eq!(after.version(), expected);
            let again = TrustBundle::successor(Some(&after), &policies, &[], 10, on(day));
            prop_assert_eq!(again.as_ref(), Ok(&after));
            let read = TrustBundle::read(&after.to_json());
            prop_assert_eq!(read.as_ref(), Ok(&after));
            bundle = Some(after);
        }
    }
}
