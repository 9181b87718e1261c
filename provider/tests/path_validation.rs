//! Compares path validation with OpenSSL. Both must return the same result for the same certificates.

mod openssl;

use std::slice::from_ref;

use openssl::{accepted, openssl};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, DnValue, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SerialNumber, date_time_ymd,
};
use skreg::pki::decoded::{DecodedCertificate, SignatureFailure};
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
                Link {
                    path_length: Some(5),
                    ..AUTHORITY
                },
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
        assert!(
            openssl_result(&chain, &["-x509_strict"]).is_err(),
            "{reason}"
        );
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
        let own = own_result(&chain);
        for mode in [&[][..], &["-x509_strict"]] {
            let other = openssl_result(&chain, mode);
            prop_assert_eq!(own.is_ok(), other.is_ok(), "{:?} and {:?}", own, other);
        }
    }
}

/// Returns a DER element.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let significant = length.iter().position(|octet| *octet != 0).unwrap_or(3);
    match &length[significant..] {
        [short @ 0..128] => [&[tag, *short], content].concat(),
        length => {
            let form = 0x80 | u8::try_from(length.len()).unwrap();
            [&[tag, form], length, content].concat()
        }
    }
}

/// Context-specific tag of a `GeneralName` and its content.
type RawName = (u8, Vec<u8>);

fn email(name: &str) -> RawName {
    (0x81, name.into())
}

fn dns(name: &str) -> RawName {
    (0x82, name.into())
}

fn uri(name: &str) -> RawName {
    (0x86, name.into())
}

fn ip(octets: &[u8]) -> RawName {
    (0x87, octets.into())
}

/// Returns a directory name with an organization.
fn directory(organization: &str) -> RawName {
    let value = element(0x0c, organization.as_bytes());
    let attribute = element(0x30, &[&[6, 3, 0x55, 4, 0x0a][..], &value].concat());
    (0xa4, element(0x30, &element(0x31, &attribute)))
}

/// Returns an `SmtpUTF8Mailbox` (RFC 9598 section 3).
fn utf8_mailbox(name: &str) -> RawName {
    let oid = element(6, &[0x2b, 6, 1, 5, 5, 7, 8, 9]);
    let value = element(0xa0, &element(0x0c, name.as_bytes()));
    (0xa0, [oid, value].concat())
}

fn encoded((tag, content): &RawName) -> Vec<u8> {
    element(*tag, content)
}

/// Issues a certificate with alternative names and, if present, an address in the subject. The root has a permitted or an
/// excluded subtree for each base.
fn constrained(
    excluded: bool,
    bases: &[RawName],
    names: &[RawName],
    address: Option<&str>,
) -> Vec<String> {
    let subtrees = bases.iter().map(|base| element(0x30, &encoded(base)));
    let subtrees = subtrees.collect::<Vec<_>>().concat();
    let constraints = element(0x30, &element(0xa0 | u8::from(excluded), &subtrees));
    let mut constraints = CustomExtension::from_oid_content(&[2, 5, 29, 30], constraints);
    constraints.set_criticality(true);
    let mut authority = parameters(&AUTHORITY, 1);
    authority.custom_extensions.push(constraints);
    let mut leaf = parameters(&LEAF, 0);
    leaf.subject_alt_names.clear();
    if !names.is_empty() {
        let names = names.iter().map(encoded).collect::<Vec<_>>().concat();
        let names = CustomExtension::from_oid_content(&[2, 5, 29, 17], element(0x30, &names));
        leaf.custom_extensions.push(names);
    }
    if let Some(address) = address {
        let address = DnValue::Ia5String(address.try_into().unwrap());
        let email_address = DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]);
        leaf.distinguished_name.push(email_address, address);
    }
    let (key, leaf_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let root = authority.self_signed(&key).unwrap();
    let issuer = Issuer::from_params(&authority, &key);
    let leaf = leaf.signed_by(&leaf_key, &issuer).unwrap();
    vec![leaf.pem(), root.pem()]
}

