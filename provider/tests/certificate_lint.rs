//! Table of certificates that each violate one lint rule. An independent DER writer creates the certificates, so that
//! they can violate rules that the provider would never violate.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use skreg::pki::{
    Certificate, CertificateError, CertificateKind, KeyAlgorithm, PublicKey, Severity, SoftwareKey,
    lint_rules,
};
use yasna::models::{ObjectIdentifier, UTCTime};
use yasna::{DERWriter, Tag};

const ED25519: &[u64] = &[1, 3, 101, 112];
const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
const KEY_USAGE: &str = "2.5.29.15";
const ALTERNATIVE_NAME: &str = "2.5.29.17";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const NAME_CONSTRAINTS: &str = "2.5.29.30";
const DISTRIBUTION_POINTS: &str = "2.5.29.31";
const POLICIES: &str = "2.5.29.32";
const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
const PURPOSES: &str = "2.5.29.37";
const ACCESS: &str = "1.3.6.1.5.5.7.1.1";

/// Content of a certificate before it is encoded.
#[derive(Clone)]
struct Parts {
    version: u8,
    serial_number: Vec<u8>,
    inner_algorithm: &'static [u64],
    issuer: Option<&'static str>,
    subject: Option<&'static str>,
    /// DER times.
    validity: [Vec<u8>; 2],
    spki: Vec<u8>,
    has_unique_identifier: bool,
    extensions: Vec<Extension>,
}

#[derive(Clone)]
struct Extension {
    oid: &'static str,
    critical: bool,
    value: Vec<u8>,
}

fn key() -> &'static Ed25519KeyPair {
    static KEY: std::sync::OnceLock<Ed25519KeyPair> = std::sync::OnceLock::new();
    KEY.get_or_init(|| Ed25519KeyPair::generate().unwrap())
}

fn issuer_key() -> PublicKey {
    PublicKey::from_spki(&spki()).unwrap()
}

fn oid(arcs: &[u64]) -> ObjectIdentifier {
    ObjectIdentifier::from_slice(arcs)
}

fn spki() -> Vec<u8> {
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            writer
                .next()
                .write_sequence(|writer| writer.next().write_oid(&oid(ED25519)));
            let public = key().public_key().as_ref();
            writer.next().write_bitvec_bytes(public, public.len() * 8);
        });
    })
}

fn rsa_2048() -> Vec<u8> {
    static KEY: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    let generated = || SoftwareKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    KEY.get_or_init(|| generated().public().spki().to_vec())
        .clone()
}

fn utc_time(year: i32) -> Vec<u8> {
    let text = format!("{:02}0101000000Z", year % 100);
    let time = UTCTime::parse(text.as_bytes()).unwrap();
    yasna::construct_der(|writer| writer.write_utctime(&time))
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    assert!(length < 128);
    [&[tag, length], content].concat()
}

fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(0x30, &elements.concat())
}

/// Key identifier of the key for subjectKeyIdentifier and authorityKeyIdentifier.
fn identifier(spki: &[u8]) -> Vec<u8> {
    let key = PublicKey::from_spki(spki).unwrap();
    key.identifier().octets().to_vec()
}

fn subject_key_identifier(spki: &[u8]) -> Extension {
    Extension {
        oid: SUBJECT_KEY_IDENTIFIER,
        critical: false,
        value: element(4, &identifier(spki)),
    }
}

fn extension(oid: &'static str, critical: bool, value: Vec<u8>) -> Extension {
    Extension {
        oid,
        critical,
        value,
    }
}

fn key_usage(octet: u8) -> Extension {
    let unused = u8::try_from(octet.trailing_zeros()).unwrap();
    extension(KEY_USAGE, true, vec![3, 2, unused, octet])
}

const DIGITAL_SIGNATURE: u8 = 0x80;
const KEY_ENCIPHERMENT: u8 = 0x20;
const KEY_CERT_SIGN: u8 = 0x04;
const CRL_SIGN: u8 = 0x02;

