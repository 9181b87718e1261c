//! Tests of certificate revocation lists with OpenSSL, and of the checks after signing.

use std::fs;
use std::sync::Mutex;

use proptest::prelude::*;
use skreg::pki::revocation::{
    Crl, CrlError, CrlNumber, IssueListError, Reason, Revocation, RevocationList, Scope,
    check_message_limit,
};
use skreg::pki::{
    Certificate, Extension, KEY_ALGORITHMS, KeyAlgorithm, PublicKey, SerialNumber, SignError,
    SignatureAlgorithm, Signer,
};

use crate::authority::{Issued, at};
use crate::openssl::{accepted, openssl};

const URL: &str = "http://crl.example/.well-known/crl.crl";

/// Verifies a chain at 2027-01-15T08:00:00Z. The last certificate in `chain` is the root. Every certificate, including the root,
/// requires a list.
fn verify(chain: &[&Certificate], crls: &[&Crl]) -> Result<String, String> {
    verify_with("-crl_check_all", chain, crls)
}

fn verify_with(check: &str, chain: &[&Certificate], crls: &[&Crl]) -> Result<String, String> {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let [leaf, between @ .., root] = chain else {
        panic!("a chain has a leaf and a root")
    };
    let pem = |certificates: &[&Certificate]| {
        let certificates = certificates.iter();
        certificates
            .map(|certificate| certificate.to_pem())
            .collect()
    };
    let root = file("root.pem", root.to_pem());
    let between = file("between.pem", pem(between));
    let leaf = file("leaf.pem", leaf.to_pem());
    let mut arguments = vec!["verify", "-x509_strict", check];
    arguments.extend(["-attime", "1800000000", "-CAfile", &root]);
    if chain.len() > 2 {
        arguments.extend(["-untrusted", &between]);
    }
    let crls: Vec<String> = (0..)
        .zip(crls)
        .map(|(position, crl): (usize, _)| file(&format!("{position}.crl"), crl.to_pem()))
        .collect();
    for crl in &crls {
        arguments.extend(["-CRLfile", crl]);
    }
    arguments.push(&leaf);
    openssl(&arguments, "")
}

fn assert_rejected(verdict: Result<String, String>, reason: &str) {
    let error = verdict.expect_err(reason);
    assert!(error.contains(reason), "expected {reason:?} in {error}");
}

#[test]
fn openssl_uses_lists_of_every_algorithm() {
    for row in KEY_ALGORITHMS.iter().filter(|row| row.can_certify) {
        let root = Issued::root("Root", row.algorithm);
        let (valid, revoked) = (root.leaf(&[]), root.leaf(&[]));
        for signature_algorithm in row.signatures {
            let list = RevocationList {
                signature_algorithm: *signature_algorithm,
                ..root.list(vec![revoked.revocation()])
            };
            let crl = root.sign(&list).unwrap();
            assert_eq!(crl.list(), &list);
            let chain = |leaf: &Issued| [leaf.certificate.clone(), root.certificate.clone()];
            verify(&chain(&valid).each_ref(), &[&crl]).unwrap();
            let verdict = verify(&chain(&revoked).each_ref(), &[&crl]);
            assert_rejected(verdict, "certificate revoked");
        }
    }
}

