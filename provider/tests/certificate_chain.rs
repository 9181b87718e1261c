//! Tests of chains from a root through an intermediate authority to a leaf. OpenSSL verifies the certificates and refuses
//! those that violate a rule.

mod openssl;

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use openssl::{accepted, openssl};
use skreg::pki::{
    AlternativeName, AuthorityInformationAccess, Certificate, CertificateError, CertificateKind,
    CertificatePolicies, CrlDistributionPoints, Description, DistinguishedName, Extension,
    Issuance, IssueError, KeyAlgorithm, KeyPurpose, NameAttribute, NameConstraints, PublicKey,
    SerialNumber, SignError, SignatureAlgorithm, Signer, SoftwareKey, Subtrees, SystemEntropy,
    Validity, Violation, Wildcard, issue, violations, violations_without_key,
};
use tempfile::NamedTempFile;

/// 2027-01-15, within the validity period of every certificate.
const AT: &str = "1799971200";

fn name(common_name: &str) -> DistinguishedName {
    DistinguishedName::new([
        (NameAttribute::Organization, "Example".to_owned()),
        (NameAttribute::CommonName, common_name.to_owned()),
    ])
    .unwrap()
}

fn between(not_before: &str, not_after: &str) -> Validity {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    Validity::new(at(not_before), at(not_after)).unwrap()
}

/// Returns the fields that an issuer with this name and key determines.
fn below(issuer: &str, key: &SoftwareKey, validity: Validity) -> Issuance {
    Issuance {
        issuer: name(issuer),
        serial_number: SerialNumber::random(&SystemEntropy).unwrap(),
        validity,
        signature_algorithm: key.public().algorithm().default_signature_algorithm(),
    }
}

fn key(algorithm: KeyAlgorithm) -> SoftwareKey {
    SoftwareKey::generate(algorithm).unwrap()
}

fn purposes(names: &[&str]) -> Vec<KeyPurpose> {
    let purposes = names.iter().map(|name| KeyPurpose::named(name).unwrap());
    purposes.collect()
}

fn dns(name: &str) -> AlternativeName {
    AlternativeName::Dns(name.to_owned())
}

fn root(key: &SoftwareKey) -> Description {
    let validity = between("2026-11-20T00:00:00Z", "2036-11-20T00:00:00Z");
    let issuance = below("Root", key, validity);
    Description::intermediate(name("Root"), Some(1), issuance)
}

fn intermediate(issuer: &SoftwareKey) -> Description {
    let validity = between("2026-11-20T00:00:00Z", "2031-11-20T00:00:00Z");
    let issuance = below("Root", issuer, validity);
    Description::intermediate(name("Intermediate"), Some(0), issuance)
}

fn leaf(algorithm: KeyAlgorithm, issuer: &SoftwareKey) -> Description {
    let validity = between("2026-11-20T00:00:00Z", "2027-11-20T00:00:00Z");
    let names = vec![
        dns("api.example.com"),
        AlternativeName::Ip([192, 0, 2, 7].into()),
        AlternativeName::Email("ops@example.com".to_owned()),
    ];
    let issuance = below("Intermediate", issuer, validity);
    let purposes = purposes(&["server_auth", "client_auth"]);
    Description::leaf(name("Server"), names, purposes, algorithm, issuance)
}

fn signed(description: &Description, key: &PublicKey, issuer: &SoftwareKey) -> Certificate {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let issued = issue(description, key, issuer);
    let issued = runtime.unwrap().block_on(issued);
    issued.unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

fn stored(certificate: &Certificate) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), certificate.to_pem()).unwrap();
    file
}

/// Verifies `chain`, which starts with the leaf and ends with the root, with additional options.
fn verified(chain: &[&Certificate], options: &[&str]) -> Result<String, String> {
    let files: Vec<_> = chain
        .iter()
        .map(|certificate| stored(certificate))
        .collect();
    let paths: Vec<_> = files
        .iter()
        .map(|file| file.path().to_str().unwrap())
        .collect();
    let (leaf, others) = paths.split_first().unwrap();
    let (root, middle) = others.split_last().unwrap();
    let mut arguments = vec!["verify", "-x509_strict", "-check_ss_sig", "-CAfile", root];
    middle
        .iter()
        .for_each(|path| arguments.extend(["-untrusted", path]));
    arguments.extend(options);
    arguments.push(leaf);
    openssl(&arguments, "")
}