fn purposes(last_arcs: &[u8]) -> Vec<u8> {
    let oids: Vec<_> = last_arcs
        .iter()
        .map(|arc| element(6, &[0x2b, 6, 1, 5, 5, 7, 3, *arc]))
        .collect();
    let oids: Vec<_> = oids.iter().map(Vec::as_slice).collect();
    sequence(&oids)
}

fn dns(name: &str) -> Vec<u8> {
    element(0x82, name.as_bytes())
}

fn uri(name: &str) -> Vec<u8> {
    element(0x86, name.as_bytes())
}

fn distribution_point(url: &str) -> Vec<u8> {
    let name = element(0xa0, &element(0xa0, &uri(url)));
    sequence(&[&sequence(&[&name])])
}

fn access(url: &str) -> Vec<u8> {
    let method = element(6, &[0x2b, 6, 1, 5, 5, 7, 48, 2]);
    sequence(&[&sequence(&[&method, &uri(url)])])
}

fn policies(count: usize) -> Vec<u8> {
    let policy = sequence(&[&element(6, &[0x2a, 3, 4])]);
    element(0x30, &policy.repeat(count))
}

fn name_constraints(base: &[u8]) -> Vec<u8> {
    sequence(&[&element(0xa0, &sequence(&[base]))])
}

/// Returns a certificate that violates no rule.
fn good(kind: CertificateKind) -> Parts {
    let spki = spki();
    let authority = element(0x80, &identifier(&spki));
    let mut extensions = vec![
        extension(AUTHORITY_KEY_IDENTIFIER, false, sequence(&[&authority])),
        subject_key_identifier(&spki),
    ];
    let ca = extension(BASIC_CONSTRAINTS, true, sequence(&[&[1, 1, 0xff]]));
    match kind {
        CertificateKind::Root | CertificateKind::Intermediate => {
            extensions.extend([ca, key_usage(KEY_CERT_SIGN | CRL_SIGN)]);
        }
        CertificateKind::Leaf => extensions.extend([
            key_usage(DIGITAL_SIGNATURE),
            extension(PURPOSES, false, purposes(&[1])),
            extension(ALTERNATIVE_NAME, false, sequence(&[&dns("a.example.com")])),
        ]),
    }
    Parts {
        version: 2,
        serial_number: vec![0x12, 0x34],
        inner_algorithm: ED25519,
        issuer: Some("Root"),
        subject: Some(match kind {
            CertificateKind::Root => "Root",
            _ => "Subject",
        }),
        validity: [utc_time(2026), utc_time(2030)],
        spki,
        has_unique_identifier: false,
        extensions,
    }
}

impl Parts {
    /// Adds an extension, or replaces the one with the same object identifier.
    fn set(&mut self, extension: Extension) {
        self.extensions.retain(|other| other.oid != extension.oid);
        self.extensions.push(extension);
    }

    fn get(&mut self, oid: &str) -> &mut Extension {
        let mut extensions = self.extensions.iter_mut();
        extensions.find(|extension| extension.oid == oid).unwrap()
    }

    fn remove(&mut self, oid: &str) {
        self.extensions.retain(|extension| extension.oid != oid);
    }