#[test]
fn openssl_reads_the_fields_of_a_description() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP384);
    let serial = |digits: &str| digits.parse::<SerialNumber>().unwrap();
    let entry = |digits: &str, reason, invalidity_date| Revocation {
        serial_number: serial(digits),
        revoked_at: at("2026-12-31T23:59:59Z"),
        reason,
        invalidity_date,
    };
    let mut entries = vec![
        entry("00ff", None, Some(at("2051-02-03T04:05:06Z"))),
        Revocation {
            revoked_at: at("2050-01-01T00:00:00Z"),
            ..entry("7f00000000000000000000000000000000000001", None, None)
        },
    ];
    for (reason, position) in Reason::ALL.into_iter().zip(0x10..) {
        let digits = format!("{position:02x}");
        let invalidity_date = Some(at("2026-12-01T00:00:00Z"));
        entries.push(entry(&digits, Some(reason), invalidity_date));
    }
    let list = RevocationList {
        number: "1208925819614629174706177".parse().unwrap(),
        next_update: at("2050-01-01T00:00:00Z"),
        scope: Scope::UserOnly,
        distribution_points: vec![URL.to_owned(), "http://b.example/".to_owned()],
        ..root.list(entries)
    };
    let crl = root.sign(&list).unwrap();
    let text = accepted(
        &["crl", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"],
        &crl.to_pem(),
    );
    let identifier = root.certificate.public_key().identifier();
    let identifier = identifier.octets().map(|octet| format!("{octet:02X}"));
    for expected in [
        "Version 2 (0x1)",
        "Signature Algorithm: ecdsa-with-SHA384",
        "Issuer: C=DE,O=Ünion,CN=Root",
        "Last Update: Jan 15 08:00:00 2027 GMT",
        "Next Update: Jan  1 00:00:00 2050 GMT",
        &identifier.join(":"),
        "X509v3 CRL Number: \n                1208925819614629174706177\n",
        "X509v3 Issuing Distribution Point: critical",
        &format!("URI:{URL}"),
        "URI:http://b.example/",
        "Only User Certificates",
        "Serial Number: FF\n        Revocation Date: Dec 31 23:59:59 2026 GMT\n        CRL entry extensions:\n            \
         Invalidity Date: \n                Feb  3 04:05:06 2051 GMT\n",
        "Serial Number: 7F00000000000000000000000000000000000001\n        Revocation Date: Jan  1 00:00:00 2050 GMT\n    \
         Signature",
        "Key Compromise",
        "CA Compromise",
        "Affiliation Changed",
        "Superseded",
        "Cessation Of Operation",
        "Certificate Hold",
        "Privilege Withdrawn",
        "AA Compromise",
    ] {
        // The entry with the large serial number is not the last one.
        let expected = expected.trim_end_matches("    Signature");
        assert!(text.contains(expected), "expected {expected:?} in {text}");
    }
    assert_eq!(Crl::read(crl.der(), &root.certificate).unwrap(), crl);
    assert_eq!(
        Crl::read_pem(&crl.to_pem(), &root.certificate).unwrap(),
        crl
    );
}

#[test]
fn empty_list_has_no_entries_and_a_chain_requires_a_list_of_each_issuer() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let issuer = root.intermediate(KeyAlgorithm::Ed25519);
    let leaf = issuer.leaf(&[]);
    let chain = [&leaf.certificate, &issuer.certificate, &root.certificate];
    let (upper, lower) = (root.list(Vec::new()), issuer.list(Vec::new()));
    let (upper, lower) = (root.sign(&upper).unwrap(), issuer.sign(&lower).unwrap());
    let text = accepted(&["crl", "-noout", "-text"], &lower.to_pem());
    assert!(text.contains("No Revoked Certificates."), "{text}");
    verify(&chain, &[&upper, &lower]).unwrap();
    assert_rejected(verify(&chain, &[&upper]), "unable to get certificate CRL");
    let list = RevocationList {
        number: lower.list().number.next().unwrap(),
        ..root.list(vec![issuer.revocation()])
    };
    let upper = root.sign(&list).unwrap();
    assert_rejected(verify(&chain, &[&upper, &lower]), "certificate revoked");
}

#[test]
fn scoped_list_applies_only_to_its_certificates() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let issuer = root.intermediate(KeyAlgorithm::EcdsaP256);
    let leaf = root.leaf(&[]);
    let scoped = |scope| {
        let list = RevocationList {
            scope,
            ..root.list(Vec::new())
        };
        root.sign(&list).unwrap()
    };
    let (ca, user) = (scoped(Scope::CaOnly), scoped(Scope::UserOnly));
    for (certificate, applies, other) in [(&issuer, &ca, &user), (&leaf, &user, &ca)] {
        let chain = [&certificate.certificate, &root.certificate];
        verify_with("-crl_check", &chain, &[applies]).unwrap();
        let verdict = verify_with("-crl_check", &chain, &[other]);
        assert_rejected(verdict, "different CRL scope");
        verify(&chain, &[&ca, &user]).unwrap();
    }
}

#[test]
fn distribution_point_matches_the_certificate() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let point = |url: &str| {
        // `SEQUENCE { SEQUENCE { [0] { [0] { [6] url } } } }`.
        let mut value = [&[0x86, u8::try_from(url.len()).unwrap()], url.as_bytes()].concat();
        for tag in [0xa0, 0xa0, 0x30, 0x30] {
            value = [&[tag, u8::try_from(value.len()).unwrap()], &value[..]].concat();
        }
        Extension {
            oid: "2.5.29.31".parse().unwrap(),
            critical: false,
            value,
        }
    };
    let list = RevocationList {
        distribution_points: vec![URL.to_owned()],
        ..root.list(Vec::new())
    };
    let crl = root.sign(&list).unwrap();
    let (same, other) = (
        root.leaf(&[point(URL)]),
        root.leaf(&[point("http://b.example/")]),
    );
    let verify = |leaf: &Issued| {
        let chain = [&leaf.certificate, &root.certificate];
        verify_with("-crl_check", &chain, &[&crl])
    };
    verify(&same).unwrap();
    assert_rejected(verify(&other), "different CRL scope");
}