fn found(
    description: &Description,
    key: &SoftwareKey,
    issuer: &Certificate,
    above: &[&Certificate],
) -> Vec<Violation> {
    let above: Vec<_> = above.iter().copied().cloned().collect();
    violations(description, key.public(), issuer, &above, Wildcard::Allowed)
}

#[test]
fn openssl_verifies_a_chain_of_every_algorithm() {
    let algorithms = [
        KeyAlgorithm::Rsa3072,
        KeyAlgorithm::Rsa4096,
        KeyAlgorithm::EcdsaP256,
        KeyAlgorithm::EcdsaP384,
        KeyAlgorithm::EcdsaP521,
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::Rsa2048,
    ];
    for algorithm in algorithms {
        let authority = match algorithm.can_certify() {
            true => algorithm,
            false => KeyAlgorithm::EcdsaP256,
        };
        let keys = [authority, authority, algorithm].map(key);
        let [top, middle, bottom] = &keys;
        let root = signed(&root(top), top.public(), top);
        let described = intermediate(top);
        assert_eq!(found(&described, middle, &root, &[]), []);
        let issuer = signed(&described, middle.public(), top);
        let described = leaf(algorithm, middle);
        assert_eq!(found(&described, bottom, &issuer, &[&root]), []);
        let leaf = signed(&described, bottom.public(), middle);
        for options in [
            [
                "-purpose",
                "sslserver",
                "-verify_hostname",
                "api.example.com",
            ],
            ["-purpose", "sslclient", "-verify_ip", "192.0.2.7"],
        ] {
            let options = [&options[..], &["-attime", AT]].concat();
            let verdict = verified(&[&leaf, &issuer, &root], &options).unwrap();
            assert!(verdict.ends_with(": OK\n"), "{verdict}");
        }
        let usage = accepted(&["x509", "-noout", "-ext", "keyUsage"], &leaf.to_pem());
        assert_eq!(
            usage.contains("Key Encipherment"),
            algorithm.name().starts_with("RSA"),
            "{usage}"
        );
    }
}

#[test]
fn openssl_verifies_signatures_with_other_hash_functions() {
    let [top, bottom] = [KeyAlgorithm::Rsa3072; 2].map(key);
    for signature in [
        SignatureAlgorithm::Sha384WithRsa,
        SignatureAlgorithm::Sha512WithRsa,
    ] {
        let with = |description: Description| Description {
            signature_algorithm: signature,
            ..description
        };
        let root = signed(&with(root(&top)), top.public(), &top);
        let issuer = signed(&with(intermediate(&top)), bottom.public(), &top);
        let verdict = verified(&[&issuer, &root], &["-attime", AT]).unwrap();
        assert!(verdict.ends_with(": OK\n"), "{verdict}");
    }
}

fn constraints() -> NameConstraints {
    let directory = [(NameAttribute::Organization, "Example".to_owned())];
    let permitted = Subtrees {
        dns_domains: vec!["example.com".to_owned()],
        email_domains: vec!["example.com".to_owned()],
        ip_ranges: vec![
            "192.0.2.0/24".parse().unwrap(),
            "2001:db8::/32".parse().unwrap(),
        ],
        directory_names: vec![DistinguishedName::base(directory).unwrap()],
    };
    let excluded = Subtrees {
        dns_domains: vec!["secret.example.com".to_owned()],
        ..Subtrees::default()
    };
    NameConstraints::new(permitted, excluded).unwrap()
}

fn urls(names: &[&str]) -> Vec<String> {
    let urls = names.iter();
    urls.map(|name| format!("http://pki.example.com/{name}"))
        .collect()
}