    /// Signs the certificate with the key of the issuer, which is also the certified key.
    fn to_der(&self) -> Vec<u8> {
        let signed = yasna::construct_der(|writer| self.write(writer));
        let signature = key().sign(&signed);
        yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                writer.next().write_der(&signed);
                write_algorithm(writer.next(), ED25519);
                let signature = signature.as_ref();
                writer
                    .next()
                    .write_bitvec_bytes(signature, signature.len() * 8);
            });
        })
    }

    fn write(&self, writer: DERWriter<'_>) {
        writer.write_sequence(|writer| {
            writer
                .next()
                .write_tagged(Tag::context(0), |writer| writer.write_u8(self.version));
            writer.next().write_der(&element(2, &self.serial_number));
            write_algorithm(writer.next(), self.inner_algorithm);
            write_name(writer.next(), self.issuer);
            writer.next().write_sequence(|writer| {
                for time in &self.validity {
                    writer.next().write_der(time);
                }
            });
            write_name(writer.next(), self.subject);
            writer.next().write_der(&self.spki);
            if self.has_unique_identifier {
                writer
                    .next()
                    .write_tagged_implicit(Tag::context(2), |writer| {
                        writer.write_bitvec_bytes(&[1], 8);
                    });
            }
            writer.next().write_tagged(Tag::context(3), |writer| {
                writer.write_sequence_of(|writer| {
                    for extension in &self.extensions {
                        writer.next().write_sequence(|writer| {
                            let arcs: Vec<u64> = extension
                                .oid
                                .split('.')
                                .map(|arc| arc.parse().unwrap())
                                .collect();
                            writer.next().write_oid(&oid(&arcs));
                            if extension.critical {
                                writer.next().write_bool(true);
                            }
                            writer.next().write_bytes(&extension.value);
                        });
                    }
                });
            });
        });
    }
}

fn write_algorithm(writer: DERWriter<'_>, arcs: &[u64]) {
    writer.write_sequence(|writer| writer.next().write_oid(&oid(arcs)));
}

fn write_name(writer: DERWriter<'_>, name: Option<&str>) {
    writer.write_sequence_of(|writer| {
        if let Some(name) = name {
            writer.next().write_set_of(|writer| {
                writer.next().write_sequence(|writer| {
                    writer.next().write_oid(&oid(COMMON_NAME));
                    writer.next().write_utf8_string(name);
                });
            });
        }
    });
}

fn read(parts: &Parts, kind: CertificateKind) -> Result<Certificate, CertificateError> {
    match kind {
        CertificateKind::Root => Certificate::read_root(&parts.to_der()),
        kind => Certificate::read_issued(&parts.to_der(), kind, &issuer_key()),
    }
}

/// Returns the texts of the violated rules with a severity.
fn violated(parts: &Parts, kind: CertificateKind, severity: Severity) -> Vec<String> {
    let texts = |findings: &[skreg::pki::Finding]| {
        assert!(findings.iter().all(|finding| finding.severity == severity));
        findings.iter().map(ToString::to_string).collect()
    };
    match (read(parts, kind), severity) {
        (Err(CertificateError::Lint(found)), Severity::Error) => texts(&found),
        (Ok(certificate), Severity::Warning) => texts(certificate.warnings()),
        (Ok(_), Severity::Error) => Vec::new(),
        (other, _) => panic!("{kind:?}: {other:?}"),
    }
}

use CertificateKind::{Intermediate, Leaf, Root};

/// Kinds, a change that violates a rule, and the start of the rule's text.
type Case = (&'static [CertificateKind], fn(&mut Parts), &'static str);

const ALL: &[CertificateKind] = &CertificateKind::ALL;
const AUTHORITIES: &[CertificateKind] = &[Root, Intermediate];
const ISSUED: &[CertificateKind] = &[Intermediate, Leaf];

