//! The stored key document: what survives a round trip, and what is refused without quoting the key.

mod openssl;

use jiff::Timestamp;
use openssl::accepted;
use serde_json::{Value, json};
use skreg::pki::{
    CaKey, DocumentError, End, FORMAT, Issuance, KEY_ALGORITHMS, KeyAlgorithm, SecretDocument,
    SecretText, SerialNumber, Stage, Subject, SubjectAttribute, SystemEntropy, Term,
};

fn issuance() -> Issuance {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    Issuance {
        serial_number: SerialNumber::random(&SystemEntropy).unwrap(),
        validity: Term {
            end: End::Days(30),
            not_before_margin_minutes: 60,
        }
        .from(now)
        .unwrap(),
        subject: Subject::new([(SubjectAttribute::CommonName, "Root \"1\"".to_owned())]).unwrap(),
        path_length: Some(2),
    }
}

fn pending(algorithm: KeyAlgorithm) -> SecretDocument {
    SecretDocument::pending(CaKey::generate(algorithm).unwrap(), issuance())
}

fn issued(algorithm: KeyAlgorithm) -> SecretDocument {
    let issuance = issuance();
    SecretDocument::pending(CaKey::generate(algorithm).unwrap(), issuance.clone())
        .issue(&issuance)
        .unwrap()
        .0
}

fn json_of(document: &SecretDocument) -> Value {
    serde_json::from_str(document.to_text().unwrap().expose()).unwrap()
}

fn read(value: &Value) -> Result<SecretDocument, DocumentError> {
    SecretDocument::read(&SecretText::from(value.to_string()))
}

fn refusal(value: &Value) -> DocumentError {
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
fn a_path_length_without_limit_is_written_as_null_and_may_not_be_missing() {
    let unlimited = Issuance {
        path_length: None,
        ..issuance()
    };
    let key = CaKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let mut document = json_of(&SecretDocument::pending(key, unlimited.clone()));
    assert_eq!(document["issuance"]["path_length"], Value::Null);
    match read(&document) {
        Ok(document) => assert_eq!(document.stage(), &Stage::Pending(unlimited)),
        Err(error) => panic!("{error}"),
    }
    let issuance = document["issuance"].as_object_mut().unwrap();
    assert!(issuance.remove("path_length").is_some());
    assert!(matches!(
        refusal(&document),
        DocumentError::Malformed { .. }
    ));
}

#[test]
fn version_1_has_these_fields_in_this_order() {
    let document = json_of(&issued(KeyAlgorithm::EcdsaP256));
    let names: Vec<_> = document.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "type",
            "v",
            "algorithm",
            "signature_algorithm",
            "spki_sha256",
            "private_key_pem",
            "certificates"
        ]
    );
    assert_eq!(document["type"], FORMAT);
    assert_eq!(FORMAT, "skreg.pki.key");
    assert_eq!(document["v"], 1);
    assert_eq!(document["algorithm"], "ECDSA_P256");
    assert_eq!(document["signature_algorithm"], "SHA256WITHECDSA");
    let private = document["private_key_pem"].as_str().unwrap();
    let certificate = document["certificates"][0].as_str().unwrap();
    assert_eq!(
        accepted(&["x509", "-noout", "-pubkey"], certificate),
        accepted(&["pkey", "-pubout"], private),
        "openssl finds another key in the certificate than in the document"
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
fn every_stage_of_every_algorithm_survives_a_round_trip() {
    for row in &KEY_ALGORITHMS {
        let first = pending(row.algorithm);
        let Stage::Pending(issuance) = first.stage().clone() else {
            panic!("not pending")
        };
        let again = SecretDocument::read(&first.to_text().unwrap()).unwrap();
        assert_eq!(again.key().public(), first.key().public());
        assert_eq!(again.stage(), first.stage());

        let (signed, certificate) = again.issue(&issuance).unwrap();
        let text = signed.to_text().unwrap();
        let read = SecretDocument::read(&text).unwrap();
        assert_eq!(read.certificate(), Some(&certificate));
        assert_eq!(read.key().public(), first.key().public());
        assert_eq!(
            read.to_text().unwrap().expose(),
            text.expose(),
            "{} is not stable",
            row.name
        );
    }
}

#[test]
fn a_key_stored_without_any_decision_is_readable() {
    let mut document = json_of(&pending(KeyAlgorithm::Ed25519));
    document.as_object_mut().unwrap().remove("issuance");
    assert_eq!(read(&document).ok().unwrap().stage(), &Stage::KeyOnly);
}

#[test]
fn foreign_values_are_refused() {
    for foreign in [
        json!("hunter2"),
        json!({"password": "x"}),
        json!({"type": "other", "v": 1}),
        json!([1]),
        json!(null),
    ] {
        assert!(
            matches!(refusal(&foreign), DocumentError::Foreign),
            "{foreign}"
        );
    }
    assert!(matches!(
        SecretDocument::read(&SecretText::from("{".to_owned())),
        Err(DocumentError::Foreign)
    ));
}

#[test]
fn an_unknown_version_is_refused_before_anything_else_is_read() {
    let later = json!({"type": "skreg.pki.key", "v": 2, "anything": []});
    assert!(matches!(refusal(&later), DocumentError::UnknownVersion(2)));
}

#[test]
fn unknown_fields_and_wrong_types_are_refused_without_quoting_the_key() {
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
            matches!(refusal(&document), DocumentError::Malformed { .. }),
            "{field}"
        );
    }
    let mut document = good;
    document["algorithm"] = key;
    assert!(matches!(
        refusal(&document),
        DocumentError::UnknownAlgorithm
    ));
}

