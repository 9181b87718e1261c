//! Decodes objects that other software created or damaged. Decoding never panics, and damaged objects are never accepted
//! as valid.

use std::sync::OnceLock;

use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CidrSubnet,
    CrlDistributionPoint, CustomExtension, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, NameConstraints, RevocationReason,
    RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};
use skreg::pki::decoded::{
    DecodeError, DecodedCertificate, DecodedCrl, DecodedKey, DecodedRequest, SignatureFailure,
};

fn parameters() -> CertificateParams {
    let mut parameters = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    let name = &mut parameters.distinguished_name;
    name.push(DnType::CommonName, "Root");
    name.push(DnType::OrganizationName, "Example");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(3));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let address = "192.0.2.1".parse().unwrap();
    parameters
        .subject_alt_names
        .push(SanType::IpAddress(address));
    parameters.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("example".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::V4([10, 0, 0, 0], [255, 0, 0, 0])),
        ],
        excluded_subtrees: vec![GeneralSubtree::Rfc822Name("bad.example".to_owned())],
    });
    parameters.crl_distribution_points = vec![CrlDistributionPoint {
        uris: vec!["http://crl.example/a.crl".to_owned()],
    }];
    parameters
}

fn signed(parameters: &CertificateParams) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    parameters.self_signed(&key).unwrap().der().to_vec()
}

fn with_extension(oid: &[u64], value: &[u8]) -> Result<DecodedCertificate, DecodeError> {
    let mut parameters = CertificateParams::default();
    let extension = CustomExtension::from_oid_content(oid, value.to_vec());
    parameters.custom_extensions.push(extension);
    DecodedCertificate::from_der(&signed(&parameters))
}

#[test]
fn signature_verifies_only_with_the_signing_key() {
    let certificate = DecodedCertificate::from_der(&signed(&parameters())).unwrap();
    let other = DecodedCertificate::from_der(&signed(&parameters())).unwrap();
    let verify = |key| certificate.signature.verify(key);
    assert_eq!(verify(&certificate.public_key), Ok(()));
    assert_eq!(verify(&other.public_key), Err(SignatureFailure::Mismatch));
}

#[test]
fn malformed_extension_is_rejected_by_name() {
    let cases: [(&[u64], &[u8], &str); 9] = [
        (
            &[2, 5, 29, 19],
            &[0x30, 0x03, 0x01, 0x01, 0x01],
            "basicConstraints",
        ),
        // `pathLenConstraint` without `cA`.
        (
            &[2, 5, 29, 19],
            &[0x30, 0x03, 0x02, 0x01, 0x01],
            "basicConstraints",
        ),
        (&[2, 5, 29, 19], &[0x30, 0x00, 0x00], "basicConstraints"),
        (&[2, 5, 29, 15], &[0x03, 0x01, 0x07], "keyUsage"),
        (&[2, 5, 29, 37], &[0x30, 0x02, 0x05, 0x00], "extKeyUsage"),
        // IP address of three octets.
        (
            &[2, 5, 29, 17],
            &[0x30, 0x05, 0x87, 0x03, 1, 2, 3],
            "subjectAltName",
        ),
        // Excluded subtrees before permitted ones.
        (
            &[2, 5, 29, 30],
            &[0x30, 0x04, 0xa1, 0x00, 0xa0, 0x00],
            "nameConstraints",
        ),
        // Mask that is not contiguous.
        (
            &[2, 5, 29, 30],
            &[
                0x30, 0x0e, 0xa0, 0x0c, 0x30, 0x0a, 0x87, 0x08, 10, 0, 0, 0, 255, 0, 255, 0,
            ],
            "nameConstraints",
        ),
        (
            &[2, 5, 29, 31],
            &[0x30, 0x06, 0x30, 0x04, 0xa0, 0x02, 0x05, 0x00],
            "cRLDistributionPoints",
        ),
    ];
    for (oid, value, name) in cases {
        let error = with_extension(oid, value).expect_err(name).to_string();
        assert!(
            error.contains("malformed extension") && error.contains(name),
            "{error}"
        );
    }
}