#[test]
fn names_are_accepted_and_rejected_as_by_openssl() {
    let network = ip(&[10, 128, 0, 0, 255, 128, 0, 0]);
    // Whether the subtree is excluded, its base, the name, and whether OpenSSL accepts the certificate.
    let rows = [
        (false, dns("example.com"), dns("a.example.com"), true),
        (false, dns("example.com"), dns("badexample.com"), false),
        (false, dns("."), dns("a.evil.com"), false),
        (true, dns("example.com"), dns(".example.com"), false),
        (true, dns("x.y.example.com"), dns("*.example.com"), true),
        (true, dns(".a.example.com"), dns("*.example.com"), true),
        (false, email("example.com"), email("a@example.com"), true),
        (false, email("example.com"), email("a@b.example.com"), false),
        (true, email("@evil.com"), email("a@evil.com"), false),
        (true, email("@evil.com"), email("a@good.com"), true),
        (false, email("@good.com"), email("a@good.com"), true),
        (
            false,
            email("good.com"),
            utf8_mailbox("\u{e9}@evil.com"),
            false,
        ),
        (
            false,
            email("good.com"),
            utf8_mailbox("\u{e9}@good.com"),
            true,
        ),
        (
            true,
            email("evil.com"),
            utf8_mailbox("\u{e9}@evil.com"),
            false,
        ),
        (false, email("good.com"), utf8_mailbox("no mailbox"), false),
        (
            false,
            uri("example.com"),
            uri("https://example.com:8/x"),
            true,
        ),
        (
            false,
            uri("example.com"),
            uri("https:evil.com/x://example.com/"),
            false,
        ),
        (
            false,
            uri("example.com"),
            uri("urn:evil?u=://example.com"),
            false,
        ),
        (
            false,
            uri(".example.com"),
            uri("https://a.example.com/"),
            true,
        ),
        (false, network.clone(), ip(&[10, 129, 2, 3]), true),
        (false, network.clone(), ip(&[10, 1, 2, 3]), false),
        (true, network, ip(&[10, 129, 2, 3]), false),
        (true, directory("Evil"), directory("Evil"), false),
        (true, directory("Evil"), directory("Good"), true),
    ];
    for (excluded, base, name, accepted) in rows {
        let chain = constrained(excluded, from_ref(&base), from_ref(&name), None);
        let row = format!("excluded {excluded}, base {base:?}, name {name:?}");
        let found = openssl_result(&chain, &["-x509_strict"]);
        assert_eq!(found.is_ok(), accepted, "{row}: {found:?}");
        let own = own_result(&chain);
        assert_eq!(own.is_ok(), accepted, "{row}: {own:?}");
        assert!(own.is_ok_and(|length| length == 2) || !accepted, "{row}");
    }
}

#[test]
fn addresses_in_the_subject_are_constrained() {
    // OpenSSL also compares the address in the subject if the certificate has alternative names.
    for (names, address, accepted) in [
        (vec![], "a@evil.com", false),
        (vec![email("a@good.com")], "a@evil.com", false),
        (vec![email("a@good.com")], "a@good.com", true),
    ] {
        let chain = constrained(false, &[email("good.com")], &names, Some(address));
        let found = openssl_result(&chain, &["-x509_strict"]);
        assert_eq!(found.is_ok(), accepted, "{names:?}, {address}: {found:?}");
        assert_eq!(own_result(&chain).is_ok(), accepted, "{names:?}, {address}");
    }
}

#[test]
fn ambiguous_names_are_rejected() {
    // OpenSSL accepts some of these names. Parsers of URIs disagree on their hosts, or RFC 5280 does not allow their syntax.
    for (excluded, base, name) in [
        (
            false,
            uri("example.com"),
            uri(r"https://evil.com\@example.com/"),
        ),
        (
            true,
            uri("evil.com"),
            uri(r"https://evil.com\.example.com/"),
        ),
        (true, uri("evil.com"), uri("https://%65vil.com/")),
        (true, dns("example.com"), dns("a..example.com")),
        (true, email("evil.com"), email("a@.evil.com")),
    ] {
        let chain = constrained(excluded, &[base], from_ref(&name), None);
        let (reason, _) = own_result(&chain).expect_err("the name is ambiguous");
        assert_eq!(reason, "name_constraints", "{name:?}");
    }
}

