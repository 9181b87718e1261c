//! Tests of the stored key document: round trips, and errors that do not quote the key.

mod openssl;

use std::collections::BTreeSet;

use jiff::Timestamp;
use openssl::accepted;
use proptest::prelude::*;
use serde_json::{Value, json};
use skreg::pki::{
    AlternativeName, BasicConstraints, Certificate, CertificateKind, Description,
    DistinguishedName, DocumentError, End, Extension, FORMAT, KEY_ALGORITHMS, KeyAlgorithm,
    KeyDocument, KeyPurpose, KeyUsage, NameAttribute, SerialNumber, SignatureAlgorithm,
    SoftwareKey, Stage, SystemEntropy, Term,
};
use skreg::secret_text::SecretText;

fn name(common_name: &str) -> DistinguishedName {
    DistinguishedName::new([(NameAttribute::CommonName, common_name.to_owned())]).unwrap()
}

fn description() -> Description {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let term = Term {
        end: End::Days(30),
        not_before_margin_minutes: 60,
    };
    let serial_number = SerialNumber::random(&SystemEntropy).unwrap();
    let validity = term.from(now).unwrap();
    let signature_algorithm = SignatureAlgorithm::Ed25519;
    let name = name("Root \"1\"");
    Description::root(name, serial_number, validity, Some(2), signature_algorithm)
}

/// Issues a certificate for a key and signs it with the issuer key.
fn certificate(description: &Description, key: &SoftwareKey, issuer: &SoftwareKey) -> Certificate {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let issue = skreg::pki::issue(description, key.public(), issuer);
    runtime.unwrap().block_on(issue).unwrap()
}

fn pending(algorithm: KeyAlgorithm) -> KeyDocument {
    let key = SoftwareKey::generate(algorithm).unwrap();
    let description = Description {
        signature_algorithm: algorithm.default_signature_algorithm(),
        ..description()
    };
    KeyDocument::pending(key, description, Vec::new())
}

/// Issues the pending certificate in a root key document.
fn finished(document: KeyDocument) -> (KeyDocument, Certificate) {
    let Stage::Pending(description) = document.stage() else {
        panic!("not pending")
    };
    let key = document.key().software().unwrap();
    let issued = certificate(description, key, key);
    let document = document.with_certificate(issued.clone());
    (document.unwrap_or_else(|error| panic!("{error}")), issued)
}

fn issued(algorithm: KeyAlgorithm) -> KeyDocument {
    finished(pending(algorithm)).0
}

fn json_of(document: &KeyDocument) -> Value {
    serde_json::from_str(document.to_text().unwrap().expose()).unwrap()
}

fn read(value: &Value) -> Result<KeyDocument, DocumentError> {
    KeyDocument::read(&SecretText::from(value.to_string()))
}

fn error_of(value: &Value) -> DocumentError {
    match read(value) {
        Ok(_) => panic!("the document was accepted"),
        Err(error) => {
            let chain = format!("{error:?}");
            assert!(
                !chain.contains("PRIVATE KEY--")
                    && !chain.contains("MII")
                    && !chain.contains("MC4C"),
                "{chain}"
            );
            error
        }
    }
}

#[test]
fn an_unlimited_path_length_is_null_and_must_not_be_missing() {
    let unlimited = Description {
        basic_constraints: BasicConstraints::Authority { path_length: None },
        signature_algorithm: SignatureAlgorithm::Sha256WithEcdsa,
        ..description()
    };
    let key = SoftwareKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let mut document = json_of(&KeyDocument::pending(key, unlimited.clone(), Vec::new()));
    assert_eq!(document["issuance"]["path_length"], Value::Null);
    match read(&document) {
        Ok(document) => assert_eq!(document.stage(), &Stage::Pending(unlimited)),
        Err(error) => panic!("{error}"),
    }
    let issuance = document["issuance"].as_object_mut().unwrap();
    assert!(issuance.remove("path_length").is_some());
    assert!(matches!(
        error_of(&document),
        DocumentError::Malformed { .. }
    ));
}