#[test]
fn revocation_list_is_decoded_and_its_signature_verifies() {
    let (der, key) = revocation_list();
    let list = DecodedCrl::from_der(der).unwrap();
    assert_eq!(list.signature.verify(key), Ok(()));
    assert_eq!(list.number.as_deref(), Some("7"));
    let entry = &list.revoked[0];
    assert_eq!((&*entry.serial_number, entry.reason), ("09", Some(1)));
    assert_eq!(entry.revoked_at.to_string(), "2025-12-01T00:00:00Z");
    let invalid_since = entry.invalidity_date.map(|date| date.to_string());
    assert_eq!(invalid_since.as_deref(), Some("2025-11-01T00:00:00Z"));
}

#[test]
fn duplicate_extension_is_rejected() {
    let mut parameters = CertificateParams::default();
    for value in [[0x05, 0x00], [0x05, 0x00]] {
        let extension = CustomExtension::from_oid_content(&[1, 3, 6, 1], value.to_vec());
        parameters.custom_extensions.push(extension);
    }
    let error = DecodedCertificate::from_der(&signed(&parameters)).unwrap_err();
    assert!(matches!(error, DecodeError::DuplicateExtension(oid) if oid == "1.3.6.1"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn damaged_certificates_do_not_verify_and_never_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), cut in any::<prop::sample::Index>(), truncate in any::<bool>()) {
        let mut der = certificate().clone();
        for (position, octet) in edits {
            let position = position.index(der.len());
            der[position] = octet;
        }
        if truncate {
            der.truncate(cut.index(der.len()));
        }
        let original = certificate();
        if let Ok(decoded) = DecodedCertificate::from_der(&der) {
            let _ = (decoded.to_pem(), decoded.subject.to_string(), decoded.not_after.to_string());
            let verified = decoded.signature.verify(&decoded.public_key);
            // In a self-signed certificate, every modification invalidates the signature, including modifications of unsigned parts.
            prop_assert!(verified.is_err() || der == *original);
        }
    }

    #[test]
    fn damaged_requests_are_rejected_and_never_panic(position in any::<prop::sample::Index>(), octet in any::<u8>()) {
        static REQUEST: OnceLock<Vec<u8>> = OnceLock::new();
        let original = REQUEST.get_or_init(|| {
            let key = KeyPair::generate().unwrap();
            let mut parameters = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
            parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            parameters.serialize_request(&key).unwrap().der().to_vec()
        });
        let mut der = original.clone();
        der[position.index(original.len())] = octet;
        let decoded = DecodedRequest::from_der(&der);
        prop_assert!(decoded.is_err() == (der != *original));
    }

    #[test]
    fn damaged_revocation_lists_do_not_verify_and_never_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let (original, key) = revocation_list();
        let mut der = original.clone();
        for (position, octet) in edits {
            der[position.index(original.len())] = octet;
        }
        if let Ok(decoded) = DecodedCrl::from_der(&der) {
            let verified = decoded.signature.verify(key);
            prop_assert!(verified.is_err() || der == *original);
        }
    }

    #[test]
    fn arbitrary_octets_never_panic(der in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = DecodedCertificate::from_der(&der);
        let _ = DecodedRequest::from_der(&der);
        let _ = DecodedCrl::from_der(&der);
    }
}

/// Returns a revocation list with one entry and the key of its issuer. The list is signed only once.
fn revocation_list() -> &'static (Vec<u8>, DecodedKey) {
    static LIST: OnceLock<(Vec<u8>, DecodedKey)> = OnceLock::new();
    LIST.get_or_init(|| {
        let (parameters, key) = (parameters(), KeyPair::generate().unwrap());
        let issuer = parameters.self_signed(&key).unwrap().der().to_vec();
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 1),
            next_update: date_time_ymd(2026, 2, 1),
            crl_number: SerialNumber::from(7),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: SerialNumber::from(9),
                revocation_time: date_time_ymd(2025, 12, 1),
                reason_code: Some(RevocationReason::KeyCompromise),
                invalidity_date: Some(date_time_ymd(2025, 11, 1)),
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&Issuer::new(parameters, key)).unwrap();
        let issuer = DecodedCertificate::from_der(&issuer).unwrap();
        (list.der().to_vec(), issuer.public_key)
    })
}

/// Returns a certificate with all extensions that the decoder supports. The certificate is signed only once.
fn certificate() -> &'static Vec<u8> {
    static CERTIFICATE: OnceLock<Vec<u8>> = OnceLock::new();
    CERTIFICATE.get_or_init(|| signed(&parameters()))
}
