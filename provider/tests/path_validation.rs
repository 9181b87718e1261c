//! Compares path validation with OpenSSL. Both must return the same result for the same certificates.

mod openssl;

use openssl::{accepted, openssl};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, SerialNumber, date_time_ymd,
};
use skreg::pki::decoded::DecodedCertificate;
use skreg::pki::path::validate;

/// Time of the validation.
const AT: &str = "2026-06-01T00:00:00Z";
const AT_SECONDS: &str = "1780272000";

/// Certificate in a chain, which can have defects.
#[derive(Debug, Clone)]
struct Link {
    name: &'static str,
    ca: bool,
    key_cert_sign: bool,
    path_length: Option<u8>,
    years: (i32, i32),
    permitted: Option<&'static str>,
    excluded: Option<&'static str>,
    critical: Option<&'static [u64]>,
    /// Whether a key other than the key of the issuer signs the certificate.
    forged: bool,
}

const AUTHORITY: Link = Link {
    name: "Authority",
    ca: true,
    key_cert_sign: true,
    path_length: None,
    years: (2020, 2040),
    permitted: None,
    excluded: None,
    critical: None,
    forged: false,
};

const LEAF: Link = Link {
    name: "a.example.com",
    ca: false,
    key_cert_sign: false,
    ..AUTHORITY
};

fn parameters(link: &Link, position: usize) -> CertificateParams {
    let names = match link.ca || position > 0 {
        true => Vec::new(),
        false => vec![link.name.to_owned()],
    };
    let mut parameters = CertificateParams::new(names).unwrap();
    let name = format!("{} {position}", link.name);
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.serial_number = Some(SerialNumber::from(u64::try_from(position).unwrap() + 7));
    parameters.not_before = date_time_ymd(link.years.0, 1, 1);
    parameters.not_after = date_time_ymd(link.years.1, 1, 1);
    // OpenSSL searches for an issuer with the key identifier before it verifies the signature.
    parameters.use_authority_key_identifier_extension = !link.forged;
    parameters.is_ca = match (link.ca, link.path_length) {
        (false, _) => IsCa::ExplicitNoCa,
        (true, None) => IsCa::Ca(BasicConstraints::Unconstrained),
        (true, Some(length)) => IsCa::Ca(BasicConstraints::Constrained(length)),
    };
    parameters.key_usages = match link.key_cert_sign {
        true => vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
        false => vec![KeyUsagePurpose::DigitalSignature],
    };
    let subtree = |base: Option<&str>| {
        let subtree = base.map(|base| GeneralSubtree::DnsName(base.to_owned()));
        subtree.into_iter().collect::<Vec<_>>()
    };
    if link.permitted.or(link.excluded).is_some() {
        parameters.name_constraints = Some(NameConstraints {
            permitted_subtrees: subtree(link.permitted),
            excluded_subtrees: subtree(link.excluded),
        });
    }
    if let Some(oid) = link.critical {
        let mut extension = CustomExtension::from_oid_content(oid, vec![5, 0]);
        extension.set_criticality(true);
        parameters.custom_extensions.push(extension);
    }
    parameters
}

/// Issues a chain in PEM format. The leaf is first and the root is last. `links` has the same order.
fn issued(links: &[Link]) -> Vec<String> {
    let mut chain = Vec::new();
    let mut above: Option<(CertificateParams, KeyPair)> = None;
    for (position, link) in links.iter().enumerate().rev() {
        let parameters = parameters(link, position);
        let key = KeyPair::generate().unwrap();
        let certificate = match &above {
            None => parameters.self_signed(&key).unwrap(),
            Some((issuer, issuer_key)) => {
                let other = KeyPair::generate().unwrap();
                let signer = if link.forged { &other } else { issuer_key };
                let issuer = Issuer::from_params(issuer, signer);
                parameters.signed_by(&key, &issuer).unwrap()
            }
        };
        chain.insert(0, certificate.pem());
        above = Some((parameters, key));
    }
    chain
}

/// Returns the result of OpenSSL, with its message if it rejects the chain.
fn openssl_result(chain: &[String], more: &[&str]) -> Result<(), String> {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (root, rest) = chain.split_last().unwrap();
    let (leaf, intermediates) = rest.split_first().unwrap();
    let (root, leaf) = (file("root", root), file("leaf", leaf));
    let mut arguments = vec!["verify", "-attime", AT_SECONDS, "-trusted", &root];
    let untrusted = file("untrusted", &intermediates.concat());
    if !intermediates.is_empty() {
        arguments.extend(["-untrusted", &untrusted]);
    }
    arguments.extend(more);
    arguments.push(&leaf);
    openssl(&arguments, "").map(drop)
}

fn decoded(pem: &str) -> DecodedCertificate {
    let block = skreg::pki::pem_block(skreg::pki::PemLabel::Certificate, pem).unwrap();
    DecodedCertificate::from_der(&block.der).unwrap()
}