#[test]
fn version_3_has_the_documented_members_in_order() {
    let document = json_of(&issued(KeyAlgorithm::EcdsaP256));
    let names: Vec<_> = document.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "type",
            "v",
            "kind",
            "algorithm",
            "signature_algorithm",
            "spki_sha256",
            "public_key_pem",
            "private_key_pem",
            "certificates",
            "chain",
            "certificate_pem",
            "chain_pem"
        ]
    );
    assert_eq!(document["type"], FORMAT);
    assert_eq!(FORMAT, "skreg.pki.key");
    assert_eq!(document["v"], 3);
    assert_eq!(document["kind"], "root");
    assert_eq!(document["chain"], json!([]));
    assert_eq!(document["chain_pem"], "");
    assert_eq!(document["certificate_pem"], document["certificates"][0]);
    assert_eq!(document["algorithm"], "ECDSA_P256");
    assert_eq!(document["signature_algorithm"], "SHA256WITHECDSA");
    let private = document["private_key_pem"].as_str().unwrap();
    let certificate = document["certificates"][0].as_str().unwrap();
    assert_eq!(
        document["public_key_pem"],
        accepted(&["pkey", "-pubout"], private)
    );
    assert_eq!(
        accepted(&["x509", "-noout", "-pubkey"], certificate),
        accepted(&["pkey", "-pubout"], private),
        "the certificate must contain the public key in the document"
    );
    let spki = x509_parser::pem::parse_x509_pem(accepted(&["pkey", "-pubout"], private).as_bytes())
        .unwrap()
        .1
        .contents;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &spki);
    let hexadecimal: String = hash
        .as_ref()
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    assert_eq!(document["spki_sha256"], hexadecimal);
}

#[test]
fn every_stage_of_every_algorithm_round_trips() {
    for row in KEY_ALGORITHMS.iter().filter(|row| row.can_certify) {
        let first = pending(row.algorithm);
        let again = KeyDocument::read(&first.to_text().unwrap()).unwrap();
        assert_eq!(again.key().public(), first.key().public());
        assert_eq!(again.stage(), first.stage());

        let (signed, certificate) = finished(again);
        let text = signed.to_text().unwrap();
        let read = KeyDocument::read(&text).unwrap();
        assert_eq!(read.certificate(), Some(&certificate));
        assert_eq!(read.key().public(), first.key().public());
        assert_eq!(
            read.to_text().unwrap().expose(),
            text.expose(),
            "the encoding of the document for {} must be stable",
            row.name
        );
    }
}

#[test]
fn a_document_with_only_a_key_is_readable() {
    let mut document = json_of(&pending(KeyAlgorithm::Ed25519));
    document.as_object_mut().unwrap().remove("issuance");
    assert_eq!(read(&document).ok().unwrap().stage(), &Stage::KeyOnly);
}

#[test]
fn foreign_values_are_rejected() {
    for foreign in [
        json!("hunter2"),
        json!({"password": "x"}),
        json!({"type": "other", "v": 1}),
        json!([1]),
        json!(null),
    ] {
        assert!(
            matches!(error_of(&foreign), DocumentError::Foreign),
            "{foreign}"
        );
    }
    assert!(matches!(
        KeyDocument::read(&SecretText::from("{".to_owned())),
        Err(DocumentError::Foreign)
    ));
}

#[test]
fn an_unknown_version_is_rejected_before_other_members_are_read() {
    let later = json!({"type": "skreg.pki.key", "v": 4, "anything": []});
    assert!(matches!(
        error_of(&later),
        DocumentError::UnknownVersion {
            found: 4,
            newest: 3
        }
    ));
}

#[test]
fn unknown_fields_and_wrong_types_are_rejected_without_quoting_the_key() {
    let good = json_of(&issued(KeyAlgorithm::Ed25519));
    let key = good["private_key_pem"].clone();
    for (field, value) in [
        ("extra", json!(1)),
        ("certificates", key.clone()),
        ("issuance", key.clone()),
    ] {
        let mut document = good.clone();
        document[field] = value;
        assert!(
            matches!(error_of(&document), DocumentError::Malformed { .. }),
            "{field}"
        );
    }
    let mut document = good;
    document["algorithm"] = key;
    assert!(matches!(
        error_of(&document),
        DocumentError::UnknownAlgorithm
    ));
}

