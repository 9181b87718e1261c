//! Tests of root certificates with OpenSSL, and of the certificate lint.

mod openssl;

use jiff::Timestamp;
use openssl::{accepted, openssl};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData,
    SigningKey,
};
use skreg::pki::{
    self, Certificate, CertificateError, Description, End, IssueError, KEY_ALGORITHMS,
    KeyAlgorithm, KeyError, NameAttribute, NameError, SerialNumber, SignatureAlgorithm,
    SoftwareKey, SystemEntropy, Term,
};

fn days(days: i64) -> Term {
    Term {
        end: End::Days(days),
        not_before_margin_minutes: 60,
    }
}

fn description() -> Description {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let name = pki::DistinguishedName::new([
        (NameAttribute::CommonName, "skreg Root CA".to_owned()),
        (NameAttribute::Organization, "skreg Ünion".to_owned()),
        (NameAttribute::Country, "DE".to_owned()),
    ]);
    let serial_number = SerialNumber::random(&SystemEntropy).unwrap();
    let validity = days(3650).from(now).unwrap();
    let signature_algorithm = SignatureAlgorithm::Ed25519;
    Description::root(
        name.unwrap(),
        serial_number,
        validity,
        Some(1),
        signature_algorithm,
    )
}

/// Issues a self-signed root certificate with the default signature algorithm of the key.
fn issued(description: &Description, key: &SoftwareKey) -> Result<Certificate, IssueError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let description = Description {
        signature_algorithm: key.public().algorithm().default_signature_algorithm(),
        ..description.clone()
    };
    let issue = pki::issue(&description, key.public(), key);
    runtime.unwrap().block_on(issue)
}

#[test]
fn openssl_accepts_a_root_of_every_algorithm() {
    let signatures = [
        "sha256WithRSAEncryption",
        "sha256WithRSAEncryption",
        "ecdsa-with-SHA256",
        "ecdsa-with-SHA384",
        "ecdsa-with-SHA512",
        "ED25519",
    ];
    let authorities = KEY_ALGORITHMS.iter().filter(|row| row.can_certify);
    assert_eq!(authorities.clone().count(), signatures.len());
    for (row, signature) in authorities.zip(signatures) {
        let key = SoftwareKey::generate(row.algorithm).unwrap();
        let certificate = issued(&description(), &key).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), certificate.to_pem()).unwrap();
        let path = file.path().to_str().unwrap();
        let strict = [
            "verify",
            "-x509_strict",
            "-check_ss_sig",
            "-attime",
            "1800000000",
            "-CAfile",
            path,
            path,
        ];
        let verdict = openssl(&strict, "");
        assert!(
            verdict.as_ref().is_ok_and(|text| text.ends_with(": OK\n")),
            "{}: {verdict:?}",
            row.name
        );

        let text = accepted(
            &["x509", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"],
            &certificate.to_pem(),
        );
        assert!(
            text.contains(&format!("Signature Algorithm: {signature}")),
            "{text}"
        );
    }
}

#[test]
fn openssl_reads_the_fields_in_the_description() {
    let key = SoftwareKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let description = description();
    let certificate = issued(&description, &key).unwrap();
    let pem = certificate.to_pem();
    let print = |flag: &str| accepted(&["x509", "-noout", flag], &pem);

    let serial = print("-serial")
        .trim()
        .strip_prefix("serial=")
        .unwrap()
        .to_lowercase();
    assert_eq!(serial, description.serial_number.to_string());
    let name = accepted(
        &[
            "x509",
            "-noout",
            "-subject",
            "-issuer",
            "-nameopt",
            "utf8,sep_comma_plus",
        ],
        &pem,
    );
    assert_eq!(
        name,
        "subject=C=DE,O=skreg Ünion,CN=skreg Root CA\nissuer=C=DE,O=skreg Ünion,CN=skreg Root CA\n"
    );
    assert_eq!(
        print("-dates"),
        "notBefore=Nov 20 11:00:00 2026 GMT\nnotAfter=Nov 17 12:00:00 2036 GMT\n"
    );

    let fingerprint = accepted(&["x509", "-noout", "-fingerprint", "-sha256"], &pem);
    let fingerprint = fingerprint
        .trim()
        .split_once('=')
        .unwrap()
        .1
        .replace(':', "")
        .to_lowercase();
    assert_eq!(fingerprint, certificate.sha256().to_string());
    assert_eq!(print("-pubkey"), key.public().to_pem());

    let text = print("-text");
    let identifier = colons(&key.public().identifier().to_string());
    for expected in [
        "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:1",
        "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n",
        &format!("X509v3 Subject Key Identifier: \n                {identifier}"),
        &format!("X509v3 Authority Key Identifier: \n                {identifier}\n"),
    ] {
        assert!(text.contains(expected), "expected {expected:?} in {text}");
    }
    assert_eq!(
        text.matches("X509v3 ").count(),
        1 + 4,
        "expected one heading and four extensions: {text}"
    );
    let encoding = accepted(&["asn1parse"], &pem);
    assert!(
        encoding.contains("PRINTABLESTRING   :DE")
            && encoding.contains("UTF8STRING        :skreg Root CA")
    );
}

