//! Tests of the RFC 5280 rules for revocation lists. Each list is encoded here, without the code under test, and violates one
//! rule.

use skreg::pki::revocation::{Crl, CrlError, CrlNumber, Reason, Scope};
use skreg::pki::{KeyAlgorithm, Signer};

use crate::authority::{Issued, block_on};

const UTC: u8 = 0x17;
const GENERALIZED: u8 = 0x18;
const THIS: (u8, &str) = (UTC, "270115080000Z");
const NEXT: (u8, &str) = (UTC, "270122080000Z");

/// Identifier of `SHA256WITHECDSA` (RFC 5758 section 3.2).
const ALGORITHM: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

const TRUE: &[u8] = &[1, 1, 0xff];

/// Returns a DER element.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = match content.len() {
        short @ 0..=0x7f => vec![u8::try_from(short).unwrap()],
        long => {
            let [.., high, low] = long.to_be_bytes();
            vec![0x82, high, low]
        }
    };
    [&[tag], &length[..], &content].concat()
}

/// Returns an extension with an identifier below 2.5.29.
fn extension(arc: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { TRUE } else { &[] };
    element(
        0x30,
        &[&[6, 3, 0x55, 0x1d, arc], critical, &element(4, &[value])],
    )
}

fn time((tag, text): (u8, &str)) -> Vec<u8> {
    element(tag, &[text.as_bytes()])
}