#[test]
fn a_replaced_key_is_rejected() {
    let mut document = json_of(&issued(KeyAlgorithm::Ed25519));
    document["private_key_pem"] =
        json_of(&pending(KeyAlgorithm::Ed25519))["private_key_pem"].clone();
    assert!(matches!(error_of(&document), DocumentError::KeyChanged));
    document["private_key_pem"] =
        json!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assert!(matches!(error_of(&document), DocumentError::Key(_)));
    document["private_key_pem"] =
        json_of(&pending(KeyAlgorithm::EcdsaP256))["private_key_pem"].clone();
    assert!(matches!(error_of(&document), DocumentError::Key(_)));
}

#[test]
fn a_certificate_for_another_key_is_rejected() {
    let mut document = json_of(&issued(KeyAlgorithm::Ed25519));
    document["certificates"] = json_of(&issued(KeyAlgorithm::Ed25519))["certificates"].clone();
    assert!(matches!(
        error_of(&document),
        DocumentError::WrongCertificateKey { position: 1 }
    ));
}

#[test]
fn certificates_for_a_key_have_the_same_subject_and_different_serial_numbers() {
    let key = SoftwareKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let first = description();
    let pem = |description: &Description| certificate(description, &key, &key).to_pem();
    let renewed = Description {
        serial_number: SerialNumber::random(&SystemEntropy).unwrap(),
        ..first.clone()
    };
    let renamed = Description {
        issuer: name("Root 2"),
        subject: name("Root 2"),
        serial_number: SerialNumber::random(&SystemEntropy).unwrap(),
        ..first.clone()
    };
    let again = SoftwareKey::from_pem(KeyAlgorithm::Ed25519, &key.to_pem()).unwrap();
    let mut document = json_of(&KeyDocument::pending(again, first.clone(), Vec::new()));
    document.as_object_mut().unwrap().remove("issuance");
    let mut with = |certificates: [String; 2]| {
        document["certificate_pem"] = json!(certificates[1]);
        document["chain_pem"] = json!("");
        document["certificates"] = json!(certificates);
        document.clone()
    };

    let history = read(&with([pem(&first), pem(&renewed)])).ok().unwrap();
    let described: Vec<_> = history
        .history()
        .iter()
        .map(Certificate::description)
        .collect();
    assert_eq!(described, [&first, &renewed]);
    let current = history.certificate().map(Certificate::description);
    assert_eq!(current, Some(&renewed));

    assert!(matches!(
        error_of(&with([pem(&first), pem(&renamed)])),
        DocumentError::InconsistentCertificate { position: 2 }
    ));
}

#[test]
fn an_edited_certificate_is_rejected() {
    let mut document = json_of(&issued(KeyAlgorithm::Ed25519));
    let text = document["certificates"][0].as_str().unwrap().to_owned();
    let end = text.rfind("\n-----END").unwrap();
    let mut edited = text.into_bytes();
    let at = end - 10;
    edited[at] = if edited[at] == b'A' { b'B' } else { b'A' };
    document["certificates"][0] = json!(String::from_utf8(edited).unwrap());
    assert!(matches!(
        error_of(&document),
        DocumentError::Certificate { position: 1, .. }
    ));
    document["certificates"][0] = json!("not a certificate");
    assert!(matches!(
        error_of(&document),
        DocumentError::Certificate { position: 1, .. }
    ));
}