#[test]
fn list_of_another_issuer_or_key_is_rejected() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let renamed = Issued::root("Other", KeyAlgorithm::EcdsaP256);
    let other = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let crl = root.sign(&root.list(Vec::new())).unwrap();
    assert!(matches!(
        Crl::read(crl.der(), &renamed.certificate),
        Err(CrlError::Issuer { expected, .. }) if expected == "CN=Other,O=Ünion,C=DE"
    ));
    let read = Crl::read(crl.der(), &other.certificate);
    assert_eq!(read, Err(CrlError::Signature));
    let mut edited = crl.der().to_vec();
    let last = edited.len() - 1;
    edited[last] ^= 1;
    let read = Crl::read(&edited, &root.certificate);
    assert_eq!(read, Err(CrlError::Signature));
    edited.push(0);
    let read = Crl::read(&edited, &root.certificate);
    assert!(matches!(read, Err(CrlError::Decode(_))));
    assert!(matches!(
        Crl::read_pem(&root.certificate.to_pem(), &root.certificate),
        Err(CrlError::Text(_))
    ));
}

#[test]
fn issuer_must_be_able_to_issue_the_list() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let other = Issued::root("Other", KeyAlgorithm::EcdsaP256);
    let leaf = root.leaf(&[]);
    let list = root.list(Vec::new());
    assert!(matches!(
        root.sign_with(&list, &other.key),
        Err(IssueListError::Key)
    ));
    assert!(matches!(other.sign(&list), Err(IssueListError::Issuer)));
    assert!(matches!(
        leaf.sign(&leaf.list(Vec::new())),
        Err(IssueListError::KeyUsage)
    ));
    let with = |change: fn(&mut RevocationList)| {
        let mut list = root.list(vec![leaf.revocation()]);
        change(&mut list);
        root.sign(&list)
    };
    with(|_| {}).unwrap();
    let foreign = with(|list| list.signature_algorithm = SignatureAlgorithm::Sha256WithRsa);
    assert!(matches!(
        foreign,
        Err(IssueListError::SignatureAlgorithm { .. })
    ));
    for url in [
        "https://crl.example/",
        "http://",
        "http://crl.example/ü",
        "http://a b/",
        "http://a_b/",
        "http://user@crl.example/",
    ] {
        let mut list = list.clone();
        list.distribution_points = vec![url.to_owned()];
        let result = root.sign(&list);
        assert!(matches!(result, Err(IssueListError::DistributionPoint(found)) if found == url));
    }
    for instant in ["2027-01-10T00:00:00.5Z", "1949-12-31T23:59:59Z"] {
        let mut list = root.list(vec![leaf.revocation()]);
        list.entries[0].revoked_at = at(instant);
        assert!(
            matches!(root.sign(&list), Err(IssueListError::Time(_))),
            "{instant}"
        );
        let mut list = root.list(vec![leaf.revocation()]);
        list.entries[0].invalidity_date = Some(at(instant));
        assert!(
            matches!(root.sign(&list), Err(IssueListError::Time(_))),
            "{instant}"
        );
    }
    for broken in [
        with(|list| list.next_update = list.this_update),
        with(|list| list.entries.push(list.entries[0].clone())),
    ] {
        let error = broken.expect_err("the lint rejects the list");
        assert!(
            matches!(&error, IssueListError::Rejected(CrlError::Lint(findings)) if findings.len() == 1),
            "{error:?}"
        );
    }
}

#[test]
fn list_can_cover_the_whole_validity_period_of_the_issuer() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let validity = &root.certificate.description().validity;
    let list = RevocationList {
        this_update: validity.not_before(),
        next_update: validity.not_after(),
        ..root.list(Vec::new())
    };
    assert_eq!(*root.sign(&list).unwrap().list(), list);
}

/// Simulates a key in a service that limits messages. Records the messages and modifies the responses.
struct Remote<'a> {
    issued: &'a Issued,
    limit: Option<usize>,
    response: fn(Vec<u8>) -> Result<Vec<u8>, SignError>,
    messages: Mutex<Vec<Vec<u8>>>,
}

impl<'a> Remote<'a> {
    fn new(issued: &'a Issued, limit: Option<usize>) -> Self {
        Self {
            issued,
            limit,
            response: Ok,
            messages: Mutex::default(),
        }
    }
}

impl Signer for Remote<'_> {
    fn public_key(&self) -> &PublicKey {
        self.issued.key.public()
    }

    fn message_limit(&self) -> Option<usize> {
        self.limit
    }

    async fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        self.messages.lock().unwrap().push(message.to_vec());
        tokio::task::yield_now().await;
        (self.response)(self.issued.key.sign(algorithm, message).await?)
    }
}

