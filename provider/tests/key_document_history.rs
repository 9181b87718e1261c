//! Tests of the certificates in a key document: what is kept, and which documents are never stored.

use jiff::{SignedDuration, Timestamp};
use skreg::pki::{
    AlternativeName, Certificate, CertificateKind, Description, DistinguishedName, DocumentError,
    Issuance, KeyAlgorithm, KeyDocument, KeyPurpose, NameAttribute, SerialNumber,
    SignatureAlgorithm, SoftwareKey, SystemEntropy, Validity, check_room, issue,
};

fn name(common_name: &str) -> DistinguishedName {
    DistinguishedName::new([(NameAttribute::CommonName, common_name.to_owned())]).unwrap()
}

fn on(day: i64) -> Timestamp {
    let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(24 * day)
}

fn key(algorithm: KeyAlgorithm) -> SoftwareKey {
    SoftwareKey::generate(algorithm).unwrap()
}

fn issuance(issuer: &str, key: &SoftwareKey, start: i64, days: i64) -> Issuance {
    Issuance {
        issuer: name(issuer),
        serial_number: SerialNumber::random(&SystemEntropy).unwrap(),
        validity: Validity::new(on(start), on(start + days)).unwrap(),
        signature_algorithm: key.public().algorithm().default_signature_algorithm(),
    }
}

fn signed(description: &Description, key: &SoftwareKey, issuer: &SoftwareKey) -> Certificate {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let issued = issue(description, key.public(), issuer);
    runtime.unwrap().block_on(issued).unwrap()
}

fn root(key: &SoftwareKey) -> Certificate {
    let description = Description::intermediate(name("Root"), None, issuance("Root", key, 0, 9000));
    signed(&description, key, key)
}

fn intermediate(key: &SoftwareKey, root: &SoftwareKey) -> Certificate {
    let issuance = issuance("Root", root, 0, 9000);
    let description = Description::intermediate(name("Intermediate"), None, issuance);
    signed(&description, key, root)
}

fn leaf(issuer: &SoftwareKey, start: i64, days: i64) -> Description {
    Description::leaf(
        name("Server"),
        vec![AlternativeName::Dns("a.example".to_owned())],
        vec![KeyPurpose::named("server_auth").unwrap()],
        KeyAlgorithm::EcdsaP256,
        issuance("Intermediate", issuer, start, days),
    )
}

/// Issues the pending certificate of a document, and reads the stored document.
fn complete(document: KeyDocument, issuer: &SoftwareKey) -> KeyDocument {
    let pending = document.pending_issuance().unwrap().clone();
    let own = document.key().software().unwrap();
    let certificate = signed(&pending, own, issuer);
    let complete = document.with_certificate(certificate).ok().unwrap();
    let text = complete
        .to_text()
        .unwrap_or_else(|error| panic!("{error:?}"));
    KeyDocument::read(&text).ok().unwrap()
}

fn chain_in(document: &KeyDocument) -> Vec<Certificate> {
    let text = document.to_text().ok().unwrap();
    let json: serde_json::Value = serde_json::from_str(text.expose()).unwrap();
    let mut found = Vec::new();
    for pem in json["chain"].as_array().unwrap().iter().rev() {
        let pem = pem.as_str().unwrap();
        let read = found.iter().find_map(|issuer: &Certificate| {
            let kind = CertificateKind::Intermediate;
            Certificate::issued_from_pem(pem, kind, issuer.public_key()).ok()
        });
        found.push(read.unwrap_or_else(|| Certificate::root_from_pem(pem).unwrap()));
    }
    found.reverse();
    found
}

#[test]
fn daily_renewals_keep_the_valid_certificates_and_the_last_two() {
    let [top, middle, own] = [KeyAlgorithm::EcdsaP256; 3].map(key);
    let chain = vec![intermediate(&middle, &top), root(&top)];
    let mut document = KeyDocument::pending(own, leaf(&middle, 0, 3), chain.clone());
    for day in 0..100 {
        document = complete(document, &middle);
        assert!(document.history().len() <= 4, "day {day}");
        let next = leaf(&middle, day + 1, 3);
        document = document.reissuing(next, chain.clone()).ok().unwrap();
    }
    let starts: Vec<_> = document
        .history()
        .iter()
        .map(|certificate| certificate.description().validity.not_before())
        .collect();
    // The certificate from day 96 expires when the one from day 99 starts.
    assert_eq!(starts, [96, 97, 98, 99].map(on));
    let rare = complete(document, &middle);
    let rare = rare.reissuing(leaf(&middle, 500, 3), chain).ok().unwrap();
    assert_eq!(complete(rare, &middle).history().len(), 2);
}

