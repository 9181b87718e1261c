//! Damaged and arbitrary inputs of every parser. `fuzz/` checks the same properties for a longer time.

mod properties;
mod seeds;

use proptest::prelude::*;
use proptest::sample::Index;

/// A change of an input.
#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    /// Copies a range to another place.
    Copy(Index, usize, Index),
    Truncate(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    // Octets that are tags, lengths, or syntax of texts.
    let octet = prop_oneof![
        any::<u8>(),
        prop::sample::select(
            b"\x00\x01\x02\x03\x30\x31\x7f\x80\x81\x82\x84\xa0\xff-\n\r\"{}[],:09aA=".to_vec()
        ),
    ];
    prop_oneof![
        (any::<Index>(), octet.clone()).prop_map(|(at, octet)| Edit::Set(at, octet)),
        (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (any::<Index>(), prop::collection::vec(octet, 1..6))
            .prop_map(|(at, octets)| Edit::Insert(at, octets)),
        (any::<Index>(), 1..9_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        (any::<Index>(), 1..40_usize, any::<Index>())
            .prop_map(|(from, count, to)| Edit::Copy(from, count, to)),
        any::<Index>().prop_map(Edit::Truncate),
    ]
}

impl Edit {
    fn apply(&self, octets: &mut Vec<u8>) {
        if octets.is_empty() {
            return;
        }
        let length = octets.len();
        let range = |at: &Index, count: usize| {
            let start = at.index(length);
            start..(start + count).min(length)
        };
        match self {
            Self::Set(at, octet) => octets[at.index(length)] = *octet,
            Self::Flip(at, bit) => octets[at.index(length)] ^= 1 << bit,
            Self::Insert(at, inserted) => {
                let at = at.index(length);
                octets.splice(at..at, inserted.iter().copied());
            }
            Self::Remove(at, count) => drop(octets.drain(range(at, *count))),
            Self::Copy(from, count, to) => {
                let copied = octets[range(from, *count)].to_vec();
                let to = to.index(length);
                octets.splice(to..to, copied);
            }
            Self::Truncate(at) => octets.truncate(at.index(length)),
        }
    }
}

/// Returns damaged copies of valid inputs.
fn damaged(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec(edit(), 1..5);
    (prop::sample::select(seeds), edits).prop_map(|(mut octets, edits)| {
        for edit in &edits {
            edit.apply(&mut octets);
        }
        octets
    })
}

type Parser = (fn(&[u8]), fn() -> Vec<Vec<u8>>);

const PARSERS: [(&str, Parser); 6] = [
    ("PEM", (properties::pem, seeds::texts)),
    (
        "certificate",
        (properties::certificate, seeds::certificates),
    ),
    ("request", (properties::request, seeds::requests)),
    ("CRL", (properties::crl, seeds::crls)),
    (
        "key document",
        (properties::key_document, seeds::key_documents),
    ),
    ("ledger", (properties::ledger, seeds::records)),
];

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

/// Checks a parser with damaged copies of its inputs.
fn check_damaged(name: &str) {
    let (_, (property, seeds)) = PARSERS
        .into_iter()
        .find(|(parser, _)| *parser == name)
        .expect("the parser exists");
    let mut runner = proptest::test_runner::TestRunner::new(config(1500));
    let checked = runner.run(&damaged(seeds()), |octets| {
        property(&octets);
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{name}: {error}"));
}

#[test]
fn damaged_pem_texts_are_refused_or_round_trip() {
    check_damaged("PEM");
}

#[test]
fn damaged_certificates_are_refused_or_round_trip() {
    check_damaged("certificate");
}

#[test]
fn damaged_requests_are_refused_or_round_trip() {
    check_damaged("request");
}

#[test]
fn damaged_revocation_lists_are_refused_or_round_trip() {
    check_damaged("CRL");
}

#[test]
fn damaged_key_documents_are_refused_or_round_trip() {
    check_damaged("key document");
}

#[test]
fn damaged_ledger_records_are_refused_or_round_trip() {
    check_damaged("ledger");
}

/// Without this test, the properties could hold because every input is refused.
#[test]
fn valid_inputs_are_accepted_and_round_trip() {
    use skreg::pki::decoded::{DecodedCertificate, DecodedCrl, DecodedRequest};
    use skreg::pki::revocation::Crl;
    use skreg::pki::{Certificate, CertificateKind};
    for (_, (property, seeds)) in PARSERS {
        seeds().iter().for_each(|octets| property(octets));
    }
    for der in seeds::certificates() {
        assert!(DecodedCertificate::from_der(&der).is_ok());
    }
    let (issuer, _) = properties::authority();
    for (der, kind) in [
        (2, CertificateKind::Intermediate),
        (3, CertificateKind::Leaf),
    ] {
        let der = &seeds::certificates()[der];
        assert!(Certificate::read_issued(der, kind, issuer.public_key()).is_ok());
    }
    for der in seeds::requests() {
        assert!(DecodedRequest::from_der(&der).is_ok());
    }
    let lists = seeds::crls();
    assert!(lists.iter().all(|der| DecodedCrl::from_der(der).is_ok()));
    for der in &lists[..2] {
        assert!(Crl::read(der, issuer).is_ok());
    }
    for text in seeds::key_documents() {
        let text = String::from_utf8(text).expect("it is UTF-8");
        assert!(skreg::pki::KeyDocument::read(&text.into()).is_ok());
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn arbitrary_octets_are_refused_or_round_trip(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        for (_, (property, _)) in PARSERS {
            property(&octets);
        }
    }

    /// Octets that begin like an object reach deeper parts of the parsers.
    #[test]
    fn arbitrary_der_and_json_are_refused_or_round_trip(
        octets in prop::collection::vec(prop::sample::select(b"\x30\x80\x81\x02\x03\x04\x05\x06\x0c\x13\x17\x18\x31\xa0\xa3\x01\x00\x55\x1d\x0f".to_vec()), 0..120),
        text in "[\\[\\]{}\",:a-z0-9._]{0,80}",
    ) {
        for (_, (property, _)) in PARSERS {
            property(&octets);
            property(text.as_bytes());
        }
    }
}