#[test]
fn message_limit_is_checked_before_signing() {
    let root = Issued::root("Root", KeyAlgorithm::Ed25519);
    let entries = (0..80).map(|_| Revocation {
        serial_number: SerialNumber::random(&skreg::pki::SystemEntropy).unwrap(),
        reason: Some(Reason::KeyCompromise),
        ..root.revocation()
    });
    let list = root.list(entries.collect());
    let unlimited = Remote::new(&root, None);
    let crl = root.sign_with(&list, &unlimited).unwrap();
    let messages = unlimited.messages.into_inner().unwrap();
    let [message] = &messages[..] else {
        panic!("the key signs once")
    };
    let (_, parsed) = x509_parser::parse_x509_crl(crl.der()).unwrap();
    assert_eq!(parsed.tbs_cert_list.as_ref(), message);

    let limit = message.len() - 1;
    let limited = Remote::new(&root, Some(limit));
    let rejected = root.sign_with(&list, &limited).expect_err("too large");
    let checked = check_message_limit(&list, &root.certificate, Some(limit));
    for error in [rejected, checked.expect_err("too large")] {
        let IssueListError::TooLarge {
            octets,
            limit: found,
            entries,
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!((octets, found, entries), (message.len(), limit, 80));
    }
    assert!(limited.messages.lock().unwrap().is_empty());
    let exact = Remote::new(&root, Some(message.len()));
    assert_eq!(root.sign_with(&list, &exact).unwrap(), crl);
    // AWS KMS limits a message for an Ed25519 key to 4096 octets, which 80 entries exceed.
    assert!(message.len() > 4096, "{} octets", message.len());
    check_message_limit(&list, &root.certificate, None).unwrap();
}

#[test]
fn wrong_or_missing_signature_is_rejected() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let list = root.list(Vec::new());
    let wrong = Remote {
        response: |mut signature| {
            let last = signature.len() - 1;
            signature[last] ^= 1;
            Ok(signature)
        },
        ..Remote::new(&root, None)
    };
    assert!(matches!(
        root.sign_with(&list, &wrong),
        Err(IssueListError::Rejected(CrlError::Signature))
    ));
    let silent = Remote {
        response: |_| Err(SignError::new("the key is disabled")),
        ..Remote::new(&root, None)
    };
    assert!(matches!(
        root.sign_with(&list, &silent),
        Err(IssueListError::Sign(_))
    ));
}

#[test]
fn openssl_reads_a_list_of_10_000_entries() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let entries = (1_u32..=10_000).map(|number| Revocation {
        serial_number: SerialNumber::from_magnitude(&number.to_be_bytes()).unwrap(),
        ..root.revocation()
    });
    let crl = root.sign(&root.list(entries.collect())).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("root.pem");
    fs::write(&file, root.certificate.to_pem()).unwrap();
    let arguments = ["crl", "-noout", "-text", "-CAfile", file.to_str().unwrap()];
    let text = accepted(&arguments, &crl.to_pem());
    assert_eq!(text.matches("Serial Number: ").count(), 10_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_entries_are_read_back(
        entries in prop::collection::btree_map(
            prop::collection::vec(any::<u8>(), 1..19),
            (0_i64..4_000_000_000, prop::option::of(0_usize..8), prop::option::of(-600_000_000_i64..4_000_000_000)),
            0..20,
        ),
        number in 1_u128..,
        scope in 0_usize..3,
    ) {
        let root = test_root();
        let instant = |seconds| jiff::Timestamp::from_second(seconds).unwrap();
        let entries = entries.into_iter().filter_map(|(serial, (revoked_at, reason, invalidity_date))| {
            Some(Revocation {
                serial_number: SerialNumber::from_magnitude(&[&[1], &serial[..]].concat()).ok()?,
                revoked_at: instant(revoked_at),
                reason: reason.map(|position| Reason::ALL[position]),
                invalidity_date: invalidity_date.map(instant),
            })
        });
        let list = RevocationList {
            number: CrlNumber::from_magnitude(&number.to_be_bytes()).unwrap(),
            scope: Scope::EVERY[scope],
            ..root.list(entries.collect())
        };
        let crl = root.sign(&list).unwrap();
        prop_assert_eq!(crl.list(), &list);
    }

    #[test]
    fn damaged_list_is_never_accepted(position in any::<prop::sample::Index>(), change in 1_u8..) {
        let root = test_root();
        let crl = root.sign(&root.list(vec![root.revocation()])).unwrap();
        let mut der = crl.der().to_vec();
        der[position.index(crl.der().len())] ^= change;
        prop_assert!(Crl::read(&der, &root.certificate).is_err());
    }
}

/// Returns a root that all cases of a property share.
fn test_root() -> &'static Issued {
    static ROOT: std::sync::OnceLock<Issued> = std::sync::OnceLock::new();
    ROOT.get_or_init(|| Issued::root("Root", KeyAlgorithm::Ed25519))
}
