//! Tests of key documents in version 3: stored documents of versions 2 and 3, keys in AWS KMS, signature algorithms, and
//! pending reissues.

mod openssl;

use jiff::Timestamp;
use openssl::{accepted, openssl};
use serde_json::{Value, json};
use skreg::pki::{
    Certificate, CertificateKind, CertifiedKey, Description, DistinguishedName, DocumentError, End,
    KeyAlgorithm, KeyDocument, NameAttribute, PublicKey, SerialNumber, SignatureAlgorithm, Signer,
    SoftwareKey, Stage, SystemEntropy, Term, issue,
};
use skreg::secret_text::SecretText;

const ARN: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Documents that version 2 of the format wrote, with the number of certificates.
const VERSION_2: [(&str, CertificateKind, usize); 4] = [
    (
        include_str!("golden/key_document_v2_root_ed25519_pending.json"),
        CertificateKind::Root,
        0,
    ),
    (
        include_str!("golden/key_document_v2_root_ed25519_issued.json"),
        CertificateKind::Root,
        1,
    ),
    (
        include_str!("golden/key_document_v2_leaf_ecdsa_p256_pending.json"),
        CertificateKind::Leaf,
        0,
    ),
    (
        include_str!("golden/key_document_v2_leaf_ecdsa_p256_issued.json"),
        CertificateKind::Leaf,
        1,
    ),
];

/// Documents that version 3 of the format wrote, with the number of certificates.
const VERSION_3: [(&str, usize); 4] = [
    (
        include_str!("golden/key_document_v3_root_rsa_3072_pending.json"),
        0,
    ),
    (
        include_str!("golden/key_document_v3_root_rsa_3072_issued.json"),
        1,
    ),
    (
        include_str!("golden/key_document_v3_root_rsa_3072_reissuing.json"),
        1,
    ),
    (
        include_str!("golden/key_document_v3_root_kms_ecdsa_p521_issued.json"),
        1,
    ),
];

fn description(signature_algorithm: SignatureAlgorithm) -> Description {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let term = Term {
        end: End::Days(30),
        not_before_margin_minutes: 60,
    };
    let name = [(NameAttribute::CommonName, "Root".to_owned())];
    Description::root(
        DistinguishedName::new(name).unwrap(),
        SerialNumber::random(&SystemEntropy).unwrap(),
        term.from(now).unwrap(),
        Some(1),
        signature_algorithm,
    )
}

fn signed(description: &Description, key: &PublicKey, signer: &impl Signer) -> Certificate {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let issued = issue(description, key, signer);
    runtime.unwrap().block_on(issued).unwrap()
}

fn read(text: &str) -> Result<KeyDocument, DocumentError> {
    KeyDocument::read(&SecretText::from(text.to_owned()))
}