/// Returns the result of this provider: the length of the path, or the reason and the subject of the rejected certificate.
fn own_result(chain: &[String]) -> Result<usize, (String, String)> {
    let chain: Vec<_> = chain.iter().map(|pem| decoded(pem)).collect();
    let (root, rest) = chain.split_last().unwrap();
    let (leaf, intermediates) = rest.split_first().unwrap();
    let roots = [root.clone()];
    let path = validate(leaf, intermediates, &roots, AT.parse().unwrap());
    path.map(|path| path.len()).map_err(|rejection| {
        let subject = rejection.certificate.subject.to_string();
        (rejection.reason.name().to_owned(), subject)
    })
}

#[test]
fn valid_chains_are_accepted_by_the_provider_and_by_openssl() {
    let constrained = Link {
        permitted: Some("example.com"),
        excluded: Some("b.example.com"),
        path_length: Some(0),
        ..AUTHORITY
    };
    let one = Link {
        path_length: Some(1),
        ..AUTHORITY
    };
    for links in [
        vec![LEAF, AUTHORITY],
        vec![LEAF, AUTHORITY, AUTHORITY],
        vec![LEAF, constrained, one.clone()],
        vec![LEAF, AUTHORITY, AUTHORITY, AUTHORITY, AUTHORITY],
        // The leaf is a certificate authority.
        vec![AUTHORITY, one.clone(), one],
    ] {
        let chain = issued(&links);
        assert_eq!(
            openssl_result(&chain, &["-x509_strict"]),
            Ok(()),
            "{links:?}"
        );
        assert_eq!(own_result(&chain), Ok(links.len()), "{links:?}");
        let serial = accepted(&["x509", "-noout", "-serial"], &chain[0]);
        assert_eq!(
            serial.trim(),
            format!("serial={}", decoded(&chain[0]).serial_number)
        );
    }
}

#[test]
fn every_defect_is_reported_for_its_certificate_and_rejected_by_openssl() {
    let expired = |link: Link| Link {
        years: (2020, 2025),
        ..link
    };
    let cases: Vec<(&str, usize, &str, Vec<Link>)> = vec![
        (
            "expired",
            0,
            "certificate has expired",
            vec![expired(LEAF), AUTHORITY, AUTHORITY],
        ),
        (
            "expired",
            1,
            "certificate has expired",
            vec![LEAF, expired(AUTHORITY), AUTHORITY],
        ),
        (
            "expired",
            1,
            "certificate has expired",
            vec![LEAF, expired(AUTHORITY)],
        ),
        (
            "not_yet_valid",
            0,
            "not yet valid",
            vec![
                Link {
                    years: (2030, 2040),
                    ..LEAF
                },
                AUTHORITY,
            ],
        ),
        (
            "bad_signature",
            0,
            "signature failure",
            vec![
                Link {
                    forged: true,
                    ..LEAF
                },
                AUTHORITY,
                AUTHORITY,
            ],
        ),
        (
            "bad_signature",
            1,
            "signature failure",
            vec![
                LEAF,
                Link {
                    forged: true,
                    ..AUTHORITY
                },
                AUTHORITY,
            ],
        ),
        (
            "not_a_ca",
            1,
            "invalid CA",
            vec![
                LEAF,
                Link {
                    ca: false,
                    ..AUTHORITY
                },
                AUTHORITY,
            ],
        ),
        (
            "not_a_ca",
            1,
            "invalid CA",
            vec![
                LEAF,
                Link {
                    ca: false,
                    ..AUTHORITY
                },
            ],
        ),
        (
            "key_usage",
            1,
            "",
            vec![
                LEAF,
                Link {
                    key_cert_sign: false,
                    ..AUTHORITY
                },
                AUTHORITY,
            ],
        ),
        (
            "path_length",
            1,
            "path length constraint exceeded",
            vec![
                LEAF,
                AUTHORITY,
                Link {
                    path_length: Some(0),
                    ..AUTHORITY
                },
            ],
        ),
        (
            "path_length",
            1,
            "path length constraint exceeded",
            vec![
                LEAF,
                AUTHORITY,
                Link {
                    path_length: Some(0),
                    ..AUTHORITY
                },
                AUTHORITY,
            ],
        ),
        (
            "name_constraints",
            0,
            "permitted subtree violation",
            vec![
                LEAF,
                Link {
                    permitted: Some("example.org"),
                    ..AUTHORITY
                },
                AUTHORITY,
            ],
        ),
        (
            "name_constraints",
            0,
            "excluded subtree violation",
            vec![
                LEAF,
                AUTHORITY,
                Link {
                    excluded: Some("example.com"),
                    ..AUTHORITY
                },
            ],
        ),
        (
            "critical_extension",
            0,
            "unhandled critical extension",
            vec![
                Link {
                    critical: Some(&[1, 3, 6, 1, 4, 1, 99999]),
                    ..LEAF
                },
                AUTHORITY,
            ],
        ),
    ];
    for (reason, position, openssl_message, links) in cases {
        let chain = issued(&links);
        let found = openssl_result(&chain, &[]).expect_err(reason);
        assert!(found.contains(openssl_message), "{reason}: {found}");
        let subject = format!("CN={} {position}", links[position].name);
        assert_eq!(
            own_result(&chain),
            Err((reason.to_owned(), subject)),
            "{links:?}"
        );
    }
}

