//! Decodes objects that other software created or damaged. Decoding never panics, and damaged objects are never accepted
//! as valid.

use std::sync::OnceLock;

use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CidrSubnet,
    CrlDistributionPoint, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, NameConstraints,
    RevocationReason, RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};
use skreg::pki::decoded::{
    DecodeError, DecodedCertificate, DecodedCrl, DecodedKey, DecodedRequest, GeneralName,
    SignatureFailure,
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

/// Object identifier, value, and name of malformed extensions.
const MALFORMED: &[(&[u64], &[u8], &str)] = &[
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
    // `keyCertSign` and `cRLSign` in unused bits.
    (&[2, 5, 29, 15], &[0x03, 0x02, 0x07, 0x06], "keyUsage"),
    // Object identifiers with a leading zero and without an end.
    (
        &[2, 5, 29, 37],
        &[0x30, 0x06, 0x06, 0x04, 0x55, 0x1d, 0x80, 0x25],
        "extKeyUsage",
    ),
    (
        &[2, 5, 29, 37],
        &[0x30, 0x05, 0x06, 0x03, 0x55, 0x1d, 0xa5],
        "extKeyUsage",
    ),
    // Constructed `dNSName`.
    (
        &[2, 5, 29, 17],
        &[0x30, 0x03, 0xa2, 1, b'a'],
        "subjectAltName",
    ),
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
    // Address of four octets with a mask of five, and address of 16 octets with a mask of 17.
    (
        &[2, 5, 29, 30],
        &[
            0x30, 0x0f, 0xa0, 0x0d, 0x30, 0x0b, 0x87, 0x09, 10, 0, 0, 0, 255, 0, 0, 0, 0,
        ],
        "nameConstraints",
    ),
    (
        &[2, 5, 29, 30],
        &[
            0x30, 0x27, 0xa0, 0x25, 0x30, 0x23, 0x87, 0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ],
        "nameConstraints",
    ),
    // Minimum 1, and maximum 0.
    (
        &[2, 5, 29, 30],
        &[
            0x30, 0x0a, 0xa0, 0x08, 0x30, 0x06, 0x82, 1, b'a', 0x80, 1, 1,
        ],
        "nameConstraints",
    ),
    (
        &[2, 5, 29, 30],
        &[
            0x30, 0x0a, 0xa0, 0x08, 0x30, 0x06, 0x82, 1, b'a', 0x81, 1, 0,
        ],
        "nameConstraints",
    ),
    (
        &[2, 5, 29, 31],
        &[0x30, 0x06, 0x30, 0x04, 0xa0, 0x02, 0x05, 0x00],
        "cRLDistributionPoints",
    ),
];

#[test]
fn malformed_extension_is_rejected_by_name() {
    for (oid, value, name) in MALFORMED {
        let error = with_extension(oid, value).expect_err(name).to_string();
        assert!(
            error.contains("malformed extension") && error.contains(name),
            "{error}"
        );
    }
}

#[test]
fn unusual_extension_is_accepted() {
    // `minimum` 0, which DER omits.
    let explicit = [
        0x30, 0x0a, 0xa0, 0x08, 0x30, 0x06, 0x82, 1, b'a', 0x80, 1, 0,
    ];
    let found = with_extension(&[2, 5, 29, 30], &explicit).unwrap();
    let constraints = found.extensions.name_constraints.unwrap();
    assert_eq!(constraints.permitted, [GeneralName::Dns("a".to_owned())]);
    for (length, decimal, effective) in [
        (&[0x02, 1, 0][..], "0", 0),
        (&[0x02, 2, 0, 0xff], "255", 255),
        (&[0x02, 2, 3, 0xe8], "1000", 255),
        (&[0x02, 6, 1, 0, 0, 0, 0, 0], "1099511627776", 255),
    ] {
        let value = tlv(0x30, &[&[0x01, 1, 0xff], length]);
        let found = with_extension(&[2, 5, 29, 19], &value).unwrap().extensions;
        assert_eq!(found.path_length_constraint.as_deref(), Some(decimal));
        assert_eq!(found.path_length(), Some(effective), "{decimal}");
    }
}

/// Encodes a DER element.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match length {
        [0, short @ 0..=0x7f] => vec![tag, short],
        [0, one] => vec![tag, 0x81, one],
        [first, second] => vec![tag, 0x82, first, second],
    };
    [head, content].concat()
}

