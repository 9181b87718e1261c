//! Properties of every parser for objects that other software can create or damage: no input causes a panic, and an accepted
//! input has one encoding, from which the same value is read.
//!
//! The tests in this folder check the properties with mutated objects. The targets in `fuzz/` check them with libFuzzer.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use skreg::pki::decoded::{DecodedCertificate, DecodedCrl, DecodedRequest};
use skreg::pki::revocation::ledger::{IssuanceRecord, LedgerKeys, RevocationRecord};
use skreg::pki::revocation::{self, RevocationList};
use skreg::pki::trust::{TrustAnchor, TrustBundle};
use skreg::pki::{
    Certificate, CertificateKind, CertifiedKey, KeyDocument, PemLabel, PrivateKeyForm, PublicKey,
    SerialNumber, Signer, SoftwareKey, certified_key, issue, pem_block, pem_blocks,
    read_authorities,
};
use skreg::secret_text::SecretText;

const LABELS: [PemLabel; 3] = [
    PemLabel::Certificate,
    PemLabel::CertificateRequest,
    PemLabel::Crl,
];

/// An authority with a deterministic signature algorithm.
const AUTHORITY: &str = include_str!("../golden/key_document_v2_root_ed25519_issued.json");

/// Certificate and key of [`AUTHORITY`].
pub(crate) fn authority() -> &'static (Certificate, SoftwareKey) {
    static READ: OnceLock<(Certificate, SoftwareKey)> = OnceLock::new();
    READ.get_or_init(|| {
        let document = KeyDocument::read(&SecretText::from(AUTHORITY.to_owned()))
            .unwrap_or_else(|error| panic!("{error}"));
        let certificate = document.certificate().expect("it is issued").clone();
        match document.into_key() {
            CertifiedKey::Software(key) => (certificate, key),
            CertifiedKey::Kms { .. } => panic!("the document contains a key"),
        }
    })
}

/// Runs a future that never waits, because keys in process memory sign without waiting.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(done) => done,
        std::task::Poll::Pending => panic!("the future waits"),
    }
}