#[test]
fn inconsistent_members_are_rejected() {
    let good = json_of(&issued(KeyAlgorithm::Ed25519));
    let mut twice = good.clone();
    let certificate = twice["certificates"][0].clone();
    twice["certificates"]
        .as_array_mut()
        .unwrap()
        .push(certificate);
    assert!(matches!(
        error_of(&twice),
        DocumentError::InconsistentCertificate { position: 2 }
    ));
    let mut signature = good;
    signature["signature_algorithm"] = json!("SHA1WITHRSA");
    assert!(matches!(
        error_of(&signature),
        DocumentError::SignatureAlgorithm(KeyAlgorithm::Ed25519)
    ));
    for (field, value) in [
        ("serial_number", "00"),
        ("not_after", "tomorrow"),
        ("not_before", "2099-01-01T00:00:00Z"),
    ] {
        let mut document = json_of(&pending(KeyAlgorithm::Ed25519));
        document["issuance"][field] = json!(value);
        assert!(
            matches!(error_of(&document), DocumentError::Issuance(_)),
            "{field}"
        );
    }
}

const VERSION_1: [(&str, &str, KeyAlgorithm); 2] = [
    (
        include_str!("golden/key_document_v1_ed25519_pending.json"),
        include_str!("golden/key_document_v1_ed25519_issued.json"),
        KeyAlgorithm::Ed25519,
    ),
    (
        include_str!("golden/key_document_v1_ecdsa_p256_pending.json"),
        include_str!("golden/key_document_v1_ecdsa_p256_issued.json"),
        KeyAlgorithm::EcdsaP256,
    ),
];

fn read_text(text: &str) -> KeyDocument {
    let read = KeyDocument::read(&SecretText::from(text.to_owned()));
    read.unwrap_or_else(|error| panic!("{error}"))
}

/// Asserts that the newer document contains all members of the older document with the same names and values.
#[track_caller]
fn assert_retains(older: &Value, newer: &Value) {
    for (member, value) in older.as_object().unwrap() {
        match value {
            Value::Object(_) => assert_retains(value, &newer[member]),
            _ if member == "v" => assert_eq!(newer[member], 3),
            _ => assert_eq!(&newer[member], value, "{member}"),
        }
    }
}

#[test]
fn version_1_is_read_as_a_root_and_written_as_version_3_with_the_same_names() {
    for (pending, issued, algorithm) in VERSION_1 {
        for text in [pending, issued] {
            let older: Value = serde_json::from_str(text).unwrap();
            assert_eq!(older["v"], 1);
            let document = read_text(text);
            assert_eq!(document.kind(), CertificateKind::Root);
            assert_eq!(document.key().public().algorithm(), algorithm);
            let newer = json_of(&document);
            assert_retains(&older, &newer);
            let again = read(&newer).ok().unwrap();
            assert_eq!(again.stage(), document.stage());
            assert_eq!(json_of(&again), newer);
        }
    }
}

#[test]
fn a_pending_issuance_in_version_1_produces_the_same_certificate() {
    // Ed25519 signatures are deterministic, so the certificates are identical.
    let (pending, issued, _) = VERSION_1[0];
    let (_, certificate) = finished(read_text(pending));
    assert_eq!(Some(&certificate), read_text(issued).certificate());
}

#[test]
fn version_1_must_not_have_members_of_version_2() {
    for member in ["kind", "chain", "certificate_pem", "chain_pem"] {
        let mut document: Value = serde_json::from_str(VERSION_1[0].1).unwrap();
        document[member] = json_of(&read_text(VERSION_1[0].1))[member].clone();
        assert!(
            matches!(error_of(&document), DocumentError::Malformed { .. }),
            "{member}"
        );
    }
}

/// A root and an intermediate authority that the root has issued.
struct Authorities {
    root: Certificate,
    intermediate: Certificate,
    key: SoftwareKey,
}

fn authorities() -> Authorities {
    let [top, key] = [(); 2].map(|()| SoftwareKey::generate(KeyAlgorithm::Ed25519).unwrap());
    let root = description();
    let below = Description {
        subject: name("Intermediate"),
        ..description()
    };
    Authorities {
        root: certificate(&root, &top, &top),
        intermediate: certificate(&below, &key, &top),
        key,
    }
}

