//! Tests of certificate signing requests that the `openssl` command creates.

mod openssl;

use openssl::accepted;
use skreg::pki::{CertificateKind, KeyAlgorithm, RequestError, certified_key};
use tempfile::NamedTempFile;

/// Creates a private key with options of `openssl genpkey`.
fn private_key(options: &[&str]) -> NamedTempFile {
    let arguments = [&["genpkey", "-algorithm"], options].concat();
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), accepted(&arguments, "")).unwrap();
    file
}

/// Creates a request with options of `openssl req`.
fn request(key: &NamedTempFile, options: &[&str]) -> String {
    let path = key.path().to_str().unwrap();
    let arguments = ["req", "-new", "-key", path, "-subj", "/CN=Server"];
    accepted(&[&arguments[..], options].concat(), "")
}

#[test]
fn the_key_of_a_request_is_certified() {
    for (options, algorithm) in [
        (
            &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"][..],
            KeyAlgorithm::Rsa2048,
        ),
        (
            &["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
            KeyAlgorithm::EcdsaP521,
        ),
        (&["ED25519"], KeyAlgorithm::Ed25519),
    ] {
        let key = private_key(options);
        let text = request(&key, &["-addext", "subjectAltName=DNS:a.example.com"]);
        let found = certified_key(&text, CertificateKind::Leaf).unwrap();
        assert_eq!(found.algorithm(), algorithm);
        let path = key.path().to_str().unwrap();
        assert_eq!(
            found.to_pem(),
            accepted(&["pkey", "-in", path, "-pubout"], "")
        );
        let authority = certified_key(&text, CertificateKind::Intermediate);
        match algorithm.can_certify() {
            true => assert_eq!(authority.unwrap(), found),
            false => assert!(matches!(authority, Err(RequestError::WeakKey("RSA_2048")))),
        }
    }
}

#[test]
fn a_request_for_an_authority_is_refused_for_an_end_entity() {
    let key = private_key(&["ED25519"]);
    for extension in [
        "basicConstraints=critical,CA:TRUE",
        "keyUsage=critical,keyCertSign",
        "keyUsage=digitalSignature,cRLSign",
    ] {
        let text = request(&key, &["-addext", extension]);
        let refused = certified_key(&text, CertificateKind::Leaf);
        assert!(
            matches!(refused, Err(RequestError::Authority(_))),
            "{extension}"
        );
        assert!(certified_key(&text, CertificateKind::Intermediate).is_ok());
    }
    let text = request(&key, &["-addext", "basicConstraints=critical,CA:FALSE"]);
    assert!(certified_key(&text, CertificateKind::Leaf).is_ok());
}

#[test]
fn a_request_with_a_wrong_signature_or_an_unsupported_key_is_refused() {
    let key = private_key(&["ED25519"]);
    let text = request(&key, &[]);
    let lines: Vec<_> = text.lines().collect();
    // The last line of the body contains the end of the signature.
    let last = lines.len() - 2;
    let changed: String = lines[last]
        .chars()
        .enumerate()
        .map(|(at, letter)| match (at, letter) {
            (2, 'A') => 'B',
            (2, _) => 'A',
            _ => letter,
        })
        .collect();
    let forged = text.replace(lines[last], &changed);
    let refused = certified_key(&forged, CertificateKind::Leaf);
    assert!(matches!(refused, Err(RequestError::Request(_))));

    let key = private_key(&["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]);
    let refused = certified_key(&request(&key, &[]), CertificateKind::Leaf);
    assert!(refused.is_err());
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let refused = certified_key(certificate, CertificateKind::Leaf);
    assert!(matches!(refused, Err(RequestError::Text(_))));
}