/// Parts of a list.
struct Parts {
    version: &'static [u8],
    this_update: (u8, &'static str),
    next_update: Option<(u8, &'static str)>,
    entries: Option<Vec<Vec<u8>>>,
    extensions: Vec<Vec<u8>>,
}

fn authority_key(root: &Issued, critical: bool) -> Vec<u8> {
    let identifier = root.certificate.public_key().identifier();
    let id = element(0x80, &[identifier.octets()]);
    extension(35, critical, &element(0x30, &[&id]))
}

fn number(critical: bool, octets: &[u8]) -> Vec<u8> {
    extension(20, critical, &element(2, &[octets]))
}

fn entry(serial: &[u8], date: (u8, &str), extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = match extensions.concat() {
        none if none.is_empty() => none,
        all => element(0x30, &[&all]),
    };
    element(0x30, &[&element(2, &[serial]), &time(date), &extensions])
}

impl Parts {
    /// Returns the parts of a list that complies with all rules.
    fn good(root: &Issued) -> Self {
        let reason = extension(21, false, &[10, 1, 1]);
        let date = extension(24, false, &time((GENERALIZED, "20270101000000Z")));
        Self {
            version: &[2, 1, 1],
            this_update: THIS,
            next_update: Some(NEXT),
            entries: Some(vec![
                entry(&[5], THIS, &[]),
                entry(&[6], THIS, &[reason, date]),
            ]),
            extensions: vec![
                authority_key(root, false),
                number(false, &[7]),
                // `onlyContainsUserCerts`.
                extension(28, true, &[0x30, 3, 0x81, 1, 0xff]),
            ],
        }
    }

    /// Encodes and signs the list.
    fn signed(&self, root: &Issued) -> Vec<u8> {
        let certificate = root.certificate.der();
        let (_, certificate) = x509_parser::parse_x509_certificate(certificate).unwrap();
        let entries = self.entries.as_ref();
        let entries = entries.map(|entries| element(0x30, &[&entries.concat()]));
        let extensions = match self.extensions.concat() {
            none if none.is_empty() => none,
            all => element(0xa0, &[&element(0x30, &[&all])]),
        };
        let message = element(
            0x30,
            &[
                self.version,
                ALGORITHM,
                certificate.subject().as_raw(),
                &time(self.this_update),
                &self.next_update.map(time).unwrap_or_default(),
                &entries.unwrap_or_default(),
                &extensions,
            ],
        );
        let algorithm = root.key.public().algorithm().default_signature_algorithm();
        let signature = block_on(root.key.sign(algorithm, &message)).unwrap();
        let signature = element(3, &[&[0], &signature]);
        element(0x30, &[&message, ALGORITHM, &signature])
    }
}

/// Section and keyword of each violated rule, and the change that violates it.
type Case = (
    &'static [(&'static str, &'static str)],
    fn(&Issued, &mut Parts),
);

const LIST_CASES: &[Case] = &[
    (&[("5.1.2.1", "v2"), ("5.2", "include")], |_, parts| {
        parts.version = &[];
        parts.entries = None;
        parts.extensions.clear();
    }),
    (&[("5.1.2.4", "thisUpdate")], |_, parts| {
        parts.this_update = (GENERALIZED, "20270115080000Z");
    }),
    (&[("5.1.2.5", "present")], |_, parts| {
        parts.next_update = None
    }),
    (&[("5.1.2.5", "UTCTime")], |_, parts| {
        parts.next_update = Some((GENERALIZED, "20270122080000Z"));
    }),
    (&[("5.1.2.5", "later")], |_, parts| {
        parts.next_update = Some(THIS)
    }),
    (&[("5.1.2.6", "absent")], |_, parts| {
        parts.entries = Some(Vec::new())
    }),
    (&[("5.2", "include")], |_, parts| {
        parts.extensions.remove(0);
    }),
    (&[("5.2", "include")], |_, parts| {
        parts.extensions.remove(1);
    }),
    // `deltaCRLIndicator`, `freshestCRL`, and `issuerAltName`.
    (&[("5.2", "include")], |_, parts| {
        parts.extensions.push(extension(27, true, &[2, 1, 6]));
    }),
    (&[("5.2", "include")], |_, parts| {
        let point = [0x30, 9, 0x30, 7, 0xa0, 5, 0xa0, 3, 0x86, 1, b'u'];
        parts.extensions.push(extension(46, false, &point));
    }),
    (&[("5.2", "include")], |_, parts| {
        let names = [0x30, 3, 0x82, 1, b'a'];
        parts.extensions.push(extension(18, false, &names));
    }),
    (&[("5.2.1", "authorityKeyIdentifier")], |root, parts| {
        parts.extensions[0] = authority_key(root, true);
    }),
    (&[("5.2.1", "authorityKeyIdentifier")], |_, parts| {
        let id = element(0x80, &[&[7; 20]]);
        parts.extensions[0] = extension(35, false, &element(0x30, &[&id]));
    }),
    (&[("5.2.1", "authorityKeyIdentifier")], |root, parts| {
        let identifier = root.certificate.public_key().identifier();
        let id = element(0x80, &[identifier.octets()]);
        let issuer = element(0xa1, &[&[0x82, 1, b'a']]);
        let value = element(0x30, &[&id, &issuer, &[0x82, 1, 7]]);
        parts.extensions[0] = extension(35, false, &value);
    }),
    (&[("5.2.3", "cRLNumber")], |_, parts| {
        parts.extensions[1] = number(true, &[7])
    }),
    (&[("5.2.3", "cRLNumber")], |_, parts| {
        parts.extensions[1] = number(false, &[0])
    }),
    (&[("5.2.5", "critical")], |_, parts| {
        parts.extensions[2] = extension(28, false, &[0x30, 3, 0x81, 1, 0xff]);
    }),
    // Both flags, `onlySomeReasons`, `indirectCRL`, and `onlyContainsAttributeCerts`.
    (&[("5.2.5", "at most one")], |_, parts| {
        parts.extensions[2] = extension(28, true, &[0x30, 6, 0x81, 1, 0xff, 0x82, 1, 0xff]);
    }),
    (&[("5.2.5", "contain only")], |_, parts| {
        parts.extensions[2] = extension(28, true, &[0x30, 4, 0x83, 2, 6, 0x40]);
    }),
    (&[("5.2.5", "contain only")], |_, parts| {
        parts.extensions[2] = extension(28, true, &[0x30, 3, 0x84, 1, 0xff]);
    }),
    (&[("5.2.5", "contain only")], |_, parts| {
        parts.extensions[2] = extension(28, true, &[0x30, 3, 0x85, 1, 0xff]);
    }),
    // Distribution point with a DNS name.
    (&[("5.2.5", "contain only")], |_, parts| {
        let point = [0x30, 7, 0xa0, 5, 0xa0, 3, 0x82, 1, b'a'];
        parts.extensions[2] = extension(28, true, &point);
    }),
];

/// Section of the violated rule, and entries that violate it.
type EntryCase = (&'static str, fn() -> Vec<Vec<u8>>);

const ENTRY_CASES: &[EntryCase] = &[
    ("4.1.2.2", || vec![entry(&[0], THIS, &[])]),
    ("4.1.2.2", || vec![entry(&[0xff], THIS, &[])]),
    ("4.1.2.2", || vec![entry(&[1; 21], THIS, &[])]),
    ("5.1.2.6", || vec![entry(&[5], THIS, &[]); 2]),
    ("5.1.2.6", || {
        vec![entry(&[5], (GENERALIZED, "20270101000000Z"), &[])]
    }),
    // `reasonCode` is critical; `certificateIssuer`; unknown extension.
    ("5.3", || {
        vec![entry(&[5], THIS, &[extension(21, true, &[10, 1, 1])])]
    }),
    ("5.3", || {
        let issuer = extension(29, true, &[0x30, 3, 0x82, 1, b'a']);
        vec![entry(&[5], THIS, &[issuer])]
    }),
    ("5.3", || {
        vec![entry(&[5], THIS, &[extension(99, false, &[5, 0])])]
    }),
    // `unspecified`, the undefined code 7, and `removeFromCRL`.
    ("5.3.1", || {
        vec![entry(&[5], THIS, &[extension(21, false, &[10, 1, 0])])]
    }),
    ("5.3.1", || {
        vec![entry(&[5], THIS, &[extension(21, false, &[10, 1, 7])])]
    }),
    ("5.3.1", || {
        vec![entry(&[5], THIS, &[extension(21, false, &[10, 1, 8])])]
    }),
    ("5.3.2", || {
        vec![entry(&[5], THIS, &[extension(24, false, &time(THIS))])]
    }),
];

/// Returns the texts of the rules that a list violates.
fn findings(root: &Issued, parts: &Parts) -> Vec<String> {
    match Crl::read(&parts.signed(root), &root.certificate) {
        Err(CrlError::Lint(findings)) => findings.iter().map(ToString::to_string).collect(),
        other => panic!("expected findings, found {other:?}"),
    }
}

#[test]
fn list_that_complies_with_all_rules_is_accepted() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    let crl = Crl::read(&Parts::good(&root).signed(&root), &root.certificate).unwrap();
    let list = crl.list();
    assert_eq!(list.number, CrlNumber::from_magnitude(&[7]).unwrap());
    assert_eq!(list.scope, Scope::UserOnly);
    assert_eq!(list.this_update.to_string(), "2027-01-15T08:00:00Z");
    assert_eq!(list.next_update.to_string(), "2027-01-22T08:00:00Z");
    let [first, second] = &list.entries[..] else {
        panic!("two entries")
    };
    assert_eq!(first.serial_number.to_string(), "05");
    assert_eq!((first.reason, first.invalidity_date), (None, None));
    assert_eq!(second.reason, Some(Reason::KeyCompromise));
    let date = second.invalidity_date.unwrap();
    assert_eq!(date.to_string(), "2027-01-01T00:00:00Z");
}

#[test]
fn each_violated_rule_of_a_list_is_reported() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    for (position, (expected, violate)) in LIST_CASES.iter().enumerate() {
        let mut parts = Parts::good(&root);
        violate(&root, &mut parts);
        let found = findings(&root, &parts);
        assert_eq!(found.len(), expected.len(), "case {position}: {found:?}");
        for (found, (section, keyword)) in found.iter().zip(*expected) {
            let source = format!("RFC 5280 section {section}: ");
            assert!(
                found.starts_with(&source) && found.contains(keyword),
                "case {position}: expected {section} and {keyword:?} in {found}"
            );
        }
    }
}

#[test]
fn each_violated_rule_of_an_entry_is_reported() {
    let root = Issued::root("Root", KeyAlgorithm::EcdsaP256);
    for (position, (section, entries)) in ENTRY_CASES.iter().enumerate() {
        let parts = Parts {
            entries: Some(entries()),
            ..Parts::good(&root)
        };
        let found = findings(&root, &parts);
        let source = format!("RFC 5280 section {section}: ");
        assert!(
            found.len() == 1 && found[0].starts_with(&source),
            "case {position}: expected {section} in {found:?}"
        );
    }
}
