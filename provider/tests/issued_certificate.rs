//! Tests of intermediate and leaf certificates with OpenSSL, and of the rules for each kind of certificate.

mod openssl;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Mutex;

use jiff::Timestamp;
use openssl::accepted;
use skreg::pki::{
    AlternativeName, BasicConstraints, Certificate, CertificateError, CertificateKind, Description,
    DistinguishedName, End, Extension, IssueError, KeyAlgorithm, KeyPurpose, KeyUsage,
    NameAttribute, PublicKey, SerialNumber, SignError, SignatureAlgorithm, Signer, SoftwareKey,
    SystemEntropy, Term, issue,
};

const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE: &str = "2.5.29.37.0";
const CERTIFICATE_POLICIES: &str = "2.5.29.32";
const NAME_CONSTRAINTS: &str = "2.5.29.30";

fn name(common_name: &str) -> DistinguishedName {
    DistinguishedName::new([
        (NameAttribute::CommonName, common_name.to_owned()),
        (NameAttribute::Country, "DE".to_owned()),
    ])
    .unwrap()
}

fn root() -> Description {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let term = Term {
        end: End::Days(3650),
        not_before_margin_minutes: 60,
    };
    let serial_number = SerialNumber::random(&SystemEntropy).unwrap();
    let validity = term.from(now).unwrap();
    let signature_algorithm = SignatureAlgorithm::Ed25519;
    let name = name("Root");
    Description::root(name, serial_number, validity, Some(1), signature_algorithm)
}

fn intermediate() -> Description {
    Description {
        subject: name("Intermediate"),
        basic_constraints: BasicConstraints::Authority {
            path_length: Some(0),
        },
        ..root()
    }
}

fn leaf() -> Description {
    Description {
        issuer: name("Intermediate"),
        subject: name("Server"),
        basic_constraints: BasicConstraints::EndEntity,
        key_usage: BTreeSet::from([KeyUsage::DigitalSignature]),
        extended_key_usage: [SERVER_AUTH, CLIENT_AUTH].map(purpose).to_vec(),
        subject_alternative_names: vec![
            AlternativeName::Dns("api.example.com".to_owned()),
            AlternativeName::Ip(IpAddr::from([192, 0, 2, 7])),
            AlternativeName::Uri("spiffe://example.com/api".to_owned()),
            AlternativeName::Email("ops@example.com".to_owned()),
        ],
        extensions: vec![policies()],
        ..root()
    }
}

fn purpose(oid: &str) -> KeyPurpose {
    KeyPurpose(oid.parse().unwrap())
}

/// Returns a certificate policies extension with the policy 1.2.3.4 (RFC 5280 section 4.2.1.4).
fn policies() -> Extension {
    Extension {
        oid: CERTIFICATE_POLICIES.parse().unwrap(),
        critical: false,
        value: vec![0x30, 0x07, 0x30, 0x05, 0x06, 0x03, 0x2a, 0x03, 0x04],
    }
}

fn key(algorithm: KeyAlgorithm) -> SoftwareKey {
    SoftwareKey::generate(algorithm).unwrap()
}

/// Issues a certificate with the default signature algorithm of the signer.
fn issued(
    description: &Description,
    key: &PublicKey,
    signer: &impl Signer,
) -> Result<Certificate, IssueError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let algorithm = signer.public_key().algorithm();
    let description = Description {
        signature_algorithm: algorithm.default_signature_algorithm(),
        ..description.clone()
    };
    runtime.unwrap().block_on(issue(&description, key, signer))
}

#[test]
fn openssl_accepts_a_chain_of_different_algorithms() {
    let (top, middle) = (key(KeyAlgorithm::EcdsaP384), key(KeyAlgorithm::Rsa3072));
    for algorithm in [KeyAlgorithm::Ed25519, KeyAlgorithm::EcdsaP256] {
        let bottom = key(algorithm);
        let chain = [
            issued(&root(), top.public(), &top).unwrap(),
            issued(&intermediate(), middle.public(), &top).unwrap(),
            issued(&leaf(), bottom.public(), &middle).unwrap(),
        ];
        let files = chain.each_ref().map(|certificate| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), certificate.to_pem()).unwrap();
            file
        });
        let [root, intermediate, leaf] = files.each_ref().map(|file| file.path().to_str().unwrap());
        let arguments = [
            "verify",
            "-x509_strict",
            "-purpose",
            "sslserver",
            "-verify_hostname",
            "api.example.com",
            "-attime",
            "1800000000",
            "-CAfile",
            root,
            "-untrusted",
            intermediate,
            leaf,
        ];
        let verdict = accepted(&arguments, "");
        assert!(verdict.ends_with(": OK\n"), "{verdict}");
    }
}