#[test]
fn path_length_is_encoded_and_omitted_without_a_limit() {
    let key = SoftwareKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    for (path_length, expected) in [
        (None, "CA:TRUE\n"),
        (Some(0), "CA:TRUE, pathlen:0\n"),
        (Some(255), "CA:TRUE, pathlen:255\n"),
    ] {
        let description = Description {
            basic_constraints: pki::BasicConstraints::Authority { path_length },
            signature_algorithm: SignatureAlgorithm::Sha256WithEcdsa,
            ..description()
        };
        let certificate = issued(&description, &key).unwrap();
        let text = accepted(&["x509", "-noout", "-text"], &certificate.to_pem());
        let expected = format!("X509v3 Basic Constraints: critical\n                {expected}");
        assert!(text.contains(&expected), "expected {expected:?} in {text}");
        assert_eq!(certificate.description(), &description);
    }
    let other = KeyPair::generate().unwrap();
    let mut unlimited = good_parameters(&other);
    unlimited.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let read = Certificate::read_root(unlimited.self_signed(&other).unwrap().der()).unwrap();
    assert_eq!(read.description().path_length(), None);
}

fn colons(hexadecimal: &str) -> String {
    let upper = hexadecimal.to_uppercase();
    let pairs: Vec<_> = (0..upper.len())
        .step_by(2)
        .map(|at| &upper[at..at + 2])
        .collect();
    pairs.join(":")
}

#[test]
fn openssl_derives_the_same_public_key_from_every_private_key() {
    for row in &KEY_ALGORITHMS {
        let key = SoftwareKey::generate(row.algorithm).unwrap();
        let pem = key.to_pem();
        accepted(&["pkey", "-check", "-noout"], pem.expose());
        assert_eq!(
            accepted(&["pkey", "-pubout"], pem.expose()),
            key.public().to_pem(),
            "{}",
            row.name
        );
        let again = SoftwareKey::from_pem(row.algorithm, &pem).unwrap();
        assert_eq!(again.public(), key.public());
    }
}

#[test]
fn a_key_of_another_algorithm_is_rejected() {
    let small = accepted(
        &[
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
        ],
        "",
    );
    let p256 = accepted(
        &[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ],
        "",
    );
    let refused =
        |algorithm, text: &str| SoftwareKey::from_pem(algorithm, &text.to_owned().into()).err();
    assert!(refused(KeyAlgorithm::Rsa4096, &small).is_some());
    assert!(refused(KeyAlgorithm::Rsa3072, &small).is_some());
    assert!(refused(KeyAlgorithm::EcdsaP384, &p256).is_some());
    assert!(refused(KeyAlgorithm::EcdsaP256, &p256).is_none());
    let message = refused(KeyAlgorithm::Ed25519, &p256).unwrap().to_string();
    assert!(message.contains("ED25519"), "{message}");

    // Keys of both sizes use the same signature algorithm, so only the size distinguishes them.
    let rsa = SoftwareKey::generate(KeyAlgorithm::Rsa3072)
        .unwrap()
        .to_pem();
    assert!(matches!(
        SoftwareKey::from_pem(KeyAlgorithm::Rsa4096, &rsa).err(),
        Some(KeyError::OtherAlgorithm {
            expected: KeyAlgorithm::Rsa4096,
            found: KeyAlgorithm::Rsa3072
        })
    ));
}

#[test]
fn rsa_and_ed25519_certificates_are_reproducible() {
    for algorithm in [KeyAlgorithm::Rsa3072, KeyAlgorithm::Ed25519] {
        let key = SoftwareKey::generate(algorithm).unwrap();
        let description = description();
        assert_eq!(
            issued(&description, &key).unwrap(),
            issued(&description, &key).unwrap()
        );
    }
}

#[test]
fn an_end_of_validity_after_2049_is_encoded_as_generalized_time() {
    let now: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    let description = Description {
        validity: days(9125).from(now).unwrap(),
        ..description()
    };
    let key = SoftwareKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let certificate = issued(&description, &key).unwrap();
    let encoding = accepted(&["asn1parse"], &certificate.to_pem());
    assert!(
        encoding.contains("UTCTIME           :291231230000Z"),
        "{encoding}"
    );
    assert!(
        encoding.contains("GENERALIZEDTIME   :20541226000000Z"),
        "{encoding}"
    );
}