/// ecdsa-with-SHA256.
const ALGORITHM: &[u8] = &[
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
];
const SERIAL_NUMBER: &[u8] = &[0x02, 1, 5];
const NOT_BEFORE: &[u8] = b"\x17\x0d260101000000Z";
const NOT_AFTER: &[u8] = b"\x17\x0d300101000000Z";
/// `id-ecPublicKey`.
const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// `secp256r1`.
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

fn signed_object(signed: &[&[u8]]) -> Vec<u8> {
    let signed = tlv(0x30, signed);
    tlv(0x30, &[&signed, ALGORITHM, &[0x03, 3, 0, 1, 2]])
}

/// Name with a common name.
fn name(value: &[u8]) -> Vec<u8> {
    let attribute = tlv(0x30, &[&[0x06, 3, 0x55, 4, 3], value]);
    tlv(0x30, &[&tlv(0x31, &[&attribute])])
}

/// Encodes a certificate of version 3 from the serial number, the times, the curve of the key, and one extension.
fn hand_built(
    [serial, not_before, not_after, curve, extension]: [&[u8]; 5],
) -> Result<DecodedCertificate, DecodeError> {
    let subject = name(&[0x0c, 1, b'a']);
    let validity = tlv(0x30, &[not_before, not_after]);
    let algorithm = tlv(0x30, &[EC, curve]);
    let key = tlv(0x30, &[&algorithm, &[0x03, 3, 0, 4, 1]]);
    let extensions = tlv(0xa3, &[&tlv(0x30, &[extension])]);
    DecodedCertificate::from_der(&signed_object(&[
        &[0xa0, 3, 2, 1, 2],
        serial,
        ALGORITHM,
        &subject,
        &validity,
        &subject,
        &key,
        &extensions,
    ]))
}

const EXTENSION: &[u8] = &[0x30, 0x07, 0x06, 1, 0x2a, 0x04, 2, 5, 0];
const FIELDS: [&[u8]; 5] = [SERIAL_NUMBER, NOT_BEFORE, NOT_AFTER, P256, EXTENSION];

#[test]
fn certificate_with_a_field_that_is_not_der_is_rejected() {
    assert!(hand_built(FIELDS).is_ok());
    let cases: [(usize, &[u8], &str); 13] = [
        // Empty, padded, and with a context-specific tag.
        (0, &[0x02, 0], "serial number"),
        (0, &[0x02, 2, 0, 5], "serial number"),
        (0, &[0x02, 2, 0xff, 0x80], "serial number"),
        (0, &[0x82, 1, 5], "serial number"),
        // RFC 5280 section 4.1.2.5.
        (1, b"\x17\x11260101120000+0530", "validity period"),
        (1, b"\x17\x0b2601011200Z", "validity period"),
        (2, b"\x18\x1120300101120000.5Z", "validity period"),
        (2, b"\x18\x0d203001011200Z", "validity period"),
        (2, b"\x18\x1320300101120000+0100", "validity period"),
        // Encodings of 2.5.29.19 without an end and with a leading zero, and an empty identifier.
        (
            4,
            &[0x30, 0x09, 0x06, 3, 0x55, 0x1d, 0x93, 0x04, 2, 0x30, 0],
            "list of extensions",
        ),
        (
            4,
            &[
                0x30, 0x0a, 0x06, 4, 0x55, 0x1d, 0x80, 0x13, 0x04, 2, 0x30, 0,
            ],
            "list of extensions",
        ),
        (
            4,
            &[0x30, 0x06, 0x06, 0, 0x04, 2, 5, 0],
            "list of extensions",
        ),
        // Constructed OCTET STRING.
        (
            4,
            &[0x30, 0x09, 0x06, 1, 0x2a, 0x24, 4, 0x04, 2, 5, 0],
            "list of extensions",
        ),
    ];
    for (position, octets, part) in cases {
        let mut fields = FIELDS;
        fields[position] = octets;
        let error = hand_built(fields).expect_err(part);
        assert!(
            error == DecodeError::Part(part) || matches!(error, DecodeError::Structure { .. }),
            "{part}: {error}"
        );
    }
}