#[test]
fn rejection_contains_the_name_of_the_missing_issuer() {
    let mut chain = issued(&[LEAF, AUTHORITY, AUTHORITY]);
    let other = issued(&[
        LEAF,
        Link {
            name: "Other",
            ..AUTHORITY
        },
    ]);
    chain[2].clone_from(&other[1]);
    assert!(openssl_result(&chain, &[]).is_err());
    let subject = "CN=Authority 1".to_owned();
    assert_eq!(
        own_result(&chain),
        Err(("unknown_issuer".to_owned(), subject))
    );
    let chain: Vec<_> = chain.iter().map(|pem| decoded(pem)).collect();
    let at = AT.parse().unwrap();
    let rejection = validate(&chain[0], &chain[1..2], &chain[2..], at).unwrap_err();
    assert!(
        rejection.to_string().contains("issued by CN=Authority 2"),
        "{rejection}"
    );
}

#[test]
fn valid_path_is_found_regardless_of_the_certificate_order() {
    // Two cross-certificates for the same name and key. One of them has expired.
    let key = KeyPair::generate().unwrap();
    let roots: Vec<_> = [10, 11]
        .map(|position| {
            let parameters = parameters(&AUTHORITY, position);
            let key = KeyPair::generate().unwrap();
            (parameters.self_signed(&key).unwrap(), parameters, key)
        })
        .into();
    let crossed: Vec<_> = [(2020, 2025), (2020, 2040)]
        .iter()
        .zip(&roots)
        .map(|(years, (_, issuer, issuer_key))| {
            let link = Link {
                years: *years,
                ..AUTHORITY
            };
            let issuer = Issuer::from_params(issuer, issuer_key);
            parameters(&link, 1).signed_by(&key, &issuer).unwrap()
        })
        .collect();
    let authority = parameters(&AUTHORITY, 1);
    let leaf_key = KeyPair::generate().unwrap();
    let issuer = Issuer::from_params(&authority, &key);
    let leaf = parameters(&LEAF, 0).signed_by(&leaf_key, &issuer).unwrap();
    let leaf = decoded(&leaf.pem());
    let roots: Vec<_> = roots
        .iter()
        .map(|(root, ..)| decoded(&root.pem()))
        .collect();
    let mut crossed: Vec<_> = crossed.iter().map(|pem| decoded(&pem.pem())).collect();
    let at = AT.parse().unwrap();
    for _ in 0..2 {
        let path = validate(&leaf, &crossed, &roots, at).expect("one path is valid");
        assert_eq!(path[2].subject.to_string(), "CN=Authority 11");
        let rejection = validate(&leaf, &crossed, &roots[..1], at).unwrap_err();
        assert_eq!(rejection.reason.name(), "expired");
        crossed.reverse();
    }
}

#[test]
fn path_search_through_fully_cross_certified_authorities_is_limited() {
    // Every authority has certified every other authority, and none of them is a root.
    let links: Vec<_> = (20..32)
        .map(|position| parameters(&AUTHORITY, position))
        .collect();
    let keys: Vec<_> = links.iter().map(|_| KeyPair::generate().unwrap()).collect();
    let mut crossed = Vec::new();
    for (subject, key) in links.iter().zip(&keys) {
        for (issuer, issuer_key) in links.iter().zip(&keys) {
            let issuer = Issuer::from_params(issuer, issuer_key);
            crossed.push(decoded(&subject.signed_by(key, &issuer).unwrap().pem()));
        }
    }
    let root = [decoded(&issued(&[LEAF, AUTHORITY])[1])];
    let rejection = validate(&crossed[1], &crossed, &root, AT.parse().unwrap()).unwrap_err();
    assert_eq!(rejection.reason.name(), "too_many_paths");
}

fn any_link() -> impl Strategy<Value = Link> {
    let lengths = prop::option::weighted(0.4, 0u8..3);
    let bases = || {
        let names =
            prop::sample::select(vec!["com", "example.com", "a.example.com", "example.org"]);
        prop::option::weighted(0.2, names)
    };
    let rarely = || prop::bool::weighted(0.05);
    (
        lengths,
        bases(),
        bases(),
        rarely(),
        rarely(),
        rarely(),
        rarely(),
    )
        .prop_map(
            |(path_length, permitted, excluded, not_ca, no_sign, forged, expired)| Link {
                ca: !not_ca,
                key_cert_sign: !no_sign,
                path_length,
                permitted,
                excluded,
                forged,
                years: if expired { (2020, 2025) } else { (2020, 2040) },
                ..AUTHORITY
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn results_for_any_chain_agree_with_openssl(authorities in prop::collection::vec(any_link(), 1..5)) {
        let links: Vec<_> = [LEAF].into_iter().chain(authorities).collect();
        let chain = issued(&links);
        let (own, other) = (own_result(&chain), openssl_result(&chain, &[]));
        prop_assert_eq!(own.is_ok(), other.is_ok(), "{:?} and {:?}", own, other);
    }
}