#[test]
fn every_extension_is_read_back_and_openssl_reads_the_same_values() {
    let [top, own] = [KeyAlgorithm::EcdsaP256; 2].map(key);
    let policies = ["1.3.6.1.4.1.99999.1", "2.23.140.1.2.1"].map(|oid| oid.parse().unwrap());
    let policies = CertificatePolicies::new(policies);
    let points = CrlDistributionPoints::new(urls(&["a.crl", "b.crl"])).unwrap();
    let access = AuthorityInformationAccess::new(urls(&["root.der"]), urls(&["ocsp"])).unwrap();
    let described = intermediate(&top)
        .with_extended_key_usage(purposes(&["server_auth", "1.2.3.4"]))
        .with(&constraints())
        .with(&policies)
        .with(&points)
        .with(&access);
    let issued = signed(&described, own.public(), &top);
    let pem = issued.to_pem();
    let kind = CertificateKind::Intermediate;
    let read = Certificate::issued_from_pem(&pem, kind, top.public()).unwrap();
    let read = read.description();
    assert_eq!(read.extension(), Some(constraints()));
    assert_eq!(read.extension(), Some(policies));
    assert_eq!(read.extension(), Some(points));
    assert_eq!(read.extension(), Some(access));
    assert_eq!(read, &described);

    let text = accepted(&["x509", "-noout", "-text"], &pem);
    for expected in [
        "X509v3 Name Constraints: critical\n                Permitted:\n                  DNS:example.com\n                  \
         email:example.com\n                  IP:192.0.2.0/255.255.255.0\n                  \
         IP:2001:DB8:0:0:0:0:0:0/FFFF:FFFF:0:0:0:0:0:0\n                  DirName:O = Example\n                \
         Excluded:\n                  DNS:secret.example.com\n",
        "Policy: 1.3.6.1.4.1.99999.1\n                Policy: 2.23.140.1.2.1\n",
        "Full Name:\n                  URI:http://pki.example.com/a.crl\n                  \
         URI:http://pki.example.com/b.crl\n",
        "CA Issuers - URI:http://pki.example.com/root.der\n                OCSP - URI:http://pki.example.com/ocsp\n",
        "TLS Web Server Authentication, 1.2.3.4\n",
    ] {
        assert!(text.contains(expected), "expected {expected:?} in {text}");
    }

    let constrained = root(&top).with(&constraints()).with(&policies_of_root());
    let unlimited = Description::intermediate(
        name("Root"),
        None,
        below("Root", &top, constrained.validity),
    );
    for described in [constrained, unlimited] {
        let issued = signed(&described, top.public(), &top);
        assert_eq!(issued.description(), &described);
        let warned = described.extension::<NameConstraints>().is_some();
        assert_eq!(!issued.warnings().is_empty(), warned);
    }
}

fn policies_of_root() -> CertificatePolicies {
    CertificatePolicies::new(["2.5.29.32.0".parse().unwrap()])
}

#[test]
fn a_leaf_without_a_subject_has_critical_names() {
    let [top, middle, own] = [KeyAlgorithm::EcdsaP256; 3].map(key);
    let root = signed(&root(&top), top.public(), &top);
    let issuer = signed(&intermediate(&top), middle.public(), &top);
    let described = Description {
        subject: DistinguishedName::empty(),
        ..leaf(KeyAlgorithm::EcdsaP256, &middle)
    };
    assert_eq!(found(&described, &own, &issuer, &[&root]), []);
    let issued = signed(&described, own.public(), &middle);
    assert_eq!(issued.description(), &described);
    let text = accepted(&["x509", "-noout", "-text"], &issued.to_pem());
    assert!(
        text.contains("Subject Alternative Name: critical"),
        "{text}"
    );
    assert!(
        text.contains("Subject: \n") || text.contains("Subject:\n"),
        "{text}"
    );
    let verdict = verified(&[&issued, &issuer, &root], &["-attime", AT]).unwrap();
    assert!(verdict.ends_with(": OK\n"), "{verdict}");

    let anonymous = Description {
        subject_alternative_names: Vec::new(),
        ..described
    };
    assert!(found(&anonymous, &own, &issuer, &[&root]).contains(&Violation::Anonymous));
}