const FIELDS: &[Case] = &[
    (
        ALL,
        |parts| parts.version = 1,
        "RFC 5280 section 4.1.2.1: version",
    ),
    (
        ALL,
        |parts| parts.serial_number = vec![0],
        "RFC 5280 section 4.1.2.2: serialNumber",
    ),
    (
        ALL,
        |parts| parts.serial_number = vec![0x80, 1],
        "RFC 5280 section 4.1.2.2: serialNumber",
    ),
    (
        ALL,
        |parts| parts.serial_number = vec![1; 21],
        "RFC 5280 section 4.1.2.2: serialNumber",
    ),
    (
        ALL,
        |parts| parts.inner_algorithm = &[1, 3, 101, 113],
        "RFC 5280 section 4.1.1.2: signatureAlgorithm",
    ),
    (
        &[Root],
        |parts| parts.subject = Some("Other"),
        "RFC 5280 section 6.1: issuer and subject",
    ),
    (
        ISSUED,
        |parts| parts.subject = Some("Root"),
        "RFC 5280 section 6.1.4: issuer and subject",
    ),
    (
        ALL,
        |parts| {
            let time = element(0x18, b"20300101000000Z");
            parts.validity[1] = time;
        },
        "RFC 5280 section 4.1.2.5: validity",
    ),
    (
        ALL,
        |parts| parts.has_unique_identifier = true,
        "RFC 5280 section 4.1.2.8: unique identifiers",
    ),
    (
        ISSUED,
        |parts| parts.issuer = None,
        "RFC 5280 section 4.1.2.4: issuer",
    ),
    (
        &[Root],
        |parts| {
            parts.issuer = None;
            parts.subject = None;
        },
        "RFC 5280 section 4.1.2.4: issuer",
    ),
    (
        AUTHORITIES,
        |parts| parts.subject = None,
        "RFC 5280 section 4.1.2.6: subject of an authority",
    ),
    (
        &[Leaf],
        |parts| {
            parts.subject = None;
            parts.remove(ALTERNATIVE_NAME);
        },
        "RFC 5280 section 4.1.2.6: subjectAltName",
    ),
    (
        &[Intermediate],
        |parts| {
            parts.spki = rsa_2048();
            parts.set(subject_key_identifier(&rsa_2048()));
        },
        "NIST SP 800-57 part 1 section 5.6: an RSA key",
    ),
];