#[test]
fn message_contains_no_control_characters() {
    let name = "a\u{1b}[31m\n.example.com";
    for (base, name) in [
        (dns("example.org"), dns(name)),
        (
            email("example.org"),
            utf8_mailbox("a\u{202e}\u{85}@example.com"),
        ),
    ] {
        let chain = constrained(false, &[base], &[name], None);
        let root = [decoded(&chain[1])];
        let leaf = decoded(&chain[0]);
        let rejection = validate(&leaf, &[], &root, AT.parse().unwrap()).unwrap_err();
        let message = rejection.to_string();
        assert_eq!(rejection.reason.name(), "name_constraints");
        let is_visible = |sign: char| !sign.is_control() && sign != '\u{202e}';
        assert!(message.chars().all(is_visible), "{message:?}");
    }
}

#[test]
fn number_of_name_comparisons_is_limited_as_by_openssl() {
    let bases: Vec<_> = (0..1000)
        .map(|number| dns(&format!("x{number}.org")))
        .collect();
    for (count, accepted) in [(1000, true), (1100, false)] {
        let names: Vec<_> = (0..count)
            .map(|number| dns(&format!("y{number}.com")))
            .collect();
        let chain = constrained(true, &bases, &names, None);
        let found = openssl_result(&chain, &[]);
        assert_eq!(found.is_ok(), accepted, "{count}: {found:?}");
        let own = own_result(&chain).map_err(|(reason, _)| reason);
        let expected = if accepted {
            Ok(2)
        } else {
            Err("too_many_names".to_owned())
        };
        assert_eq!(own, expected, "{count}");
    }
}

/// Returns the certificate with another version, signed again. Version 1 has no version field.
fn with_version(pem: &str, signer: &KeyPair, version: u8, has_extensions: bool) -> String {
    use rcgen::SigningKey as _;
    use x509_parser::asn1_rs::{Any, FromDer as _};
    let block = skreg::pki::pem_block(skreg::pki::PemLabel::Certificate, pem).unwrap();
    let parts = |octets: &[u8]| {
        let (_, sequence) = Any::from_der(octets).unwrap();
        let mut rest = sequence.data.to_vec();
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let left = Any::from_der(&rest).unwrap().0.len();
            let after = rest.split_off(rest.len() - left);
            parts.push(std::mem::replace(&mut rest, after));
        }
        parts
    };
    let mut signed = parts(&block.der)[0].clone();
    let algorithm = parts(&block.der)[1].clone();
    let mut fields = parts(&signed);
    fields.remove(0);
    if version > 1 {
        fields.insert(0, element(0xa0, &[2, 1, version - 1]));
    }
    if !has_extensions {
        fields.pop();
    }
    signed = element(0x30, &fields.concat());
    let signature = element(3, &[vec![0], signer.sign(&signed).unwrap()].concat());
    let der = element(0x30, &[signed, algorithm, signature].concat());
    certificate_pem(&der)
}

/// Returns a certificate in PEM format as OpenSSL writes it.
fn certificate_pem(der: &[u8]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("certificate");
    std::fs::write(&path, der).unwrap();
    let path = path.to_str().unwrap();
    accepted(&["x509", "-inform", "DER", "-in", path], "")
}