#[test]
fn openssl_accepts_a_leaf_for_every_purpose() {
    let [top, middle, own] = [KeyAlgorithm::EcdsaP256; 3].map(key);
    let root = signed(&root(&top), top.public(), &top);
    let issuer = signed(&intermediate(&top), middle.public(), &top);
    for (purpose, expected) in [
        ("server_auth", Some("sslserver")),
        ("client_auth", Some("sslclient")),
        ("email_protection", Some("smimesign")),
        ("time_stamping", Some("timestampsign")),
        // OpenSSL 3.0 has no -purpose for code signing and accepts every certificate as an OCSP helper.
        ("code_signing", None),
        ("ocsp_signing", Some("ocsphelper")),
        ("1.2.3.4", None),
    ] {
        let described = Description {
            extended_key_usage: purposes(&[purpose]),
            ..leaf(KeyAlgorithm::EcdsaP256, &middle)
        };
        assert_eq!(found(&described, &own, &issuer, &[&root]), []);
        let issued = signed(&described, own.public(), &middle);
        assert_eq!(issued.description(), &described);
        let mut options = vec!["-attime", AT];
        options.extend(expected.iter().flat_map(|purpose| ["-purpose", purpose]));
        let verdict = verified(&[&issued, &issuer, &root], &options).unwrap();
        assert!(verdict.ends_with(": OK\n"), "{purpose}: {verdict}");
        if purpose != "time_stamping" {
            let other = ["-attime", AT, "-purpose", "timestampsign"];
            assert!(verified(&[&issued, &issuer, &root], &other).is_err());
        }
    }
}

/// A rule that a leaf or an authority violates, and the options with which OpenSSL finds the violation.
struct Broken {
    field: &'static str,
    change_issuer: fn(Description) -> Description,
    change: fn(Description) -> Description,
    options: &'static [&'static str],
    reason: &'static str,
}

const UNCHANGED: fn(Description) -> Description = |description| description;

fn named(description: Description, name: AlternativeName) -> Description {
    Description {
        subject_alternative_names: vec![name],
        ..description
    }
}

const BROKEN: &[Broken] = &[
    Broken {
        field: "names: evil.example.org",
        change_issuer: |issuer| issuer.with(&constraints()),
        change: |leaf| named(leaf, dns("evil.example.org")),
        options: &["-attime", AT],
        reason: "permitted subtree violation",
    },
    Broken {
        field: "names: a.secret.example.com",
        change_issuer: |issuer| issuer.with(&constraints()),
        change: |leaf| named(leaf, dns("a.secret.example.com")),
        options: &["-attime", AT],
        reason: "excluded subtree violation",
    },
    Broken {
        field: "names: 198.51.100.1",
        change_issuer: |issuer| issuer.with(&constraints()),
        change: |leaf| named(leaf, AlternativeName::Ip([198, 51, 100, 1].into())),
        options: &["-attime", AT],
        reason: "permitted subtree violation",
    },
    Broken {
        field: "names: a@example.org",
        change_issuer: |issuer| issuer.with(&constraints()),
        change: |leaf| named(leaf, AlternativeName::Email("a@example.org".to_owned())),
        options: &["-attime", AT],
        reason: "permitted subtree violation",
    },
    Broken {
        field: "names: CN=Other",
        change_issuer: |issuer| issuer.with(&constraints()),
        change: |leaf| {
            let other = [(NameAttribute::CommonName, "Other".to_owned())];
            Description {
                subject: DistinguishedName::new(other).unwrap(),
                ..leaf
            }
        },
        options: &["-attime", AT],
        reason: "permitted subtree violation",
    },
    Broken {
        field: "names: www.evil.org",
        change_issuer: |issuer| issuer.with(&constraints()),
        change: |leaf| Description {
            subject: name("www.evil.org"),
            extended_key_usage: purposes(&["code_signing"]),
            ..named(leaf, AlternativeName::Ip([192, 0, 2, 7].into()))
        },
        options: &["-attime", AT],
        reason: "permitted subtree violation",
    },
    Broken {
        field: "validity: the certificate would be valid until",
        change_issuer: UNCHANGED,
        change: |leaf| Description {
            validity: between("2026-11-20T00:00:00Z", "2032-11-20T00:00:00Z"),
            ..leaf
        },
        // 2032-01-01, after the end of the intermediate authority.
        options: &["-attime", "1956528000"],
        reason: "certificate has expired",
    },
    Broken {
        field: "validity: the certificate would be valid from",
        change_issuer: UNCHANGED,
        change: |leaf| Description {
            validity: between("2026-11-01T00:00:00Z", "2027-11-20T00:00:00Z"),
            ..leaf
        },
        // 2026-11-10, before the start of the intermediate authority.
        options: &["-attime", "1794268800"],
        reason: "certificate is not yet valid",
    },
    Broken {
        field: "extended key usage: ",
        change_issuer: |issuer| issuer.with_extended_key_usage(purposes(&["client_auth"])),
        change: UNCHANGED,
        options: &["-attime", AT, "-purpose", "sslserver"],
        reason: "certificate purpose",
    },
];