/// Returns a block with lines of 64 characters (RFC 7468 section 2).
pub(crate) fn block(label: PemLabel, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let lines = encoded.as_bytes().chunks(64);
    let lines: String = lines
        .map(|line| format!("{}\n", String::from_utf8_lossy(line)))
        .collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

/// PEM blocks, and the parsers of single objects in PEM format.
pub(crate) fn pem(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    for label in LABELS {
        let Ok(blocks) = pem_blocks(label, &text) else {
            assert!(pem_block(label, &text).is_err());
            continue;
        };
        let ders: Vec<_> = blocks.iter().map(|block| &block.der).collect();
        let encoded: String = ders.iter().map(|der| block(label, der)).collect();
        let again = pem_blocks(label, &encoded).expect("the blocks are well-formed");
        let again: Vec<_> = again.iter().map(|block| &block.der).collect();
        assert_eq!(ders, again);
        assert_eq!(pem_block(label, &text).is_ok(), blocks.len() == 1);
    }
    if let Ok(key) = PublicKey::from_pem(&text) {
        let again = PublicKey::from_pem(&key.to_pem());
        assert!(again.is_ok_and(|again| again == key));
    }
    if let Ok(anchor) = TrustAnchor::from_pem(&text) {
        let again = TrustAnchor::from_pem(&anchor.certificate().to_pem());
        assert_eq!(again, Ok(anchor));
    }
    if let Ok(root) = Certificate::root_from_pem(&text) {
        let again = Certificate::root_from_pem(&root.to_pem());
        assert!(again.is_ok_and(|again| again == root));
    }
    let _ = PrivateKeyForm::of(&SecretText::from(text.into_owned()));
}

/// Certificates of any issuer, and certificates that the provider issued.
pub(crate) fn certificate(octets: &[u8]) {
    if let Ok(decoded) = DecodedCertificate::from_der(octets) {
        assert_eq!(decoded.der(), octets);
        let block = pem_block(PemLabel::Certificate, &decoded.to_pem()).expect("it is one block");
        let again = DecodedCertificate::from_der(&block.der);
        let own = decoded.signature.verify(&decoded.public_key);
        let _ = PublicKey::from_pem(&decoded.public_key.to_pem());
        let name = decoded.subject.to_string();
        assert_eq!(name.is_empty(), decoded.subject.is_empty());
        assert_eq!(again.as_ref(), Ok(&decoded));
        assert_eq!(
            own,
            again
                .expect("it is valid")
                .signature
                .verify(&decoded.public_key)
        );
    }
    let (issuer, _) = authority();
    let kinds = [CertificateKind::Intermediate, CertificateKind::Leaf];
    let issued = kinds.map(|kind| Certificate::read_issued(octets, kind, issuer.public_key()));
    for read in issued.into_iter().chain([Certificate::read_root(octets)]) {
        let Ok(read) = read else { continue };
        assert_eq!(read.der(), octets);
        assert!(DecodedCertificate::from_der(octets).is_ok());
        let text = read.to_pem();
        let again = match read.description().kind() {
            CertificateKind::Root => Certificate::root_from_pem(&text),
            kind => Certificate::issued_from_pem(&text, kind, issuer.public_key()),
        };
        assert!(again.is_ok_and(|again| again == read));
        reissue(&read);
    }
    let _ = read_authorities(&[octets.to_vec()]);
    let _ = read_authorities(&[octets.to_vec(), issuer.der().to_vec()]);
}

/// Checks that the description of a certificate of [`authority`] determines all octets.
fn reissue(read: &Certificate) {
    let (issuer, key) = authority();
    if read.is_issued_by(issuer) {
        let again = ready(issue(read.description(), read.public_key(), key));
        assert_eq!(again.expect("the description is valid").der(), read.der());
    }
}

/// Certificate signing requests.
pub(crate) fn request(octets: &[u8]) {
    let decoded = DecodedRequest::from_der(octets);
    let text = block(PemLabel::CertificateRequest, octets);
    for kind in [CertificateKind::Leaf, CertificateKind::Intermediate] {
        let Ok(key) = certified_key(&text, kind) else {
            continue;
        };
        let decoded = decoded
            .as_ref()
            .expect("the key of a malformed request is not certified");
        assert_eq!(key.to_pem(), decoded.public_key.to_pem());
    }
    assert_eq!(DecodedRequest::from_der(octets), decoded);
}

/// Revocation lists of any issuer, and lists that the provider issued.
pub(crate) fn crl(octets: &[u8]) {
    let (issuer, key) = authority();
    let decoded = DecodedCrl::from_der(octets);
    if let Ok(decoded) = &decoded {
        let _ = decoded.unprocessed_extension();
        let text = block(PemLabel::Crl, octets);
        let block = pem_block(PemLabel::Crl, &text).expect("it is one block");
        assert_eq!(DecodedCrl::from_der(&block.der).as_ref(), Ok(decoded));
    }
    let Ok(crl) = revocation::Crl::read(octets, issuer) else {
        return;
    };
    assert!(decoded.is_ok());
    assert_eq!(crl.der(), octets);
    let again = revocation::Crl::read_pem(&crl.to_pem(), issuer);
    assert_eq!(again.as_ref(), Ok(&crl));
    // An Ed25519 signature depends only on the description.
    let list: &RevocationList = crl.list();
    let issued = ready(revocation::issue_list(list, issuer, key));
    assert_eq!(issued.expect("the description is valid").der(), octets);
}

/// Key documents in Secrets Manager.
pub(crate) fn key_document(octets: &[u8]) {
    let text = |text: &str| SecretText::from(text.to_owned());
    let Ok(found) = std::str::from_utf8(octets) else {
        return;
    };
    let Ok(document) = KeyDocument::read(&text(found)) else {
        return;
    };
    let Ok(written) = document.to_text() else {
        // The document is larger than a secret.
        return;
    };
    let again = KeyDocument::read(&written).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.history(), document.history());
    assert_eq!(again.pending_issuance(), document.pending_issuance());
    let key = |document: &KeyDocument| match document.key() {
        CertifiedKey::Software(key) => key.public_key().clone(),
        CertifiedKey::Kms { public_key, .. } => public_key.clone(),
    };
    assert_eq!(key(&again), key(&document));
    let twice = again.to_text().unwrap_or_else(|error| panic!("{error}"));
    assert!(twice.expose() == written.expose());
}

/// Records in a ledger, and trust bundles.
pub(crate) fn ledger(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else {
        return;
    };
    let keys = LedgerKeys::new("ledger", authority().0.public_key().sha256());
    let value: Option<Value> = serde_json::from_str(text).ok();
    let serial_number = value
        .as_ref()
        .and_then(|value| value["serial_number"].as_str());
    let serial_number: Option<SerialNumber> = serial_number.and_then(|text| text.parse().ok());
    let serial_number = serial_number.unwrap_or_else(|| "01".parse().expect("it is valid"));
    let (issued, revoked) = (keys.issued(&serial_number), keys.revocation(&serial_number));
    if let Ok(record) = IssuanceRecord::read(text, &keys, &issued) {
        let again = IssuanceRecord::read(&record.to_json(), &keys, &issued);
        assert!(again.is_ok_and(|again| again == record));
        assert!(IssuanceRecord::read(text, &keys, &revoked).is_err());
    }
    if let Ok(record) = RevocationRecord::read(text, &keys, &revoked) {
        let again = RevocationRecord::read(&record.to_json(), &keys, &revoked);
        assert!(again.is_ok_and(|again| again == record));
        assert!(RevocationRecord::read(text, &keys, &issued).is_err());
        let _ = record.revoked_certificate();
    }
    if let Ok(bundle) = TrustBundle::read(text) {
        let again = TrustBundle::read(&bundle.to_json());
        assert!(again.is_ok_and(|again| again == bundle));
    }
}