#[test]
fn authority_without_extensions_must_be_a_root_of_version_1() {
    let not_ca = Link {
        ca: false,
        ..AUTHORITY
    };
    // Authority, whether it is the root, its version, whether it has extensions, and whether OpenSSL accepts it.
    for (link, is_root, version, has_extensions, is_accepted) in [
        (AUTHORITY, true, 3, true, true),
        (AUTHORITY, true, 1, false, true),
        (AUTHORITY, true, 2, false, false),
        (AUTHORITY, true, 3, false, false),
        (AUTHORITY, true, 1, true, false),
        (AUTHORITY, true, 2, true, false),
        (not_ca, true, 1, true, false),
        (AUTHORITY, false, 1, false, false),
        (AUTHORITY, false, 2, false, false),
        (AUTHORITY, false, 1, true, false),
    ] {
        let row = format!("{link:?}, {is_root}, {version}, {has_extensions}");
        let keys = [(); 3].map(|()| KeyPair::generate().unwrap());
        let (root, authority) = (parameters(&AUTHORITY, 2), parameters(&link, 1));
        let signer = if is_root { &keys[1] } else { &keys[2] };
        let signed = match is_root {
            true => authority.self_signed(signer).unwrap(),
            false => {
                let issuer = Issuer::from_params(&root, signer);
                authority.signed_by(&keys[1], &issuer).unwrap()
            }
        };
        let signed = with_version(&signed.pem(), signer, version, has_extensions);
        let mut leaf = parameters(&LEAF, 0);
        leaf.use_authority_key_identifier_extension = has_extensions;
        let issuer = Issuer::from_params(&authority, &keys[1]);
        let leaf = leaf.signed_by(&keys[0], &issuer).unwrap();
        let mut chain = vec![leaf.pem(), signed];
        if !is_root {
            chain.push(root.self_signed(&keys[2]).unwrap().pem());
        }
        // The strict mode of OpenSSL also rejects every root of version 1.
        let strict: &[&str] = if has_extensions {
            &["-x509_strict"]
        } else {
            &[]
        };
        let found = openssl_result(&chain, strict);
        assert_eq!(found.is_ok(), is_accepted, "{row}: {found:?}");
        let own = decodable_result(&chain);
        assert_eq!(own.is_ok(), is_accepted, "{row}: {own:?}");
    }
}

/// Returns the reason for a rejection. A certificate that cannot be decoded is also rejected.
fn decodable_result(chain: &[String]) -> Result<usize, String> {
    for pem in chain {
        let block = skreg::pki::pem_block(skreg::pki::PemLabel::Certificate, pem).unwrap();
        DecodedCertificate::from_der(&block.der).map_err(|error| error.to_string())?;
    }
    own_result(chain).map_err(|(reason, _)| reason)
}

#[test]
fn rsa_signatures_that_the_library_cannot_verify_are_unsupported() {
    let pss = |salt| {
        let mode = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", salt];
        [&["-newkey", "rsa:2048"][..], &mode].concat()
    };
    // Five prime numbers shorten the generation of the key.
    let large = ["-newkey", "rsa:8200", "-pkeyopt", "rsa_keygen_primes:5"];
    for (options, expected) in [
        (pss("rsa_pss_saltlen:digest"), Ok(())),
        (pss("rsa_pss_saltlen:max"), Err(SignatureFailure::Algorithm)),
        (pss("rsa_pss_saltlen:20"), Err(SignatureFailure::Algorithm)),
        (large.to_vec(), Err(SignatureFailure::Algorithm)),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        let (key, root) = (path("key"), path("root"));
        let mut arguments = vec!["req", "-x509", "-nodes", "-sha256", "-subj", "/CN=Root"];
        arguments.extend(["-keyout", &key, "-out", &root]);
        arguments.extend(&options);
        accepted(&arguments, "");
        accepted(&["verify", "-check_ss_sig", "-trusted", &root, &root], "");
        let root = decoded(&std::fs::read_to_string(&root).unwrap());
        assert_eq!(
            root.signature.verify(&root.public_key),
            expected,
            "{options:?}"
        );
    }
}

/// Issues a certificate without an authority key identifier.
fn signed(link: &Link, position: usize, key: &KeyPair, by: (&Link, usize, &KeyPair)) -> String {
    let (issuer, issuer_position, issuer_key) = by;
    let mut certificate = parameters(link, position);
    certificate.use_authority_key_identifier_extension = false;
    let issuer = parameters(issuer, issuer_position);
    let issuer = Issuer::from_params(&issuer, issuer_key);
    certificate.signed_by(key, &issuer).unwrap().pem()
}