#[test]
fn key_on_a_curve_without_an_identifier_has_the_identifier_of_the_algorithm() {
    // `openssl ecparam -param_enc explicit` writes a SEQUENCE. RFC 3279 also allows NULL.
    for (curve, expected) in [
        (P256, "ECDSA_P256"),
        (&[0x30, 3, 0x02, 1, 1], "1.2.840.10045.2.1"),
        (&[0x05, 0], "1.2.840.10045.2.1"),
        (&[], "1.2.840.10045.2.1"),
    ] {
        let mut fields = FIELDS;
        fields[3] = curve;
        let found = hand_built(fields).unwrap();
        assert_eq!(found.public_key.algorithm.name(), expected);
        // Nothing verifies with a key on an unknown curve.
        let verified = found.signature.verify(&found.public_key);
        let failure = match expected {
            "ECDSA_P256" => SignatureFailure::Mismatch,
            _ => SignatureFailure::Algorithm,
        };
        assert_eq!(verified, Err(failure), "{curve:?}");
    }
}

#[test]
fn certificate_without_names_is_not_self_issued() {
    let names = |subject: DistinguishedName| {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = subject;
        DecodedCertificate::from_der(&signed(&parameters)).unwrap()
    };
    let mut subject = DistinguishedName::new();
    assert!(!names(subject.clone()).is_self_issued());
    subject.push(DnType::CommonName, "a");
    assert!(names(subject).is_self_issued());
}

/// Encodes a list of version 2 with an entry and a list extension, or without one if its octets are empty.
fn hand_built_list(
    version: &[u8],
    times: &[u8],
    entry: &[u8],
    extension: &[u8],
) -> Result<DecodedCrl, DecodeError> {
    let issuer = name(&[0x0c, 1, b'a']);
    let extensions = match extension {
        [] => Vec::new(),
        extension => tlv(0xa0, &[&tlv(0x30, &[extension])]),
    };
    let entries = tlv(0x30, &[entry]);
    DecodedCrl::from_der(&signed_object(&[
        version,
        ALGORITHM,
        &issuer,
        times,
        &entries,
        &extensions,
    ]))
}

/// Encodes an entry with these extensions.
fn entry(extensions: &[&[u8]]) -> Vec<u8> {
    let time = b"\x17\x0d260101000000Z";
    tlv(0x30, &[SERIAL_NUMBER, time, &tlv(0x30, extensions)])
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 1, 0xff] } else { &[] };
    tlv(0x30, &[&tlv(0x06, &[oid]), critical, &tlv(0x04, &[value])])
}

const VERSION_2: &[u8] = &[0x02, 1, 1];
const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 0x14];
const REASON_CODE: &[u8] = &[0x55, 0x1d, 0x15];
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 0x1d];

/// Version, times, entries, and extensions of a certificate revocation list, in DER.
type ListParts<'d> = (&'d [u8], &'d [u8], &'d [u8], &'d [u8]);

#[test]
fn malformed_revocation_list_is_rejected() {
    let reason = extension(REASON_CODE, false, &[0x0a, 1, 1]);
    let plain = tlv(0x30, &[SERIAL_NUMBER, NOT_BEFORE]);
    let number = extension(CRL_NUMBER, false, &[0x02, 1, 5]);
    let times = [NOT_BEFORE, NOT_AFTER].concat();
    let good = hand_built_list(VERSION_2, &times, &entry(&[&reason]), &number).unwrap();
    assert_eq!(good.revoked[0].reason, Some(1));
    assert!(hand_built_list(&[], &times, &plain, &[]).is_ok());
    let list_of_nulls = entry(&[&reason, &[5, 0]]);
    let set = tlv(0x30, &[SERIAL_NUMBER, NOT_BEFORE, &[0x31, 0]]);
    let padded = tlv(0x30, &[&[0x02, 2, 0, 5], NOT_BEFORE]);
    let offset = tlv(0x30, &[SERIAL_NUMBER, b"\x17\x11260101120000+0530"]);
    let short = tlv(0x30, &[SERIAL_NUMBER]);
    let reason_of_integer = entry(&[&extension(REASON_CODE, false, &[0x02, 1, 1])]);
    let first_offset = [b"\x17\x11260101120000+0530", NOT_AFTER].concat();
    let second_short = [NOT_BEFORE, b"\x17\x0b2601011200Z"].concat();
    let cases: [ListParts<'_>; 12] = [
        // RFC 5280 section 5.1.2.1.
        (&[0x02, 1, 0], &times, &plain, &number),
        (&[0x02, 1, 5], &times, &plain, &number),
        (&[], &times, &plain, &number),
        (&[], &times, &entry(&[&reason]), &[]),
        (VERSION_2, &times, &list_of_nulls, &number),
        (VERSION_2, &times, &set, &number),
        (VERSION_2, &times, &padded, &number),
        (VERSION_2, &times, &offset, &number),
        (VERSION_2, &times, &short, &number),
        (VERSION_2, &times, &reason_of_integer, &number),
        (VERSION_2, &first_offset, &plain, &number),
        (VERSION_2, &second_short, &plain, &number),
    ];
    for (position, (version, times, entry, extension)) in cases.into_iter().enumerate() {
        let found = hand_built_list(version, times, entry, extension);
        assert!(found.is_err(), "case {position}: {found:?}");
    }
}