const EXTENSIONS: &[Case] = &[
    (
        ALL,
        |parts| parts.set(extension("1.2.3.4", false, vec![5, 0])),
        "RFC 5280 section 4.2: extensions",
    ),
    (
        ALL,
        |parts| parts.remove(SUBJECT_KEY_IDENTIFIER),
        "RFC 5280 section 4.2: extensions",
    ),
    (
        AUTHORITIES,
        |parts| parts.get(BASIC_CONSTRAINTS).critical = false,
        "RFC 5280 section 4.2.1.9: basicConstraints",
    ),
    (
        AUTHORITIES,
        |parts| parts.get(BASIC_CONSTRAINTS).value = sequence(&[]),
        "RFC 5280 section 4.2.1.9: basicConstraints",
    ),
    (
        &[Leaf],
        |parts| {
            parts.set(extension(
                BASIC_CONSTRAINTS,
                true,
                sequence(&[&[1, 1, 0xff]]),
            ))
        },
        "RFC 5280 section 4.2.1.9: basicConstraints",
    ),
    (
        AUTHORITIES,
        |parts| parts.set(key_usage(KEY_CERT_SIGN | CRL_SIGN | DIGITAL_SIGNATURE)),
        "RFC 5280 section 4.2.1.3: keyUsage",
    ),
    (
        ALL,
        |parts| parts.get(KEY_USAGE).critical = false,
        "RFC 5280 section 4.2.1.3: keyUsage",
    ),
    (
        &[Leaf],
        |parts| parts.set(key_usage(DIGITAL_SIGNATURE | KEY_CERT_SIGN)),
        "RFC 5280 section 4.2.1.3: keyUsage",
    ),
    (
        &[Leaf],
        |parts| parts.set(key_usage(DIGITAL_SIGNATURE | KEY_ENCIPHERMENT)),
        "RFC 8813 section 3: keyUsage",
    ),
    (
        ISSUED,
        |parts| {
            let any = element(6, &[0x55, 0x1d, 0x25, 0]);
            parts.set(extension(PURPOSES, false, sequence(&[&any])));
        },
        "RFC 5280 section 4.2.1.12: extKeyUsage must not contain",
    ),
    (
        ISSUED,
        |parts| parts.set(extension(PURPOSES, false, purposes(&[2, 2]))),
        "RFC 5280 section 4.2.1.12: extKeyUsage must have",
    ),
    (
        &[Intermediate],
        |parts| parts.set(extension(PURPOSES, true, purposes(&[1]))),
        "RFC 5280 section 4.2.1.12: extKeyUsage of an authority",
    ),
    (
        &[Leaf],
        |parts| parts.set(extension(PURPOSES, true, purposes(&[1]))),
        "RFC 3161 section 2.3: extKeyUsage",
    ),
    (
        &[Leaf],
        |parts| parts.set(extension(PURPOSES, false, purposes(&[8]))),
        "RFC 3161 section 2.3: extKeyUsage",
    ),
    (
        &[Leaf],
        |parts| parts.set(extension(PURPOSES, false, purposes(&[8, 2]))),
        "RFC 3161 section 2.3: timeStamping",
    ),
    (
        AUTHORITIES,
        |parts| {
            let value = name_constraints(&dns("example.com"));
            parts.set(extension(NAME_CONSTRAINTS, false, value));
        },
        "RFC 5280 section 4.2.1.10: nameConstraints must be critical",
    ),
    (
        AUTHORITIES,
        |parts| {
            parts.set(extension(
                NAME_CONSTRAINTS,
                true,
                name_constraints(&uri("a.com")),
            ))
        },
        "RFC 5280 section 4.2.1.10: nameConstraints must have",
    ),
    (
        AUTHORITIES,
        |parts| {
            let range = element(0x87, &[10, 0, 0, 1, 255, 0, 0, 0]);
            parts.set(extension(NAME_CONSTRAINTS, true, name_constraints(&range)));
        },
        "RFC 5280 section 4.2.1.10: nameConstraints must have",
    ),
    (
        ALL,
        |parts| parts.set(extension(POLICIES, false, policies(2))),
        "RFC 5280 section 4.2.1.4: certificatePolicies must",
    ),
    (
        ISSUED,
        |parts| {
            let value = distribution_point("ldap://example.com/a");
            parts.set(extension(DISTRIBUTION_POINTS, false, value));
        },
        "RFC 5280 section 4.2.1.13: cRLDistributionPoints must",
    ),
    (
        ISSUED,
        |parts| parts.set(extension(ACCESS, true, access("http://example.com/a"))),
        "RFC 5280 section 4.2.2.1: authorityInfoAccess must not",
    ),
    (
        ISSUED,
        |parts| parts.set(extension(ACCESS, false, access("https://example.com/a"))),
        "RFC 5280 section 4.2.2.1: authorityInfoAccess must have",
    ),
    (
        &[Leaf],
        |parts| parts.get(ALTERNATIVE_NAME).critical = true,
        "RFC 5280 section 4.2.1.6: subjectAltName must be critical",
    ),
    (
        &[Leaf],
        |parts| parts.subject = None,
        "RFC 5280 section 4.2.1.6: subjectAltName must be critical",
    ),
    (
        &[Leaf],
        |parts| parts.get(ALTERNATIVE_NAME).value = sequence(&[&dns("a_b.example.com")]),
        "RFC 5280 section 4.2.1.6: subjectAltName must have",
    ),
    (
        ALL,
        |parts| parts.get(SUBJECT_KEY_IDENTIFIER).value = element(4, &[7; 20]),
        "RFC 5280 section 4.2.1.2: subjectKeyIdentifier",
    ),
    (
        ALL,
        |parts| parts.get(AUTHORITY_KEY_IDENTIFIER).critical = true,
        "RFC 5280 section 4.2.1.1: authorityKeyIdentifier",
    ),
    (
        ALL,
        |parts| parts.get(AUTHORITY_KEY_IDENTIFIER).value = sequence(&[&element(0x80, &[7; 20])]),
        "RFC 5280 section 4.2.1.1: authorityKeyIdentifier",
    ),
];