#[test]
fn openssl_reads_the_fields_of_a_leaf_description() {
    let (issuer, own) = (key(KeyAlgorithm::EcdsaP256), key(KeyAlgorithm::Ed25519));
    let certificate = issued(&leaf(), own.public(), &issuer).unwrap();
    let pem = certificate.to_pem();
    let text = accepted(
        &["x509", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"],
        &pem,
    );
    for expected in [
        "Issuer: C=DE,CN=Intermediate",
        "Subject: C=DE,CN=Server",
        "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "TLS Web Server Authentication, TLS Web Client Authentication\n",
        "DNS:api.example.com, IP Address:192.0.2.7, URI:spiffe://example.com/api, email:ops@example.com\n",
        "X509v3 Certificate Policies: \n                Policy: 1.2.3.4\n",
    ] {
        assert!(text.contains(expected), "expected {expected:?} in {text}");
    }
    let read = Certificate::issued_from_pem(&pem, CertificateKind::Leaf, issuer.public()).unwrap();
    assert_eq!(read, certificate);
    let other = key(KeyAlgorithm::EcdsaP256);
    assert!(matches!(
        Certificate::issued_from_pem(&pem, CertificateKind::Leaf, other.public()),
        Err(CertificateError::Signature)
    ));
}

#[test]
fn each_kind_of_certificate_has_separate_rules() {
    type Break = fn(&mut Description);
    type Case = (fn() -> Description, Break, &'static str);
    let unknown = |description: &mut Description| {
        description.extensions.push(Extension {
            oid: "1.2.3.4".parse().unwrap(),
            critical: false,
            value: vec![5, 0],
        });
    };
    let constraints: Break = |description| {
        description.extensions.push(Extension {
            oid: NAME_CONSTRAINTS.parse().unwrap(),
            critical: false,
            value: vec![
                0x30, 0x0b, 0xa0, 0x09, 0x30, 0x07, 0x82, 0x05, b'a', b'.', b'c', b'o', b'm',
            ],
        });
    };
    let any: Break = |description| description.extended_key_usage = vec![purpose(ANY_PURPOSE)];
    let signs: Break = |description| {
        description.key_usage = BTreeSet::from([KeyUsage::DigitalSignature, KeyUsage::KeyCertSign]);
    };
    let purposeless: Break = |description| description.extended_key_usage.clear();
    let cases: [Case; 9] = [
        (root, unknown, "section 4.2:"),
        (root, signs, "section 4.2.1.3:"),
        (intermediate, unknown, "section 4.2:"),
        (intermediate, constraints, "section 4.2.1.10:"),
        (intermediate, any, "section 4.2.1.12:"),
        (intermediate, signs, "section 4.2.1.3:"),
        (leaf, signs, "section 4.2.1.3:"),
        (leaf, any, "section 4.2.1.12:"),
        (leaf, purposeless, "section 4.2:"),
    ];
    let (issuer, own) = (key(KeyAlgorithm::Ed25519), key(KeyAlgorithm::Ed25519));
    for (good, break_rule, section) in cases {
        let signed = |description: &Description| match description.kind() {
            CertificateKind::Root => issued(description, issuer.public(), &issuer),
            _ => issued(description, own.public(), &issuer),
        };
        let mut description = good();
        signed(&description).unwrap();
        break_rule(&mut description);
        let error = signed(&description).expect_err(section);
        let IssueError::Rejected(error @ CertificateError::Lint(_)) = error else {
            panic!("{section}: {error:?}")
        };
        assert!(error.to_string().contains(section), "{section}: {error}");
    }
}

#[test]
fn a_certificate_cannot_be_read_as_another_kind() {
    let (issuer, own) = (key(KeyAlgorithm::Ed25519), key(KeyAlgorithm::Ed25519));
    for (description, kind, other) in [
        (
            intermediate(),
            CertificateKind::Intermediate,
            CertificateKind::Leaf,
        ),
        (leaf(), CertificateKind::Leaf, CertificateKind::Intermediate),
    ] {
        let pem = issued(&description, own.public(), &issuer)
            .unwrap()
            .to_pem();
        let read = |kind| Certificate::issued_from_pem(&pem, kind, issuer.public());
        assert!(read(kind).is_ok());
        assert!(matches!(read(other), Err(CertificateError::Lint(_))));
        assert!(Certificate::root_from_pem(&pem).is_err());
    }
}

/// Simulates a key in a remote service. Records the messages to sign and modifies the responses.
struct Remote {
    key: SoftwareKey,
    response: fn(Vec<u8>) -> Result<Vec<u8>, SignError>,
    requests: Mutex<Vec<Vec<u8>>>,
}

impl Remote {
    fn responding(response: fn(Vec<u8>) -> Result<Vec<u8>, SignError>) -> Self {
        Self {
            key: key(KeyAlgorithm::EcdsaP256),
            response,
            requests: Mutex::default(),
        }
    }
}

impl Signer for Remote {
    fn public_key(&self) -> &PublicKey {
        self.key.public()
    }

    async fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        self.requests.lock().unwrap().push(message.to_vec());
        tokio::task::yield_now().await;
        (self.response)(self.key.sign(algorithm, message).await?)
    }
}

#[test]
fn a_remote_key_signs_the_certificate_exactly_once() {
    let remote = Remote::responding(Ok);
    let own = key(KeyAlgorithm::Ed25519);
    let certificate = issued(&leaf(), own.public(), &remote).unwrap();
    let requests = remote.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 1);
    let pem = certificate.to_pem();
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).unwrap();
    let parsed = pem.parse_x509().unwrap();
    assert_eq!(requests[0], parsed.tbs_certificate.as_ref());
}

#[test]
fn a_wrong_or_missing_signature_is_rejected() {
    let own = key(KeyAlgorithm::Ed25519);
    let wrong = Remote::responding(|mut signature| {
        let last = signature.len() - 1;
        signature[last] ^= 1;
        Ok(signature)
    });
    assert!(matches!(
        issued(&leaf(), own.public(), &wrong),
        Err(IssueError::Rejected(CertificateError::Signature))
    ));
    let silent = Remote::responding(|_| Err(SignError::new("the key is disabled")));
    let error = issued(&leaf(), own.public(), &silent).expect_err("the signer fails");
    let mut reasons = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = next {
        reasons.push(error.to_string());
        next = error.source();
    }
    assert_eq!(
        reasons.last().unwrap(),
        "the key is disabled",
        "{reasons:?}"
    );
}