fn leaf() -> Description {
    Description {
        issuer: name("Intermediate"),
        subject: name("Server"),
        basic_constraints: BasicConstraints::EndEntity,
        key_usage: BTreeSet::from([KeyUsage::DigitalSignature]),
        extended_key_usage: vec![KeyPurpose("1.3.6.1.5.5.7.3.1".parse().unwrap())],
        subject_alternative_names: vec![
            AlternativeName::Dns("api.example.com".to_owned()),
            AlternativeName::Ip([192, 0, 2, 7].into()),
        ],
        extensions: vec![Extension {
            oid: "2.5.29.32".parse().unwrap(),
            critical: false,
            value: vec![0x30, 0x07, 0x30, 0x05, 0x06, 0x03, 0x2a, 0x03, 0x04],
        }],
        ..description()
    }
}

/// Returns the documents of a leaf before and after its certificate is issued.
fn leaf_documents() -> [Value; 2] {
    let authorities = authorities();
    let key = SoftwareKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let description = leaf();
    let issued = certificate(&description, &key, &authorities.key);
    let chain = vec![authorities.intermediate, authorities.root];
    let pending = KeyDocument::pending(key, description, chain);
    let before = json_of(&pending);
    let after = pending
        .with_certificate(issued)
        .unwrap_or_else(|error| panic!("{error}"));
    [before, json_of(&after)]
}

#[test]
fn a_leaf_with_its_chain_round_trips() {
    let [before, after] = leaf_documents();
    let pending = read(&before).ok().unwrap();
    let Stage::Pending(described) = pending.stage() else {
        panic!("not pending")
    };
    assert_eq!(
        described.subject_alternative_names,
        leaf().subject_alternative_names
    );
    assert_eq!(described.extensions, leaf().extensions);
    assert_eq!(json_of(&pending), before);

    let document = read(&after).ok().unwrap();
    assert_eq!(document.kind(), CertificateKind::Leaf);
    let issuers = document.chain().into_iter();
    let issuers: Vec<_> = issuers
        .map(|issuer| issuer.description().subject.to_string())
        .collect();
    assert_eq!(
        issuers,
        ["common_name=Intermediate", "common_name=Root \"1\""]
    );
    assert_eq!(after["certificate_pem"], after["certificates"][0]);
    assert_eq!(
        after["chain_pem"], after["chain"][0],
        "chain_pem must not contain the root"
    );
    assert_eq!(json_of(&document), after);
}

#[test]
fn an_inconsistent_chain_is_rejected() {
    let [_, good] = leaf_documents();
    let [_, other] = leaf_documents();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut document = good.clone();
        change(&mut document);
        error_of(&document)
    };
    assert!(matches!(
        with(&|document| document["chain"] = other["chain"].clone()),
        DocumentError::IssuerNotInChain { position: 1 }
    ));
    assert!(matches!(
        with(&|document| document["chain"] = json!([])),
        DocumentError::IssuerNotInChain { position: 1 }
    ));
    let reversed = json!([good["chain"][1], good["chain"][0]]);
    assert!(matches!(
        with(&|document| document["chain"] = reversed.clone()),
        DocumentError::ChainCertificate { position: 2, .. }
    ));
    assert!(matches!(
        with(&|document| document["kind"] = json!("intermediate")),
        DocumentError::IssuerNotInChain { position: 1 }
    ));
    assert!(matches!(
        with(&|document| document["kind"] = json!("server")),
        DocumentError::UnknownKind
    ));
    for member in ["certificate_pem", "chain_pem"] {
        for wrong in [json!("x"), Value::Null] {
            assert!(
                matches!(
                    with(&|document| document[member] = wrong.clone()),
                    DocumentError::MemberMismatch { member: found } if found == member
                ),
                "{member}"
            );
        }
    }
    let mut root = json_of(&issued(KeyAlgorithm::Ed25519));
    root["chain"] = good["chain"].clone();
    assert!(matches!(error_of(&root), DocumentError::RootWithChain));
}