fn issuance_of(description: &Description) -> Issuance {
    Issuance {
        issuer: description.issuer.clone(),
        serial_number: description.serial_number.clone(),
        validity: description.validity,
        signature_algorithm: description.signature_algorithm,
    }
}

#[test]
fn openssl_refuses_each_certificate_that_violates_a_rule() {
    let [top, middle, own] = [KeyAlgorithm::EcdsaP256; 3].map(key);
    let root = signed(&root(&top), top.public(), &top);
    for broken in BROKEN {
        let described = (broken.change_issuer)(intermediate(&top));
        let issuer = signed(&described, middle.public(), &top);
        let described = (broken.change)(leaf(KeyAlgorithm::EcdsaP256, &middle));
        let texts: Vec<_> = found(&described, &own, &issuer, &[&root])
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(
            texts.iter().any(|text| text.starts_with(broken.field)),
            "expected {:?} in {texts:?}",
            broken.field
        );
        assert!(texts.iter().all(|text| text.contains(": ")), "{texts:?}");
        let issued = signed(&described, own.public(), &middle);
        let refused = verified(&[&issued, &issuer, &root], broken.options).unwrap_err();
        assert!(
            refused.contains(broken.reason),
            "expected {:?} in {refused}",
            broken.reason
        );
    }
}

#[test]
fn an_authority_cannot_issue_more_authorities_than_its_path_length() {
    let [top, middle, low, own] = [KeyAlgorithm::EcdsaP256; 4].map(key);
    let root = signed(&root(&top), top.public(), &top);
    let issuer = signed(&intermediate(&top), middle.public(), &top);
    let issuance = issuance_of(&leaf(KeyAlgorithm::EcdsaP256, &middle));
    let below = Description::intermediate(name("Below"), None, issuance);
    assert_eq!(
        found(&below, &low, &issuer, &[&root]),
        [(&issuer, 0, 1), (&root, 1, 2)].map(|(authority, limit, needed)| Violation::PathLength {
            issuer: authority.description().subject.to_string(),
            limit,
            needed
        })
    );
    let below = signed(&below, low.public(), &middle);
    let described = Description {
        issuer: name("Below"),
        ..leaf(KeyAlgorithm::EcdsaP256, &low)
    };
    let issued = signed(&described, own.public(), &low);
    let chain = [&issued, &below, &issuer, &root];
    let refused = verified(&chain, &["-attime", AT]).unwrap_err();
    assert!(
        refused.contains("path length constraint exceeded"),
        "{refused}"
    );
}

#[test]
fn an_end_entity_cannot_issue_certificates() {
    let [top, middle, own] = [KeyAlgorithm::EcdsaP256; 3].map(key);
    let root = signed(&root(&top), top.public(), &top);
    let issuer = Description {
        subject: name("Intermediate"),
        issuer: name("Root"),
        ..leaf(KeyAlgorithm::EcdsaP256, &top)
    };
    let issuer = signed(&issuer, middle.public(), &top);
    let described = leaf(KeyAlgorithm::EcdsaP256, &middle);
    let expected = Violation::NotAnAuthority {
        issuer: name("Intermediate").to_string(),
    };
    assert!(found(&described, &own, &issuer, &[&root]).contains(&expected));
    let issued = signed(&described, own.public(), &middle);
    let refused = verified(&[&issued, &issuer, &root], &["-attime", AT]).unwrap_err();
    assert!(refused.contains("invalid CA certificate"), "{refused}");
}