#[test]
fn chain_contains_each_needed_issuer_once() {
    let [top, own] = [KeyAlgorithm::EcdsaP256; 2].map(key);
    let root = root(&top);
    let middles: Vec<_> = (0..20).map(|_| key(KeyAlgorithm::EcdsaP256)).collect();
    let issuers: Vec<_> = middles
        .iter()
        .map(|middle| intermediate(middle, &top))
        .collect();
    let above = |position: usize| vec![issuers[position].clone(), root.clone()];
    let mut document = KeyDocument::pending(own, leaf(&middles[0], 0, 30), above(0));
    for position in 0..20 {
        document = complete(document, &middles[position]);
        let current: Vec<_> = document.chain().into_iter().cloned().collect();
        assert_eq!(current, above(position));
        if let Some(next) = middles.get(position + 1) {
            let pending = leaf(next, 20 * (position as i64 + 1), 30);
            document = document
                .reissuing(pending, above(position + 1))
                .ok()
                .unwrap();
        }
    }
    // Two certificates of the leaf are valid or kept, so two intermediate authorities and the root remain.
    let expected = [&issuers[19], &issuers[18], &root].map(Clone::clone);
    assert_eq!(chain_in(&document), expected);
}

#[test]
fn history_of_an_authority_is_complete_and_its_size_is_limited() {
    let own = key(KeyAlgorithm::Rsa3072);
    let description = |start| {
        let issuance = issuance("Root", &own, start, 10);
        Description::intermediate(name("Root"), None, issuance)
    };
    let again = SoftwareKey::from_pem(KeyAlgorithm::Rsa3072, &own.to_pem())
        .ok()
        .unwrap();
    let mut document = KeyDocument::pending(again, description(0), Vec::new());
    let mut revisions = 0;
    let refused = loop {
        let estimate = check_room(&sizes(document.history()), &[]);
        match document.to_text() {
            Ok(_) => {}
            Err(error) => break (error, estimate),
        }
        document = complete(document, &own);
        revisions += 1;
        assert_eq!(document.history().len(), revisions);
        let next = description(20 * i64::try_from(revisions).unwrap());
        document = document.reissuing(next, Vec::new()).ok().unwrap();
    };
    assert!(revisions > 20, "{revisions}");
    let (
        DocumentError::NoRoom {
            octets,
            certificates,
            needed,
            limit,
        },
        Err(estimate),
    ) = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!((certificates, limit), (revisions, 65_536));
    assert!(
        octets + needed > limit && octets < limit,
        "{octets} {needed}"
    );
    assert!(estimate.to_string().contains("65536"), "{estimate}");
    let half = sizes(&document.history()[..revisions / 2]);
    assert!(check_room(&half, &[]).is_ok());
}

/// Returns the sizes of DER certificates.
fn sizes(certificates: &[Certificate]) -> Vec<usize> {
    let sizes = certificates.iter();
    sizes.map(|certificate| certificate.der().len()).collect()
}

fn assert_not_stored(document: &KeyDocument, expected: fn(&DocumentError) -> bool) {
    match document.to_text() {
        Err(DocumentError::NotReadable(cause)) if expected(&cause) => {}
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("the document would be stored"),
    }
}

#[test]
fn documents_that_cannot_be_read_back_are_not_stored() {
    let [top, middle] = [KeyAlgorithm::EcdsaP256; 2].map(key);
    let (issuer, root) = (intermediate(&middle, &top), root(&top));
    let chain = [issuer, root].to_vec();
    let own = || key(KeyAlgorithm::EcdsaP256);
    let pending = |chain: Vec<Certificate>| KeyDocument::pending(own(), leaf(&middle, 0, 3), chain);
    assert!(pending(chain.clone()).to_text().is_ok());
    assert_not_stored(
        &pending(chain.clone()).signing_with(SignatureAlgorithm::Sha256WithRsa),
        |cause| matches!(cause, DocumentError::SignatureAlgorithm(_)),
    );
    let reversed = chain.iter().rev().cloned().collect();
    assert_not_stored(&pending(reversed), |cause| {
        matches!(cause, DocumentError::ChainCertificate { .. })
    });
    assert_not_stored(&pending(chain[1..].to_vec()), |cause| {
        matches!(cause, DocumentError::Issuance("issuer"))
    });
    let root = |key: SoftwareKey, chain| {
        let description =
            Description::intermediate(name("Root"), None, issuance("Root", &key, 0, 10));
        KeyDocument::pending(key, description, chain)
    };
    assert_not_stored(&root(own(), chain), |cause| {
        matches!(cause, DocumentError::RootWithChain)
    });
    assert_not_stored(&root(key(KeyAlgorithm::Rsa2048), Vec::new()), |cause| {
        matches!(cause, DocumentError::EndEntityKey(_))
    });
}