#[track_caller]
fn readable(text: &str) -> KeyDocument {
    read(text).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn error_of(value: &Value) -> DocumentError {
    match read(&value.to_string()) {
        Ok(_) => panic!("the document was accepted"),
        Err(error) => error,
    }
}

fn text_of(document: &KeyDocument) -> String {
    document.to_text().unwrap().expose().to_owned()
}

fn json_of(document: &KeyDocument) -> Value {
    serde_json::from_str(&text_of(document)).unwrap()
}

/// Returns the document of a root that has issued its own certificate.
fn issued(key: SoftwareKey, signature_algorithm: SignatureAlgorithm) -> KeyDocument {
    let description = description(signature_algorithm);
    let certificate = signed(&description, key.public(), &key);
    let pending = KeyDocument::pending(key, description, Vec::new());
    let document = pending.with_certificate(certificate);
    document.unwrap_or_else(|error| panic!("{error}"))
}

fn key(algorithm: KeyAlgorithm) -> SoftwareKey {
    SoftwareKey::generate(algorithm).unwrap()
}

#[test]
fn version_2_documents_remain_readable_and_keep_their_members() {
    for (text, kind, certificates) in VERSION_2 {
        let older: Value = serde_json::from_str(text).unwrap();
        assert_eq!(older["v"], 2);
        let document = readable(text);
        assert_eq!(document.kind(), kind);
        assert_eq!(document.history().len(), certificates);
        let newer = json_of(&document);
        for (member, value) in older.as_object().unwrap() {
            match member.as_str() {
                "v" => assert_eq!(newer[member], 3),
                "issuance" => {
                    for (member, value) in value.as_object().unwrap() {
                        assert_eq!(&newer["issuance"][member], value, "{member}");
                    }
                    // The root and the issuer of the leaf have Ed25519 keys.
                    assert_eq!(newer["issuance"]["signature_algorithm"], "ED25519");
                }
                _ => assert_eq!(&newer[member], value, "{member}"),
            }
        }
    }
}

#[test]
fn version_3_documents_are_written_as_they_were_read() {
    for (text, certificates) in VERSION_3 {
        let document = readable(text);
        assert_eq!(text_of(&document), text.trim_end());
        assert_eq!(document.history().len(), certificates);
        let members: Value = serde_json::from_str(text).unwrap();
        let public = members["public_key_pem"].as_str().unwrap();
        if let Some(private) = members["private_key_pem"].as_str() {
            assert_eq!(accepted(&["pkey", "-pubout"], private), public);
        }
        for certificate in members["certificates"].as_array().unwrap() {
            let found = accepted(
                &["x509", "-noout", "-pubkey"],
                certificate.as_str().unwrap(),
            );
            assert_eq!(found, public);
        }
    }
}

#[test]
fn version_2_must_not_have_members_of_version_3() {
    let (text, ..) = VERSION_2[1];
    let newer = json_of(&readable(text));
    let mut document: Value = serde_json::from_str(text).unwrap();
    document["public_key_pem"] = newer["public_key_pem"].clone();
    assert!(matches!(
        error_of(&document),
        DocumentError::LaterMember {
            version: 2,
            member: "public_key_pem"
        }
    ));
    let mut document: Value = serde_json::from_str(text).unwrap();
    let pending: Value = serde_json::from_str(VERSION_2[0].0).unwrap();
    document["issuance"] = pending["issuance"].clone();
    assert!(matches!(
        error_of(&document),
        DocumentError::PendingWithCertificates
    ));
}

#[test]
fn a_key_in_kms_is_stored_as_its_arn_and_public_key() {
    let remote = key(KeyAlgorithm::EcdsaP384);
    let pending = description(SignatureAlgorithm::Sha384WithEcdsa);
    let certificate = signed(&pending, remote.public(), &remote);
    let reference = CertifiedKey::Kms {
        arn: ARN.to_owned(),
        public_key: remote.public().clone(),
    };
    let document = KeyDocument::pending(reference, pending, Vec::new());
    let document = readable(&text_of(&document));
    assert_eq!(document.key().kms_arn(), Some(ARN));
    assert!(document.key().software().is_none());
    let document = document.with_certificate(certificate).ok().unwrap();
    let text = text_of(&document);
    assert!(!text.contains("PRIVATE KEY"), "{text}");
    assert_eq!(text_of(&readable(&text)), text);

    let good = json_of(&document);
    let other = key(KeyAlgorithm::EcdsaP384);
    let with = |member: &str, value: Value| {
        let mut document = good.clone();
        document[member] = value;
        error_of(&document)
    };
    assert!(matches!(
        with("public_key_pem", json!(other.public().to_pem())),
        DocumentError::PublicKeyChanged
    ));
    assert!(matches!(
        with("private_key_pem", json!(remote.to_pem().expose())),
        DocumentError::KeyLocation
    ));
    assert!(matches!(
        with("kms_key_arn", Value::Null),
        DocumentError::KeyLocation
    ));
    let mut swapped = good.clone();
    swapped["public_key_pem"] = json!(other.public().to_pem());
    swapped["spki_sha256"] = json!(other.public().sha256().to_string());
    assert!(matches!(
        error_of(&swapped),
        DocumentError::WrongCertificateKey { position: 1 }
    ));
}

#[test]
fn every_key_signs_with_each_of_its_signature_algorithms() {
    for (algorithm, names) in [
        (
            KeyAlgorithm::Rsa3072,
            &[
                "sha256WithRSAEncryption",
                "sha384WithRSAEncryption",
                "sha512WithRSAEncryption",
            ][..],
        ),
        (KeyAlgorithm::EcdsaP256, &["ecdsa-with-SHA256"]),
        (KeyAlgorithm::EcdsaP384, &["ecdsa-with-SHA384"]),
        (KeyAlgorithm::EcdsaP521, &["ecdsa-with-SHA512"]),
        (KeyAlgorithm::Ed25519, &["ED25519"]),
    ] {
        assert_eq!(algorithm.signature_algorithms().len(), names.len());
        for (signature, name) in algorithm.signature_algorithms().iter().zip(names) {
            // The algorithm is stored in the document because the private key does not contain it.
            let stored = readable(&text_of(&issued(key(algorithm), *signature)));
            assert_eq!(stored.signature_algorithm(), *signature);
            let pem = stored.certificate().unwrap().to_pem();
            let text = accepted(&["x509", "-noout", "-text"], &pem);
            let expected = format!("Signature Algorithm: {name}\n");
            assert_eq!(text.matches(&expected).count(), 2, "{text}");
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &pem).unwrap();
            let path = file.path().to_str().unwrap();
            let at = ["-attime", "1795262400"];
            let verify = [
                "verify",
                "-x509_strict",
                at[0],
                at[1],
                "-CAfile",
                path,
                path,
            ];
            let verdict = openssl(&verify, "").unwrap();
            assert!(verdict.ends_with(": OK\n"), "{verdict}");
        }
    }
}