const WARNINGS: &[Case] = &[
    (
        &[Root],
        |parts| {
            let value = name_constraints(&dns("example.com"));
            parts.set(extension(NAME_CONSTRAINTS, true, value));
        },
        "RFC 5280 section 6.1.1: nameConstraints of a root",
    ),
    (
        ALL,
        |parts| {
            // A qualifier of the type id-qt-cps (RFC 5280 section 4.2.1.4).
            let method = element(6, &[0x2b, 6, 1, 5, 5, 7, 2, 1]);
            let qualifier = sequence(&[&method, &element(0x16, b"http://example.com")]);
            let policy = element(6, &[0x2a, 3, 4]);
            let value = sequence(&[&sequence(&[&policy, &sequence(&[&qualifier])])]);
            parts.set(extension(POLICIES, false, value));
        },
        "RFC 5280 section 4.2.1.4: certificatePolicies should",
    ),
    (
        ISSUED,
        |parts| {
            let value = distribution_point("http://example.com/a.crl");
            parts.set(extension(DISTRIBUTION_POINTS, true, value));
        },
        "RFC 5280 section 4.2.1.13: cRLDistributionPoints should",
    ),
    (
        &[Leaf],
        |parts| parts.remove(ALTERNATIVE_NAME),
        "RFC 9525 section 6.1: a certificate for serverAuth",
    ),
    (
        &[Leaf],
        |parts| parts.set(extension(PURPOSES, false, purposes(&[1, 3]))),
        "RFC 5280 section 4.2.1.12: extKeyUsage should",
    ),
];

#[test]
fn certificates_without_a_violation_are_accepted() {
    for kind in CertificateKind::ALL {
        let certificate = read(&good(kind), kind).unwrap();
        assert_eq!(certificate.warnings(), []);
        assert_eq!(certificate.description().kind(), kind);
    }
    // Each optional extension with a valid value.
    for kind in [Intermediate, Leaf] {
        let mut parts = good(kind);
        let point = distribution_point("http://example.com/a.crl");
        parts.set(extension(DISTRIBUTION_POINTS, false, point));
        parts.set(extension(ACCESS, false, access("http://example.com/a")));
        parts.set(extension(POLICIES, false, policies(1)));
        assert_eq!(read(&parts, kind).unwrap().warnings(), []);
    }
    let mut stamping = good(Leaf);
    stamping.set(extension(PURPOSES, true, purposes(&[8])));
    assert_eq!(read(&stamping, Leaf).unwrap().warnings(), []);
    let mut anonymous = good(Leaf);
    anonymous.subject = None;
    anonymous.get(ALTERNATIVE_NAME).critical = true;
    assert_eq!(read(&anonymous, Leaf).unwrap().warnings(), []);
}

#[test]
fn each_rule_is_violated_by_a_certificate_and_reported_with_its_source() {
    let errors = FIELDS.iter().chain(EXTENSIONS);
    let errors = errors.map(|case| (case, Severity::Error));
    let warnings = WARNINGS.iter().map(|case| (case, Severity::Warning));
    for ((kinds, change, rule), severity) in errors.chain(warnings) {
        for kind in *kinds {
            let mut parts = good(*kind);
            change(&mut parts);
            let found = violated(&parts, *kind, severity);
            assert!(
                found.iter().any(|text| text.starts_with(rule)),
                "{kind:?} and {rule:?}: {found:?}"
            );
        }
    }
}

#[test]
fn the_table_contains_every_rule_of_every_kind() {
    for kind in CertificateKind::ALL {
        for rule in lint_rules(kind) {
            let cases = match rule.severity {
                Severity::Error => [FIELDS, EXTENSIONS].concat(),
                Severity::Warning => WARNINGS.to_vec(),
            };
            let text = rule.to_string();
            // The key of a root signs its own certificate, and the writer has only one key. The tests of certificate chains
            // contain a root with a weak key.
            let is_weak_root = kind == Root && rule.source.starts_with("NIST");
            assert!(
                is_weak_root
                    || cases
                        .iter()
                        .any(|(kinds, _, start)| kinds.contains(&kind) && text.starts_with(start)),
                "{kind:?} lacks {text:?}"
            );
        }
    }
}