/// Returns valid parameters that do not depend on the code under test. Each test can invalidate individual parameters.
fn good_parameters(key: &KeyPair) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.serial_number = Some(7.into());
    parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2036, 1, 1);
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Other Root");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.key_identifier_method = KeyIdMethod::PreSpecified(key_identifier(key));
    parameters.use_authority_key_identifier_extension = true;
    parameters
}

/// Returns the key identifier according to method 1 in RFC 7093 section 2.
fn key_identifier(key: &KeyPair) -> Vec<u8> {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.der_bytes());
    hash.as_ref()[..20].to_vec()
}

/// Returns a certificate with [`good_parameters`] that is signed after `edit` changes the DER elements of its
/// TBSCertificate (RFC 5280 section 4.1): version, serial number, signature algorithm, issuer, validity, subject,
/// public key, and extensions.
fn signed_after(edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let good = good_parameters(&key).self_signed(&key).unwrap();
    let (mut elements, algorithm) = yasna::parse_der(good.der(), |reader| {
        reader.read_sequence(|reader| {
            let elements = reader
                .next()
                .collect_sequence_of(|reader| reader.read_der())?;
            let algorithm = reader.next().read_der()?;
            reader.next().read_der()?;
            Ok((elements, algorithm))
        })
    })
    .unwrap();
    edit(&mut elements);
    let signed = sequence(&elements);
    let signature = key.sign(&signed).unwrap();
    let signature = yasna::construct_der(|writer| {
        writer.write_bitvec_bytes(&signature, 8 * signature.len());
    });
    sequence(&[signed, algorithm, signature])
}

fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for element in elements {
                writer.next().write_der(element);
            }
        });
    })
}

/// Returns a DER element with at most 127 octets of content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    assert!(length < 128);
    [&[tag, length], content].concat()
}

/// Asserts that a certificate violates only the rule in this section of RFC 5280.
#[track_caller]
fn assert_violates(section: &str, der: &[u8]) {
    match Certificate::read_root(der) {
        Err(CertificateError::Lint(findings)) => {
            let sections: Vec<_> = findings.iter().map(|finding| finding.source).collect();
            assert_eq!(sections, [format!("RFC 5280 section {section}")]);
        }
        other => panic!("expected a violation of {section}, found {other:?}"),
    }
}

#[test]
fn times_through_2049_are_utc_time_and_later_ones_generalized_time() {
    const UTC: u8 = 0x17;
    const GENERALIZED: u8 = 0x18;
    let lasting = |times: [(u8, &str); 2]| {
        signed_after(|elements| {
            elements[4] = sequence(&times.map(|(tag, time)| element(tag, time.as_bytes())));
        })
    };
    let start = (UTC, "260101000000Z");
    for end in [(UTC, "491231235959Z"), (GENERALIZED, "20500101000000Z")] {
        let read = Certificate::read_root(&lasting([start, end]));
        assert!(read.is_ok(), "{end:?}: {read:?}");
    }
    let generalized = (GENERALIZED, "20260101000000Z");
    assert_violates("4.1.2.5", &lasting([generalized, (UTC, "360101000000Z")]));
    assert_violates(
        "4.1.2.5",
        &lasting([start, (GENERALIZED, "20491231235959Z")]),
    );
}

#[test]
fn unique_identifiers_of_issuer_and_subject_are_rejected() {
    const ISSUER: u8 = 0x81;
    const SUBJECT: u8 = 0x82;
    for tags in [&[ISSUER][..], &[SUBJECT], &[ISSUER, SUBJECT]] {
        let identified = signed_after(|elements| {
            let extensions = elements.pop().unwrap();
            elements.extend(tags.iter().map(|tag| element(*tag, &[0, 0xff])));
            elements.push(extensions);
        });
        assert_violates("4.1.2.8", &identified);
    }
}

#[test]
fn the_authority_key_identifier_must_not_be_critical_or_have_other_fields() {
    let key = KeyPair::generate().unwrap();
    let with = |critical, fields: &[&[u8]]| {
        let mut extension =
            CustomExtension::from_oid_content(&[2, 5, 29, 35], element(0x30, &fields.concat()));
        extension.set_criticality(critical);
        let mut parameters = good_parameters(&key);
        parameters.use_authority_key_identifier_extension = false;
        parameters.custom_extensions = vec![extension];
        parameters.self_signed(&key).unwrap().der().to_vec()
    };
    let own: &[u8] = &element(0x80, &key_identifier(&key));
    let other: &[u8] = &element(0x80, &[7; 20]);
    let issuer: &[u8] = &element(0xa1, &element(0x82, b"issuer"));
    let serial: &[u8] = &element(0x82, &[7]);

    Certificate::read_root(&with(false, &[own])).unwrap();
    assert_violates("4.2.1.1", &with(true, &[own]));
    for fields in [
        &[][..],
        &[other],
        &[issuer, serial],
        &[own, issuer],
        &[own, serial],
        &[own, issuer, serial],
    ] {
        assert_violates("4.2.1.1", &with(false, fields));
    }
}