#[test]
fn result_does_not_depend_on_the_order_of_certificates_with_the_same_name() {
    let [leaf_key, key, other, root_key] = [(); 4].map(|()| KeyPair::generate().unwrap());
    let expired = Link {
        years: (2020, 2025),
        ..AUTHORITY
    };
    let root = parameters(&AUTHORITY, 9).self_signed(&root_key).unwrap();
    let root = [decoded(&root.pem())];
    let leaf = decoded(&signed(&LEAF, 0, &leaf_key, (&AUTHORITY, 1, &key)));
    let from_root = |link| decoded(&signed(link, 1, &key, (&AUTHORITY, 9, &root_key)));
    // ECDSA signatures are random, so all certificates differ.
    let crossed = (0..80).flat_map(|_| {
        [
            decoded(&signed(&AUTHORITY, 1, &key, (&AUTHORITY, 2, &other))),
            decoded(&signed(&AUTHORITY, 2, &other, (&AUTHORITY, 1, &key))),
        ]
    });
    let crossed: Vec<_> = crossed.collect();
    for (link, expected) in [(&AUTHORITY, Ok(3)), (&expired, Err("expired"))] {
        let mut certificates = [crossed.clone(), vec![from_root(link)]].concat();
        for _ in 0..2 {
            let path = validate(&leaf, &certificates, &root, AT.parse().unwrap());
            let found = path.map(|path| path.len());
            assert_eq!(found.map_err(|rejection| rejection.reason.name()), expected);
            certificates.reverse();
        }
    }
}

#[test]
fn path_is_found_among_more_keys_with_the_same_name_than_signatures_are_verified() {
    // Each authority has the same name and another key. The key identifier in the leaf selects one of them.
    let keys: Vec<_> = (0..220).map(|_| KeyPair::generate().unwrap()).collect();
    let root_key = KeyPair::generate().unwrap();
    let root = parameters(&AUTHORITY, 9);
    let authority = parameters(&AUTHORITY, 1);
    let issued = |key| {
        let issuer = Issuer::from_params(&root, &root_key);
        decoded(&authority.signed_by(key, &issuer).unwrap().pem())
    };
    let authorities: Vec<_> = keys.iter().map(issued).collect();
    let root = [decoded(&root.self_signed(&root_key).unwrap().pem())];
    for position in [0, 219] {
        let issuer = Issuer::from_params(&authority, &keys[position]);
        let leaf = parameters(&LEAF, 0).signed_by(&root_key, &issuer).unwrap();
        let leaf = decoded(&leaf.pem());
        let path = validate(&leaf, &authorities, &root, AT.parse().unwrap()).expect("a path");
        assert_eq!(path[1].der(), authorities[position].der());
    }
}

#[test]
fn path_contains_at_most_16_certificates() {
    let links = |count: usize| [vec![LEAF], vec![AUTHORITY; count - 1]].concat();
    assert_eq!(own_result(&issued(&links(16))), Ok(16));
    let rejection = ("too_long".to_owned(), "CN=Authority 15".to_owned());
    for count in [17, 18] {
        assert_eq!(own_result(&issued(&links(count))), Err(rejection.clone()));
    }
}

#[test]
fn renewed_root_is_rejected_with_the_reason() {
    let key = KeyPair::generate().unwrap();
    let [old, new] = [(2020, 2030), (2025, 2040)].map(|years| {
        let link = Link { years, ..AUTHORITY };
        parameters(&link, 1).self_signed(&key).unwrap().pem()
    });
    assert!(openssl_result(&[new.clone(), old.clone()], &[]).is_err());
    let (old, new) = (decoded(&old), decoded(&new));
    let rejection = validate(&new, &[], &[old], AT.parse().unwrap()).unwrap_err();
    assert_eq!(rejection.reason.name(), "unknown_issuer");
    let message = rejection.to_string();
    assert!(message.contains("pass it as a root"), "{message}");
    assert!(
        !message.contains("is not the subject of any root"),
        "{message}"
    );
}