#[test]
fn a_key_that_was_swapped_is_refused() {
    let mut document = json_of(&issued(KeyAlgorithm::Ed25519));
    document["private_key_pem"] =
        json_of(&pending(KeyAlgorithm::Ed25519))["private_key_pem"].clone();
    assert!(matches!(refusal(&document), DocumentError::KeyChanged));
    document["private_key_pem"] =
        json!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assert!(matches!(refusal(&document), DocumentError::Key(_)));
    document["private_key_pem"] =
        json_of(&pending(KeyAlgorithm::EcdsaP256))["private_key_pem"].clone();
    assert!(matches!(refusal(&document), DocumentError::Key(_)));
}

#[test]
fn a_certificate_of_another_key_is_refused() {
    let mut document = json_of(&issued(KeyAlgorithm::Ed25519));
    document["certificates"] = json_of(&issued(KeyAlgorithm::Ed25519))["certificates"].clone();
    assert!(matches!(
        refusal(&document),
        DocumentError::CertificateOfOtherKey { position: 1 }
    ));
}

#[test]
fn certificates_of_one_key_have_one_subject_and_a_serial_number_each() {
    let key = CaKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let first = issuance();
    let certificate = |issuance: &Issuance| issuance.issue(&key).unwrap().to_pem();
    let renewed = Issuance {
        serial_number: SerialNumber::random(&SystemEntropy).unwrap(),
        ..first.clone()
    };
    let renamed = Issuance {
        subject: Subject::new([(SubjectAttribute::CommonName, "Root 2".to_owned())]).unwrap(),
        serial_number: SerialNumber::random(&SystemEntropy).unwrap(),
        ..first.clone()
    };
    let again = CaKey::from_pem(KeyAlgorithm::Ed25519, &key.to_pem()).unwrap();
    let mut document = json_of(&SecretDocument::pending(again, first.clone()));
    document.as_object_mut().unwrap().remove("issuance");

    document["certificates"] = json!([certificate(&first), certificate(&renewed)]);
    let current = read(&document).ok().unwrap().certificate().cloned();
    assert_eq!(current.unwrap().issuance(), &renewed);

    document["certificates"] = json!([certificate(&first), certificate(&renamed)]);
    assert!(matches!(
        refusal(&document),
        DocumentError::CertificatesDisagree { position: 2 }
    ));
}

#[test]
fn a_certificate_edited_by_hand_is_refused() {
    let mut document = json_of(&issued(KeyAlgorithm::Ed25519));
    let text = document["certificates"][0].as_str().unwrap().to_owned();
    let end = text.rfind("\n-----END").unwrap();
    let mut edited = text.into_bytes();
    let at = end - 10;
    edited[at] = if edited[at] == b'A' { b'B' } else { b'A' };
    document["certificates"][0] = json!(String::from_utf8(edited).unwrap());
    assert!(matches!(
        refusal(&document),
        DocumentError::Certificate { position: 1, .. }
    ));
    document["certificates"][0] = json!("not a certificate");
    assert!(matches!(
        refusal(&document),
        DocumentError::Certificate { position: 1, .. }
    ));
}

#[test]
fn contradictions_are_refused() {
    let good = json_of(&issued(KeyAlgorithm::Ed25519));
    let mut both = good.clone();
    both["issuance"] = json_of(&pending(KeyAlgorithm::Ed25519))["issuance"].clone();
    assert!(matches!(
        refusal(&both),
        DocumentError::PendingBesideCertificates
    ));
    let mut twice = good.clone();
    let certificate = twice["certificates"][0].clone();
    twice["certificates"]
        .as_array_mut()
        .unwrap()
        .push(certificate);
    assert!(matches!(
        refusal(&twice),
        DocumentError::CertificatesDisagree { position: 2 }
    ));
    let mut signature = good;
    signature["signature_algorithm"] = json!("SHA1WITHRSA");
    assert!(matches!(
        refusal(&signature),
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
            matches!(refusal(&document), DocumentError::Issuance(_)),
            "{field}"
        );
    }
}