#[test]
fn a_subject_with_another_order_or_duplicate_attributes_is_rejected() {
    let read = |attributes: &[(DnType, DnValue)]| {
        let key = KeyPair::generate().unwrap();
        let mut parameters = good_parameters(&key);
        parameters.distinguished_name = DistinguishedName::new();
        for (kind, value) in attributes {
            let name = &mut parameters.distinguished_name;
            name.push(kind.clone(), value.clone());
        }
        Certificate::read_root(parameters.self_signed(&key).unwrap().der())
    };
    let organization = (DnType::OrganizationName, "skreg".into());
    let name = (DnType::CommonName, "Root".into());
    // The library writes each known type only once, so the second name uses a custom type.
    let again = (DnType::CustomDnType(vec![2, 5, 4, 3]), "Root".into());

    let read_back = read(&[organization.clone(), name.clone()]).unwrap();
    let subject = &read_back.description().subject;
    assert_eq!(subject.to_string(), "organization=skreg, common_name=Root");
    assert!(matches!(
        read(&[name.clone(), organization]),
        Err(CertificateError::NameEncoding(
            "the attributes are not in the expected order"
        ))
    ));
    assert!(matches!(
        read(&[name, again]),
        Err(CertificateError::Name(NameError::Duplicate(
            NameAttribute::CommonName
        )))
    ));
}

#[test]
fn the_lint_reports_the_violated_rule() {
    type Break = fn(&mut CertificateParams);
    let cases: [(&str, Break); 6] = [
        ("4.2.1.9", |parameters| {
            parameters.is_ca = IsCa::ExplicitNoCa
        }),
        ("4.2.1.3", |parameters| {
            parameters
                .key_usages
                .push(KeyUsagePurpose::DigitalSignature)
        }),
        ("section 4.2:", |parameters| {
            parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]
        }),
        ("4.2.1.2:", |parameters| {
            parameters.key_identifier_method = KeyIdMethod::Sha256
        }),
        ("4.2.1.1", |parameters| {
            parameters.use_authority_key_identifier_extension = false
        }),
        ("4.1.2.2", |parameters| {
            parameters.serial_number = Some(rcgen::SerialNumber::from_slice(&[0xff; 20]))
        }),
    ];
    let key = KeyPair::generate().unwrap();
    let good = good_parameters(&key).self_signed(&key).unwrap();
    Certificate::read_root(good.der()).unwrap();
    for (section, break_rule) in cases {
        let mut parameters = good_parameters(&key);
        break_rule(&mut parameters);
        let certificate = parameters.self_signed(&key).unwrap();
        match Certificate::read_root(certificate.der()) {
            Err(error @ CertificateError::Lint(_)) => {
                assert!(
                    error.to_string().contains(section),
                    "the error must contain {section}: {error}"
                );
            }
            other => panic!("expected a violation of {section}, found {other:?}"),
        }
    }
}

#[test]
fn an_edited_or_foreign_certificate_is_rejected() {
    let key = SoftwareKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let certificate = issued(&description(), &key).unwrap();
    let der = octets(&certificate);
    for position in [4 + 4 + 10, der.len() / 2, der.len() - 1] {
        let mut edited = der.clone();
        edited[position] ^= 1;
        assert!(
            Certificate::read_root(&edited).is_err(),
            "the change to octet {position} must be detected"
        );
    }
    let mut longer = der.clone();
    longer.push(0);
    assert!(matches!(
        Certificate::read_root(&longer),
        Err(CertificateError::NotDer)
    ));

    let other = KeyPair::generate().unwrap();
    let mut parameters = good_parameters(&other);
    parameters
        .distinguished_name
        .push(DnType::CountryName, "DE");
    let foreign = parameters.self_signed(&other).unwrap();
    assert!(matches!(
        Certificate::read_root(foreign.der()),
        Err(CertificateError::NameEncoding(_))
    ));
}

fn octets(certificate: &Certificate) -> Vec<u8> {
    x509_parser::pem::parse_x509_pem(certificate.to_pem().as_bytes())
        .unwrap()
        .1
        .contents
}