#[test]
fn a_document_specifies_the_algorithm_with_which_its_root_signs() {
    let document = issued(
        key(KeyAlgorithm::Rsa3072),
        SignatureAlgorithm::Sha384WithRsa,
    );
    let mut changed = json_of(&document);
    assert_eq!(changed["signature_algorithm"], "SHA384WITHRSA");
    changed["signature_algorithm"] = json!("SHA512WITHRSA");
    assert!(matches!(
        error_of(&changed),
        DocumentError::MemberMismatch {
            member: "signature_algorithm"
        }
    ));
    changed["signature_algorithm"] = json!("SHA256WITHECDSA");
    assert!(matches!(
        error_of(&changed),
        DocumentError::SignatureAlgorithm(KeyAlgorithm::Rsa3072)
    ));
}

#[test]
fn an_end_entity_key_is_rejected_for_an_authority() {
    let weak = key(KeyAlgorithm::Rsa2048);
    let pending = description(SignatureAlgorithm::Sha256WithRsa);
    let document = KeyDocument::pending(weak, pending, Vec::new());
    let Err(DocumentError::NotReadable(cause)) = document.to_text() else {
        panic!("the document would be stored")
    };
    assert!(matches!(
        *cause,
        DocumentError::EndEntityKey(KeyAlgorithm::Rsa2048)
    ));
}

#[test]
fn a_certificate_is_issued_again_for_the_same_key() {
    let signature = SignatureAlgorithm::Ed25519;
    let document = issued(key(KeyAlgorithm::Ed25519), signature);
    let first = document.certificate().unwrap().clone();
    let next = description(signature);
    let pending = document.reissuing(next.clone(), Vec::new()).ok().unwrap();
    let pending = readable(&text_of(&pending));
    assert_eq!(
        pending.stage(),
        &Stage::Reissuing {
            history: vec![first.clone()],
            pending: next.clone()
        }
    );
    assert_eq!(pending.certificate(), Some(&first));
    assert_eq!(pending.pending_issuance(), Some(&next));

    let own = SoftwareKey::from_pem(
        KeyAlgorithm::Ed25519,
        &pending.key().software().unwrap().to_pem(),
    );
    let own = own.unwrap();
    let unexpected = signed(&description(signature), own.public(), &own);
    let text = text_of(&pending);
    assert!(matches!(
        pending.with_certificate(unexpected),
        Err(DocumentError::DiffersFromPending)
    ));
    let second = signed(&next, own.public(), &own);
    let document = readable(&text)
        .with_certificate(second.clone())
        .ok()
        .unwrap();
    let document = readable(&text_of(&document));
    assert_eq!(document.stage(), &Stage::Issued(vec![first, second]));
    assert!(document.pending_issuance().is_none());
}

#[test]
fn a_reissue_must_keep_the_subject_and_have_a_new_serial_number() {
    let signature = SignatureAlgorithm::Ed25519;
    let text = text_of(&issued(key(KeyAlgorithm::Ed25519), signature));
    let same = readable(&text).certificate().unwrap().description().clone();
    let again = readable(&text).reissuing(same, Vec::new());
    assert!(matches!(
        again,
        Err(DocumentError::Issuance("serial number"))
    ));
    let other = [(NameAttribute::CommonName, "Other".to_owned())];
    let other = DistinguishedName::new(other).unwrap();
    let renamed = Description {
        issuer: other.clone(),
        subject: other,
        ..description(signature)
    };
    assert!(matches!(
        readable(&text).reissuing(renamed.clone(), Vec::new()),
        Err(DocumentError::Issuance("subject"))
    ));
    let pending = readable(&text).reissuing(description(signature), Vec::new());
    let mut changed = json_of(&pending.ok().unwrap());
    changed["issuance"]["subject"]["common_name"] = json!("Other");
    changed["issuance"]["issuer"]["common_name"] = json!("Other");
    assert!(matches!(
        error_of(&changed),
        DocumentError::Issuance("subject")
    ));
    let twice = readable(&text).reissuing(description(signature), Vec::new());
    let twice = twice
        .ok()
        .unwrap()
        .reissuing(description(signature), Vec::new());
    assert!(matches!(twice, Err(DocumentError::NotIssued)));
}