#[test]
fn keys_names_and_chains_must_fit() {
    let [top, middle, own, other] = [KeyAlgorithm::EcdsaP256; 4].map(key);
    let root_certificate = signed(&root(&top), top.public(), &top);
    let issuer = signed(&intermediate(&top), middle.public(), &top);
    let foreign = signed(&root(&other), other.public(), &other);
    let good = leaf(KeyAlgorithm::EcdsaP256, &middle);
    let above = [&root_certificate];
    let has = |description: &Description,
               key: &SoftwareKey,
               above: &[&Certificate],
               is: fn(&Violation) -> bool| {
        let found = found(description, key, &issuer, above);
        assert!(found.iter().any(is), "{found:?}");
    };
    has(&good, &middle, &above, |found| {
        matches!(found, Violation::IssuerKey { .. })
    });
    has(&good, &top, &above, |found| {
        matches!(found, Violation::IssuerKey { .. })
    });
    let end_entity = signed(&good, own.public(), &middle);
    has(&good, &own, &[&end_entity], |found| {
        matches!(found, Violation::NotAnAuthority { .. })
    });
    has(&good, &own, &[&foreign], |found| {
        matches!(found, Violation::Chain { .. })
    });
    has(&good, &own, &[], |found| {
        matches!(found, Violation::Chain { .. })
    });
    let signature = Description {
        signature_algorithm: SignatureAlgorithm::Sha256WithRsa,
        ..good.clone()
    };
    has(&signature, &own, &above, |found| {
        matches!(found, Violation::SignatureAlgorithm { .. })
    });
    let renamed = Description {
        issuer: name("Other"),
        ..good.clone()
    };
    has(&renamed, &own, &above, |found| {
        matches!(found, Violation::IssuerName { .. })
    });
    for subject in ["Intermediate", "INTERMEDIATE", "intermediate"] {
        let same = Description {
            subject: name(subject),
            ..good.clone()
        };
        has(&same, &own, &above, |found| {
            matches!(found, Violation::IssuerSubject { .. })
        });
        assert_not_signed(&same, own.public(), &middle);
    }
    let malformed = named(good.clone(), dns("a_b.example.com"));
    has(&malformed, &own, &above, |found| {
        matches!(found, Violation::Name(_))
    });
    let purposeless = good.clone().with_extended_key_usage(Vec::new());
    has(&purposeless, &own, &above, |found| {
        matches!(found, Violation::NoPurpose)
    });
    let stamping = good.with_extended_key_usage(purposes(&["time_stamping", "server_auth"]));
    has(&stamping, &own, &above, |found| {
        matches!(found, Violation::TimeStamping)
    });
    let weak = key(KeyAlgorithm::Rsa2048);
    let found = found(&intermediate(&top), &weak, &root_certificate, &[]);
    let expected = Violation::WeakKey {
        algorithm: KeyAlgorithm::Rsa2048,
    };
    assert!(found.contains(&expected), "{found:?}");
}

/// Signer that counts the signatures.
struct Counting<'a>(&'a SoftwareKey, AtomicUsize);

impl Signer for Counting<'_> {
    fn public_key(&self) -> &PublicKey {
        self.0.public()
    }

    async fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.sign(algorithm, message).await
    }
}