#[test]
fn limits_of_numbers_reasons_and_years_are_those_of_rfc_5280() {
    let plain = tlv(0x30, &[SERIAL_NUMBER, NOT_BEFORE]);
    let times = [NOT_BEFORE, NOT_AFTER].concat();
    // Section 5.2.3: a CRL number has at most 20 octets. The leading zero is the sign.
    for (octets, is_valid) in [(20, true), (21, false)] {
        let number = tlv(0x02, &[&[0], &vec![0xff; octets]]);
        let list = hand_built_list(
            VERSION_2,
            &times,
            &plain,
            &extension(CRL_NUMBER, false, &number),
        );
        assert_eq!(list.is_ok(), is_valid, "{octets} octets");
    }
    // Section 5.3.1: `aACompromise` (10) is the last reason.
    let number = extension(CRL_NUMBER, false, &[0x02, 1, 5]);
    for (code, is_valid) in [(10, true), (11, false)] {
        let reason = extension(REASON_CODE, false, &[0x0a, 1, code]);
        let list = hand_built_list(VERSION_2, &times, &entry(&[&reason]), &number);
        assert_eq!(list.is_ok(), is_valid, "reason {code}");
    }
    // Section 4.1.2.5.1: years from 50 are in the 20th century.
    for (text, expected) in [(b"490101000000Z", "2049"), (b"500101000000Z", "1950")] {
        let entry = tlv(0x30, &[SERIAL_NUMBER, &tlv(0x17, &[text])]);
        let list = hand_built_list(VERSION_2, &times, &entry, &number).unwrap();
        let revoked_at = list.revoked[0].revoked_at.to_string();
        assert_eq!(revoked_at, format!("{expected}-01-01T00:00:00Z"));
    }
}

#[test]
fn extension_that_changes_the_meaning_of_a_list_is_reported() {
    let plain = tlv(0x30, &[SERIAL_NUMBER, NOT_BEFORE]);
    let unknown = |critical| extension(&[0x2a, 3, 4], critical, &[5, 0]);
    let number = extension(CRL_NUMBER, true, &[0x02, 1, 5]);
    let issuer = |critical| extension(CERTIFICATE_ISSUER, critical, &[0x30, 0]);
    let reason = extension(REASON_CODE, true, &[0x0a, 1, 1]);
    for (entry, extension, expected) in [
        (&plain, &number, None),
        (&plain, &unknown(false), None),
        (&entry(&[&reason, &unknown(false)]), &number, None),
        // RFC 5280 section 5.2.
        (&plain, &unknown(true), Some("1.2.3.4")),
        // RFC 5280 section 5.3.
        (&entry(&[&reason, &unknown(true)]), &number, Some("1.2.3.4")),
        (&entry(&[&issuer(true)]), &number, Some("2.5.29.29")),
        (&entry(&[&issuer(false)]), &number, Some("2.5.29.29")),
    ] {
        let times = [NOT_BEFORE, NOT_AFTER].concat();
        let list = hand_built_list(VERSION_2, &times, entry, extension).unwrap();
        let found = list.unprocessed_extension();
        assert_eq!(found.as_deref(), expected, "{extension:?}");
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