#[test]
fn a_pending_issuance_that_is_invalid_or_of_another_kind_is_rejected() {
    let [mut leaf, _] = leaf_documents();
    leaf["issuance"]["ca"] = json!(true);
    assert!(matches!(error_of(&leaf), DocumentError::Issuance("kind")));
    leaf["issuance"]["ca"] = json!(false);
    leaf["issuance"]["path_length"] = json!(0);
    assert!(matches!(
        error_of(&leaf),
        DocumentError::Issuance("path length")
    ));
    for (member, value, expected) in [
        ("key_usage", json!(["nonRepudiation"]), "key usage"),
        (
            "extended_key_usage",
            json!(["serverAuth"]),
            "extended key usage",
        ),
        (
            "extensions",
            json!([{"oid": "2.5.29.32", "critical": false, "value": "3"}]),
            "extensions",
        ),
    ] {
        let [mut document, _] = leaf_documents();
        document["issuance"][member] = value;
        assert!(
            matches!(error_of(&document), DocumentError::Issuance(found) if found == expected),
            "{member}"
        );
    }
}

/// Collects the paths of all members in a document, including nested members.
fn members(value: &Value, path: &str, found: &mut Vec<String>) {
    let nested: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(list) => (0..).map(|at: usize| at.to_string()).zip(list).collect(),
        _ => Vec::new(),
    };
    for (key, value) in nested {
        let path = format!("{path}/{key}");
        members(value, &path, found);
        found.push(path);
    }
}

fn documents_of_all_kinds() -> &'static [Value] {
    static DOCUMENTS: std::sync::OnceLock<Vec<Value>> = std::sync::OnceLock::new();
    DOCUMENTS.get_or_init(|| {
        let version_1 = VERSION_1
            .map(|(pending, issued, _)| [pending, issued])
            .concat();
        let mut all: Vec<Value> = version_1
            .into_iter()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect();
        all.extend(leaf_documents());
        all.push(json_of(&pending(KeyAlgorithm::Ed25519)));
        all.push(json_of(&issued(KeyAlgorithm::EcdsaP256)));
        all
    })
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_is_rejected_without_a_panic(text in "\\PC{0,200}") {
        prop_assert!(KeyDocument::read(&SecretText::from(text)).is_err());
    }

    #[test]
    fn a_changed_or_missing_member_is_rejected_or_leaves_key_and_certificates_unchanged(
        document in any::<prop::sample::Index>(),
        member in any::<prop::sample::Index>(),
        value in prop::option::of(anything()),
    ) {
        let good = document.get(documents_of_all_kinds());
        let mut paths = Vec::new();
        members(good, "", &mut paths);
        let path = member.get(&paths);
        let (parent, name) = path.rsplit_once('/').unwrap();
        let mut changed = good.clone();
        match (changed.pointer_mut(parent).unwrap(), value) {
            (Value::Object(map), None) => drop(map.remove(name)),
            (Value::Array(list), None) => drop(list.remove(name.parse().unwrap())),
            (parent, Some(value)) => *parent.pointer_mut(&format!("/{name}")).unwrap() = value,
            _ => unreachable!("only objects and arrays have members"),
        }
        let expected = read(good).ok().unwrap();
        if let Ok(read) = read(&changed) {
            prop_assert_eq!(read.key().public(), expected.key().public());
            prop_assert_eq!(read.kind(), expected.kind());
            for certificate in read.history() {
                prop_assert!(expected.history().contains(certificate), "{}", path);
            }
        } else {
            error_of(&changed);
        }
    }

    #[test]
    fn a_truncated_or_changed_text_is_rejected_or_has_the_same_content(
        document in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        octet in prop::option::of(0x20_u8..0x7f),
    ) {
        let good = document.get(documents_of_all_kinds());
        let mut text = good.to_string().into_bytes();
        let at = at.index(text.len());
        match octet {
            Some(octet) => text[at] = octet,
            None => text.truncate(at),
        }
        let Ok(text) = String::from_utf8(text) else { return Ok(()) };
        let expected = read(good).ok().unwrap();
        if let Ok(read) = KeyDocument::read(&SecretText::from(text)) {
            prop_assert_eq!(read.key().public(), expected.key().public());
            prop_assert_eq!(read.history(), expected.history());
        }
    }
}