/// Asserts that the issuer does not sign a certificate that would then be discarded.
#[track_caller]
fn assert_not_signed(
    description: &Description,
    key: &PublicKey,
    issuer: &SoftwareKey,
) -> IssueError {
    let signer = Counting(issuer, AtomicUsize::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let issued = issue(description, key, &signer);
    let Err(error) = runtime.unwrap().block_on(issued) else {
        panic!("the certificate was issued")
    };
    assert_eq!(signer.1.into_inner(), 0, "{error:?}");
    error
}

/// Removes the NULL parameters of an RSA key, which RFC 3279 section 2.3.1 requires.
fn without_parameters(key: &PublicKey) -> PublicKey {
    let spki = key.spki();
    let start = spki.windows(2).position(|part| part == [5, 0]).unwrap();
    let mut spki = [&spki[..start], &spki[start + 2..]].concat();
    let length = u16::from_be_bytes([spki[2], spki[3]]) - 2;
    spki[2..4].copy_from_slice(&length.to_be_bytes());
    spki[5] -= 2;
    PublicKey::from_spki(&spki).unwrap()
}

#[test]
fn certificates_that_would_be_discarded_are_not_signed() {
    let [top, middle, own] = [KeyAlgorithm::EcdsaP256; 3].map(key);
    let root = signed(&root(&top), top.public(), &top);
    let issuer = signed(&intermediate(&top), middle.public(), &top);
    let good = leaf(KeyAlgorithm::EcdsaP256, &middle);
    let with = |found: &[&str]| good.clone().with_extended_key_usage(purposes(found));
    let extension = |oid: &str, value: &[u8]| {
        let mut description = good.clone();
        description.extensions.push(Extension {
            oid: oid.parse().unwrap(),
            critical: false,
            value: value.to_vec(),
        });
        description
    };
    // A distribution point with reasons, and an access method other than OCSP and caIssuers.
    let reasons = b"\x30\x15\x30\x13\xa0\x0d\xa0\x0b\x86\x09http://a/\x81\x02\x06\x40";
    let method = b"\x30\x15\x30\x13\x06\x06\x2b\x06\x01\x05\x05\x07\x86\x09http://a/";
    for described in [
        with(&["2.5.29.37.0"]),
        with(&["server_auth", "1.3.6.1.5.5.7.3.1"]),
        extension("2.5.29.31", reasons),
        extension("1.3.6.1.5.5.7.1.1", method),
    ] {
        let found = found(&described, &own, &issuer, &[&root]);
        assert!(matches!(found[..], [Violation::Encoding(_)]), "{found:?}");
        let error = assert_not_signed(&described, own.public(), &middle);
        assert!(matches!(error, IssueError::Rejected(_)), "{error:?}");
    }
    let weak = key(KeyAlgorithm::Rsa2048);
    let rewritten = without_parameters(weak.public());
    let described = leaf(KeyAlgorithm::Rsa2048, &middle);
    let above = [root.clone()];
    let found_now = violations(&described, &rewritten, &issuer, &above, Wildcard::Allowed);
    assert!(
        matches!(found_now[..], [Violation::Encoding(_)]),
        "{found_now:?}"
    );
    let error = assert_not_signed(&described, &rewritten, &middle);
    assert!(matches!(error, IssueError::Differs), "{error:?}");

    // Without the key, the key usage of an RSA key is not an error.
    for (described, expected) in [(&described, 0), (&with(&["2.5.29.37.0"]), 1)] {
        let found = violations_without_key(described, &issuer, &above, Wildcard::Allowed);
        assert_eq!(found.len(), expected, "{found:?}");
    }
}

#[test]
fn purposes_with_large_arcs_are_read_back() {
    let [top, middle, own] = [KeyAlgorithm::EcdsaP256; 3].map(key);
    let root = signed(&root(&top), top.public(), &top);
    let issuer = signed(&intermediate(&top), middle.public(), &top);
    let oids = [
        "2.40.1",
        "2.47.5",
        "2.48.1",
        "2.999.3",
        "2.18446744073709551534.1",
    ];
    let described = leaf(KeyAlgorithm::EcdsaP256, &middle).with_extended_key_usage(purposes(&oids));
    assert_eq!(found(&described, &own, &issuer, &[&root]), []);
    let issued = signed(&described, own.public(), &middle);
    assert_eq!(issued.description(), &described);
}

#[test]
fn an_authority_does_not_certify_another_key_under_its_name() {
    let [old, new] = [KeyAlgorithm::EcdsaP256; 2].map(key);
    let old_root = signed(&root(&old), old.public(), &old);
    let new_root = root(&new);
    let validity = new_root.validity;
    let cross = Description::cross(&new_root, None, below("Root", &old, validity));
    let found = found(&cross, &new, &old_root, &[]);
    let is_subject = |found: &Violation| matches!(found, Violation::IssuerSubject { .. });
    assert!(found.iter().any(is_subject), "{found:?}");
    let error = assert_not_signed(&cross, new.public(), &old);
    assert!(matches!(error, IssueError::SelfIssued(_)), "{error:?}");
}

#[test]
fn several_purposes_cause_a_warning() {
    let [middle, own] = [KeyAlgorithm::EcdsaP256; 2].map(key);
    for (names, warned) in [
        (&["server_auth", "client_auth"][..], false),
        (&["code_signing"], false),
        (&["server_auth", "code_signing"], true),
    ] {
        let described = leaf(KeyAlgorithm::EcdsaP256, &middle);
        let described = described.with_extended_key_usage(purposes(names));
        let issued = signed(&described, own.public(), &middle);
        let warnings = issued.warnings();
        assert_eq!(!warnings.is_empty(), warned, "{names:?}: {warnings:?}");
    }
}

#[test]
fn octets_that_the_signature_does_not_cover_are_rejected() {
    let top = key(KeyAlgorithm::EcdsaP256);
    let certificate = signed(&root(&top), top.public(), &top);
    let mut der = [certificate.der(), &[5, 0]].concat();
    let length = u16::from_be_bytes([der[2], der[3]]) + 2;
    der[2..4].copy_from_slice(&length.to_be_bytes());
    assert!(matches!(
        Certificate::read_root(&der),
        Err(CertificateError::Decode(_))
    ));
}

#[test]
fn a_root_with_a_weak_key_is_discarded() {
    let weak = key(KeyAlgorithm::Rsa2048);
    let described = root(&weak);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let issued = runtime
        .unwrap()
        .block_on(issue(&described, weak.public(), &weak));
    let Err(IssueError::Rejected(error)) = issued else {
        panic!("the certificate was issued")
    };
    assert!(error.to_string().contains("NIST SP 800-57"), "{error}");
}

#[test]
fn a_path_length_beyond_the_issuer_is_reported() {
    let [top, own] = [KeyAlgorithm::EcdsaP256; 2].map(key);
    let root = signed(&root(&top), top.public(), &top);
    let described = Description::intermediate(
        name("Intermediate"),
        Some(3),
        issuance_of(&intermediate(&top)),
    );
    assert_eq!(
        found(&described, &own, &root, &[]),
        [Violation::ExcessivePathLength {
            issuer: name("Root").to_string(),
            found: 3,
            remaining: 0
        }]
    );
}

#[test]
fn a_cross_certificate_leads_to_another_root() {
    let [old, new, own] = [
        KeyAlgorithm::Rsa3072,
        KeyAlgorithm::EcdsaP384,
        KeyAlgorithm::Ed25519,
    ]
    .map(key);
    let old_root = signed(&root(&old), old.public(), &old);
    let validity = between("2026-11-20T00:00:00Z", "2036-11-20T00:00:00Z");
    let described =
        Description::intermediate(name("Root 2"), Some(0), below("Root 2", &new, validity));
    let new_root = signed(&described, new.public(), &new);
    let cross = Description::cross(&described, Some(0), below("Root", &old, validity));
    assert_eq!(found(&cross, &new, &old_root, &[]), []);
    let cross = signed(&cross, new.public(), &old);
    let identifier = |certificate: &Certificate| {
        let options = ["x509", "-noout", "-ext", "subjectKeyIdentifier"];
        accepted(&options, &certificate.to_pem())
    };
    assert_eq!(identifier(&cross), identifier(&new_root));
    assert_eq!(cross.description().subject, new_root.description().subject);
    assert_eq!(cross.public_key(), new_root.public_key());

    let leaf_validity = between("2026-11-20T00:00:00Z", "2027-11-20T00:00:00Z");
    let leaf = Description::leaf(
        name("Server"),
        vec![dns("api.example.com")],
        purposes(&["server_auth"]),
        KeyAlgorithm::Ed25519,
        below("Root 2", &new, leaf_validity),
    );
    assert_eq!(found(&leaf, &own, &cross, &[&old_root]), []);
    let leaf = signed(&leaf, own.public(), &new);
    for chain in [&[&leaf, &cross, &old_root][..], &[&leaf, &new_root]] {
        let verdict = verified(chain, &["-attime", AT]).unwrap();
        assert!(verdict.ends_with(": OK\n"), "{verdict}");
    }
}
